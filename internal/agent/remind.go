package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/notify"
)

// unsubmitted is a month that the reseller waits for.
type unsubmitted struct {
	life     *closing.Life
	month    month.Month
	deadline month.Day
	each     string // the deadline of each agreement, where they differ
	left     int    // days; below zero: it is late
}

// waiting are the ended months that were never submitted, oldest first.
func (a *Agent) waiting(ctx context.Context) ([]unsubmitted, error) {
	today := month.DayOf(a.now(), a.loc)
	lives, err := a.lives(ctx, month.Of(a.now(), a.loc).Add(-1))
	if err != nil {
		return nil, err
	}
	var out []unsubmitted
	for _, l := range lives {
		if l.Submission != nil {
			continue
		}
		m, err := month.Parse(l.Month, a.loc)
		if err != nil {
			return nil, err
		}
		d := a.cfg.Deadline(m)
		out = append(out, unsubmitted{l, m, d, a.cfg.Deadlines(m), int(d - today)})
	}
	return out, nil
}

func (u *unsubmitted) String() string {
	left := fmt.Sprintf("%d days left, until %s", u.left, u.deadline)
	switch {
	case u.left == 0:
		left = fmt.Sprintf("today, %s, is the last day", u.deadline)
	case u.left == 1:
		left = fmt.Sprintf("1 day left, until %s", u.deadline)
	case u.left < 0:
		left = fmt.Sprintf("late by %d days, it was due on %s", -u.left, u.deadline)
	}
	if u.each != "" {
		left += " (by agreement: " + u.each + ")"
	}
	return fmt.Sprintf("%s is %s and not submitted: %s", u.month, u.life.Shown(), left)
}

// remind tells daily which months are not submitted, and how many days are
// left.
func (a *Agent) remind(ctx context.Context) error {
	list, err := a.waiting(ctx)
	if err != nil {
		return fmt.Errorf("look which months are submitted: %w", err)
	}
	today := month.DayOf(a.now(), a.loc)
	var lines []string
	for i := range list {
		u := &list[i]
		if from := u.month.Add(1).FirstDay() + month.Day(a.cfg.Agent.Reminders.FromDay-1); today >= from {
			lines = append(lines, u.String())
		}
	}
	if len(lines) > 0 {
		newest := lines[len(lines)-1]
		a.notify.Post(notify.Message{Kind: notify.Reminder, Subject: newest, Detail: strings.Join(lines[:len(lines)-1], "\n"),
			Body: "splameter status shows where every month stands; splameter approve and splameter submit take it further."})
	}
	return a.remember("reminders", a.now())
}

// kept is what the agent remembers beyond its own end, so that a restart does
// not remind twice a day. All else it asks the store.
type kept map[string]time.Time

func (a *Agent) keptPath() string {
	name := ".splameter-agent.json"
	if a.cfg.Site != "" {
		name = ".splameter-agent-" + a.cfg.Site + ".json"
	}
	return filepath.Join(a.cfg.Output, name)
}

// remember keeps when something was done.
func (a *Agent) remember(what string, at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil {
		a.kept = kept{}
	}
	a.kept[what] = at.UTC()
	b, err := json.Marshal(a.kept)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(a.keptPath(), atomicfile.Normal, b); err != nil {
		return fmt.Errorf("remember when %s was done: %w", what, err)
	}
	return nil
}

// recall asks the store, and for reminders its own note, what was done last.
func (a *Agent) recall(ctx context.Context) error {
	b, err := os.ReadFile(a.keptPath())
	if err == nil {
		err = json.Unmarshal(b, &a.kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("what the agent remembered of its reminders cannot be read; it begins anew", "error", err)
		a.kept = nil
	}
	for _, j := range a.jobs {
		if at, ok := a.kept[j.name]; ok {
			j.done = at
		}
	}
	for i, j := range a.sources {
		r, ok, err := a.opt.Store.LastReading(ctx, a.opt.Sources[i].Name())
		if err != nil {
			return fmt.Errorf("start the agent: %w", err)
		}
		if ok {
			j.done = r.Taken
			a.metrics.succeeded(j, r.Taken)
		}
	}
	return nil
}
