package ldif

import (
	"bufio"
	"bytes"
	"hash/maphash"
	"io"
)

// Print is what the lines of an entry are known by: the same bytes have the same
// print within one process. The two seeds are drawn when it starts, so that
// nobody can make two entries meet, and by chance it takes 2^64 of them.
type Print [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// aheadRoom is how large an entry may be that is looked at ahead.
const aheadRoom = 16 << 20

// ahead is the entry that is next, as it was looked at.
type ahead struct {
	print  Print
	size   int // bytes, with those of the empty line
	lines  int // with the empty one
	last   int // the empty line's number
	spoilt bool
}

// Ahead looks at the next entry as a whole and says by what it is known, and in
// which line it begins. Pass goes past it; Next reads it as ever. It says no where
// no entry is next, or none that can be looked at ahead: Next tells why.
func (r *Reader) Ahead() (p Print, line int, ok bool, err error) {
	r.next = ahead{}
	for r.state == between {
		b, _ := r.in.r.Peek(3)
		if string(b) == "dn:" {
			return r.look()
		}
		if len(b) == 0 || b[0] != '#' && b[0] != '\n' && b[0] != '\r' {
			break
		}
		// What stands between entries is read as Next reads it. A line of a lone \r
		// is empty; any other is something else.
		if b[0] == '\r' && (len(b) < 2 || b[1] != '\n') {
			break
		}
		line, number, err := r.in.next()
		if err != nil {
			if err == io.EOF {
				break // Next meets it again
			}
			return p, 0, false, err
		}
		if len(line) > 0 {
			if err := r.comment(line, number); err != nil {
				return p, 0, false, err
			}
		}
	}
	return p, 0, false, nil
}

func (r *Reader) look() (p Print, line int, ok bool, err error) {
	b, lines := r.in.entry()
	if b == nil {
		return p, 0, false, nil
	}
	p = Print{maphash.Bytes(seeds[0], b), maphash.Bytes(seeds[1], b)}
	r.next = ahead{print: p, size: len(b), lines: lines, last: r.in.line + lines}
	return p, r.in.line + 1, true, nil
}

// Pass goes past the entry that Ahead looked at, which was read before in the same
// words: adds says whether it bore changetype: add. It says no where Next must read
// the entry, for it is wrong here.
func (r *Reader) Pass(adds bool) bool {
	n := &r.next
	if n.size == 0 || r.count > 0 && adds != r.allAdd {
		return false
	}
	if r.count == 0 {
		r.allAdd = adds
	}
	r.count++
	_, _ = r.in.r.Discard(n.size) // looked at, so there
	r.in.line = n.last
	*n = ahead{}
	return true
}

// Seen says by what the entry that just ended was known ahead, whether it bore
// changetype: add, and how many lines it has. It says no where not all that the
// reader took from these lines is told by its items.
func (r *Reader) Seen() (p Print, adds bool, ok bool) {
	n := &r.next
	return n.print, r.adds, n.size > 0 && !n.spoilt && n.last == r.in.line
}

// entry is the next entry with its empty line, and how many lines it has; nil
// where its end is not found within the room.
func (l *lines) entry() (b []byte, count int) {
	b, _ = l.r.Peek(l.r.Buffered())
	from := 0
	for {
		for {
			i := bytes.IndexByte(b[from:], '\n')
			if i < 0 {
				break
			}
			next := from + i + 1
			if next == len(b) || b[next] == '\r' && next+1 == len(b) {
				break // what follows is not there yet
			}
			count++
			switch {
			case b[next] == '\n':
				return b[:next+1], count + 1
			case b[next] == '\r' && b[next+1] == '\n':
				return b[:next+2], count + 1
			}
			from = next
		}
		if len(b) == l.r.Size() && !l.grow() {
			return nil, 0
		}
		have := len(b)
		_, err := l.r.Peek(have + 1)
		b, _ = l.r.Peek(l.r.Buffered())
		if err != nil && len(b) == have {
			return nil, 0
		}
	}
}

// grow doubles what can be looked at ahead.
func (l *lines) grow() bool {
	if l.below == nil || l.r.Size() >= aheadRoom {
		return false
	}
	b, _ := l.r.Peek(l.r.Buffered())
	l.r = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(b)), l.below), 2*l.r.Size())
	_, _ = l.r.Peek(len(b))
	return true
}
