package inventory

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"splameter/collector/forms"
)

// column is one value that a table may hold.
type column struct {
	name    string   // as we call it, and as config.yaml's columns may rename it
	aliases []string // folded names by which exporters call it, the best first
	needed  bool
}

// headings are the names by which tools call our columns; read when the first
// table is.
var headings = sync.OnceValue(forms.TableHeadings)

// softwareColumns are the values of a program, in the order of the constants
// from colHost on; hostColumns those of a machine, in machineOf's.
var (
	softwareColumns = sync.OnceValue(func() []column { return columnsOf(headings().Software) })
	hostColumns     = sync.OnceValue(func() []column { return columnsOf(headings().Machines) })
)

func columnsOf(list []forms.Heading) (out []column) {
	for _, c := range list {
		out = append(out, column{c.Name, c.Aliases, c.Needed})
	}
	return out
}

// places are the columns of a table that may hold one value of ours, the best
// first.
type places [][]int

// first is the value in the best column that is not empty.
func (c *csvReader) first(at []int) []byte {
	for _, j := range at {
		if v := c.get(j); len(v) > 0 {
			return v
		}
	}
	return nil
}

// locate finds where each column stands, and the names that stand for nothing.
// The config's name of a column comes first where the table has it; the form's
// own names next; then those that are usual.
func locate(header, folded []string, columns []column, renamed map[string]string, form *forms.Form) (at places, unknown []string, err error) {
	at = make(places, len(columns))
	used := make([]bool, len(folded))
	take := func(i int, name string) bool {
		found := false
		for j, f := range folded {
			if f == name && !used[j] {
				at[i], used[j], found = append(at[i], j), true, true
			}
		}
		return found
	}
	var absent []string
	for i, col := range columns {
		if want, ok := renamed[col.name]; ok && !take(i, fold(want)) {
			absent = append(absent, col.name)
		}
	}
	own := map[string][]string{}
	if form != nil {
		own = form.Map
		for j, f := range folded {
			used[j] = used[j] || slices.ContainsFunc(form.Ignore, func(name string) bool { return fold(name) == f })
		}
	}
	for i, col := range columns {
		if len(at[i]) > 0 {
			continue
		}
		for _, name := range own[col.name] {
			take(i, fold(name))
		}
	}
	for i, col := range columns {
		if len(at[i]) > 0 && (renamed[col.name] != "" || len(own[col.name]) > 0) {
			continue
		}
		for _, alias := range append([]string{fold(col.name)}, col.aliases...) {
			take(i, alias)
		}
	}
	for i, col := range columns {
		if len(at[i]) > 0 || !col.needed {
			continue
		}
		if slices.Contains(absent, col.name) {
			return nil, nil, fmt.Errorf("it has no column %q, which the config names for %s, and none that is usually called so; its columns are: %s",
				renamed[col.name], col.name, strings.Join(header, ", "))
		}
		return nil, nil, fmt.Errorf("it has no column %q; its columns are: %s; name the right one under columns in the config",
			col.name, strings.Join(header, ", "))
	}
	for j, u := range used {
		if !u && header[j] != "" {
			unknown = append(unknown, header[j])
		}
	}
	return at, unknown, nil
}

// suspect is a heading that may name the host and is not read, or "".
func suspect(unknown []string) string {
	for _, h := range unknown {
		f := fold(h)
		if slices.Contains(headings().Innocent, f) {
			continue
		}
		for _, word := range headings().Suspects {
			if strings.Contains(f, word) {
				return h
			}
		}
	}
	return ""
}

func columnNames(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
