package main

import (
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"splameter/internal/safetext"
)

// screen is where a command's text goes. Names, file names and values come from
// outside, and a terminal obeys what stands in them: so control characters,
// marks that turn the direction of writing and bytes that are no text go out as
// codes, whoever prints them. Line ends and tabs stay. A code is \u001b, which
// in JSON means the very character.
type screen struct {
	mu   sync.Mutex
	w    io.Writer
	rest []byte // the beginning of a character whose end is yet to come
	buf  []byte
	// aside takes away what changes on the terminal, before anything stays there.
	aside func()
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	if s.aside != nil {
		s.aside()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 && isPlain(p) {
		return s.w.Write(p)
	}
	text := p
	if len(s.rest) > 0 {
		text = append(s.rest, p...)
	}
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if c := text[len(text)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-back:]) {
				whole -= back
			}
			break
		}
	}
	s.buf = safetext.AppendCoded(s.buf[:0], text[:whole], ofText)
	s.rest = append([]byte(nil), text[whole:]...) // nil where nothing is left
	if _, err := s.w.Write(s.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// end writes what was cut off within a character.
func (s *screen) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) > 0 {
		fmt.Fprintf(s.w, "%s", safetext.AppendCoded(nil, s.rest, ofText))
		s.rest = nil
	}
}

// ofText are the characters that act and stay: the program's own lines have them.
func ofText(r rune) bool { return r == '\n' || r == '\t' }

func isPlain(p []byte) bool {
	for _, c := range p {
		if c < ' ' && c != '\n' && c != '\t' || c > '~' {
			return false
		}
	}
	return true
}

// clean makes a text that came from outside harmless within a line: it keeps no
// line end and no tab either, so that no name can pass for a line of ours.
func clean(s string) string { return safetext.Coded(s) }
