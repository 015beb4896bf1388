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

	"github.com/xuri/excelize/v2"

	"splameter/internal/diag"
	"splameter/internal/safetext"
	"splameter/internal/workbook"
)

// What a reseller's price list may hold.
const (
	maxSheet = 16 << 20 // bytes of a sheet that is unfolded in memory; a larger one is, in a file
	maxCells = 200      // in a row; what stands further right is passed over
)

// gridRow is one row of a file whose first lines may be anything.
type gridRow struct {
	line  int // as a text editor or a spreadsheet counts
	cells []string
}

// readGrid reads a CSV file or a workbook's sheet whole. Numbers of a workbook
// come as they are kept, with a point, whatever the sheet shows.
func readGrid(path, sheet string) (rows []gridRow, like dialect, faults diag.Faults) {
	t := open(path)
	if !t.given {
		if path == "" {
			t.fault(0, 0, "no file is named", "name the reseller's price file")
		}
		return nil, like, t.done()
	}
	if strings.EqualFold(filepath.Ext(path), ".xlsx") || bytes.HasPrefix(t.data, []byte("PK\x03\x04")) {
		rows = t.workbook(sheet)
		return rows, dialect{sheet: true}, t.done()
	}
	if len(t.data) > maxSize {
		t.fault(0, 0, fmt.Sprintf("the file is larger than %d MiB", maxSize>>20), "check that it is the right file")
		return nil, like, t.done()
	}
	t.data, _ = decode(t.data)
	if !t.isText() {
		return nil, like, t.done()
	}
	rows = t.lines()
	return rows, dialect{semicolon: t.comma == ';'}, t.done()
}

// lines reads a CSV file that may begin with lines of its own.
func (t *table) lines() []gridRow {
	r := csv.NewReader(bytes.NewReader(t.data))
	t.comma = commonSeparator(t.data)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = t.comma, -1, true
	var rows []gridRow
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.syntax(err)
			return nil
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, gridRow{line, slices.Clone(cells[:min(len(cells), maxCells)])})
		if len(rows) > maxRows {
			t.fault(line, 0, fmt.Sprintf("the file has more than %d rows", maxRows), "check that it is the right file")
			return nil
		}
	}
}

// commonSeparator is what divides most: a price file may have a title above
// its header, which holds none.
func commonSeparator(data []byte) rune {
	head := data[:min(len(data), 1<<16)]
	best, most := ',', bytes.Count(head, []byte(","))
	if n := bytes.Count(head, []byte(";")); n > 0 && 2*n >= most { // commas are within the numbers then
		best, most = ';', n
	}
	if n := bytes.Count(head, []byte("\t")); n > most {
		best = '\t'
	}
	return best
}

// workbook reads a sheet's rows: the one named, else the first.
func (t *table) workbook(sheet string) []gridRow {
	bad := func(err error) []gridRow {
		t.fault(0, 0, "the workbook cannot be read: "+safetext.Clip(err.Error(), 200), "open it in a spreadsheet program and save it again as .xlsx, or as CSV UTF-8")
		return nil
	}
	if len(t.data) > maxSize {
		t.fault(0, 0, fmt.Sprintf("the file is larger than %d MiB", maxSize>>20), "check that it is the right file")
		return nil
	}
	most := workbook.List()
	if err := workbook.Check(t.data, most); err != nil {
		return bad(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(t.data), excelize.Options{RawCellValue: true, UnzipSizeLimit: most.Bytes, UnzipXMLSizeLimit: maxSheet})
	if err != nil {
		return bad(err)
	}
	defer f.Close()
	list := f.GetSheetList()
	if sheet == "" && len(list) > 0 {
		sheet = list[0]
	}
	if i, err := f.GetSheetIndex(sheet); err != nil || i < 0 {
		t.fault(0, 0, "the workbook has no sheet "+show(sheet), "name one of: "+safetext.Clip(strings.Join(list, ", "), 200))
		return nil
	}
	in, err := f.Rows(sheet)
	if err != nil {
		return bad(err)
	}
	defer in.Close()
	var rows []gridRow
	held := 0
	for line := 1; in.Next(); line++ {
		cells, err := in.Columns()
		if err != nil {
			return bad(err)
		}
		if held += len(cells); held > maxRows*maxCells {
			t.fault(line, 0, fmt.Sprintf("the sheet has more than %d cells up to here", maxRows*maxCells), "check that it is the right file, and that nothing stands far to the right of the list")
			return nil
		}
		if len(cells) > 0 { // a copy: one cell in the last column makes 16,384 of them
			rows = append(rows, gridRow{line, slices.Clone(cells[:min(len(cells), maxCells)])})
		}
		if line > maxRows {
			t.fault(line, 0, fmt.Sprintf("the sheet has more than %d rows", maxRows), "check that it is the right file")
			return nil
		}
	}
	if err := in.Error(); err != nil {
		return bad(err)
	}
	return rows
}
