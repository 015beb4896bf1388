package report

import (
	"strings"
	"unicode/utf8"
)

// maxCell is how many UTF-16 units a cell may hold. A longer text makes Excel
// call the file damaged.
const maxCell = 32767

// clean makes foreign text harmless in a sheet: no control characters, nothing
// that turns the direction of reading (a name that reads differently from
// what it is), nothing that XML cannot hold, and no more than a cell takes.
// Text that needs nothing comes back as it is.
func clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	units := 0
	for i, r := range s {
		switch r = harmless(r, s[i:]); {
		case r < 0:
			continue
		case r > 0xFFFF:
			units += 2
		default:
			units++
		}
		if units > maxCell-1 {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain says that s is short and holds only characters that need no look.
func plain(s string) bool {
	if len(s) >= maxCell {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// harmless is what stands for a character; -1: nothing.
func harmless(r rune, rest string) rune {
	switch {
	case r == utf8.RuneError:
		if _, n := utf8.DecodeRuneInString(rest); n > 1 {
			return r
		}
		return '\uFFFD' // a byte that is no text
	case r == '\n', r == '\u2028', r == '\u2029', r == '\u0085':
		return '\n'
	case r == '\t':
		return ' '
	case r == '\r':
		if strings.HasPrefix(rest, "\r\n") {
			return -1
		}
		return '\n'
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return -1
	case r == '\u200E', r == '\u200F', r == '\u061C', r == '\uFEFF', r == '\u200B':
		return -1 // marks without a shape: nobody misses them
	case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return '\uFFFD' // overrides hide what a name is: show that one was there
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return '\uFFFD'
	}
	return r
}

// line is clean text on one line: for sheet names, headers and properties.
func line(s string) string {
	return strings.Join(strings.Fields(clean(s)), " ")
}

// headerText is text in a page header or footer, where & begins a code.
func headerText(s string, limit int) string {
	return strings.ReplaceAll(cut(line(s), limit), "&", "&&")
}

// cut shortens text to n UTF-16 units, with an ellipsis where it was longer.
func cut(s string, n int) string {
	if units(s) <= n {
		return s
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		w := 1
		if r > 0xFFFF {
			w = 2
		}
		if used+w > n-1 {
			break
		}
		used += w
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ") + "…"
}

// units is the length in UTF-16 units, which is how Excel measures.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
