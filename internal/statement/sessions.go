package statement

import (
	"encoding/binary"
	"time"

	"splameter/internal/packed"
)

// Sessions are sessions packed. The zero value holds none.
type Sessions struct {
	texts packed.Texts
	arena packed.Arena
	zoned []time.Time // that are not in UTC
	row   []byte      // being made
}

// Put keeps a session and says where.
func (p *Sessions) Put(s *Session) (place uint64) {
	p.row = p.pack(p.row[:0], s)
	return p.arena.Put(p.row)
}

// At is the session in a place.
func (p *Sessions) At(place uint64) *Session {
	c := p.arena.At(place)
	return p.unpack(&c)
}

// pack appends a session to a row in any arena.
func (p *Sessions) pack(b []byte, s *Session) []byte {
	text := func(t string) { b = binary.AppendUvarint(b, uint64(p.texts.Add(t))) }
	text(s.Host)
	if s.Time.Location() != time.UTC {
		p.zoned = append(p.zoned, s.Time)
		b = binary.AppendUvarint(b, uint64(len(p.zoned)))
	} else {
		b = binary.AppendUvarint(b, 0)
		b = binary.AppendVarint(b, s.Time.Unix())
		b = binary.AppendUvarint(b, uint64(s.Time.Nanosecond()))
	}
	b = binary.AppendUvarint(b, uint64(s.EventID))
	text(s.Channel)
	text(s.File)
	b = binary.AppendVarint(b, int64(s.Line))
	b = binary.AppendUvarint(b, s.Record)
	text(s.Note)
	return b
}

// unpack reads what pack appended.
func (p *Sessions) unpack(c *packed.Cursor) *Session {
	text := func() string { return p.texts.At(uint32(c.Uint())) }
	s := &Session{Host: text()}
	if n := c.Uint(); n > 0 {
		s.Time = p.zoned[n-1]
	} else {
		sec := c.Int()
		s.Time = time.Unix(sec, int64(c.Uint())).UTC()
	}
	s.EventID = uint32(c.Uint())
	s.Channel, s.File = text(), text()
	s.Line = int(c.Int())
	s.Record = c.Uint()
	s.Note = text()
	return s
}
