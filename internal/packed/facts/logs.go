package facts

import (
	"cmp"
	"slices"

	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// Logs are logs.
type Logs struct {
	texts packed.Texts
	rows  []logRow
	more  []logMore
}

type logRow struct {
	host, name, channel, file      uint32
	first, last, cleared, until    int64
	firstRecord, lastRecord, count uint64
	modified, exported             int64
	cut                            bool
	more                           int32 // what few logs have, 0: nothing
}

// logMore is what few logs have.
type logMore struct {
	firstCleared int64
	parts        []snapshot.Part
	lost         []snapshot.Lost
}

// Add keeps a log.
func (p *Logs) Add(l *snapshot.Log) {
	more := int32(0)
	if len(l.Parts)+len(l.Lost) > 0 || !l.FirstCleared.IsZero() {
		p.more = append(p.more, logMore{packed.Ticks(l.FirstCleared), slices.Clone(l.Parts), slices.Clone(l.Lost)})
		more = int32(len(p.more))
	}
	p.rows = append(p.rows, logRow{
		p.texts.Add(l.Host), p.texts.Add(l.Name), p.texts.Add(l.Channel), p.texts.Add(l.File),
		packed.Ticks(l.First), packed.Ticks(l.Last), packed.Ticks(l.Cleared), packed.Ticks(l.Until), l.FirstRecord, l.LastRecord, l.Records,
		packed.Ticks(l.Modified), packed.Ticks(l.Exported), l.Cut, more,
	})
}

// Name says, of a log that was added, of which host, channel and file it is.
func (p *Logs) Name(i int, host, channel, file string) {
	r := &p.rows[i]
	r.host, r.channel, r.file = p.texts.Add(host), p.texts.Add(channel), p.texts.Add(file)
}

// Done ends the adding: logs stand by host, channel and file.
func (p *Logs) Done() {
	p.texts.Done()
	p.rows = slices.Concat(p.rows) // without the room to grow
	rank := p.texts.Ranks()
	by := func(x, y uint32) int { return cmp.Compare(rank[x], rank[y]) }
	slices.SortFunc(p.rows, func(x, y logRow) int {
		return cmp.Or(by(x.host, y.host), by(x.channel, y.channel), by(x.file, y.file))
	})
}

// Len implements snapshot.Table.
func (p *Logs) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *Logs) At(i int) snapshot.Log {
	r, t := &p.rows[i], &p.texts
	l := snapshot.Log{Host: t.At(r.host), Name: t.At(r.name), Channel: t.At(r.channel), File: t.At(r.file), FirstRecord: r.firstRecord, LastRecord: r.lastRecord,
		First: packed.FromTicks(r.first), Last: packed.FromTicks(r.last), Records: r.count, Cleared: packed.FromTicks(r.cleared), Until: packed.FromTicks(r.until),
		Modified: packed.FromTicks(r.modified), Exported: packed.FromTicks(r.exported), Cut: r.cut}
	if r.more > 0 {
		m := &p.more[r.more-1]
		l.FirstCleared, l.Parts, l.Lost = packed.FromTicks(m.firstCleared), m.parts, m.lost
	}
	return l
}
