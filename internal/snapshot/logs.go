package snapshot

import "time"

// Log is what one file holds of one host and channel: how far it reaches, and
// what is missing in it.
type Log struct {
	Host        string // HostKey; empty: of events that do not name theirs
	Name        string // the computer's full name as written
	Channel     string // LSM, RCM, GW, Security, System
	File        string
	FirstRecord uint64 // lowest record id; 0 where the log has none
	LastRecord  uint64
	First, Last time.Time // of those records
	// Records is how many different records the file holds of this host and
	// channel; where it is LastRecord-FirstRecord+1 the file has no gap.
	Records uint64
	// Cleared is the latest event that says that the log was cleared, and
	// FirstCleared the earliest; zero: none.
	Cleared      time.Time
	FirstCleared time.Time `json:",omitzero"`
	// Until is when the file was looked at. It says nothing of how far the
	// file reaches, but that it cannot reach further.
	Until time.Time
	// Modified is the file's own time: it may shorten what the file is believed
	// to hold, never lengthen it. Zero in readings of splameter before it was
	// kept: of those Until was how far the file was believed to reach.
	Modified time.Time `json:",omitzero"`
	// Exported is the moment before which the file holds everything, as a
	// person states it; zero: nobody does.
	Exported time.Time `json:",omitzero"`
	// Cut says that the file ends in damage, or in events that could not be
	// read: it is known no further than Last.
	Cut bool `json:",omitempty"`
	// Parts are the stretches that the file holds, where there is more than one
	// or one alone does not follow from the members above. See Stretches.
	Parts []Part `json:",omitempty"`
	// Lost are events of sessions that stand in the file and could not be read
	// as anybody's. No part covers them.
	Lost []Lost `json:",omitempty"`
}

// Part is a stretch of a log: of consecutive record ids, or, where Chosen,
// of events that somebody or something chose among a log's records. Of those
// the ids tell the order only, and the part ends where for more than a day
// nothing was chosen.
type Part struct {
	First, Last uint64 // record ids; 0 where the log has none
	From, Until time.Time
	Chosen      bool `json:",omitempty"`
	// Broken says that something stands before the part, in the same file, that
	// could not be read.
	Broken bool `json:",omitempty"`
}

// Lost is a number of events that show a session and not whose, where or when.
type Lost struct {
	Cause       LostCause
	Events      int
	From, Until time.Time // zero for LostTime
}

// LostCause is what an event does not tell.
type LostCause string

// What it does not tell.
const (
	LostUser LostCause = "user"
	LostHost LostCause = "host"
	LostTime LostCause = "time"
)

// MaxSilence is how far apart chosen records may be within one part.
const MaxSilence = 24 * time.Hour

// Stretches are the parts of the log.
func (l *Log) Stretches() []Part {
	if len(l.Parts) > 0 {
		return l.Parts
	}
	if p, ok := l.Whole(); ok {
		return []Part{p}
	}
	return nil
}

// Whole is the log as one part, as its members tell it without Parts; false
// where it holds no record.
func (l *Log) Whole() (Part, bool) {
	if l.First.IsZero() && l.Last.IsZero() {
		return Part{}, false
	}
	p := Part{First: l.FirstRecord, Last: l.LastRecord, From: l.First, Until: l.Last}
	if p.From.IsZero() {
		p.From = p.Until
	}
	p.Chosen = l.LastRecord == 0 || l.LastRecord < l.FirstRecord || l.Records != l.LastRecord-l.FirstRecord+1
	return p, true
}
