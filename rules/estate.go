package rules

import (
	"slices"
	"sort"
	"strings"

	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// estate is the month's hosts: what was installed on them, and the pools that
// they belong to.
type estate struct {
	hosts []host
	byKey map[string]int // by fullNames.key
	names *fullNames
	// accounts are the computers of the directories, by the key of their
	// host; gone are the keys of those that went before the month.
	accounts map[string][]*computer
	gone     map[string]bool
	pools    [][]int // by pool: indices of its hosts, ascending by key
	// found caches, by pool and product, the installation that is named as
	// the reason.
	found map[foundKey]*installation
	known map[string]*title // by name, release and edition: recognised once
	// shared is the same by the one pointer that equal programs have.
	shared map[*snapshot.Install]*title
	titles *product.Catalog
}

type foundKey struct {
	pool    int
	product *Product
}

// host is one host over all sources of the month.
type host struct {
	key       string // its full name, where any source tells it: fullNames.key
	name      string // as an inventory or a log writes it
	tenant    string
	pools     []int
	software  []*snapshot.SoftwareMonth // nil: no inventory in the month
	looks     [][]look                  // of each of them what its days prove
	machine   bool                      // in the hosts table
	sql       string                    // the edition that the hosts table tells
	logged    bool                      // in a session log, with events of the month
	log       bool                      // has a log that reaches into the month
	computers []*computer               // its accounts in the directories
}

// enabled are the days on which a directory saw an enabled account of the
// host, and known whether any has an account of it.
func (h *host) enabled() (days uint32, known bool) {
	for _, c := range h.computers {
		days |= c.enabled
	}
	return days, len(h.computers) > 0
}

// retired is the day from which the directories say that the host is no more:
// every account of it disabled or gone, in a whole reading. It is told by
// accounts only; a host of no directory never is.
func (h *host) retired() (from month.Day, is bool) {
	for _, c := range h.computers {
		if !c.isRetired {
			return 0, false
		}
		from = max(from, c.retired)
	}
	return from, len(h.computers) > 0
}

// server says that a directory calls it a server.
func (h *host) server() bool {
	return slices.ContainsFunc(h.computers, func(c *computer) bool { return c.server })
}

// installation is one program on one host, as a reason to count.
type installation struct {
	Host, Name string
	At         snapshot.Evidence
}

// title is one program name, recognised.
type title struct {
	name     string // as questions speak of it: without version
	what     product.Recognition
	products []*Product // of the rules that it matches, in rule order
	unstated bool       // its edition is not told: it is counted as the dearest meanwhile
}

func newEstate(f *snapshot.Facts, cfg *config.Config, names *fullNames, computers []computer, titles *product.Catalog) *estate {
	e := &estate{titles: titles, byKey: map[string]int{}, names: names, accounts: map[string][]*computer{}, gone: map[string]bool{},
		found: map[foundKey]*installation{}, known: map[string]*title{}, shared: map[*snapshot.Install]*title{}}
	scans := newScanDays(f.Readings, names)
	for i := range f.Software {
		s := &f.Software[i]
		h := e.host(s.Host)
		h.software = append(h.software, s)
		h.looks = append(h.looks, scans.looks(s, h.key, f.Month, int(cfg.Coverage.Quiet)))
	}
	for i := range f.Machines {
		m := &f.Machines[i]
		h := e.host(m.Host)
		h.machine = true
		if m.SQLEdition != "" {
			h.sql = m.SQLEdition
		}
		if m.Tenant != "" {
			h.tenant = m.Tenant
		}
	}
	start, end := f.Month.Start(), f.Month.End()
	name, h := "", (*host)(nil) // of the log before: they stand by host
	for i := range f.Logs.Len() {
		l := f.Logs.At(i)
		if l.Host == "" { // events that do not name theirs
			continue
		}
		if as := nameOr(l.Name, l.Host); h == nil || as != name {
			name, h = as, e.host(as)
		}
		h.log = true
		h.logged = h.logged || l.First.Before(end) && !l.Last.Before(start)
	}
	last := ""
	for i := range f.Uses.Len() {
		// A use tells the short name only: of several hosts of that name their
		// logs tell which was meant.
		if u := f.Uses.At(i); i == 0 || u.Host != last {
			last = u.Host
			if names.several(last) == nil {
				e.host(last).logged = true
			}
		}
	}
	pools := make([]poolHosts, len(cfg.Pools))
	for i := range cfg.Pools {
		pools[i] = newPoolHosts(cfg.Pools[i].Hosts)
	}
	for i := range computers {
		c := &computers[i]
		key := names.key(c.full)
		e.accounts[key] = append(e.accounts[key], c)
		_, met := e.byKey[key]
		fits := func(p poolHosts) bool { return matchHost(p.names, c.full, c.name) || p.holds(c) }
		if !met && c.enabled != 0 && (c.server || slices.ContainsFunc(pools, fits)) {
			e.host(key).name = c.name
		}
	}
	for key, all := range e.accounts {
		if i, ok := e.byKey[key]; ok {
			e.hosts[i].computers = all
		}
	}
	for _, g := range f.Before.Gone {
		e.gone[names.key(goneName(f, &g))] = true
	}
	for _, name := range hostsBefore(f) { // session hosts that nothing names this month
		key := names.key(name)
		if _, met := e.byKey[key]; !met && !e.ended(key) && slices.ContainsFunc(pools, func(p poolHosts) bool { return matchHost(p.names, key, name) }) {
			e.host(key).name = name
		}
	}
	sort.Slice(e.hosts, func(i, j int) bool { return e.hosts[i].key < e.hosts[j].key })
	for i := range e.hosts {
		e.byKey[e.hosts[i].key] = i
	}
	e.pools = make([][]int, len(cfg.Pools))
	for pi := range pools {
		for hi := range e.hosts {
			if h := &e.hosts[hi]; matchHost(pools[pi].names, h.key, h.name) || slices.ContainsFunc(h.computers, pools[pi].holds) {
				e.pools[pi] = append(e.pools[pi], hi)
				h.pools = append(h.pools, pi)
			}
		}
	}
	return e
}

// poolHosts are the hosts of a pool as the config names them: by patterns of
// their names, or by the organizational unit in which their accounts lie.
type poolHosts struct {
	names Globs
	units []string // dn.Key
}

func newPoolHosts(list []string) (p poolHosts) {
	var names []string
	for _, s := range list {
		if key, err := dn.Key(s); err == nil && strings.Contains(s, "=") {
			p.units = append(p.units, key)
			continue
		}
		names = append(names, s)
	}
	p.names = globs(names)
	return p
}

// holds says that a server's account lies in a unit of the pool.
func (p poolHosts) holds(c *computer) bool {
	if len(p.units) == 0 || !c.server || c.enabled == 0 {
		return false
	}
	key, err := dn.Key(c.dn)
	return err == nil && slices.ContainsFunc(p.units, func(u string) bool { return dn.Under(key, u) })
}

// hostsBefore are the hosts that the month before met in a log, an inventory
// or a hosts table.
func hostsBefore(f *snapshot.Facts) []string {
	out := slices.Concat(f.Before.Logged, f.Known)
	for i := range f.Before.Machines {
		if m := &f.Before.Machines[i]; m.Until == 0 || m.Until >= f.Month.FirstDay() {
			out = append(out, m.Host)
		}
	}
	return out
}

// matchHost says whether patterns mean a host, by its full or its short name.
func matchHost(patterns Globs, key, name string) bool {
	return patterns.Match(key) || patterns.Match(name) || patterns.Match(snapshot.HostKey(key))
}

func nameOr(name, other string) string {
	if name != "" {
		return name
	}
	return other
}

func (e *estate) host(name string) *host {
	key := e.names.key(name)
	i, ok := e.byKey[key]
	if !ok {
		i = len(e.hosts)
		e.byKey[key] = i
		e.hosts = append(e.hosts, host{key: key, name: name})
	}
	return &e.hosts[i]
}

// find is the host that a name means, or nil.
func (e *estate) find(name string) *host {
	if i, ok := e.byKey[e.names.key(name)]; ok {
		return &e.hosts[i]
	}
	return nil
}

// plain says that nobody has to have a licence for the title, as most of what
// an estate has.
func (t *title) plain() bool { return len(t.products) == 0 && !t.what.Licensable }

// recognise looks at a host's program once per distinct name.
func (e *estate) recognise(s *snapshot.SoftwareMonth, i int, products []*Product) *title {
	in, shared := s.Program(i)
	if !shared {
		return e.named(in, products)
	}
	t, ok := e.shared[in]
	if !ok {
		t = e.named(in, products)
		e.shared[in] = t
	}
	return t
}

// named is the title of a program.
func (e *estate) named(in *snapshot.Install, products []*Product) *title {
	id := in.Name + "\x00" + in.Release + "\x00" + in.Key + "\x00" + in.Edition + "\x00" + in.Publisher
	t, ok := e.known[id]
	if !ok {
		t = &title{name: product.Plain(in.Name), what: e.titles.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)}
		t.products, t.unstated = titled(products, &t.what, in)
		e.known[id] = t
	}
	return t
}

// index notes, for every pool, the first installation of each product: by
// host, then by name.
func (e *estate) index(products []*Product) {
	for pi, hosts := range e.pools {
		for _, hi := range hosts {
			for _, s := range e.hosts[hi].software {
				for i := range s.Installs.Len() {
					for _, p := range e.recognise(s, i, products).products {
						k := foundKey{pi, p}
						if e.found[k] == nil {
							in := s.Installs.At(i)
							e.found[k] = &installation{e.hosts[hi].name, in.Name, snapshot.Evidence{File: in.File, Line: in.Line}}
						}
					}
				}
			}
		}
	}
}

// installed is the installation that makes a product reachable in a pool, or
// nil. One host is enough: users cannot choose their host (docs/counting.md, rule 4).
func (e *estate) installed(pool int, p *Product) *installation { return e.found[foundKey{pool, p}] }

// readDays are the days of which any source has an inventory of a host.
func (h *host) readDays() []month.Day { return h.lookDays(func(l *look) month.Day { return l.proved }) }

// listedDays are they, and those on which a source listed the host and does not tell
// when it looked at it.
func (h *host) listedDays() []month.Day { return h.lookDays((*look).day) }

func (h *host) lookDays(of func(*look) month.Day) []month.Day {
	var days []month.Day
	for s := range h.looks {
		for i := range h.looks[s] {
			if d := of(&h.looks[s][i]); d != 0 {
				days = append(days, d)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
