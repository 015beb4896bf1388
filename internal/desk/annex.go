package desk

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

type annexSheet struct {
	Name string
	Rows [][]string
	More int
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
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	t, err := s.tenantOf(r, h)
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
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			return err
		}
		d.Sheets = append(d.Sheets, sheetOf(name, rows))
	}
	s.show(r, 200, "annex", page{Heading: d.Name, Month: h, Screen: "customers", Data: &d})
	return nil
}

// sheetOf leaves out columns and rows with nothing in them.
func sheetOf(name string, rows [][]string) annexSheet {
	out := annexSheet{Name: safetext.Line(name)}
	used := map[int]bool{}
	for _, row := range rows {
		for c, v := range row {
			if strings.TrimSpace(v) != "" {
				used[c] = true
			}
		}
	}
	for _, row := range rows {
		var cells []string
		for c, v := range row {
			if used[c] {
				cells = append(cells, safetext.Line(v))
			}
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(out.Rows) == 2*pageSize {
			out.More++
			continue
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// annexFile hands out the workbook itself.
func (s *Server) annexFile(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	t, err := s.tenantOf(r, h)
	if err != nil {
		return err
	}
	name, _, data, err := s.annexOf(r, h, t)
	if err != nil {
		return err
	}
	return r.download(name, data)
}
