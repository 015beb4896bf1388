package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"splameter/internal/closing/monthend"
	"splameter/internal/diag"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/rules"
)

type explainCmd struct {
	Month    string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Tenant   string `help:"The tenant's id or name; unassigned or shared for what belongs to none. Without it: the total, tenant by tenant." placeholder:"ID"`
	Product  string `help:"The product's id, or its part number. Without it: every product." placeholder:"ID"`
	Person   string `help:"Only this person: account name, UPN or display name. Without tenant or product: all that the person is counted for." placeholder:"NAME"`
	Revision int    `help:"A revision of the month, from 0. Default: the last." default:"-1"`
	JSON     bool   `help:"Print JSON." name:"json"`
}

func (explainCmd) Help() string {
	return `From the number down to its persons or machines: the group path or host that
gave access, the first and last day seen, and the file and record that say so;
with the rules and the price that made it. Any cell of any file: the total of a
part number tenant by tenant, all lines of a tenant, one line, one person, and
each of them in an earlier revision.

Examples:
  splameter explain --month 2026-10
  splameter explain --month 2026-10 --product 6WC-00002
  splameter explain --month 2026-10 --tenant bakkerij
  splameter explain --month 2026-10 --tenant bakkerij --product rds
  splameter explain --month 2026-10 --tenant bakkerij --product rds --person jjansen
  splameter explain --month 2026-10 --person "Jan Jansen"
  splameter explain --month 2026-10 --tenant bakkerij --product rds --revision 0
  splameter explain --month 2026-10 --tenant unassigned --product office-std --json`
}

func (c *explainCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx, c.Month)
	if err != nil {
		return err
	}
	defer s.Close()
	m := s.Months[0]
	d := s.Desk
	if c.Tenant != "" {
		c.Tenant = tenantID(s.Register, c.Tenant)
	}
	if c.Tenant == "" || c.Product == "" {
		return c.sum(ctx, a, d, m)
	}
	x, _, err := d.ExplainRevision(ctx, m, c.Revision, c.Tenant, c.Product, c.Person)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(x)
	}
	rule, price := s.Origin(x.Made, x.Product.ID, x.Line.PartNumber, m)
	a.explain(x, m.Location(), rule, price, s.Restrictions(x.Made, x.Product.ID, m))
	return nil
}

// explain prints an explanation as text.
func (a *app) explain(x *rules.Explanation, loc *time.Location, rule, price string, kept []monthend.Restriction) {
	l := &x.Line
	quantity := diag.Several(l.Quantity, map[statement.Unit]string{statement.UnitUser: "person", statement.UnitDevice: "device", statement.UnitCore: "pack"}[l.Unit])
	if x.Unread {
		quantity = "not known, nothing was read"
	}
	a.printf("%s %s, %s: %s", clean(x.Month), clean(x.Tenant), clean(x.Product.Label("en")), quantity)
	if l.PartNumber != "" {
		a.printf(" (%s)", clean(l.PartNumber))
	}
	a.printf("\n")
	if x.Status != statement.Complete {
		accepted := 0
		for i := range x.Gaps {
			if x.Gaps[i].Accepted != "" {
				accepted++
			}
		}
		note := ""
		if accepted > 0 {
			note = fmt.Sprintf(", %d accepted", accepted)
		}
		a.printf("The month is incomplete: %s%s, see splameter report.\n", diag.Several(len(x.Gaps), "gap"), note)
	}
	switch {
	case x.Unread:
		if l.Compared {
			a.printf("last month %d\n", l.Previous)
		}
	default:
		if l.Unit == statement.UnitUser {
			a.printf("%d of them active, ", l.Active)
		}
		a.printf("%d excluded", l.Excluded)
		if l.Between > 0 {
			a.printf(", %d by access between two readings alone", l.Between)
		}
		if l.Compared {
			a.printf("; last month %d, added %d, removed %d", l.Previous, l.Added, l.Removed)
		}
		a.printf("\n")
	}
	if l.Manual != "" {
		a.printf("corrected by hand by %+d: %s\n", l.Correction, clean(l.Manual))
	}
	for _, change := range l.Changes {
		for _, n := range []int{change.Added, -change.Removed} {
			if n != 0 {
				a.printf("  %+d %s\n", n, because(change.Cause, change.Detail, change.Day))
			}
		}
	}
	if x.Made.Rules != "" || x.Made.RulesHash != "" {
		a.printf("rule: %s in the rules of version %s (SHA-256 %.16s)\n", clean(x.Product.ID), clean(x.Made.Rules), x.Made.RulesHash)
		if rule != "" {
			a.printf("  stands in %s\n", clean(rule))
		}
		for _, r := range kept {
			a.printf("  in pool %s kept to %s by %s; document: %s\n", clean(r.Pool), clean(strings.Join(r.Groups, ", ")), clean(r.Control), clean(cmp.Or(r.Document, "none")))
		}
	}
	if l.UnitPrice != "" {
		a.printf("price: %s of part number %s is %s %s; %d × %s = %s (price file, SHA-256 %.16s)\n", l.Unit, clean(l.PartNumber), l.Currency, l.UnitPrice, l.Quantity, l.UnitPrice, l.Amount, x.Made.PriceHash)
		if price != "" {
			a.printf("  stands in %s\n", clean(price))
		}
	} else {
		a.printf("price: not known\n")
	}
	for i := range x.Persons {
		a.explainPerson(&x.Persons[i], loc)
	}
	for i := range x.Machines {
		a.explainMachine(&x.Machines[i])
	}
	for _, n := range x.Absent {
		a.printf("\n%s is not counted here: %s\n", clean(n.Account), n.Statement)
		a.printf("  tenant %s; seen from %s to %s; enabled: %v\n", clean(n.Tenant), n.Seen[0], n.Seen[1], n.Enabled)
		if len(n.Groups) > 0 {
			a.printf("  in groups: %s\n", clean(strings.Join(n.Groups, ", ")))
		}
		a.printf("  read in %s\n", place(n.At))
	}
	for _, f := range x.Notes {
		a.printf("\n%s (%s): %s\n  %s\n", f.Code, f.Severity, clean(f.Message), clean(f.Action))
	}
}

func (a *app) explainPerson(p *statement.Person, loc *time.Location) {
	var names []string
	for _, acc := range p.Accounts {
		names = append(names, acc.Name)
	}
	a.printf("\n%s (%s)", clean(p.Name), clean(strings.Join(names, ", ")))
	if p.Units != 1 {
		a.printf(", counts as %d persons", p.Units)
	}
	a.printf("\n")
	if x := p.Excluded; x != nil {
		a.printf("  not reported: exclusion %s, %s, %s\n", clean(x.ID), x.Ground, clean(x.Document))
	}
	a.printf("  entitled from %s to %s, %s\n", p.First, p.Last, clean(via(&p.Via)))
	if b := p.Between; b != nil {
		a.printf("    member %s; between two readings\n", clean(b.Sentence(loc)))
	}
	if p.Via.Group != (snapshot.Evidence{}) {
		a.printf("    membership read in %s\n", place(p.Via.Group))
	}
	if p.Via.Install != (snapshot.Evidence{}) {
		a.printf("    %s on %s read in %s\n", clean(p.Via.Application), clean(p.Via.Host), place(p.Via.Install))
	}
	if s := p.Session; s != nil {
		a.printf("  active: %s event %d on %s at %s", s.Channel, s.EventID, clean(s.Host), s.Time.UTC().Format("2006-01-02 15:04:05Z"))
		if s.Note != "" {
			a.printf(" (%s)", s.Note)
		}
		a.printf(", %s\n", place(s.Evidence))
	} else {
		a.printf("  no session seen this month\n")
	}
}

func (a *app) explainMachine(m *statement.Machine) {
	a.printf("\n%s: %s\n", clean(m.Host), diag.Several(m.Packs, "pack"))
	if x := m.Excluded; x != nil {
		a.printf("  not reported: exclusion %s, %s, %s\n", clean(x.ID), x.Ground, clean(x.Document))
	}
	a.printf("  %s, %d cores", clean(m.Edition), m.Cores)
	if m.Minimum > 0 {
		a.printf(", at least %d", m.Minimum)
	}
	if m.Times > 1 {
		a.printf(", %d times (Windows guests: %s)", m.Times, clean(strings.Join(m.Guests, ", ")))
	}
	a.printf("\n  seen from %s to %s, read in %s\n", m.First, m.Last, place(m.At))
	if m.Note != "" {
		a.printf("  %s\n", clean(m.Note))
	}
}

// via says in words what gave access.
func via(b *statement.Basis) string {
	path := strings.Join(b.Path, " > ")
	switch b.Kind {
	case statement.ByGroup:
		return "through group " + path
	case statement.ByPool:
		return fmt.Sprintf("may log on to pool %s, through group %s", b.Pool, path)
	case statement.ByInstalled:
		return fmt.Sprintf("%s is installed on %s in pool %s, to which group %s may log on", b.Application, b.Host, b.Pool, path)
	case statement.ByAttribute:
		return "by attribute " + b.Attribute
	case statement.ByWith:
		return "as part of " + b.Product
	}
	return string(b.Kind)
}

// place is where something was read.
func place(e snapshot.Evidence) string {
	s := clean(e.File)
	if s == "" {
		s = "the live directory"
	}
	switch {
	case e.Record > 0:
		s += fmt.Sprintf(", record %d", e.Record)
	case e.Line > 0:
		s += fmt.Sprintf(", line %d", e.Line)
	}
	return s
}
