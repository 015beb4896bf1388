package sessions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/internal/snapshot"
)

// maxNotes is how many damages of one file are told one by one.
const maxNotes = 20

// fileRun folds one file, and gathers how far it reaches and what is wrong
// with it.
type fileRun struct {
	f    *Folder
	name string
	read *FileRead
	own  *part // for events that no worker gathers

	firstRead uint64 // id of the first record that came
	begun     bool
	tail      bool // what came last was a damage behind which nothing was read
	lost      int
	damages   int
	cleared   int
	local     int
	hostless  int
}

// Record implements record.Handler.
func (u *fileRun) Record(r *record.Record) {
	u.own.Record(r)
	if len(u.own.facts) >= some {
		u.own.Deliver()
	}
}

// Damaged implements record.Handler.
func (u *fileRun) Damaged(d record.Damage) {
	u.own.Damaged(d)
	u.own.Deliver()
}

// Part implements record.Sharer.
func (u *fileRun) Part() record.Part { return u.part() }

func (u *fileRun) clear(c *cleared) {
	host, _ := u.f.judge.hosts.host(c.host, u.f.book)
	e := u.f.extents.of(host, c.channel)
	e.cleared = max(e.cleared, c.ticks)
	if u.cleared++; u.cleared > maxNotes {
		return
	}
	which := "Security"
	if c.channel != Security {
		if which = valid(c.which); which == "" {
			which = "a"
		}
	}
	u.note(snapshot.Notice{
		Code: "log-cleared", Subject: valid(c.host),
		Message: fmt.Sprintf("the log %s of %s was cleared at %s: the sessions before that are proved only by what was collected earlier; find out who cleared it, and why", which, valid(c.host), record.FromTicks(c.ticks).Format(time.RFC3339)),
		At:      snapshot.Evidence{File: u.name, Line: c.line, Record: c.record},
	})
}

func (u *fileRun) damage(d record.Damage) {
	u.tail = u.tail || !d.GoesOn // an event log tells of a run of chunks' damages behind their records
	u.lost += d.Lost
	if u.damages++; u.damages > maxNotes {
		return
	}
	u.note(snapshot.Notice{
		Code: "log-damaged", Subject: u.name, Message: DamageText(d),
		At: snapshot.Evidence{File: u.name, Line: d.Line, Record: d.Record},
	})
}

// DamageText is a damage as a sentence, with its place and without the file.
func DamageText(d record.Damage) string {
	var place []string
	if d.Line > 0 {
		place = append(place, fmt.Sprintf("line %d", d.Line))
	} else if d.Offset >= 0 {
		place = append(place, fmt.Sprintf("byte %d", d.Offset))
	}
	if d.Record > 0 {
		place = append(place, fmt.Sprintf("record %d", d.Record))
	}
	s := d.What
	if len(place) > 0 {
		s = strings.Join(place, ", ") + ": " + s
	}
	if d.Lost > 0 {
		s += fmt.Sprintf(" (%d lost)", d.Lost)
	}
	return s
}

func (u *fileRun) note(n snapshot.Notice) { u.read.Notes = append(u.read.Notes, n) }

func newFileRun(f *Folder, name string, read *FileRead) *fileRun {
	f.Begin(name)
	f.extents = &extents{by: map[extentKey]*extent{}}
	u := &fileRun{f: f, name: name, read: read}
	u.own = u.part()
	return u
}

// readOne reads one file into f. The file's error is its own: it stands in
// the FileRead, and what had been read whole stays in f. Only the end of ctx
// is returned.
func readOne(ctx context.Context, f *Folder, path string, opt Options, read *FileRead, until time.Time) error {
	u := newFileRun(f, opt.Name, read)
	info, err := ReadFile(ctx, path, opt, u)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	u.own.Deliver()
	read.Form, read.Records, read.Size = info.Form.String(), info.Records, info.Size
	read.Damaged, read.Cut = u.damages, u.tail
	if u.damages > maxNotes {
		u.note(snapshot.Notice{
			Code: "log-damaged", Subject: u.name,
			Message: fmt.Sprintf("%d damages in all, %d records lost for certain; splameter inspect shows each: export the log again", u.damages, u.lost),
			At:      snapshot.Evidence{File: u.name},
		})
	}
	if u.cleared > maxNotes {
		u.note(snapshot.Notice{Code: "log-cleared", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("%d events in all say that a log was cleared", u.cleared)})
	}
	if f.timeless > 0 {
		u.note(snapshot.Notice{Code: "log-without-time", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("%d session events have no time, or one that no log can hold, and belong to no month; export the log again with its times", f.timeless)})
	}
	if u.hostless > 0 {
		u.note(snapshot.Notice{Code: "log-without-host", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("%d session events do not say on which computer they happened, and prove nothing; export the log again with its computer names, or name the column under sessions as columns", u.hostless)})
	}
	if u.local > 0 {
		zone := "UTC"
		if opt.Zone != nil {
			zone = opt.Zone.String()
		}
		u.note(snapshot.Notice{Code: "log-local-time", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("%d events have a time without offset, taken for local time of %s; where the logs come from another zone, name it under sessions as zone", u.local, zone)})
	}
	if err != nil {
		read.Err = err
		u.note(snapshot.Notice{Code: "log-unreadable", Subject: u.name, At: snapshot.Evidence{File: u.name}, Message: err.Error()})
		return nil
	}
	if len(f.extents.by) == 0 && u.damages == 0 {
		u.note(snapshot.Notice{Code: "log-without-sessions", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("the file holds %d events, and none of a channel that tells of sessions; take it out of the folder, or export the right channel", info.Records)})
	}
	u.finish(info, until)
	return nil
}

// finish files how far the log reaches, of which all is delivered. Where the last thing found was a
// damage, it is not known to reach beyond its last whole record.
func (u *fileRun) finish(info Info, until time.Time) {
	all := make([]*extent, 0, len(u.f.extents.by))
	for _, e := range u.f.extents.by {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *extent) int {
		return cmp.Or(cmp.Compare(a.first.id, b.first.id), cmp.Compare(a.host, b.host), cmp.Compare(a.channel, b.channel))
	})
	if info.Form == textblock.EVTX {
		widen(all, pointOf(info.First), pointOf(info.Last), uint64(info.Records), u.firstRead)
	}
	for _, e := range all {
		if e.host == 0 {
			continue
		}
		u.f.book.addLog(logKey{e.host, u.f.file, e.channel}, reach{
			first: e.first, last: e.last, count: e.count, cleared: e.cleared,
			cut: u.tail && when(e.last.ticks).Before(until),
		}, valid(u.f.judge.hosts.spelled.at(e.name)), until)
	}
}

func pointOf(m evtx.Mark) point { return point{m.ID, m.Ticks} }

func when(ticks int64) time.Time {
	if ticks == 0 {
		return time.Time{}
	}
	return record.FromTicks(ticks)
}
