package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/diag"
)

// What a reseller's workbook may unfold to.
const (
	maxBook  = 256 << 20
	maxSheet = 128 << 20
	maxCells = 200 // in a row
)

// gridRow is one row of a file whose first lines may be anything.
type gridRow struct {
	line  int // as a text editor or a spreadsheet counts
	cells []string
}

// readGrid reads a CSV file or a workbook's sheet whole. Numbers of a workbook
// come as they are kept, with a point, whatever the sheet shows.
func readGrid(path, sheet string) ([]gridRow, diag.Faults) {
	t := open(path)
	if !t.given {
		if path == "" {
			t.fault(0, 0, "no file is named", "name the reseller's price file")
		}
		return nil, t.done()
	}
	if strings.EqualFold(filepath.Ext(path), ".xlsx") || bytes.HasPrefix(t.data, []byte("PK\x03\x04")) {
		return t.workbook(sheet), t.done()
	}
	if len(t.data) > maxSize {
		t.fault(0, 0, fmt.Sprintf("the file is larger than %d MiB", maxSize>>20), "check that it is the right file")
		return nil, t.done()
	}
	if bytes.HasPrefix(t.data, []byte("\xff\xfe")) || bytes.HasPrefix(t.data, []byte("\xfe\xff")) {
		t.fault(0, 0, "the file is UTF-16", `save it as "CSV UTF-8", or as a workbook (.xlsx)`)
		return nil, t.done()
	}
	t.data = bytes.TrimPrefix(t.data, []byte("\ufeff"))
	if !t.isText() {
		return nil, t.done()
	}
	return t.lines(), t.done()
}

// lines reads a CSV file that may begin with lines of its own.
func (t *table) lines() []gridRow {
	r := csv.NewReader(bytes.NewReader(t.data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = commonSeparator(t.data), -1, true
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
		rows = append(rows, gridRow{line, cells[:min(len(cells), maxCells)]})
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
		t.fault(0, 0, "the workbook cannot be read: "+diag.Clip(err.Error(), 200), "open it in a spreadsheet program and save it again as .xlsx, or as CSV UTF-8")
		return nil
	}
	f, err := excelize.OpenReader(bytes.NewReader(t.data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxBook, UnzipXMLSizeLimit: maxSheet})
	if err != nil {
		return bad(err)
	}
	defer f.Close()
	list := f.GetSheetList()
	if sheet == "" && len(list) > 0 {
		sheet = list[0]
	}
	if i, err := f.GetSheetIndex(sheet); err != nil || i < 0 {
		t.fault(0, 0, "the workbook has no sheet "+show(sheet), "name one of: "+diag.Clip(strings.Join(list, ", "), 200))
		return nil
	}
	in, err := f.Rows(sheet)
	if err != nil {
		return bad(err)
	}
	defer in.Close()
	var rows []gridRow
	for line := 1; in.Next(); line++ {
		cells, err := in.Columns()
		if err != nil {
			return bad(err)
		}
		if len(cells) > 0 {
			rows = append(rows, gridRow{line, cells[:min(len(cells), maxCells)]})
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
