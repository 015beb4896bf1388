package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"splameter/internal/repotest"
)

// setting is a line of a config that stands behind a # at the first column,
// for the reader to take away.
var setting = regexp.MustCompile(`(?m)^#((?: {2,}(?:- )?)?[a-z0-9_]+:)`)

// The shipped config shows every key that there is, and wherever the example
// needs nothing else, with its default: config/testdata/defaults.yaml, which
// the tests of package config hold against config.Default, is what it is
// compared with.
func TestShippedConfigShowsEveryDefault(t *testing.T) {
	root := repotest.Root(t)
	read := func(path string, uncomment bool) map[string][]string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if uncomment {
			data = setting.ReplaceAll(data, []byte("$1"))
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		keys := map[string][]string{}
		keysOf(doc.Content[0], "", keys)
		return keys
	}
	defaults := read(filepath.Join(root, "internal", "config", "testdata", "defaults.yaml"), false)
	shown := read(filepath.Join(root, "config.yaml"), true)
	// What the example sets because it must, or to show what can be set.
	set := map[string]bool{}
	for _, key := range strings.Fields(`provider.name provider.agreement provider.enrollment provider.reporter.name provider.reporter.email
		provider.street provider.postal_code provider.city provider.country provider.time_zone provider.language
		tenants resellers exclusions prices sales_prices otherwise shared_accounts decisions rules person report.alias
		directories[].name directories[].domain directories[].ldif sessions[].name sessions[].files sessions[].exported
		inventories[].name inventories[].software inventories[].hosts pools[].name pools[].hosts pools[].users
		pools[].restrict[].product pools[].restrict[].users pools[].restrict[].control pools[].restrict[].document`) {
		set[key] = true
	}
	// A list of entries that has none shows them in a comment beside it.
	entries := map[string]bool{}
	for key, want := range defaults {
		got, ok := shown[key]
		if i := strings.LastIndex(key, "[]."); !ok && i > 0 && cmp.Equal(shown[key[:i]], []string{"[]"}) {
			entries[key[:i]] = true
			continue
		}
		switch {
		case !ok:
			t.Errorf("config.yaml does not show %s, whose default is %v", key, want)
		case !set[key] && !cmp.Equal(got, want):
			t.Errorf("config.yaml shows %s as %v, and its default is %v", key, got, want)
		case set[key] && cmp.Equal(got, want):
			t.Errorf("config.yaml leaves %s at its default, and this test says that it sets it", key)
		}
	}
	for key := range shown {
		if _, ok := defaults[key]; !ok && !entries[key] && !strings.HasPrefix(key, "pools[].") {
			t.Errorf("config.yaml shows %s, which is no key of a config", key)
		}
	}
}

// keysOf lists a document's values by their keys; entries of one list share
// theirs.
func keysOf(n *yaml.Node, at string, into map[string][]string) {
	switch {
	case n.Kind == yaml.MappingNode && strings.HasSuffix(at, ".exported"): // days by file name: its keys are the user's
		into[at] = append(into[at], "by file")
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if at != "" {
				key = at + "." + key
			}
			keysOf(n.Content[i+1], key, into)
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode:
		for _, c := range n.Content {
			keysOf(c, at+"[]", into)
		}
	case n.Kind == yaml.SequenceNode:
		list := []string{}
		for _, c := range n.Content {
			list = append(list, c.Value)
		}
		into[at] = append(into[at], fmt.Sprint(list))
	case n.Kind == yaml.MappingNode:
		into[at] = append(into[at], "{}")
	default:
		into[at] = append(into[at], n.Value)
	}
}
