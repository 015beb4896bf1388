package closing

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/report"
)

// reach are the programs that hosts had, and the persons who could reach them.
func (x *drill) reach(ctx context.Context, d *drilled) error {
	st, err := d.count(ctx, d.life.decisions())
	if err != nil {
		return err
	}
	m := d.month.String()
	for i := range st.Applications {
		a := &st.Applications[i]
		if a.Product == "" && !a.Licensable {
			continue
		}
		x.add("programs", m, a.Host, a.Name, a.Version, a.Edition, a.Product, a.Pool, a.Reach, a.First, a.Last)
	}
	for i := range d.counted.Persons {
		p := &d.counted.Persons[i]
		var accounts []string
		for j := range p.Accounts {
			accounts = append(accounts, x.mask.mask("account", p.Accounts[j].ID))
		}
		var way statement.Way
		if p.Via.Way != nil {
			way = *p.Via.Way
		}
		x.add("persons", m, p.Product, way.Pool, way.Host, p.Tenant, x.mask.mask("person", p.Key), strings.Join(accounts, "; "), way.Kind,
			strings.Join(way.Path, " > "), p.First, p.Last, p.Units, x.excluded(p.Excluded))
	}
	x.gaps(d, statement.CoverageInventory, statement.CoverageDirectory, statement.CoverageGroup, statement.CoverageUnit, statement.CoveragePersons, statement.CoverageAttribute)
	return nil
}

// cores are the machines of the month, as they were read, and what was counted
// of them.
func (x *drill) cores(_ context.Context, d *drilled) error {
	m := d.month.String()
	for i := range d.facts.Machines {
		h := &d.facts.Machines[i]
		cores := any(nil)
		if h.Processors > 0 && h.CoresPerProcessor > 0 {
			cores = h.Processors * h.CoresPerProcessor
		}
		x.add("machines", m, h.Host, closed(h.Kind), known(h.Processors), known(h.CoresPerProcessor), cores, known(h.VirtualCores), h.Parent, systemName(h.OperatingSystem),
			closed(h.WindowsLicence), closed(h.SQLEdition), closed(h.SQLLicence), h.First, h.Last)
	}
	for i := range d.counted.Machines {
		c := &d.counted.Machines[i]
		x.add("counted", m, c.Product, c.Host, c.Edition, c.Cores, known(c.Minimum), known(c.Times), c.Packs, x.excluded(c.Excluded), c.First, c.Last)
	}
	x.gaps(d, statement.CoverageMachines)
	for i := range d.statement.Questions {
		q := &d.statement.Questions[i]
		if q.Open() && (q.Kind == statement.AskMachine || q.Kind == statement.AskEdition || q.Kind == statement.AskEngine) {
			x.lack(d.month, "question", d.names.of(q.Subject), "", "")
		}
	}
	return nil
}

// known is a number that a source told; nothing where it did not.
func known(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

var (
	oneWord = lazyregexp.New(`^[a-z-]{1,20}$`)
	system  = lazyregexp.New(`(?i)^(microsoft )?windows( server)?( [0-9]{2,4})?( r2)?( (standard|datacenter|essentials|enterprise|pro|azure edition|core))*$`)
)

// closed is a value of a closed list, such as physical; others were written by
// somebody.
func closed[T ~string](word T) string {
	s := string(word)
	if s == "" || oneWord().MatchString(strings.ToLower(s)) {
		return s
	}
	return withheld(s)
}

// systemName is an operating system's name, where it is one of Microsoft's.
func systemName(s string) string {
	if s == "" || system().MatchString(strings.TrimSpace(s)) {
		return s
	}
	return withheld(s)
}

// ownLicences are the entries that say what customers own, as far as they were
// in force in the month, and the machines that run on a customer's licence.
func (x *drill) ownLicences(_ context.Context, d *drilled) error {
	used := map[string]int{}
	for i := range d.statement.Tenants {
		for _, e := range d.statement.Tenants[i].Exclusions {
			used[e.ID] += e.Used
		}
	}
	first, last := d.month.FirstDay(), d.month.LastDay()
	for i := range d.setup.Register.Exclusions {
		e := &d.setup.Register.Exclusions[i]
		switch e.Ground {
		case register.CustomerOwned, register.FlexibleVirtual, register.LicenseMobility:
		default:
			continue
		}
		if e.From.Set && e.From.Day > last || e.Until.Set && e.Until.Day < first {
			continue
		}
		allowed := any(nil)
		if e.Limited {
			allowed = e.Quantity
		}
		id := x.mask.mask("exclusion", e.ID)
		x.add("entries", d.month.String(), e.Tenant, e.Product, string(e.Ground), id, x.document(e.Document), allowed, used[e.ID], drillDay(e.From), drillDay(e.Until))
		if strings.TrimSpace(e.Document) == "" {
			x.lack(d.month, "document", id, "", "")
		}
	}
	for i := range d.facts.Machines {
		h := &d.facts.Machines[i]
		if h.SQLLicence == snapshot.SQLCustomer || h.WindowsLicence == snapshot.WindowsCustomer {
			x.add("own-machines", d.month.String(), h.Host, h.Tenant, closed(h.WindowsLicence), closed(h.SQLLicence), h.First, h.Last)
		}
	}
	return nil
}

// customers are the customers that used anything, with country and terms.
func (x *drill) customers(_ context.Context, d *drilled) error {
	for i := range d.statement.Tenants {
		t := &d.statement.Tenants[i]
		if t.Internal || t.ID == register.Unassigned || t.ID == register.Shared || !slices.ContainsFunc(t.Lines, func(l statement.Line) bool { return l.Quantity > 0 || l.Excluded > 0 }) {
			continue
		}
		r := d.setup.Register.Tenant(t.ID)
		if r == nil {
			r = &register.Tenant{}
		}
		x.add("terms", d.month.String(), t.ID, t.Name, r.Country, drillDay(r.TermsSigned), x.document(r.TermsDocument))
		if !r.TermsSigned.Set {
			x.lack(d.month, "terms", t.ID, "", "")
		} else if strings.TrimSpace(r.TermsDocument) == "" {
			x.lack(d.month, "document", t.ID, "", "")
		}
	}
	return nil
}

// firstUses are the first months of each customer and product.
type firstUses struct {
	order []string
	rows  map[string]*firstUse
	names map[string]string
}

type firstUse struct {
	tenant, product, source string
	month                   month.Month
	day                     month.Day
	quantity                int
}

// month takes a month that comes after those before; first are the days on
// which somebody or something was first seen, by tenant and product.
func (f *firstUses) month(m month.Month, st *statement.Statement, first map[string]month.Day) {
	if f.rows == nil {
		f.rows, f.names = map[string]*firstUse{}, map[string]string{}
	}
	for i := range st.Tenants {
		t := &st.Tenants[i]
		f.names[t.ID] = t.Name
		for j := range t.Lines {
			l := &t.Lines[j]
			key := t.ID + "\x00" + l.Product
			if l.Quantity+l.Excluded == 0 || f.rows[key] != nil {
				continue
			}
			u := &firstUse{tenant: t.ID, product: l.Product, source: "counted", month: m, day: first[key], quantity: l.Quantity}
			if first == nil {
				u.source = "imported"
			}
			f.rows[key], f.order = u, append(f.order, key)
		}
	}
}

// used takes a sealed month into the first uses.
func (x *drill) used(_ context.Context, d *drilled) error {
	first := map[string]month.Day{}
	put := func(tenant, product string, day month.Day) {
		key := tenant + "\x00" + product
		if old, ok := first[key]; !ok || day < old {
			first[key] = day
		}
	}
	for i := range d.counted.Persons {
		put(d.counted.Persons[i].Tenant, d.counted.Persons[i].Product, d.counted.Persons[i].First)
	}
	for i := range d.counted.Machines {
		put(d.counted.Machines[i].Tenant, d.counted.Machines[i].Product, d.counted.Machines[i].First)
	}
	x.first.month(d.month, d.statement, first)
	return nil
}

// imported takes a month from before splameter; false where there is none.
func (x *drill) imported(ctx context.Context, m month.Month) (bool, error) {
	earlier, err := x.desk.Store.Earlier(ctx, m.Add(1), 1)
	if err != nil {
		return false, err
	}
	for i := range earlier {
		if earlier[i].Month == m.String() && !earlier[i].Computed {
			x.first.month(m, report.Imported(&earlier[i], x.desk.Setup.Register, x.desk.products()), nil)
			return true, nil
		}
	}
	return false, nil
}

// firstUse writes what was found, by customer and product. A first use in a
// month that follows one that is missing may have begun earlier.
func (x *drill) firstUse() {
	lost := map[int]bool{}
	for _, l := range x.out.Missing {
		if m, err := month.Parse(l.Month, x.out.Until.Location()); err == nil {
			lost[m.Number()] = true
		}
	}
	slices.SortFunc(x.first.order, cmp.Compare[string])
	for _, key := range x.first.order {
		u := x.first.rows[key]
		day := any(nil)
		if u.day != 0 {
			day = u.day
		}
		x.add("first", u.tenant, x.first.names[u.tenant], u.product, u.month.String(), day, u.quantity, report.DrillWord("value", u.source, x.desk.Setup.Config.Provider.Language))
		if lost[u.month.Number()-1] {
			x.lack(u.month, "earlier", u.tenant+" "+u.product, "", "")
		}
	}
}
