package sessions

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// logs are how far each file reaches for each host and channel, in numbers:
// of a month of forwarded logs there are files times hosts.
type logs struct {
	by        map[logKey]reach
	computers []string // as written
	ids       map[string]uint32
	files     []fileTimes
}

// fileTimes are what is known of a file but for its content.
type fileTimes struct{ until, modified, exported time.Time }

type logKey struct {
	host, file uint32
	channel    Channel
}

// reach is a snapshot.Log in numbers.
type reach struct {
	first, last point
	count       uint64
	cleared     [2]int64
	computer    uint32
	times       uint32
	cut         bool // it is known no further than last
	parts       []snapshot.Part
	lost        []snapshot.Lost
}

func newLogs() logs { return logs{by: map[logKey]reach{}, ids: map[string]uint32{}} }

// add keeps the wider of two readings of one file.
func (l *logs) add(k logKey, r reach, computer string, times fileTimes) {
	if old, ok := l.by[k]; ok {
		if old.count > r.count || old.count == r.count && !when(old.last.ticks).Before(when(r.last.ticks)) {
			return
		}
	}
	r.computer = intern(l.ids, &l.computers, computer)
	at := slices.Index(l.files, times)
	if at < 0 {
		at = len(l.files)
		l.files = append(l.files, times)
	}
	r.times = uint32(at)
	l.by[k] = r
}

func (b *book) addLog(k logKey, r reach, computer string, times fileTimes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logs.add(k, r, computer, times)
}

// Logs are how far each file reaches, sorted by host, channel, file.
func (f *Folder) Logs() []snapshot.Log {
	b := f.book
	keys := make([]logKey, 0, len(b.logs.by))
	for k := range b.logs.by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y logKey) int {
		return cmp.Or(strings.Compare(b.names.hosts[x.host], b.names.hosts[y.host]), cmp.Compare(x.channel, y.channel), strings.Compare(b.files[x.file], b.files[y.file]))
	})
	out := make([]snapshot.Log, len(keys))
	for i, k := range keys {
		r := b.logs.by[k]
		out[i] = snapshot.Log{
			Host: b.names.hosts[k.host], Name: b.logs.computers[r.computer], Channel: k.channel.String(), File: b.files[k.file],
			FirstRecord: r.first.id, LastRecord: r.last.id, First: when(r.first.ticks), Last: when(r.last.ticks),
			Records: r.count, FirstCleared: when(r.cleared[0]), Cleared: when(r.cleared[1]), Cut: r.cut, Parts: r.parts, Lost: r.lost,
		}
		t := &b.logs.files[r.times]
		out[i].Until, out[i].Modified, out[i].Exported = t.until, t.modified, t.exported
	}
	return out
}
