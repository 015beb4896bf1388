package desk

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// Each text is there in every language, takes the same values in each, and is
// used; each that is used is there.
func TestTexts(t *testing.T) {
	texts, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 2 {
		t.Fatal("the table of texts has fewer than two languages")
	}
	verbs := regexp.MustCompile(`%[sd]`)
	for id, list := range texts {
		for key, text := range list {
			en := texts["en"][key]
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is missing", id, key)
			}
			if fmt.Sprint(verbs.FindAllString(en, -1)) != fmt.Sprint(verbs.FindAllString(text, -1)) {
				t.Errorf("%s: %s takes other values than in English", id, key)
			}
		}
	}
	var all strings.Builder
	collect := func(fsys fs.FS, suffix string) {
		if err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(p, suffix) || strings.HasSuffix(p, "_test.go") {
				return err
			}
			b, err := fs.ReadFile(fsys, p)
			all.Write(b)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	collect(ui, ".html")
	collect(os.DirFS("."), ".go")
	source := all.String()
	for _, m := range regexp.MustCompile(`\{\{[^{}]*?\bt "([a-z.-]+)"|\(t "([a-z.-]+)"`).FindAllStringSubmatch(source, -1) {
		if key := m[1] + m[2]; texts["en"][key] == "" {
			t.Errorf("a page uses %s, which is no text", key)
		}
	}
	for key := range texts["en"] {
		prefix, _, _ := strings.Cut(key, ".")
		whole := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".many")
		switch prefix {
		case "state", "role", "acted", "act", "answer", "annex", "source", "show", "register", "setup", "exclude", "counts", "column", "correction": // made of a word of the month
			continue
		}
		if !strings.Contains(source, `"`+key+`"`) && !strings.Contains(source, `n "`+whole+`"`) && !strings.Contains(source, `count("`+whole+`"`) {
			t.Errorf("nothing uses the text %s", key)
		}
	}
}

// Numbers, amounts and days as the language writes them.
func TestFormats(t *testing.T) {
	names, err := languages(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	day := month.Date(2026, 10, 5)
	for id, want := range map[string][]string{
		"nl": {"1.234.567", "−1.234", "EUR 1.234,50", "−0,05", "05-10-2026", "+3"},
		"en": {"1,234,567", "−1,234", "EUR 1,234.50", "−0.05", "5 Oct 2026", "+3"},
	} {
		l := names[id]
		got := []string{l.number(1234567), l.number(-1234), l.money("1234.5", "EUR"), l.moneySigned(decimal.RequireFromString("-0.05")), l.day(day), l.signed(3)}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", id, got[i], want[i])
			}
		}
	}
}
