package closing

import (
	"context"
	"errors"
	"fmt"

	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/rules"
)

// Explain picks one number out of a month: a sealed one is explained from its
// sealed facts and settings, whatever the store and the config say today.
// sealed says that it was.
func (d *Desk) Explain(ctx context.Context, m month.Month, tenant, product, person string) (x *rules.Explanation, sealed bool, err error) {
	return d.ExplainRevision(ctx, m, -1, tenant, product, person)
}

// ExplainRevision is Explain of an earlier revision, from what was sealed with
// it; -1 is the one that is worked on.
func (d *Desk) ExplainRevision(ctx context.Context, m month.Month, revision int, tenant, product, person string) (x *rules.Explanation, sealed bool, err error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, false, err
	}
	if revision >= 0 && revision != l.Revision {
		x, err := d.explainSealed(ctx, l, revision, tenant, product, person)
		return x, true, err
	}
	if l.Retained != nil {
		return nil, true, fmt.Errorf("%s cannot be explained by name any more: the facts about its persons were reduced to counts", m)
	}
	if l.Sealed == nil && l.Revision == 0 {
		x, err = monthend.Explain(ctx, d.Store, d.Setup, m, tenant, product, person,
			monthend.Options{Version: d.Version, Corrections: l.Corrections(), Accepted: l.Accepted(), Findings: l.AcceptedFindings()})
		return x, false, err
	}
	var in *inputs
	if l.Sealed != nil {
		in, err = d.sealed(ctx, l.Month, l.Revision, l.Sealed)
	} else { // an amendment that is not closed yet
		in, err = d.gather(ctx, m, l)
	}
	if err != nil {
		return nil, true, err
	}
	defer in.close()
	dec := l.decisions()
	x, err = in.setup.ExplainFacts(ctx, in.facts, in.earlier, tenant, product, person, monthend.Options{Version: in.made.Program,
		State: dec.State, Revision: dec.Revision, Corrections: dec.Corrections, Accepted: dec.Accepted, Findings: dec.Findings})
	return x, l.Sealed != nil, err
}

// explainSealed picks a number out of an earlier revision, counted as it was
// sealed.
func (d *Desk) explainSealed(ctx context.Context, l *Life, revision int, tenant, product, person string) (*rules.Explanation, error) {
	seal := l.sealOf(revision)
	if seal == nil || l.Retained != nil {
		return nil, fmt.Errorf("revision %d of %s cannot be explained: %s", revision, l.Month, map[bool]string{true: "the facts about its persons were reduced to counts", false: "there is none"}[l.Retained != nil])
	}
	in, err := d.sealed(ctx, l.Month, revision, seal)
	if err != nil {
		return nil, err
	}
	defer in.close()
	var dec decisions
	if err := readJSON(in.pack, optionsMember, &dec); err != nil {
		return nil, err
	}
	return in.setup.ExplainFacts(ctx, in.facts, in.earlier, tenant, product, person, monthend.Options{Version: in.made.Program,
		State: dec.State, Revision: dec.Revision, Corrections: dec.Corrections, Accepted: dec.Accepted, Findings: dec.Findings})
}

// Counted is a month's kept result in a revision; -1 is the last that was
// counted.
func (d *Desk) Counted(ctx context.Context, m month.Month, revision int) (*statement.Statement, error) {
	if revision < 0 {
		t, err := d.Issued(ctx, m, false)
		if err != nil {
			return nil, err
		}
		t.Close()
		return t.Statement, nil
	}
	st, err := d.result(ctx, m.String(), revision)
	if errors.Is(err, store.ErrNone) {
		return nil, fmt.Errorf("%s has no revision %d", m, revision)
	}
	return st, err
}
