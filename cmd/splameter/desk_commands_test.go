package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"splameter/internal/desk"
	"splameter/internal/repotest"
)

// Whatever the page does, a command does too, or it is said why not; and every
// command stands in docs/desk.md, as what does the same or as what is left to
// commands.
func TestPageAndCommands(t *testing.T) {
	var c cli
	k, err := kong.New(&c, kong.Name("splameter"))
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, n := range k.Model.Leaves(true) {
		have = append(have, strings.TrimPrefix(n.Path(), "splameter "))
	}
	commands, unknown := desk.Commands()
	for _, form := range unknown {
		t.Errorf("%s: no command is named that does the same, nor why none does (internal/desk/commands.go)", form)
	}
	b, err := os.ReadFile(filepath.Join(repotest.Root(t), "docs", "desk.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, name := range commands {
		if !slices.Contains(have, name) {
			t.Errorf("the page names the command %q, which is none", name)
		}
	}
	for _, name := range have {
		first, _, _ := strings.Cut(name, " ")
		if strings.Contains(text, "`"+name+"`") || first == "service" && strings.Contains(text, "`service`") || name == "version" || name == "completion" {
			continue
		}
		t.Errorf("docs/desk.md says nowhere whether the page does what `%s` does", name)
	}
}
