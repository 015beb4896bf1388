package snapshot

import (
	"cmp"
	"strings"
	"time"
)

// Event is one change that a domain controller's Security log tells of: of a
// membership, or of what lets an account sign in. It proves how something stood
// right before it and right after it, and nothing of any other moment.
type Event struct {
	Time time.Time
	ID   uint32 // the event's number, such as 4728
	What What
	// Object is the group of a membership, else the account: its objectGUID, or
	// KeySID and its SID, or KeyDN and its name.
	Object string
	// Member is the member of a membership: KeySID and its SID, or KeyDN and its name.
	Member string `json:",omitempty"`
	Name   string `json:",omitempty"` // the account's, or of a membership the group's
	DN     string `json:",omitempty"` // the member's or the account's, where it is told
	// Computer is the domain controller that wrote it, and so made the change.
	Computer string `json:",omitempty"`
	Record   uint64 `json:",omitempty"`
	File     string `json:",omitempty"`
	Line     int    `json:",omitempty"`
}

// What an event tells.
type What uint8

const (
	Added      What = 1 + iota // a member came into a group
	Removed                    // it left it
	Created                    // an account was made, that can sign in from then on
	CreatedOff                 // an account was made, disabled
	Enabled                    // from then on it could sign in
	Disabled                   // up to then it could
	Erased                     // it was deleted
	Renamed                    // or changed in a way that gives and takes nothing
)

// CompareEvents orders events: by time, and then by all that they tell, a file last.
func CompareEvents(x, y Event) int {
	return cmp.Or(x.Time.Compare(y.Time), cmp.Compare(x.ID, y.ID), cmp.Compare(x.What, y.What), strings.Compare(x.Object, y.Object), strings.Compare(x.Member, y.Member),
		strings.Compare(x.Computer, y.Computer), cmp.Compare(x.Record, y.Record), strings.Compare(x.Name, y.Name), strings.Compare(x.DN, y.DN), strings.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
}
