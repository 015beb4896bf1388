package inventory

import (
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// scans gather when a tool looked at each host last, which may be long before it
// was asked for its list.
type scans struct {
	day   month.Day // of the reading
	hosts map[*snapshot.HostSoftware]scanTime
	// Of a date such as 03/04/2026 a file means one and the same order everywhere:
	// the one that another of its dates proves, else the one by which its newest is
	// newer, for a tool looked at some host shortly before it was asked.
	proved, newest scanTime

	last     string // a host's rows mostly tell the same
	lastTime scanTime
}

// scanTime is a day by the two orders of day and month, the same where there is but
// one way to read it; 0: none.
type scanTime struct{ dayFirst, monthFirst month.Day }

func (t scanTime) later(o scanTime) scanTime {
	return scanTime{max(t.dayFirst, o.dayFirst), max(t.monthFirst, o.monthFirst)}
}

func newScans(day month.Day) *scans {
	return &scans{day: day, hosts: map[*snapshot.HostSoftware]scanTime{}}
}

// add takes what a row tells of its host. Of several rows the latest counts.
func (s *scans) add(h *snapshot.HostSoftware, text string) {
	if text != s.last {
		s.last, s.lastTime = text, s.read(text)
	}
	s.hosts[h] = s.hosts[h].later(s.lastTime)
}

// read is what a text says, and what it proves of the others.
func (s *scans) read(text string) scanTime {
	t := scanDay(text, s.day)
	switch {
	case t.dayFirst == 0 && t.monthFirst != 0:
		s.proved.monthFirst, t.dayFirst = t.monthFirst, t.monthFirst
	case t.monthFirst == 0 && t.dayFirst != 0:
		s.proved.dayFirst, t.monthFirst = t.dayFirst, t.dayFirst
	case t.dayFirst != t.monthFirst:
		s.newest = s.newest.later(t)
	}
	return t
}

func (s *scans) join(h, short *snapshot.HostSoftware) {
	if t, ok := s.hosts[short]; ok {
		s.hosts[h] = s.hosts[h].later(t)
	}
}

// old are those from before the day of the reading, and those of which the list
// tells nothing though it does of others.
func (s *scans) old(hosts map[string]*snapshot.HostSoftware) []snapshot.Scan {
	if len(s.hosts) == 0 {
		return nil
	}
	monthFirst := s.proved.monthFirst != 0
	if monthFirst == (s.proved.dayFirst != 0) { // nothing proves it, or the file has both
		monthFirst = s.newest.monthFirst > s.newest.dayFirst
	}
	latest := map[string]month.Day{}
	for _, h := range hosts {
		t := s.hosts[h]
		latest[h.Host] = t.dayFirst
		if monthFirst {
			latest[h.Host] = t.monthFirst
		}
	}
	return snapshot.OldScans(latest, s.day)
}
