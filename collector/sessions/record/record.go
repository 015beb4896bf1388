// Package record is the noun between the readers of session logs and their
// meaning: one event as it stands in a log, its fields by name, whatever the
// form of the file. Readers (evtx, eventxml, eventcsv, eventjson) fill it;
// only package sessions knows what an event proves.
package record

import "time"

// Field is one named value of an event, as UTF-8.
type Field struct {
	Name, Value []byte
}

// Record is one event. Every byte slice is the reader's own buffer: it is
// valid until the callback that received the record returns.
type Record struct {
	ID      uint64 // EventRecordID; 0 where the log does not say
	Ticks   int64  // time created: units of 100 ns since 1601-01-01 UTC (FILETIME); 0 where unknown
	EventID uint32

	Provider, Channel, Computer []byte
	ActivityID                  []byte // upper case without braces; empty where absent

	// Fields holds the event's own values in file order: the children of
	// UserData's element, or EventData's Data by their Name.
	Fields []Field

	// Line is the 1-based line of the file on which the event begins, for
	// forms of text; 0 for binary logs.
	Line int

	// LocalTime says that Ticks was read from a local time without offset,
	// in the zone the reader was given.
	LocalTime bool
}

// Value returns the value of the first field with that name, compared
// without regard to ASCII case, or nil.
func (r *Record) Value(name string) []byte {
	for i := range r.Fields {
		if equalFold(r.Fields[i].Name, name) {
			return r.Fields[i].Value
		}
	}
	return nil
}

func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		x, y := b[i], s[i]
		if x == y {
			continue
		}
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// epoch is the Unix time of tick 0.
const epoch = -11644473600

// Time is the event's time in UTC, exact to 100 ns.
func (r *Record) Time() time.Time { return FromTicks(r.Ticks) }

// FromTicks turns FILETIME units into a time in UTC.
func FromTicks(ticks int64) time.Time {
	return time.Unix(ticks/1e7+epoch, ticks%1e7*100).UTC()
}

// ToTicks is the inverse of FromTicks; what is finer than 100 ns is cut off.
func ToTicks(t time.Time) int64 {
	return (t.Unix()-epoch)*1e7 + int64(t.Nanosecond())/100
}

// Filter says by channel and event id which records a caller wants; a reader
// may skip all others before it decodes their values. A nil Filter wants all.
// Channel may be given in part: readers that do not yet know the channel pass
// nil and ask again.
type Filter func(channel []byte, eventID uint32) bool

// Damage is something in a file that could not be read. It never ends the
// reading of the file: the reader goes on with what is whole.
type Damage struct {
	File   string
	Offset int64  // byte offset in the (decompressed) file, -1 where unknown
	Line   int    // 1-based, 0 for binary logs
	Record uint64 // the record concerned, 0 where unknown
	What   string // what is wrong, in words
	Lost   int    // records that were lost for certain; 0 where unknown
	GoesOn bool   // what lies behind this place was read all the same
}

// Handler receives what a reader finds.
type Handler interface {
	// Record is called for each wanted record; the record is the reader's.
	Record(*Record)
	// Damaged is called for each damage, in file order.
	Damaged(Damage)
}

// A BatchHandler is a Handler that lets a reader's workers do a part of its work:
// each gives what it finds in a piece of the log to a Batch of its own.
type BatchHandler interface {
	Handler
	// NewBatch makes one more batch.
	NewBatch() Batch
}

// Batch takes what one worker finds in one piece of a log, and keeps what it
// makes of it until the pieces before are done. One goroutine at a time uses
// it; several batches of a BatchHandler are used at once.
type Batch interface {
	Handler
	// Size is about how many bytes are kept.
	Size() int
	// Deliver gives the BatchHandler what is kept, as if all of it were given to it
	// now. It is called where the BatchHandler's own methods are, never concurrently.
	Deliver()
	// Reset forgets what is kept.
	Reset()
}
