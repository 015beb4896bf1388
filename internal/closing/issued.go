package closing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
	"splameter/rules"
)

// Issued is a revision of a month as it is issued to others: what its files show,
// and the files themselves. Of persons it holds none, but see View.
type Issued struct {
	report.Input
	Life     *Life
	Revision int
	Sealed   bool // else the month is open, and may change any time
	// Today says that the register is today's: that of the time is not at hand.
	Today bool

	dir  string
	pack *evidence.Pack
}

// notCounted is a month without a result.
type notCounted struct{ month string }

func (e notCounted) Error() string {
	return fmt.Sprintf("%s was not counted yet; make it first with splameter report --month %s", e.month, e.month)
}

func (notCounted) Unwrap() error { return store.ErrNone }

// Close lets go of the revision's evidence.
func (t *Issued) Close() {
	if t.pack != nil {
		t.pack.Close()
	}
}

// Manifest is the digest of the sealed evidence; empty where there is none.
func (t *Issued) Manifest() string {
	if t.pack == nil {
		return ""
	}
	return t.pack.Digest
}

// File is one of the revision's files, by its name beneath the month's folder:
// as it was sealed where it was, whatever became of it since.
func (t *Issued) File(name string) ([]byte, error) {
	if t.pack != nil {
		return t.pack.Read(fileFolder + paths.Shown("", name))
	}
	return os.ReadFile(filepath.Join(t.dir, name))
}

// Changed says that a file in the month's folder is no longer as it was
// sealed, or gone.
func (t *Issued) Changed(name string) bool {
	if t.pack == nil {
		return false
	}
	sealed, err := t.File(name)
	if err != nil {
		return false
	}
	now, err := os.ReadFile(filepath.Join(t.dir, name))
	return err != nil || digest.Of(now) != digest.Of(sealed)
}

// settledRevision is the last revision that somebody approved, else the one
// worked on.
func (l *Life) settledRevision() int {
	if l.Revision > 0 && l.State != statement.Approved && l.State != statement.Submitted {
		return l.Revision - 1
	}
	return l.Revision
}

// Settled says whether a revision was approved.
func (l *Life) Settled(revision int) bool {
	return revision < l.Revision || l.State == statement.Approved || l.State == statement.Submitted
}

// Issued is the month in its latest revision, or with settled in the last one
// that was approved. A month without a result is an error that wraps
// store.ErrNone.
func (d *Desk) Issued(ctx context.Context, m month.Month, settled bool) (*Issued, error) {
	if err := d.Finish(ctx, m); err != nil {
		return nil, err
	}
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	t := &Issued{Life: l, Revision: l.Revision}
	if settled {
		t.Revision = l.settledRevision()
	}
	t.dir = d.Dir(m.String(), t.Revision)
	st, err := d.result(ctx, l.Month, t.Revision)
	if errors.Is(err, store.ErrNone) {
		return nil, notCounted{l.Month}
	}
	if err != nil {
		return nil, err
	}
	replaced, err := d.replaced(ctx, l.Month, t.Revision)
	if err != nil {
		return nil, err
	}
	t.Input = report.Input{Statement: st, Config: d.Setup.Config, Register: d.Setup.Register, Sales: d.Setup.Sales,
		Templates: d.Setup.Templates, Replaced: replaced, Acts: l.Acts, Month: m, Workers: d.Workers}
	seal := l.sealOf(t.Revision)
	if seal == nil {
		t.Today = true
		return t, nil
	}
	in, err := d.sealedParts(ctx, l.Month, t.Revision, seal)
	if err != nil {
		if l.Retained != nil { // what is left of the month has no settings of its own
			t.Today = true
			return t, nil
		}
		return nil, err
	}
	if wrong := likeSealed(in.pack, st); wrong != "" {
		in.close()
		return nil, errors.New(wrong)
	}
	t.Sealed, t.pack, t.Anchor = true, in.pack, in.pack.Manifest.Anchor()
	t.Config, t.Register, t.Sales, t.Templates, t.Earlier = in.setup.Config, in.setup.Register, in.setup.Sales, in.setup.Templates, in.earlier
	return t, nil
}

// likeSealed says where a kept result comes to something else than the evidence
// that was sealed of it: then somebody wrote into the store.
func likeSealed(p *evidence.Pack, st *statement.Statement) string {
	if q := p.Manifest.Quantities; q == "" || q == quantitiesDigest(st) {
		return ""
	}
	return fmt.Sprintf("the result of %s revision %d in the store comes to other quantities or amounts than its sealed evidence: nothing of it was used; put the store back from a backup", p.Manifest.Month, p.Manifest.Revision)
}

// replaced is the result that a revision takes the place of; nil for the
// first.
func (d *Desk) replaced(ctx context.Context, m string, revision int) (*statement.Statement, error) {
	if revision == 0 {
		return nil, nil
	}
	st, err := d.result(ctx, m, revision-1)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return st, err
}

// View is what a month's files show with the persons behind it: the settled
// revision counted again from its sealed facts, or an open month from the
// store's.
func (d *Desk) View(ctx context.Context, m month.Month) (*report.Input, error) {
	if err := d.Finish(ctx, m); err != nil {
		return nil, err
	}
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	return d.view(ctx, m, l, l.settledRevision())
}

// ViewTenant is View with the persons and machines of one tenant: those of a
// sealed month are read, not counted again. It is nil for a month of which
// nothing was read yet that persons or machines could be counted from.
func (d *Desk) ViewTenant(ctx context.Context, m month.Month, tenant string) (*report.Input, error) {
	if err := d.Finish(ctx, m); err != nil {
		return nil, err
	}
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	revision := l.settledRevision()
	seal := l.sealOf(revision)
	switch {
	case l.Retained == nil && seal == nil && l.Revision == 0:
		if some, err := d.countable(ctx, m, l); err != nil || !some {
			return nil, err
		}
		in, err := d.gather(ctx, m, l)
		if err != nil {
			return nil, err
		}
		st, err := in.lastly(ctx, l)
		return in.shown(d, m, st), err
	case l.Retained != nil || seal == nil:
		return d.view(ctx, m, l, revision)
	}
	in, err := d.sealedParts(ctx, l.Month, revision, seal)
	if err != nil {
		return nil, err
	}
	defer in.close()
	st, err := in.counted(tenant)
	if errors.Is(err, errOtherForm) {
		return d.view(ctx, m, l, revision)
	}
	return in.shown(d, m, st), err
}

// countable says that quantities may come of a month: a directory or an inventory was
// read in it, or devices are counted, which session logs name, or somebody entered a
// quantity by hand.
func (d *Desk) countable(ctx context.Context, m month.Month, l *Life) (bool, error) {
	if len(l.Corrections()) > 0 || slices.ContainsFunc(d.Setup.Rules.In(m), func(p *rules.Product) bool { return p.Unit == statement.UnitDevice }) {
		return true, nil
	}
	all, err := d.Store.Readings(ctx, "", m.Start(), m.End())
	return slices.ContainsFunc(all, func(r snapshot.Reading) bool {
		return r.Status != snapshot.Failed && r.Kind != snapshot.KindSessions
	}), err
}

// shown is a statement with the settings that it was counted with.
func (in *inputs) shown(d *Desk, m month.Month, st *statement.Statement) *report.Input {
	return &report.Input{Statement: st, Config: in.setup.Config, Register: in.setup.Register, Sales: in.setup.Sales, Earlier: in.earlier,
		Templates: in.setup.Templates, Month: m, Workers: d.Workers}
}

// ViewAt is the same of any revision, as it was sealed last, a draft too; one
// that was never sealed is counted from the store's facts.
func (d *Desk) ViewAt(ctx context.Context, m month.Month, revision int) (*report.Input, error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	if revision < 0 || revision > l.Revision {
		return nil, fmt.Errorf("%s has no revision %d", m, revision)
	}
	return d.view(ctx, m, l, revision)
}

func (d *Desk) view(ctx context.Context, m month.Month, l *Life, revision int) (*report.Input, error) {
	var err error
	if l.Retained != nil {
		return nil, fmt.Errorf("the facts about the persons of %s were reduced to counts: nobody can be named any more", m)
	}
	var in *inputs
	var st *statement.Statement
	if seal := l.sealOf(revision); seal != nil {
		if in, err = d.sealed(ctx, l.Month, revision, seal); err != nil {
			return nil, err
		}
		defer in.close()
		var dec decisions
		b, err := in.pack.Read(optionsMember)
		if err == nil {
			err = json.Unmarshal(b, &dec)
		}
		if err != nil {
			return nil, fmt.Errorf("the sealed decisions of %s cannot be read: %w", m, err)
		}
		if st, err = in.count(ctx, dec); err != nil {
			return nil, err
		}
		if err := sameLines(in, st); err != nil {
			return nil, err
		}
	} else {
		if in, err = d.gather(ctx, m, l); err != nil {
			return nil, err
		}
		if st, err = in.evaluate(ctx, l); err != nil {
			return nil, err
		}
	}
	replaced, err := d.replaced(ctx, l.Month, revision)
	if err != nil {
		return nil, err
	}
	out := in.shown(d, m, st)
	out.Replaced, out.Acts = replaced, l.Acts
	return out, nil
}

// Attach copies a file beside the month's others and says what it is.
func (d *Desk) Attach(m month.Month, path string) (*statement.Attachment, error) {
	return d.attach(m.String(), path)
}
