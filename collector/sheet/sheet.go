// Package sheet makes a table of a workbook: the sheet that is in a known form,
// as CSV, for the readers of logs and inventories alike. What it may unfold to,
// package workbook says.
package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"splameter/collector/forms"
	"splameter/internal/safetext"
	"splameter/internal/workbook"
)

// Bounds of a workbook that is read as a table.
const (
	maxBook      = 64 << 20 // bytes of the file
	maxSheetText = 256 << 20
	headerSearch = 20 // rows that may stand above the header
	maxRows      = 3_000_000
)

// Text is a workbook's sheet as CSV: the first whose header is that of a known
// form, else the first of all. It is nil for what is no workbook. Numbers and
// days are those that the cells show.
func Text(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, 4)
	if n, _ := r.ReadAt(head, 0); n < 4 || string(head) != "PK\x03\x04" {
		return nil, nil
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil // told as an archive
	}
	book := false
	for _, f := range z.File {
		book = book || f.Name == "xl/workbook.xml"
	}
	if !book {
		return nil, nil
	}
	if size > maxBook {
		return nil, fmt.Errorf("the workbook is larger than %d MiB; save its sheet as CSV", maxBook>>20)
	}
	data := make([]byte, size)
	if _, err := r.ReadAt(data, 0); err != nil && err != io.EOF {
		return nil, err
	}
	most := workbook.List()
	if err := workbook.Check(data, most); err != nil {
		return nil, fmt.Errorf("the workbook cannot be read (%w); save its sheet as CSV", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: most.Bytes, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read (%w); save its sheet as CSV", err)
	}
	defer f.Close()
	var first []byte
	for _, name := range f.GetSheetList() {
		text, err := sheetText(f, name)
		if err != nil {
			return nil, fmt.Errorf("sheet %s cannot be read: %w", safetext.Brief(name), err)
		}
		found := forms.Detect(text[:min(len(text), forms.HeadSize)])
		if found.Form != nil {
			return text, nil
		}
		if first == nil {
			first = text
		}
	}
	if first == nil {
		first = []byte{}
	}
	return first, nil
}

// sheetText is a sheet as CSV, from its header on: the first row in which at
// least three cells, or all that any row has, are filled.
func sheetText(f *excelize.File, name string) ([]byte, error) {
	rows, err := f.Rows(name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	width, n := 0, 0
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		if n++; width == 0 {
			filled := 0
			for _, c := range cells {
				if c != "" {
					filled++
				}
			}
			if filled < 2 || filled < 3 && n < headerSearch && filled < len(cells) {
				continue
			}
			width = len(cells)
		}
		for len(cells) < width {
			cells = append(cells, "")
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
		if b.Len() > maxSheetText || n > maxRows {
			return nil, fmt.Errorf("it holds more than %d rows or %d MiB; save it as CSV", maxRows, maxSheetText>>20)
		}
	}
	w.Flush()
	return b.Bytes(), rows.Error()
}
