package rules

import (
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// provingChannels are those of which events prove sessions.
var provingChannels = []string{"LSM", "Security", pollChannel}

// pollChannel is that of tables of sessions, made now and then.
const pollChannel = "Poll"

// logs are a month's logs by host.
type logs struct {
	facts   *snapshot.Facts
	hosts   map[string]*logPlaces // by key of the estate
	files   []logFile
	damaged map[string]bool // files
	clock   logClock
	loc     *time.Location
	quiet   int // days

	rows []logRow // of the host that is looked at
}

// logPlaces is where the logs of one host stand. A large month has 155,000 of
// them, one for each host, file and channel: they are read host by host.
type logPlaces struct {
	at        []logPlace
	forwarded bool      // they come, or came, in files that hold other hosts' too
	latest    time.Time // the moment beyond which none of its files can reach
}

type logPlace struct{ log, file int32 }

// logFile is a file with logs.
type logFile struct {
	last    time.Time
	host    *logPlaces
	several bool
	bound   time.Time // of the latest file in which any of its hosts stands
}

// hostLogs are the logs of one host, until the next is asked for.
type hostLogs struct {
	rows      map[string][]logRow // by channel
	forwarded bool
}

func (h *hostLogs) proves() bool {
	for _, c := range provingChannels {
		for i := range h.rows[c] {
			if len(h.rows[c][i].parts) > 0 {
				return true
			}
		}
	}
	return false
}

// logRow is what one file holds of one channel of a host.
type logRow struct {
	snapshot.Log
	parts []snapshot.Part
	// bound is the moment beyond which the file cannot reach; zero: nothing
	// tells. stated says that a person, or who made the log, states that it
	// reaches so far.
	bound  time.Time
	stated bool
}

func (e *evaluation) newLogs() *logs {
	out := &logs{facts: e.Facts, hosts: map[string]*logPlaces{}, damaged: e.damagedLogs(), clock: e.logClock(), loc: e.w.m.Location(), quiet: int(e.Config.Coverage.Quiet)}
	files := map[string]int32{}
	name, h := "", (*logPlaces)(nil) // of the log before: they stand by host
	for i := range e.Facts.Logs.Len() {
		l := e.Facts.Logs.At(i)
		if l.Host == "" {
			continue
		}
		if as := nameOr(l.Name, l.Host); h == nil || as != name {
			name = as
			key := e.est.names.key(name)
			if h = out.hosts[key]; h == nil {
				h = &logPlaces{}
				out.hosts[key] = h
			}
		}
		n, ok := files[l.File]
		if !ok {
			n = int32(len(out.files))
			files[l.File] = n
			out.files = append(out.files, logFile{host: h})
		}
		f := &out.files[n]
		f.several = f.several || f.host != h
		f.last = later(f.last, out.clock.known(&l))
		h.at = append(h.at, logPlace{int32(i), n})
	}
	for _, h := range out.hosts {
		for _, p := range h.at {
			f := &out.files[p.file]
			r := logRow{Log: e.Facts.Logs.At(int(p.log))}
			r.limit(f.last, out.clock)
			h.forwarded = h.forwarded || f.several
			h.latest = later(h.latest, r.bound)
		}
	}
	// Of forwarded logs a later file shows that forwarding goes on, even if it
	// holds nothing of the host: that is its own silence.
	for _, h := range out.hosts {
		for _, p := range h.at {
			f := &out.files[p.file]
			f.bound = later(f.bound, h.latest)
		}
	}
	return out
}

// of are the logs of a host; nil where it has none.
func (l *logs) of(key string) *hostLogs {
	h := l.hosts[key]
	if h == nil {
		return nil
	}
	l.rows = slices.Grow(l.rows[:0], len(h.at))
	out := &hostLogs{rows: map[string][]logRow{}, forwarded: h.forwarded}
	for _, p := range h.at {
		r := logRow{Log: l.facts.Logs.At(int(p.log))}
		f := &l.files[p.file]
		r.limit(f.last, l.clock)
		if h.forwarded && !r.Cut && !l.clock.ahead(&r.Log) && !r.bound.IsZero() {
			r.bound = later(r.bound, f.bound)
		}
		r.parts = l.clock.credible(&r.Log)
		l.rows = append(l.rows, r)
	}
	slices.SortStableFunc(l.rows, func(a, b logRow) int { return strings.Compare(a.Channel, b.Channel) })
	for from := 0; from < len(l.rows); {
		until := from + 1
		for until < len(l.rows) && l.rows[until].Channel == l.rows[from].Channel {
			until++
		}
		out.rows[l.rows[from].Channel] = l.rows[from:until]
		from = until
	}
	return out
}

// limit works out how far a file may reach, of which the last record of all is
// told. Its own time, and when it was looked at, mean nothing where they are
// older than what stands in it.
func (r *logRow) limit(last time.Time, clock logClock) {
	switch {
	case r.Modified.IsZero(): // as an older splameter took it
		r.bound, r.stated = r.Until, true
		return
	case r.Cut, clock.ahead(&r.Log):
		r.bound = clock.known(&r.Log)
		return
	case !r.Exported.IsZero():
		r.bound, r.stated = r.Exported, true
	case !r.Until.Before(last):
		r.bound = r.Until
	}
	if !r.Modified.Before(last) && (r.bound.IsZero() || r.Modified.Before(r.bound)) {
		r.bound = r.Modified
	}
}

func rowsLegacy(rows []logRow) bool {
	return !slices.ContainsFunc(rows, func(r logRow) bool { return !r.Modified.IsZero() })
}
