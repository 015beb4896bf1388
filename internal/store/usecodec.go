package store

import (
	"encoding/binary"

	"splameter/internal/snapshot"
)

// A row of use is kept as: its SID and name (where it is not the user), then
// the six events, each a byte that says which it is and what it shares with
// the one before. Files are numbers in the table of names.

const (
	eventFirst byte = iota + 1
	eventLast
	eventOpened
	eventClosed
	eventEnded
	eventLeft
	eventMask  byte = 0x07
	eventSame  byte = 0x10 // the sighting is that of First
	markRemote byte = 0x20
	useSID     byte = 0x40
	useName    byte = 0x41
	useClient  byte = 0x42 // one device; they stand in order
	useDays    byte = 0x43 // days on which a device was named
)

func appendSighting(b []byte, s *snapshot.Sighting, files map[string]int64) []byte {
	b = binary.AppendVarint(b, ticks(s.Time))
	b = binary.AppendUvarint(b, uint64(s.EventID))
	b = binary.AppendUvarint(b, uint64(len(s.Channel)))
	b = append(b, s.Channel...)
	b = binary.AppendUvarint(b, uint64(files[s.File]))
	b = binary.AppendVarint(b, int64(s.Line))
	return binary.AppendUvarint(b, s.Record)
}

func (d *decoder) sighting(files names, common interned) (s snapshot.Sighting) {
	s.Time = fromTicks(d.number())
	s.EventID = uint32(d.uint())
	s.Channel = d.common(common)
	s.File = files[int64(d.uint())]
	s.Line = int(d.number())
	s.Record = d.uint()
	return s
}

func appendUse(b []byte, u *snapshot.Use, files map[string]int64) []byte {
	e := encoder{b}
	e.text(useSID, u.SID)
	if u.Name != u.User {
		e.text(useName, u.Name)
	}
	for _, c := range u.Clients {
		e.text(useClient, c)
	}
	e.number(useDays, int64(u.ClientDays))
	put := func(kind byte, s *snapshot.Sighting, m *snapshot.Mark) {
		if m != nil {
			s = &m.Sighting
			if m.Remote {
				kind |= markRemote
			}
		}
		if s.IsZero() {
			return
		}
		if kind != eventFirst && *s == u.First {
			e.b = append(e.b, kind|eventSame)
		} else {
			e.b = appendSighting(append(e.b, kind), s, files)
		}
		if m != nil {
			e.b = binary.AppendUvarint(e.b, uint64(len(m.Session)))
			e.b = append(e.b, m.Session...)
		}
	}
	put(eventFirst, &u.First, nil)
	put(eventLast, &u.Last, nil)
	put(eventOpened, nil, &u.Opened)
	put(eventClosed, nil, &u.Closed)
	put(eventEnded, nil, &u.Ended)
	put(eventLeft, nil, &u.Left)
	return e.b
}

// interned holds texts that many rows share; nil holds none.
type interned map[string]string

// common is a text that was met before, or will be again.
func (d *decoder) common(known interned) string {
	n := d.uint()
	if d.err != nil || n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	s, ok := known[string(d.b[:n])]
	if !ok {
		s = string(d.b[:n])
		if known != nil && len(known) < 1<<12 && len(s) < 64 { // session ids may be endless
			known[s] = s
		}
	}
	d.b = d.b[n:]
	return s
}

// decodeUse fills in what appendUse kept; User must be set before.
func decodeUse(b []byte, u *snapshot.Use, files names, common interned) error {
	d := decoder{b: b}
	u.Name = u.User
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case useSID:
			u.SID = d.text()
			continue
		case useName:
			u.Name = d.text()
			continue
		case useClient:
			u.Clients = append(u.Clients, d.text())
			continue
		case useDays:
			u.ClientDays = uint32(d.number())
			continue
		}
		s := u.First
		if f&eventSame == 0 {
			s = d.sighting(files, common)
		}
		mark := func(m *snapshot.Mark) {
			*m = snapshot.Mark{Sighting: s, Session: d.common(common), Remote: f&markRemote != 0}
		}
		switch f & eventMask {
		case eventFirst:
			u.First = s
		case eventLast:
			u.Last = s
		case eventOpened:
			mark(&u.Opened)
		case eventClosed:
			mark(&u.Closed)
		case eventEnded:
			mark(&u.Ended)
		case eventLeft:
			mark(&u.Left)
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// sidOfUse is the SID that a kept row names; it stands first.
func sidOfUse(b []byte) (string, error) {
	d := decoder{b: b}
	if d.field() != useSID {
		return "", d.err
	}
	return d.text(), d.err
}

// filesOfUse calls f with the number of every file that a kept row names.
func filesOfUse(b []byte, f func(int64)) error {
	d := decoder{b: b}
	for x := d.field(); x != 0; x = d.field() {
		switch x {
		case useSID, useName, useClient:
			d.skip()
			continue
		case useDays:
			d.number()
			continue
		}
		if x&eventSame == 0 {
			d.number()
			d.uint()
			d.skip()
			f(int64(d.uint()))
			d.number()
			d.uint()
		}
		if k := x & eventMask; k != eventFirst && k != eventLast {
			d.skip()
		}
	}
	return d.err
}
