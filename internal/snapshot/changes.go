package snapshot

import "time"

// Change is what the directory itself tells of the last change of something
// that gives or takes access, whether or not a reading saw it before and after:
// of one membership, or of one attribute of an account.
type Change struct {
	Object string // the group's ID of a membership, else the account's
	// Key is the member's key of a membership, as in Member, else the name of
	// the attribute in lower case.
	Key     string
	Link    bool      `json:",omitempty"` // a membership
	Version uint32    // how many changes there were, this one among them
	Created time.Time `json:",omitzero"` // of a membership: when it was made first of all
	Changed time.Time // the change itself
	Gone    bool      `json:",omitempty"` // it was the removal of the membership
	// Origin is the domain controller on which the change was made: its name,
	// or its invocation where it is gone.
	Origin string `json:",omitempty"`
	Line   int    `json:",omitempty"`
}

// ChangeSpan is one change over the run of snapshots in which it was the last
// of its kind. Sorted by Link, Object, Key, then span.
type ChangeSpan struct {
	Change
	Span
	File string
}

// Deleted is an account that was deleted: how the directory keeps it for a
// while, with the name and unit that it had.
type Deleted struct {
	Account
	Made time.Time // whenCreated
	Gone time.Time // when it was deleted
}

// DirectoryAfter is the first reading after the month, as far as it tells of
// what happened before it: the last days of a month lie between two readings of
// which one is in the next.
type DirectoryAfter struct {
	Taken
	Changes []Change `json:",omitempty"` // which the month's last reading did not tell
	// Accounts are those that the month's last reading had otherwise, or not.
	Accounts []Account `json:",omitempty"`
	Groups   []Group   `json:",omitempty"` // and groups
	Deleted  []Deleted `json:",omitempty"`
}

// MetadataDays is how far back readings tell of changes: further than any
// reading of a month and the one before it lie apart. Of disabled accounts and of
// those that expire the last change is told whenever it was, since whether there
// was another since is seen by its number alone.
const MetadataDays = 62
