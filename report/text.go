package report

import (
	"strings"

	"splameter/internal/safetext"
)

// maxCell is how many UTF-16 units a cell may hold. A longer text makes Excel
// call the file damaged.
const maxCell = 32767

// clean makes foreign text harmless in a sheet, and no longer than a cell takes.
func clean(s string) string { return safetext.ClipUnits(safetext.Block(s), maxCell) }

// line is clean text on one line: for sheet names, headers and properties.
func line(s string) string { return safetext.ClipUnits(safetext.Line(s), maxCell) }

// headerText is text in a page header or footer, where & begins a code.
func headerText(s string, limit int) string {
	return strings.ReplaceAll(safetext.ClipUnits(line(s), limit), "&", "&&")
}
