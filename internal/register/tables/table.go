package tables

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"splameter/internal/diag"
	"splameter/internal/safetext"
)

// column is one that a table may have.
type column struct {
	name   string
	needed bool     // whether the table makes no sense without it
	also   string   // another name for it
	or     []string // columns of which any one does in its place
}

// table is a file of rows, read whole.
type table struct {
	file   string
	given  bool   // whether there is a file, read
	data   []byte // once parsed, without the byte order mark
	cols   map[string]int
	rows   []row
	faults diag.Faults

	comma   rune
	dialect dialect
	encoded encoding.Encoding // in what the file is written; nil: UTF-8
}

// row is one line of cells, without blanks around them.
type row struct {
	t     *table
	line  int
	cells []string
	at    []place
}

// place is where a cell begins; col is in bytes.
type place struct{ line, col int }

// full says that no more faults are shown: to look for their places and for
// what was meant would cost, and help nobody.
func (t *table) full() bool { return len(t.faults) > maxFaults }

// done is the faults in order.
func (t *table) done() diag.Faults { return t.faults.Sorted() }

func (t *table) fault(line, col int, what, instead string) {
	switch n := len(t.faults); {
	case n < maxFaults:
		t.faults = append(t.faults, diag.Fault{File: t.file, Line: line, Col: col, What: what, Instead: instead})
	case n == maxFaults:
		t.faults = append(t.faults, diag.Fault{File: t.file, Line: line, What: fmt.Sprintf("more than %d faults; what follows is not shown", maxFaults), Instead: "correct those first"})
	}
}

// has says whether the table has the column.
func (t *table) has(name string) bool {
	_, ok := t.cols[name]
	return ok
}

// get is the cell of a column, or nothing where the table lacks it.
func (r row) get(name string) string {
	if i, ok := r.t.cols[name]; ok {
		return r.cells[i]
	}
	return ""
}

// fault is a fault at the row's cell of that column, or at its line where the
// table lacks the column.
func (r row) fault(name, what, instead string) {
	if r.t.full() {
		return
	}
	i, ok := r.t.cols[name]
	if !ok {
		r.t.fault(r.line, 0, what, instead)
		return
	}
	p := r.at[i]
	r.t.fault(p.line, r.t.chars(p), what, instead)
}

// chars is a place's column in characters.
func (t *table) chars(p place) int {
	if t.dialect.sheet {
		return p.col
	}
	line := t.data
	for n := 1; n < p.line; n++ {
		_, line, _ = bytes.Cut(line, []byte("\n"))
	}
	return 1 + utf8.RuneCount(line[:min(p.col-1, len(line))])
}

func needed(columns []column) string {
	var names []string
	for _, c := range columns {
		if c.needed {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}

// header finds the columns. One that is not known is the provider's own,
// unless its name is nearly a known one: a slip of the pen must not pass in
// silence.
func (t *table) header(header []string, at []place, columns []column) bool {
	before := len(t.faults)
	var known []string
	byName := map[string]string{}
	for _, c := range columns {
		known = append(known, c.name)
		byName[c.name] = c.name
		if c.also != "" {
			known = append(known, c.also)
			byName[c.also] = c.name
		}
	}
	for i, h := range header {
		if t.full() {
			return false
		}
		line, col := at[i].line, t.chars(at[i])
		name := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(h)))
		column, ok := byName[name]
		switch {
		case ok && t.has(column):
			t.fault(line, col, fmt.Sprintf("the column %q stands here twice", column), "keep one of them")
		case ok:
			t.cols[column] = i
		case strings.HasPrefix(name, "x_") || strings.HasPrefix(name, "#"):
		default:
			if near, ok := diag.Nearest(name, known); ok {
				t.fault(line, col, fmt.Sprintf("the column %q is not known", safetext.Clip(strings.TrimSpace(h), 60)),
					fmt.Sprintf("did you mean %q? A column of your own begins with x_", near))
			}
		}
	}
	var missing []string
	for _, c := range columns {
		if c.needed && !t.has(c.name) && !slices.ContainsFunc(c.or, t.has) {
			missing = append(missing, c.name)
		}
	}
	if len(missing) > 0 {
		t.fault(1, 1, "the first line names no column "+strings.Join(missing, ", "), "write it in, as it stands here")
	}
	return len(t.faults) == before
}

func (t *table) row(header, cells []string, at []place) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
		return // a spreadsheet writes empty rows as separators only
	}
	line := at[0].line
	for len(cells) > len(header) && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	// A workbook keeps no empty cells at the end, and some programs none beneath
	// columns that have no name.
	for len(cells) < len(header) && (t.dialect.sheet || strings.TrimSpace(header[len(cells)]) == "") {
		cells, at = append(cells, ""), append(at, place{line, len(cells) + 1})
	}
	if len(cells) != len(header) {
		t.fault(line, 0, fmt.Sprintf("the row has %s and the first line %d", count(len(cells), "cell"), len(header)),
			"put a cell that holds the separator in quotes, and write a separator for each empty cell")
		return
	}
	for i, h := range header {
		if strings.TrimSpace(h) == "" && cells[i] != "" && !t.full() {
			t.fault(at[i].line, t.chars(at[i]), "the cell stands in a column without a name", "name the column in the first line, or remove the cell")
		}
	}
	t.rows = append(t.rows, row{t, line, cells, at})
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
