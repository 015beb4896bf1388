package snapshot

import (
	"time"

	"splameter/internal/month"
)

// Sessions is what one reading of session logs saw, folded so that reading
// the same log twice, or two logs that hold the same events, in any order,
// gives the same: every member of a Use is a minimum, a maximum or a union.
type Sessions struct {
	Reading
	Uses []Use // sorted by host, then user, then month
	Logs []Log // sorted by host, channel, file
	// Rows stands in the place of Uses where it is set, in any order: rows that
	// are made when they are asked for, because a large provider has hundreds
	// of thousands and they need not stand in memory at once.
	Rows Rows
}

// Rows are rows of use by place.
type Rows = Table[Use]

// Len is how many rows of use there are.
func (s *Sessions) Len() int {
	if s.Rows != nil {
		return s.Rows.Len()
	}
	return len(s.Uses)
}

// At is the row at a place.
func (s *Sessions) At(i int) Use {
	if s.Rows != nil {
		return s.Rows.At(i)
	}
	return s.Uses[i]
}

// Use is what is known of one account name on one host in one calendar month
// (in the provider's zone).
type Use struct {
	Host   string // HostKey
	User   string // as the log spells it, folded to lower case: domain\name, name, or name@suffix
	SID    string // where the log tells
	Month  int    // month.Month.Number
	Days   uint32 // bit d-1: evidence of a session on day d
	First  Sighting
	Last   Sighting
	Opened Mark // the latest remote start (21, 22, 25, 4624 type 10, GW 302)
	Closed Mark // the latest end of a session (23, GW 303, host going down)
	Ended  Mark // the earliest end without evidence of its own that the session was remote
	Left   Mark // the earliest disconnection (24) from a remote address
	// Name is the user as first written, for display.
	Name string
	// Clients are the devices from which the account was connected, in lower
	// case and in order, as far as events name them, and ClientDays the days
	// on which one did.
	Clients    []string `json:",omitempty"`
	ClientDays uint32   `json:",omitempty"`
	// Carried says that nothing in the month itself was seen: the session
	// was open from an earlier month. Only the month's facts set it.
	Carried bool
}

// Mark is one bracketing event of a session.
type Mark struct {
	Sighting
	Session string // session id or logon id; "*": every session of the host
	Remote  bool   // the event itself proves a remote session
}

// Sighting is one event as evidence.
type Sighting struct {
	Time    time.Time `json:"time"`
	EventID uint32    `json:"event_id"`
	Channel string    `json:"channel"` // LSM, RCM, GW, Security
	Evidence
}

// IsZero says that there is no such event.
func (s Sighting) IsZero() bool { return s.Time.IsZero() }

// Before orders sightings: by time, then channel, event, record, file, line.
func (s Sighting) Before(o Sighting) bool {
	switch {
	case !s.Time.Equal(o.Time):
		return s.Time.Before(o.Time)
	case s.Channel != o.Channel:
		return s.Channel < o.Channel
	case s.EventID != o.EventID:
		return s.EventID < o.EventID
	case s.Record != o.Record:
		return s.Record < o.Record
	case s.File != o.File:
		return s.File < o.File
	}
	return s.Line < o.Line
}

// DayBit is the bit of a day of its month in Use.Days.
func DayBit(d month.Day) uint32 {
	_, _, n := d.Civil()
	return 1 << (n - 1)
}
