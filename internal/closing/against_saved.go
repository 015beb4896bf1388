package closing

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// shownOtherwise says where a workbook that was saved again since it was sealed
// shows a reader something else: another cell, a sheet, row or column that is
// hidden or cells that are merged where they were not, a number that is shown as
// another, a picture or a note laid over it. Colours and sizes are not compared.
func shownOtherwise(sealed, received []byte) ([]string, error) {
	a, err := openBook(sealed)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := openBook(received)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var out differing
	const as = "there"
	if err := out.books(a, b, as); err != nil {
		return nil, err
	}
	if !slices.Equal(a.GetSheetList(), b.GetSheetList()) {
		return out.all(), nil // what follows goes sheet by sheet
	}
	for _, sheet := range a.GetSheetList() {
		if err := out.looks(sheet, a, b); err != nil {
			return nil, err
		}
	}
	for _, part := range laidOver(received) {
		if !slices.Contains(laidOver(sealed), part) {
			out.add("it holds %s, %s only", part, as)
		}
	}
	return out.all(), nil
}

// looks compares how two sheets of the same cells show them.
func (d *differing) looks(sheet string, a, b *excelize.File) error {
	x, err := a.GetSheetVisible(sheet)
	if err != nil {
		return err
	}
	if y, err := b.GetSheetVisible(sheet); err != nil || y != x {
		d.add("the sheet %s is hidden or shown otherwise", sheet)
	}
	raw, err := a.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return err
	}
	was, err := a.GetRows(sheet)
	if err != nil {
		return err
	}
	is, err := b.GetRows(sheet)
	if err != nil {
		return err
	}
	width := 0
	for r := range raw {
		width = max(width, len(raw[r]))
		x, err := a.GetRowVisible(sheet, r+1)
		if err != nil {
			return err
		}
		if y, err := b.GetRowVisible(sheet, r+1); err != nil || x && !y {
			d.add("row %d of %s is hidden", r+1, sheet)
		}
		for c, v := range raw[r] {
			// A number that stands as it is in the sealed one; a date is shown in
			// many ways.
			if v == "" || strings.Trim(v, "0123456789-") != "" || c >= len(was[r]) || digits(was[r][c]) != digits(v) {
				continue
			}
			if r >= len(is) || c >= len(is[r]) || digits(is[r][c]) != digits(v) {
				name, _ := excelize.CoordinatesToCellName(c+1, r+1)
				shows := ""
				if r < len(is) && c < len(is[r]) {
					shows = is[r][c]
				}
				d.add("%s %s is %s, and shows %s", sheet, name, shown(v), shown(shows))
			}
		}
	}
	for c := range width {
		name, err := excelize.ColumnNumberToName(c + 1)
		if err != nil {
			return err
		}
		x, err := a.GetColVisible(sheet, name)
		if err != nil {
			return err
		}
		if y, err := b.GetColVisible(sheet, name); err != nil || x && !y {
			d.add("column %s of %s is hidden", name, sheet)
		}
	}
	merged, err := merges(a, sheet)
	if err != nil {
		return err
	}
	more, err := merges(b, sheet)
	if err != nil {
		return err
	}
	for _, m := range more {
		if !slices.Contains(merged, m) {
			d.add("the cells %s of %s are merged", m, sheet)
		}
	}
	return nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s)
}

func merges(f *excelize.File, sheet string) (out []string, err error) {
	list, err := f.GetMergeCells(sheet, true)
	if err != nil {
		return nil, fmt.Errorf("read the merged cells of %s: %w", sheet, err)
	}
	for _, m := range list {
		out = append(out, m[0])
	}
	return out, nil
}

// laidOver are the kinds of things in a workbook that cover cells or come from
// elsewhere.
func laidOver(book []byte) (out []string) {
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil
	}
	for _, f := range z.File {
		low := strings.ToLower(f.Name)
		for _, kind := range []string{"drawings/", "media/", "embeddings/", "comments", "charts/", "externallinks/", "activex/", "vbaproject"} {
			if strings.Contains(low, kind) && !slices.Contains(out, strings.Trim(kind, "/")) {
				out = append(out, strings.Trim(kind, "/"))
			}
		}
	}
	slices.Sort(out)
	return out
}
