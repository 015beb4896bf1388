package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
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
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 && isPlain(p) {
		return s.w.Write(p)
	}
	text := append(s.rest, p...)
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if c := text[len(text)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-back:]) {
				whole -= back
			}
			break
		}
	}
	s.buf = appendShown(s.buf[:0], text[:whole])
	s.rest = append([]byte(nil), text[whole:]...)
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
		fmt.Fprintf(s.w, "%s", appendShown(nil, s.rest))
		s.rest = nil
	}
}

func isPlain(p []byte) bool {
	for _, c := range p {
		if c < ' ' && c != '\n' && c != '\t' || c > '~' {
			return false
		}
	}
	return true
}

func appendShown(b, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\n' || r == '\t':
			b = append(b, byte(r))
		case r == utf8.RuneError && n == 1 || acts(r):
			b = appendCode(b, r)
		default:
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
	return b
}

// appendCode writes a character as JSON does: beyond U+FFFF as two halves.
func appendCode(b []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(b, "\\u%04x\\u%04x", high, low)
	}
	return fmt.Appendf(b, "\\u%04x", r)
}

// acts says that a character does something on a terminal, or to the text
// around it, in place of being seen.
func acts(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x061c, r == 0x200b, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffb,
		r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// clean makes a text that came from outside harmless within a line: it keeps no
// line end and no tab either, so that no name can pass for a line of ours.
func clean(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, acts) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if acts(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			b.Write(appendCode(nil, r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
