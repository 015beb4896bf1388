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
	own  *eventBatch // for events that come one by one, from no worker

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
	if len(u.own.events) >= foldAfter {
		u.own.Deliver()
	}
}

// Damaged implements record.Handler.
func (u *fileRun) Damaged(d record.Damage) {
	u.own.Damaged(d)
	u.own.Deliver()
}

// NewBatch implements record.BatchHandler.
func (u *fileRun) NewBatch() record.Batch { return u.newBatch() }

func (u *fileRun) clear(c *cleared) {
	host, _ := u.f.judge.hosts.host(c.host, u.f.tables)
	chn := c.channel
	if which := channelOf(c.which); which != NoChannel { // System tells of other logs
		chn = which
	}
	e := u.f.logs.of(host, chn)
	e.cleared = [2]int64{earlier(e.cleared[0], c.ticks), max(e.cleared[1], c.ticks)}
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
	if u.f.logs != nil && d.What != textblock.NotUTF8 && (d.Lost > 0 || !d.GoesOn) {
		u.f.logs.breaks++
	}
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
	f.logs = &hostLogs{by: map[hostLogKey]*hostLog{}, limit: reaches(read.Until, read.Modified, read.Exported)}
	u := &fileRun{f: f, name: name, read: read}
	u.own = u.newBatch()
	return u
}

// readOne reads one file into f. The file's error is its own: it stands in
// the FileRead, and what had been read whole stays in f. Only the end of ctx
// is returned.
func readOne(ctx context.Context, f *Folder, path string, opt Options, read *FileRead) error {
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
	u.unreadHosts()
	u.tellLost(info)
	if u.local > 0 {
		zone := "UTC"
		if opt.Zone != nil {
			zone = opt.Zone.String()
		}
		u.note(snapshot.Notice{Code: "log-local-time", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: fmt.Sprintf("%d events have a time without offset, taken for local time of %s; where the logs come from another zone, name it under sessions as zone", u.local, zone)})
	}
	if err == nil {
		err = u.misread()
	}
	if err != nil {
		read.Err = err
		u.note(snapshot.Notice{Code: "log-unreadable", Subject: u.name, At: snapshot.Evidence{File: u.name}, Message: err.Error()})
		return nil
	}
	if len(f.logs.by) == 0 && u.damages == 0 {
		u.note(snapshot.Notice{Code: "log-without-sessions", Subject: u.name, At: snapshot.Evidence{File: u.name},
			Message: NoSessions(info.Records)})
	}
	u.finish(info)
	return nil
}

// NoSessions says of a file that none of its events is one of a session.
func NoSessions(events int) string {
	return fmt.Sprintf("the file holds %d events, and none of a channel that tells of sessions; take it out of the folder, or export the right channel (a table of Get-WinEvent with its column LogName or ProviderName, by which the channel is known)", events)
}

// tellLost tells of the events that show a session and not whose, where or
// when, each cause once.
func (u *fileRun) tellLost(info Info) {
	var n [causes]int
	for _, e := range u.f.logs.by {
		for i, k := range e.causes {
			n[i] += k
		}
	}
	n[ofNoTime], n[ofNoHost] = max(n[ofNoTime], u.f.timeless), max(n[ofNoHost], u.hostless)
	form := strings.ToUpper(info.Form.String())
	for i, text := range [causes]struct{ code, message string }{
		{"log-without-user", "%d events of the %s file show a session and do not say whose, or what kind of log-on: nobody is counted for them; export the log with the events' own values (wevtutil epl, or wevtutil qe /f:xml), or name the column under sessions as columns"},
		{"log-without-host", "%d session events of the %s file do not say on which computer they happened, and prove nothing; export the log again with its computer names, or name the column under sessions as columns"},
		{"log-without-time", "%d session events of the %s file have no time, or one that no log can hold, and belong to no month; export the log again with its times"},
	} {
		if n[i] > 0 {
			u.note(snapshot.Notice{Code: text.code, Subject: u.name, At: snapshot.Evidence{File: u.name}, Message: fmt.Sprintf(text.message, n[i], form)})
		}
	}
}

// misread refuses a file in which every session is Windows' own, a machine's or
// that of a service that collects logs: then the account that wrote the event
// was taken for the one that it is about.
func (u *fileRun) misread() error {
	whose := u.nobody(&u.f.logs.whose)
	if whose == "" {
		return nil
	}
	return fmt.Errorf("read %s: the sessions in it are all those of %s, so the account that wrote the events was read, and not the one that they are about; export the events' own values (wevtutil epl, or wevtutil qe /f:xml), or name the column of the user under sessions as columns", u.name, whose)
}

// nobody says whose sessions all are where they are no person's; "" where they are.
func (u *fileRun) nobody(x *sessionUsers) string {
	switch {
	case x.system > 0 && x.persons == 0:
		return "accounts of Windows or of machines"
	case x.persons > 0 && !x.several && isLogger(u.f.userName(x.user)):
		return "the account of a service that collects logs"
	}
	return ""
}

// unreadHosts does for each log of a file of forwarded logs what misread does
// for a file: of one host the wrong account may be read, and of others not.
func (u *fileRun) unreadHosts() {
	if u.misread() != nil {
		return // the file is refused
	}
	for _, e := range u.f.logs.by {
		if u.nobody(&e.whose) != "" {
			e.unread()
		}
	}
}

// finish files how far the log reaches, of which all is delivered. Where the last thing found was a
// damage, it is not known to reach beyond its last whole record.
func (u *fileRun) finish(info Info) {
	var all, known []*hostLog
	for _, e := range u.f.logs.by {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *hostLog) int {
		return cmp.Or(cmp.Compare(a.first.id, b.first.id), cmp.Compare(a.host, b.host), cmp.Compare(a.channel, b.channel))
	})
	for _, e := range all {
		if e.count > 0 {
			known = append(known, e)
		}
	}
	events := info.Form == textblock.EVTX
	widened := events && widen(known, info, u.firstRead)
	for _, e := range all {
		lost := e.lostEvents()
		if e.host == 0 && len(lost) == 0 {
			continue
		}
		r := fileLog{first: e.first, last: e.last, count: e.count, cleared: e.cleared, lost: lost,
			cut: u.tail || e.breaks != u.f.logs.breaks && !widened}
		l := snapshot.Log{FirstRecord: r.first.id, LastRecord: r.last.id, First: when(r.first.ticks), Last: when(r.last.ticks), Records: r.count}
		whole, _ := l.Whole()
		if parts := e.parts(!events); len(parts) != 1 || parts[0] != whole {
			r.parts = parts
		}
		u.f.tables.addLog(fileLogKey{e.host, u.f.file, e.channel}, r, valid(u.f.judge.hosts.spelled.at(e.name)), u.read.times())
	}
}

func (r *FileRead) times() fileTimes { return fileTimes{r.Until, r.Modified, r.Exported} }

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func pointOf(m evtx.Mark) point { return point{m.ID, m.Ticks} }

func when(ticks int64) time.Time {
	if ticks == 0 {
		return time.Time{}
	}
	return record.FromTicks(ticks)
}
