// Package safetext makes foreign text harmless for whoever shows it: a
// terminal, a sheet, a mail, a log, a comment. It owns the one list of
// characters that act in place of being seen, and the one way to shorten.
package safetext

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Acts says that a character does something on a terminal, in a file or to the
// text around it, in place of being seen: controls, marks that turn the
// direction of writing, marks without a shape, line ends in any form.
func Acts(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7f:
		return false
	case r < 0xa0, r == 0x061c, r == 0x180e, r == 0x200b, r == 0x200e, r == 0x200f,
		r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffb,
		r >= 0xe0000 && r <= 0xe007f, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return false
}

// turns says that a character changes the order in which its neighbours are
// read: a name that holds one reads differently from what it is.
func turns(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// breaks says that a character ends a line or a page.
func breaks(r rune) bool {
	return r >= '\n' && r <= '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// plain says that all of s is ASCII that is seen.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Coded shows what acts, and bytes that are no text, as codes: for a terminal,
// where it must be seen that something stood there, and no name may pass for a
// line of the program. A code is \u001b, which in JSON means the very
// character.
func Coded(s string) string {
	if plain(s) {
		return s
	}
	return string(AppendCoded(nil, []byte(s), func(rune) bool { return false }))
}

// AppendCoded is Coded, but for the characters that keep lets through.
func AppendCoded(b, text []byte, keep func(rune) bool) []byte {
	from := 0 // of what goes over as it is
	for i := 0; i < len(text); {
		if i += seen(text[i:]); i == len(text) {
			break
		}
		r, n := utf8.DecodeRune(text[i:])
		if (Acts(r) || r == utf8.RuneError && n == 1) && !keep(r) {
			b = AppendCode(append(b, text[from:i]...), r)
			from = i + n
		}
		i += n
	}
	return append(b, text[from:]...)
}

// seen is how much of the beginning of text is ASCII that is seen, found eight
// bytes at a time.
func seen(text []byte) (n int) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(text)-n >= 8; n += 8 {
		// A byte below the blank borrows, 0x7f and those beyond it have their
		// highest bit set or get it: the lowest that is found is certain.
		x := binary.LittleEndian.Uint64(text[n:])
		if hits := ((x - ' '*ones) | (x + ones) | x) & highs; hits != 0 {
			return n + bits.TrailingZeros64(hits)>>3
		}
	}
	for n < len(text) && text[n] >= ' ' && text[n] < 0x7f {
		n++
	}
	return n
}

// AppendCode writes a character's code as JSON does: beyond U+FFFF as two
// halves.
func AppendCode(b []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(b, "\\u%04x\\u%04x", high, low)
	}
	return fmt.Appendf(b, "\\u%04x", r)
}

// Block is text of several lines for a document, such as a cell or a mail:
// every line end is \n, a tab is a blank, a mark without a shape is left out,
// and what would turn the reading, or is no text, shows as U+FFFD. Text that
// needs nothing comes back as it is.
func Block(s string) string {
	if plain(s) || !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && (Acts(r) || r == utf8.RuneError) }) {
		return s
	}
	var b strings.Builder
	last := rune(0)
	for i, r := range s {
		switch {
		case r == '\n' && last == '\r': // one line end
		case breaks(r):
			b.WriteByte('\n')
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError:
			b.WriteString("\uFFFD")
		case turns(r), r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
			b.WriteString("\uFFFD")
		case Acts(r):
		default:
			b.WriteString(s[i : i+utf8.RuneLen(r)])
		}
		last = r
	}
	return b.String()
}

// Line is Block on one line, with single blanks and none around it: for names
// of sheets, headers of mails, comments, subjects.
func Line(s string) string { return strings.Join(strings.Fields(Block(s)), " ") }

// Value is a foreign value as it is kept: without blanks around it and without
// controls, a blank for each other kind of space. What stands within is not
// touched otherwise: it must still compare as what it is.
func Value(s string) string {
	if plain(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == 0xa0 || r == '\t' || breaks(r):
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r // a byte that is no text has become U+FFFD
	}, s))
}

// Cell is text for a cell of a CSV. What a spreadsheet program would take for
// a formula gets an apostrophe before it.
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Clip shortens s to at most n bytes, never within a character, and shows that
// it did by an ellipsis beyond them.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// Brief is a foreign value as a message shows it: on one line, and short.
func Brief(s string) string { return Clip(Line(s), 60) }

// ClipUnits shortens s to at most n UTF-16 units, which is how Excel and
// Windows measure, the ellipsis among them.
func ClipUnits(s string, n int) string {
	if len(s) <= n || Units(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += width(r); used > n-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// Units is the length in UTF-16 units.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// IsHostName says that s is the name of a computer as one may stand in an
// address, a path or the name of a file: letters, digits, underscores, and
// behind the first of them points and hyphens, 255 in all at most.
func IsHostName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case (c == '.' || c == '-') && i > 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 255
}
