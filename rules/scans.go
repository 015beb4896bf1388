package rules

import (
	"cmp"
	"fmt"
	"slices"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// look is what one reading of a host's list of programs proves. A list tells what a
// host was when its source looked at it, and that is not always the day on which the
// list was made: what a tool goes on listing of a host that is dead, or that it does
// not reach any more, is no inventory of that day (docs/proof.md 1 and 2).
type look struct {
	source  string
	read    month.Day // when the list was made
	scanned month.Day // when its source had looked at the host; 0: not told
	unknown bool      // the source tells it of hosts, and not of this one
	// proved is the day of which it is an inventory: that of the reading where the
	// source had looked at the host within coverage.quiet days before, which is for
	// how long a host that says nothing is still the same; else that of the look, if
	// that is of the month; 0: none.
	proved month.Day
}

// day is that for which a reading stands until somebody decides otherwise.
func (l *look) day() month.Day {
	if l.unknown {
		return l.read
	}
	return l.proved
}

// scanDays are when sources looked at hosts, of readings that tell another day than
// their own; 0: not told.
type scanDays map[scanOf]month.Day

type scanOf struct {
	hostOf
	day month.Day // of the reading
}

func newScanDays(readings []snapshot.Reading, names *fullNames) scanDays {
	type place struct {
		source, file string
		day          month.Day
	}
	last := map[place]int{} // a list that was corrected in its place counts as it is now
	for i := range readings {
		if r := &readings[i]; r.Kind == snapshot.KindInventory && r.Status != snapshot.Failed {
			last[place{r.Source, r.File, r.Day}] = i
		}
	}
	out := scanDays{}
	for i := range readings {
		r := &readings[i]
		if len(r.Scans) == 0 || last[place{r.Source, r.File, r.Day}] != i {
			continue
		}
		for _, s := range r.Scans {
			at := scanOf{hostOf{r.Source, names.key(s.Host)}, r.Day}
			out[at] = max(out[at], s.Day)
		}
	}
	return out
}

// looks are what each of a source's readings of a host proves, by s.Days.
func (o scanDays) looks(s *snapshot.SoftwareMonth, key string, m month.Month, quiet int) []look {
	out := make([]look, len(s.Days))
	for i, d := range s.Days {
		l := &out[i]
		l.source, l.read, l.scanned, l.proved = s.Source, d, d, d
		scan, told := o[scanOf{hostOf{s.Source, key}, d}]
		switch {
		case !told:
		case scan == 0:
			l.scanned, l.proved, l.unknown = 0, 0, true
		case int(d-scan) > quiet:
			l.scanned, l.proved = scan, 0
			if scan >= m.FirstDay() {
				l.proved = scan
			}
		default:
			l.scanned = scan
		}
	}
	return out
}

// silent is the last reading of a host in the month, where its source had not looked
// at the host for longer than coverage.quiet, or does not tell: what was installed
// after last, the last day that is proved, is not known. nil where a source looked at
// the host up to its last reading: it is held to coverage.inventory_every alone,
// whatever another source goes on listing.
func (h *host) silent(quiet int) (end *look, last month.Day) {
	for s := range h.looks {
		for i := range h.looks[s] {
			last = max(last, h.looks[s][i].proved)
		}
	}
	for s := range h.looks {
		if len(h.looks[s]) == 0 {
			continue
		}
		l := &h.looks[s][len(h.looks[s])-1]
		if int(l.read-last) <= quiet || l.proved == l.read {
			return nil, last
		}
		if end == nil || cmp.Or(cmp.Compare(l.read, end.read), cmp.Compare(l.scanned, end.scanned)) > 0 {
			end = l
		}
	}
	return end, last
}

// askScans asks about the hosts of which a source does not tell when it looked at
// them, one question a source: a list without such a time may be of a host that is
// long dead, and that other hosts have one says that the tool knows it.
func (e *evaluation) askScans(hosts map[string][]string) {
	for source, list := range hosts {
		slices.Sort(list)
		e.ask(statement.Question{Kind: statement.AskHost, Subject: "when " + source + " looked at hosts", State: digestOf(list), About: list, Assumed: "their lists are of the days on which they were read",
			Message: fmt.Sprintf("%s lists the programs of %d hosts (%s) and does not tell when it last looked at them, or in a form that is not known: of a host that is no longer reached it goes on listing what it saw last, and what was installed there since is not known", source, len(list), listed(list, 5)),
			Action:  "see in the tool that it still looks at them, and that it writes the time of the last look as 2026-10-30; collect the list again, or their inventory in another way; or accept that the lists are right"})
	}
}
