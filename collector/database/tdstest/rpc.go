package tdstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// reader takes values off a message; a short one makes it fail for good.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.err = errors.New("it ends too early")
		r.b = nil
		return make([]byte, max(0, min(n, 16)))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() int    { return int(r.take(1)[0]) }
func (r *reader) short() int   { return int(binary.LittleEndian.Uint16(r.take(2))) }
func (r *reader) text() string { return ucs2(r.take(2 * r.byte())) }

// readRPC reads a call: sp_executesql, whose statement becomes the text and
// whose declarations become the types, or a procedure by name.
func readRPC(body []byte, st *Statement) error {
	r := &reader{b: body}
	st.Kind = "procedure"
	if n := r.short(); n == 0xFFFF {
		if id := r.short(); id != procExecuteSQL {
			return fmt.Errorf("procedure %d is not known", id)
		}
		st.Kind = "rpc"
	} else {
		st.Text = ucs2(r.take(2 * n))
	}
	r.short() // options
	var all []Param
	for len(r.b) > 0 && r.err == nil {
		all = append(all, r.param())
	}
	if r.err != nil {
		return r.err
	}
	if st.Kind == "procedure" {
		st.Params = all
		return nil
	}
	if len(all) < 1 {
		return errors.New("it has no statement")
	}
	st.Text, _ = all[0].Value.(string)
	if len(all) > 1 {
		declared, _ := all[1].Value.(string)
		types := map[string]string{}
		for _, d := range splitDeclarations(declared) {
			name, kind, _ := strings.Cut(strings.TrimSpace(d), " ")
			types[name] = kind
		}
		for i := range all[2:] {
			all[2+i].Type = types[all[2+i].Name]
		}
		st.Params = all[2:]
	}
	return nil
}

// splitDeclarations splits at commas outside brackets: decimal(18,2).
func splitDeclarations(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

func (r *reader) param() (p Param) {
	p.Name = r.text()
	r.byte() // flags
	kind := r.byte()
	switch kind {
	case 0x1F: // a null of no type
		p.Type = "null"
	case 0x26, 0x68, 0x6D, 0x6F, 0x24: // int, bit, float, datetime, uniqueidentifier
		size := r.byte()
		p.Type = map[int]string{0x26: "int", 0x68: "bit", 0x6D: "float", 0x6F: "datetime", 0x24: "uniqueidentifier"}[kind]
		if kind == 0x26 {
			p.Type = map[int]string{1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"}[size]
		}
		p.Value = fixed(kind, r.take(r.byte()))
	case 0x28: // date
		p.Type = "date"
		if v := r.take(r.byte()); len(v) == 3 {
			p.Value = date(v)
		}
	case 0x2A, 0x2B: // datetime2, datetimeoffset
		scale := r.byte()
		p.Type = map[int]string{0x2A: "datetime2", 0x2B: "datetimeoffset"}[kind] + fmt.Sprintf("(%d)", scale)
		if v := r.take(r.byte()); len(v) > 0 {
			p.Value = moment(kind == 0x2B, scale, v)
		}
	case 0xE7, 0xA7, 0xA5: // nvarchar, varchar, varbinary
		size := r.short()
		if kind != 0xA5 {
			r.take(5) // collation
		}
		p.Type = map[int]string{0xE7: "nvarchar", 0xA7: "varchar", 0xA5: "varbinary"}[kind]
		data, null := r.data(size == 0xFFFF)
		switch {
		case null:
		case kind == 0xE7:
			p.Value = ucs2(data)
		case kind == 0xA7:
			p.Value = string(data)
		default:
			p.Value = append([]byte{}, data...)
		}
	default:
		r.err = fmt.Errorf("a parameter of type 0x%02X", kind)
	}
	return p
}

// data reads a value with a length before it, in pieces where it may be long.
func (r *reader) data(long bool) (b []byte, null bool) {
	if !long {
		n := r.short()
		if n == 0xFFFF {
			return nil, true
		}
		return r.take(n), false
	}
	if binary.LittleEndian.Uint64(r.take(8)) == math.MaxUint64 {
		return nil, true
	}
	for r.err == nil {
		n := int(binary.LittleEndian.Uint32(r.take(4)))
		if n == 0 {
			break
		}
		b = append(b, r.take(n)...)
	}
	return b, false
}

func fixed(kind int, v []byte) any {
	if len(v) == 0 {
		return nil
	}
	var wide [8]byte
	copy(wide[:], v)
	n := binary.LittleEndian.Uint64(wide[:])
	switch kind {
	case 0x68:
		return n != 0
	case 0x26:
		shift := 64 - 8*min(len(v), 8)
		if len(v) == 1 {
			return int64(n)
		}
		return int64(n<<shift) >> shift
	case 0x6D:
		if len(v) == 4 {
			return float64(math.Float32frombits(uint32(n)))
		}
		return math.Float64frombits(n)
	}
	return append([]byte{}, v...)
}

func date(v []byte) time.Time {
	days := int(v[0]) | int(v[1])<<8 | int(v[2])<<16
	return time.Date(1, 1, 1+days, 0, 0, 0, 0, time.UTC)
}

func moment(offset bool, scale int, v []byte) any {
	n := len(v) - 3
	if offset {
		n -= 2
	}
	if n < 3 || n > 5 {
		return nil
	}
	var wide [8]byte
	copy(wide[:], v[:n])
	ticks := binary.LittleEndian.Uint64(wide[:])
	for range 7 - min(scale, 7) {
		ticks *= 10
	}
	return date(v[n : n+3]).Add(time.Duration(ticks) * 100)
}
