package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/notify"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func (a *Agent) desk(s *monthend.Setup) *closing.Desk {
	return &closing.Desk{Store: a.opt.Store, Setup: s, Now: a.now, Version: a.opt.Version, Account: a.opt.Account, Workers: a.opt.Workers, Step: a.opt.Step}
}

// lastEnded is the latest month whose close is due: close_at on the first of
// the month after it has come.
func (a *Agent) lastEnded(now time.Time) month.Month {
	m := month.Of(now, a.loc)
	if now.Before(a.cfg.Agent.CloseAt.On(m.FirstDay(), a.loc)) {
		m = m.Add(-1)
	}
	return m.Add(-1)
}

// firstMonth is the first month that is the agent's to close: the configured
// one, else the first in which a directory or an inventory was read. A log
// reaches back into months that nobody watched, and begins none.
func (a *Agent) firstMonth(ctx context.Context) (month.Month, bool, error) {
	if f := a.cfg.Agent.FirstMonth; f != "" {
		m, err := month.Parse(f, a.loc)
		return m, err == nil, err
	}
	a.mu.Lock()
	known := a.first
	a.mu.Unlock()
	if known == "" {
		names, err := a.opt.Store.Months(ctx)
		if err != nil {
			return month.Month{}, false, err
		}
		for _, name := range names {
			m, err := month.Parse(name, a.loc)
			if err != nil {
				return month.Month{}, false, err
			}
			readings, err := a.opt.Store.Readings(ctx, "", m.Start(), m.End())
			if err != nil {
				return month.Month{}, false, err
			}
			for i := range readings {
				if r := &readings[i]; r.Status != snapshot.Failed && r.Kind != snapshot.KindSessions {
					known = name
					break
				}
			}
			if known != "" {
				break
			}
		}
		if known == "" {
			return month.Month{}, false, nil
		}
		a.mu.Lock()
		a.first = known
		a.mu.Unlock()
	}
	m, err := month.Parse(known, a.loc)
	return m, err == nil, err
}

// lives are where the agent's months stand, oldest first, up to last.
func (a *Agent) lives(ctx context.Context, last month.Month) ([]*closing.Life, error) {
	first, ok, err := a.firstMonth(ctx)
	if err != nil || !ok {
		return nil, err
	}
	all, err := a.opt.Store.Acts(ctx, "")
	if err != nil {
		return nil, err
	}
	acts := map[string][]statement.Act{}
	for i := range all {
		acts[all[i].Month] = append(acts[all[i].Month], all[i])
	}
	var out []*closing.Life
	for m := first; m.Number() <= last.Number(); m = m.Add(1) {
		out = append(out, closing.LifeOf(m.String(), acts[m.String()]))
	}
	return out, nil
}

// closeMonths closes what is to be closed, oldest first: the month that ended,
// and those that ended while the agent was off. It runs daily, since a draft
// that lacks something is made again once that has come, until somebody
// approves it or the deadline has passed.
// Where another closes, it looks again with every heartbeat, so that it takes
// over when that one dies.
func (a *Agent) closeMonths(ctx context.Context) error {
	now := a.now()
	last := a.lastEnded(now)
	// At the very first start there is no month before the sources were read.
	if _, ok, err := a.firstMonth(ctx); err != nil {
		return err
	} else if !ok {
		a.collectAll(ctx)
	}
	lives, err := a.lives(ctx, last)
	if err != nil || len(lives) == 0 {
		return err
	}
	setup, err := a.current()
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	desk := a.desk(setup)
	collected := false
	for _, l := range lives {
		m, err := month.Parse(l.Month, a.loc)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case l.Pending:
			if err := desk.Finish(ctx, m); err != nil {
				return err
			}
		case l.Retained != nil || l.Revision > 0:
		case l.State == statement.Open:
			if !collected && !a.waits() {
				a.collectAll(ctx)
				collected = true
			}
			switch err := a.closeMonth(ctx, desk, m); {
			case errors.Is(err, closing.ErrBusy): // another site's agent is closing it; the next look will see its draft
				a.log.Info("another splameter is closing a month", "month", l.Month)
				return errElsewhere
			case err != nil:
				return err
			}
		case l.State == statement.Draft && month.DayOf(now, a.loc) <= setup.Config.Deadline(m):
			if err := a.closeAgain(ctx, desk, m); err != nil {
				return err
			}
		}
	}
	// An authority that does not answer today is asked again at the next look:
	// nothing else waits for it.
	if n, err := desk.Stamp(ctx); err != nil {
		a.log.Warn("evidence is not time-stamped yet", "error", err)
	} else if n > 0 {
		a.log.Info("evidence was time-stamped", "seals", n)
	}
	return a.retain(ctx, desk)
}

// retain reduces the names of months that are older than they are kept for.
// What it takes away does not come back, so a clock that is far ahead must not
// bring it about: only where something was read in the month before does the
// clock count as right.
func (a *Agent) retain(ctx context.Context, desk *closing.Desk) error {
	before := desk.KeepFrom()
	first, ok, err := a.firstMonth(ctx)
	if err != nil || !ok || first.Number() >= before.Number() {
		return err
	}
	lives, err := a.lives(ctx, before.Add(-1))
	if err != nil {
		return err
	}
	due := false
	for _, l := range lives {
		due = due || l.Retained == nil
	}
	last := month.Of(a.now(), a.loc).Add(-1)
	readings, err := a.opt.Store.Readings(ctx, "", last.Start(), last.End())
	if err != nil || !due || !slices.ContainsFunc(readings, func(r snapshot.Reading) bool { return r.Status != snapshot.Failed }) {
		return err
	}
	names, _, err := desk.Retain(ctx, before)
	if len(names) > 0 {
		a.notify.Post(notify.Message{Kind: notify.Notice, Subject: "names of persons were reduced to counts",
			Detail: "of " + strings.Join(names, ", ") + ": they are older than evidence.keep_named_months; totals, reports and digests stay"})
	}
	return err
}

// closeMonth makes a month a draft and says so.
func (a *Agent) closeMonth(ctx context.Context, desk *closing.Desk, m month.Month) error {
	r, err := desk.Close(ctx, m)
	if err != nil {
		return err
	}
	a.metrics.closed.add(1)
	st := r.Statement
	detail := fmt.Sprintf("%d lines, %d findings; it is a draft: look at the review workbook, then splameter approve and splameter submit, before the end of %s",
		len(st.Lines), len(st.Findings), desk.Setup.Config.Deadline(m))
	subject := fmt.Sprintf("%s was closed and is %s", m, st.Status)
	detail = missing(st.Coverage.Gaps, month.DayOf(a.now(), a.loc)) + detail
	a.notify.Post(notify.Message{Kind: notify.Notice, Subject: subject, Detail: detail, Body: "Evidence: " + r.Pack})
	return nil
}

// missing tells of a month's gaps. A log that is still awaited on that day
// (coverage.late) is no gap yet: it is told apart, and asks nobody to do anything.
func missing(gaps []statement.Gap, today month.Day) string {
	var open []*statement.Gap
	awaited, last := 0, ""
	for i := range gaps {
		g := &gaps[i]
		if g.Accepted == "" && g.Open != "" && g.Open >= today.String() {
			awaited, last = awaited+1, max(last, g.Open)
			continue
		}
		open = append(open, g)
	}
	text := ""
	if len(open) > 0 {
		text = fmt.Sprintf("%d gaps, the first: %s (%s)\n", len(open), open[0].Message, open[0].Action)
	}
	if awaited > 0 {
		text += fmt.Sprintf("%d still awaited, until %s at the latest: a log that comes by then is read by itself, and the draft made again\n", awaited, last)
	}
	return text
}

// closeAgain makes a draft again that was incomplete, where the store now
// knows more. That also corrects a month that was closed too early by a clock
// that was wrong.
func (a *Agent) closeAgain(ctx context.Context, desk *closing.Desk, m month.Month) error {
	s, err := desk.Status(ctx, m)
	if err != nil {
		return err
	}
	if s.Result == nil || s.Result.Status == statement.Complete {
		return nil
	}
	p, err := desk.Propose(ctx, m)
	if err != nil || p == nil {
		return err
	}
	same, err := alike(p.Was, p.Is)
	if err != nil || same {
		return err
	}
	return a.closeMonth(ctx, desk, m)
}

// alike says whether two statements count and lack the same.
func alike(x, y *statement.Statement) (bool, error) {
	pick := func(s *statement.Statement) ([]byte, error) {
		return json.Marshal([]any{s.Status, s.Basis, s.Lines, s.Coverage.Gaps})
	}
	b, err := pick(x)
	if err != nil {
		return false, err
	}
	c, err := pick(y)
	return bytes.Equal(b, c), err
}
