package rules

import (
	"sort"
	"strings"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// estate is the month's hosts: what was installed on them, and the pools that
// they belong to.
type estate struct {
	hosts []host
	byKey map[string]int
	pools [][]int // by pool: indices of its hosts, ascending by key
	// found caches, by pool and product, the installation that is named as
	// the reason.
	found map[foundKey]*installation
	known map[string]*title // by name, release and edition: recognised once
	// shared is the same by the one pointer that equal programs have.
	shared map[*snapshot.Install]*title
}

type foundKey struct {
	pool    int
	product *Product
}

// host is one host over all sources of the month.
type host struct {
	key      string
	name     string // as an inventory or a log writes it
	tenant   string
	pools    []int
	software []*snapshot.SoftwareMonth // nil: no inventory in the month
	machine  bool                      // in the hosts table
	logged   bool                      // in a session log, with events of the month
}

// installation is one program on one host, as a reason to count.
type installation struct {
	Host, Name string
	At         snapshot.Evidence
}

// title is one program name, recognised.
type title struct {
	what     product.Recognition
	products []*Product // of the rules that it matches, in rule order
}

func newEstate(f *snapshot.Facts, cfg *config.Config) *estate {
	e := &estate{byKey: map[string]int{}, found: map[foundKey]*installation{}, known: map[string]*title{}, shared: map[*snapshot.Install]*title{}}
	for i := range f.Software {
		s := &f.Software[i]
		h := e.host(s.Host)
		h.software = append(h.software, s)
	}
	for i := range f.Machines {
		m := &f.Machines[i]
		h := e.host(m.Host)
		h.machine = true
		if m.Tenant != "" {
			h.tenant = m.Tenant
		}
	}
	start, end := f.Month.Start(), f.Month.End()
	for i := range f.Logs.Len() {
		l := f.Logs.At(i)
		h := e.host(nameOr(l.Name, l.Host))
		h.logged = h.logged || l.First.Before(end) && !l.Last.Before(start)
	}
	last := ""
	for i := range f.Uses.Len() {
		if u := f.Uses.At(i); i == 0 || u.Host != last {
			last = u.Host
			e.host(last).logged = true
		}
	}
	sort.Slice(e.hosts, func(i, j int) bool { return e.hosts[i].key < e.hosts[j].key })
	for i := range e.hosts {
		e.byKey[e.hosts[i].key] = i
	}
	e.pools = make([][]int, len(cfg.Pools))
	for pi := range cfg.Pools {
		patterns := globs(cfg.Pools[pi].Hosts)
		for hi := range e.hosts {
			h := &e.hosts[hi]
			if patterns.Match(h.key) || patterns.Match(h.name) {
				e.pools[pi] = append(e.pools[pi], hi)
				h.pools = append(h.pools, pi)
			}
		}
	}
	return e
}

func nameOr(name, other string) string {
	if name != "" {
		return name
	}
	return other
}

func (e *estate) host(name string) *host {
	key := snapshot.HostKey(name)
	i, ok := e.byKey[key]
	if !ok {
		i = len(e.hosts)
		e.byKey[key] = i
		e.hosts = append(e.hosts, host{key: key, name: name})
	}
	return &e.hosts[i]
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
		t = &title{what: product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)}
		name, release := strings.ToLower(strings.TrimSpace(in.Name)), strings.ToLower(in.Release)
		for _, p := range products {
			if p.matchInstall(name, release) {
				t.products = append(t.products, p)
			}
		}
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
// nil. One host is enough: users cannot choose their host (design.md, rule 4).
func (e *estate) installed(pool int, p *Product) *installation { return e.found[foundKey{pool, p}] }

// readDays are the days on which any source read a host's software.
func (h *host) readDays() []month.Day {
	seen := map[month.Day]bool{}
	var days []month.Day
	for _, s := range h.software {
		for _, d := range s.Days {
			if !seen[d] {
				seen[d] = true
				days = append(days, d)
			}
		}
	}
	sort.Slice(days, func(i, j int) bool { return days[i] < days[j] })
	return days
}
