package evtx

import (
	"fmt"
	"testing"
)

// withValues is an instance of a template whose definition is made by def,
// with values of the given types.
func withValues(at int, def func(at int) []byte, types []byte, values ...[]byte) []byte {
	b := instanceOf(at, 0, def)
	b = le.AppendUint32(b[:len(b)-4], uint32(len(values)))
	for i, v := range values {
		b = append(le.AppendUint16(b, uint16(len(v))), types[i], 0)
	}
	for _, v := range values {
		b = append(b, v...)
	}
	return append(b, 0)
}

// <EventData> text <Data Name="{0}">a{1}&lt;{1}{2}</Data>{3}<Data/></EventData>:
// texts composed of constants and values, a name that is a value, text and a
// value straight in EventData, and a missing value.
func TestComposedText(t *testing.T) {
	def := func(in int) []byte {
		d := good(in)
		d = d[:len(d)-2]
		d = append(d, open(in+len(d), "EventData")...)
		d = append(d, 0x05, 0x01, 2, 0, ' ', 0, '\n', 0) // white space is no field
		d = append(d, 0x05, 0x01, 1, 0, 't', 0)
		d = append(d, 0x41, 0xff, 0xff, 9, 0, 0, 0)
		d = append(d, name(in+len(d), "Data")...)
		d = append(d, 9, 0, 0, 0, 0x06)
		d = append(d, name(in+len(d), "Name")...)
		d = append(d, 0x0d, 0, 0, 0x01, 0x02)
		d = append(d, 0x05, 0x01, 1, 0, 'a', 0, 0x0d, 1, 0, 0x08, 0x09)
		d = append(d, name(in+len(d), "lt")...)
		d = append(d, 0x0d, 1, 0, 0x08, 0x0e, 2, 0, 0x01, 0x0d, 77, 0, 0x01, 4)
		d = append(d, 0x0d, 3, 0, 0x04)
		d = append(d, 0x01, 0xff, 0xff, 9, 0, 0, 0)
		d = append(d, name(in+len(d), "Data")...)
		d = append(d, 2, 4) // no text
		return append(d, 4, 4, 0)
	}
	body := func(at int) []byte {
		return withValues(at, def, []byte{0x01, 0x08, 0x00, 0x04}, []byte{'N', 0}, []byte{7, 0, 0, 0}, nil, []byte{9})
	}
	g, _ := gather(t, rawLog(body), Options{})
	want := "[{Data1 t} {N a7<7} {Data2 9} {Data3 }]"
	if len(g.records) != 1 || fmt.Sprintf("%s", g.records[0].Fields) != want {
		t.Errorf("%v %+v, want %s", read(g.records), g.damages, want)
	}
}

// The event id may be stored in any form of number; the filter must see it
// early in the usual ones, and in the end in every one.
func TestFormsOfEventID(t *testing.T) {
	for _, c := range []struct {
		typ  byte
		raw  []byte
		want uint32 // 0: the record is lost, and that is told
	}{
		{0x04, []byte{200}, 200},
		{0x06, []byte{0x10, 0x12}, 4624},
		{0x08, []byte{0x10, 0x12, 0, 0}, 4624},
		{0x0a, []byte{0x10, 0x12, 0, 0, 0, 0, 0, 0}, 4624},
		{0x0a, []byte{0, 0, 0, 0, 1, 0, 0, 0}, 0},
		{0x14, []byte{0x10, 0x12, 0, 0}, 4624},
		{0x01, []byte{'4', 0, '6', 0, '2', 0, '4', 0}, 4624},
		{0x01, []byte{'0', 0, 'x', 0, '1', 0, 'F', 0}, 31},
		{0x01, []byte{'x', 0}, 0},
		{0x02, []byte("4624"), 4624},
		{0x06, []byte{1}, 0},
		{0x00, []byte{0, 0}, 0},
	} {
		def := func(in int) []byte {
			d := open(in, "Event")
			d = append(d, open(in+len(d), "System")...)
			d = append(d, open(in+len(d), "EventID")...)
			return append(d, 0x0e, 0, 0, 0x06, 4, 4, 4, 0)
		}
		body := func(at int) []byte { return withValues(at, def, []byte{c.typ}, c.raw) }
		for _, filter := range []func([]byte, uint32) bool{nil, func(_ []byte, id uint32) bool { return id == c.want }} {
			g, _ := gather(t, rawLog(body), Options{Filter: filter})
			if c.want == 0 && (len(g.records) != 0 || len(g.damages) != 1) {
				t.Errorf("%d %v: %d records, %+v", c.typ, c.raw, len(g.records), g.damages)
			}
			if c.want != 0 && (len(g.records) != 1 || g.records[0].EventID != c.want || len(g.damages) != 0) {
				t.Errorf("%d %v: %v, %+v, want %d", c.typ, c.raw, read(g.records), g.damages, c.want)
			}
		}
	}
}
