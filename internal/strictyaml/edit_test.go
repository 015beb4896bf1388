package strictyaml

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// What is changed is what was asked for; comments and everything else stay.
func TestEdit(t *testing.T) {
	pool := Pairs{{"name", "rdsh"}, {"hosts", []string{"RDSH-*"}}, {"users", []string{"RDS Alle", "yes"}}}
	restrict := Pairs{{"product", "project-pro"}, {"users", []string{"APP-Project"}}}
	for name, c := range map[string]struct {
		in, want string
		add      bool
		value    any
		path     []any
	}{
		"an empty list":          {"a: 1 # one\npools: [] # none\nb: 2\n", "a: 1 # one\npools: # none\n  - name: rdsh\n    hosts: [\"RDSH-*\"]\n    users: [RDS Alle, \"yes\"]\nb: 2\n", true, pool, []any{"pools"}},
		"a list":                 {"pools:\n  - name: x # first\n    users: []\n# after\nb: 2\n", "pools:\n  - name: x # first\n    users: []\n  - name: rdsh\n    hosts: [\"RDSH-*\"]\n    users: [RDS Alle, \"yes\"]\n# after\nb: 2\n", true, pool, []any{"pools"}},
		"a list not indented":    {"pools:\n- name: x\nb: 2\n", "pools:\n- name: x\n- name: \"y\"\nb: 2\n", true, Pairs{{"name", "y"}}, []any{"pools"}},
		"no list yet":            {"pools:\n  - name: x\n    users: [a]\n", "pools:\n  - name: x\n    users: [a]\n    restrict:\n      - product: project-pro\n        users: [APP-Project]\n", true, restrict, []any{"pools", 0, "restrict"}},
		"one more of several":    {"pools:\n  - name: x\n    restrict: []\n    users: [a]\n", "pools:\n  - name: x\n    restrict:\n      - product: project-pro\n        users: [APP-Project]\n    users: [a]\n", true, restrict, []any{"pools", 0, "restrict"}},
		"in brackets":            {"p: {users: ['it''s', \"[b\"]} # c\n", "p: {users: ['it''s', \"[b\", \"=x\"]} # c\n", true, "=x", []any{"p", "users"}},
		"a text":                 {"p:\n  name: \"a # b\" # needed\n  x: 1\n", "p:\n  name: Polder Cloud # needed\n  x: 1\n", false, "Polder Cloud", []any{"p", "name"}},
		"a text in single marks": {"name: 'it''s' # c\n", "name: x # c\n", false, "x", []any{"name"}},
		"a bare text":            {"name: old # c\n", "name: \"12\" # c\n", false, "12", []any{"name"}},
		"an empty value":         {"name: # c\nx: 1\n", "name: \"\\u00e9: #\" # c\nx: 1\n", false, "é: #", []any{"name"}},
		"a new key":              {"products:\n  - catalog: rds  # c\n  - catalog: x\n", "products:\n  - catalog: rds  # c\n    part_number: \"6WC-1\"\n  - catalog: x\n", false, "6WC-1", []any{"products", 0, "part_number"}},
		"new keys":               {"products:\n  - catalog: x", "products:\n  - catalog: x\n    entitled:\n      groups: [A]\n", false, []string{"A"}, []any{"products", 0, "entitled", "groups"}},
		"a key in brackets":      {"a: {}\nb: {x: 1}\n", "a: {}\nb: {x: 1, key: z}\n", false, "z", []any{"b", "key"}},
		"a list of texts":        {"person: [] # c\n", "person: [employeeID] # c\n", false, []string{"employeeID"}, []any{"person"}},
		"lines of Windows":       {"a: 1\r\npools: []\r\n", "a: 1\r\npools:\r\n  - name: z\r\n", true, Pairs{{"name", "z"}}, []any{"pools"}},
	} {
		got, err := edit([]byte(c.in), c.path, c.value, c.add)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// How a letter beyond ASCII is written is no matter.
		if strings.ReplaceAll(string(got), "é", `\u00e9`) != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// What would come out as something else is refused.
func TestEditRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		path []any
	}{
		"over lines":    {"a: [x,\n  y]\n", []any{"a"}},
		"a block":       {"a:\n  b: 1\n", []any{"a"}},
		"no place":      {"a: [1]\n", []any{"a", 3}},
		"an anchor":     {"a: &x {b: 1}\nc: *x\n", []any{"c", "b"}},
		"below a text":  {"a: text\n", []any{"a", "b"}},
		"a folded text": {"a: >\n  text\n", []any{"a"}},
		"no YAML":       {"a: [\n", []any{"a"}},
	} {
		if got, err := Set([]byte(c.in), "v", c.path...); err == nil {
			t.Errorf("%s: became\n%s", name, got)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add("a: [x, 'y']\nb: {c: d}\n", "v")
	f.Add("pools:\n  - name: x\n", ": #")
	f.Fuzz(func(t *testing.T, in, value string) {
		for _, path := range [][]any{{"a"}, {"pools"}, {"b", "c"}, {"pools", 0, "users"}} {
			if out, err := Append([]byte(in), value, path...); err == nil {
				var v any
				if yaml.Unmarshal(out, &v) != nil {
					t.Fatalf("%q became %q", in, out)
				}
			}
			_, _ = Set([]byte(in), Pairs{{"k", value}}, path...)
		}
	})
}
