package rules

import (
	"sort"
	"strings"

	"splameter/month"
	"splameter/snapshot"
	"splameter/statement"
)

// usage ties the month's sessions to accounts.
type usage struct {
	w      *world
	active map[int32]*statement.Session // the first session of an account
	// stray are sessions of names that a configured domain should know and
	// no snapshot holds.
	stray []stray
	// byUse lists, per account, the uses, in the facts' order.
	byUse map[int32][]*snapshot.Use
}

type stray struct {
	name string
	use  *snapshot.Use
}

// names finds accounts by what a log may call them.
type names struct {
	domain map[string]map[string][]int32 // domain (NetBIOS or DNS), name
	upn    map[string][]int32
	bare   map[string][]int32
	sid    map[string]int32
}

func (w *world) names() *names {
	n := &names{map[string]map[string][]int32{}, map[string][]int32{}, map[string][]int32{}, map[string]int32{}}
	for di := range w.dirs {
		d := w.dirs[di].dir
		m := n.domain[strings.ToLower(d.Domain)]
		if m == nil {
			m = map[string][]int32{}
		}
		for _, k := range []string{d.Domain, d.DNS} {
			if k != "" {
				n.domain[strings.ToLower(k)] = m
			}
		}
	}
	add := func(m map[string][]int32, k string, a int32) {
		if k == "" || m == nil {
			return
		}
		if l := m[k]; len(l) == 0 || l[len(l)-1] != a {
			m[k] = append(l, a)
		}
	}
	for i := range w.accounts {
		for _, s := range w.accounts[i].spans {
			if s.Class != snapshot.User && s.Class != snapshot.ServiceAccount {
				continue
			}
			d := w.dirs[s.dir].dir
			name := strings.ToLower(s.Name)
			add(n.domain[strings.ToLower(nameOr(d.Domain, d.DNS))], name, int32(i))
			add(n.bare, name, int32(i))
			add(n.upn, strings.ToLower(s.UPN), int32(i))
			if s.SID != "" {
				n.sid[s.SID] = int32(i)
			}
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
			return m[name], true
		}
		return nil, false
	}
	if at := strings.LastIndexByte(u.User, '@'); at >= 0 {
		if l := n.upn[u.User]; len(l) > 0 {
			return l, true
		}
		if m := n.domain[u.User[at+1:]]; m != nil {
			return m[u.User[:at]], true
		}
		return nil, false
	}
	if l := n.bare[u.User]; len(l) == 1 {
		return l, true
	}
	return nil, false
}

// newUsage reads the month's uses.
func newUsage(w *world) *usage {
	us := &usage{w: w, active: map[int32]*statement.Session{}, byUse: map[int32][]*snapshot.Use{}}
	n := w.names()
	for i := range w.facts.Uses {
		u := &w.facts.Uses[i]
		if u.User == "" || u.Days == 0 && !u.Carried {
			continue
		}
		found, ours := n.find(u)
		if len(found) == 0 {
			if ours {
				us.stray = append(us.stray, stray{nameOr(u.Name, u.User), u})
			}
			continue
		}
		for _, a := range us.owners(found, u) {
			us.byUse[a] = append(us.byUse[a], u)
			if old := us.active[a]; old == nil || u.First.Before(old.Sighting) {
				s := &statement.Session{Host: u.Host, Sighting: u.First}
				if u.Carried {
					s.Note = "open from an earlier month"
				}
				us.active[a] = s
			}
		}
	}
	sort.SliceStable(us.stray, func(i, j int) bool { return us.stray[i].name < us.stray[j].name })
	return us
}

// owners picks, of several accounts that bore a name in the month, those that
// bore it on a day of the session; all of them where none did.
func (us *usage) owners(found []int32, u *snapshot.Use) []int32 {
	if len(found) == 1 {
		return found
	}
	var on []int32
	for _, a := range found {
		for _, s := range us.w.accounts[a].spans {
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
func (w *world) bore(s *accountSpan, u *snapshot.Use) bool {
	name := u.User
	if _, rest, ok := strings.Cut(name, `\`); ok {
		name = rest
	}
	if !strings.EqualFold(s.Name, name) && !strings.EqualFold(s.UPN, u.User) {
		if at := strings.LastIndexByte(name, '@'); at < 0 || !strings.EqualFold(s.Name, name[:at]) {
			return false
		}
	}
	from, until := w.days[s.first], w.days[s.last]
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
		if s := us.active[a]; s != nil && (first == nil || s.Before(first.Sighting)) {
			first = s
		}
	}
	return first
}

// day is the day that a use was first seen on, for messages.
func (w *world) day(u *snapshot.Use) month.Day { return month.DayOf(u.First.Time, w.m.Location()) }
