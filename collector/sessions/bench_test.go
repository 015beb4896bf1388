package sessions

import (
	"fmt"
	"testing"
	"time"

	"splameter/collector/sessions/record"
)

// month30 makes events in time order, as a provider's month has them: users
// interleave, each works on two or three hosts, and an event follows from the
// user's one before (21, 24, 25, 23).
type month30 struct {
	users [][]byte
	hosts [][]byte
	ids   [][]byte
	state []uint8
	rng   uint64
	tick  int64
	step  int64
	user  []byte // the fields stand in a buffer of their own, as a reader's do
	host  []byte
	rec   record.Record
	field [3]record.Field
}

func newMonth30(users, hosts, events int) *month30 {
	m := &month30{rng: 1, state: make([]uint8, users)}
	for i := range users {
		domain := "HOSTING"
		if i%3 == 0 {
			domain = "hosting"
		}
		m.users = append(m.users, fmt.Appendf(nil, `%s\user%06d`, domain, i))
	}
	for i := range hosts {
		m.hosts = append(m.hosts, fmt.Appendf(nil, "RDSH-%04d.hosting.example", i))
	}
	for i := range 100 {
		m.ids = append(m.ids, fmt.Appendf(nil, "%d", i))
	}
	begin := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	m.tick, m.step = record.ToTicks(begin), int64(30*24*3600*1e7)/int64(events)
	m.rec.Channel = []byte(fullNames[LSM])
	return m
}

var (
	benchAddress = []byte("10.20.30.40")
	benchUser    = []byte("User")
	benchSession = []byte("SessionID")
	benchFrom    = []byte("Address")
	benchEvents  = [4]uint32{21, 24, 25, 23}
)

func (m *month30) next() *record.Record {
	m.rng = m.rng*6364136223846793005 + 1442695040888963407
	u := int(m.rng>>33) % len(m.users)
	s := m.state[u]
	m.state[u] = s + 1
	host := (u*7 + int(s>>2)%3*1009) % len(m.hosts)
	id := benchEvents[s&3]
	address := benchAddress
	if id == 23 {
		address = nil
	}
	m.tick += m.step
	m.user, m.host = append(m.user[:0], m.users[u]...), append(m.host[:0], m.hosts[host]...)
	m.field = [3]record.Field{{Name: benchUser, Value: m.user}, {Name: benchSession, Value: m.ids[u%len(m.ids)]}, {Name: benchFrom, Value: address}}
	m.rec.Fields = m.field[:]
	m.rec.ID++
	m.rec.EventID, m.rec.Ticks, m.rec.Computer = id, m.tick, m.host
	return &m.rec
}

// The three run over the same events; the difference to "generate" is the
// cost of folding, and of the two others the ratio is what counts.
func BenchmarkFold(b *testing.B) {
	const events, users, hosts = 10_000_000, 100_000, 5_000
	b.Run("generate", func(b *testing.B) {
		for b.Loop() {
			m, n := newMonth30(users, hosts, events), uint64(0)
			for range events {
				n += uint64(m.next().Ticks)
			}
			if n == 0 {
				b.Fatal("no events")
			}
		}
		perEvent(b, events)
	})
	b.Run("fold", func(b *testing.B) {
		for b.Loop() {
			m, f := newMonth30(users, hosts, events), NewFolder(time.UTC)
			u := newFileRun(f, "a.xml", &FileRead{})
			for range events {
				u.Record(m.next())
			}
			u.own.Deliver()
			b.ReportMetric(float64(f.Len()), "rows")
		}
		perEvent(b, events)
	})
	b.Run("strings", func(b *testing.B) {
		for b.Loop() {
			m, seen := newMonth30(users, hosts, events), map[string]struct{}{}
			for range events {
				r := m.next()
				if r.EventID == 23 || r.Fields[2].Value == nil {
					continue
				}
				day := record.FromTicks(r.Ticks).In(time.UTC).Format(time.DateOnly)
				seen[string(r.Computer)+"|"+string(r.Fields[0].Value)+"|"+day] = struct{}{}
			}
			b.ReportMetric(float64(len(seen)), "rows")
		}
		perEvent(b, events)
	})
}

func perEvent(b *testing.B, events int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
}

func BenchmarkAppendJSON(b *testing.B) {
	var (
		ev  Event
		c   Composer
		buf []byte
	)
	c.Compose(lsm(21, "2026-10-05T08:00:00Z", `HOSTING\Zoë "Z" Müller`, "12", "10.0.0.1"), &ev)
	v := NewJudge().Judge(&ev)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendJSON(buf[:0], &ev, v)
	}
	b.SetBytes(int64(len(buf)))
}
