// Package forms says what a file is before any reader runs: its form, who made
// it and how sure that is. A form is a descriptor, as data: by which names it
// is recognized, where it keeps what we need, what it proves, and where it is
// documented. The readers take their names from it; nothing here reads a file
// to its end, and nothing here knows what an event or a program means.
package forms

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// Kind is what a form is read as.
type Kind string

// The kinds of forms.
const (
	Sessions  Kind = "sessions"  // a log of session events
	Software  Kind = "software"  // programs by host
	Machines  Kind = "machines"  // a table of machines
	Directory Kind = "directory" // an export of a directory
)

// Shape is the grammar of a file.
type Shape string

// The shapes of files.
const (
	Unknown Shape = ""
	Empty   Shape = "empty"
	EVTX    Shape = "evtx"
	XML     Shape = "xml"
	JSON    Shape = "json"
	CSV     Shape = "csv"  // a table: a header and rows
	Reg     Shape = "reg"  // a registry export
	List    Shape = "list" // NAME=VALUE lines
	Text    Shape = "text"
	LDIF    Shape = "ldif"
	XLSX    Shape = "xlsx"
	Binary  Shape = "binary"
)

// Form is the descriptor of a form.
type Form struct {
	ID    string `yaml:"id"`
	Name  string `yaml:"name"`  // as people know it
	Maker string `yaml:"maker"` // whose program writes it
	Kind  Kind   `yaml:"kind"`

	Shapes []Shape `yaml:"shapes"`
	// Has are the names that it is known by: columns of a header, or members
	// of an object by their path (winlog.channel). "a|b" is either.
	Has []string `yaml:"has"`
	// Lacks are names that another form has.
	Lacks []string `yaml:"lacks"`
	// Begins is a pattern of the first line, for forms without names.
	Begins string `yaml:"begins"`

	// Map says where our values stand: our name to theirs, the best first.
	Map map[string][]string `yaml:"map"`
	// Ignore are names that are read as nothing, whatever they usually mean.
	Ignore []string `yaml:"ignore"`
	// Values are paths beneath which the event's own values stand.
	Values []string `yaml:"values"`
	// Rows is the path of the list of events in an object that holds several;
	// Pairs says that members are written as {"key": …, "value": …}.
	Rows  string `yaml:"rows"`
	Pairs bool   `yaml:"pairs"`
	// Const are values that hold for every row of the form.
	Const map[string]string `yaml:"const"`
	// UTC says that times without offset are UTC.
	UTC bool `yaml:"utc"`
	// Means are what values of theirs are in our words, by our name: {power:
	// {"2": on}}. A row of which one means "-" is none.
	Means map[string]map[string]string `yaml:"means"`
	// Same is a name whose value is the same in all of a file that does not say
	// whose it is: another value is another host's.
	Same string `yaml:"same"`
	// OneHost says that a file of this form holds one host, and may leave its
	// name to the file's.
	OneHost bool `yaml:"one_host"`

	Proves string   `yaml:"proves"` // what it proves, in a sentence
	Sample string   `yaml:"sample"` // in testdata/forms
	More   []string `yaml:"more"`   // further samples, of its other grammars
	Source []string `yaml:"source"` // where it is documented or shown in public
	// Unconfirmed are sources that could not be looked at again when the others
	// were.
	Unconfirmed []string `yaml:"unconfirmed"`

	begins *regexp.Regexp
}

//go:embed *.yaml
var data embed.FS

// All are the forms, the more special before the more general.
var All = sync.OnceValue(func() []*Form {
	var all []*Form
	for _, name := range []string{"sessions.yaml", "software.yaml", "machines.yaml", "other.yaml"} {
		text, err := data.ReadFile(name)
		if err != nil {
			panic(err)
		}
		list, err := parse(text)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		all = append(all, list...)
	}
	h := TableHeadings()
	for _, f := range all { // the tables of no maker have any of the headings
		switch f.ID {
		case "program-table":
			f.Has = []string{called(h.Software, "name", "license_family"), called(h.Software, "host", "version", "publisher", "key", "license_status")}
		case "machine-table":
			f.Has = []string{called(h.Machines, "host"), called(h.Machines, "kind", "processors", "cores_per_processor", "virtual_cores", "parent", "operating_system", "sql_edition", "windows_licence")}
		}
	}
	return all
})

func parse(text []byte) ([]*Form, error) {
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	var list []*Form
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	for _, f := range list {
		f.Has, f.Lacks = folded(f.Has), folded(f.Lacks)
		if f.Begins != "" {
			re, err := regexp.Compile(f.Begins)
			if err != nil {
				return nil, err
			}
			f.begins = re
		}
	}
	return list, nil
}

func folded(list []string) []string {
	for i, h := range list {
		list[i] = Fold(h)
	}
	return list
}

// Headings are the names by which tools call the columns of inventories.
type Headings struct {
	Software []Heading `yaml:"software"`
	Machines []Heading `yaml:"machines"`
	Suspects []string  `yaml:"suspects"` // words of headings that may name the host
	Innocent []string  `yaml:"innocent"` // headings with such a word that do not
}

// Heading is one of our columns, with what it is called elsewhere.
type Heading struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
	Needed  bool     `yaml:"needed"`
}

// TableHeadings are the headings that are known. Names are folded, without the
// dots of a path.
var TableHeadings = sync.OnceValue(func() *Headings {
	text, err := data.ReadFile("headings.yaml")
	if err != nil {
		panic(err)
	}
	var h Headings
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&h); err != nil {
		panic(fmt.Sprintf("headings.yaml: %v", err))
	}
	return &h
})

// called are all names of some of our columns, as Form.Has takes them.
func called(list []Heading, names ...string) string {
	var all []string
	for _, h := range list {
		if slices.Contains(names, h.Name) {
			all = append(append(all, Fold(h.Name)), h.Aliases...)
		}
	}
	return strings.Join(all, "|")
}

// ByID is the form of that id, or nil.
func ByID(id string) *Form {
	for _, f := range All() {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// Fold makes a name comparable: "Display Name", "display_name" and
// "DisplayName" are one; the dots of a path stay.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '\u00a0', '\u202f':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(s)))
}

// fits says that names, folded, are those of the form; under is what stands
// before each of them.
func (f *Form) fits(names map[string]bool, under string) bool {
	has := func(either string) bool {
		for h := range strings.SplitSeq(either, "|") {
			if names[under+h] {
				return true
			}
		}
		return false
	}
	for _, h := range f.Has {
		if !has(h) {
			return false
		}
	}
	return len(f.Has) > 0 && !slices.ContainsFunc(f.Lacks, has)
}

// Samples are the form's samples, in testdata/forms.
func (f *Form) Samples() []string {
	if f.Sample == "" {
		return nil
	}
	return append([]string{f.Sample}, f.More...)
}

func (f *Form) shaped(s Shape) bool { return slices.Contains(f.Shapes, s) }
