package textblock

import (
	"bytes"
	"unicode/utf8"

	"splameter/collector/sessions/record"
)

// Trim takes blanks off a value, of which nearly none has any.
func Trim(b []byte) []byte {
	if n := len(b); n > 0 && ' ' < b[0] && b[0] < utf8.RuneSelf && ' ' < b[n-1] && b[n-1] < utf8.RuneSelf {
		return b
	}
	return bytes.TrimSpace(b)
}

// NotPolled says that a table of sessions lacks its time.
const NotPolled = "nothing says when the table was made: write the time before it (2026-10-05 08:11:00), into a column Time, or into the file's name (quser-RDSH-A01-2026-10-05T0811.txt)"

// Uint reads an unsigned decimal number, blanks around it allowed.
func Uint(b []byte) (uint64, bool) {
	if len(b) < 19 { // digits alone, too few to overflow
		v, i := uint64(0), 0
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			v = v*10 + uint64(b[i]-'0')
		}
		if i == len(b) && i > 0 {
			return v, true
		}
	}
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		c -= '0'
		if c > 9 || v > (1<<64-1)/10 {
			return 0, false
		}
		next := v*10 + uint64(c)
		if next < v*10 {
			return 0, false
		}
		v = next
	}
	return v, true
}

// AppendGUID appends an id in the form of Record.ActivityID: upper case,
// without braces.
func AppendGUID(dst, id []byte) []byte {
	id = bytes.TrimSpace(id)
	if n := len(id); n >= 2 && id[0] == '{' && id[n-1] == '}' {
		id = id[1 : n-1]
	}
	from := len(dst)
	dst = append(dst, id...)
	for i, c := range dst[from:] {
		dst[from+i] = upper[c]
	}
	return dst
}

// upper are the bytes in upper case. Which digits of an id are letters is a
// matter of chance, and a processor guesses no branch on them.
var upper = func() (u [256]byte) {
	for i := range u {
		u[i] = byte(i)
		if 'a' <= i && i <= 'z' {
			u[i] -= 'a' - 'A'
		}
	}
	return u
}()

// Clean replaces what is not UTF-8 in the record's values by U+FFFD and says
// whether there was any: such names match nobody, so a reader reports it.
func Clean(r *record.Record) bool {
	bad := false
	for _, v := range []*[]byte{&r.Provider, &r.Channel, &r.Computer, &r.ActivityID} {
		bad = clean(v) || bad
	}
	for i := range r.Fields {
		bad = clean(&r.Fields[i].Name) || bad
		bad = clean(&r.Fields[i].Value) || bad
	}
	return bad
}

func clean(v *[]byte) bool {
	if utf8.Valid(*v) {
		return false
	}
	*v = []byte(string([]rune(string(*v)))) // a mark for each byte, as Go's own readers make it
	return true
}
