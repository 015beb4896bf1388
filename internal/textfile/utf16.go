package textfile

import (
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader turns UTF-16 into UTF-8. Units that are no character (a lone
// surrogate, half a unit at the end) become U+FFFD.
type utf16Reader struct {
	r        io.Reader
	big      bool
	in       []byte // raw bytes, in[lo:hi] not yet converted
	lo, hi   int
	out      []byte // converted bytes, out[at:] not yet handed on
	at       int
	err      error
	finished bool
}

func newUTF16(r io.Reader, big bool) *utf16Reader {
	return &utf16Reader{r: r, big: big, in: make([]byte, 64<<10), out: make([]byte, 0, 96<<10)}
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for u.at == len(u.out) {
		if u.finished {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.out[u.at:])
	u.at += n
	return n, nil
}

func (u *utf16Reader) fill() {
	copy(u.in, u.in[u.lo:u.hi])
	u.hi -= u.lo
	u.lo = 0
	n, err := u.r.Read(u.in[u.hi:])
	u.hi += n
	u.out, u.at = u.out[:0], 0
	u.lo += u.convert(u.in[:u.hi])
	if err == nil {
		return
	}
	u.finished, u.err = true, err
	if !errors.Is(err, io.EOF) {
		return
	}
	if u.lo < u.hi { // half a character at the end of the file
		u.out = utf8.AppendRune(u.out, utf8.RuneError)
		u.lo = u.hi
	}
}

// convert appends the whole characters of in to out and returns how many
// bytes it used.
func (u *utf16Reader) convert(in []byte) int {
	hi, lo := 1, 0
	if u.big {
		hi, lo = 0, 1
	}
	out, i := u.out, 0
	for i+1 < len(in) {
		// Runs of ASCII, four units at a time: logs are almost nothing else.
		for i+8 <= len(in) && in[i+hi]|in[i+2+hi]|in[i+4+hi]|in[i+6+hi] == 0 &&
			(in[i+lo]|in[i+2+lo]|in[i+4+lo]|in[i+6+lo]) < 0x80 {
			out = append(out, in[i+lo], in[i+2+lo], in[i+4+lo], in[i+6+lo])
			i += 8
		}
		if i+1 >= len(in) {
			break
		}
		c := rune(in[i+hi])<<8 | rune(in[i+lo])
		if utf16.IsSurrogate(c) {
			if i+3 >= len(in) {
				break
			}
			next := rune(in[i+2+hi])<<8 | rune(in[i+2+lo])
			if r := utf16.DecodeRune(c, next); r != utf8.RuneError {
				out = utf8.AppendRune(out, r)
				i += 4
				continue
			}
			c = utf8.RuneError
		}
		out = utf8.AppendRune(out, c)
		i += 2
	}
	u.out = out
	return i
}
