package database

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/collector/sessions"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// channel is what evidence calls a session that stands in a database.
const channel = "DB"

// longest is the longest session that is believed.
const longest = 400 * 24 * time.Hour

// uses folds sessions into rows of host, user and month, as the session logs
// are folded: a session counts on every day that it touches.
type uses struct {
	loc   *time.Location
	file  string
	now   time.Time
	notes *notices
	rows  map[useKey]*snapshot.Use
	hosts map[string]*snapshot.Log
	// logs says that the database holds every session since its first, so
	// that a reading reaches up to its own time.
	logs bool
}

type useKey struct {
	host, user string
	month      int
}

func (r *reading) newUses(logs bool) *uses {
	return &uses{loc: r.opt.Zone, file: r.file, now: r.taken, notes: &r.notes, rows: map[useKey]*snapshot.Use{}, hosts: map[string]*snapshot.Log{}, logs: logs}
}

// add takes one session from start up to end; a zero end is one that is still
// open. What cannot be a session is noted.
func (u *uses) add(row int, host, user, sid string, start, end time.Time) error {
	name := strings.TrimSpace(user)
	if snapshot.HostKey(host) == "" || name == "" && sid == "" {
		u.notes.add("session-without-name", u.file, row, fmt.Sprintf("row %d names no host or no user; it is left out", row))
		return nil
	}
	if name == "" {
		name = sid
	}
	key, person := sessions.Account(host, name, sid)
	if !person {
		return nil // an account of Windows or of a machine
	}
	if end.IsZero() || end.After(u.now) {
		end = u.now
	}
	if start.After(u.now.Add(24 * time.Hour)) {
		u.notes.add("session-damaged", u.file, row, fmt.Sprintf("row %d begins after the reading; it is left out: check the zone of the database's times", row))
		return nil
	}
	if end.Before(start) {
		if start.Before(u.now) {
			u.notes.add("session-damaged", u.file, row, fmt.Sprintf("row %d ends before it begins; the day of its beginning is counted", row))
		}
		end = start
	}
	at := func(t time.Time) snapshot.Sighting {
		return snapshot.Sighting{Time: t.UTC(), Channel: channel, Evidence: snapshot.Evidence{File: u.file, Record: uint64(row)}}
	}
	if l := u.log(host); l.Records == 0 || start.Before(l.First) {
		l.First = start.UTC()
	}
	l := u.log(host)
	l.Last = later(l.Last, end.UTC())
	l.Records++
	if end.Sub(start) > longest {
		u.notes.add("session-damaged", u.file, row, fmt.Sprintf("row %d lasts longer than %d days; only the days of its beginning and end are counted", row, longest/(24*time.Hour)))
		return cmpErr(u.day(host, key, name, sid, at(start)), u.day(host, key, name, sid, at(end)))
	}
	last := end
	if end.After(start) { // one that ends at midnight does not touch the next day
		last = end.Add(-100)
	}
	for d := month.DayOf(start, u.loc); d <= month.DayOf(last, u.loc); d++ {
		s := at(later(start, d.Start(u.loc)))
		if err := u.day(host, key, name, sid, s); err != nil {
			return err
		}
	}
	return u.day(host, key, name, sid, at(last))
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// day files one sighting.
func (u *uses) day(host, key, name, sid string, s snapshot.Sighting) error {
	d := month.DayOf(s.Time, u.loc)
	k := useKey{snapshot.HostKey(host), key, month.Of(s.Time, u.loc).Number()}
	x := u.rows[k]
	if x == nil {
		if len(u.rows) >= maxCells {
			return fmt.Errorf("the sessions name more than %d users by host and month: they are no sessions, or were made up", maxCells)
		}
		x = &snapshot.Use{Host: k.host, User: key, Month: k.month, Name: name, First: s, Last: s}
		u.rows[k] = x
	}
	x.Days |= snapshot.DayBit(d)
	if s.Before(x.First) {
		x.First, x.Name = s, name
	}
	if x.Last.Before(s) {
		x.Last = s
	}
	if sid != "" && (x.SID == "" || sid < x.SID) {
		x.SID = sid
	}
	return nil
}

func (u *uses) log(host string) *snapshot.Log {
	k := snapshot.HostKey(host)
	l := u.hosts[k]
	if l == nil {
		l = &snapshot.Log{Host: k, Name: host, Channel: channel, File: u.file}
		u.hosts[k] = l
	}
	return l
}

// finish sorts everything.
func (u *uses) finish(until time.Time) ([]snapshot.Use, []snapshot.Log) {
	out := make([]snapshot.Use, 0, len(u.rows))
	for _, x := range u.rows {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b snapshot.Use) int {
		if c := strings.Compare(a.Host, b.Host); c != 0 {
			return c
		}
		if c := strings.Compare(a.User, b.User); c != 0 {
			return c
		}
		return a.Month - b.Month
	})
	var logs []snapshot.Log
	if u.logs {
		for _, l := range u.hosts {
			l.Until = until
			logs = append(logs, *l)
		}
		slices.SortFunc(logs, func(a, b snapshot.Log) int { return strings.Compare(a.Host, b.Host) })
	}
	return out, logs
}
