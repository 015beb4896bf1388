package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"splameter/internal/safetext"
)

// What acts on a terminal goes out as a code, whatever printed it; what is to
// be read stays, Persian's joiner included.
func TestScreen(t *testing.T) {
	for in, want := range map[string]string{
		"plain\tand\nlines\n":             "plain\tand\nlines\n",
		"Zoë, 山田, می\u200cخواهم, 😀":       "Zoë, 山田, می\u200cخواهم, 😀",
		"\x1b[2Jgone\x07":                 `\u001b[2Jgone\u0007`,
		"over\rwritten":                   `over\u000dwritten`,
		"\u009b31mred":                    `\u009b31mred`,
		"a\u202ecod.exe":                  `a\u202ecod.exe`,
		"\u2066x\u2069\u200f\ufeff\u2028": `\u2066x\u2069\u200f\ufeff\u2028`,
		"\x9b31mred":                      `\ufffd31mred`,
		"cut \xe2\x82":                    `cut \ufffd\ufffd`,
		"corrected \uFFFD":                "corrected \uFFFD",
		"tag \U000e0041":                  `tag \udb40\udc41`,
	} {
		var out bytes.Buffer
		s := &screen{w: &out}
		if n, err := s.Write([]byte(in)); n != len(in) || err != nil {
			t.Errorf("%q: wrote %d, %v", in, n, err)
		}
		s.end()
		if out.String() != want {
			t.Errorf("%q is shown as %q, want %q", in, out.String(), want)
		}
	}
	// Within a line nothing may look like the next one.
	if got, want := clean("a\nsplameter: all is well\t\x1b\x9b"), `a\u000asplameter: all is well\u0009\u001b\ufffd`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzScreen(f *testing.F) {
	for _, s := range []string{"a\x1b[0m", "\u202e\u009b\xe2\x82", "\n\t\r", `"\u001b"`, "\U000e002e"} {
		f.Add(s, 1)
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		show := func(pieces ...string) string {
			var out bytes.Buffer
			s := &screen{w: &out}
			for _, p := range pieces {
				if _, err := s.Write([]byte(p)); err != nil {
					t.Fatal(err)
				}
			}
			s.end()
			return out.String()
		}
		got := show(text)
		if !utf8.ValidString(got) || strings.IndexFunc(got, func(r rune) bool { return safetext.Acts(r) && r != '\n' && r != '\t' }) >= 0 {
			t.Errorf("%q is shown as %q", text, got)
		}
		// Where a writing ends changes nothing.
		if at = min(max(at, 0), len(text)); show(text[:at], text[at:]) != got {
			t.Errorf("%q cut at %d is shown as %q, want %q", text, at, show(text[:at], text[at:]), got)
		}
		// JSON stays the same value.
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var was, is string
		if json.Unmarshal(b, &was) != nil || json.Unmarshal([]byte(show(string(b))), &is) != nil || was != is {
			t.Errorf("JSON %s became %s", b, show(string(b)))
		}
	})
}
