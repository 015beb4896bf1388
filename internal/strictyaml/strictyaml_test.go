package strictyaml

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"splameter/internal/diag"
)

type even int

func (e *even) UnmarshalText(b []byte) error {
	if len(b)%2 != 0 {
		return fmt.Errorf("%q is odd; write an even one", b)
	}
	*e = even(len(b))
	return nil
}

type either []string

func (e *either) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*e = either{n.Value}
		return nil
	}
	var s []string
	err := n.Decode(&s)
	*e = s
	return err
}

type part struct {
	Name  string  `yaml:"name"`
	Count int     `yaml:"count"`
	Ratio float64 `yaml:"ratio"`
}

func (p *part) SetDefaults() { p.Count = 7 }

type common struct {
	Note string `yaml:"note"`
}

type file struct {
	common `yaml:",inline"`
	Title  string            `yaml:"title"`
	On     bool              `yaml:"on"`
	Even   even              `yaml:"even"`
	Either either            `yaml:"either"`
	Parts  []part            `yaml:"parts"`
	ByName map[string]part   `yaml:"by_name"`
	Words  map[string]string `yaml:"words"`
	One    *part             `yaml:"one"`
	List   []string          `yaml:"list"`
	Small  int8              `yaml:"small"`
	Kept   string            `yaml:"-"`
}

func TestDecode(t *testing.T) {
	got := file{Title: "default", List: []string{"a", "b"}, Kept: "kept", Small: 3}
	doc, faults := Decode("f.yaml", []byte(`# a comment
note: inline
title: 0017
on: yes
even: four
either: x
parts:
  - &p {name: one}
  - name: two
    count: 2
    ratio: 1.5
  - *p
by_name: {x: {name: NO}}
words: {"on": no, 5: six}
one: {count: -1}
list: [c]
small:
`), &got)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := file{
		common: common{"inline"}, Title: "0017", On: true, Even: 4, Either: either{"x"},
		// Elements begin with their own default of 7, the list replaces the
		// one that was there, and the key without a value keeps its 3.
		Parts:  []part{{"one", 7, 0}, {"two", 2, 1.5}, {"one", 7, 0}},
		ByName: map[string]part{"x": {"NO", 7, 0}}, Words: map[string]string{"on": "no", "5": "six"},
		One: &part{Count: -1}, List: []string{"c"}, Small: 3, Kept: "kept",
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(file{})); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		path      []any
		line, col int
		has       bool
	}{
		{[]any{"parts", 1, "count"}, 10, 12, true},
		{[]any{"parts", 1, "missing"}, 9, 5, false}, // the nearest around it: the entry
		{[]any{"parts", 9}, 8, 3, false},
		{[]any{"parts", 2, "name"}, 8, 15, true}, // behind the alias
		{[]any{"title", "x"}, 3, 8, false},
		{[]any{"small"}, 17, 7, false}, // there, without a value
		{nil, 2, 1, true},
	} {
		if l, col := doc.Pos(c.path...); l != c.line || col != c.col || doc.Has(c.path...) != c.has {
			t.Errorf("%v: %d:%d, has %v; want %d:%d", c.path, l, col, doc.Has(c.path...), c.line, c.col)
		}
	}
}

// One file a kind of fault, each with the exact message.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key, near", "titel: x\n", `f:1:1: there is no key "titel" here; did you mean "title"?`},
		{"unknown key, far", "one:\n  colour: red\n", `f:2:3: there is no key "colour" here; write one of name, count, ratio`},
		{"unknown key in a list", "parts:\n- name: a\n- {nmae: b}\n", `f:3:4: there is no key "nmae" here; did you mean "name"?`},
		{"unknown key in a map", "by_name:\n  a: {Name: b}\n", `f:2:7: there is no key "Name" here; did you mean "name"?`},
		{"key twice", "title: a\non: yes\ntitle: b\n", `f:3:1: the key "title" stands here again, first on line 1; keep one of them`},
		{"key of a map twice", "words: {a: b, a: c}\n", `f:1:15: the key "a" stands here again, first on line 1; keep one of them`},
		{"ignored key", "kept: a\n", `f:1:1: there is no key "kept" here; write one of note, title, on, even, either, parts, by_name, words, one, list, small`},
		{"list for text", "title: [a]\n", `f:1:8: here stands a list and not one value; write the value behind the colon, in quotes if it holds [, {, or a colon and a space`},
		{"keys for text", "title: {{x}}\n", `f:1:8: here stands keys with values and not one value; write the value behind the colon, in quotes if it holds [, {, or a colon and a space`},
		{"text for list", "list: a\n", `f:1:7: here stands a single value and not a list; write [value], or a line with a dash for each`},
		{"text for keys", "one: hunter2\n", `f:1:6: here stands a single value and not keys with values; write key: value, indented, on the lines below`},
		{"list at the top", "- a\n", `f:1:1: here stands a list and not keys with values; write key: value, indented, on the lines below`},
		{"no number", "one: {count: many}\n", `f:1:14: "many" is no whole number; write digits only, such as 12`},
		{"octal", "one: {count: 010}\n", `f:1:14: "010" is no whole number; write digits only, such as 12`},
		{"number in quotes", "one: {count: '10'}\n", `f:1:14: "10" is text and no number; write it without quotes`},
		{"large number", "small: 128\n", `f:1:8: "128" is too large a number; write a smaller one`},
		{"no float", "one: {ratio: .inf}\n", `f:1:14: ".inf" is no number; write it like 12 or 1.5`},
		{"no bool", "on: maybe\n", `f:1:5: "maybe" is neither true nor false; write true or false`},
		{"a value's own message", "\neven: abc\n", `f:2:7: "abc" is odd; write an even one`},
		{"a list for a value of its own", "even: [abc]\n", `f:1:7: here stands a list and not one value; write the value behind the colon, in quotes if it holds [, {, or a colon and a space`},
		{"a library's message", "either:\n  - a\n  - {b: c}\n", "f:3:5: the value has another form than is wanted here"},
		{"empty entry", "list:\n- a\n-\n", "f:3:2: an entry of the list is empty; write a value behind the dash, or remove it"},
		{"second document", "title: a\n---\ntitle: b\n", "f:2:1: a second document begins here; remove the line --- and keep one document in the file"},
		{"tag", "title: !secret a\n", `f:1:8: the tag "!secret" has no meaning here; leave it out, or put text that begins with ! in quotes`},
		{"merge", "one: &o {count: 1}\nby_name: {a: {<<: *o}}\n", "f:2:15: << is not known here; write the keys out"},
		{"key that is a list", "words: {[a]: b}\n", "f:1:9: a key is a list or holds keys itself; write a word before the colon, and put text that begins with [ or { in quotes"},
		{"empty", "", "f:1:1: the file is empty; write at least one key"},
		{"only a comment", "# nothing\n", "f:1:1: the file is empty; write at least one key"},
		{"latin-1", "title: a\nnote: Caf\xe9\n", "f:2:10: a character here is not UTF-8; save it as UTF-8"},
		{"utf-16", "\xff\xfet\x00", "f: the file is UTF-16; save it as UTF-8"},
		{"tab", "one:\n  name: a\n\tcount: 1\n", "f:3:1: a tab stands in the indentation; indent with spaces"},
		{"colon in text", "title: a\nnote: see: this\n", `f:2:1: a colon stands where no key can be; put text that holds ": " in quotes, and check the indentation`},
		{"indentation", "title: a\nparts:\n  - name: b\n   count: 1\n", "f:4:4: the list is broken off; begin every entry with a dash, all at the same indentation"},
		{"key without colon", "title: a\nnote\non: yes\n", "f:2:1: a key has no colon; write key: value"},
		{"open quote", "title: a\nnote: \"b\non: yes\n", "f:2:1: a quote is opened and never closed; close it"},
		{"open bracket", "title: a\nlist: [a, b\non: yes\n", "f:2:1: a bracket is opened and not closed, or a comma is missing; close the bracket, and put commas between its entries"},
		{"no such alias", "title: a\nlist: *b\n", "f:2:1: this alias has no anchor; put text that begins with * in quotes"},
		{"glob", "title: a\nlist: [*]\n", "f:2:1: a name is missing after * or &; put text that begins with * or & in quotes"},
		{"backslash", "title: \"C:\\logs\"\n", `f:1:1: a backslash stands in double quotes; write it twice, or use single quotes: 'C:\logs'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v file
			_, faults := Decode("f", []byte(c.yaml), &v)
			if got := faults.Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	var v file
	_, faults := Decode("f", []byte("titel: x\non: maybe\nparts:\n- count: x\n- 5\n---\n"), &v)
	if len(faults) != 5 {
		t.Errorf("%d faults, want 5:\n%v", len(faults), faults)
	}
	if len(v.Parts) != 2 {
		t.Error("a faulty entry moved the places of those that follow")
	}
}

type tree []tree

// Each level names the one before ten times: 10^9 values from 500 bytes. One
// fault says so, and it takes no more time than the limit on values.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("words:\n  a0: &a0 []\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	var v struct {
		Words map[string]tree `yaml:"words"`
	}
	_, faults := Decode("f", []byte(b.String()), &v)
	if len(faults) != 1 || !strings.Contains(faults.Error(), "the file holds more values than a person writes; write fewer aliases") {
		t.Errorf("%d faults: %v", len(faults), faults)
	}
}

type node struct {
	Children []node `yaml:"children"`
}

func TestAliasToItself(t *testing.T) {
	var v node
	_, faults := Decode("f", []byte("children: &c\n- children: *c\n"), &v)
	if want := "f:2:3: values are nested too deep; write fewer levels, and no alias to a value around it"; faults.Error() != want {
		t.Error(faults)
	}
}

func TestTooMuch(t *testing.T) {
	var v file
	_, faults := Decode("f", make([]byte, MaxSize+1), &v)
	if want := "f: the file is larger than 16 MiB; divide it, or check that it is the right file"; faults.Error() != want {
		t.Error(faults)
	}
	_, faults = Decode("f", []byte("list: ["+strings.Repeat(",", maxMarks)), &v)
	if want := "f: the file holds more values than a person writes; check that it is the right file"; faults.Error() != want {
		t.Error(faults)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"title: a\nparts: [{name: x}]\n", "a: &a [*a]", "? x\n: y", "- - - -", "one: {<<: *x}", "even: |\n  ab\n", "\t", "---\n...\n---", "{{{", "title: \"\\x", "!!binary x: y", "%YAML 9.9\n---\na"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v file
		doc, faults := Decode("f", data, &v)
		doc.Pos("parts", 0, "name")
		text := faults.Error()
		for _, forbidden := range []string{"strictyaml.", "yaml:", "unmarshal", "reflect"} {
			if strings.Contains(text, forbidden) && !strings.Contains(string(data), forbidden) {
				t.Errorf("a message for programmers: %s", text)
			}
		}
		for _, ft := range faults {
			if ft.What == "" || ft.Line < 0 || len(ft.Error()) > 2000 {
				t.Errorf("a poor fault: %#v", ft)
			}
		}
		var ft diag.Fault
		if err := faults.Err(); (err == nil) != (len(faults) == 0) || err != nil && !errors.As(err, &ft) {
			t.Error("the faults are no error")
		}
	})
}
