package winhost

import (
	"encoding/binary"
	"unicode/utf16"
)

// encoder writes NDR as [C706] chapter 14 has it, the lower byte first.
type encoder struct {
	b    []byte
	refs uint32
}

func (e *encoder) align(n int) {
	for len(e.b)%n != 0 {
		e.b = append(e.b, 0)
	}
}

func (e *encoder) uint16(n uint16) { e.align(2); e.b = binary.LittleEndian.AppendUint16(e.b, n) }
func (e *encoder) uint32(n uint32) { e.align(4); e.b = binary.LittleEndian.AppendUint32(e.b, n) }

// ref writes a pointer that points to what follows.
func (e *encoder) ref() {
	e.refs += 4
	e.uint32(0x20000 + e.refs)
}

// text writes a RRP_UNICODE_STRING with its end, and its characters.
func (e *encoder) text(s string) {
	u := append(utf16.Encode([]rune(s)), 0)
	e.align(4)
	e.uint16(uint16(2 * len(u)))
	e.uint16(uint16(2 * len(u)))
	e.ref()
	e.uint32(uint32(len(u)))
	e.uint32(0)
	e.uint32(uint32(len(u)))
	for _, c := range u {
		e.uint16(c)
	}
	e.align(4)
}

// room writes a RRP_UNICODE_STRING that holds nothing and has room for so many
// characters, for the other side to fill in.
func (e *encoder) room(chars int) {
	e.align(4)
	e.uint16(0)
	e.uint16(uint16(2 * chars))
	e.ref()
	e.uint32(uint32(chars))
	e.uint32(0)
	e.uint32(0)
}

// number writes a pointer to a number.
func (e *encoder) number(n uint32) {
	e.ref()
	e.uint32(n)
}

// decoder reads NDR that a host wrote; the first thing that does not fit makes
// all that follows nothing, and err.
type decoder struct {
	b   []byte
	at  int
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b)-d.at {
		d.err = errBroken
		if n < 0 || n > 64 {
			n = 64 // room for every number that is read without a look at err
		}
		return make([]byte, max(n, 8))
	}
	d.at += n
	return d.b[d.at-n : d.at]
}

func (d *decoder) align(n int) {
	if rest := d.at % n; rest != 0 {
		d.take(n - rest)
	}
}

func (d *decoder) uint16() uint16 { d.align(2); return binary.LittleEndian.Uint16(d.take(2)) }
func (d *decoder) uint32() uint32 { d.align(4); return binary.LittleEndian.Uint32(d.take(4)) }

// array reads a conformant varying array of items of a size.
func (d *decoder) array(size int) []byte {
	most, from, n := d.uint32(), d.uint32(), d.uint32()
	if from != 0 || n > most || int64(n)*int64(size) > int64(len(d.b)) {
		d.err = errBroken
		return nil
	}
	b := d.take(int(n) * size)
	if d.err != nil {
		return nil
	}
	return b
}

// text reads a RRP_UNICODE_STRING with its characters.
func (d *decoder) text() string {
	d.align(4)
	d.uint16()
	d.uint16()
	if d.uint32() == 0 || d.err != nil {
		return ""
	}
	return utf16Text(d.array(2))
}

// number reads a pointer to a number; 0 where it points nowhere.
func (d *decoder) number() uint32 {
	if d.uint32() == 0 {
		return 0
	}
	return d.uint32()
}

// utf16Text is a text up to its end.
func utf16Text(b []byte) string {
	u := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		c := binary.LittleEndian.Uint16(b[i:])
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u))
}

// code is the number at an answer's end, by which a service says how it went.
func code(stub []byte) (Code, []byte, error) {
	n := len(stub)
	if n < 4 {
		return 0, nil, errBroken
	}
	return Code(binary.LittleEndian.Uint32(stub[n-4:])), stub[:n-4], nil
}
