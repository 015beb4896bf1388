package closing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/internal/safetext"
	"splameter/internal/workbook"
)

// mostDifferences is how many differences of one member are told.
const mostDifferences = 20

// differing collects differences up to that number.
type differing struct {
	list []string
	more int
}

func (d *differing) add(format string, args ...any) {
	if len(d.list) == mostDifferences {
		d.more++
		return
	}
	d.list = append(d.list, fmt.Sprintf(format, args...))
}

func (d *differing) all() []string {
	if d.more > 0 {
		return append(d.list, fmt.Sprintf("and %d more", d.more))
	}
	return d.list
}

// diffJSON says where sealed values are others than those counted again. What
// only the latter has is no difference: a later version says more.
func diffJSON(sealed, again []byte) ([]string, error) {
	read := func(b []byte) (v any, err error) {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		err = d.Decode(&v)
		return v, err
	}
	a, err := read(sealed)
	if err != nil {
		return nil, err
	}
	b, err := read(again)
	if err != nil {
		return nil, err
	}
	var out differing
	out.values("", a, b)
	return out.all(), nil
}

func (d *differing) values(at string, a, b any) {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			d.add("%s is something else", at)
			return
		}
		keys := make([]string, 0, len(a))
		for k := range a {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			d.values(at+"/"+k, a[k], b[k])
		}
	case []any:
		b, _ := b.([]any)
		if len(a) != len(b) {
			d.add("%s has %d entries, counted again %d", at, len(a), len(b))
		}
		for i := range min(len(a), len(b)) {
			d.values(fmt.Sprintf("%s/%d", at, i), a[i], b[i])
		}
	default:
		if a != b {
			d.add("%s is %v, counted again %v", at, shown(a), shown(b))
		}
	}
}

func shown(v any) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q", safetext.Clip(fmt.Sprint(v), 60))
}

// diffText compares lines.
func diffText(sealed, again []byte) ([]string, error) {
	a, b := strings.Split(string(sealed), "\n"), strings.Split(string(again), "\n")
	var out differing
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			out.add("line %d is %s, made again %s", i+1, shown(x), shown(y))
		}
	}
	return out.all(), nil
}

// diffBook compares two workbooks cell by cell: the same sheets in the same
// order, with the same values.
func diffBook(sealed, again []byte) ([]string, error) {
	a, err := openBook(sealed)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := openBook(again)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var out differing
	err = out.books(a, b, "made again")
	return out.all(), err
}

// books compares the cells of two workbooks; as says what the second one is.
func (d *differing) books(a, b *excelize.File, as string) error {
	if x, y := a.GetSheetList(), b.GetSheetList(); !slices.Equal(x, y) {
		d.add("its sheets are %q, %s %q", x, as, y)
	}
	for _, sheet := range a.GetSheetList() {
		x, err := a.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			return err
		}
		y, err := b.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			d.add("the sheet %s is not there, %s", sheet, as)
			continue
		}
		d.rows(sheet, x, y, as)
	}
	return nil
}

func openBook(b []byte) (*excelize.File, error) {
	if err := workbook.Check(b, workbook.List()); err != nil {
		return nil, err
	}
	return excelize.OpenReader(bytes.NewReader(b))
}

func (d *differing) rows(sheet string, a, b [][]string, as string) {
	cell := func(rows [][]string, r, c int) string {
		if r < len(rows) && c < len(rows[r]) {
			return rows[r][c]
		}
		return ""
	}
	for r := range max(len(a), len(b)) {
		width := 0
		for _, rows := range [][][]string{a, b} {
			if r < len(rows) {
				width = max(width, len(rows[r]))
			}
		}
		for c := range width {
			x, y := cell(a, r, c), cell(b, r, c)
			if x == y {
				continue
			}
			name, _ := excelize.CoordinatesToCellName(c+1, r+1)
			d.add("%s %s is %s, %s %s", sheet, name, shown(x), as, shown(y))
		}
	}
}
