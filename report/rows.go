package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
)

// cell is one cell: what it holds, and its looks.
type cell struct {
	kind    kind
	s       style
	id      int // a style beyond the named ones, such as money
	text    string
	n       int
	d       decimal.Decimal
	formula string // whose value n or d is
	span    int    // how many columns it covers; 0 is 1
}

// kind is what a cell holds.
type kind uint8

const (
	kindEmpty kind = iota
	kindText
	kindInt
	kindDecimal
)

func text(s style, v string) cell          { return wide(s, v, 0) }
func number(s style, v int) cell           { return cell{kind: kindInt, s: s, n: v} }
func day(s style, d month.Day) cell        { return number(s, serial(d)) }
func empty(s style) cell                   { return cell{s: s} }
func money(id int, v decimal.Decimal) cell { return cell{kind: kindDecimal, id: id, d: v} }
func (c cell) summed(formula string) cell  { c.formula = formula; return c }

// wide is text over several columns.
func wide(s style, v string, span int) cell {
	c := cell{s: s, text: clean(v), span: span}
	if c.text != "" {
		c.kind = kindText
	}
	return c
}

// plain is the cell in a CSV.
func (c cell) plain() string {
	switch {
	case c.kind == kindText:
		return c.text
	case c.kind == kindInt && c.s == styleDay:
		return month.Day(c.n - serial(0)).String()
	case c.kind == kindInt:
		return strconv.Itoa(c.n)
	case c.kind == kindDecimal:
		return c.d.String()
	}
	return ""
}

// serial is a day as a spreadsheet counts days.
func serial(d month.Day) int { return int(d) + 25569 }

// encoder writes the rows of a sheet. Text is always text (inline, so that
// nothing begins a formula), money is its decimal digits, never a float, and a
// formula stands with its value. It exists because excelize's own stream costs
// several times as much, and keeps what is larger than 16 MB, names of persons
// included, in a file.
type encoder struct {
	out    io.Writer
	buf    []byte // rows not yet written
	cells  []byte // of the row being made
	row    string // its number
	col    int
	folded bool // the row is a detail of the one above: shut until somebody opens it
	ids    *[styleCount]int
	names  []string // of columns
	failed error
}

func newEncoder(out io.Writer, ids *[styleCount]int, columns int) *encoder {
	e := &encoder{out: out, ids: ids}
	for i := range columns {
		n, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			e.failed = err
		}
		e.names = append(e.names, n)
	}
	return e
}

// begin starts a row, counted from 1; rows must ascend.
func (e *encoder) begin(row int) {
	e.row, e.col, e.cells, e.folded = strconv.Itoa(row), 0, e.cells[:0], false
}

// end finishes a row; a height of 0 is the usual one.
func (e *encoder) end(height float64) {
	e.buf = append(append(e.buf, `<row r="`...), e.row...)
	if height > 0 {
		e.buf = append(e.buf, `" ht="`...)
		e.buf = strconv.AppendFloat(e.buf, height, 'f', -1, 64)
		e.buf = append(e.buf, `" customHeight="1`...)
	}
	if e.folded {
		e.buf = append(e.buf, `" outlineLevel="1" hidden="1`...)
	}
	e.buf = append(e.buf, `">`...)
	e.buf = append(e.buf, e.cells...)
	e.buf = append(e.buf, `</row>`...)
	if len(e.buf) > 1<<12 { // a workbook has a handful of sheets, and there are thousands of workbooks
		e.flush()
	}
}

// flush writes what is held and says whether all went well.
func (e *encoder) flush() error {
	if e.failed == nil && len(e.buf) > 0 {
		_, e.failed = e.out.Write(e.buf)
	}
	e.buf = e.buf[:0]
	return e.failed
}

// put writes the next cell of the row.
func (e *encoder) put(c cell) {
	id := c.id
	if id == 0 {
		id = e.ids[c.s]
	}
	e.cell(c, id)
	for range c.span - 1 {
		e.cell(cell{}, id)
	}
}

func (e *encoder) cell(c cell, id int) {
	name := e.names[e.col]
	e.col++
	if id == 0 && c.kind == kindEmpty {
		return
	}
	b := append(append(append(e.cells, `<c r="`...), name...), e.row...)
	if id != 0 {
		b = append(b, `" s="`...)
		b = strconv.AppendInt(b, int64(id), 10)
	}
	switch c.kind {
	case kindEmpty:
		b = append(b, `"/>`...)
	case kindText:
		b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		b = appendText(b, c.text)
		b = append(b, `</t></is></c>`...)
	default:
		b = append(b, `">`...)
		if c.formula != "" {
			b = append(b, `<f>`...)
			b = appendText(b, c.formula)
			b = append(b, `</f>`...)
		}
		b = append(b, `<v>`...)
		if c.kind == kindInt {
			b = strconv.AppendInt(b, int64(c.n), 10)
		} else {
			b = append(b, c.d.String()...)
		}
		b = append(b, `</v></c>`...)
	}
	e.cells = b
}

// appendText writes clean text as XML. What looks like the escape of a
// character (_x0041_) would be read as that character: its first underscore is
// escaped itself.
func appendText(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var as string
		switch s[i] {
		case '&':
			as = "&amp;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '_':
			if !escaped(s[i:]) {
				continue
			}
			as = "_x005F_"
		default:
			continue
		}
		b = append(append(b, s[from:i]...), as...)
		from = i + 1
	}
	return append(b, s[from:]...)
}

// escaped says whether s begins like _x0041_.
func escaped(s string) bool {
	return len(s) >= 7 && s[1] == 'x' && s[6] == '_' && strings.Trim(s[2:6], "0123456789abcdefABCDEF") == ""
}
