package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tables replace what stands between the marks, and nothing else; a file
// without both marks is left alone.
func TestIntoReadme(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	for _, c := range []struct{ old, want string }{
		{"a\n" + markBegin + "\nold\n" + markEnd + "\nb\n", "a\n" + markBegin + "\n| new |\n" + markEnd + "\nb\n"},
		{"a\n" + markBegin + "\nb\n", ""},
		{markEnd + markBegin, ""},
	} {
		if err := os.WriteFile(path, []byte(c.old), 0o644); err != nil {
			t.Fatal(err)
		}
		err := intoReadme(path, "\n| new |\n\n")
		got, _ := os.ReadFile(path)
		switch {
		case c.want == "" && (err == nil || string(got) != c.old):
			t.Errorf("%q became %q, error %v", c.old, got, err)
		case c.want != "" && (err != nil || string(got) != c.want):
			t.Errorf("%q became %q, want %q, error %v", c.old, got, c.want, err)
		}
	}
}

func TestReadmeHasMarks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	begin, end := strings.Index(string(text), markBegin), strings.Index(string(text), markEnd)
	if begin < 0 || end < begin {
		t.Error("README.md has no place for the tables")
	}
}
