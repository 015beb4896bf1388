package sessions

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// logTable holds how far each file reaches for each host and channel, in numbers:
// of a month of forwarded logs there are files times hosts.
type logTable struct {
	by        map[fileLogKey]fileLog
	computers []string // as written
	ids       map[string]uint32
	files     []fileTimes
}

// fileTimes are what is known of a file but for its content.
type fileTimes struct{ until, modified, exported time.Time }

type fileLogKey struct {
	host, file uint32
	channel    Channel
}

// fileLog is a snapshot.Log in numbers.
type fileLog struct {
	first, last point
	count       uint64
	cleared     [2]int64
	computer    uint32
	times       uint32
	cut         bool // it is known no further than last
	parts       []snapshot.Part
	lost        []snapshot.Lost
}

func newLogTable() logTable { return logTable{by: map[fileLogKey]fileLog{}, ids: map[string]uint32{}} }

// add keeps the wider of two readings of one file.
func (t *logTable) add(k fileLogKey, r fileLog, computer string, times fileTimes) {
	if old, ok := t.by[k]; ok {
		if old.count > r.count || old.count == r.count && !when(old.last.ticks).Before(when(r.last.ticks)) {
			return
		}
	}
	r.computer = intern(t.ids, &t.computers, computer)
	at := slices.Index(t.files, times)
	if at < 0 {
		at = len(t.files)
		t.files = append(t.files, times)
	}
	r.times = uint32(at)
	t.by[k] = r
}

func (t *tables) addLog(k fileLogKey, r fileLog, computer string, times fileTimes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs.add(k, r, computer, times)
}

// Logs are how far each file reaches, sorted by host, channel, file.
func (f *Folder) Logs() []snapshot.Log {
	b := f.tables
	keys := make([]fileLogKey, 0, len(b.logs.by))
	for k := range b.logs.by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y fileLogKey) int {
		return cmp.Or(strings.Compare(b.nameTable.hosts[x.host], b.nameTable.hosts[y.host]), cmp.Compare(x.channel, y.channel), strings.Compare(b.files[x.file], b.files[y.file]))
	})
	out := make([]snapshot.Log, len(keys))
	for i, k := range keys {
		r := b.logs.by[k]
		out[i] = snapshot.Log{
			Host: b.nameTable.hosts[k.host], Name: b.logs.computers[r.computer], Channel: k.channel.String(), File: b.files[k.file],
			FirstRecord: r.first.id, LastRecord: r.last.id, First: when(r.first.ticks), Last: when(r.last.ticks),
			Records: r.count, FirstCleared: when(r.cleared[0]), Cleared: when(r.cleared[1]), Cut: r.cut, Parts: r.parts, Lost: r.lost,
		}
		t := &b.logs.files[r.times]
		out[i].Until, out[i].Modified, out[i].Exported = t.until, t.modified, t.exported
	}
	return out
}
