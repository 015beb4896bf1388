package desk

import (
	"cmp"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"

	"splameter/internal/config"
	"splameter/internal/edits"
	"splameter/internal/register/tables"
	"splameter/internal/safetext"
)

// registerTable is one table kept by hand.
type registerTable struct {
	id   string
	path func(*config.Config) *string
}

// registers are the tables that the page changes.
func registers() []registerTable {
	return []registerTable{
		{"tenants", func(c *config.Config) *string { return &c.Tenants }},
		{"resellers", func(c *config.Config) *string { return &c.Partners }},
		{"exclusions", func(c *config.Config) *string { return &c.Exclusions }},
		{"decisions", func(c *config.Config) *string { return &c.Decisions }},
		{"shared_accounts", func(c *config.Config) *string { return &c.SharedAccounts }},
		{"prices", func(c *config.Config) *string { return &c.Prices }},
		{"sales_prices", func(c *config.Config) *string { return &c.SalesPrices }},
	}
}

type registerRow struct {
	ID, File string
	Rows     int
	Problem  string
	Last     *edits.Change
}

// registerList is the screen of all tables.
func (s *Server) registerList(r *request) error {
	rows, err := s.registerRows(r)
	if err != nil {
		return err
	}
	s.show(r, 200, "registers", page{Title: "registers.title", Screen: "registers", Data: rows})
	return nil
}

func (s *Server) registerRows(r *request) ([]registerRow, error) {
	log, err := edits.Changes(r.set.Config)
	if err != nil {
		return nil, err
	}
	var rows []registerRow
	for _, x := range registers() {
		path := *x.path(r.set.Config)
		row := registerRow{ID: x.id, File: filepath.Base(path)}
		if path == "" {
			row.File = ""
			rows = append(rows, row)
			continue
		}
		sheet, err := tables.ReadSheet(path)
		if err != nil {
			row.Problem = err.Error()
		} else {
			row.Rows = len(sheet.Rows)
		}
		for i := range log {
			if log[i].Table == x.id {
				row.Last = &log[i]
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// tenantRows are the addresses at which customers' rows are changed, by their ids;
// none for whom changes nothing.
func tenantRows(r *request) map[string]string {
	out := map[string]string{}
	if !r.who.role.reviews() || r.set.Config.Tenants == "" {
		return out
	}
	sheet, err := tables.ReadSheet(r.set.Config.Tenants)
	if err != nil {
		return out // the register says so itself
	}
	at := slices.Index(sheet.Columns, "id")
	if at < 0 {
		return out
	}
	for i := range sheet.Rows {
		if id := sheet.Rows[i].Cells[at]; out[id] == "" {
			out[id] = "/registers/tenants/edit?row=" + strconv.Itoa(i)
		}
	}
	return out
}

type gridData struct {
	pager
	ID, File string
	Columns  []string
	Rows     []gridRow
	Log      []edits.Change
}

type gridRow struct {
	N     int // its place in the file, from 0
	Line  int
	Cells []string
}

// sheetOf reads the table of an address.
func (s *Server) sheetOf(r *request) (registerTable, *tables.Sheet, error) {
	for _, x := range registers() {
		if x.id != r.PathValue("table") {
			continue
		}
		path := *x.path(r.set.Config)
		if path == "" {
			return x, nil, &problem{status: http.StatusNotFound, text: "problem.notable"}
		}
		sheet, err := tables.ReadSheet(path)
		if err != nil {
			return x, nil, &problem{status: http.StatusConflict, text: "problem.table", detail: err.Error()}
		}
		return x, sheet, nil
	}
	return registerTable{}, nil, notFound()
}

// register is one table as a grid.
func (s *Server) register(r *request) error {
	x, sheet, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	d := gridData{ID: x.id, File: filepath.Base(sheet.File), Columns: sheet.Columns}
	find := r.looked()
	var rows []gridRow
	for i := range sheet.Rows {
		if fits(find, sheet.Rows[i].Cells...) {
			rows = append(rows, gridRow{i, sheet.Rows[i].Line, sheet.Rows[i].Cells})
		}
	}
	d.pager = r.paged(len(rows))
	d.Rows = part(d.pager, rows)
	log, err := edits.Changes(r.set.Config)
	if err != nil {
		return err
	}
	for _, c := range slices.Backward(log) {
		if c.Table == x.id && len(d.Log) < 20 {
			d.Log = append(d.Log, c)
		}
	}
	s.show(r, 200, "register", page{Title: "register." + x.id, Screen: "registers", Data: &d})
	return nil
}

// editData is the page on which a row is changed, and then looked at.
type editData struct {
	ID, File   string
	Row        int // -1: one more
	Cells      []cellInput
	Digest     string
	Was, Is    string
	Remove     bool
	Sure       bool // the difference is shown: what comes next is written
	By, Reason string
	Request    string
	Problem    string
	Faults     string
	Changed    bool
}

type cellInput struct{ Name, Value, Was string }

// edit shows a row as it stands.
func (s *Server) edit(r *request) error {
	x, sheet, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	d, err := editOf(x, sheet, r.FormValue("row"))
	if err != nil {
		return err
	}
	d.By, d.Request = r.who.by(), opaque()
	s.show(r, 200, "edit", page{Title: "register." + x.id, Screen: "registers", Data: d})
	return nil
}

func editOf(x registerTable, sheet *tables.Sheet, row string) (*editData, error) {
	d := &editData{ID: x.id, File: filepath.Base(sheet.File), Digest: sheet.Digest, Row: -1}
	if row != "" && row != "-1" {
		n, err := strconv.Atoi(row)
		if err != nil || n < 0 || n >= len(sheet.Rows) {
			return nil, notFound()
		}
		d.Row = n
	}
	for i, name := range sheet.Columns {
		c := cellInput{Name: name}
		if d.Row >= 0 {
			c.Value = sheet.Rows[d.Row].Cells[i]
			c.Was = c.Value
		}
		d.Cells = append(d.Cells, c)
	}
	return d, nil
}

// change takes a row that was filled in: it shows the difference first, and
// writes it when it is sent again with a reason.
func (s *Server) change(r *request) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	x, sheet, err := s.sheetOf(r)
	if err != nil {
		return err
	}
	id := cmp.Or(cleaned(r.PostFormValue("request")), opaque())
	done, err := edits.Done(r.set.Config, []edits.Edit{{Key: x.id, Path: sheet.File, Was: sheet.Data()}}, id)
	if err != nil {
		return err
	}
	if done != nil { // the form was sent twice
		return r.to("/registers/" + x.id)
	}
	d, err := editOf(x, sheet, r.PostFormValue("row"))
	if err != nil {
		if sheet.Digest == r.PostFormValue("digest") {
			return err
		}
		return &problem{status: http.StatusConflict, text: "edit.changed"}
	}
	d.By, d.Reason, d.Request = cleaned(r.PostFormValue("by")), safetext.Line(safetext.Clip(r.PostFormValue("reason"), 2000)), id
	d.Remove = r.PostFormValue("remove") != ""
	values := map[string]string{}
	for i := range d.Cells {
		c := &d.Cells[i]
		if list, ok := r.PostForm["c:"+strconv.Itoa(i)]; ok && len(list) > 0 {
			c.Value = safetext.Line(safetext.Clip(list[0], 4000))
		}
		values[c.Name] = c.Value
	}
	show := func(status int) error {
		s.show(r, status, "edit", page{Title: "register." + x.id, Screen: "registers", Data: d})
		return nil
	}
	var change *tables.Change
	if d.Remove {
		change, err = sheet.Remove(d.Row)
	} else {
		change, err = sheet.Set(d.Row, values)
	}
	if err != nil {
		d.Problem = err.Error()
		return show(http.StatusUnprocessableEntity)
	}
	d.Was, d.Is = change.Was, change.Is
	if d.Was == d.Is {
		d.Problem = r.lang.text("edit.same")
		return show(http.StatusUnprocessableEntity)
	}
	edit := []edits.Edit{{Key: x.id, Path: sheet.File, Was: sheet.Data(), Is: change.Data}}
	if d.Faults, err = edits.Check(r.set.Config, edit); err != nil {
		return err
	}
	if d.Faults != "" {
		return show(http.StatusUnprocessableEntity)
	}
	if sheet.Digest != r.PostFormValue("digest") {
		d.Changed, d.Sure = true, true
		return show(http.StatusConflict)
	}
	if r.PostFormValue("sure") == "" {
		d.Sure = true
		return show(http.StatusOK)
	}
	d.Sure = true
	switch {
	case d.By == "":
		d.Problem = r.lang.text("act.noby")
		return show(http.StatusUnprocessableEntity)
	case d.Reason == "":
		d.Problem = r.lang.text("act.noreason")
		return show(http.StatusUnprocessableEntity)
	}
	r.who.call(d.By)
	if err := edits.Write(r.set.Config, edit, edits.Who{At: s.opt.Now(), Account: r.who.account, By: d.By, Reason: d.Reason, Request: id}); err != nil {
		return err
	}
	return r.to("/registers/" + x.id)
}
