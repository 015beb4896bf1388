package store

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// A month's rows of use, its logs and what was installed are handed out
// packed: texts as numbers of a list, moments as ticks, and a row made anew
// whenever it is asked for. Of a provider of 100,000 accounts that is 40 MB
// where the values themselves take 300, and the collector of garbage need not
// look through it.

// packedUses are rows of use of one month.
type packedUses struct {
	texts packed.Texts
	kinds []eventKind
	kind  map[eventKind]uint64
	rows  []packedUse
	arena packed.Arena // the rows' events
	row   []byte       // being made
	base  int64        // ticks that moments are counted from
	month int
}

// packedUse is a row but for its events.
type packedUse struct {
	at         uint64 // in the arena
	host, user uint32
	days       uint32
}

// eventKind is what events mostly differ in.
type eventKind struct {
	channel string
	event   uint32
}

func newPackedUses(m month.Month, most int) *packedUses {
	return &packedUses{kind: map[eventKind]uint64{}, rows: make([]packedUse, 0, most), base: ticks(m.Start()), month: m.Number()}
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

// add keeps a row of the month. An event without a moment is none.
func (p *packedUses) add(u *snapshot.Use) {
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
			b = binary.AppendVarint(b, ticks(s.Time)-p.base)
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
	p.rows = append(p.rows, packedUse{p.arena.Put(b), p.texts.Add(u.Host), p.texts.Add(u.User), u.Days})
}

// eventsOf are a row's six events, with the marks that some of them are.
func eventsOf(u *snapshot.Use) ([6]*snapshot.Sighting, [6]*snapshot.Mark) {
	return [6]*snapshot.Sighting{&u.First, &u.Last, &u.Opened.Sighting, &u.Closed.Sighting, &u.Ended.Sighting, &u.Left.Sighting},
		[6]*snapshot.Mark{nil, nil, &u.Opened, &u.Closed, &u.Ended, &u.Left}
}

// done ends the adding: rows stand by host, then by user.
func (p *packedUses) done() {
	p.row, p.kind = nil, nil
	p.texts.Done()
	t := &p.texts
	slices.SortFunc(p.rows, func(x, y packedUse) int {
		if x.host != y.host {
			return strings.Compare(t.At(x.host), t.At(y.host))
		}
		return cmp.Or(strings.Compare(t.At(x.user), t.At(y.user)), cmp.Compare(x.at, y.at))
	})
}

// Len implements snapshot.Table.
func (p *packedUses) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *packedUses) At(i int) (u snapshot.Use) {
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
			s.Time = fromTicks(d.Int() + p.base)
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

// packedLogs are logs.
type packedLogs struct {
	texts packed.Texts
	rows  []packedLog
	more  []logMore
}

type packedLog struct {
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

func (p *packedLogs) add(l *snapshot.Log) {
	more := int32(0)
	if len(l.Parts)+len(l.Lost) > 0 || !l.FirstCleared.IsZero() {
		p.more = append(p.more, logMore{ticks(l.FirstCleared), slices.Clone(l.Parts), slices.Clone(l.Lost)})
		more = int32(len(p.more))
	}
	p.rows = append(p.rows, packedLog{
		p.texts.Add(l.Host), p.texts.Add(l.Name), p.texts.Add(l.Channel), p.texts.Add(l.File),
		ticks(l.First), ticks(l.Last), ticks(l.Cleared), ticks(l.Until), l.FirstRecord, l.LastRecord, l.Records,
		ticks(l.Modified), ticks(l.Exported), l.Cut, more,
	})
}

// done ends the adding: logs stand by host, channel and file.
func (p *packedLogs) done() {
	p.texts.Done()
	p.rows = slices.Concat(p.rows) // without the room to grow
	rank := p.texts.Ranks()
	by := func(x, y uint32) int { return cmp.Compare(rank[x], rank[y]) }
	slices.SortFunc(p.rows, func(x, y packedLog) int {
		return cmp.Or(by(x.host, y.host), by(x.channel, y.channel), by(x.file, y.file))
	})
}

// Len implements snapshot.Table.
func (p *packedLogs) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *packedLogs) At(i int) snapshot.Log {
	r, t := &p.rows[i], &p.texts
	l := snapshot.Log{Host: t.At(r.host), Name: t.At(r.name), Channel: t.At(r.channel), File: t.At(r.file), FirstRecord: r.firstRecord, LastRecord: r.lastRecord,
		First: fromTicks(r.first), Last: fromTicks(r.last), Records: r.count, Cleared: fromTicks(r.cleared), Until: fromTicks(r.until),
		Modified: fromTicks(r.modified), Exported: fromTicks(r.exported), Cut: r.cut}
	if r.more > 0 {
		m := &p.more[r.more-1]
		l.FirstCleared, l.Parts, l.Lost = fromTicks(m.firstCleared), m.parts, m.lost
	}
	return l
}

// packedMembers are a directory's memberships.
type packedMembers struct {
	texts packed.Texts
	rows  []packedMember
}

type packedMember struct {
	group, key, file uint32
	first, last      int32
	line             int
}

// done ends the adding: memberships stand by group, key and span.
func (p *packedMembers) done() {
	p.texts.Done()
	rank := p.texts.Ranks()
	slices.SortFunc(p.rows, func(x, y packedMember) int {
		if x.group != y.group {
			return cmp.Compare(rank[x.group], rank[y.group])
		}
		return cmp.Or(cmp.Compare(rank[x.key], rank[y.key]), cmp.Compare(x.first, y.first))
	})
}

// Len implements snapshot.Table.
func (p *packedMembers) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *packedMembers) At(i int) snapshot.MemberSpan {
	r, t := &p.rows[i], &p.texts
	return snapshot.MemberSpan{Member: snapshot.Member{Group: t.At(r.group), Key: t.At(r.key), Line: r.line},
		Span: snapshot.Span{First: r.first, Last: r.last}, File: t.At(r.file)}
}

// programs are the different programs of one source.
type programs struct {
	list []*snapshot.Install
	at   map[string]uint32 // by how a program is kept
	same map[snapshot.Install]uint32
}

func newPrograms() *programs {
	return &programs{at: map[string]uint32{}, same: map[snapshot.Install]uint32{}}
}

// decode reads what appendInstalls kept.
func (p *programs) decode(b []byte) (list []uint32, err error) {
	d := decoder{b: b}
	for len(d.b) > 0 && d.err == nil {
		from := d.b
		for f := d.field(); f != 9 && d.err == nil; f = d.field() {
			switch {
			case f == 0: // the entry has no end: it is none
				return list, d.err
			case f > 6:
				d.unknown(f)
			default:
				d.skip()
			}
		}
		if d.err != nil {
			break
		}
		kept := from[:len(from)-len(d.b)]
		n, ok := p.at[string(kept)]
		if !ok {
			one, err := decodeInstalls(kept)
			if err != nil {
				return nil, err
			}
			if n, ok = p.same[one[0]]; !ok {
				n = uint32(len(p.list))
				p.list, p.same[one[0]] = append(p.list, &one[0]), n
			}
			p.at[string(kept)] = n
		}
		list = append(list, n)
	}
	return list, d.err
}

// done ends the adding, and says in what place each program stands by name,
// version, publisher, key, release and edition.
func (p *programs) done() []uint32 {
	order := make([]uint32, len(p.list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		x, y := p.list[a], p.list[b]
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Version, y.Version), strings.Compare(x.Publisher, y.Publisher),
			strings.Compare(x.Key, y.Key), strings.Compare(x.Release, y.Release), strings.Compare(x.Edition, y.Edition))
	})
	rank := make([]uint32, len(order))
	for i, n := range order {
		rank[n] = uint32(i)
	}
	p.at, p.same = nil, nil
	return rank
}

// packedInstalls are the programs of one host.
type packedInstalls struct {
	programs *programs
	files    []string // of the host; mostly one
	rows     []packedInstall
}

type packedInstall struct {
	program     uint32
	file        uint32
	line        int
	first, last month.Day
}

// Len implements snapshot.Table.
func (p *packedInstalls) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *packedInstalls) At(i int) snapshot.InstallMonth {
	r := &p.rows[i]
	x := snapshot.InstallMonth{Install: *p.programs.list[r.program], First: r.first, Last: r.last, File: p.files[r.file]}
	x.Line = r.line
	return x
}

// Program implements snapshot.Programs.
func (p *packedInstalls) Program(i int) *snapshot.Install { return p.programs.list[p.rows[i].program] }
