// Package workbook says whether an xlsx that came from elsewhere may be opened:
// what it unfolds to, measured and not as it says of itself. A library turns
// each element of its parts into a structure some fifty times as large, so that
// a file of 200 kB could fill any memory. What stands in the sheets is for
// packages tables and report.
package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"splameter/internal/safetext"

	"github.com/klauspost/compress/flate"
)

// Limits are what a workbook may hold. Every price list and form that is meant
// for people is far below those of List and Form.
type Limits struct {
	Bytes int64 // of all parts together, unfolded
	// Marks are the elements that are kept in memory, each with a beginning and
	// an end; and the cells of a sheet that is not streamed.
	Marks int64
	// Streamed says that sheets are read row by row: their elements are not kept.
	Streamed bool
}

// List bounds a workbook whose sheets are read row by row.
func List() Limits { return Limits{Bytes: 256 << 20, Marks: 2 << 20, Streamed: true} }

// Form bounds a workbook that is held whole, to be filled in.
func Form() Limits { return Limits{Bytes: 128 << 20, Marks: 2 << 20} }

// Check is an error where the workbook is none, is damaged, or holds more than
// the limits. Its memory does not grow with the workbook.
func Check(b []byte, most Limits) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return fmt.Errorf("it is no workbook: %w", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	var size, marks int64
	buf := make([]byte, 64<<10)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		kept := !most.Streamed || !isSheet(f.Name)
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("its part %q is damaged: %w", safetext.Clip(f.Name, 60), err)
		}
		for {
			n, err := r.Read(buf)
			if size += int64(n); size > most.Bytes {
				return fmt.Errorf("it unfolds to more than %d MiB", most.Bytes>>20)
			}
			if kept {
				if marks += int64(bytes.Count(buf[:n], []byte{'<'})); marks > most.Marks {
					return fmt.Errorf("it holds more than %d elements, most of them in its part %q", most.Marks, safetext.Clip(f.Name, 60))
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Close()
				return fmt.Errorf("its part %q is damaged: %w", safetext.Clip(f.Name, 60), err)
			}
		}
		if err := r.Close(); err != nil {
			return fmt.Errorf("its part %q is damaged: %w", safetext.Clip(f.Name, 60), err)
		}
	}
	if most.Streamed {
		return nil
	}
	for _, f := range z.File {
		if !isSheet(f.Name) {
			continue
		}
		n, err := cells(f)
		if err != nil {
			return fmt.Errorf("its part %q is damaged: %w", safetext.Clip(f.Name, 60), err)
		}
		if n > most.Marks {
			return fmt.Errorf("the rows of its part %q reach so far to the right that they make more than %d cells", safetext.Clip(f.Name, 60), most.Marks)
		}
	}
	return nil
}

func isSheet(part string) bool { return strings.Contains(strings.ToLower(part), "worksheets/") }

// cells is how many cells a sheet has once each row is filled up to its last
// one, as the library does. The part is known to be small.
func cells(f *zip.File) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var all, last int64
	d := xml.NewDecoder(r)
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return all + last, nil
		}
		if err != nil {
			return 0, err
		}
		e, ok := t.(xml.StartElement)
		switch {
		case ok && e.Name.Local == "row":
			all, last = all+last, 0
		case ok && e.Name.Local == "c":
			last = max(last+1, column(e.Attr))
		}
	}
}

// column is the number of a cell's column, such as 28 for AB7; 0 where it says
// none.
func column(attrs []xml.Attr) int64 {
	for _, a := range attrs {
		if a.Name.Local != "r" {
			continue
		}
		var n int64
		for _, c := range strings.ToUpper(a.Value) {
			if c < 'A' || c > 'Z' || n > 1<<20 {
				break
			}
			n = 26*n + int64(c-'A') + 1
		}
		return min(n, 1<<14) // a sheet has no more; the library refuses it
	}
	return 0
}
