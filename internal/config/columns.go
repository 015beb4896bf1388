package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
)

// Columns maps the usage report to the reseller's own form: a workbook of
// theirs that is filled in, a CSV that their portal takes, or both.
type Columns struct {
	Template string            `yaml:"template"` // .xlsx; empty: no workbook
	Sheet    string            `yaml:"sheet"`    // empty: its first
	Cells    map[string]string `yaml:"cells"`    // a fact of FormFacts to its cell
	Rows     FormRows          `yaml:"rows"`
	CSV      FormCSV           `yaml:"csv"`
}

// FormRows says where a form has its lines, and in which column what stands.
type FormRows struct {
	// Match is listed where the form lists the part numbers itself and wants
	// the quantity beside each, append where its rows are empty.
	Match string `yaml:"match"`
	First int    `yaml:"first"`
	Last  int    `yaml:"last"` // 0: as far as the sheet goes

	PartNumber string `yaml:"part_number"`
	Article    string `yaml:"article"` // the reseller's own article, else the part number
	Product    string `yaml:"product"`
	Unit       string `yaml:"unit"`
	Quantity   string `yaml:"quantity"`
	UnitPrice  string `yaml:"unit_price"`
	Currency   string `yaml:"currency"`
	Amount     string `yaml:"amount"`
}

// FormColumn is one column of a form.
type FormColumn struct{ Value, Column string }

// Columns are the columns in use, in the order of FormValues.
func (r *FormRows) Columns() []FormColumn {
	var out []FormColumn
	for i, c := range []string{r.PartNumber, r.Article, r.Product, r.Unit, r.Quantity, r.UnitPrice, r.Currency, r.Amount} {
		if c != "" {
			out = append(out, FormColumn{FormValues()[i], strings.ToUpper(c)})
		}
	}
	return out
}

// FormCSV is a CSV with a line a part number.
type FormCSV struct {
	Columns   []CSVColumn `yaml:"columns"` // none: no CSV
	Delimiter string      `yaml:"delimiter"`
	Decimal   string      `yaml:"decimal"` // what stands before the decimals of prices
	BOM       bool        `yaml:"bom"`     // whether it begins with the mark by which Excel knows UTF-8
}

// CSVColumn is one column of the CSV.
type CSVColumn struct {
	Heading string `yaml:"heading"` // no heading in any column: no line of headings
	Value   string `yaml:"value"`   // one of FormValues or FormFacts
}

// FormValues are what a line of a form can show.
func FormValues() []string {
	return []string{"part_number", "article", "product", "unit", "quantity", "unit_price", "currency", "amount"}
}

// FormFacts are what a form can show of the whole report. None names a
// customer.
func FormFacts() []string {
	return []string{"provider", "agreement", "enrollment", "country", "reporter", "reporter_email", "month", "year", "month_number",
		"first_day", "last_day", "closing_date", "revision", "zero_use", "mark"}
}

// BillingValues are what a line to bill can show.
func BillingValues() []string {
	return []string{"month", "first_day", "last_day", "tenant", "customer_number", "customer", "reference", "reseller", "article", "part_number",
		"product", "description", "unit", "quantity", "unit_price", "currency", "amount"}
}

// Wanted says whether any form is asked for.
func (c *Columns) Wanted() bool { return c.Template != "" || len(c.CSV.Columns) > 0 }

var (
	cellName   = lazyregexp.New(`^([A-Za-z]{1,3})([1-9][0-9]{0,6})$`)
	columnName = lazyregexp.New(`^[A-Za-z]{1,3}$`)
)

// columnNumber is 1 for A; 0 for what no sheet has.
func columnNumber(s string) int {
	n := 0
	for _, r := range strings.ToUpper(s) {
		n = n*26 + int(r-'A') + 1
	}
	if n > 16384 {
		return 0
	}
	return n
}

const lastRow = 1 << 20 // of a sheet

// resellerForm checks the form that stands at a place of the config.
func (k *checker) resellerForm(c *Columns, place ...any) {
	at := func(more ...any) []any { return slices.Concat(place, more) }
	k.formCSV(&c.CSV, append(FormValues(), FormFacts()...), at("csv")...)
	r := &c.Rows
	used := r.Columns()
	k.oneOf(r.Match, []string{"listed", "append"}, at("rows", "match")...)
	if c.Template == "" {
		if len(c.Cells) > 0 || c.Sheet != "" || r.First != 0 || len(used) > 0 {
			k.fault("the reseller's form is described, and no template is named", "write template: and the path of their .xlsx", at("template")...)
		}
		return
	}
	if !strings.EqualFold(filepath.Ext(c.Template), ".xlsx") {
		k.fault(fmt.Sprintf("%q is no workbook that can be filled in", safetext.Clip(filepath.Base(c.Template), 60)), "save the reseller's form as .xlsx", at("template")...)
	}
	if r.First < 1 || r.First > lastRow || r.Last < 0 || r.Last > lastRow || r.Last != 0 && r.Last < r.First {
		k.fault("the form's lines begin or end nowhere", "write first: and the number of the first row for lines, and last: not before it, or 0", at("rows", "first")...)
	}
	if r.Quantity == "" || r.PartNumber == "" && r.Article == "" {
		k.fault("the form's lines have no quantity, or nothing to know a line by", "write quantity: and part_number: or article:, each with its column, such as D", at("rows")...)
	}
	columns := map[string]string{}
	for _, x := range used {
		path := at("rows", x.Value)
		if !columnName().MatchString(x.Column) || columnNumber(x.Column) == 0 {
			k.fault(fmt.Sprintf("%q is no column", safetext.Clip(x.Column, 60)), "write its letters, such as D", path...)
		} else if other := columns[x.Column]; other != "" {
			k.fault(fmt.Sprintf("the column %s is already that of %s", x.Column, other), "give each its own", path...)
		}
		columns[x.Column] = x.Value
	}
	cells := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Cells)) {
		path := at("cells", name)
		k.formName(name, FormFacts(), path...)
		cell := strings.ToUpper(c.Cells[name])
		part := cellName().FindStringSubmatch(cell)
		row := 0
		if part != nil {
			_, _ = fmt.Sscan(part[2], &row)
		}
		switch {
		case part == nil || columnNumber(part[1]) == 0 || row > lastRow:
			k.fault(fmt.Sprintf("%q is no cell", safetext.Clip(cell, 60)), "write its column and row, such as B2", path...)
		case cells[cell] != "":
			k.fault(fmt.Sprintf("the cell %s is already that of %s", cell, cells[cell]), "give each its own", path...)
		case columns[part[1]] != "" && row >= r.First && (r.Last == 0 || row <= r.Last):
			k.fault(fmt.Sprintf("the cell %s lies among the lines, in the column of %s", cell, columns[part[1]]), "write another cell, or end the lines before it with last:", path...)
		}
		cells[cell] = name
	}
}

// formCSV checks a CSV whose columns may show what is known.
func (k *checker) formCSV(c *FormCSV, known []string, at ...any) {
	path := func(more ...any) []any { return append(slices.Clone(at), more...) }
	if len([]rune(c.Delimiter)) != 1 || strings.ContainsAny(c.Delimiter, "\"\r\n.\uFFFD") {
		k.fault("no CSV can be divided like this", `write delimiter: ";", ",", "|" or "\t"`, path("delimiter")...)
	}
	k.oneOf(c.Decimal, []string{".", ","}, path("decimal")...)
	quantity := len(c.Columns) == 0
	for i := range c.Columns {
		k.formName(c.Columns[i].Value, known, path("columns", i, "value")...)
		quantity = quantity || c.Columns[i].Value == "quantity"
	}
	if !quantity {
		k.fault("the CSV has no quantity", "add {heading: …, value: quantity}", path("columns")...)
	}
}

// formName checks that a form can show what it names.
func (k *checker) formName(name string, known []string, path ...any) {
	if slices.Contains(known, name) {
		return
	}
	instead := "write one of " + strings.Join(known, ", ")
	if near, ok := diag.Nearest(name, known); ok {
		instead = fmt.Sprintf("did you mean %q?", near)
	}
	k.fault(fmt.Sprintf("a form cannot show %q", safetext.Clip(name, 60)), instead, path...)
}
