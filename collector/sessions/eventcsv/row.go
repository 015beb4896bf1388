package eventcsv

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// splitter cuts rows into values by the rules of encoding/csv.
type splitter struct {
	delim   byte
	fields  [][]byte
	scratch []byte
	tail    []byte // the last value of a row before, if it was long, and the delimiter in front of it
}

// status of a row.
type status uint8

const (
	whole status = iota
	more         // the data ends within quotes
	bare         // a quote where none may stand
)

// row reads the row at the start of data into fields, which are valid until
// the next call, and returns its length with the line end. last says that no
// data follows. A blank line is a row without fields. For bare, n is the
// length up to the end of the line with the quote; for more it is 0.
func (s *splitter) row(data []byte, last bool) (n int, st status) {
	s.fields = s.fields[:0]
	// Eight bytes at a time: what matters is the delimiter, the line end and
	// the quote. The test may also mark a byte above a true hit, so that each
	// hit is looked at.
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	delims := ones * uint64(s.delim)
	start, i := 0, 0
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		d, l, q := w^delims, w^(ones*'\n'), w^(ones*'"')
		hits := ((d-ones)&^d | (l-ones)&^l | (q-ones)&^q) & highs
		for ; hits != 0; hits &= hits - 1 {
			at := i + bits.TrailingZeros64(hits)>>3
			switch data[at] {
			case s.delim:
				s.fields = append(s.fields, data[start:at])
				start = at + 1
			case '\n':
				return at + 1, s.end(data[start:at])
			case '"':
				return s.quoted(data, last)
			}
		}
	}
	for ; i < len(data); i++ {
		switch data[i] {
		case s.delim:
			s.fields = append(s.fields, data[start:i])
			start = i + 1
		case '\n':
			return i + 1, s.end(data[start:i])
		case '"':
			return s.quoted(data, last)
		}
	}
	if !last {
		return 0, more
	}
	return len(data), s.end(data[start:])
}

// longTail is from which length on the last value of a row is kept.
const longTail = 16

// plain reads a row that is known to be one line without quotes, given without
// its line end. Where the last column says the same in row after row, as that
// of the channel does, it is compared and not searched.
func (s *splitter) plain(line []byte) {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	rest, known := line, len(line)-len(s.tail)
	if known >= 0 && len(s.tail) > 0 && string(line[known:]) == string(s.tail) {
		rest = line[:known]
	} else {
		known = -1
	}
	fields, start := s.scan(s.fields[:0], rest)
	if known >= 0 {
		s.fields = append(fields, line[start:known:known], line[known+1:])
		return
	}
	if s.tail = s.tail[:0]; start > 0 && len(line)-start >= longTail {
		s.tail = append(s.tail, line[start-1:]...)
	}
	if start > 0 || len(line) > 0 {
		fields = append(fields, line[start:])
	}
	s.fields = fields
}

// scan adds the values of a line but for the last, which begins at start.
func (s *splitter) scan(fields [][]byte, line []byte) (_ [][]byte, start int) {
	const ones, lows = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	delims, i := ones*uint64(s.delim), 0
	for ; i+8 <= len(line); i += 8 {
		w := binary.LittleEndian.Uint64(line[i:]) ^ delims
		for hits := ^(w&lows + lows | w | lows); hits != 0; hits &= hits - 1 {
			at := i + bits.TrailingZeros64(hits)>>3
			fields = append(fields, line[start:at:at])
			start = at + 1
		}
	}
	for ; i < len(line); i++ {
		if line[i] == s.delim {
			fields = append(fields, line[start:i:i])
			start = i + 1
		}
	}
	return fields, start
}

// end adds the last value of a row.
func (s *splitter) end(value []byte) status {
	if n := len(value); n > 0 && value[n-1] == '\r' {
		value = value[:n-1]
	}
	if len(value) > 0 || len(s.fields) > 0 {
		s.fields = append(s.fields, value)
	}
	return whole
}

// quoted reads a row that has quotes on its first line.
func (s *splitter) quoted(data []byte, last bool) (n int, st status) {
	s.fields, s.scratch = s.fields[:0], s.scratch[:0]
	line := bytes.IndexByte(data, '\n') // where the row's last line ends
	n = line + 1
	if line < 0 {
		if !last {
			return 0, more
		}
		line = len(data)
		n = line
	}
	if line > 0 && data[line-1] == '\r' {
		line--
	}
	i := 0
	for {
		if i >= line || data[i] != '"' { // a value without quotes
			rest := data[i:line]
			k := bytes.IndexByte(rest, s.delim)
			value := rest
			if k >= 0 {
				value = rest[:k]
			}
			if bytes.IndexByte(value, '"') >= 0 {
				return n, bare
			}
			s.fields = append(s.fields, value)
			if k < 0 {
				return n, whole
			}
			i += k + 1
			continue
		}
		i++
		from, coded := i, false
		for {
			k := bytes.IndexByte(data[i:], '"')
			if k < 0 {
				return 0, more
			}
			i += k + 1
			if i < len(data) && data[i] == '"' {
				coded = true
				i++
				continue
			}
			if i >= len(data) && !last {
				return 0, more
			}
			break
		}
		value := data[from : i-1]
		if i > n { // the value went over line ends: this is another line now
			coded = coded || bytes.IndexByte(value, '\r') >= 0
			end := bytes.IndexByte(data[i:], '\n')
			if end < 0 {
				if !last {
					return 0, more
				}
				n = len(data)
				line = n
			} else {
				n = i + end + 1
				line = n - 1
			}
			if line > i && data[line-1] == '\r' {
				line--
			}
		}
		if coded {
			value = s.decode(value)
		}
		s.fields = append(s.fields, value)
		switch {
		case i == line:
			return n, whole
		case data[i] == s.delim:
			i++
		default:
			return n, bare
		}
	}
}

// decode makes one quote of two, and \n of \r\n.
func (s *splitter) decode(value []byte) []byte {
	from := len(s.scratch)
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '"' {
			i++
		}
		if c == '\r' && i+1 < len(value) && value[i+1] == '\n' {
			continue
		}
		s.scratch = append(s.scratch, c)
	}
	return s.scratch[from:len(s.scratch):len(s.scratch)]
}
