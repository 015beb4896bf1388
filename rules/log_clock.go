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
}

func (e *evaluation) logClock() (c logClock) {
	for i := range e.Facts.Readings {
		if r := &e.Facts.Readings[i]; r.Kind != snapshot.KindSessions && r.Status != snapshot.Failed {
			c.latest = later(c.latest, r.Taken)
		}
	}
	return c
}

// copied is how far behind the reading a file's own time is still believed: what
// was copied with its time may bear that of the host's clock. It is long, since
// the readings of a past month are long before the logs that tell of it.
const copied = 366 * snapshot.MaxSilence

// limit is the latest moment that a record of the log may bear; zero: nothing
// tells, as of readings of an earlier splameter. When a person states that it was
// exported is believed: months may lie in the future of the clock of who reads.
func (c logClock) limit(l *snapshot.Log) time.Time {
	if l.Modified.IsZero() || l.Until.IsZero() {
		return time.Time{}
	}
	read := later(later(l.Until, c.latest), l.Exported)
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
