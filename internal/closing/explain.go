package closing

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	if x, err = d.explainCounted(ctx, l, l.Revision, l.Sealed, tenant, product, person); x != nil || err != nil {
		return x, true, err
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
	if x, err := d.explainCounted(ctx, l, revision, seal, tenant, product, person); x != nil || err != nil {
		return x, err
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

// explainCounted picks a number out of the sealed statement and the sealed list
// of who and what was counted: what is behind one number stands there, and
// counting a large month again takes a hundred times as long. It is nil where
// that does not answer: nothing was sealed, or somebody is asked for who is not
// in the list by that name, or the list has the form of an older version.
func (d *Desk) explainCounted(ctx context.Context, l *Life, revision int, seal *statement.Act, tenant, product, person string) (*rules.Explanation, error) {
	if seal == nil {
		return nil, nil
	}
	in, err := d.sealedParts(ctx, l.Month, revision, seal)
	if err != nil {
		return nil, err
	}
	defer in.close()
	st, err := in.counted(tenant)
	if errors.Is(err, errOtherForm) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if strings.Contains(person, "@") { // a UPN stands in the facts alone
		if err := in.readSealedFacts(); err != nil {
			return nil, err
		}
	}
	x, err := rules.ExplainCounted(st, in.setup.Register, in.facts, tenant, product, person)
	if err != nil || person != "" && len(x.Persons) == 0 {
		return nil, err
	}
	return x, nil
}

// counted is the sealed statement with the persons and machines of one tenant.
func (in *inputs) counted(tenant string) (*statement.Statement, error) {
	if err := in.readStatement(); err != nil {
		return nil, err
	}
	tenant = rules.KnownTenant(tenant)
	for i := range in.statement.Tenants {
		if id := in.statement.Tenants[i].ID; strings.EqualFold(id, tenant) {
			tenant = id // as the table writes it
		}
	}
	return in.statement, tenantCounted(in.pack, in.statement, tenant)
}

// readSealedFacts reads the facts, where a pack was opened without them.
func (in *inputs) readSealedFacts() error {
	x, err := in.pack.Member(factsMember)
	if err != nil {
		return err
	}
	return in.readFacts(&x)
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
