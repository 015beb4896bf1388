package tables

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Pasted is what a part of a sheet, pasted from a spreadsheet, makes of a table.
type Pasted struct {
	Data           []byte
	Added, Changed int
	Same           int
	Ignored        []string // headings that the table knows nothing of
}

// keys are the columns by which a row of a pasted part is a row of the table;
// where a key fits no row, the next is tried.
func keysOf(table string) [][]string {
	switch table {
	case "tenants":
		return [][]string{{"id", "ou"}, {"id"}, {"number"}, {"name"}}
	case "resellers", "exclusions":
		return [][]string{{"id"}}
	case "decisions":
		return [][]string{{"key", "code", "tenant", "subject"}}
	case "shared_accounts":
		return [][]string{{"tenant", "account", "from"}}
	case "sales_prices":
		return [][]string{{"tenant", "product", "from"}}
	}
	return nil
}

// Columns are the columns that a table may have, those that it needs first.
func Columns(table string) []string {
	switch table {
	case "tenants":
		return slices.Concat([]string{"id", "name", "ou", "from", "until"}, own[1:], []string{"group", "attribute", "value", "upn_suffix"})
	case "resellers":
		return []string{"id", "name", "street", "postal_code", "city", "country", "contact", "email", "language", "annex_to", "suspended_from", "suspended_until"}
	case "exclusions":
		return []string{"id", "tenant", "product", "ground", "match", "quantity", "document", "from", "until", "counted_as", "site"}
	case "decisions":
		return decisionColumns
	case "shared_accounts":
		return []string{"tenant", "account", "persons", "ids", "document", "from", "until"}
	case "prices":
		return []string{"part_number", "currency", "unit_price", "alias", "from", "until", "description"}
	case "sales_prices":
		return []string{"tenant", "product", "currency", "unit_price", "from", "until"}
	}
	return nil
}

// HeaderOf is the first line of a table that is made.
func HeaderOf(table string) []byte { return []byte(strings.Join(Columns(table), ",") + "\n") }

// Paste works rows with a header, parted by tabs, commas or semicolons, into a
// table: a row that its key finds changes in the cells that are filled in, any
// other is added. Nothing is taken away, and a heading that is none of the
// table's columns is told.
func Paste(table string, have *Sheet, text string) (*Pasted, error) {
	in, err := ParseSheet("what was pasted", []byte(strings.TrimLeft(text, "\r\n")))
	if err != nil {
		return nil, err
	}
	if len(in.Rows) == 0 {
		return nil, errors.New("what was pasted has a header and no rows, or no header: paste the headings too")
	}
	out := &Pasted{}
	names := make([]string, len(in.Columns)) // ours; empty: none
	var more []string
	for i, c := range in.Columns {
		for _, known := range slices.Concat(have.Columns, Columns(table)) {
			if foldHeading(known) == foldHeading(c) && c != "" && !slices.Contains(names, known) {
				names[i] = known
				break
			}
		}
		switch {
		case names[i] == "" && c != "":
			out.Ignored = append(out.Ignored, c)
		case names[i] != "" && !slices.Contains(have.Columns, names[i]):
			more = append(more, names[i])
		}
	}
	if !slices.ContainsFunc(names, func(n string) bool { return n != "" }) {
		return nil, fmt.Errorf("none of the headings that were pasted is a column of the table: it has %s", strings.Join(have.Columns, ", "))
	}
	sheet, err := have.With(more...)
	if err != nil {
		return nil, err
	}
	var added []map[string]string
	for _, r := range in.Rows {
		values := map[string]string{}
		for i, c := range r.Cells {
			if i < len(names) && names[i] != "" && strings.TrimSpace(c) != "" {
				values[names[i]] = strings.TrimSpace(c)
			}
		}
		if len(values) == 0 {
			continue
		}
		row, err := sheet.rowOf(table, values, r.Line)
		if err != nil {
			return nil, err
		}
		if row < 0 {
			added = append(added, values)
			continue
		}
		c, err := sheet.Set(row, values)
		if err != nil {
			return nil, err
		}
		if c.Was == c.Is {
			out.Same++
			continue
		}
		out.Changed++
		if sheet, err = ParseSheet(have.File, c.Data); err != nil {
			return nil, err
		}
	}
	out.Data, out.Added = sheet.Data(), len(added)
	if len(added) > 0 {
		c, err := sheet.Add(added)
		if err != nil {
			return nil, err
		}
		out.Data = c.Data
	}
	return out, nil
}

// rowOf is the row that values are about, by the first key that they all have
// and that finds one; -1: none. Two that fit are an error.
func (s *Sheet) rowOf(table string, values map[string]string, line int) (int, error) {
	for _, key := range keysOf(table) {
		if slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(s.Columns, c) }) || values[key[0]] == "" {
			continue
		}
		if len(key) == 2 && values[key[1]] == "" {
			continue
		}
		found := -1
		for i := range s.Rows {
			fits := true
			for _, c := range key {
				fits = fits && strings.EqualFold(strings.TrimSpace(s.Rows[i].Cells[slices.Index(s.Columns, c)]), values[c])
			}
			if !fits {
				continue
			}
			if found >= 0 {
				if key[0] == "id" { // a customer of several units: its first row
					break
				}
				return -1, fmt.Errorf("line %d of what was pasted fits more than one row of the table by its %s", line, strings.Join(key, ", "))
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
		if len(key) == 2 && values["id"] != "" && slices.ContainsFunc(s.Rows, func(r SheetRow) bool {
			return strings.EqualFold(r.Cells[slices.Index(s.Columns, "id")], values["id"])
		}) {
			return -1, nil // one more unit of the customer
		}
	}
	return -1, nil
}
