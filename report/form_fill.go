package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/config"
	"splameter/internal/month"
)

// workbook fills the month into the reseller's own workbook. Their
// formatting, other sheets and formulas stay; formulas get the value that they
// now have. It names no customer and no user.
func (w *form) workbook(ctx context.Context, out io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lines, err := w.formLines()
	if err != nil {
		return err
	}
	f, err := openTemplate(w.Templates[w.agreement.ID])
	if err != nil {
		return fmt.Errorf("open the reseller's form: %w; save it as .xlsx, without a password", err)
	}
	defer f.Close()
	c := &w.agreement.Columns
	p := filling{f: f, rows: &c.Rows}
	if p.sheet, err = formSheet(f, c.Sheet); err != nil {
		return err
	}
	if err := p.prepare(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cells)) {
		if err := p.put(strings.ToUpper(c.Cells[name]), w.formFact(name)); err != nil {
			return err
		}
	}
	if c.Rows.Match == "append" {
		err = p.append(lines)
	} else {
		err = p.fill(lines)
	}
	if err != nil {
		return err
	}
	if err := w.markForm(f); err != nil {
		return err
	}
	return saveFilled(f, out)
}

// markForm adds a sheet, in front of the eyes of whoever opens it, to a form
// that may not be handed in. The others stay as they are.
func (w *Workbooks) markForm(f *excelize.File) error {
	m := w.formMark()
	if m == "" {
		return nil
	}
	const name = "DRAFT – DO NOT SUBMIT"
	n, err := f.NewSheet(name)
	if err != nil {
		return err
	}
	style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 20, Color: "C00000"}})
	if err != nil {
		return err
	}
	red := "C00000"
	f.SetActiveSheet(n)
	return errors.Join(f.SetCellStr(name, "A1", m), f.SetCellStyle(name, "A1", "A1", style),
		f.SetSheetProps(name, &excelize.SheetPropsOptions{TabColorRGB: &red}))
}

// filling is a form being filled in.
type filling struct {
	f      *excelize.File
	sheet  string
	rows   *config.FormRows
	cells  [][]string      // as the form came
	hidden map[string]bool // cells beneath another with which they are merged
}

func (p *filling) prepare() (err error) {
	if p.cells, err = p.f.GetRows(p.sheet, excelize.Options{RawCellValue: true}); err != nil {
		return fmt.Errorf("read the reseller's form: %w", err)
	}
	merged, err := p.f.GetMergeCells(p.sheet, true)
	if err != nil {
		return fmt.Errorf("read the reseller's form: %w", err)
	}
	p.hidden = map[string]bool{}
	for _, m := range merged {
		c1, r1, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		c2, r2, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil || err2 != nil || (c2-c1+1)*(r2-r1+1) > 100_000 {
			continue
		}
		for c := c1; c <= c2; c++ {
			for r := r1; r <= r2; r++ {
				if c != c1 || r != r1 {
					name, _ := excelize.CoordinatesToCellName(c, r)
					p.hidden[name] = true
				}
			}
		}
	}
	return nil
}

// at is what stood in a cell of a row.
func (p *filling) at(column string, row int) string {
	n, err := excelize.ColumnNameToNumber(column)
	if err != nil || row > len(p.cells) || n > len(p.cells[row-1]) {
		return ""
	}
	return strings.TrimSpace(p.cells[row-1][n-1])
}

// put writes into a cell and leaves its look as it is. A formula of theirs is
// never written over, nor is anything written where nobody would see it.
func (p *filling) put(cell string, v any) error {
	formula, err := p.f.GetCellFormula(p.sheet, cell)
	switch {
	case err != nil:
		return err
	case formula != "":
		return fmt.Errorf("%s of the reseller's form holds a formula, and report.columns wants to write there; name another cell", cell)
	case p.hidden[cell]:
		return fmt.Errorf("%s of the reseller's form lies beneath a cell with which it is merged; name the first cell of the merged ones", cell)
	}
	switch v := v.(type) {
	case string:
		return p.f.SetCellStr(p.sheet, cell, v)
	case int:
		return p.f.SetCellInt(p.sheet, cell, int64(v))
	case decimal.Decimal:
		return p.f.SetCellFloat(p.sheet, cell, v.InexactFloat64(), -1, 64)
	case month.Day:
		if p.dated(cell) {
			return p.f.SetCellInt(p.sheet, cell, int64(serial(v)))
		}
		return p.f.SetCellStr(p.sheet, cell, v.String())
	}
	return fmt.Errorf("%s of the reseller's form cannot show %T", cell, v)
}

// dated says whether a cell shows numbers as dates.
func (p *filling) dated(cell string) bool {
	id, err := p.f.GetCellStyle(p.sheet, cell)
	if err != nil {
		return false
	}
	s, err := p.f.GetStyle(id)
	switch {
	case err != nil:
		return false
	case s.CustomNumFmt != nil:
		return strings.ContainsAny(strings.ToLower(*s.CustomNumFmt), "dy")
	}
	n := s.NumFmt
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58
}

// fill writes the quantity beside each part number that the form lists, zero
// beside those that the month does not have.
func (p *filling) fill(lines []formLine) error {
	by := map[string]int{}
	for i := range lines {
		by[foldPart(lines[i].part)] = i + 1
	}
	for i := range lines { // the reseller's article may be another's part number: the part number wins
		if k := foldPart(lines[i].article); by[k] == 0 {
			by[k] = i + 1
		}
	}
	last := p.rows.Last
	if last == 0 {
		last = len(p.cells)
	}
	filled := make([]int, len(lines)) // the row of each
	seen := map[string]int{}
	for row := p.rows.First; row <= last; row++ {
		n, listed := 0, ""
		for _, column := range []string{p.rows.PartNumber, p.rows.Article} {
			if column == "" {
				continue
			}
			if v := foldPart(p.at(strings.ToUpper(column), row)); isPart(v) {
				listed = v
				if n = by[v]; n > 0 {
					break
				}
			}
		}
		if listed == "" {
			continue
		}
		if before := seen[listed]; before > 0 {
			return fmt.Errorf("the reseller's form lists %s twice, in rows %d and %d; take one away, or set last: to where the lines end", listed, before, row)
		}
		seen[listed] = row
		l := formLine{}
		if n > 0 {
			if filled[n-1] > 0 {
				return fmt.Errorf("the reseller's form lists %s twice, as part number and as article, in rows %d and %d; take one away", lines[n-1].part, filled[n-1], row)
			}
			filled[n-1] = row
			l = lines[n-1]
		}
		for _, c := range p.rows.Columns() {
			switch c.Value {
			case "quantity":
			case "unit_price", "currency", "amount":
				if n == 0 {
					continue
				}
			default: // theirs
				continue
			}
			if err := p.put(fmt.Sprintf("%s%d", c.Column, row), l.value(c.Value)); err != nil {
				return err
			}
		}
	}
	var lacking []string
	for i, row := range filled {
		if row == 0 {
			name := lines[i].part
			if lines[i].article != name {
				name += " / " + lines[i].article
			}
			lacking = append(lacking, fmt.Sprintf("%s (%s, %d)", name, lines[i].product, lines[i].quantity))
		}
	}
	if len(lacking) > 0 {
		return fmt.Errorf("the reseller's form lists no %s: the quantity would be lost; add the part number to the form, or ask the reseller for a newer one",
			strings.Join(lacking, ", no "))
	}
	return nil
}

// isPart says whether a cell's text is a part number, and no heading: one
// word, with a digit or a hyphen in it.
func isPart(s string) bool {
	return s != "" && !strings.ContainsAny(s, " \t\n") && strings.ContainsAny(s, "0123456789-")
}

// append writes the lines into the form's empty rows.
func (p *filling) append(lines []formLine) error {
	if room := p.rows.Last - p.rows.First + 1; p.rows.Last > 0 && len(lines) > room {
		return fmt.Errorf("the reseller's form has room for %d lines, from row %d to %d, and the month has %d; make room, and correct report.columns.rows.last", room, p.rows.First, p.rows.Last, len(lines))
	}
	columns := p.rows.Columns()
	for i := range lines {
		row := p.rows.First + i
		for _, c := range columns {
			cell, first := fmt.Sprintf("%s%d", c.Column, row), fmt.Sprintf("%s%d", c.Column, p.rows.First)
			if was := p.at(c.Column, row); was != "" {
				return fmt.Errorf("%s of the reseller's form is not empty, and a line of the report would go there: the month has %d lines; make room, or set last: to where the lines end", cell, len(lines))
			}
			if err := p.put(cell, lines[i].value(c.Value)); err != nil {
				return err
			}
			style, err := p.f.GetCellStyle(p.sheet, cell)
			if err == nil && style == 0 && i > 0 {
				if style, err = p.f.GetCellStyle(p.sheet, first); err == nil && style != 0 {
					err = p.f.SetCellStyle(p.sheet, cell, cell, style)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
