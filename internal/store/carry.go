package store

import (
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// lookBack is how many months back a session that is still open is looked
// for.
const lookBack = 3

// openAfter says whether a row leaves a remote session open, as far as the
// row itself tells: one that was begun, and not ended at or after that.
func openAfter(u *snapshot.Use) bool {
	return u.Opened.Remote && !u.Opened.IsZero() && !ends(u.Closed, u.Opened)
}

// ends says that a mark is the end of the session that another one began.
func ends(end, begin snapshot.Mark) bool {
	return !end.IsZero() && !end.Time.Before(begin.Time) && (end.Session == "*" || end.Session == begin.Session)
}

// carry works out what one user's sessions on one host mean in month m, which
// the logs of m alone do not tell.
//
// u is the row of m, or a row with only host and user where m has none;
// earlier are the user's rows of the months before, and hosts the rows of no
// user of that host, whose ends are those of every session ("*"), in any
// order; covered says that a log of the host reaches into m. It changes u,
// and says whether u tells anything of the month.
//
//   - A disconnection (24) that follows the end of the same session, with no
//     start of it between, was written late and is evidence of nothing.
//   - An end or a disconnection in m, of a session that a remote start of an
//     earlier month began and nothing ended, is a session in m on that day.
//   - Otherwise, where m has no evidence at all and such a session is open, it
//     was open through the whole of m up to where nobody knows: carried. (A
//     disconnected session can last for weeks, and is a session still.)
func carry(m month.Month, u *snapshot.Use, earlier, hosts []snapshot.Use, covered bool) bool {
	if late(u, earlier) {
		u.Left = snapshot.Mark{}
	}
	if u.Days != 0 {
		return true
	}
	for _, end := range []snapshot.Mark{u.Ended, u.Left} {
		if end.IsZero() {
			continue
		}
		begin, open := openBefore(end.Time, end.Session, u, earlier, hosts)
		if !open || begin.Session != end.Session {
			continue
		}
		u.Days |= snapshot.DayBit(month.DayOf(end.Time, m.Location()))
		u.First, u.Last = earliest(u.First, end.Sighting), latest(u.Last, end.Sighting)
	}
	if u.Days != 0 {
		return true
	}
	if begin, open := openBefore(m.Start(), "", u, earlier, hosts); open && covered {
		u.Carried = true
		u.First, u.Last = begin.Sighting, begin.Sighting
		return true
	}
	return !u.Opened.IsZero() || !u.Closed.IsZero() || !u.Ended.IsZero() || !u.Left.IsZero()
}

// openBefore is the newest remote start of an earlier month that nothing ended
// before a moment; session restricts it to one session, "" takes any.
func openBefore(t time.Time, session string, u *snapshot.Use, earlier, hosts []snapshot.Use) (begin snapshot.Mark, open bool) {
	for i := range earlier {
		o := earlier[i].Opened
		if o.IsZero() || !o.Remote || session != "" && o.Session != session {
			continue
		}
		if begin.IsZero() || compareMarks(begin, o) < 0 {
			begin = o
		}
	}
	if begin.IsZero() {
		return begin, false
	}
	ended := func(x snapshot.Mark) bool { return ends(x, begin) && x.Time.Before(t) }
	for i := range earlier {
		// An end without evidence of its own that the session was remote
		// ends it all the same.
		if ended(earlier[i].Closed) || ended(earlier[i].Ended) {
			return begin, false
		}
	}
	for i := range hosts {
		if ended(hosts[i].Closed) {
			return begin, false
		}
	}
	return begin, !ended(u.Closed)
}

// late says that the row's disconnection came after the end of the same
// session, and no start of it lies between.
func late(u *snapshot.Use, earlier []snapshot.Use) bool {
	left := u.Left
	if left.IsZero() || left.Session == "" {
		return false
	}
	var end, begin time.Time
	look := func(x *snapshot.Use) {
		for _, m := range []snapshot.Mark{x.Closed, x.Ended} {
			if !m.IsZero() && m.Session == left.Session && !m.Time.After(left.Time) && m.Time.After(end) {
				end = m.Time
			}
		}
		if o := x.Opened; !o.IsZero() && o.Session == left.Session && !o.Time.After(left.Time) && o.Time.After(begin) {
			begin = o.Time
		}
	}
	look(u)
	for i := range earlier {
		look(&earlier[i])
	}
	return !end.IsZero() && !begin.After(end)
}
