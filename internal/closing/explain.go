package closing

import (
	"context"
	"fmt"

	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/rules"
)

// Explain picks one number out of a month: a sealed one is explained from its
// sealed facts and settings, whatever the store and the config say today.
// sealed says that it was.
func (d *Desk) Explain(ctx context.Context, m month.Month, tenant, product, person string) (x *rules.Explanation, sealed bool, err error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, false, err
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
