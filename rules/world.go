package rules

import (
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// world is a month's directories as one graph: groups and accounts as nodes,
// memberships as edges, each with the snapshots in which it stood. The
// snapshots of all directories lie on one line of ticks.
type world struct {
	m     month.Month
	facts *snapshot.Facts
	ticks []time.Time // ascending, distinct
	days  []month.Day // of each tick
	bits  []uint32    // the same as snapshot.DayBit

	dirs     []dirTicks
	groups   []groupNode
	accounts []accountNode
	runs     []int32       // where runs of accounts whose ids ascend end, one a directory
	spans    []accountSpan // each account's together, in their order in time
	edges    []edge        // sorted by group
	start    []int32       // edges of group g are edges[start[g]:start[g+1]]
	lost     []lost        // memberships of whom no directory knows
	// follow are names of groups, folded, of which a former holder counts on though
	// another group has the name by now: see passed.
	follow map[string]bool
	// unseen are accounts that no reading of the month saw, since they were
	// deleted before it or made after it; their spans have places below zero, from
	// -1 down.
	unseen []snapshot.AccountSpan
	wasOff []bool             // of them: disabled when they were deleted
	came   map[int32]bool     // those of them that were made after the last reading
	logged []snapshot.Deleted // those of them that nothing but domain controllers' logs tells of

	accountByID map[string]int32
	groupByID   map[string]int32
	bySID       map[string]int32 // node
}

// node numbers: groups come first, accounts after them.
func (w *world) node(account int32) int32 { return int32(len(w.groups)) + account }

func (w *world) account(node int32) int32 { return node - int32(len(w.groups)) }

func (w *world) isAccount(node int32) bool { return int(node) >= len(w.groups) }

// dirTicks places a directory's snapshots on the line.
type dirTicks struct {
	dir *snapshot.DirectoryMonth
	at  []int32 // tick of each snapshot
}

// own is the range of ticks from a span's first to its last snapshot.
func (d *dirTicks) own(s snapshot.Span) (first, last int32) { return d.at[s.First], d.at[s.Last] }

// extended reaches from the tick after the directory's snapshot before to the
// tick before its next: between two snapshots, in which others are read, both
// of what they said may have been so, and both count. So it does not matter
// which of two directories was read a minute before the other.
func (d *dirTicks) extended(s snapshot.Span, ticks int) (first, last int32) {
	if s.First > 0 {
		first = d.at[s.First-1] + 1
	}
	if int(s.Last)+1 < len(d.at) {
		return first, d.at[s.Last+1] - 1
	}
	return first, int32(ticks) - 1
}

// groupNode is one group over the month; broad names the well-known principal
// that it stands for.
type groupNode struct {
	dir   int
	id    string
	spans []int32 // indices into the directory's Groups
	broad string
	// before is how the group was just before the month, where it was otherwise.
	before *snapshot.Group
	mail   []ticks // in which it was a distribution group: then it passes nothing on
}

// ticks is a run of ticks, both ends inclusive.
type ticks struct{ first, last int32 }

// accountNode is one account over the month.
type accountNode struct {
	id string
	// tenant is where it was last seen; "" where in none.
	tenant      string
	dir         int32 // the directory that saw it last
	person      int32 // index into persons
	from, until int32 // its states are spans[from:until]
}

// accountSpan is one state of an account with its ticks, and what of the state
// is asked for often.
type accountSpan struct {
	account     int32
	dir, at     int32 // its place in the directory's Accounts
	first, last int32
	class       snapshot.Class
	disabled    bool
	expires     bool
}

// states are those of an account, in their order in time.
func (w *world) states(a int32) []accountSpan {
	n := &w.accounts[a]
	return w.spans[n.from:n.until]
}

// state is one of them as the directory told it.
func (w *world) state(s *accountSpan) snapshot.AccountSpan {
	if s.at < 0 {
		return w.unseen[-1-s.at]
	}
	return w.dirs[s.dir].dir.Accounts.At(int(s.at))
}

// lastState is how the account was last seen in the month.
func (w *world) lastState(a int32) snapshot.AccountSpan {
	return w.state(&w.spans[w.accounts[a].until-1])
}

// isUser says whether the account was a person's kind of account when last
// seen.
func (w *world) isUser(a int32) bool {
	return w.spans[w.accounts[a].until-1].class == snapshot.User
}

// edge is one membership: member is a node.
type edge struct {
	group, member int32
	first, last   int32 // ticks
	dir           int32
	span          int32 // index into the directory's Members; -1: primary group or a broad principal
}

// groupName is the group's name as last seen.
func (w *world) groupName(g int32) string {
	n := &w.groups[g]
	if n.broad != "" {
		return n.broad
	}
	d := w.dirs[n.dir].dir
	return d.Groups[n.spans[len(n.spans)-1]].Name
}

// accountName is the account's sAMAccountName as last seen.
func (w *world) accountName(a int32) string { return w.lastState(a).Name }
