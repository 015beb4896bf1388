// Package tables reads the tables that a provider keeps by hand, in CSV, into
// the nouns of register and prices: columns by name, every fault at once with
// its place. It judges what is written, and leaves to rules what it means.
package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// Limits that no table kept by hand reaches, and that bound what a hostile one
// costs.
const (
	maxSize   = 32 << 20 // bytes in a file
	maxLine   = 1 << 20  // bytes in a line
	maxRows   = 200_000
	maxFaults = 300 // of one file
)

// open reads a table file as it is. Without a path there is no table, which is
// none of the faults.
func open(path string) *table {
	t := &table{file: path}
	if path == "" {
		return t
	}
	data, err := readFile(path)
	if err != nil {
		var pe *fs.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			t.fault(0, 0, "there is no such file, and the config names it", "correct the name in the config, or put the file there")
		case errors.As(err, &pe):
			t.fault(0, 0, "the file cannot be read: "+pe.Err.Error(), "make it readable for the user that splameter runs as")
		default:
			t.fault(0, 0, "the file cannot be read: "+err.Error(), "make it readable for the user that splameter runs as")
		}
		return t
	}
	t.data, t.given = data, true
	return t
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

// parse finds the columns and rows.
func (t *table) parse(columns []column) {
	t.cols = map[string]int{}
	if !t.given {
		return
	}
	data := t.data
	if len(data) > maxSize {
		t.fault(0, 0, fmt.Sprintf("the file is larger than %d MiB", maxSize>>20), "check that it is the right file")
		return
	}
	next := t.sheetRows
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		t.dialect.sheet = true
	} else {
		t.data, t.encoded = decode(data)
		if !t.isText() {
			return
		}
		next = t.csvRows
	}
	t.read(columns, next())
	if len(t.rows) > maxRows {
		t.fault(t.rows[maxRows].line, 0, fmt.Sprintf("the table has more than %d rows", maxRows), "check that it is the right file")
		t.rows = nil
	}
	t.learn()
}

// read takes the header and the rows that next gives, up to io.EOF.
func (t *table) read(columns []column, next func() ([]string, []place, error)) {
	header, at, err := next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			t.fault(1, 1, "the file is empty", "write a first line with the names of the columns: "+needed(columns))
			return
		}
		t.syntax(err)
		return
	}
	if !t.header(header, at, columns) {
		return
	}
	for len(t.rows) <= maxRows {
		cells, at, err := next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.syntax(err)
			return // behind an open quote nothing is what it seems
		}
		t.row(header, cells, at)
	}
}

// csvRows gives the rows of a CSV file, which may say first how it is parted
// (sep=;).
func (t *table) csvRows() func() ([]string, []place, error) {
	t.comma = separator(t.data)
	if len(t.data) >= 5 && strings.EqualFold(string(t.data[:4]), "sep=") && (t.data[4] == ';' || t.data[4] == ',' || t.data[4] == '\t') {
		t.comma = rune(t.data[4])
		t.data = t.data[5:] // its line end stays, and counts
	}
	t.dialect.semicolon = t.comma == ';'
	r := csv.NewReader(bytes.NewReader(t.data))
	r.Comma = t.comma
	r.FieldsPerRecord = -1 // told below, with its place
	return func() ([]string, []place, error) {
		cells, err := r.Read()
		if err != nil {
			return nil, nil, err
		}
		at := make([]place, len(cells))
		for i := range cells {
			at[i].line, at[i].col = r.FieldPos(i)
		}
		return cells, at, nil
	}
}

// sheetRows gives the rows of a workbook's first sheet.
func (t *table) sheetRows() func() ([]string, []place, error) {
	rows := t.workbook("")
	return func() ([]string, []place, error) {
		if len(rows) == 0 {
			return nil, nil, io.EOF
		}
		r := rows[0]
		rows = rows[1:]
		at := make([]place, len(r.cells))
		for i := range at {
			at[i] = place{r.line, i + 1}
		}
		return r.cells, at, nil
	}
}

// learn finds how the table writes dates and prices.
func (t *table) learn() {
	var prices []int
	for _, name := range []string{"unit_price", "amount"} {
		if i, ok := t.cols[name]; ok {
			prices = append(prices, i)
		}
	}
	for _, r := range t.rows {
		t.dialect.learn(r.cells, prices)
	}
}

// isText refuses what is no UTF-8, and lines that no person wrote.
func (t *table) isText() bool {
	if i := bytes.IndexByte(t.data, 0); i >= 0 {
		t.fault(1+bytes.Count(t.data[:i], []byte("\n")), 0, "the file holds a zero byte and is no text", `save it as "CSV UTF-8"`)
		return false
	}
	for line, rest := 1, t.data; len(rest) > 0; line++ {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(text) > maxLine {
			t.fault(line, 0, fmt.Sprintf("the line is longer than %d MiB", maxLine>>20), "check that it is the right file")
			return false
		}
		if !utf8.Valid(text) {
			n := 0
			for r, size := utf8.DecodeRune(text); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(text[n:]) {
				n += size
			}
			t.fault(line, 1+utf8.RuneCount(text[:n]), "a character here is not UTF-8", `save the file as "CSV UTF-8"`)
			return false
		}
	}
	return true
}

// separator is what divides the header: a comma, or the semicolon or tab of a
// spreadsheet in a country that writes commas in numbers.
func separator(data []byte) rune {
	header, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(header, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(header, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func (t *table) syntax(err error) {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		t.fault(0, 0, "the file cannot be read: "+err.Error(), "check that it is the right file")
		return
	}
	what, instead := "a quote stands in the middle of a cell", `put the whole cell in quotes and write "" for a quote in it`
	place := place{pe.Line, pe.Column}
	if errors.Is(pe.Err, csv.ErrQuote) {
		what, instead = "a cell in quotes goes on after its closing quote, or is never closed", `close the quote before the separator, and write "" for a quote in it`
		if pe.Line != pe.StartLine { // where it began is where to look
			place.line, place.col = pe.StartLine, 1
		}
	}
	t.fault(place.line, t.chars(place), what, instead)
}
