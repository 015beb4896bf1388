package rules

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// usage ties the month's sessions to accounts.
type usage struct {
	w *world
	// first is the use, counted from 1, with an account's first session; 0
	// where it had none. kept are the places of those sessions, once they are
	// kept.
	first    []int32
	kept     []uint64
	sessions statement.Sessions
	// stray are sessions of names that a configured domain should know and
	// no snapshot holds.
	stray []stray
	// foreign are sessions of names of a domain that no configured directory
	// is, by that domain, and of names without one that nobody bears.
	foreign map[string][]stray
	// owned are the uses of all accounts: by account, then in the facts' order.
	owned []ownedUse
	hosts []string // by number, as the facts call them
}

type stray struct {
	name string
	use  int32
}

type ownedUse struct{ account, use, host int32 }

// names finds accounts by what a log may call them.
type names struct {
	domain map[string]*called // domain (NetBIOS or DNS), name
	upn    *called
	bare   *called
	sid    map[string]int32
	suffix map[string]bool // of UPNs
}

// called are the accounts of each name. Mostly that is one, and a list for
// each would be a hundred thousand lists.
type called struct {
	one   map[string]int32
	more  map[string][]int32
	alone []int32 // every account, to be a list of one
}

func (c *called) add(name string, a int32) {
	if name == "" {
		return
	}
	first, ok := c.one[name]
	if !ok {
		c.one[name] = a
		return
	}
	l := c.more[name]
	if l == nil {
		l = []int32{first}
	}
	if l[len(l)-1] != a {
		c.more[name] = append(l, a)
	}
}

func (c *called) find(name string) []int32 {
	if l := c.more[name]; l != nil {
		return l
	}
	if a, ok := c.one[name]; ok {
		return c.alone[a : a+1]
	}
	return nil
}

func (w *world) names() *names {
	alone := make([]int32, len(w.accounts))
	for i := range alone {
		alone[i] = int32(i)
	}
	room := func() *called {
		return &called{make(map[string]int32, len(w.accounts)/max(1, len(w.dirs))), map[string][]int32{}, alone}
	}
	n := &names{map[string]*called{}, room(), room(), make(map[string]int32, len(w.accounts)), map[string]bool{}}
	for di := range w.dirs {
		d := w.dirs[di].dir
		m := n.domain[strings.ToLower(d.Domain)]
		if m == nil {
			m = room()
		}
		for _, k := range []string{d.Domain, d.DNS} {
			if k != "" {
				n.domain[strings.ToLower(k)] = m
			}
		}
	}
	for i := range w.spans {
		span := &w.spans[i]
		if span.class != snapshot.User && span.class != snapshot.ServiceAccount {
			continue
		}
		d, s := w.dirs[span.dir].dir, w.state(span)
		name := strings.ToLower(s.Name)
		if m := n.domain[strings.ToLower(nameOr(d.Domain, d.DNS))]; m != nil {
			m.add(name, span.account)
		}
		n.bare.add(name, span.account)
		upn := strings.ToLower(s.UPN)
		n.upn.add(upn, span.account)
		if at := strings.LastIndexByte(upn, '@'); at >= 0 && !n.suffix[upn[at+1:]] {
			n.suffix[upn[at+1:]] = true
		}
		if s.SID != "" {
			n.sid[s.SID] = span.account
		}
	}
	return n
}

// find returns the accounts that a log's spelling means, and whether the name
// belongs to a configured domain at all.
func (n *names) find(u *snapshot.Use) (accounts []int32, ours bool) {
	if a, ok := n.sid[u.SID]; ok && u.SID != "" {
		return []int32{a}, true
	}
	if domain, name, ok := strings.Cut(u.User, `\`); ok {
		if snapshot.HostKey(domain) == u.Host { // a machine-local account
			if m := n.domain[domain]; m == nil {
				return nil, false
			}
		}
		if m := n.domain[domain]; m != nil {
			return m.find(name), true
		}
		return nil, false
	}
	if at := strings.LastIndexByte(u.User, '@'); at >= 0 {
		if l := n.upn.find(u.User); len(l) > 0 {
			return l, true
		}
		if m := n.domain[u.User[at+1:]]; m != nil {
			return m.find(u.User[:at]), true
		}
		return nil, n.suffix[u.User[at+1:]]
	}
	if l := n.bare.find(u.User); len(l) == 1 {
		return l, true
	}
	return nil, false
}

// foreign is the domain of a session that belongs to no account: one that no
// configured directory is, or "" for a name without a domain that nobody bears.
// A machine's own accounts are of none.
func (n *names) foreign(u *snapshot.Use) (domain string, ok bool) {
	domain, name, ok := strings.Cut(u.User, `\`)
	if !ok {
		at := strings.LastIndexByte(u.User, '@')
		if at < 0 {
			return "", u.User != "" && len(n.bare.find(u.User)) == 0
		}
		name, domain = u.User[:at], u.User[at+1:]
	}
	if name == "" || domain == "" || domain == "." || snapshot.HostKey(domain) == snapshot.HostKey(u.Host) {
		return "", false
	}
	return domain, n.domain[domain] == nil
}

// newUsage reads the month's uses.
func newUsage(w *world) *usage {
	count := w.facts.Uses.Len()
	us := &usage{w: w, first: make([]int32, len(w.accounts)), owned: make([]ownedUse, 0, count), foreign: map[string][]stray{}}
	n := w.names()
	numbers, host := map[string]int32{}, int32(-1)
	for i := range count {
		u := w.facts.Uses.At(i)
		if u.User == "" || u.Days == 0 && !u.Carried {
			continue
		}
		found, ours := n.find(&u)
		if len(found) == 0 {
			switch domain, foreign := n.foreign(&u); {
			case ours:
				us.stray = append(us.stray, stray{nameOr(u.Name, u.User), int32(i)})
			case foreign:
				us.foreign[domain] = append(us.foreign[domain], stray{nameOr(u.Name, u.User), int32(i)})
			}
			continue
		}
		if host < 0 || us.hosts[host] != u.Host { // they stand by host
			var ok bool
			if host, ok = numbers[u.Host]; !ok {
				host = int32(len(us.hosts))
				numbers[u.Host], us.hosts = host, append(us.hosts, u.Host)
			}
		}
		for _, a := range us.owners(found, &u) {
			us.owned = append(us.owned, ownedUse{a, int32(i), host})
			if old := us.first[a]; old == 0 || u.First.Before(w.facts.Uses.At(int(old-1)).First) {
				us.first[a] = int32(i + 1)
			}
		}
	}
	slices.SortFunc(us.owned, func(x, y ownedUse) int { return cmp.Or(cmp.Compare(x.account, y.account), cmp.Compare(x.use, y.use)) })
	sort.SliceStable(us.stray, func(i, j int) bool { return us.stray[i].name < us.stray[j].name })
	return us
}

// of are an account's uses.
func (us *usage) of(account int32) []ownedUse {
	from := sort.Search(len(us.owned), func(i int) bool { return us.owned[i].account >= account })
	until := from
	for until < len(us.owned) && us.owned[until].account == account {
		until++
	}
	return us.owned[from:until]
}

// use is a use of the facts.
func (us *usage) use(i int32) snapshot.Use { return us.w.facts.Uses.At(int(i)) }

// owners picks, of several accounts that bore a name in the month, those that
// bore it on a day of the session; all of them where none did.
func (us *usage) owners(found []int32, u *snapshot.Use) []int32 {
	if len(found) == 1 {
		return found
	}
	var on []int32
	for _, a := range found {
		for _, s := range us.w.states(a) {
			if us.w.bore(&s, u) {
				on = append(on, a)
				break
			}
		}
	}
	if len(on) == 0 {
		return found
	}
	return on
}

// bore says whether an account, in one of its states, bore the name that a
// session used, on one of its days. A state lasts until the next snapshot.
func (w *world) bore(span *accountSpan, u *snapshot.Use) bool {
	name, s := u.User, w.state(span)
	if _, rest, ok := strings.Cut(name, `\`); ok {
		name = rest
	}
	if !strings.EqualFold(s.Name, name) && !strings.EqualFold(s.UPN, u.User) {
		if at := strings.LastIndexByte(name, '@'); at < 0 || !strings.EqualFold(s.Name, name[:at]) {
			return false
		}
	}
	from, until := w.days[span.first], w.days[span.last]
	for d := from; d <= until; d++ {
		if u.Days&snapshot.DayBit(d) != 0 {
			return true
		}
	}
	return u.Carried && from <= w.m.FirstDay()
}

// session is the first session of any of a person's accounts.
func (us *usage) session(p *person) *statement.Session {
	var first *statement.Session
	for _, a := range p.accounts {
		if s := us.sessionOf(a); s != nil && (first == nil || s.Before(first.Sighting)) {
			first = s
		}
	}
	return first
}

// sessionOf is an account's first session; nil where it had none.
func (us *usage) sessionOf(a int32) *statement.Session {
	if us.first[a] == 0 {
		return nil
	}
	if us.kept != nil {
		return us.sessions.At(us.kept[a])
	}
	u := us.use(us.first[a] - 1)
	s := &statement.Session{Host: u.Host, Sighting: u.First}
	if u.Carried {
		s.Note = "open from an earlier month"
	}
	return s
}

// keep takes all first sessions out of the facts.
func (us *usage) keep() {
	kept := make([]uint64, len(us.first))
	for a := range us.first {
		if s := us.sessionOf(int32(a)); s != nil {
			kept[a] = us.sessions.Put(s)
		}
	}
	us.kept = kept
}

// day is the day that a use was first seen on, for messages.
func (w *world) day(u *snapshot.Use) month.Day { return month.DayOf(u.First.Time, w.m.Location()) }

// strayNames are the names, without domain and in lower case, of the sessions
// that belong to no account of a configured domain.
func (us *usage) strayNames() map[string]bool {
	out := map[string]bool{}
	for i := range us.stray {
		name := strings.ToLower(us.stray[i].name)
		if _, rest, ok := strings.Cut(name, `\`); ok {
			name = rest
		}
		if at := strings.LastIndexByte(name, '@'); at > 0 {
			name = name[:at]
		}
		out[name] = true
	}
	return out
}
