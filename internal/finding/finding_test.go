package finding

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
)

var update = flag.Bool("update", false, "write docs/findings.md anew")

func TestTable(t *testing.T) {
	if _, err := parse(table); err != nil {
		t.Fatal(err)
	}
	areas := map[string]bool{}
	last := ""
	for _, c := range All() {
		if c.Area != last && areas[c.Area] {
			t.Errorf("the area %s stands in two places", c.Area)
		}
		areas[c.Area], last = true, c.Area
		if !strings.HasSuffix(c.Meaning, ".") || strings.HasSuffix(c.Action, ".") || strings.ContainsAny(c.Meaning+c.Action, "|\n") {
			t.Errorf("%s: a meaning is a sentence with its stop, an action one without, and neither has a bar", c.Code)
		}
	}
}

// What nobody knows is not quiet.
func TestUnknown(t *testing.T) {
	if Severity("never-heard-of") != statement.High || Action("never-heard-of") == "" {
		t.Error("an unknown code is quiet")
	}
	for _, bad := range []string{"a,b,c,d,e\nx,y,grave,M.,do\n", "a,b,c,d,e\nx,y,high,M.,\n", "a,b,c,d,e\nx,y,high,M.,do\nx,y,high,M.,do\n"} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// The documentation is the table.
func TestDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "findings.md")
	want := Document()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" {
		t.Errorf("docs/findings.md is stale; run go test ./internal/finding -update (-want +got):\n%s", diff)
	}
}
