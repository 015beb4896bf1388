package snapshot

import "splameter/internal/month"

// Before is what the months before knew of an estate: what of it must be
// accounted for in the month, and what ended before it.
type Before struct {
	// Machines are those of the hosts tables of the month before, each as it
	// was read last; sorted by source, then key.
	Machines []MachineMonth `json:",omitempty"`
	// Software is how many programs each host's inventory held; sorted by
	// source, then host.
	Software []HostRows `json:",omitempty"`
	// Logged are the hosts of which a session log reaches into the month
	// before. FullHost, sorted.
	Logged []string `json:",omitempty"`
	// Gone are the computers whose accounts a directory had in the month
	// before, and has no more in its first reading of this one; sorted.
	Gone []GoneComputer `json:",omitempty"`
}

// IsZero says that nothing is known of the months before.
func (b Before) IsZero() bool {
	return len(b.Machines)+len(b.Software)+len(b.Logged)+len(b.Gone) == 0
}

// HostRows is how many programs the last whole inventory of a host held before
// the month. A reading with fewer than half the rows of the one before it was
// cut short, and is not whole.
type HostRows struct {
	Source string
	Host   string // FullHost
	Rows   int
	// Last is the day of the last reading of all that holds the host; zero in
	// facts that an older splameter sealed.
	Last month.Day `json:",omitempty"`
}

// GoneComputer is a computer account that is gone in a whole reading.
type GoneComputer struct {
	Source string // the directory
	Name   string
	Full   string    `json:",omitempty"` // its full name, where the directory said it
	Day    month.Day // of the first reading without it
}

// WholeRows is the number of rows of the last whole one of several readings in
// their order: each with fewer than half the rows of the last whole one is cut
// short.
func WholeRows(rows []int) (whole int) {
	for _, n := range rows {
		if 2*n >= whole {
			whole = n
		}
	}
	return whole
}
