package rules

import (
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// Held is what a month's facts hold about one tenant: the accounts beneath its
// organizational units, on the days on which they stood there, their direct
// memberships and their sessions.
type Held struct {
	Accounts    []HeldAccount
	Memberships []HeldMembership
	Sessions    []HeldSession
	// Others are the names, in lower case, of the accounts that are not this
	// tenant's.
	Others map[string]bool
	// OtherNames are what these persons are called, and their addresses.
	OtherNames map[string]bool
}

// HeldAccount is one state of an account.
type HeldAccount struct {
	snapshot.Account
	Directory, File string
	First, Last     month.Day
}

// HeldMembership is one direct membership of an account.
type HeldMembership struct {
	Account, Name, Group string
	First, Last          month.Day
}

// HeldSession is what session logs told of an account on one host. Days are
// those on which the account was the tenant's; First and Last are zero where
// they lie on others.
type HeldSession struct {
	Account, Name string
	Use           snapshot.Use
	Days          []month.Day
	First, Last   snapshot.Sighting
}

// Holding is what a month's facts hold about one tenant, being gathered: whose
// the accounts are is known from the directories, before the uses are read.
type Holding struct {
	w     *world
	days  map[int32]map[month.Day]bool // of the tenant's accounts, those on which they were its own
	names *names
	us    *usage
	held  *Held
}

// NewHolding finds a tenant's accounts and their memberships in the facts.
func NewHolding(facts *snapshot.Facts, reg *register.Register, tenant string) *Holding {
	w := newWorld(facts)
	h := newTenancies(w, reg)
	out := &Held{Others: make(map[string]bool, len(w.accounts)), OtherNames: make(map[string]bool, len(w.accounts))}
	days := map[int32]map[month.Day]bool{}
	for i := range w.accounts {
		states := w.states(int32(i))
		for j := range states {
			span, s := &states[j], w.state(&states[j])
			own := w.ownDays(h, span, &s, tenant)
			if len(own) == 0 {
				for _, name := range []string{s.Name, s.UPN} {
					if name != "" {
						out.Others[strings.ToLower(name)] = true
					}
				}
				for _, name := range []string{s.DisplayName, s.Mail} {
					if name != "" && s.Class != snapshot.Computer {
						out.OtherNames[strings.ToLower(name)] = true
					}
				}
				continue
			}
			if days[int32(i)] == nil {
				days[int32(i)] = map[month.Day]bool{}
			}
			// A state lasts until the account is seen otherwise.
			until := own[len(own)-1]
			if until == w.days[span.last] {
				until = facts.Month.LastDay()
				if j+1 < len(states) {
					until = max(w.days[span.last], w.days[states[j+1].first]-1)
				}
			}
			for d := own[0]; d <= until; d++ {
				days[int32(i)][d] = true
			}
			out.Accounts = append(out.Accounts, HeldAccount{s.Account, w.dirs[span.dir].dir.Source, s.File, own[0], own[len(own)-1]})
		}
	}
	for i := range out.Accounts {
		for _, name := range []string{out.Accounts[i].Name, out.Accounts[i].UPN} {
			delete(out.Others, strings.ToLower(name))
		}
		for _, name := range []string{out.Accounts[i].DisplayName, out.Accounts[i].Mail} {
			delete(out.OtherNames, strings.ToLower(name))
		}
	}
	for i := range w.edges {
		e := &w.edges[i]
		if !w.isAccount(e.member) {
			continue
		}
		a := w.account(e.member)
		own := days[a]
		var first, last month.Day
		for t := e.first; t <= e.last; t++ {
			if d := w.days[t]; own[d] {
				if first == 0 {
					first = d
				}
				last = d
			}
		}
		if first != 0 {
			out.Memberships = append(out.Memberships, HeldMembership{w.accounts[a].id, w.accountName(a), w.groupName(e.group), first, last})
		}
	}
	return &Holding{w, days, w.names(), &usage{w: w}, out}
}

// Asks says whether a session, of which host, user and SID are enough, may be
// one of the tenant's accounts.
func (h *Holding) Asks(u *snapshot.Use) bool {
	found, _ := h.names.find(u)
	return slices.ContainsFunc(found, func(a int32) bool { return h.days[a] != nil })
}

// Held is all of it, when the facts hold the sessions that were asked for.
func (h *Holding) Held() *Held {
	w, days, out, facts := h.w, h.days, h.held, h.w.facts
	for i := range facts.Uses.Len() {
		row := facts.Uses.At(i)
		u := &row
		if !h.Asks(u) {
			continue
		}
		found, _ := h.names.find(u)
		for _, a := range h.us.owners(found, u) {
			x := HeldSession{Account: w.accounts[a].id, Name: w.accountName(a), Use: *u}
			for d := facts.Month.FirstDay(); d <= facts.Month.LastDay(); d++ {
				if u.Days&snapshot.DayBit(d) != 0 && days[a][d] {
					x.Days = append(x.Days, d)
				}
			}
			loc := facts.Month.Location()
			if !u.First.IsZero() && days[a][month.DayOf(u.First.Time, loc)] {
				x.First = u.First
			}
			if !u.Last.IsZero() && days[a][month.DayOf(u.Last.Time, loc)] {
				x.Last = u.Last
			}
			if len(x.Days) > 0 || u.Carried && days[a][facts.Month.FirstDay()] {
				out.Sessions = append(out.Sessions, x)
			}
		}
	}
	return out
}

// ownDays are the days, ascending, on which an account's state was read
// as the tenant's.
func (w *world) ownDays(h *tenancies, s *accountSpan, state *snapshot.AccountSpan, tenant string) []month.Day {
	var out []month.Day
	same := !h.dated
	if same && h.tenant(w, s.account, state, s.first) != tenant {
		return nil
	}
	for t := s.first; t <= s.last; t++ {
		if same || h.tenant(w, s.account, state, t) == tenant {
			out = append(out, w.days[t])
		}
	}
	return slices.Compact(out)
}
