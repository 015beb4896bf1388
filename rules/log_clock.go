package rules

import (
	"time"

	"splameter/internal/snapshot"
)

// logClock says of the times in session logs whether they had come yet when the
// logs were read: a host's clock may be ahead, and what it writes then proves no
// day.
type logClock struct {
	// latest is the latest moment that a reading of anything else stands for:
	// where that lies behind the clock of who reads, it is this one that is
	// behind, as on a machine that was restored.
	latest time.Time
	// looked is when any log was looked at last.
	looked time.Time
}

func (e *evaluation) logClock() (c logClock) {
	for i := range e.Facts.Readings {
		if r := &e.Facts.Readings[i]; r.Kind != snapshot.KindSessions && r.Status != snapshot.Failed {
			c.latest = later(c.latest, r.Taken)
		}
	}
	for i := range e.Facts.Logs.Len() {
		c.looked = later(c.looked, e.Facts.Logs.At(i).Until)
	}
	return c
}

// copied is how far behind the reading a file's own time is still believed: what
// was copied with its time may bear that of the host's clock. It is long, since
// the readings of a past month are long before the logs that tell of it.
const copied = 366 * snapshot.MaxSilence

// limit is the latest moment that a record of the log may bear; zero: nothing
// tells, as of readings of an earlier splameter. When a person states that it was
// exported is believed for a week beyond all else that is known: a day of weeks to
// come would hide a clock that is ahead by as much.
func (c logClock) limit(l *snapshot.Log) time.Time {
	if l.Modified.IsZero() || l.Until.IsZero() {
		return time.Time{}
	}
	read := later(l.Until, c.latest)
	if week := read.Add(7 * snapshot.MaxSilence); l.Exported.Before(week) {
		read = later(read, l.Exported)
	}
	own, most := later(read, l.Modified).Add(snapshot.MaxSilence), read.Add(copied)
	if own.After(most) {
		return most
	}
	return own
}

// ahead says that the log ends in times that had not come yet.
func (c logClock) ahead(l *snapshot.Log) bool {
	limit := c.limit(l)
	return !limit.IsZero() && l.Last.After(limit)
}

// credible are the parts of a log. Of one whose clock went ahead, and whose
// reading does not say where, a part that ends in times that had not come yet is
// known at its beginning alone.
func (c logClock) credible(l *snapshot.Log) []snapshot.Part {
	parts := l.Stretches()
	if !c.ahead(l) {
		return parts
	}
	limit := c.limit(l)
	var out []snapshot.Part
	for _, p := range parts {
		if p.From.After(limit) {
			continue
		}
		if p.Until.After(limit) {
			p.Until = p.From
		}
		out = append(out, p)
	}
	return out
}

// known is the last moment at which a log was written by a clock that can have
// been right.
func (c logClock) known(l *snapshot.Log) time.Time {
	if !c.ahead(l) {
		return l.Last
	}
	var last time.Time
	for _, p := range c.credible(l) {
		last = later(last, p.Until)
	}
	return last
}

// stated is up to when a person states that a log's file holds everything: not
// beyond the moment at which it was looked at, for what was still to come then no
// file can hold. Where the last record is later than that, or other readings are
// by more than a day later than the last look at any log, it is the clock of who
// looked that is behind, and the statement stands; beyond all else that is known
// for a week, as in limit.
func (c logClock) stated(l *snapshot.Log, last time.Time) time.Time {
	now := l.Until
	if c.looked.Add(snapshot.MaxSilence).Before(c.latest) {
		if now = later(now, c.latest); l.Exported.Before(now.Add(7 * snapshot.MaxSilence)) {
			return l.Exported
		}
	}
	if now.Before(last) || l.Exported.Before(now) {
		return l.Exported
	}
	return now
}
