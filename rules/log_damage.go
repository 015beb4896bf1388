package rules

import (
	"slices"
	"time"

	"splameter/internal/finding"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// damagedLogs are the files of session logs that could not be read whole, and
// were not since.
func (e *evaluation) damagedLogs() map[string]bool {
	out := map[string]bool{}
	last := lastSaid(e.Facts.Readings)
	for i := range e.Facts.Readings {
		for _, n := range e.Facts.Readings[i].Notes {
			if n.Code == "log-damaged" && !last.over(i, e.Facts.Readings[i].Source, n) {
				out[n.At.File] = true
			}
		}
	}
	return out
}

// soundLogs are the damaged files of session logs of which all that lies in the
// month was read: what is damaged in them was written before it, or after it,
// such as the last line of a file that is still being written on the first.
func (e *evaluation) soundLogs() map[string]bool {
	damaged := e.damagedLogs()
	if len(damaged) == 0 {
		return nil
	}
	start, end, clock := e.w.m.Start(), e.w.m.End(), e.logClock()
	sound := map[string]bool{}
	for i := range e.Facts.Logs.Len() {
		l := e.Facts.Logs.At(i)
		if !damaged[l.File] {
			continue
		}
		is, met := sound[l.File]
		sound[l.File] = (is || !met) && !clock.ahead(&l) && soundWithin(&l, start, end)
	}
	return sound
}

func soundWithin(l *snapshot.Log, start, end time.Time) bool {
	if len(l.Lost) > 0 || l.Modified.IsZero() || l.Cut && l.Last.Before(end) {
		return false
	}
	shown := l.Cut // a damage that left no mark may lie anywhere
	parts := slices.Clone(l.Stretches())
	slices.SortFunc(parts, func(a, b snapshot.Part) int { return a.From.Compare(b.From) })
	var until time.Time
	for _, p := range parts {
		if p.Broken && p.From.After(start) && until.Before(end) {
			return false
		}
		shown = shown || p.Broken
		until = later(until, p.Until)
	}
	return shown && len(parts) > 0
}

// noticeSeverity is how much a notice of a reading matters to the month.
func noticeSeverity(n *snapshot.Notice, sound map[string]bool) statement.Severity {
	if n.Code == "log-damaged" && sound[n.At.File] {
		return statement.Low
	}
	return finding.Severity(n.Code)
}
