package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// What is known of a use or a log is merged member by member: each is a
// minimum, a maximum or a union under a full order, so that merging twice,
// or in another order, gives the same.

// mergeUse adds what b knows to a; both are of the same host, user and month.
func mergeUse(a *snapshot.Use, b *snapshot.Use) {
	a.Name = earlierName(a.Name, a.First, b.Name, b.First)
	a.SID = filled(a.SID, b.SID)
	a.Days |= b.Days
	a.First = earliest(a.First, b.First)
	a.Last = latest(a.Last, b.Last)
	a.Opened = latestMark(a.Opened, b.Opened)
	a.Closed = latestMark(a.Closed, b.Closed)
	a.Ended = earliestMark(a.Ended, b.Ended)
	a.Left = earliestMark(a.Left, b.Left)
	a.ClientDays |= b.ClientDays
	a.Clients = union(a.Clients, b.Clients)
}

// union is what stands in either of two sorted lists, each once. It changes neither.
func union(a, b []string) []string {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// filled is the smaller of two texts, and never an empty one if there is
// another: which of two is right cannot be known, but it must always be the
// same one.
func filled(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// earlierName is the name of the row that was seen first.
func earlierName(a string, at snapshot.Sighting, b string, bt snapshot.Sighting) string {
	switch {
	case a == "" || b == "":
		return a + b
	case at.IsZero() != bt.IsZero():
		if bt.IsZero() {
			return a
		}
		return b
	case compareSightings(at, bt) < 0:
		return a
	case compareSightings(at, bt) > 0:
		return b
	}
	return min(a, b)
}

// compareSightings is Sighting.Before as a full order.
func compareSightings(a, b snapshot.Sighting) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

func earliest(a, b snapshot.Sighting) snapshot.Sighting {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b snapshot.Sighting) snapshot.Sighting {
	if a.IsZero() || !b.IsZero() && a.Before(b) {
		return b
	}
	return a
}

func compareMarks(a, b snapshot.Mark) int {
	remote := func(m snapshot.Mark) int {
		if m.Remote {
			return 1
		}
		return 0
	}
	return cmp.Or(compareSightings(a.Sighting, b.Sighting), strings.Compare(a.Session, b.Session), cmp.Compare(remote(a), remote(b)))
}

func earliestMark(a, b snapshot.Mark) snapshot.Mark {
	if a.IsZero() || !b.IsZero() && compareMarks(b, a) < 0 {
		return b
	}
	return a
}

func latestMark(a, b snapshot.Mark) snapshot.Mark {
	if a.IsZero() || !b.IsZero() && compareMarks(a, b) < 0 {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
