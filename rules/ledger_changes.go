package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"splameter/internal/statement"
)

func namesOf(accounts []statement.Account) string {
	var names []string
	for i := range accounts {
		if n := accounts[i].Name; !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// moves are the units as the statement tells them.
func (l *ledger) moves() []statement.Move {
	out := make([]statement.Move, len(l.units))
	for i := range l.units {
		u := &l.units[i]
		m := u.Move
		m.Cause, m.Detail, m.Day = u.what, strings.TrimSpace(u.detail+" "+u.own), u.day
		if m.Name == "" {
			m.Name, m.Accounts = l.name(u)
		}
		out[i] = m
	}
	return out
}

// name is what is known of a unit that went.
func (l *ledger) name(u *unit) (name, accounts string) {
	if a, ok := l.accounts[u.Key]; ok {
		s := l.e.w.lastState(a)
		return nameOr(s.DisplayName, s.Name), s.Name
	}
	if via := l.via(u); via != nil && via.Kind == statement.ByMachine {
		return via.Host, ""
	}
	return l.known[u.Key], ""
}

// changes are the units of one tenant and product by cause and day.
func changes(units []unit) (out []statement.Change) {
	at := map[statement.Change]int{}
	for i := range units {
		u := &units[i]
		k := statement.Change{Cause: u.what, Detail: u.detail}
		if u.day != 0 {
			k.Day = u.day.String()
		}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, k)
		}
		out[n].Added += max(0, u.Is-u.Was)
		out[n].Removed += max(0, u.Was-u.Is)
	}
	slices.SortFunc(out, func(a, b statement.Change) int {
		return cmp.Or(cmp.Compare(b.Removed, a.Removed), cmp.Compare(b.Added, a.Added), strings.Compare(string(a.Cause), string(b.Cause)),
			strings.Compare(a.Day, b.Day), strings.Compare(a.Detail, b.Detail))
	})
	return out
}

// fillChanges tells each line's change by cause; of the report's lines without
// the days.
func (l *ledger) fillChanges() {
	of := map[[2]string][]unit{}
	for i := 0; i < len(l.units); {
		from, u := i, &l.units[i]
		for i++; i < len(l.units) && l.units[i].Tenant == u.Tenant && l.units[i].Product == u.Product; i++ {
		}
		of[[2]string{u.Tenant, u.Product}] = l.units[from:i]
	}
	total := map[string][]unit{}
	for i := range l.units {
		u := l.units[i]
		if u.day = 0; u.sure {
			u.detail = ""
		}
		total[u.Product] = append(total[u.Product], u)
	}
	st := l.e.st
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			if x := &t.Lines[j]; x.Compared {
				x.Changes = changes(of[[2]string{t.ID, x.Product}])
			}
		}
	}
	for i := range st.Lines {
		if x := &st.Lines[i]; x.Compared {
			x.Changes = changes(total[x.Product])
		}
	}
}

// percent is a part of a whole, rounded up.
func percent(n, of int) int {
	if of <= 0 {
		return math.MaxInt32
	}
	return (100*n + of - 1) / of
}
