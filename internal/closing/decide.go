package closing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register/tables"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// decide keeps an act and then writes what it makes of the sealed inputs. With
// same, the act may not change any line: it is about the month as it was
// sealed. check looks at what would come of it, before anything is kept.
func (d *Desk) decide(ctx context.Context, m month.Month, l *Life, act statement.Act, same bool, check func(*statement.Statement) error) (*Result, error) {
	return d.decideAll(ctx, m, l, []statement.Act{act}, same, check)
}

// decideAll is decide for several acts that are kept together, or not at all.
func (d *Desk) decideAll(ctx context.Context, m month.Month, l *Life, acts []statement.Act, same bool, check func(*statement.Statement) error) (*Result, error) {
	in, err := d.sealed(ctx, l.Month, l.Revision, l.Sealed)
	if err != nil {
		return nil, err
	}
	defer in.close()
	after := l.with(acts...)
	d.step("compute")
	st, err := in.evaluate(ctx, after)
	if err != nil {
		return nil, err
	}
	if same {
		if err := sameLines(in, st); err != nil {
			return nil, err
		}
	}
	if check != nil {
		if err := check(st); err != nil {
			return nil, err
		}
	}
	d.step("keep the act")
	if err := d.Store.Record(ctx, acts, nil, false); err != nil {
		return nil, err
	}
	return d.seal(ctx, m, after, after, in, st, d.act(after, statement.ActSeal, Act{}), after.State == statement.Submitted)
}

// sameLines refuses to decide on a month that this program counts otherwise
// than the one that sealed it.
func sameLines(in *inputs, st *statement.Statement) error {
	a, b := in.statement, st
	var wrong []string
	for _, x := range Compare(a, b) {
		wrong = append(wrong, fmt.Sprintf("%s %d became %d", x.PartNumber, x.Was, x.Is))
	}
	if len(wrong) == 0 && a.Basis != b.Basis {
		wrong = []string{"the quantities are the same, and who stands behind them is not"}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("this splameter counts the sealed facts of %s otherwise than the one that closed it (%s): close the month again, or amend it where it was approved",
			st.Month, strings.Join(wrong, ", "))
	}
	return nil
}

// Submission is how a month was handed in.
type Submission struct {
	Act
	Reference  string
	On         month.OptionalDay        // empty: today
	Attach     string                   // a file
	Quantities string                   // a file: what was typed into the portal
	Typed      []statement.PartQuantity // in its place: the same, as it was typed
}

// Submit records that the approved month was handed to the reseller. From
// then on it stays as it is.
func (d *Desk) Submit(ctx context.Context, m month.Month, s Submission) (*Result, error) {
	if err := need("submit", s.Act, false); err != nil {
		return nil, err
	}
	typed, err := quantities(s.Quantities)
	if err != nil {
		return nil, err
	}
	if s.Typed != nil {
		typed = s.Typed
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := d.repeated(l, statement.ActSubmit); err != nil {
		return nil, err
	}
	switch {
	case l.State == statement.Submitted:
		return nil, l.cannot("submitted again", "to correct it, begin a new revision with splameter amend")
	case l.State != statement.Approved:
		return nil, l.cannot("submitted", "close and approve it first")
	case d.Setup.Config.FourEyes:
		if err := d.otherEyes(l.Approval, s.By); err != nil {
			return nil, fmt.Errorf("submit %s: %w", m, err)
		}
	}
	act := d.act(l, statement.ActSubmit, s.Act)
	act.Reference, act.Quantities = strings.TrimSpace(s.Reference), typed
	day := month.DayOf(d.Now(), m.Location())
	if s.On.Set {
		day = s.On.Day
		if err := d.plausible(m, "handed in", "--on", day); err != nil {
			return nil, err
		}
	}
	act.On = day.String()
	if act.Attachment, err = d.attach(l.Month, s.Attach); err != nil {
		return nil, err
	}
	r, err := d.decide(ctx, m, l, act, true, func(st *statement.Statement) error {
		if s.Quantities == "" && s.Typed == nil {
			return nil
		}
		return refuse(m, CompareQuantities(st, typed))
	})
	if err != nil {
		return nil, fmt.Errorf("submit %s: %w", m, err)
	}
	return r, nil
}

// plausible refuses a day that can only be mistyped, and would stand for ever:
// nothing of a month is handed in or invoiced before it is over, or dated more
// than a month ahead.
func (d *Desk) plausible(m month.Month, what, flag string, day month.Day) error {
	why := ""
	switch {
	case day <= m.LastDay():
		why = "it was not over then"
	case day > month.DayOf(d.Now(), m.Location())+31:
		why = "that is more than a month ahead"
	default:
		return nil
	}
	return fmt.Errorf("%s cannot have been %s on %s: %s; correct %s", m, what, day, why, flag)
}

// refuse lists every quantity that was typed otherwise than approved.
func refuse(m month.Month, diff []Difference) error {
	if len(diff) == 0 {
		return nil
	}
	var lines []string
	for _, x := range diff {
		lines = append(lines, fmt.Sprintf("  %s: approved %d, typed %d", x.PartNumber, x.Was, x.Is))
	}
	return fmt.Errorf("what was typed into the portal differs from the approved report of %s; nothing was kept:\n%s\ncorrect it in the portal, or amend the month", m, strings.Join(lines, "\n"))
}

func quantities(path string) ([]statement.PartQuantity, error) {
	if path == "" {
		return nil, nil
	}
	q, faults := tables.Quantities(path)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return q, nil
}

// sameName compares names as people write them.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// otherEyes refuses whoever approved: by the account that the system or the
// directory knows, which nobody types, and by the name as well.
func (d *Desk) otherEyes(approval *statement.Act, by string) error {
	switch {
	case d.Account == "" || approval.Account == "":
		return errors.New("four_eyes compares accounts, and it is not known under which account this runs, or under which the month was approved")
	case strings.EqualFold(d.Account, approval.Account):
		return fmt.Errorf("the account %s approved it, for %s, and four_eyes asks for somebody else, under an account of their own, to submit it", approval.Account, approval.By)
	case sameName(approval.By, by):
		return fmt.Errorf("%s approved it, and four_eyes asks for somebody else to submit it", approval.By)
	}
	return nil
}

// Amend begins a new revision of an approved or submitted month. today says
// that it is to be counted with today's config, rules, tables and prices, in
// place of those sealed with the month.
func (d *Desk) Amend(ctx context.Context, m month.Month, who Act, today bool) (*Life, error) {
	if err := need("amend", who, true); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := d.repeated(l, statement.ActAmend); err != nil {
		return nil, err
	}
	switch {
	case l.State == statement.Open || l.State == statement.Draft:
		return nil, l.cannot("amended", "it is not approved yet, so closing it again is enough")
	case l.Retained != nil:
		return nil, l.cannot("amended", "the facts about its persons were reduced to counts")
	}
	act := d.act(l, statement.ActAmend, who)
	act.Revision, act.Today = l.Revision+1, today
	log, err := d.Store.Deliveries(ctx, l.Month)
	if err != nil {
		return nil, err
	}
	act.Told = told(log)
	if err := d.Store.Record(ctx, []statement.Act{act}, nil, false); err != nil {
		return nil, fmt.Errorf("amend %s: %w", m, err)
	}
	return l.with(act), nil
}

// told is which revision's annex each recipient got last; nothing where none was
// sent from here: a confirmation alone says nothing of the others.
func told(log []store.Delivery) (out []statement.Told) {
	if !slices.ContainsFunc(log, func(d store.Delivery) bool { return d.Action == store.DeliverySent }) {
		return nil
	}
	at := map[string]int{}
	for i := range log {
		d := &log[i]
		if d.Action != store.DeliverySent && d.Action != store.DeliveryConfirmed {
			continue
		}
		key := d.Tenant + "\x00" + d.Partner
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key], out = n, append(out, statement.Told{Tenant: d.Tenant, Partner: d.Partner})
		}
		out[n].Revision = d.Revision
	}
	slices.SortFunc(out, func(a, b statement.Told) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Partner, b.Partner))
	})
	return out
}

// Accept takes a gap of the month for known, by name and with a reason.
func (d *Desk) Accept(ctx context.Context, m month.Month, gap string, who Act) (*Result, error) {
	if err := need("accept a gap of", who, true); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	act := d.act(l, statement.ActAccept, who)
	act.Gap = gap
	if err := l.once(&act); err != nil {
		return nil, err
	}
	r, err := d.change(ctx, m, l, act, func(st *statement.Statement) error {
		var keys []string
		for i := range st.Coverage.Gaps {
			keys = append(keys, st.Coverage.Gaps[i].Key())
		}
		if slices.Contains(keys, gap) {
			return nil
		}
		if len(keys) == 0 {
			return fmt.Errorf("%s has no gap: nothing is to be accepted", m)
		}
		return fmt.Errorf("%s has no gap %q; it has:\n  %s", m, safetext.Clip(gap, 200), strings.Join(keys, "\n  "))
	})
	if err != nil {
		return nil, fmt.Errorf("accept a gap of %s: %w", m, err)
	}
	return r, nil
}

// AcceptFinding takes a finding for known, by name and with a reason, for this
// month alone: what holds for several stands in decisions.csv. It changes no
// quantity, and a finding whose number changes is open again.
func (d *Desk) AcceptFinding(ctx context.Context, m month.Month, key string, who Act) (*Result, error) {
	if err := need("accept a finding of", who, true); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	act := d.act(l, statement.ActFinding, who)
	act.Finding = key
	if err := l.once(&act); err != nil {
		return nil, err
	}
	r, err := d.change(ctx, m, l, act, func(st *statement.Statement) error {
		for i := range st.Findings {
			if st.Findings[i].DecisionKey() == key {
				return nil
			}
		}
		return fmt.Errorf("%s has no finding %q; splameter status --month %s shows the keys of those that keep it from being approved, the review workbook all", m, safetext.Clip(key, 200), m)
	})
	if err != nil {
		return nil, fmt.Errorf("accept a finding of %s: %w", m, err)
	}
	return r, nil
}

// change keeps an act that a month takes only before it is approved. A draft
// is made anew at once; an open month has nothing yet to be made anew.
func (d *Desk) change(ctx context.Context, m month.Month, l *Life, act statement.Act, check func(*statement.Statement) error) (*Result, error) {
	return d.changeAll(ctx, m, l, []statement.Act{act}, check)
}

// changeAll is change for several acts that are kept together.
func (d *Desk) changeAll(ctx context.Context, m month.Month, l *Life, acts []statement.Act, check func(*statement.Statement) error) (*Result, error) {
	switch l.State {
	case statement.Draft:
		return d.decideAll(ctx, m, l, acts, false, check)
	case statement.Open:
		in, err := d.gather(ctx, m, l)
		if err != nil {
			return nil, err
		}
		after := l.with(acts...)
		st, err := in.evaluate(ctx, after)
		if err == nil {
			err = check(st)
		}
		if err == nil {
			err = d.Store.Record(ctx, acts, nil, false)
		}
		return &Result{Life: after, Statement: st}, err
	}
	return nil, l.cannot("changed", "begin a new revision with splameter amend")
}

// Correct changes one quantity by hand.
func (d *Desk) Correct(ctx context.Context, m month.Month, c statement.Correction) (*Result, error) {
	if err := need("correct", Act{c.By, c.Reason}, true); err != nil {
		return nil, err
	}
	if !slices.Contains(statement.CorrectionCodes(), c.Code) {
		return nil, fmt.Errorf("%q is no reason code; write one of %s", safetext.Clip(c.Code, 60), strings.Join(statement.CorrectionCodes(), ", "))
	}
	if c.Quantity > 1_000_000_000 || c.Quantity < -1_000_000_000 || !c.Set && c.Quantity == 0 || c.Set && c.Quantity < 0 {
		return nil, errors.New("the quantity corrects nothing, or is beyond what a month can hold; write +N, -N or =N")
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	act := d.act(l, statement.ActCorrect, Act{c.By, c.Reason})
	act.Correction = &c
	if err := l.once(&act); err != nil {
		return nil, err
	}
	r, err := d.change(ctx, m, l, act, func(st *statement.Statement) error {
		for i := range st.Tenants {
			for _, x := range st.Tenants[i].Lines {
				if st.Tenants[i].ID == c.Tenant && x.Product == c.Product && x.Manual != "" {
					return nil
				}
			}
		}
		return fmt.Errorf("the correction of %s for %s has no line to stand on", c.Product, c.Tenant)
	})
	if err != nil {
		return nil, fmt.Errorf("correct %s: %w", m, err)
	}
	return r, nil
}
