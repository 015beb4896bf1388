package preclose

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

type maker struct {
	in       Input
	list     *List
	st       *statement.Statement
	products map[string]*statement.Product
	logons   map[string]month.Day // of accounts, by id
}

// logonAttribute is when an account last logged on, as the directory
// replicates it: up to two weeks late.
const logonAttribute = "lastlogontimestamp"

// logonLag is how late lastLogonTimestamp may be, in days.
const logonLag = 14

// readLogons takes the last logon of every account that has one.
func (m *maker) readLogons() {
	if !m.in.LastLogon || m.in.Facts == nil {
		return
	}
	for i := range m.in.Facts.Directories {
		d := &m.in.Facts.Directories[i]
		for _, a := range d.Accounts.All() {
			if a.Class != snapshot.User {
				continue
			}
			if t, ok := fileTime(a.Attribute(logonAttribute)); ok {
				m.logons[a.ID] = max(m.logons[a.ID], month.DayOf(t, m.in.Month.Location()))
			}
		}
	}
}

// price is what one unit of a product costs next month.
func (m *maker) price(product string) (prices.Price, bool) {
	p := m.products[product]
	if p == nil || p.PartNumber == "" {
		return prices.Price{}, false
	}
	return m.in.Prices.For(p.PartNumber, m.in.Month.Add(1))
}

// lastRead is the last day on which each directory was read in the month.
func (m *maker) lastRead() map[string]month.Day {
	out := map[string]month.Day{}
	for i := range m.st.Coverage.Sources {
		s := &m.st.Coverage.Sources[i]
		if s.Kind == statement.CoverageDirectory && len(s.Days) > 0 {
			out[s.Source] = max(out[s.Source], s.Days[len(s.Days)-1])
		}
	}
	return out
}

// key names a person over months.
func key(p *statement.Person) string { return p.Tenant + "\x00" + p.Key }

// persons lists who could go.
func (m *maker) persons() {
	last := m.lastRead()
	found := map[string]*person{}
	gone := map[string]bool{}
	var order []string
	for i := range m.st.Persons.Len() {
		p := m.st.Persons.At(i)
		if p.Excluded != nil {
			continue
		}
		if pr := m.products[p.Product]; pr != nil && pr.Count == statement.CountActive && !p.Active {
			continue // not counted, so nothing drops
		}
		k := key(&p)
		if !stillThere(&p, last) {
			gone[k] = true
			continue
		}
		x := found[k]
		if x == nil {
			x = &person{row: Row{Reason: Idle, Tenant: p.Tenant, Name: cmp.Or(p.Name, p.Key)}}
			found[k] = x
			order = append(order, k)
		}
		x.active = x.active || p.Active
		x.row.Units += p.Units
		x.row.Products = append(x.row.Products, p.Product)
		for j := range p.Accounts {
			if a := &p.Accounts[j]; !slices.Contains(x.row.Accounts, a.Name) {
				x.row.Accounts = append(x.row.Accounts, a.Name)
			}
			x.row.Logon = max(x.row.Logon, m.logons[p.Accounts[j].ID])
		}
		if path := strings.Join(p.Via.Path, " › "); path != "" && !slices.Contains(x.row.Groups, path) {
			x.row.Groups = append(x.row.Groups, path)
		}
		price, known := m.price(p.Product)
		x.sum.add(price, known, p.Units)
	}
	for k := range gone {
		if found[k] == nil {
			m.list.Gone++
		}
	}
	m.blind()
	idle := m.idleBefore()
	early := m.in.Today - month.Day(30*m.in.IdleMonths+logonLag)
	for _, k := range order {
		x := found[k]
		r := x.row
		switch {
		case x.active:
			continue
		case m.list.Blind == "" && idle[k]:
		case r.Logon > 0 && r.Logon < early:
			r.Reason = Leaver
		default:
			continue
		}
		slices.Sort(r.Accounts)
		slices.Sort(r.Products)
		slices.Sort(r.Groups)
		r.Amount, r.Currency = x.sum.text(), x.sum.currency
		m.list.Rows = append(m.list.Rows, r)
	}
}

// stillThere says whether a claim stood when its directory was last read.
func stillThere(p *statement.Person, last map[string]month.Day) bool {
	for i := range p.Accounts {
		if day, ok := last[p.Accounts[i].Directory]; ok && p.Last >= day {
			return true
		}
	}
	return false
}

// blind says where nobody can be called idle, and counts the months whose
// logs have gaps.
func (m *maker) blind() {
	l := m.list
	switch {
	case !m.in.Sessions:
		l.Blind = "no session logs are configured"
		return
	case len(m.in.Statements) < m.in.IdleMonths:
		l.Blind = "the months before were not read"
		return
	}
	end := m.in.Month.End()
	for i, st := range m.in.Statements[:m.in.IdleMonths] {
		logs, missing := false, false
		for j := range st.Coverage.Sources {
			logs = logs || st.Coverage.Sources[j].Kind == statement.CoverageSessions
		}
		for j := range st.Coverage.Gaps {
			g := &st.Coverage.Gaps[j]
			if g.Kind != statement.CoverageSessions {
				continue
			}
			// The month is not over: that its logs do not reach its end is
			// no gap yet.
			open := i == 0 && g.From != "" && strings.HasPrefix(g.Until, end.In(m.in.Month.Location()).Format("2006-01-02"))
			missing = missing || !open
		}
		if !logs {
			l.Blind = "no session log of " + st.Month + " was read"
			return
		}
		if missing {
			l.Gaps++
		}
	}
}

// idleBefore are the persons who were counted, and without a session, in
// every one of the months before that are looked at. Who was not there then is
// new, not idle.
func (m *maker) idleBefore() map[string]bool {
	out := map[string]bool{}
	for i := range m.st.Persons.Len() {
		p := m.st.Persons.Brief(i)
		out[key(&p)] = true
	}
	for _, st := range m.in.Statements[1:min(len(m.in.Statements), m.in.IdleMonths)] {
		there := map[string]bool{}
		for i := range st.Persons.Len() {
			p := st.Persons.Brief(i)
			k := key(&p)
			if _, ok := there[k]; !ok {
				there[k] = true
			}
			there[k] = there[k] && !p.Active
		}
		for k := range out {
			out[k] = out[k] && there[k]
		}
	}
	return out
}

// exclusions lists the entries that end before the last day of the next month:
// whom they keep out is then counted, if nobody renews them.
func (m *maker) exclusions() {
	until := m.in.Month.Add(1).LastDay()
	for i := range m.st.Tenants {
		t := &m.st.Tenants[i]
		for j := range t.Exclusions {
			x := &t.Exclusions[j]
			day, err := month.ParseDay(x.Until)
			if err != nil || day < m.in.Today || day >= until || x.Used == 0 {
				continue
			}
			r := Row{Reason: Expiring, Tenant: t.ID, Name: x.ID, Products: []string{x.Product}, Until: day}
			var sum money
			for k := range m.st.Persons.Len() {
				p := m.st.Persons.Brief(k)
				if p.Tenant != t.ID || p.Product != x.Product || p.Excluded == nil || p.Excluded.ID != x.ID {
					continue
				}
				r.Units += p.Units
				price, known := m.price(p.Product)
				sum.add(price, known, p.Units)
			}
			for k := range m.st.Machines {
				p := &m.st.Machines[k]
				if p.Tenant != t.ID || p.Product != x.Product || p.Excluded == nil || p.Excluded.ID != x.ID {
					continue
				}
				r.Units += p.Packs
				price, known := m.price(p.Product)
				sum.add(price, known, p.Packs)
			}
			r.Amount, r.Currency = sum.text(), sum.currency
			m.list.Rows = append(m.list.Rows, r)
		}
	}
}
