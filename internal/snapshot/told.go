package snapshot

import "time"

// Told is what a directory's readings so far told of changes: what the next one
// need not ask for again where nothing was changed since.
type Told struct {
	Taken    time.Time // of the last reading; zero: there was none
	Whole    time.Time // of the last one for which all was asked
	Metadata []string  // what the last one was told, as in Reading
	Changes  []Change  // of it, sorted as in Directory
	Accounts []string  // IDs of its accounts, sorted
	Groups   []string  // and of its groups
	// Controllers are those that answered readings which were told of memberships
	// and of accounts, each as it stood at the last of them.
	Controllers []Controller
}

// At is where a controller's count of changes stood when it told last; false where
// it never did.
func (t *Told) At(invocation string) (usn int64, ok bool) {
	for _, c := range t.Controllers {
		if c.Invocation == invocation && invocation != "" && c.USN > 0 {
			return c.USN, true
		}
	}
	return 0, false
}
