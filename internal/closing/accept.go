package closing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// Choice says which gaps and findings of a month are meant together: those of
// one kind or code, of everybody or of one tenant.
type Choice struct {
	Code   string                 // of findings
	Kind   statement.CoverageKind // of gaps
	Tenant string                 // empty: of all, and of none
}

// Open are the gaps and findings of a statement that a choice means and that
// nobody accepted.
func (c Choice) Open(st *statement.Statement) (gaps []*statement.Gap, findings []*statement.Finding) {
	for i := range st.Coverage.Gaps {
		g := &st.Coverage.Gaps[i]
		if c.Kind != "" && g.Kind == c.Kind && g.Accepted == "" && (c.Tenant == "" || g.Tenant == c.Tenant) {
			gaps = append(gaps, g)
		}
	}
	for i := range st.Findings {
		f := &st.Findings[i]
		if c.Code != "" && strings.EqualFold(f.Code, c.Code) && f.Accepted == "" && (c.Tenant == "" || f.Tenant == c.Tenant) {
			findings = append(findings, f)
		}
	}
	return gaps, findings
}

// AcceptAll takes gaps and findings for known, each by its own key and all with
// one reason, in one step: nothing that comes later is among them. Each key
// must be one of the month's.
func (d *Desk) AcceptAll(ctx context.Context, m month.Month, gaps, findings []string, who Act) (*Result, error) {
	if err := need("accept findings of", who, true); err != nil {
		return nil, err
	}
	if len(gaps)+len(findings) == 0 {
		return nil, fmt.Errorf("nothing of %s is to be accepted by that", m)
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	next, acts := l, []statement.Act(nil)
	add := func(action statement.ActKind, set func(*statement.Act)) error {
		act := d.act(next, action, who)
		act.Request = "" // each is known by what it asks for
		set(&act)
		var repeated *Repeated
		if err := l.once(&act); errors.As(err, &repeated) {
			return nil // accepted already
		} else if err != nil {
			return err
		}
		next, acts = next.with(act), append(acts, act)
		return nil
	}
	for _, k := range gaps {
		if err := add(statement.ActAccept, func(a *statement.Act) { a.Gap = k }); err != nil {
			return nil, err
		}
	}
	for _, k := range findings {
		if err := add(statement.ActFinding, func(a *statement.Act) { a.Finding = k }); err != nil {
			return nil, err
		}
	}
	if len(acts) == 0 {
		return nil, fmt.Errorf("all of that was accepted before in %s", m)
	}
	r, err := d.changeAll(ctx, m, l, acts, func(st *statement.Statement) error {
		known := map[string]bool{}
		for i := range st.Coverage.Gaps {
			known["gap "+st.Coverage.Gaps[i].Key()] = true
		}
		for i := range st.Findings {
			known["finding "+st.Findings[i].DecisionKey()] = true
		}
		for i := range acts {
			if a := &acts[i]; !known["gap "+a.Gap] && !known["finding "+a.Finding] {
				return fmt.Errorf("%s changed meanwhile: it has no %s%s any more; look again, and accept what is there", m, a.Gap, a.Finding)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accept what is known of %s: %w", m, err)
	}
	return r, nil
}
