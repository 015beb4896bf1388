package desk

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

type annexSheet struct {
	Name string
	Rows [][]annexCell
	More int
}

type annexCell struct {
	Text   string
	Wide   int // columns that it covers, where more than one
	Number bool
}

type annexData struct {
	ID, Name string
	File     string
	Document string
	Draft    bool
	Sheets   []annexSheet
}

// annexOf is a customer's annex as it goes out.
func (s *Server) annexOf(r *request, h *head, t *statement.Tenant) (name, document string, data []byte, err error) {
	told, err := s.told(r, h)
	if errors.Is(err, store.ErrNone) {
		return "", "", nil, &problem{status: 404, text: "problem.uncounted"}
	}
	if err != nil {
		return "", "", nil, err
	}
	defer told.Close()
	w, err := report.New(told.Input)
	if err != nil {
		return "", "", nil, err
	}
	path := w.AnnexPath(t.ID)
	if path == "" {
		return "", "", nil, &problem{status: 404, text: "problem.annex"}
	}
	data, err = told.File(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil, &problem{status: 404, text: "problem.annexgone"}
	}
	return filepath.Base(path), w.DocumentNumber(t.ID), data, err
}

// annex shows a customer's annex, cell by cell.
func (s *Server) annex(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	file, document, data, err := s.annexOf(r, h, t)
	if err != nil {
		return err
	}
	d := annexData{ID: t.ID, Name: r.nameOf(h, t.ID), File: file, Document: document, Draft: !h.life.Settled(h.Rev)}
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer book.Close()
	language := ""
	if reg := r.set.Register.Tenant(t.ID); reg != nil {
		language = reg.Language
	}
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			return err
		}
		d.Sheets = append(d.Sheets, sheetOf(name, rows, strings.EqualFold(cmp.Or(language, r.set.Config.Provider.Language), "nl")))
	}
	s.show(r, 200, "annex", page{Heading: d.Name, Month: h, Screen: "customers", Data: &d})
	return nil
}

// sheetOf leaves out columns and rows with nothing in them; the last cell of a
// row reaches to the right edge, as text runs on in a sheet.
func sheetOf(name string, rows [][]string, dutch bool) annexSheet {
	out := annexSheet{Name: safetext.Line(name)}
	used, wide := map[int]bool{}, 0
	for _, row := range rows {
		for c, v := range row {
			if strings.TrimSpace(v) != "" && !used[c] {
				used[c] = true
				wide++
			}
		}
	}
	for _, row := range rows {
		var cells []annexCell
		last := 0
		for c, v := range row {
			if !used[c] {
				continue
			}
			x := annexCell{Text: safetext.Line(v)}
			if x.Number = isFigure().MatchString(x.Text); x.Number && dutch {
				x.Text = swapped.Replace(x.Text)
			}
			cells = append(cells, x)
			if x.Text != "" {
				last = len(cells)
			}
		}
		if last == 0 {
			continue
		}
		if len(out.Rows) == 2*pageSize {
			out.More++
			continue
		}
		cells = cells[:last]
		if last == 2 { // a label and what it says
			cells[1].Number = false
		}
		if !cells[last-1].Number {
			cells[last-1].Wide = wide - last + 1
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// isFigure tells numbers and amounts, as a sheet's cells hold them.
var (
	isFigure = lazyregexp.New(`^((€|[A-Z]{3}) )?-?[0-9][0-9,]*(\.[0-9]+)?$`)
	swapped  = strings.NewReplacer(".", ",", ",", ".")
)

// annexFile hands out the workbook itself.
func (s *Server) annexFile(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	name, _, data, err := s.annexOf(r, h, t)
	if err != nil {
		return err
	}
	return r.download(name, data)
}
