package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// client is a device from which session logs say that somebody was connected.
type client struct {
	tenant string
	name   string // "" where the log names none
	// account is whose the device is where its name does not say which one it
	// is; -1 where it does.
	account int32
}

// clientDays are the clients on the hosts of one product, and on which days.
type clientDays struct {
	order []client
	days  map[client]uint32
	at    map[client]snapshot.Evidence
}

// gatherClients looks for the clients of each product by device that counts
// them, while the sessions are there: a large month lets go of them.
func (e *evaluation) gatherClients() map[string]*clientDays {
	var out map[string]*clientDays
	for _, p := range e.products {
		if p.Unit != statement.UnitDevice || p.of != "" || len(p.Entitled.Clients) == 0 {
			continue
		}
		if out == nil {
			out = map[string]*clientDays{}
		}
		out[p.ID] = e.clientsOn(globs(p.Entitled.Clients))
	}
	return out
}

// clientsOn are the clients of sessions on hosts. Events name the client when a
// session is reconnected or left; of a day on which none of an account's
// did, the device is not known, and may be one more.
func (e *evaluation) clientsOn(hosts Globs) *clientDays {
	out := &clientDays{days: map[client]uint32{}, at: map[client]snapshot.Evidence{}}
	add := func(c client, days uint32, at snapshot.Evidence) {
		if out.days[c] == 0 {
			out.order, out.at[c] = append(out.order, c), at
		}
		out.days[c] |= days
	}
	unnamed, named, at := map[int32]uint32{}, map[int32]uint32{}, map[int32]snapshot.Evidence{}
	var accounts []int32
	fits := make([]bool, len(e.usage.hosts))
	for i, name := range e.usage.hosts {
		fits[i] = matchHost(hosts, name, name)
	}
	for _, o := range e.usage.owned {
		if !fits[o.host] {
			continue
		}
		u := e.usage.use(o.use)
		if u.Days|u.ClientDays == 0 {
			continue
		}
		tenant := nameOr(e.w.accounts[o.account].tenant, register.Unassigned)
		days := u.ClientDays
		if days == 0 {
			days = u.Days
		}
		for _, name := range u.Clients {
			c := client{tenant: tenant, name: name, account: -1}
			if sharedName(name) {
				c.account = o.account
			}
			add(c, days, u.First.Evidence)
		}
		if unnamed[o.account]|named[o.account] == 0 {
			accounts = append(accounts, o.account)
			at[o.account] = u.First.Evidence
		}
		named[o.account] |= u.ClientDays
		unnamed[o.account] |= u.Days &^ u.ClientDays
	}
	for _, a := range accounts {
		if days := unnamed[a] &^ named[a]; days != 0 {
			add(client{tenant: nameOr(e.w.accounts[a].tenant, register.Unassigned), account: a}, days, at[a])
		}
	}
	slices.SortStableFunc(out.order, func(a, b client) int {
		return strings.Compare(a.tenant+"\x00"+a.name, b.tenant+"\x00"+b.name)
	})
	return out
}

// sharedName says whether a device's name is what many devices are called by
// their maker: it tells them not apart.
func sharedName(name string) bool {
	for _, prefix := range []string{"iphone", "ipad", "android", "localhost", "macbook", "imac", "mac-mini", "unknown", "html5", "guacamole", "webclient", "chromebook", "raspberrypi", "thinclient", "desktop", "laptop", "pc", "client", "rdweb"} {
		rest, ok := strings.CutPrefix(name, prefix)
		if ok && strings.Trim(rest, "-_ .'0123456789") == "" && len(rest) < 3 {
			return true
		}
	}
	return false
}

// countClients counts the clients of a product, but those that are computers
// counted by their group; and asks where the log does not name them.
func (e *evaluation) countClients(p *Product, computers map[string]bool) {
	found := e.gathered.clients[p.ID]
	if found == nil {
		return
	}
	nameless := map[string][]string{}
	var tenants []string
	for i, c := range found.order {
		key, host := "client:"+c.name, c.name
		switch {
		case computers[snapshot.HostKey(c.name)]:
			continue
		case c.name == "":
			key, host = "client-of:"+e.w.accounts[c.account].id, "device without a name"
			if nameless[c.tenant] == nil {
				tenants = append(tenants, c.tenant)
			}
			nameless[c.tenant] = append(nameless[c.tenant], e.w.accountName(c.account))
		case c.account >= 0:
			key += " of " + e.w.accounts[c.account].id
		}
		e.addDevice(p, statement.Machine{Tenant: c.tenant, Key: key, Host: host, At: found.at[found.order[i]]}, found.days[c])
	}
	for _, t := range tenants {
		who := nameless[t]
		slices.Sort(who)
		e.ask(statement.Question{Kind: statement.AskLog, Subject: "devices of " + p.ID, State: t, Product: p.ID, Tenant: t, About: who, Units: len(who),
			Assumed: fmt.Sprintf("%d devices more were counted, one for each account", len(who)),
			Message: fmt.Sprintf("%d accounts of %s had sessions on days on which no log names the device: only addresses are told, which devices share, so there may be more of them than were counted", len(who), t),
			Action:  "collect the Security log of these hosts with the events 4778 and 4779, which name the client, or count the product by user; decide that it is accepted where you know the devices by other means, such as a list of yours"})
	}
}
