package config

import (
	"strings"
	"testing"
)

func TestResellerFormFaults(t *testing.T) {
	const good = "template: f.xlsx, rows: {first: 5, part_number: A, quantity: D}"
	for _, c := range []struct{ columns, want string }{
		{good, ""},
		{"csv: {columns: [{heading: Q, value: quantity}, {value: month}]}", ""},
		{"cells: {month: B2}", "the reseller's form is described, and no template is named"},
		{"template: f.xls, rows: {first: 5, part_number: A, quantity: D}", `"f.xls" is no workbook that can be filled in`},
		{"template: f.xlsx, rows: {part_number: A, quantity: D}", "the form's lines begin or end nowhere"},
		{"template: f.xlsx, rows: {first: 9, last: 5, part_number: A, quantity: D}", "the form's lines begin or end nowhere"},
		{"template: f.xlsx, rows: {first: 5, part_number: A}", "the form's lines have no quantity"},
		{"template: f.xlsx, rows: {first: 5, part_number: D, quantity: d}", "the column D is already that of part_number"},
		{"template: f.xlsx, rows: {first: 5, part_number: A, quantity: XFE}", `"XFE" is no column`},
		{good + ", cells: {month: B2, year: b2}", "the cell B2 is already that of month"},
		{good + ", cells: {month: D9}", "the cell D9 lies among the lines, in the column of quantity"},
		{good + ", cells: {month: B0}", `"B0" is no cell`},
		{good + ", cells: {agrement: B2}", `a form cannot show "agrement"; did you mean "agreement"?`},
		{good + ", cells: {tenant: B2}", `a form cannot show "tenant"`},
		{"template: f.xlsx, rows: {match: guess, first: 5, part_number: A, quantity: D}", `"guess" is no match that splameter knows`},
		{"csv: {columns: [{value: month}]}", "the CSV has no quantity"},
		{"csv: {delimiter: '', columns: [{value: quantity}]}", "no CSV can be divided like this"},
		{"csv: {decimal: ';', columns: [{value: quantity}]}", `";" is no decimal that splameter knows`},
		{"csv: {columns: [{value: quantity}, {value: customer}]}", `a form cannot show "customer"`},
	} {
		_, faults := Parse("c.yaml", []byte(head+"report: {columns: {"+c.columns+"}}\n"))
		got := ""
		if err := faults.Err(); err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.columns, got, c.want)
		}
		if c.want != "" && len(faults) != 1 {
			t.Errorf("%s: %d faults: %s", c.columns, len(faults), got)
		}
	}
}
