package database

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// The connection broker keeps sessions as they are now. Its columns are known
// from a model that was generated from a live database; who may log on to a
// pool, and what is published there, stands in tables that nobody documents.
const brokerSessions = `SELECT COALESCE(t.Fqdn, t.Name) AS host, s.UserDomain AS domain, s.UserName AS usr, u.Sid AS sid,
 s.State AS state, s.ProtocolType AS protocol, s.CreateTime AS created
FROM rds.Session s JOIN rds.Target t ON t.Id = s.TargetId LEFT JOIN rds.[User] u ON u.Id = s.UserId
ORDER BY COALESCE(t.Fqdn, t.Name), s.UserDomain, s.UserName, s.CreateTime`

const brokerTargets = `SELECT t.PoolId AS pool, COALESCE(t.Fqdn, t.Name) AS host FROM rds.Target t
WHERE t.PoolId IS NOT NULL ORDER BY t.PoolId, COALESCE(t.Fqdn, t.Name)`

const brokerProperties = `SELECT PoolId AS pool, Name AS name, ValueStr AS value FROM rds.PoolProperty
WHERE ValueStr IS NOT NULL ORDER BY PoolId, Name, ValueStr`

func (r *reading) broker() []part {
	return []part{
		{name: "sessions", read: r.brokerSessions, needs: []object{
			{"rds", "Session", []string{"TargetId", "UserId", "UserName", "UserDomain", "CreateTime", "State", "ProtocolType"}},
			{"rds", "Target", []string{"Id", "Name", "Fqdn"}}, {"rds", "User", []string{"Id", "Sid"}}}},
		{name: "pools", read: r.brokerTargets, needs: []object{{"rds", "Target", []string{"PoolId", "Name", "Fqdn"}}}},
		{name: "pools", read: r.brokerProperties, less: "the pools' settings are not shown", needs: []object{
			{"rds", "PoolProperty", []string{"PoolId", "Name", "ValueStr"}}}},
	}
}

func (r *reading) brokerSessions(ctx context.Context) error {
	before := r.notes.mark()
	var u *uses
	err := r.c.each(ctx, brokerSessions, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		u = r.newUses(false)
		return func(x *row) error { return r.brokerSession(u, x) }
	})
	r.uses = u
	return err
}

func (r *reading) brokerSession(u *uses, x *row) error {
	if protocol, ok := x.integer("protocol"); ok && protocol == 0 {
		return nil // the console
	}
	if state, ok := x.integer("state"); !ok || state != 0 && state != 1 && state != 4 {
		r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d has a state that is not known (%s); it is taken for a session", x.number, x.text("state")))
	}
	start := r.taken
	if created, ok := x.integer("created"); ok {
		t, ok := fileTime(created, r.taken)
		if !ok {
			r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d has a CreateTime that is no likely moment; the session is counted on the day of the reading", x.number))
		} else {
			start = t
		}
	} else {
		r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d has no CreateTime; the session is counted on the day of the reading", x.number))
	}
	if start.After(r.taken) { // clocks differ
		start = r.taken
	}
	return u.add(x.number, x.text("host"), account(x.text("domain"), x.text("usr")), x.sid("sid"), start, time.Time{})
}

// account is DOMAIN\name, or the name alone where it says its domain itself.
func account(domain, name string) string {
	if domain == "" || name == "" || strings.ContainsAny(name, `\@`) {
		return name
	}
	return domain + `\` + name
}

func (r *reading) brokerTargets(ctx context.Context) error {
	before := r.notes.mark()
	var pools []Pool
	err := r.c.each(ctx, brokerTargets, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		pools = nil
		return func(x *row) error {
			id, ok := x.integer("pool")
			host := x.text("host")
			if !ok || host == "" {
				r.notes.add("pool-odd", r.file, x.number, fmt.Sprintf("row %d of the broker's targets names no pool or no host; it is left out", x.number))
				return nil
			}
			if n := len(pools); n == 0 || pools[n-1].ID != id {
				pools = append(pools, Pool{ID: id})
			}
			p := &pools[len(pools)-1]
			p.Hosts = append(p.Hosts, host)
			if len(r.opt.Pools) > 0 && !named(r.opt.Pools, host) {
				r.notes.add("pool-host-unknown", host, x.number, fmt.Sprintf("the connection broker has host %s in its pool %d, and no pool of the config names it: who can reach it is not known", host, id))
			}
			return nil
		}
	})
	for i := range pools {
		slices.Sort(pools[i].Hosts)
		pools[i].Hosts = slices.Compact(pools[i].Hosts)
	}
	r.pools = pools
	return err
}

// named says whether any pool's pattern takes a host.
func named(pools []config.Pool, host string) bool {
	for i := range pools {
		for _, pattern := range pools[i].Hosts {
			for _, name := range []string{strings.ToLower(host), snapshot.HostKey(host)} {
				if ok, _ := path.Match(strings.ToLower(pattern), name); ok {
					return true
				}
			}
		}
	}
	return false
}

// maxProperties bounds what is shown of one broker.
const maxProperties = 10_000

func (r *reading) brokerProperties(ctx context.Context) error {
	return r.c.each(ctx, brokerProperties, nil, r.zone, func() func(*row) error {
		for i := range r.pools {
			r.pools[i].Properties = nil
		}
		n := 0
		return func(x *row) error {
			id, ok := x.integer("pool")
			if n++; !ok || n > maxProperties {
				return nil
			}
			if i := slices.IndexFunc(r.pools, func(p Pool) bool { return p.ID == id }); i >= 0 {
				r.pools[i].Properties = append(r.pools[i].Properties, snapshot.Attribute{Name: x.text("name"), Value: x.text("value")})
			}
			return nil
		}
	})
}
