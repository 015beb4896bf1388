package inventory

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"splameter/collector/forms"
	"splameter/internal/safetext"
)

// csvReader reads rows by a header, and goes on after a broken one: a quote
// that is never closed costs its own line, not the rest of the file, which is
// why encoding/csv does not serve.
type csvReader struct {
	in      *input
	comma   byte
	header  []string
	columns []string // the header's names, folded

	fields [][]byte
	record []byte // a record that holds quotes, put together
	ends   []int
	at     int // line on which the row begins
}

// maxSpan is how many lines one quoted value may run over.
const maxSpan = 64

// newCSV reads the header. A line "#TYPE …", as older PowerShell writes, and
// "sep=;", as spreadsheets do, stand before it.
func newCSV(in *input) (*csvReader, error) {
	c := &csvReader{in: in}
	for {
		b := in.next()
		if b == nil {
			if err := in.failure(); err != nil {
				return nil, err
			}
			return nil, errEmpty
		}
		t := bytes.TrimSpace(b)
		switch {
		case len(t) == 0 || t[0] == '#':
			continue
		case len(t) == 5 && bytes.EqualFold(t[:4], []byte("sep=")):
			c.comma = t[4]
			continue
		case len(t) == 4 && bytes.EqualFold(t, []byte("sep=")): // a tab, trimmed
			c.comma = '\t'
			continue
		}
		if c.comma == 0 {
			c.comma = forms.Delimiter(b)
		}
		in.giveBack([]heldLine{{bytes.Clone(b), in.line}})
		break
	}
	if !c.next() {
		return nil, errors.New("its header line cannot be read; export it again")
	}
	for _, f := range c.fields {
		name := safetext.Value(string(f))
		c.header = append(c.header, name)
		c.columns = append(c.columns, fold(name))
	}
	return c, nil
}

// next reads the next row into c.fields, which are valid until the call
// after. Empty lines are passed over.
func (c *csvReader) next() bool {
	for {
		b := c.in.next()
		if b == nil {
			return false
		}
		c.at = c.in.line
		if len(bytes.TrimSpace(b)) == 0 {
			continue
		}
		c.fields = c.fields[:0]
		if bytes.IndexByte(b, '"') < 0 {
			for {
				i := bytes.IndexByte(b, c.comma)
				if i < 0 {
					break
				}
				c.fields = append(c.fields, b[:i])
				b = b[i+1:]
			}
			c.fields = append(c.fields, b)
		} else if !c.quoted(b) {
			continue
		}
		switch again, same := c.heads(); {
		case !again:
			return true
		case !same:
			c.in.notes.damage(c.at, "a second header with the columns in another order: another table begins here, and is left out; export each table into a file of its own")
			return false
		}
	}
}

// heads says whether the row holds the names of the columns again, as where
// exports were put one behind the other, and whether in the same order.
func (c *csvReader) heads() (again, same bool) {
	if len(c.fields) != len(c.header) {
		return false, false
	}
	same = true
	for i, f := range c.fields {
		f = bytes.TrimSpace(f)
		if string(f) == c.header[i] {
			continue
		}
		same = false
		if len(f) == 0 || !slices.ContainsFunc(c.header, func(name string) bool { return name == string(f) }) {
			return false, false
		}
	}
	return true, same
}

// quoted reads a row that holds quotes and may run over several lines. If it
// is broken, only its first line is given up.
func (c *csvReader) quoted(b []byte) bool {
	c.record, c.ends = c.record[:0], c.ends[:0]
	var ahead []heldLine
	fault := ""
	for i := 0; fault == ""; {
		for j := i; j < len(b) && (b[j] == ' ' || b[j] == '"'); j++ {
			if b[j] == '"' { // blanks before the quote are the exporter's
				i = j
				break
			}
		}
		if i >= len(b) || b[i] != '"' {
			end := bytes.IndexByte(b[i:], c.comma)
			if end < 0 {
				c.record = append(c.record, b[i:]...)
				c.ends = append(c.ends, len(c.record))
				break
			}
			c.record = append(c.record, b[i:i+end]...)
			c.ends = append(c.ends, len(c.record))
			i += end + 1
			continue
		}
		i++
		for fault == "" {
			q := bytes.IndexByte(b[i:], '"')
			if q >= 0 {
				c.record = append(c.record, b[i:i+q]...)
				i += q + 1
				if i < len(b) && b[i] == '"' {
					c.record = append(c.record, '"')
					i++
					continue
				}
				break
			}
			c.record = append(c.record, b[i:]...)
			c.record = append(c.record, '\n')
			var more []byte
			if len(ahead) < maxSpan && len(c.record) < maxLine {
				more = c.in.next()
			}
			if more == nil {
				fault = "a quote is opened and never closed"
				break
			}
			ahead = append(ahead, heldLine{bytes.Clone(more), c.in.line})
			b, i = ahead[len(ahead)-1].text, 0
		}
		if fault != "" {
			break
		}
		for i < len(b) && b[i] == ' ' {
			i++
		}
		c.ends = append(c.ends, len(c.record))
		if i >= len(b) {
			break
		}
		if b[i] != c.comma {
			fault = "text follows a closing quote"
			break
		}
		i++
		if i == len(b) { // the row ends in an empty value
			c.ends = append(c.ends, len(c.record))
			break
		}
	}
	if fault != "" {
		c.in.giveBack(ahead)
		c.in.notes.damage(c.at, "broken row: %s; the row is left out", fault)
		return false
	}
	from := 0
	for _, end := range c.ends {
		c.fields = append(c.fields, c.record[from:end])
		from = end
	}
	return true
}

// fits checks the row's number of values. Empty ones at the end are what
// spreadsheets add; a longer row has a stray delimiter in it, so that no
// value can be trusted; a shorter one was cut off, and is read as far as it
// goes.
func (c *csvReader) fits() bool {
	n := len(c.fields)
	for n > len(c.header) && len(bytes.TrimSpace(c.fields[n-1])) == 0 {
		n--
	}
	switch {
	case n > len(c.header):
		c.in.notes.damage(c.at, "broken row: %d values under %d columns, perhaps a delimiter within a value that is not quoted; the row is left out",
			n, len(c.header))
		return false
	case n < len(c.header):
		c.in.notes.damage(c.at, "short row: %d values under %d columns; what is missing is taken as unknown", n, len(c.header))
	}
	return true
}

// get is the value in column i, or "" where there is none.
func (c *csvReader) get(i int) []byte {
	if i < 0 || i >= len(c.fields) {
		return nil
	}
	return c.fields[i]
}

// fold makes a column's name comparable: "Display Name", "display_name" and
// "DisplayName" are one.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
