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
	if _, faults := parse(table); len(faults) > 0 {
		t.Fatal(faults)
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
}

// A fault of the table takes its own line away and no other, and is told.
func TestFaultsOfTheCodes(t *testing.T) {
	for _, c := range []struct{ lines, fault string }{
		{"x,y,grave,M.,do\n", `line 2: "grave" is no severity`},
		{"x,y,high,M.,\n", `line 2: the code "y" stands there twice, or lacks a field`},
		{"x,whole,low,M.,do\nx,whole,high,M.,do\n", `line 3: the code "whole" stands there twice, or lacks a field`},
		{"x,y,high,M.\n", "record on line 2: wrong number of fields"},
		{"x,\"y\"z,high,M.,do\n", `parse error on line 2, column 5: extraneous or missing " in quoted-field`},
	} {
		list, faults := parse([]byte("area,code,severity,meaning,action\n" + c.lines + "x,last,info,M.,do\n"))
		if len(faults) != 1 || faults[0].Error() != c.fault {
			t.Errorf("%q: faults %v, want %s", c.lines, faults, c.fault)
		}
		if n := len(list); n == 0 || list[n-1].Code != "last" || n > 1 && list[0].Severity != statement.Low {
			t.Errorf("%q: %+v", c.lines, list)
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
