package eventcsv

import "bytes"

// splitter cuts rows into values by the rules of encoding/csv.
type splitter struct {
	delim   byte
	fields  [][]byte
	scratch []byte
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
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		if !last {
			return 0, more
		}
		end = len(data)
		n = end
	} else {
		n = end + 1
	}
	line := data[:end]
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if len(line) == 0 {
		return n, whole
	}
	if bytes.IndexByte(line, '"') < 0 {
		for {
			k := bytes.IndexByte(line, s.delim)
			if k < 0 {
				s.fields = append(s.fields, line)
				return n, whole
			}
			s.fields = append(s.fields, line[:k])
			line = line[k+1:]
		}
	}
	return s.quoted(data, n, len(line), last)
}

// quoted reads a row that has quotes on its first line, which is data[:n],
// line bytes of it without the line end.
func (s *splitter) quoted(data []byte, n, line int, last bool) (int, status) {
	s.scratch = s.scratch[:0]
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
