package closing

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"splameter/internal/closing/evidence"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// keepInvoice keeps an invoice, and seals the month with it where nothing else
// of its files would change by that: the review tells it, and the evidence holds
// the act and the document. Where it cannot be sealed, unsealed says why; it
// stands in the store, and in the auditor's pack beside the evidence.
func (d *Desk) keepInvoice(ctx context.Context, m month.Month, l *Life, act statement.Act) (after *Life, unsealed string, err error) {
	switch {
	case l.State != statement.Submitted || act.Revision != l.Revision:
		unsealed = "another revision was begun, and its evidence will hold it"
	case l.Retained != nil:
		unsealed = "the facts about its persons were reduced to counts"
	case l.Sealed.Program != d.Version:
		unsealed = fmt.Sprintf("it was sealed by splameter %s, and this one might write what was sent otherwise", l.Sealed.Program)
	default:
		sealing := act
		sealing.Reseal = true
		kept := false
		r, err := d.decide(ctx, m, l, sealing, true, func(*statement.Statement) error { kept = true; return nil })
		if err == nil {
			return r.Life, "", nil
		}
		if kept {
			return nil, "", err
		}
		unsealed = err.Error()
	}
	err = d.Store.Record(ctx, []statement.Act{act}, nil, false)
	return l.with(act), unsealed, err
}

// checkInvoices holds what each invoice of a pack's acts is said to differ in
// against its lines and the month's.
func (r *recount) checkInvoices(l *Life) error {
	for i := range l.Acts {
		a := &l.Acts[i]
		if a.Action != statement.ActInvoice || a.Revision != r.pack.Manifest.Revision {
			continue
		}
		want, err := indented(CompareInvoice(r.st, LifeOf(l.Month, l.Acts[:i+1]).Invoiced()).Differences)
		if err != nil {
			return err
		}
		got, err := indented(a.Differences)
		if err != nil {
			return err
		}
		if bytes.Equal(want, got) {
			continue
		}
		what := fmt.Sprintf("what act %d says of the reseller's invoice of %s is not what its lines and the month's give", a.Seq, safetext.Clip(a.On, 20))
		if r.out.Program == "" {
			return r.failed(actsMember, "%s", what)
		}
		r.out.Doubts = append(r.out.Doubts, what)
	}
	return nil
}

// InvoicesIn are the reseller's invoices that a pack's acts hold, latest last.
func InvoicesIn(p *evidence.Pack) ([]statement.Act, error) {
	if IsAudit(p) || !p.Has(actsMember) {
		return nil, nil
	}
	var acts []statement.Act
	if err := readJSON(p, actsMember, &acts); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(acts, func(a statement.Act) bool { return a.Action != statement.ActInvoice }), nil
}
