package statement

import (
	"time"

	"splameter/internal/snapshot"
)

// Between is access that stood between two readings of the directory, so that
// neither saw it, and that the directory itself tells of.
type Between struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// FromKnown and UntilKnown say that it began and ended then; else it began no
	// earlier, or ended no later.
	FromKnown  bool `json:"from_known,omitempty"`
	UntilKnown bool `json:"until_known,omitempty"`
	// Unsure says that it stood at some moment of the stretch, and not at which.
	Unsure bool              `json:"unsure,omitempty"`
	By     AccessProof       `json:"by,omitempty"`
	Origin string            `json:"origin,omitempty"` // the domain controller on which it was changed
	At     snapshot.Evidence `json:"at,omitzero"`      // the reading that told of it
}

// AccessProof is what access between two readings is proved by.
type AccessProof string

// What it is proved by.
const (
	ByMetadata AccessProof = "metadata"        // what the directory itself tells
	ByEvent    AccessProof = "event"           // the Security log of a domain controller
	ByBoth     AccessProof = "metadata, event" // both, which say the same
)

// Short says that access is known to have lasted less than a time.
func (b *Between) Short(least time.Duration) bool {
	return b.FromKnown && b.UntilKnown && !b.Unsure && b.Until.Sub(b.From) < least
}

// Span is the stretch in a zone's time, such as 2026-10-12 10:02:11 – 15:40:57,
// with "from" or "to" not known marked by a question mark.
func (b *Between) Span(loc *time.Location) string {
	from, until := b.From.In(loc), b.Until.In(loc)
	out := from.Format("2006-01-02 15:04:05")
	if !b.FromKnown {
		out = "? (" + out + ")"
	}
	end := until.Format("2006-01-02 15:04:05")
	if until.Format(time.DateOnly) == from.Format(time.DateOnly) {
		end = until.Format("15:04:05")
	}
	if !b.UntilKnown {
		end = "? (" + end + ")"
	}
	return out + " – " + end
}

// Sentence tells it in English, as a clause.
func (b *Between) Sentence(loc *time.Location) string {
	from, until := b.From.In(loc), b.Until.In(loc)
	start, end := "from ", " to "
	if !b.FromKnown {
		start = "from some moment after "
	}
	if !b.UntilKnown {
		end = " to some moment before "
	}
	layout := "15:04:05"
	if until.Format(time.DateOnly) != from.Format(time.DateOnly) {
		layout = "2 January 15:04:05"
	}
	out := start + from.Format("2 January 15:04:05") + end + until.Format(layout)
	if b.Unsure {
		out += ", at moments of it that are not told"
	}
	out += map[AccessProof]string{ByEvent: ", by the Security log", ByBoth: ", by metadata and the Security log"}[b.By]
	if b.By != ByEvent && b.By != ByBoth {
		out += ", by metadata"
	}
	if b.Origin != "" {
		out += " of " + b.Origin
	}
	return out
}
