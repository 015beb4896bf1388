package setup

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/dn"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// Proposal is one thing that a draft would add to what is configured.
type Proposal struct {
	ID      string
	Kind    Kind
	Subject string   // a unit, a group, a customer, hosts
	Count   int      // of accounts, persons or hosts
	Names   []string // some of them
	Hints   []string // groups that may be the answer, the likeliest first
	Product string   // the product that it is about
	Pool    string   // and the pool
	Why     string   // a word of what it was known by

	row   map[string]string // of the table that it adds to
	value string
	hosts string
}

// Have is what is configured already.
type Have struct {
	Config   *config.Config
	Rules    *rules.Set
	Register *register.Register
	Prices   prices.List
}

const mostNames = 8

func some(names []string) []string {
	slices.Sort(names)
	return names[:min(len(names), mostNames)]
}

// Propose lists what the sources show and nothing of the configured names,
// always in the same order.
func Propose(s *Seen, have Have, customers []Customer) ([]Proposal, error) {
	t, err := unitsOf(s.Directory, nil)
	if err != nil {
		return nil, err
	}
	x := &proposer{s: s, have: have, units: t, groups: peopledGroups(s.Directory, t), titles: s.titles(), customers: customers}
	x.pools = s.pools(x.titles)
	x.loose()
	x.tenants()
	x.ownTenants()
	x.newPools()
	x.products()
	x.licenceGroups()
	x.exclusions()
	x.persons()
	order := Kinds()
	slices.SortStableFunc(x.out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), strings.Compare(a.Subject, b.Subject), strings.Compare(a.Product, b.Product), strings.Compare(a.Pool, b.Pool))
	})
	return x.out, nil
}

type proposer struct {
	s         *Seen
	have      Have
	units     *units
	groups    []peopledGroup
	titles    []title
	pools     []pool
	customers []Customer
	out       []Proposal
}

func (x *proposer) add(p Proposal) {
	p.ID = string(p.Kind) + "-" + digest.Of([]byte(p.Subject + "\x00" + p.Product + "\x00" + p.Pool))[:12]
	p.Names = some(p.Names)
	x.out = append(x.out, p)
}

// owner is the customer whose unit a name lies beneath; nil: nobody's.
func (x *proposer) owner(name string) *register.Tenant {
	key, err := dn.Key(name)
	if err != nil {
		return nil
	}
	var best *register.Tenant
	longest := -1
	for i := range x.have.Register.Tenants {
		t := &x.have.Register.Tenants[i]
		for _, ou := range t.OUs {
			if k, err := dn.Key(ou.DN); err == nil && len(k) > longest && (k == key || dn.Under(key, k)) {
				best, longest = t, len(k)
			}
		}
	}
	return best
}

// tenants are the units with accounts that are nobody's.
func (x *proposer) tenants() {
	loose := map[string][]string{}
	for i := range x.s.Directory.Accounts {
		a := &x.s.Directory.Accounts[i]
		if a.Class != snapshot.User || x.owner(a.DN) != nil {
			continue
		}
		if id := x.units.tenantOf(a.DN); id != "" {
			loose[id] = append(loose[id], a.Name)
		}
	}
	used := map[string]bool{}
	for i := range x.have.Register.Tenants {
		used[x.have.Register.Tenants[i].ID] = true
	}
	for _, u := range x.units.lines {
		names := loose[u.id]
		if len(names) == 0 || x.owner(u.dn) != nil {
			continue
		}
		row := tenantRow(u, x.customers)
		name := row["name"]
		id := u.id
		if t := x.known(u, row["number"]); t != nil {
			x.add(Proposal{Kind: NewTenant, Subject: u.dn, Count: len(names), Names: names, Why: name, row: map[string]string{"id": t.ID, "ou": u.dn}})
			continue
		}
		for n := 2; used[id]; n++ {
			id = u.id + "-" + itoa(n)
		}
		used[id], row["id"] = true, id
		x.add(Proposal{Kind: NewTenant, Subject: u.dn, Count: len(names), Names: names, Why: name, row: row})
	}
}

// known is the customer of the table whose further unit this is: by its number
// in the CRM, or, of the provider's own, by the name.
func (x *proposer) known(u *unit, number string) *register.Tenant {
	for i := range x.have.Register.Tenants {
		t := &x.have.Register.Tenants[i]
		if number != "" && t.Number == number || t.Internal && u.internal && folded(t.Name) == folded(u.name) {
			return t
		}
	}
	return nil
}

// ownTenants are customers that look like the provider itself, or suspended.
func (x *proposer) ownTenants() {
	type counts struct{ all, enabled int }
	of := map[string]*counts{}
	for i := range x.s.Directory.Accounts {
		a := &x.s.Directory.Accounts[i]
		if a.Class != snapshot.User {
			continue
		}
		if t := x.owner(a.DN); t != nil {
			if of[t.ID] == nil {
				of[t.ID] = &counts{}
			}
			of[t.ID].all++
			if !a.Disabled {
				of[t.ID].enabled++
			}
		}
	}
	for i := range x.have.Register.Tenants {
		t := &x.have.Register.Tenants[i]
		names := []string{t.ID, t.Name}
		for _, ou := range t.OUs {
			names = append(names, leafName(ou.DN))
		}
		n := of[t.ID]
		if n == nil {
			n = &counts{}
		}
		if !t.Internal && slices.ContainsFunc(names, looksInternal) {
			x.add(Proposal{Kind: Internal, Subject: t.ID, Count: n.all, Why: t.Name})
		}
		if t.SuspendedFrom.Set || t.Internal {
			continue
		}
		why := ""
		switch c, _ := customerOf(x.customers, t.Name); {
		case slices.ContainsFunc(names, looksSuspended):
			why = "name"
		case c != nil && looksSuspended(c.status):
			why = "crm"
		case n.all > 0 && n.enabled == 0:
			why = "disabled"
		}
		if why != "" {
			x.add(Proposal{Kind: Suspended, Subject: t.ID, Count: n.enabled, Names: []string{t.Name}, Why: why})
		}
	}
}

// newPools are hosts of no pool.
func (x *proposer) newPools() {
	for i := range x.pools {
		p := x.pools[i]
		p.hosts = slices.DeleteFunc(slices.Clone(p.hosts), func(h string) bool { return x.poolOf(h) >= 0 })
		if len(p.hosts) == 0 || len(p.seen) == 0 && !x.hasUserProgram(p.hosts) {
			continue
		}
		n := Proposal{Kind: NewPool, Subject: p.pattern(), Count: len(p.hosts), Names: slices.Clone(p.hosts), Pool: poolName(p.stem, i), hosts: p.pattern()}
		for _, h := range p.holding(x.groups) {
			n.Hints = append(n.Hints, h.name)
		}
		x.add(n)
	}
}

func (x *proposer) poolOf(host string) int {
	return slices.IndexFunc(x.have.Config.Pools, func(p config.Pool) bool {
		return slices.ContainsFunc(p.Hosts, func(pattern string) bool { return rules.NewGlob(pattern).Match(snapshot.HostKey(host)) })
	})
}

func (x *proposer) hasUserProgram(hosts []string) bool {
	return slices.ContainsFunc(x.titles, func(t title) bool {
		return len(t.rules) > 0 && slices.ContainsFunc(t.hosts, func(h string) bool { return slices.Contains(hosts, strings.ToUpper(snapshot.HostKey(h))) })
	})
}

// products are programs that the catalog counts and no rule does, and products
// that could be counted and not reported.
func (x *proposer) products() {
	missing := map[string][]string{}
	for i := range x.titles {
		t := &x.titles[i]
		if len(x.have.Rules.Matches(&t.install)) > 0 {
			continue
		}
		for _, id := range t.rules {
			missing[id] = append(missing[id], t.install.Name)
		}
	}
	for id, hosts := range x.s.due() { // by what machines are
		if missing[id] == nil {
			missing[id] = hosts
		}
	}
	for id, names := range missing {
		if !x.counts(id) {
			n := Proposal{Kind: NewProduct, Subject: id, Product: id, Count: len(names), Names: names}
			if found := articles(id, x.have.Prices); len(found) == 1 && !numbered(id) {
				n.value = found[0]
			}
			x.add(n)
		}
	}
	for i := range x.have.Rules.Products {
		if p := &x.have.Rules.Products[i]; strings.TrimSpace(p.PartNumber) == "" {
			x.partNumber(p)
		}
	}
}

// numbered says that the catalog has a part number for a product.
func numbered(id string) bool {
	return slices.ContainsFunc(rules.Catalog().Products, func(p rules.Product) bool { return p.ID == id && p.PartNumber != "" })
}

// partNumber proposes the part number that the price list has for a product.
func (x *proposer) partNumber(p *rules.Product) {
	n := Proposal{Kind: PartNumber, Subject: p.ID, Product: p.ID, Why: p.Name["en"], Hints: articles(cmp.Or(p.Catalog, p.ID), x.have.Prices)}
	if len(n.Hints) == 1 {
		n.Kind, n.value, n.Hints = PricedPart, n.Hints[0], nil
		i := slices.IndexFunc(x.have.Prices, func(p prices.Price) bool { return p.PartNumber == n.value && p.Title != "" })
		n.Names = []string{n.value + " " + x.have.Prices[i].Title}
	}
	x.add(n)
}

// counts says whether a rule counts a product of the catalog.
func (x *proposer) counts(id string) bool {
	return slices.ContainsFunc(x.have.Rules.Products, func(p rules.Product) bool { return p.ID == id || p.Catalog == id })
}

// exclusions are administrators and service accounts that no entry keeps out.
func (x *proposer) exclusions() {
	next := len(x.have.Register.Exclusions) + 1
	ids := map[string]bool{}
	for i := range x.have.Register.Exclusions {
		ids[strings.ToLower(x.have.Register.Exclusions[i].ID)] = true
	}
	tenantOf := func(name string) string {
		if t := x.owner(name); t != nil {
			return t.ID
		}
		return ""
	}
	for _, k := range groundsOf(x.s.Directory, tenantOf, x.excluded) {
		id := ""
		for ; id == "" || ids[strings.ToLower(id)]; next++ {
			id = "X-" + itoa(next)
		}
		row := k.row(id)
		x.add(Proposal{Kind: NewGround, Subject: k.match, Pool: k.tenant, Count: len(k.names), Names: k.names, Why: k.ground, row: row})
	}
}

// excluded says whether an entry already speaks of an account.
func (x *proposer) excluded(a *snapshot.Account) bool {
	return slices.ContainsFunc(x.have.Register.Exclusions, func(e register.Exclusion) bool {
		switch e.Match.Kind {
		case register.MatchUser:
			return rules.NewGlob(e.Match.Pattern).Match(strings.ToLower(a.Name))
		case register.MatchGroup:
			return slices.ContainsFunc(x.groups, func(g peopledGroup) bool { return strings.EqualFold(g.group.Name, e.Match.Pattern) && g.members[a.ID] })
		}
		return false
	})
}

// persons are accounts of one customer with the same employee number, by each
// attribute that may hold it.
func (x *proposer) persons() {
	for _, by := range personAttributes {
		if slices.ContainsFunc(x.have.Config.Person, func(a string) bool { return strings.EqualFold(a, by) }) {
			continue
		}
		p := Proposal{Kind: OnePerson, Subject: by, value: by}
		for _, k := range sameOf(x.s.Directory, x.units) {
			if k.by == by {
				p.Count++
				p.Names = append(p.Names, strings.Join(k.names, " = "))
			}
		}
		if p.Count > 0 {
			x.add(p)
		}
	}
}

// loose are inventories and hosts tables beside the config that no source names.
func (x *proposer) loose() {
	for _, f := range x.s.Loose {
		x.add(Proposal{Kind: NewInventory, Subject: f.Pattern, Count: len(f.Names), Names: slices.Clone(f.Names), Why: f.Key, value: f.Pattern})
	}
}
