package rules

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// computer is one computer account of a directory over the month.
type computer struct {
	name string // without the dollar sign
	full string // in lower case: as the directory says it, else with the directory's own DNS name
	// stated are the full names that the directory said in the month, in order; the
	// last one is full. None: it was read without them, or the computer has none.
	stated  []string
	domain  string // the NetBIOS name of its domain, in lower case
	server  bool   // it runs a server system
	system  string // which, as the directory says
	dn      string
	enabled uint32 // the days on which a reading saw it enabled: DayBit
	// retired is the day of the first whole reading that saw it disabled, or
	// gone, and after which it did not come back; retiredAt is that reading.
	retired   month.Day
	isRetired bool
	source    string // the directory
	at        snapshot.Evidence
}

// computers are the month's computer accounts, by full name.
func (w *world) computers() []computer {
	var out []computer
	for i := range w.accounts {
		a := int32(i)
		spans := w.states(a)
		if spans[len(spans)-1].class != snapshot.Computer {
			continue
		}
		s := w.lastState(a)
		d := &w.dirs[w.accounts[a].dir]
		c := computer{name: strings.TrimSuffix(s.Name, "$"), server: s.Server, system: s.System, dn: s.DN,
			source: d.dir.Source, at: snapshot.Evidence{File: s.File, Line: s.Line}}
		c.full, c.domain = snapshot.FullHost(c.name), strings.ToLower(d.dir.Domain)
		if d.dir.DNS != "" {
			c.full += "." + strings.ToLower(d.dir.DNS)
		}
		c.state(w, spans)
		for j := range spans {
			x := &spans[j]
			if x.disabled {
				continue
			}
			for _, t := range w.dirs[x.dir].at {
				if t >= x.first && t <= x.last {
					c.enabled |= w.bits[t]
				}
			}
		}
		c.retired, c.isRetired = w.retired(spans, d)
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y computer) int {
		return cmp.Or(strings.Compare(x.full, y.full), strings.Compare(x.source, y.source), strings.Compare(x.dn, y.dn))
	})
	return out
}

// state notes the full names that the directory said of a computer. One without
// a domain says nothing that its account does not say.
func (c *computer) state(w *world, spans []accountSpan) {
	for i := range spans {
		s := w.state(&spans[i])
		name := snapshot.FullHost(s.Attribute(snapshot.HostName))
		if name == snapshot.HostKey(name) || strings.Contains(name, `\`) {
			continue
		}
		c.stated = append(slices.DeleteFunc(c.stated, func(was string) bool { return was == name }), name)
		c.full = name
	}
}

// retired is the day of the reading from which an account was disabled or gone
// up to the last reading of its directory.
func (w *world) retired(spans []accountSpan, d *dirTicks) (month.Day, bool) {
	last := &spans[len(spans)-1]
	from := int32(-1)
	if end := len(d.at) - 1; end >= 0 && last.last < d.at[end] {
		for _, t := range d.at { // the first reading that no longer has it
			if t > last.last {
				from = t
				break
			}
		}
	}
	for i := len(spans) - 1; i >= 0 && spans[i].disabled; i-- {
		from = spans[i].first
	}
	if from < 0 {
		return 0, false
	}
	return w.days[from], true
}
