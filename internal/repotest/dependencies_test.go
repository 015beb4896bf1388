package repotest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// docs/dependencies.md says of each module that go.mod requires directly why it
// is there, and of no other.
func TestDependencies(t *testing.T) {
	root := repotest.Root(t)
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.Contains(cells[1], "/") {
			for _, name := range strings.Split(cells[1], ",") {
				told = append(told, strings.TrimSpace(name))
			}
		}
	}
	for _, p := range direct {
		if !slices.Contains(told, p) {
			t.Errorf("docs/dependencies.md does not say why go.mod requires %s", p)
		}
	}
	for _, p := range told {
		if !slices.Contains(direct, p) {
			t.Errorf("docs/dependencies.md has %s, which go.mod does not require directly", p)
		}
	}
	if len(told) != len(slices.Compact(slices.Sorted(slices.Values(told)))) {
		t.Error("docs/dependencies.md has a module twice")
	}
}
