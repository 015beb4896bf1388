// Package facts holds a month's facts packed: texts as numbers of a list, moments
// as ticks, and a row made anew whenever it is asked for. Of a provider of
// 100,000 accounts the uses alone are 40 MB so where the values themselves take
// 300, and the collector of garbage need not look through them. Store and
// evidence fill its tables, and nobody else knows of them.
package facts

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// Uses are rows of use of one month.
type Uses struct {
	texts packed.Texts
	kinds []eventKind
	kind  map[eventKind]uint64
	rows  []use
	arena packed.Arena // the rows' events
	row   []byte       // being made
	base  int64        // ticks that moments are counted from
	month int
}

// use is a row but for its events.
type use struct {
	at         uint64 // in the arena
	host, user uint32
	days       uint32
}

// eventKind is what events mostly differ in.
type eventKind struct {
	channel string
	event   uint32
}

func NewUses(m month.Month, most int) *Uses {
	return &Uses{kind: map[eventKind]uint64{}, rows: make([]use, 0, most), base: packed.Ticks(m.Start()), month: m.Number()}
}

// What a row has, as bits; three for each event.
const (
	packedSID = 1 << iota
	packedName
	packedCarried
	packedEvents // the first of the event's bits
	// Behind those of the six events.
	packedClients = packedEvents << 18
	packedOwn     = 1
	packedSame    = 2 // the sighting is that of First
	packedRemote  = 4
)

// Add keeps a row of the month. An event without a moment is none.
func (p *Uses) Add(u *snapshot.Use) {
	flags := uint64(0)
	if u.SID != "" {
		flags |= packedSID
	}
	if u.Name != u.User {
		flags |= packedName
	}
	if u.Carried {
		flags |= packedCarried
	}
	events, marks := eventsOf(u)
	for i, s := range events {
		if s.IsZero() {
			continue
		}
		bit := uint64(packedOwn)
		if i > 0 && *s == u.First {
			bit = packedSame
		}
		if marks[i] != nil && marks[i].Remote {
			bit |= packedRemote
		}
		flags |= bit * packedEvents << (3 * i)
	}
	if len(u.Clients) > 0 || u.ClientDays != 0 {
		flags |= packedClients
	}
	b := binary.AppendUvarint(p.row[:0], flags)
	text := func(s string) { b = packed.AppendText(b, s) }
	if flags&packedSID != 0 {
		text(u.SID)
	}
	if flags&packedName != 0 {
		text(u.Name)
	}
	for i, s := range events {
		bits := flags / packedEvents >> (3 * i)
		if bits&packedOwn != 0 {
			k := eventKind{s.Channel, s.EventID}
			n, ok := p.kind[k]
			if !ok {
				n = uint64(len(p.kinds))
				p.kind[k], p.kinds = n, append(p.kinds, k)
			}
			b = binary.AppendUvarint(b, n)
			b = binary.AppendVarint(b, packed.Ticks(s.Time)-p.base)
			b = binary.AppendUvarint(b, uint64(p.texts.Add(s.File)))
			b = binary.AppendVarint(b, int64(s.Line))
			b = binary.AppendUvarint(b, s.Record)
		}
		if bits&(packedOwn|packedSame) != 0 && marks[i] != nil {
			text(marks[i].Session)
		}
	}
	if flags&packedClients != 0 {
		b = binary.AppendUvarint(b, uint64(u.ClientDays))
		b = binary.AppendUvarint(b, uint64(len(u.Clients)))
		for _, c := range u.Clients {
			b = binary.AppendUvarint(b, uint64(p.texts.Add(c)))
		}
	}
	p.row = b
	p.rows = append(p.rows, use{p.arena.Put(b), p.texts.Add(u.Host), p.texts.Add(u.User), u.Days})
}

// eventsOf are a row's six events, with the marks that some of them are.
func eventsOf(u *snapshot.Use) ([6]*snapshot.Sighting, [6]*snapshot.Mark) {
	return [6]*snapshot.Sighting{&u.First, &u.Last, &u.Opened.Sighting, &u.Closed.Sighting, &u.Ended.Sighting, &u.Left.Sighting},
		[6]*snapshot.Mark{nil, nil, &u.Opened, &u.Closed, &u.Ended, &u.Left}
}

// Done ends the adding: rows stand by host, then by user.
func (p *Uses) Done() {
	p.row, p.kind = nil, nil
	p.texts.Done()
	t := &p.texts
	slices.SortFunc(p.rows, func(x, y use) int {
		if x.host != y.host {
			return strings.Compare(t.At(x.host), t.At(y.host))
		}
		return cmp.Or(strings.Compare(t.At(x.user), t.At(y.user)), cmp.Compare(x.at, y.at))
	})
}

// Len implements snapshot.Table.
func (p *Uses) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *Uses) At(i int) (u snapshot.Use) {
	r := &p.rows[i]
	u = snapshot.Use{Host: p.texts.At(r.host), User: p.texts.At(r.user), Month: p.month, Days: r.days}
	d := p.arena.At(r.at)
	flags := d.Uint()
	if flags&packedSID != 0 {
		u.SID = d.Text()
	}
	u.Name = u.User
	if flags&packedName != 0 {
		u.Name = d.Text()
	}
	u.Carried = flags&packedCarried != 0
	events, marks := eventsOf(&u)
	for i, s := range events {
		bits := flags / packedEvents >> (3 * i) & 7
		switch {
		case bits&packedOwn != 0:
			k := &p.kinds[d.Uint()]
			s.Channel, s.EventID = k.channel, k.event
			s.Time = packed.FromTicks(d.Int() + p.base)
			s.File = p.texts.At(uint32(d.Uint()))
			s.Line = int(d.Int())
			s.Record = d.Uint()
		case bits&packedSame != 0:
			*s = u.First
		default:
			continue
		}
		if m := marks[i]; m != nil {
			m.Session, m.Remote = d.Text(), bits&packedRemote != 0
		}
	}
	if flags&packedClients != 0 {
		u.ClientDays = uint32(d.Uint())
		if n := d.Uint(); n > 0 {
			u.Clients = make([]string, n)
			for i := range u.Clients {
				u.Clients[i] = p.texts.At(uint32(d.Uint()))
			}
		}
	}
	return u
}
