package tenantexport

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"splameter/internal/config"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/rules"
)

// leftOut stands where a text names, or may name, somebody else.
const leftOut = "(left out: it names another customer)"

// vocabulary is what others are called, as rows of words: a text names them
// where the words of one follow each other in it, whatever stands between. A
// large provider has a hundred thousand, so a row is known by a number made of it.
type vocabulary struct {
	rows map[uint64]struct{}
	most int // words of the longest
}

// row is the number of some words that follow each other.
type row uint64

const noWords row = 14695981039346656037 // FNV-1a, and a byte that is in no word between two

func (h row) and(word string) row {
	for i := 0; i < len(word); i++ {
		h = (h ^ row(word[i])) * 1099511628211
	}
	return (h ^ ' ') * 1099511628211
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

func rowOf(words []string) uint64 {
	h := noWords
	for _, w := range words {
		h = h.and(w)
	}
	return uint64(h)
}

func (v *vocabulary) add(names ...string) {
	if v.rows == nil {
		v.rows = map[uint64]struct{}{}
	}
	for _, n := range names {
		if w := wordsOf(n); len(w) > 1 || len(w) == 1 && len([]rune(w[0])) > 1 {
			v.rows[rowOf(w)] = struct{}{}
			v.most = max(v.most, len(w))
		}
	}
}

// remove takes out what the customer itself is called.
func (v *vocabulary) remove(names ...string) {
	for _, n := range names {
		delete(v.rows, rowOf(wordsOf(n)))
	}
}

// join adds what another vocabulary holds.
func (v *vocabulary) join(o *vocabulary) {
	if v.rows == nil {
		v.rows = make(map[uint64]struct{}, len(o.rows))
	}
	maps.Copy(v.rows, o.rows)
	v.most = max(v.most, o.most)
}

func (v *vocabulary) in(words []string) bool {
	for i := range words {
		h := noWords
		for _, w := range words[i:min(i+v.most, len(words))] {
			h = h.and(w)
			if _, ok := v.rows[uint64(h)]; ok {
				return true
			}
		}
	}
	return false
}

// guard keeps what others are called out of everything that an export says.
// Every cell of every table goes through it, but those that say what the
// customer's own accounts and machines are called.
type guard struct {
	// names are the others' ids, names, addresses, accounts, hosts and pools.
	names vocabulary
	// parts are single words of them, and customer numbers. They are looked for
	// where a person wrote the text, who may have written less than the name.
	parts map[string]bool
	own   map[string]bool // words of what the customer itself is called
}

// ours are the columns that say what the customer's own accounts and machines
// are called, by table; written those in which a person wrote.
var (
	ours = map[string][]string{
		"customer":        {"field", "value"},
		"accounts":        {"account_id", "sid", "name", "upn", "display_name", "mail", "dn"},
		"memberships":     {"account_id", "account"},
		"sessions":        {"account_id", "account", "user"},
		"hosts":           {"key", "host"},
		"persons":         {"key", "name", "accounts"},
		"shared_accounts": {"account", "ids"},
	}
	written = []string{"document", "excluded_document", "pinned", "reason", "by", "subject", "error", "attachment", "accepted", "match", "note", "article", "bill"}
)

// newGuard knows what the tables say of the others.
func newGuard(reg *register.Register, tenant string) *guard {
	g := &guard{parts: map[string]bool{}, own: map[string]bool{}}
	me := reg.Tenant(tenant)
	for i := range reg.Tenants {
		o := &reg.Tenants[i]
		if o.ID == tenant || o.Internal { // the provider is no other customer
			continue
		}
		g.names.add(o.ID, o.Name, o.Email)
		if len(wordsOf(o.Contact)) > 1 {
			g.names.add(o.Contact)
		}
		for _, s := range []string{o.ID, o.Name, o.Contact, domain(o.Email)} {
			g.part(s)
		}
		for _, s := range []string{o.Number, o.Ref} {
			if w := wordsOf(s); len(w) == 1 && len(w[0]) > 2 {
				g.parts[w[0]] = true
			}
		}
	}
	for i := range reg.Partners {
		p := &reg.Partners[i]
		if me == nil || p.ID != me.Partner {
			g.names.add(p.ID, p.Name, p.Email)
			g.part(p.ID)
			g.part(p.Name)
		}
	}
	if me != nil {
		g.mine(me.ID, me.Name, me.Contact, me.Email, me.Number, me.Ref)
	}
	return g
}

// domain is what tells whose a mail address is: the domain but for its end.
func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return d[:max(strings.LastIndex(d, "."), 0)]
}

// part takes the words of a name that can tell whom it is.
func (g *guard) part(s string) {
	for _, w := range wordsOf(s) {
		if len([]rune(w)) > 3 {
			g.parts[w] = true
		}
	}
}

// mine takes what the customer itself is called.
func (g *guard) mine(names ...string) {
	g.names.remove(names...)
	for _, n := range names {
		for _, w := range wordsOf(n) {
			g.own[w] = true
		}
	}
}

// accounts takes what the accounts of others are called, and of the customer.
func (g *guard) accounts(held *rules.Held) {
	for name := range held.Others {
		g.names.add(name)
	}
	for name := range held.OtherNames {
		if len(wordsOf(name)) > 1 {
			g.names.add(name)
		}
		g.part(name)
	}
	for i := range held.Accounts {
		a := &held.Accounts[i]
		g.mine(a.Name, a.UPN, a.DisplayName, a.Mail)
	}
}

// places takes the pools and hosts that are another's alone.
func (g *guard) places(facts *store.About, cfg *config.Config, tenant string) {
	var theirs, shared []rules.Glob
	for i := range cfg.Pools {
		p := &cfg.Pools[i]
		to := &shared
		if p.Tenant != "" && p.Tenant != tenant {
			to = &theirs
			g.names.add(p.Name)
		}
		for _, h := range p.Hosts {
			*to = append(*to, rules.NewGlob(h))
		}
	}
	matches := func(list []rules.Glob, host string) bool {
		return slices.ContainsFunc(list, func(p rules.Glob) bool { return p.Match(snapshot.HostKey(host)) || p.Match(host) })
	}
	host := func(name string) {
		if matches(theirs, name) && !matches(shared, name) {
			g.names.add(name, snapshot.HostKey(name))
		}
	}
	for _, name := range facts.Hosts {
		host(name)
	}
	for i := range facts.Software {
		host(facts.Software[i].Host)
	}
	own := map[string]bool{}
	for i := range facts.Machines {
		if m := &facts.Machines[i]; m.Tenant == tenant {
			own[snapshot.HostKey(m.Host)] = true
		}
	}
	for i := range facts.Machines {
		m := &facts.Machines[i]
		host(m.Host)
		if m.Tenant != "" && m.Tenant != tenant && !own[snapshot.HostKey(m.Host)] {
			g.names.add(m.Host, snapshot.HostKey(m.Host))
		}
	}
}

// join is a guard that knows all that others know.
func (g *guard) join(o *guard) {
	g.names.join(&o.names)
	for w := range o.parts {
		g.parts[w] = true
	}
	for w := range o.own {
		g.own[w] = true
	}
}

// text is s, or a note where it names another customer or what is another's.
// byHand says that a person wrote it.
func (g *guard) text(s string, byHand bool) string {
	words := wordsOf(s)
	if g.names.in(words) {
		return leftOut
	}
	if byHand {
		for _, w := range words {
			if g.parts[w] && !g.own[w] {
				return leftOut
			}
		}
	}
	return s
}

// table guards a table from a row on.
func (g *guard) table(t *Table, from int) {
	for c, name := range t.Columns {
		if slices.Contains(ours[t.Name], name) {
			continue
		}
		byHand := slices.Contains(written, name)
		for _, row := range t.Rows[from:] {
			row[c] = g.text(row[c], byHand)
		}
	}
}
