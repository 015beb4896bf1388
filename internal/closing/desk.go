package closing

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

// Desk is where months are closed and decided on.
type Desk struct {
	Store   store.Store
	Setup   *monthend.Setup // today's
	Now     func() time.Time
	Version string // of the program
	Account string // of the directory or the operating system, kept beside every act
	// Request is by which a repeat of the next act is known; empty: by what it
	// asks for.
	Request string
	Workers int
	// Step is told what comes next, for progress; nil tells nobody.
	Step func(string)
}

// Act is who does something, and why.
type Act struct {
	By     string
	Reason string
}

// Result is what an act left.
type Result struct {
	Life      *Life
	Statement *statement.Statement
	Written   report.Written
	Pack      string // the sealed evidence
	Manifest  string // its digest
	Note      string // on the seal, for whoever asked for it; mostly empty
}

func (d *Desk) step(name string) {
	if d.Step != nil {
		d.Step(name)
	}
}

// Dir is where a revision's files are. The first revision's are in the
// month's own folder, where no later one touches them.
func (d *Desk) Dir(m string, revision int) string {
	dir := filepath.Join(d.Setup.Config.Output, m)
	if revision > 0 {
		dir = filepath.Join(dir, fmt.Sprintf("revision-%d", revision))
	}
	return dir
}

// Pack is where a revision's evidence is.
func (d *Desk) Pack(m string, revision int) string {
	name := "evidence-" + m
	if revision > 0 {
		name += fmt.Sprintf("-r%d", revision)
	}
	return filepath.Join(d.Setup.Config.Output, m, name+".zip")
}

// Life is where a month stands.
func (d *Desk) Life(ctx context.Context, m month.Month) (*Life, error) {
	acts, err := d.Store.Acts(ctx, m.String())
	if err != nil {
		return nil, err
	}
	return LifeOf(m.String(), acts), nil
}

// act is the month's next act. A clock that stands before the act before is
// kept as it is, and said: the order of acts goes by their numbers.
func (d *Desk) act(l *Life, action statement.ActKind, who Act) statement.Act {
	a := statement.Act{Month: l.Month, Revision: l.Revision, Seq: 1, Action: action, By: strings.TrimSpace(who.By), Account: d.Account,
		At: d.Now().UTC().Truncate(time.Millisecond), Reason: strings.TrimSpace(who.Reason)}
	if action != statement.ActSeal && action != statement.ActClose && action != statement.ActRetain {
		a.Request = strings.TrimSpace(d.Request)
	}
	if n := len(l.Acts); n > 0 {
		last := &l.Acts[n-1]
		a.Seq = last.Seq + 1
		if a.At.Before(last.At) {
			a.Note = "the clock stood before the act before this one; the order is that of the numbers"
		}
	}
	return a
}

// need refuses an act without a name or a reason.
func need(action string, who Act, reason bool) error {
	if strings.TrimSpace(who.By) == "" {
		return fmt.Errorf("nobody is named: write --by and the name of who wants to %s the month", action)
	}
	if reason && strings.TrimSpace(who.Reason) == "" {
		return fmt.Errorf("no reason is given: write --reason and why, for whoever asks in three years")
	}
	if len(who.By) > 200 || len(who.Reason) > 4000 {
		return errors.New("the name or the reason is too long: a name has up to 200 characters, a reason up to 4000")
	}
	return nil
}

// begin takes the lock on the months' files and looks where the month stands.
// An act whose files were not finished is finished first.
func (d *Desk) begin(ctx context.Context, m month.Month, finish bool) (*Life, func(), error) {
	unlock, err := d.lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	l, err := d.Life(ctx, m)
	if err == nil && finish && l.Pending {
		var r *Result
		if r, err = d.finish(ctx, m, l); err == nil {
			l = r.Life
		}
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return l, unlock, nil
}

// Finish completes what an interrupted act left undone; nothing where all is
// done.
func (d *Desk) Finish(ctx context.Context, m month.Month) error {
	l, err := d.Life(ctx, m)
	if err != nil || !l.Pending {
		return err
	}
	_, unlock, err := d.begin(ctx, m, true)
	if err == nil {
		unlock()
	}
	return err
}

// Close collects nothing: it computes the month from the store, writes its
// files and seals them as a draft. A draft is replaced; what was approved is
// not.
func (d *Desk) Close(ctx context.Context, m month.Month) (*Result, error) {
	l, unlock, err := d.begin(ctx, m, false)
	if err != nil {
		return nil, err
	}
	defer unlock()
	switch {
	case l.State == statement.Approved || l.State == statement.Submitted:
		return nil, l.cannot("closed again", "to change it, begin a new revision with splameter amend")
	case l.Retained != nil:
		return nil, l.cannot("closed again", "the facts about its persons were reduced to counts")
	}
	d.step("compute")
	in, err := d.gather(ctx, m, l)
	if err != nil {
		return nil, fmt.Errorf("close %s: %w", m, err)
	}
	defer func() { evidence.CloseAll(in.members) }()
	if err := in.toSeal(d.Setup.Config.Output); err != nil {
		return nil, fmt.Errorf("close %s: %w", m, err)
	}
	next := d.act(l, statement.ActClose, Act{})
	after := l.with(next)
	st, err := in.proved(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("close %s: %w", m, err)
	}
	r, err := d.seal(ctx, m, l, after, in, st, next, false)
	if err != nil {
		return nil, fmt.Errorf("close %s: %w", m, err)
	}
	return r, nil
}

// finish writes and seals what the acts say, from the sealed inputs.
func (d *Desk) finish(ctx context.Context, m month.Month, l *Life) (*Result, error) {
	in, err := d.sealedInputs(ctx, l.Month, l.Revision, l.Sealed)
	if err != nil {
		return nil, fmt.Errorf("finish what was begun for %s: %w", m, err)
	}
	defer in.close()
	st, err := in.evaluate(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("finish what was begun for %s: %w", m, err)
	}
	r, err := d.seal(ctx, m, l, l, in, st, d.act(l, statement.ActSeal, Act{}), l.State == statement.Submitted)
	if err != nil {
		return nil, fmt.Errorf("finish what was begun for %s: %w", m, err)
	}
	return r, nil
}
