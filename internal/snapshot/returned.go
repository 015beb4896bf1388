package snapshot

import "time"

// Returned is an account that stands in a reading although the readings before it
// showed that it was deleted.
type Returned struct {
	ID   string
	DN   string    // where it was seen last; empty: no reading saw it
	Gone time.Time // the first reading that had it no more, or when the directory says it was deleted
	Told bool      // the directory said so itself
	// Left says that a group that was still there had let go of it, and Names are the
	// keys of the members that such groups had instead and no object was read of: a
	// directory takes out of its groups what is deleted, and leaves in them what a
	// reader may not see.
	Left  bool
	Names []string
	// Moved says that not all is as it was before: something that was made after it
	// was gone is there too, or something that was deleted since is not back.
	Moved bool
}
