package eventjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// layout is the form of an object that was read before: its text, cut into
// pieces that a later object must have byte for byte, and slots for values
// between them.
//
// What the walker does depends on the text outside of values, on the kinds of
// the values and on nothing else. So in an object that has the same pieces,
// and in each slot a value of the same kind that ends where the next piece
// begins, the walker would find the same members in the same objects, with
// the slots' text as their values: no name can stand where it did not stand
// before. That is why an object may be read by a layout instead of by the
// walker, and why a piece that differs in one byte sends it to the walker.
type layout struct {
	text    []byte   // of the object that was learned first
	scalars []scalar // of text, in order
	lines   bool     // text spans lines
	column  int      // how far text is indented, if it spans lines
	f       found    // what the walker found in text, by copies
	valid   bool     // the values that stand in no slot are UTF-8

	slots []slot // made of scalars that vary
	tail  []byte // behind the last slot
}

// scalar is a value that may become a slot.
type scalar struct {
	from, to int // of a string, between the quotes
	kind     kind
	varies   bool
	into     *value // in layout.f; nil where the value is not asked for
}

// slot is the place of a value that varies.
type slot struct {
	before []byte // the piece of text before it
	kind   kind
	into   *value
}

// match reads the object at the beginning of d, if it has this layout, and
// returns its end; else 0. f then holds what the walker would have found.
func (l *layout) match(d []byte) int {
	i := 0
	valid := l.valid
	for k := range l.slots {
		s := &l.slots[k]
		if len(d)-i < len(s.before) || string(d[i:i+len(s.before)]) != string(s.before) {
			return 0
		}
		i += len(s.before)
		var n int
		switch v := s.into; {
		case s.kind == str && v == nil:
			if n = skipSlot(d[i:], 0); n < 0 {
				return 0
			}
		case s.kind == str:
			var escapes, high bool
			if n, escapes, high = stringSlot(d[i:]); n < 0 {
				return 0
			}
			valid = valid && !high
			*v = value{raw: d[i : i+n], kind: str, plain: !escapes}
		default:
			n = numberSlot(d[i:])
			if s.kind == literal {
				n = literalSlot(d[i:])
			}
			if n == 0 {
				return 0
			}
			if v != nil {
				*v = value{raw: d[i : i+n], kind: s.kind}
			}
		}
		i += n
	}
	if !bytes.HasPrefix(d[i:], l.tail) {
		return 0
	}
	l.f.valid = valid
	return i + len(l.tail)
}

// skipSlot is how long the string is whose text d begins with, up to the next
// quote that no backslash escapes; -1 if none is there, or a line ends in it.
// The first n bytes are known to hold no quote.
func skipSlot(d []byte, n int) int {
	for {
		k := bytes.IndexByte(d[n:], '"')
		if k < 0 {
			return -1
		}
		n += k
		from := n
		for from > 0 && d[from-1] == '\\' {
			from--
		}
		if (n-from)&1 == 0 {
			break
		}
		n++
	}
	if bytes.IndexByte(d[:n], '\n') >= 0 {
		return -1
	}
	return n
}

// Eight bytes of the same value, and the highest bit of each of eight bytes.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stringSlot is skipSlot for short strings, eight bytes at a time. It says
// whether there may be backslashes, and whether there may be bytes beyond
// ASCII.
func stringSlot(d []byte) (n int, escapes, high bool) {
	for ; len(d)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(d[n:])
		// x-ones borrows where a byte of x is zero. The borrow may reach the
		// bytes above it, so only the lowest byte that is found is certain:
		// it is the first quote, and there is something else before the quote
		// exactly if something is found there.
		q, b := w^'"'*ones, w^'\\'*ones
		quote := (q - ones) &^ q & highs
		other := ((b-ones)&^b | (w-' '*ones)&^w | w) & highs // backslashes, control characters, not ASCII
		if other&(quote-1)&^quote != 0 {
			break
		}
		if quote != 0 {
			return n + bits.TrailingZeros64(quote)>>3, false, false
		}
	}
	from := n
	if n = skipSlot(d, n); n < 0 {
		return n, false, false
	}
	for _, c := range d[from:n] {
		if isControl(c) {
			return -1, false, false
		}
		escapes = escapes || c == '\\'
		high = high || c >= 0x80
	}
	return n, escapes, high
}

// numberSlot is how long the number is with which d begins; 0 if there is
// none. What counts as a number is as loose as in walker.value.
func numberSlot(d []byte) int {
	if len(d) == 0 || d[0] != '-' && d[0]-'0' > 9 {
		return 0
	}
	n := 1
	for n < len(d) && inNumber[d[n]] {
		n++
	}
	return n
}

// literalSlot is how long the true or false is with which d begins.
func literalSlot(d []byte) int {
	for _, s := range [...]string{"true", "false"} {
		if len(d) >= len(s) && string(d[:len(s)]) == s {
			return len(s)
		}
	}
	return 0
}
