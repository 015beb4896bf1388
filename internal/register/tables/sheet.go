package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/digest"
)

// Sheet is a table as it stands in its file, for whoever changes single rows
// of it: what is not changed stays byte for byte.
type Sheet struct {
	File    string
	Digest  string   // SHA-256 of the file
	Columns []string // as the header names them
	Rows    []SheetRow

	data []byte // the file
	t    *table
}

// SheetRow is one row of a sheet.
type SheetRow struct {
	Line  int
	Cells []string // as many as there are columns

	from, to int // in the table's text, without the line's end
}

// ReadSheet reads a table of any of our kinds. A workbook is refused.
func ReadSheet(path string) (*Sheet, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return ParseSheet(path, data)
}

// ParseSheet is ReadSheet for a file that was read already.
func ParseSheet(path string, data []byte) (*Sheet, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, fmt.Errorf("%s is a workbook, in which splameter writes nothing: save it as CSV UTF-8, and name that in the config", filepath.Base(path))
	}
	s := &Sheet{File: path, Digest: digest.Of(data), data: data, t: &table{file: path}}
	s.t.data, s.t.encoded = decode(data)
	s.t.csvRows() // finds how it is parted
	r := csv.NewReader(bytes.NewReader(s.t.data))
	r.Comma, r.FieldsPerRecord = s.t.comma, -1
	for n := 0; n <= maxRows; n++ {
		from := int(r.InputOffset())
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		if n == 0 {
			for _, c := range cells {
				s.Columns = append(s.Columns, strings.TrimSpace(c))
			}
			continue
		}
		row := SheetRow{from: from, to: int(r.InputOffset())}
		for row.from < row.to && (s.t.data[row.from] == '\n' || s.t.data[row.from] == '\r') {
			row.from++ // lines with nothing on them, before it
		}
		for row.to > row.from && (s.t.data[row.to-1] == '\n' || s.t.data[row.to-1] == '\r') {
			row.to--
		}
		row.Line, _ = r.FieldPos(0)
		row.Cells = make([]string, len(s.Columns))
		copy(row.Cells, cells)
		s.Rows = append(s.Rows, row)
	}
	return nil, fmt.Errorf("%s has more than %d rows", filepath.Base(path), maxRows)
}

// Change is the file with one row changed: cells by column, those that are not
// named stay. Was and Is are the row's text before and after; empty for a row
// that was added or taken away.
type Change struct {
	Data    []byte
	Was, Is string
	Line    int
}

// Set changes a row, by its place; beyond the last it adds one.
func (s *Sheet) Set(row int, values map[string]string) (*Change, error) {
	if row < 0 || row >= len(s.Rows) {
		return s.Add([]map[string]string{values})
	}
	x := &s.Rows[row]
	was := string(s.t.data[x.from:x.to])
	raw := rawCells(was, s.t.comma)
	for i, name := range s.Columns {
		v, ok := values[name]
		if !ok || strings.Join(strings.Fields(v), " ") == strings.Join(strings.Fields(x.Cells[i]), " ") {
			continue
		}
		for len(raw) <= i {
			raw = append(raw, "")
		}
		var err error
		if raw[i], err = s.quoted(v); err != nil {
			return nil, err
		}
	}
	is := strings.Join(raw, string(s.t.comma))
	return s.splice(x.from, x.to, is, was, is, x.Line)
}

// Add puts rows at the end, their cells by column.
func (s *Sheet) Add(rows []map[string]string) (*Change, error) {
	end := s.end()
	var lines []string
	for _, values := range rows {
		cells := make([]string, len(s.Columns))
		for i, name := range s.Columns {
			var err error
			if cells[i], err = s.quoted(values[name]); err != nil {
				return nil, err
			}
		}
		lines = append(lines, strings.Join(cells, string(s.t.comma)))
	}
	is := strings.Join(lines, "\n")
	text := strings.Join(lines, end) + end
	if n := len(s.t.data); n > 0 && s.t.data[n-1] != '\n' {
		text = end + text
	}
	line := 1 + bytes.Count(bytes.TrimRight(s.t.data, "\r\n"), []byte("\n")) + 1
	return s.splice(len(s.t.data), len(s.t.data), text, "", is, line)
}

// With is the sheet with further columns at its right, where it has them not
// yet: empty in every row.
func (s *Sheet) With(columns ...string) (*Sheet, error) {
	var more []string
	for _, c := range columns {
		if !slices.Contains(s.Columns, c) {
			more = append(more, c)
		}
	}
	if len(more) == 0 {
		return s, nil
	}
	out := s
	head, _, _ := bytes.Cut(s.t.data, []byte("\n"))
	head = bytes.TrimRight(head, "\r")
	comma := string(s.t.comma)
	for i := len(out.Rows) - 1; i >= 0; i-- { // from the end, so that the places before stay
		x := &out.Rows[i]
		missing := len(out.Columns) - len(rawCells(string(out.t.data[x.from:x.to]), s.t.comma)) + len(more)
		c, err := out.splice(x.to, x.to, strings.Repeat(comma, max(missing, 0)), "", "", 0)
		if err != nil {
			return nil, err
		}
		if out, err = ParseSheet(s.File, c.Data); err != nil {
			return nil, err
		}
	}
	c, err := out.splice(len(head), len(head), comma+strings.Join(more, comma), "", "", 1)
	if err != nil {
		return nil, err
	}
	return ParseSheet(s.File, c.Data)
}

// Data is the file as the sheet has it.
func (s *Sheet) Data() []byte { return s.data }

// quoted is a cell as it stands in the file.
func (s *Sheet) quoted(v string) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = s.t.comma
	if err := w.Write([]string{strings.Join(strings.Fields(v), " "), ""}); err != nil {
		return "", err
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), string(s.t.comma)+"\n"), nil
}

// end is how lines end in the file.
func (s *Sheet) end() string {
	if bytes.Contains(s.t.data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// Remove takes a row away, with its line's end.
func (s *Sheet) Remove(row int) (*Change, error) {
	if row < 0 || row >= len(s.Rows) {
		return nil, errors.New("there is no such row")
	}
	x := &s.Rows[row]
	to := x.to
	for to < len(s.t.data) && s.t.data[to] == '\r' {
		to++
	}
	if to < len(s.t.data) && s.t.data[to] == '\n' {
		to++
	}
	return s.splice(x.from, to, "", string(s.t.data[x.from:x.to]), "", x.Line)
}

// splice puts text in place of a part of the table's text, in the file's own
// encoding. What stands before and behind it must come out as it is in the
// file; else nothing is changed.
func (s *Sheet) splice(from, to int, text, was, is string, line int) (*Change, error) {
	encode := func(b string) (string, error) {
		if s.t.encoded == nil {
			return b, nil
		}
		out, err := s.t.encode(map[string]string{"": b})
		return out[""], err
	}
	tail, err := encode(string(s.t.data[to:]))
	if err != nil {
		return nil, err
	}
	old, err := encode(string(s.t.data[from:to]))
	if err != nil {
		return nil, err
	}
	text, err = encode(text)
	if err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(s.data, []byte(old+tail)) {
		return nil, fmt.Errorf("%s is written in a way that splameter cannot change without touching the rest: save it as CSV UTF-8", filepath.Base(s.File))
	}
	head := s.data[:len(s.data)-len(old)-len(tail)]
	return &Change{bytes.Join([][]byte{head, []byte(text), []byte(tail)}, nil), was, is, line}, nil
}

// rawCells parts a row's text at its separators, quotes and all.
func rawCells(text string, comma rune) []string {
	var out []string
	from, in := 0, false
	for i, c := range text {
		switch {
		case c == '"':
			in = !in
		case c == comma && !in:
			out = append(out, text[from:i])
			from = i + len(string(comma))
		}
	}
	return append(out, text[from:])
}
