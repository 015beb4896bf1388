package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// A log proves what it holds, and no more: from its oldest record, or from the
// beginning where that is record 1 of a log that was never cleared, to the last
// moment at which the host is known to have been writing. Files play no part in
// it: what one holds goes on in another by the record ids.

// logReach is how far one channel of a host is known.
type logReach struct {
	whole       bool // from the first record on
	from, until time.Time
	gaps        []logGap // ascending
}

// logGap is a time of which nothing is known, and why.
type logGap struct {
	from, until time.Time
	kind        gapKind
	first, last uint64 // of gapRecords: the ids that are missing
	file        string // that is damaged there; empty: none
}

type gapKind uint8

const (
	gapBegin   gapKind = iota // it is older than the oldest record
	gapRecords                // record ids are missing
	gapBroken                 // something there could not be read
	gapPolls                  // tables of sessions are further apart than pollsApart
	gapSilent                 // chosen events are apart for longer than coverage.quiet
	gapAnew                   // the record ids begin anew
	gapCut                    // the log's file ends in damage
	gapAhead                  // the host's clock is ahead of when the file was read
	gapRead                   // the log was read, or copied, before
	gapQuiet                  // nothing was heard of the host since
)

func (g *logGap) text(host string, loc *time.Location) (message, action string) {
	from, until := stamp(g.from, loc), stamp(g.until, loc)
	again := "export the log of that host again and collect it, or accept the gap by name, with the reason"
	damage := ""
	if g.file != "" {
		damage = fmt.Sprintf(" (its file %s is damaged)", g.file)
	}
	switch g.kind {
	case gapBegin:
		return fmt.Sprintf("the session log of host %s begins on %s: what came before in the month is overwritten", host, until),
			"collect an older copy of the log, enlarge the log on the host, and collect daily"
	case gapRecords:
		return fmt.Sprintf("the session log of host %s lacks %d records, %d to %d, written between %s and %s%s", host, g.last-g.first+1, g.first, g.last, from, until, damage),
			"collect a copy that holds them, if there is one; enlarge the log on the host and collect more often than it wraps round; else accept the gap by name, with the reason"
	case gapBroken:
		return fmt.Sprintf("in the session log of host %s something between %s and %s could not be read, or does not say whose it is%s", host, from, until, damage), again
	case gapSilent:
		return fmt.Sprintf("the log of host %s holds chosen events only, and none between %s and %s: longer than a host may be quiet (coverage.quiet)", host, from, until),
			"make sure that its events are still exported or forwarded, and collect its own log of that time; else accept the gap by name, with the reason"
	case gapPolls:
		return fmt.Sprintf("host %s is known by tables of its sessions alone, each of which tells of its own moment, and none between %s and %s shows a session", host, from, until),
			"make the tables every day, and several times a day; collect the host's own log of that time, or accept the gap by name, with the reason"
	case gapAnew:
		return fmt.Sprintf("the session log of host %s begins anew with record %d on %s: what was written after %s is not known", host, g.first, until, from),
			"collect a copy from before the log was cleared or the host installed anew, or accept the gap by name, with the reason"
	case gapCut:
		if g.file == "" {
			return fmt.Sprintf("the session log of host %s is whole up to %s only: what stands behind that could not be read, or does not say whose it is", host, from), again
		}
		return fmt.Sprintf("the session log of host %s is whole up to %s only: behind that its file %s is damaged", host, from, g.file), again
	case gapAhead:
		return fmt.Sprintf("the clock of host %s was wrong: after %s its session log bears times that lie after the moment at which the file was read", host, from),
			"set the clock of the host right and collect its log again; what it recorded meanwhile is known by no day: see in other logs of that time who worked there (RD Gateway, domain controllers), or accept the gap by name, with the reason"
	case gapQuiet:
		return fmt.Sprintf("the session log of host %s holds nothing after %s, and nothing else was heard of the host for longer than it may be quiet (coverage.quiet)", host, from),
			"see whether its log is still copied or forwarded, and collect it again; if the host is gone, disable its computer account, or accept the gap by name, with the reason"
	}
	return fmt.Sprintf("the session log of host %s was read up to %s, before the month ended", host, from),
		"collect again after the end of the month, or, for exported logs, set exported: to the day up to which they hold everything"
}

// piece is a stretch of one file.
type piece struct {
	snapshot.Part
	file string
}

// pollsApart is for how many days tables of sessions may show none, of a host that is
// known by them alone: a long weekend. A table tells of its moment, and so less than
// a log that is quiet: tables of once a week prove no month.
const pollsApart = 5

// logReach goes through what is there of a channel in the order of time.
func (e *evaluation) logReach(h *host, logs *logs, of *hostLogs, channel string, end time.Time) *logReach {
	rows := of.rows[channel]
	if channel == pollChannel {
		often := *logs
		often.quiet = min(often.quiet, pollsApart)
		logs = &often
	}
	var all []piece
	var cleared time.Time
	for i := range rows {
		for _, p := range rows[i].parts {
			all = append(all, piece{p, rows[i].File})
		}
		for _, t := range []time.Time{rows[i].FirstCleared, rows[i].Cleared} {
			if !t.IsZero() && (cleared.IsZero() || t.Before(cleared)) {
				cleared = t
			}
		}
	}
	if len(all) == 0 {
		return &logReach{gaps: []logGap{{until: end, kind: gapRead}}}
	}
	slices.SortFunc(all, func(a, b piece) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.First, b.First), b.Until.Compare(a.Until), cmp.Compare(b.Last, a.Last), cmp.Compare(a.file, b.file))
	})
	r := logs.walk(all)
	if channel == pollChannel {
		for i := range r.gaps {
			if r.gaps[i].kind == gapSilent {
				r.gaps[i].kind = gapPolls
			}
		}
	}
	r.whole = all[0].First == 1 && (cleared.IsZero() || cleared.After(all[0].From))
	if !r.whole {
		r.gaps = append([]logGap{{until: r.from, kind: gapBegin}}, r.gaps...)
	}
	logs.finish(r, of, rows, h.readDays(), end)
	return r
}

// walk goes from piece to piece, and finds what is missing between them.
func (l *logs) walk(all []piece) *logReach {
	chosen := mostlyChosen(all)
	r := &logReach{from: all[0].From, until: all[0].Until}
	id, at := all[0].Last, all[0].Until // the highest record so far, and when it was written
	before := &all[0]                   // which reaches furthest
	for i := 1; i < len(all); i++ {
		p := &all[i]
		anew := p.First > 0 && p.First <= id && p.From.After(at.Add(time.Hour))
		g := logGap{from: r.until, until: p.From}
		natural := chosen || p.Chosen && before.Chosen
		apart := p.From.After(r.until)
		switch {
		case anew:
			g.kind, g.first = gapAnew, p.First
		case p.First > 0 && id > 0 && p.First <= id+1: // it goes on
			g.until = g.from
		case !natural && p.First > 0 && id > 0 && (apart || !before.Chosen):
			g.kind, g.first, g.last = gapRecords, id+1, p.First-1
			if p.From.Before(g.from) { // the clock was set back
				g.from, g.until = p.From, g.from
			}
			g.until = later(g.until, g.from.Add(1))
		case !apart && (!p.Broken || p.From.Before(r.until)): // within what is known
			g.until = g.from
		case p.Broken:
			g.kind = gapBroken
			g.until = later(g.until, g.from.Add(1))
		case p.From.After(l.after(r.until)):
			g.kind = gapSilent
		default: // quiet
			g.until = g.from
		}
		if g.until.After(g.from) {
			if p.Broken && l.damaged[p.file] {
				g.file = p.file
			}
			r.gaps = append(r.gaps, g)
		}
		if anew || p.Last >= id {
			id, at = p.Last, p.Until
		}
		if p.Until.After(r.until) {
			r.until, before = p.Until, p
		}
	}
	return r
}

// after is the moment from which on a host is quiet for too long.
func (l *logs) after(t time.Time) time.Time { return t.In(l.loc).AddDate(0, 0, l.quiet) }

// mostlyChosen says that pieces are those of chosen events, though a few by
// themselves look like whole logs: so do daily exports that hold two records
// each. Whole are those of which at least nine in ten ids are there, or that
// have no more than one hole in ten records.
func mostlyChosen(all []piece) bool {
	exact := make([]snapshot.Part, 0, len(all))
	chosen := 0
	for i := range all {
		if all[i].Chosen {
			chosen++
		} else {
			exact = append(exact, all[i].Part)
		}
	}
	if len(exact) == 0 || chosen > len(exact) {
		return true
	}
	slices.SortFunc(exact, func(a, b snapshot.Part) int { return cmp.Compare(a.First, b.First) })
	records, width, holes, last := uint64(0), uint64(0), uint64(0), uint64(0)
	for i, p := range exact {
		switch {
		case i == 0:
			records, width = p.Last-p.First+1, p.Last-p.First+1
		case p.Last <= last:
			continue
		case p.First <= last+1:
			records, width = records+p.Last-last, width+p.Last-last
		default:
			records, width, holes = records+p.Last-p.First+1, width+p.Last-last, holes+1
		}
		last = p.Last
	}
	return records < width-width/10 && holes > records/10
}

// finish judges how far the log reaches beyond its last record: as far as
// somebody states, or as far as its files may reach while the host was heard of
// often enough.
func (l *logs) finish(r *logReach, of *hostLogs, rows []logRow, read []month.Day, end time.Time) {
	if !r.until.Before(end) {
		return
	}
	var bound, stated time.Time
	cut, unbounded := "", false
	isCut, isAhead := false, false
	for i := range rows {
		row := &rows[i]
		if row.stated && (!of.forwarded || row.Modified.IsZero()) {
			stated = later(stated, row.bound)
		}
		if l.clock.known(&row.Log).Before(r.until) { // what it was looked at for stands in another
			continue
		}
		unbounded = unbounded || row.bound.IsZero()
		bound = later(bound, row.bound)
		isAhead = isAhead || l.clock.ahead(&row.Log)
		if row.Cut || row.Modified.IsZero() && row.Until.Equal(row.Last) {
			isCut = true
			if l.damaged[row.File] {
				cut = row.File
			}
		}
	}
	g := logGap{from: r.until, until: end, kind: gapRead}
	if isAhead {
		g.kind = gapAhead
	}
	if isCut && !bound.After(r.until) && (cut != "" || !rowsLegacy(rows)) {
		g.kind, g.file = gapCut, cut
	}
	if stated.After(r.until) {
		r.until, g.from = stated, stated
	}
	if unbounded || bound.After(end) {
		bound = end
	}
	if bound.After(r.until) {
		heard := append(l.heard(of, read, r.until, bound), bound)
		last, quiet := r.until, true
		for _, t := range heard {
			quiet = quiet && !t.After(l.after(last))
			last = later(last, t)
		}
		if quiet {
			r.until, g.from = bound, bound
		} else {
			g.kind = gapQuiet
		}
	}
	if r.until.Before(end) {
		r.gaps = append(r.gaps, g)
	}
}

// heard is when between two moments anything else was heard of a host, ascending:
// records of its other logs, or a reading of its software. A host whose logs are
// forwarded is heard of by these alone: that it lives does not show that it
// forwards. A table of sessions that shows one shows no quiet log either: of that
// session the log would tell.
func (l *logs) heard(of *hostLogs, read []month.Day, from, until time.Time) (out []time.Time) {
	add := func(t time.Time) {
		if t.After(from) && t.Before(until) {
			out = append(out, t)
		}
	}
	for channel, rows := range of.rows {
		if channel == pollChannel {
			continue
		}
		for i := range rows {
			for _, p := range rows[i].parts {
				for t := p.From; t.Before(p.Until) && t.Before(until); t = t.Add(snapshot.MaxSilence) {
					add(t)
				}
				add(p.Until)
			}
		}
	}
	if !of.forwarded {
		for _, d := range read {
			add(d.Start(l.loc))
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// within leaves of the gaps what lies in a stretch of time.
func (r *logReach) within(start, end time.Time) {
	keep := r.gaps[:0]
	for _, g := range r.gaps {
		if g.from.Before(start) {
			g.from = start
		}
		if g.until.After(end) {
			g.until = end
		}
		if g.from.Before(g.until) {
			keep = append(keep, g)
		}
	}
	r.gaps = keep
}

// missing is how much time is not known.
func (r *logReach) missing() (d time.Duration) {
	for i := range r.gaps {
		d += r.gaps[i].until.Sub(r.gaps[i].from)
	}
	return d
}

// cover leaves of the gaps what another channel does not know either.
func (r *logReach) cover(o *logReach) {
	var keep []logGap
	for _, g := range r.gaps {
		for _, x := range o.gaps {
			c := g
			c.from, c.until = later(g.from, x.from), g.until
			if x.until.Before(c.until) {
				c.until = x.until
			}
			if c.from.Before(c.until) {
				keep = append(keep, c)
			}
		}
	}
	r.gaps = keep
}
