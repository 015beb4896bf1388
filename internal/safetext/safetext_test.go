package safetext_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"splameter/internal/safetext"
)

// What each place shows of the same foreign text, worked out by hand.
func TestForms(t *testing.T) {
	for _, c := range []struct{ name, in, coded, block, line, value string }{
		{"plain", "Contoso B.V. ", "Contoso B.V. ", "Contoso B.V. ", "Contoso B.V.", "Contoso B.V."},
		{"accents", "Café Ōsaka 🍰", "Café Ōsaka 🍰", "Café Ōsaka 🍰", "Café Ōsaka 🍰", "Café Ōsaka 🍰"},
		{"escape", "a\x1b[2Jb", `a\u001b[2Jb`, "a[2Jb", "a[2Jb", "a[2Jb"},
		{"line ends", "a\r\nb\rc\nd\u2028e\u0085f", `a\u000d\u000ab\u000dc\u000ad\u2028e\u0085f`, "a\nb\nc\nd\ne\nf", "a b c d e f", "a  b c d e f"},
		{"tab", "a\tb", `a\u0009b`, "a b", "a b", "a b"},
		{"override", "gpj.\u202eexe", `gpj.\u202eexe`, "gpj.\ufffdexe", "gpj.\ufffdexe", "gpj.\u202eexe"},
		{"isolate", "a\u2066b", `a\u2066b`, "a\ufffdb", "a\ufffdb", "a\u2066b"},
		{"shapeless", "a\u200bb\ufeffc\u2060d", `a\u200bb\ufeffc\u2060d`, "abcd", "abcd", "a\u200bb\ufeffc\u2060d"},
		{"tag", "a\U000e0041b", `a\udb40\udc41b`, "ab", "ab", "a\U000e0041b"},
		{"no character", "a\uffffb\ufdd0", `a\uffffb\ufdd0`, "a\ufffdb\ufffd", "a\ufffdb\ufffd", "a\uffffb\ufdd0"},
		{"no text", "a\xffb", `a\ufffdb`, "a\ufffdb", "a\ufffdb", "a\ufffdb"},
		{"mark of no text", "a\ufffdb", "a\ufffdb", "a\ufffdb", "a\ufffdb", "a\ufffdb"},
		{"no-break space", "\u00a0a\u00a0b\u00a0", "\u00a0a\u00a0b\u00a0", "\u00a0a\u00a0b\u00a0", "a b", "a b"},
		{"joiner", "می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"},
		{"padding", "SQL\x00 2019\x00\x00", `SQL\u0000 2019\u0000\u0000`, "SQL 2019", "SQL 2019", "SQL 2019"},
	} {
		for _, f := range []struct {
			form      string
			got, want string
		}{
			{"coded", safetext.Coded(c.in), c.coded}, {"block", safetext.Block(c.in), c.block},
			{"line", safetext.Line(c.in), c.line}, {"value", safetext.Value(c.in), c.value},
		} {
			if f.got != f.want {
				t.Errorf("%s, %s: %q, want %q", c.name, f.form, f.got, f.want)
			}
		}
	}
}

// A spreadsheet program meets text.
func TestCell(t *testing.T) {
	for in, want := range map[string]string{"": "", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\t=1": "'\t=1", "\r": "'\r", "\n=": "'\n=", "a=1": "a=1"} {
		if got := safetext.Cell(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// Nothing is cut within a character, and what was cut shows it.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		in    string
		n     int
		bytes string
		units string
	}{
		{"kort", 4, "kort", "kort"},
		{"langer", 4, "lang…", "lan…"},
		{"éénéén", 3, "é…", "éé…"},
		{"🍰🍰🍰", 5, "🍰…", "🍰🍰…"},
		{"a b c", 3, "a b…", "a…"},
		{"abc", 0, "…", "…"},
	} {
		if got := safetext.Clip(c.in, c.n); got != c.bytes {
			t.Errorf("%q to %d bytes: %q, want %q", c.in, c.n, got, c.bytes)
		}
		if got := safetext.ClipUnits(c.in, c.n); got != c.units {
			t.Errorf("%q to %d units: %q, want %q", c.in, c.n, got, c.units)
		}
	}
	if got := safetext.Units("a🍰é"); got != 4 {
		t.Errorf("four units are %d", got)
	}
}

// Whatever comes in, what goes out is text, and what a document shows holds
// nothing that acts but its line ends.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"", "a\x1b[2J", "gpj.\u202eexe", "\xff\xfe", "🍰\U000e0041", "\r\n\u0085"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		line, block, coded := safetext.Line(s), safetext.Block(s), safetext.Coded(s)
		if !utf8.ValidString(line) || !utf8.ValidString(block) || !utf8.ValidString(coded) || !utf8.ValidString(safetext.Value(s)) {
			t.Errorf("%q became no text", s)
		}
		for _, out := range []string{line, coded, strings.ReplaceAll(block, "\n", "")} {
			if strings.ContainsFunc(out, safetext.Acts) {
				t.Errorf("%q became %q, which acts", s, out)
			}
		}
		if safetext.Line(line) != line || safetext.Block(block) != block || safetext.Coded(coded) != coded {
			t.Errorf("%q changes when it is made harmless twice", s)
		}
		if utf8.ValidString(s) {
			if got := safetext.Clip(s, n); !utf8.ValidString(got) || len(got) > max(n, 0)+len("…") && got != s {
				t.Errorf("%q to %d: %q", s, n, got)
			}
			if got := safetext.ClipUnits(s, n); !utf8.ValidString(got) || n > 0 && safetext.Units(got) > n {
				t.Errorf("%q to %d units: %q", s, n, got)
			}
		}
	})
}

func TestIsHostName(t *testing.T) {
	for _, s := range []string{"rdsh-01", "RDSH_01.hosting.example", "_a", "1", strings.Repeat("a", 255)} {
		if !safetext.IsHostName(s) {
			t.Errorf("%q is no host's name", s)
		}
	}
	for _, s := range []string{"", ".", "..", "-a", ".a", "a/b", `a\b`, "a b", "a:445", "é", "a\x00", strings.Repeat("a", 256)} {
		if safetext.IsHostName(s) {
			t.Errorf("%q is a host's name", s)
		}
	}
}

// Wherever a byte that acts, or a character beyond ASCII, stands among others, it
// alone is touched: eight bytes are looked at together, and their edges count.
func TestAppendCodedEverywhere(t *testing.T) {
	keep := func(r rune) bool { return r == '\n' }
	for c := range 256 {
		want := string(rune(c))
		switch b := byte(c); {
		case b == '\n', b >= ' ' && b < 0x7f:
		default: // also a byte that is no text by itself
			want = fmt.Sprintf("\\u%04x", c)
			if b >= 0x80 {
				want = `\ufffd`
			}
		}
		for at := range 20 {
			before, after := "~ abcdefghijklmnopqr~"[:at], " ~é"
			if got := string(safetext.AppendCoded([]byte("x"), []byte(before+string([]byte{byte(c)})+after), keep)); got != "x"+before+want+after {
				t.Fatalf("%#02x behind %d bytes: %q", c, at, got)
			}
		}
	}
}
