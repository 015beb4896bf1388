package evtx

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
)

// rawLog is a log of one chunk whose records hold the given binary XML, with
// right sizes and checksums. A body is made for its offset in the chunk.
func rawLog(bodies ...func(at int) []byte) []byte {
	log := evtxtest.Log([]evtxtest.Event{{ID: 1, Computer: "H"}}, evtxtest.Options{})
	c := chunkOf(log, 0)
	clear(c[512:])
	at := 512
	for i, body := range bodies {
		b := body(at + 24)
		n := (24 + len(b) + 4 + 7) &^ 7
		le.PutUint32(c[at:], 0x2a2a)
		le.PutUint32(c[at+4:], uint32(n))
		le.PutUint64(c[at+8:], uint64(i+1))
		copy(c[at+24:], b)
		le.PutUint32(c[at+n-4:], uint32(n))
		at += n
	}
	le.PutUint64(c[16:], uint64(len(bodies)))
	le.PutUint32(c[48:], uint32(at))
	evtxtest.SealRecords(c)
	return log
}

// name is a name that stands where it is used, at offset at.
func name(at int, s string) []byte {
	b := le.AppendUint32(nil, uint32(at+4))
	b = append(le.AppendUint16(append(b, 0, 0, 0, 0, 0, 0), uint16(len(s))), make([]byte, 2*len(s)+2)...)
	for i := range len(s) {
		b[12+2*i] = s[i]
	}
	return b
}

// open is the beginning of an element with content.
func open(at int, s string) []byte {
	return append(append([]byte{0x01, 0xff, 0xff, 9, 0, 0, 0}, name(at+7, s)...), 0x02)
}

// instanceOf is a template instance without values; where def is not nil, it
// stands in the instance, and off is ignored.
func instanceOf(at int, off uint32, def func(at int) []byte) []byte {
	b := []byte{0x0c, 1, 0, 0, 0, 0}
	if def == nil {
		return append(le.AppendUint32(b, off), 0, 0, 0, 0)
	}
	b = append(le.AppendUint32(b, uint32(at+10)), make([]byte, 24)...)
	d := def(at + 34)
	le.PutUint32(b[30:], uint32(len(d)))
	return append(append(b, d...), 0, 0, 0, 0)
}

func good(at int) []byte {
	b := open(at, "Event")
	b = append(b, open(at+len(b), "System")...)
	b = append(b, open(at+len(b), "EventID")...)
	return append(b, 0x05, 0x01, 2, 0, '2', 0, '1', 0, 4, 4, 4, 0)
}

// Each hostile record costs itself only: the good one behind it is read.
func TestHostileRecords(t *testing.T) {
	for _, c := range []struct {
		name string
		body func(at int) []byte
		what string
	}{
		{"four billion values", func(at int) []byte {
			b := instanceOf(at, 0, func(int) []byte { return []byte{0} })
			le.PutUint32(b[len(b)-4:], 0xffffffff)
			return b
		}, "beyond its end"},
		{"values beyond the record", func(at int) []byte {
			b := instanceOf(at, 0, func(int) []byte { return []byte{0} })
			le.PutUint32(b[len(b)-4:], 1)
			return append(b, 0xff, 0xff, 1, 0)
		}, "beyond its end"},
		{"template outside", func(at int) []byte { return instanceOf(at, 65530, nil) }, "template lies outside"},
		{"template in the header", func(at int) []byte { return instanceOf(at, 8, nil) }, "template lies outside"},
		{"template far outside", func(at int) []byte { return instanceOf(at, 0xfffffff0, nil) }, "template lies outside"},
		{"definition of four gigabytes", func(at int) []byte {
			b := instanceOf(at, 0, func(int) []byte { return []byte{0} })
			le.PutUint32(b[30:], 0xffffffff)
			return b
		}, "template lies outside"},
		{"template that uses itself", func(at int) []byte {
			return instanceOf(at, 0, func(in int) []byte { return append(instanceOf(in, uint32(at+10), nil), 0) })
		}, "nested too deeply"},
		{"template that uses itself twice", func(at int) []byte {
			return instanceOf(at, 0, func(in int) []byte {
				return append(append(instanceOf(in, uint32(at+10), nil), instanceOf(in, uint32(at+10), nil)...), 0)
			})
		}, "nested too deeply"},
		{"33 elements deep", func(at int) []byte {
			var b []byte
			for range 33 {
				b = append(b, open(at+len(b), "x")...)
			}
			return append(b, bytes.Repeat([]byte{4}, 33)...)
		}, "nested too deeply"},
		{"text beyond the record", func(at int) []byte { return append(open(at, "Event"), 0x05, 0x01, 0xff, 0xff, 'x') }, "ends too early"},
		{"name outside", func(int) []byte { return []byte{0x01, 0xff, 0xff, 9, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff, 3} }, "name lies outside"},
		{"unknown token", func(int) []byte { return []byte{0x3f} }, "unknown kind"},
		{"element without end", func(at int) []byte { return open(at, "Event") }, "unknown kind"},
		{"nothing", func(int) []byte { return []byte{0} }, "no event id"},
		{"an element that is no event", func(at int) []byte { return append(open(at, "Events"), 4) }, "no event id"},
		{"a time that is none", func(at int) []byte {
			b := open(at, "Event")
			b = append(b, open(at+len(b), "System")...)
			b = append(b, 0x41, 0xff, 0xff, 9, 0, 0, 0)
			b = append(b, name(at+len(b), "TimeCreated")...)
			b = append(b, 9, 0, 0, 0, 0x06)
			b = append(b, name(at+len(b), "SystemTime")...)
			return append(b, 0x05, 0x01, 2, 0, 'n', 0, 'o', 0, 3, 4, 4, 0)
		}, "time cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, info := gather(t, rawLog(c.body, good), Options{})
			if len(g.records) != 1 || g.records[0].EventID != 21 || info.Records != 2 {
				t.Errorf("%d records, %+v", len(g.records), info)
			}
			if len(g.damages) != 1 || g.damages[0].Record != 1 || g.damages[0].Lost != 1 || g.damages[0].Offset != 4096+512 || !strings.Contains(g.damages[0].What, c.what) {
				t.Errorf("damages %+v, want %q", g.damages, c.what)
			}
		})
	}
}

// An array of any type and length is a field an item, or a value of the wrong
// size; found by fuzzing: a pointer of two bytes in the end of an array was
// taken for four.
func TestArraysOfAnyLength(t *testing.T) {
	raw := bytes.Repeat([]byte{1, 0, 'x'}, 20)
	for typ := range typeArray {
		if typ == typeSysTime {
			continue // of these bytes none is a time
		}
		for length := range len(raw) + 1 {
			d := newDecoder(nil)
			var b batch
			d.begin(raw, &b)
			err := d.array(&op{name: []byte("n"), sub: -1}, nil, value{0, int32(length), byte(typ) | typeArray})
			size := fixedSize(byte(typ))
			if typ == typeSize {
				if size = 4; length%8 == 0 {
					size = 8
				}
			}
			if size > 0 && (err == nil) != (length%size == 0) || err == nil && size > 0 && len(b.fields) != length/size {
				t.Errorf("type %#x, %d bytes: %d fields, %v", typ, length, len(b.fields), err)
			}
		}
	}
}

// A value that is repeated by ever more holes may not fill the memory: one
// record of 40 kB, 301 of whose holes take a text of 20 kB, unfolds to 3 MB,
// and a chunk may have hundreds of records that use its template.
func TestUnfoldingIsBounded(t *testing.T) {
	fields := []evtxtest.Field{evtxtest.Text("a", strings.Repeat("x", 10_000))}
	for range 300 {
		fields = append(fields, evtxtest.Number("n", 1))
	}
	e := evtxtest.Security(1, fields...)
	e.ID, e.Computer = 1, "H"
	log := evtxtest.Log([]evtxtest.Event{e}, evtxtest.Options{})
	c := chunkOf(log, 0)
	// Every hole of a number becomes a hole for the text, value 0.
	for i := 512; i < len(c)-4; i++ {
		if c[i] == 0x0d && c[i+3] == 0x08 {
			c[i+1], c[i+2], c[i+3] = 0, 0, 0x01
		}
	}
	evtxtest.SealRecords(c)
	var n int
	d := newDecoder(nil)
	var b batch
	d.chunk(c, 0, &b)
	for _, r := range b.records {
		for _, f := range r.Fields {
			n += len(f.Value)
		}
	}
	if n != 301*10_000 {
		t.Errorf("a single record unfolds to %d bytes, want 3,010,000", n)
	}
	d.budget = 1 << 20
	b.reset()
	d.out = &b
	if err := d.record(512, 512+int(le.Uint32(c[516:]))-4, 1, 0); err != errBudget || len(b.arena) > 2<<20 {
		t.Errorf("with a small budget: %v, %d bytes", err, len(b.arena))
	}
}

// Damages of one chunk are summed up: here all its records are broken inside.
func TestManyDamages(t *testing.T) {
	var bodies []func(int) []byte
	for range 500 {
		bodies = append(bodies, func(int) []byte { return []byte{0x3f} })
	}
	g, info := gather(t, rawLog(bodies...), Options{})
	lost := 0
	for _, d := range g.damages {
		lost += d.Lost
	}
	if info.Records != 500 || len(g.damages) != maxDamages+1 || lost != 500 {
		t.Errorf("%+v: %d damages that lose %d", info, len(g.damages), lost)
	}
}

// Two templates may carry one identifier and stand at the same place of two
// chunks: the fields must be those of each chunk's own.
func TestSameIdentifierOtherTemplate(t *testing.T) {
	one := evtxtest.Security(1, evtxtest.Text("User", "a"))
	two := evtxtest.Security(1, evtxtest.Text("Host", "b"))
	var logs [2][]byte
	for i, e := range []evtxtest.Event{one, two} {
		e.ID, e.Computer = uint64(i+1), "H"
		logs[i] = evtxtest.Log([]evtxtest.Event{e}, evtxtest.Options{})
	}
	a, b := chunkOf(logs[0], 0), chunkOf(logs[1], 0)
	// The second definition is the one whose name EventData comes after it.
	at := bytes.Index(a, []byte("E\x00v\x00e\x00n\x00t\x00D\x00a\x00t\x00a\x00"))
	def := at - 8 - 7 - 4 - 4 - 24 // name's head, element's head with the name's offset, fragment, definition
	if def < 512 || bytes.Equal(a[def+4:def+20], b[def+4:def+20]) {
		t.Fatalf("the identifiers are not at %d", def)
	}
	copy(b[def+4:def+20], a[def+4:def+20])
	evtxtest.SealRecords(b)
	g, _ := gather(t, append(logs[0], b...), Options{})
	var got []string
	for _, r := range g.records {
		for _, f := range r.Fields {
			got = append(got, fmt.Sprintf("%s=%s", f.Name, f.Value))
		}
	}
	if fmt.Sprint(got) != "[User=a Host=b]" || len(g.damages) != 0 {
		t.Errorf("got %v, %v", got, g.damages)
	}
}

func TestLiteralForms(t *testing.T) {
	// <Event><System><EventID Qualifiers="9">21</EventID></System><UserData><x><A>a&b…</A><B><C/></B></x></UserData></Event>
	body := func(at int) []byte {
		b := open(at, "Event")
		b = append(b, open(at+len(b), "System")...)
		b = append(b, 0x41, 0xff, 0xff, 9, 0, 0, 0)
		b = append(b, name(at+len(b), "EventID")...)
		b = append(b, 9, 0, 0, 0, 0x06)
		b = append(b, name(at+len(b), "Qualifiers")...)
		b = append(b, 0x05, 0x01, 1, 0, '9', 0, 2)
		b = append(b, 0x05, 0x04, 21, 4, 4) // an 8-bit number
		b = append(b, open(at+len(b), "UserData")...)
		b = append(b, 0x0a)
		b = append(b, name(at+len(b), "pi")...)
		b = append(b, 0x0b, 1, 0, 'd', 0)
		b = append(b, open(at+len(b), "x")...)
		b = append(b, open(at+len(b), "A")...)
		b = append(b, 0x45, 0x01, 1, 0, 'a', 0, 0x49)
		b = append(b, name(at+len(b), "amp")...)
		b = append(b, 0x07, 1, 0, '<', 0, 0x08, 0x26, 0x20, 0x09)
		b = append(b, name(at+len(b), "other")...)
		b = append(b, 4)
		b = append(b, open(at+len(b), "B")...)
		b = append(b, 0x01, 0xff, 0xff, 9, 0, 0, 0)
		b = append(b, name(at+len(b), "C")...)
		return append(b, 3, 4, 4, 4, 4, 0)
	}
	g, _ := gather(t, rawLog(body), Options{})
	want := []record.Field{{Name: []byte("A"), Value: []byte("a&<…&other;")}, {Name: []byte("C"), Value: []byte{}}}
	if len(g.records) != 1 || g.records[0].EventID != 21 || fmt.Sprint(g.records[0].Fields) != fmt.Sprint(want) {
		t.Errorf("%+v %+v", g.records, g.damages)
	}
}

// A value may be binary XML without a template, whose elements may even lack
// the number of the value they depend on.
func TestLiteralValue(t *testing.T) {
	body := func(at int) []byte {
		b := instanceOf(at, 0, func(in int) []byte {
			d := good(in)
			d = append(d[:len(d)-2], 0x0e, 0, 0, 0x21, 4, 0) // the value stands behind System
			return d
		})
		b = append(b[:len(b)-4], 1, 0, 0, 0, 0, 0, 0x21, 0)
		mark := len(b)
		short := func(s string) []byte { return append([]byte{0x01, 9, 0, 0, 0}, name(at+len(b)+5, s)...) }
		for _, s := range []string{"UserData", "x", "A"} {
			b = append(append(b, short(s)...), 2)
		}
		b = append(b, 0x05, 0x01, 1, 0, 'v', 0, 4)
		b = append(append(b, short("B")...), 3, 4, 4, 0)
		le.PutUint16(b[mark-4:], uint16(len(b)-mark))
		return b
	}
	g, _ := gather(t, rawLog(body), Options{Filter: func(channel []byte, id uint32) bool { return id == 21 }})
	if len(g.records) != 1 || fmt.Sprintf("%s", g.records[0].Fields) != "[{A v} {B }]" {
		t.Errorf("%v %+v", read(g.records), g.damages)
	}
}

// An element that depends on a value is left out where that value is null.
func TestDependentElement(t *testing.T) {
	e := evtxtest.LocalSession(21, "u", 1, "10.0.0.1")
	e.ID, e.Computer = 1, "H"
	e.Fields[1] = evtxtest.Raw("SessionID", 0, []byte{0, 0, 0, 0})
	for _, depends := range []bool{false, true} {
		log := evtxtest.Log([]evtxtest.Event{e}, evtxtest.Options{})
		c := chunkOf(log, 0)
		want := "[{User u} {SessionID } {Address 10.0.0.1}]"
		if depends {
			at := bytes.Index(c, []byte("S\x00e\x00s\x00s\x00i\x00o\x00n\x00I\x00D\x00")) - 8 - 4 - 4 - 2
			if c[at] != 0xff || c[at+1] != 0xff {
				t.Fatalf("no dependency at %d", at)
			}
			c[at], c[at+1] = 1, 0
			evtxtest.SealRecords(c)
			want = "[{User u} {Address 10.0.0.1}]"
		}
		g, _ := gather(t, log, Options{})
		if len(g.records) != 1 || fmt.Sprintf("%s", g.records[0].Fields) != want {
			t.Errorf("depends %v: %v, %+v", depends, read(g.records), g.damages)
		}
	}
}

func TestParseTicks(t *testing.T) {
	const day = start // 2026-08-03
	for s, want := range map[string]int64{
		"2026-08-03 00:00:00.0000015":         day + 15,
		"2026-08-03T00:00:00.000001500Z":      day + 15,
		"2026-08-03T00:00:01Z":                day + 1e7,
		"2026-08-03T02:00:00.5+02:00":         day + 5e6,
		" 2026-08-02T22:30:00-01:30 ":         day,
		"2026-08-03T00:00:00,1":               day + 1e6,
		"2026-08-03T00:00:00.12345678999999Z": day + 1234567,
		"2026-02-29T00:00:00Z":                -1, "2026-08-03": -1, "2026-08-03T24:00:00": -1, "03.08.2026 00:00:00": -1,
		"2026-08-03T00:00:00.Z": -1, "2026-08-03T00:00:00 PM": -1, "": -1, "-026-08-03T00:00:00": -1,
	} {
		got, ok := parseTicks([]byte(s))
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}
