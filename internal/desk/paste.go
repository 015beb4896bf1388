package desk

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"splameter/internal/atomicfile"
	"splameter/internal/edits"
	"splameter/internal/register/tables"
	"splameter/internal/setup"
	"splameter/internal/strictyaml"
)

type pasteData struct {
	ID, File       string
	Columns        string
	Prices         bool
	From, Currency string
	Text, Problem  string
}

// tableFile is the table of an address with the file that it has, or would be
// made in: then the config is changed to name it.
func (s *Server) tableFile(r *request) (x registerTable, path string, named bool, err error) {
	for _, x = range registers() {
		if x.id == r.PathValue("table") {
			path = *x.path(r.set.Config)
			if path == "" {
				return x, filepath.Join(r.set.Config.Dir, x.id+".csv"), false, nil
			}
			return x, path, true, nil
		}
	}
	return x, "", false, notFound()
}

func (s *Server) pasted(r *request) (*pasteData, registerTable, string, bool, error) {
	x, path, named, err := s.tableFile(r)
	if err != nil {
		return nil, x, "", false, err
	}
	return &pasteData{ID: x.id, File: filepath.Base(path), Columns: strings.Join(tables.Columns(x.id), ", "), Prices: x.id == "prices",
		From: strings.TrimSpace(r.PostFormValue("from")), Currency: strings.ToUpper(cleaned(r.PostFormValue("currency"))), Text: r.PostFormValue("text")}, x, path, named, nil
}

// pastePage takes rows out of a spreadsheet.
func (s *Server) pastePage(r *request) error {
	d, _, _, _, err := s.pasted(r)
	if err != nil {
		return err
	}
	d.Currency = r.set.Config.Provider.Currency
	s.show(r, http.StatusOK, "paste", page{Title: "register." + d.ID, Screen: "registers", Data: d})
	return nil
}

// paste shows what pasted rows make of the table, and writes it.
func (s *Server) paste(r *request) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	if err := r.ParseMultipartForm(mostUpload); err != nil && err != http.ErrNotMultipart {
		return err
	}
	d, x, path, named, err := s.pasted(r)
	if err != nil {
		return err
	}
	if _, data, err := uploaded(r, "file"); err != nil {
		return err
	} else if data != nil {
		d.Text = string(data)
		r.PostForm.Set("text", d.Text)
		if !utf8.Valid(data) || strings.HasPrefix(d.Text, "PK\x03\x04") { // a workbook, or an old encoding: no field of a form holds it
			r.PostForm.Set("text", "")
			r.PostForm.Set("packed", base64.StdEncoding.EncodeToString(data))
		}
	} else if packed := r.PostFormValue("packed"); packed != "" {
		data, err := base64.StdEncoding.DecodeString(packed)
		if err != nil {
			return notFound()
		}
		d.Text = string(data)
	}
	again := func(err error) error {
		d.Problem, d.Text = err.Error(), r.PostForm.Get("text")
		s.show(r, http.StatusUnprocessableEntity, "paste", page{Title: "register." + d.ID, Screen: "registers", Data: d})
		return nil
	}
	var list []edits.Edit
	was, err := edits.Read(path)
	if err != nil {
		return err
	}
	have := was
	if have == nil {
		have = tables.HeaderOf(x.id)
	}
	if !named {
		if list, err = setup.EditConfig(r.set.Config, func(b []byte) ([]byte, error) { return strictyaml.Set(b, x.id+".csv", x.id) }); err != nil {
			return again(err)
		}
	}
	e := edits.Edit{Key: x.id, Path: path, Was: was}
	c := &changeData{Title: "register." + x.id, Back: "/registers/" + x.id, Action: "/registers/" + x.id + "/paste"}
	if d.Prices {
		e.Is, err = s.pastedPrices(r, d, path, have, c)
	} else {
		e.Is, err = pastedRows(r, x.id, path, have, d.Text, c)
	}
	if err != nil {
		return again(err)
	}
	return s.changeFiles(r, c, append(list, e))
}

func pastedRows(r *request, table, path string, have []byte, text string, c *changeData) ([]byte, error) {
	sheet, err := tables.ParseSheet(path, have)
	if err != nil {
		return nil, err
	}
	p, err := tables.Paste(table, sheet, text)
	if err != nil {
		return nil, err
	}
	c.Says = append(c.Says, r.lang.text("paste.says", r.lang.number(p.Added), r.lang.number(p.Changed), r.lang.number(p.Same)))
	if len(p.Ignored) > 0 {
		c.Says = append(c.Says, r.lang.text("paste.ignored", strings.Join(p.Ignored, ", ")))
	}
	return p.Data, nil
}

// pastedPrices works a reseller's prices in, as prices import does.
func (s *Server) pastedPrices(r *request, d *pasteData, path string, have []byte, c *changeData) ([]byte, error) {
	dir, err := os.MkdirTemp("", "splameter-desk-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, table := filepath.Join(dir, "pasted"+sheetKind(d.Text)), filepath.Join(dir, filepath.Base(path))
	if err := atomicfile.WriteBytes(in, atomicfile.Private, []byte(d.Text)); err != nil {
		return nil, err
	}
	if err := atomicfile.WriteBytes(table, atomicfile.Private, have); err != nil {
		return nil, err
	}
	opt := tables.PriceFileOptions{Currency: d.Currency}
	if d.From != "" {
		if opt.From, err = textDate(d.From); err != nil {
			return nil, &said{r.lang.text("act.nodate")}
		}
	}
	list, passed, faults := tables.PriceFile(in, opt)
	if err := faults.Err(); err != nil && d.From == "" && strings.Contains(err.Error(), "--from") { // the page has a field for it
		return nil, &said{r.lang.text("paste.nofrom")}
	}
	if err := faults.Err(); err != nil {
		return nil, &said{strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")}
	}
	data, changes, faults := tables.MergePrices(table, r.set.Config.Report.Alias, list)
	if err := faults.Err(); err != nil {
		return nil, &said{strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")}
	}
	n, replaced, same := 0, 0, 0
	for i := range changes {
		switch p := &changes[i]; {
		case p.Kind == tables.PriceSame && !p.Ends:
			same++
		case p.Kind == tables.PriceReplaced:
			replaced++
		default:
			n++
		}
	}
	c.Says = append(c.Says, r.lang.text("paste.prices", r.lang.number(n), r.lang.number(same), r.lang.number(passed)))
	if replaced > 0 {
		c.Says = append(c.Says, r.lang.text("paste.replaced", r.lang.number(replaced)))
	}
	return data, nil
}

// sheetKind is how a file of that content is called: a workbook, or text.
func sheetKind(text string) string {
	if strings.HasPrefix(text, "PK\x03\x04") {
		return ".xlsx"
	}
	return ".csv"
}

// said is an error in words for the page.
type said struct{ text string }

func (e *said) Error() string { return e.text }
