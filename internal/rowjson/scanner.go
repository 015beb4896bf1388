package rowjson

import (
	"errors"
	"io"
)

// Scanner goes through a stream of JSON value by value. It finds where each ends
// and leaves it to whoever reads the value to say that it is JSON.
type Scanner struct {
	in       io.Reader
	buf      []byte
	from, to int // what is read and not yet used
	err      error
}

// NewScanner goes through what is read.
func NewScanner(in io.Reader) *Scanner { return &Scanner{in: in, buf: make([]byte, 1<<17)} }

// enough is so much that most rows are whole in it.
const enough = 1 << 12

// fill reads more.
func (s *Scanner) fill() error {
	if s.err != nil {
		return s.err
	}
	if s.from > 0 {
		s.to = copy(s.buf, s.buf[s.from:s.to])
		s.from = 0
	}
	if s.to == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 { // a reader may give nothing, and no error, but not for ever
		n, err := s.in.Read(s.buf[s.to:])
		s.to += n
		s.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// Next is the byte that comes next, but for blanks; io.EOF at the end.
func (s *Scanner) Next() (byte, error) {
	for {
		for ; s.from < s.to; s.from++ {
			if c := s.buf[s.from]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// Skip passes over n bytes of what is Ahead.
func (s *Scanner) Skip(n int) { s.from += n }

// Ahead is what was read and not yet used, of which there is enough for most rows,
// until the next call. What stands in the way of more is told when it is needed.
func (s *Scanner) Ahead() []byte {
	for s.to-s.from < enough && s.fill() == nil {
	}
	return s.buf[s.from:s.to]
}

// Value is the next value, until the next call.
func (s *Scanner) Value() ([]byte, error) {
	first, err := s.Next()
	if err != nil {
		return nil, cutOff(err)
	}
	depth, quoted, escaped := 0, false, false
	for n := 0; ; n++ {
		if s.from+n == s.to {
			if err := s.fill(); err == io.EOF && depth == 0 && !quoted {
				return s.take(n), nil
			} else if err != nil {
				return nil, cutOff(err)
			}
		}
		c := s.buf[s.from+n]
		switch {
		case escaped:
			escaped = false
			continue
		case quoted:
			escaped, quoted = c == '\\', c != '"'
			if !quoted && depth == 0 {
				return s.take(n + 1), nil
			}
			continue
		}
		switch c {
		case '"':
			if n > 0 && depth == 0 { // it begins another value
				return s.take(n), nil
			}
			quoted = true
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return s.take(n + 1), nil
			}
			if depth < 0 {
				return s.take(n), nil
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 && first != '{' && first != '[' {
				return s.take(n), nil
			}
		}
	}
}

func (s *Scanner) take(n int) []byte {
	s.from += n
	return s.buf[s.from-n : s.from]
}

// cutOff is the end where it comes too early.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
