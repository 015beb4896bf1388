package closing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/report"
)

// Drill answers one of the questions that an auditor asks, of months, or of one
// day where the question is of a day. It is answered from sealed months alone,
// and names no person: what evidence withholds when it is masked is withheld
// here. What the answer lacks stands beside it.
func (d *Desk) Drill(ctx context.Context, q *report.Drill, from, until month.Month, on month.Day) (*report.DrillAnswer, error) {
	ask := drillers[q.Name]
	if ask == nil {
		return nil, fmt.Errorf("there is no question %q; splameter drill lists them", q.Name)
	}
	key, err := d.Store.MaskKey(ctx)
	if err != nil {
		return nil, err
	}
	x := &drill{desk: d, mask: masker{key: key}, on: on, out: &report.DrillAnswer{Drill: q, Until: until, Rows: map[string][][]any{}}}
	if x.out.Span = from.String() + " – " + until.String(); q.OfDay {
		x.out.Span = on.String()
	} else if from.Number() == until.Number() {
		x.out.Span = from.String()
	}
	for m := from; m.Number() <= until.Number(); m = m.Add(1) {
		if err := x.month(ctx, m, ask); err != nil {
			return nil, fmt.Errorf("answer %s from %s: %w", q.Name, m, err)
		}
		d.step(m.String())
	}
	if q.Name == "first-use" {
		x.firstUse()
	}
	return x.out, nil
}

// drillers are what answers each question from one month; a test holds them
// against the table of questions.
var drillers = map[string]func(*drill, context.Context, *drilled) error{
	"accounts": (*drill).accounts, "reach": (*drill).reach, "cores": (*drill).cores, "own-licences": (*drill).ownLicences,
	"first-use": (*drill).used, "customers": (*drill).customers,
}

// drill is one question being answered.
type drill struct {
	desk  *Desk
	mask  masker
	on    month.Day
	out   *report.DrillAnswer
	first firstUses
}

// drilled is one sealed month that is asked.
type drilled struct {
	*inputs
	month   month.Month
	life    *Life
	names   *auditNames
	counted struct {
		Persons  []statement.Person
		Machines []statement.Machine
	}
}

func (x *drill) add(sheet string, row ...any) {
	x.out.Rows[sheet] = append(x.out.Rows[sheet], row)
}

func (x *drill) lack(m month.Month, what, subject, from, until string) {
	x.out.Missing = append(x.out.Missing, report.DrillLack{Month: m.String(), What: what, Subject: subject, From: from, Until: until})
}

// month asks one month; one that was not sealed, or was reduced, is missing.
func (x *drill) month(ctx context.Context, m month.Month, ask func(*drill, context.Context, *drilled) error) error {
	l, err := x.desk.Life(ctx, m)
	if err != nil {
		return err
	}
	revision, seal := l.Revision, l.Sealed
	if seal == nil {
		revision, seal = revision-1, l.Before
	}
	if seal == nil {
		if x.out.Drill.Name == "first-use" {
			found, err := x.imported(ctx, m)
			if err != nil || found {
				return err
			}
		}
		x.lack(m, "not-sealed", "", "", "")
		return nil
	}
	if l.Retained != nil {
		x.lack(m, "reduced", "", "", "")
		if x.out.Drill.Name != "first-use" {
			return nil
		}
		st, err := x.desk.reducedTotals(ctx, l, revision)
		if err == nil {
			x.first.month(m, st, nil)
		}
		return err
	}
	in, err := x.desk.sealed(ctx, l.Month, revision, seal)
	if err != nil {
		return err
	}
	defer in.close()
	d := &drilled{inputs: in, month: m, life: l, names: x.mask.names(in, nil)}
	if err := readJSON(in.pack, countedMember, &d.counted); err != nil {
		return err
	}
	x.know(in.statement.Products)
	return ask(x, ctx, d)
}

func (x *drill) know(more []statement.Product) {
	for i := range more {
		if !slices.ContainsFunc(x.out.Products, func(p statement.Product) bool { return p.ID == more[i].ID }) {
			x.out.Products = append(x.out.Products, more[i])
		}
	}
}

// reducedTotals are what retention left of a month.
func (d *Desk) reducedTotals(ctx context.Context, l *Life, revision int) (*statement.Statement, error) {
	path := d.Pack(l.Month, revision)
	pack, err := evidence.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer pack.Close()
	if pack.Digest != l.sealOf(revision).Manifest {
		return nil, notSealed(path, l.Month)
	}
	st := &statement.Statement{}
	return st, readJSON(pack, totalsMember, st)
}

// gaps tells those gaps of a month that the answer suffers from.
func (x *drill) gaps(d *drilled, kinds ...statement.CoverageKind) {
	for i := range d.statement.Coverage.Gaps {
		g := &d.statement.Coverage.Gaps[i]
		if !slices.Contains(kinds, g.Kind) {
			continue
		}
		subject := g.Source
		if g.Host != "" {
			subject = g.Host
		} else if g.Tenant != "" {
			subject = g.Tenant
		}
		x.lack(d.month, "gap", subject, g.From, g.Until)
	}
}

// document is a document's mask: its name is a text that somebody wrote.
func (x *drill) document(s string) string { return x.mask.mask("document", strings.TrimSpace(s)) }

// day is a day of a cell; nil where there is none.
func drillDay(d month.OptionalDay) any {
	if !d.Set {
		return nil
	}
	return d.Day
}

// out is an exclusion in a cell; nil where there is none.
func (x *drill) excluded(e *statement.Exclusion) any {
	if e == nil {
		return nil
	}
	return string(e.Ground) + " " + x.mask.mask("exclusion", e.ID)
}
