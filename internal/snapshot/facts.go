package snapshot

import (
	"time"

	"splameter/internal/month"
)

// Facts is everything the store knows of one month: what the rules count
// from. Everything in it is sorted, so that equal stores give equal facts.
type Facts struct {
	Month       month.Month
	Directories []DirectoryMonth // sorted by source
	Uses        List[Use]        // sorted by host, user; Month equal to this month
	// Logs are those of files that reach into the month and, of each host and
	// channel, the nearest one before and after; sorted by host, channel, file.
	Logs     List[Log]
	Software []SoftwareMonth // sorted by source, host
	Machines []MachineMonth  // sorted by source, key, first day
	// Known are the hosts that had a software inventory in the month before:
	// one that is missing now is a gap. HostKey, sorted.
	Known []string
	// Before is what else the months before knew of the estate.
	Before Before
	// Readings are the month's readings of all sources, failed ones too,
	// sorted by source, time. Exported is, per session source, up to when
	// its logs reach.
	Readings []Reading
}

// Span is a run of consecutive snapshots, by index into the source's list of
// the month: first and last, both inclusive.
type Span struct{ First, Last int32 }

// Taken is one snapshot of a directory within the month.
type Taken struct {
	Time time.Time
	Day  month.Day
	File string
}

// DirectoryMonth is one directory over the month.
type DirectoryMonth struct {
	Source   string
	Site     string
	Domain   string
	DNS      string
	SID      string
	Taken    []Taken // ascending by time
	Accounts List[AccountSpan]
	Groups   []GroupSpan
	Members  List[MemberSpan]
	Units    []UnitSpan // sorted by ID, then span
	// Before is what changed since the last whole reading before the month's
	// first, whichever month that was in; nil where there is none.
	Before *DirectoryBefore
	// Changes are what the readings told of changes; Deleted the accounts that
	// were deleted, each as it was told first, sorted by ID; After what the first
	// reading after the month tells besides, nil where there is none yet.
	Changes []ChangeSpan
	Deleted []Deleted
	After   *DirectoryAfter
	// Events are what the domain controllers' Security logs tell of the month and of
	// the days up to it from the reading before, sorted by CompareEvents; each once.
	Events []Event
}

// DirectoryBefore is the reading before the month's first, told as what
// changed up to that first one. What stands in neither list was the same in
// both. Each list is sorted as the directory's own is.
type DirectoryBefore struct {
	Taken
	// Accounts, Groups, Members and Units are states that the reading before saw
	// and the month's first did not: something that is gone, or was otherwise.
	Accounts []Account
	Groups   []Group
	Members  []Member
	Units    []Unit
	Changes  []Change `json:",omitempty"`
	// New are the IDs of accounts, groups and units of which the month's first
	// reading saw a state that the one before did not.
	New []string
}

// AccountSpan is one account unchanged over a run of snapshots. Sorted by ID,
// then span: an account that changed has several.
type AccountSpan struct {
	Account
	Span
	File string // of the first snapshot in which this state was ever seen; Line is in it
}

// GroupSpan is one group unchanged over a run of snapshots.
type GroupSpan struct {
	Group
	Span
	File string
}

// UnitSpan is one organizational unit over a run of snapshots.
type UnitSpan struct {
	Unit
	Span
	File string
}

// MemberSpan is one membership over a run of snapshots; sorted by group, key,
// span.
type MemberSpan struct {
	Member
	Span
	File string
}

// SoftwareMonth is what a host had installed at any time of the month.
type SoftwareMonth struct {
	Source   string
	Site     string
	Host     string      // as written
	Days     []month.Day // on which the host was read, ascending
	Installs List[InstallMonth]
}

// Program is the program in a place of Installs, and whether equal ones are
// the same pointer.
func (s *SoftwareMonth) Program(i int) (p *Install, shared bool) {
	if t, ok := s.Installs.rows.(Programs); ok {
		return t.Program(i), true
	}
	x := s.Installs.At(i)
	return &x.Install, false
}

// InstallMonth is one program of a host: seen from First to Last.
type InstallMonth struct {
	Install
	First, Last month.Day
	File        string // where First was read, at Install.Line
}

// MachineMonth is one state of a machine, seen from First to Last.
type MachineMonth struct {
	Source string
	Site   string
	Machine
	First, Last month.Day
	Days        []month.Day // on which it was read in this state, ascending
	File        string
}
