package report

import (
	"encoding/xml"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

func TestSafeName(t *testing.T) {
	for _, same := range []string{"aalsmeer", "own", "klant 12", "a.b_c", "Zoë", "console", "lpt10", "com"} {
		if got := SafeName(same); got != same {
			t.Errorf("%q became %q", same, got)
		}
	}
	seen := map[string]string{}
	for _, bad := range []string{
		"", ".", "..", `..\..\con`, "../../etc/passwd", "con", "CON.txt", "com1", "LPT¹.x", "nul ", "a/b", `a\b`, "a:b", "a?b", "a*b", "a\x00b", "a\nb",
		"dot.", "space ", " space", "-dash", ".hidden", "\u202Egpj", "a\u200Eb", "bad\xffbyte", strings.Repeat("x", 300), strings.Repeat("é", 200),
	} {
		got := SafeName(bad)
		if got == bad || strings.ContainsAny(got, `/\:*?"<>|`) || strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") ||
			strings.HasSuffix(got, ".") || strings.HasSuffix(got, " ") || len(got) > maxName+12 || device(got) {
			t.Errorf("%q became %q", bad, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", bad, other, got)
		}
		seen[got] = bad
		if SafeName(bad) != got {
			t.Errorf("%q has two names", bad)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a", "..", `c:\con`, "\xff", "é́", "nul.\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		got := SafeName(id)
		if got == "" || filepath.Base(got) != got || !filepath.IsLocal(got+"-2026-10.xlsx") || strings.ContainsAny(got, `/\:`) || !utf8.ValidString(got) || device(got) {
			t.Errorf("%q became %q", id, got)
		}
	})
}

// Ids that differ in case only, and a tenant that is called like a partner's
// file, get files of their own; the first keeps its name.
func TestFileNamesDoNotCollide(t *testing.T) {
	in := fixture(t)
	for _, id := range []string{"acme", "Acme", "partner-west"} {
		in.Register.Tenants = append(in.Register.Tenants, register.Tenant{ID: id})
		in.Statement.Tenants = append(in.Statement.Tenants, statement.Tenant{ID: id, Name: id, Lines: []statement.Line{{Product: "rds", Unit: statement.UnitUser, Quantity: 1}}})
	}
	w := workbooks(t, in)
	seen := map[string]string{}
	for id, path := range w.files.tenants {
		if other, ok := seen[strings.ToLower(path)]; ok {
			t.Errorf("%s and %s share %s", id, other, path)
		}
		seen[strings.ToLower(path)] = id
	}
	if seen[strings.ToLower(w.PartnerPath("west"))] != "" {
		t.Errorf("the partner's workbook is %s, which is a tenant's", w.PartnerPath("west"))
	}
	if got := w.AnnexPath("acme"); got != filepath.Join("annex", "acme-2026-10.xlsx") {
		t.Errorf("the first of two is called %s", got)
	}
	if got := w.AnnexPath("partner-west"); got != filepath.Join("annex", "partner-west-2026-10.xlsx") {
		t.Errorf("the tenant is called %s", got)
	}
}

func TestSheetNames(t *testing.T) {
	var n sheetNames
	for _, c := range []struct{ in, want string }{
		{"Appel", "Appel"}, {"APPEL", "APPEL (2)"}, {"appel", "appel (3)"}, {"A/B:C*D?[E]", "A B C D E"}, {"'t Hoekje", "’t Hoekje"}, {"History", "History (2)"},
		{"", "-"}, {"123456789012345678901234567890123", "123456789012345678901234567890…"}, {"12345678901234567890123456789012345", "12345678901234567890123456… (2)"},
		{"a\x00\nb", "a b"},
	} {
		if got := n.give(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"}, {"=1+1", "=1+1"}, {"a\tb", "a b"}, {"a\r\nb\rc", "a\nb\nc"}, {"a\x00\x07b\x7f", "ab"}, {"a\u202Egpj.exe", "a\uFFFDgpj.exe"},
		{"a\u200Fb\uFEFF", "ab"}, {"bad\xff", "bad\uFFFD"}, {"\uFFFE", "\uFFFD"}, {"Zoë 漢 😀", "Zoë 漢 😀"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
	if got := clean(strings.Repeat("😀", 20000)); safetext.Units(got) > maxCell || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text has %d units", safetext.Units(got))
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a", "\r\n\r", "\u202e\xff\x00", "_x0041_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) || safetext.Units(got) > maxCell || strings.ContainsAny(got, "\x00\r\t\u202e") {
			t.Errorf("%q became %q", s, got)
		}
		if again := clean(got); again != got {
			t.Errorf("%q is %q at first and %q then", s, got, again)
		}
	})
}

// What a cell holds comes back from its XML as it went in.
func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"a", "<b>&amp;", "_x0041_", "__x0041_", "a_x005F_b", "_x00", "]]>", "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := clean(s)
		var got string
		if err := xml.Unmarshal([]byte("<t>"+string(appendText(nil, want))+"</t>"), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		// A reader undoes the escapes from left to right.
		escape := regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)
		got = escape.ReplaceAllStringFunc(got, func(m string) string {
			n, _ := strconv.ParseUint(m[2:6], 16, 16)
			return string(rune(n))
		})
		if got != want {
			t.Errorf("%q comes back as %q", want, got)
		}
	})
}
