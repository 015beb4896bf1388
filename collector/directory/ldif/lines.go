package ldif

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lines unfolds: a line that begins with a space continues the one before.
type lines struct {
	r       *bufio.Reader
	below   io.Reader // what r reads from; nil: r cannot be replaced
	line    int       // lines read so far
	text    []byte    // the unfolded line, where it had to be put together
	folded  bool      // what is being read continues a line
	unended bool      // the last line has no line break
}

func newLines(r io.Reader) lines {
	if br, ok := r.(*bufio.Reader); ok {
		return lines{r: br}
	}
	return lines{r: bufio.NewReaderSize(r, bufferSize), below: r}
}

// next returns one unfolded line without its break, and where it began. At
// the end it returns io.EOF and the last line's number.
func (l *lines) next() ([]byte, int, error) {
	if line, ok := l.whole(); ok {
		return line, l.line, nil
	}
	if cap(l.text) > keepRoom {
		l.text = nil
	}
	l.text, l.folded = l.text[:0], false
	if err := l.physical(); err != nil {
		return nil, l.line, err
	}
	start := l.line
	for len(l.text) > 0 {
		next, err := l.r.Peek(1)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, l.line, cut(l.line, err.Error())
		}
		if err != nil || next[0] != ' ' {
			break
		}
		_, _ = l.r.Discard(1) // peeked, so there
		l.folded = true
		if err := l.physical(); err != nil && !errors.Is(err, io.EOF) {
			return nil, l.line, err
		}
	}
	if l.unended {
		return nil, l.line, io.EOF
	}
	return l.text, start, nil
}

// whole is the next line where all of it is in the reader's buffer, and what
// follows shows that it goes on in no other: then it need not be copied.
func (l *lines) whole() (line []byte, ok bool) {
	b, _ := l.r.Peek(l.r.Buffered())
	n := bytes.IndexByte(b, '\n')
	if n < 0 || n+1 == len(b) {
		return nil, false
	}
	line = b[:n]
	if n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > 0 && b[n+1] == ' ' {
		return nil, false
	}
	_, _ = l.r.Discard(n + 1) // peeked, so there
	l.line++
	return line, true
}

// physical appends one line of the file. A last line without a break sets
// unended: such a file was cut, and nothing of the line is to be believed.
func (l *lines) physical() error {
	l.line++
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.text)+len(part) > maxLine {
			return fault(l.line, fmt.Sprintf("one value is longer than %d MiB; export without it", maxLine>>20))
		}
		l.text = append(l.text, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if len(l.text) == 0 && !l.folded {
				l.line--
				return io.EOF
			}
			l.unended = true
			return nil
		case err != nil:
			return cut(l.line, err.Error())
		}
		l.text = l.text[:len(l.text)-1]
		if n := len(l.text); n > 0 && l.text[n-1] == '\r' {
			l.text = l.text[:n-1]
		}
		return nil
	}
}
