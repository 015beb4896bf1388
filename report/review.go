package report

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// Review writes the licensing manager's working file. It names persons: it
// stays in the house.
func (w *Workbooks) Review(ctx context.Context, out io.Writer) error {
	lk := w.own()
	title := lk.review.title + " " + lk.monthName(w.Month)
	b, err := lk.newBook(properties{
		title: title, status: w.contentStatus(lk), day: w.Month.LastDay(),
		identifier: w.identifier("review", ""),
	}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	b.mark = w.mark(lk.test, lk.draft, lk.incomplete)
	if w.Statement.Status != statement.Complete && !w.provisional() { // accepted gaps are still gaps here
		b.mark = strings.TrimPrefix(b.mark+" – "+lk.incomplete, " – ")
	}
	r := review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}
	if err := r.write(ctx); err != nil {
		b.drop()
		return fmt.Errorf("make the review workbook: %w", err)
	}
	if err := b.write(out); err != nil {
		return fmt.Errorf("make the review workbook: %w", err)
	}
	return nil
}

type review struct {
	*book
	w       *Workbooks
	words   *reviewLabels
	maxRows int // that a sheet may have
}

// write makes the sheets, in this order.
func (r *review) write(ctx context.Context) error {
	customers := r.customers()
	if err := r.overview(); err != nil {
		return fmt.Errorf("sheet %s: %w", r.sheetName("overview"), err)
	}
	for _, t := range []table{
		r.triage(customers), customers.table, r.changes(), r.questions(), r.findings(), r.savings(), r.tieOut(), r.persons(),
		r.applications(), r.machines(), r.mapping(), r.coverage(), r.about(),
	} {
		if err := r.table(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// column is one column of a long table.
type column struct {
	title string
	width float64
	right bool
}

// table is a sheet that is one long table.
// Beyond a sheet's last row it goes on on another.
type table struct {
	name    string
	span    string // the months that it is of, where that is not the workbook's
	columns []column
	n       int
	fill    func(i int, r *row)
	print   int    // how many columns go on paper, where not all: the rest would make them too small to read
	screen  bool   // a list to look things up in: none of it goes on paper, as of a table without rows
	paper   int    // how many rows go on paper, where not all
	beside  string // what stands beside the heading, of the file beside the workbook that has all of it
	totals  int    // how many of the last rows are sums, which no filter hides
	outline bool   // whether rows fold beneath others
}

// maxHeight is what a row may have, in points.
const maxHeight = 409

// besideFrom and besideSpan are the columns in which a note stands beside a
// table's heading: two lines of small print, in place of one that runs on.
const besideFrom, besideSpan = 4, 6

// tableTop is how many rows stand over a table's first.
const tableTop = 2

// row is the row being written; each method writes the next cell.
type row struct {
	*encoder
	b       *book
	columns []column
	bold    bool
	at      int       // number of the row in its sheet
	lines   int       // that the longest wrapped text takes
	cells   *[]string // where the row goes into a CSV
}

func (r *row) put(c cell) {
	if r.cells != nil {
		*r.cells = append(*r.cells, c.plain())
		return
	}
	if r.bold {
		switch c.s {
		case styleInt:
			c.s = styleBoldInt
		case styleSigned:
			c.s = styleBoldSigned
		case styleCell, styleWrap:
			c.s = styleBold
		case styleNA:
			c.s = styleBoldNA
		}
	}
	r.encoder.put(c)
}

func (r *row) text(s string)            { r.put(text(styleCell, s)) }
func (r *row) warn(s string)            { r.put(text(styleWarn, s)) }
func (r *row) id(s string)              { r.put(text(styleID, s)) }
func (r *row) int(n int)                { r.put(number(styleInt, n)) }
func (r *row) signed(n int)             { r.put(number(styleSigned, n)) }
func (r *row) day(d month.Day)          { r.put(day(styleDay, d)) }
func (r *row) none()                    { r.put(text(styleNA, "–")) }
func (r *row) blank()                   { r.put(empty(styleCell)) }
func (r *row) decimal(id int, s string) { r.put(r.b.decimal(id, s)) }

// long is text that may take several lines; the row grows with it, which no
// program does by itself.
func (r *row) long(s string) {
	r.lines = max(r.lines, linesOf(s, int(r.columns[r.col].width)-2))
	r.put(text(styleWrap, s))
}

func (r *row) money(id int, d decimal.Decimal, known bool) {
	if !known {
		r.none()
		return
	}
	r.put(money(id, d))
}

func (r *row) yes(v bool) {
	if v {
		r.text(r.b.yes)
	} else {
		r.text(r.b.no)
	}
}

// positive is a number where it says something: nothing for zero.
func (r *row) positive(n int) {
	if n == 0 {
		r.blank()
		return
	}
	r.int(n)
}

// table writes a table, on as many sheets as it needs.
func (r *review) table(ctx context.Context, t table) error {
	per := r.maxRows - tableTop - 1 // one row is kept for the note that there is more
	for first, page := 0, 1; first < t.n || page == 1; first, page = first+per, page+1 {
		if err := r.page(ctx, t, first, min(first+per, t.n), page); err != nil {
			return fmt.Errorf("sheet %s: %w", t.name, err)
		}
	}
	return nil
}

func (r *review) page(ctx context.Context, t table, first, end, page int) error {
	name := t.name
	if page > 1 {
		name = fmt.Sprintf("%s %d", t.name, page)
	}
	widths := make([]float64, len(t.columns))
	for i, c := range t.columns {
		widths[i] = c.width
	}
	last, err := excelize.ColumnNumberToName(len(t.columns))
	if err != nil {
		return err
	}
	rows := tableTop + max(end-first, 1)
	if end < t.n {
		rows++
	}
	lay := layout{widths: widths, landscape: true, freeze: tableTop, repeat: tableTop, grid: true, rows: rows,
		outline: t.outline, filter: fmt.Sprintf("A%d:%s%d", tableTop, last, tableTop+max(min(end, t.n-t.totals)-first, 1)), reference: r.title + " – " + name}
	sh, err := r.sheet(name, lay)
	if err != nil {
		return err
	}
	if t.print > 0 || t.paper > 0 || t.screen || t.n == 0 {
		edge, err := excelize.ColumnNumberToName(cmp.Or(t.print, len(t.columns)))
		if err != nil {
			return err
		}
		area := fmt.Sprintf("$A$1:$%s$%d", edge, min(rows, tableTop+cmp.Or(t.paper, rows)))
		if t.screen || t.n == 0 { // an empty cell, beside the table
			area = fmt.Sprintf("$%s$1:$%s$1", beside(t), beside(t))
		}
		if err := r.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("'%s'!%s", sh.name, area), Scope: sh.name}); err != nil {
			return err
		}
	}
	heading := name + " – " + cmpOr(t.span, r.monthName(r.w.Month))
	if page > 1 {
		heading += " (" + r.words.continued + ")"
	}
	if r.mark != "" {
		heading += " – " + r.mark
	}
	if t.beside != "" {
		if err := sh.merge(1, besideFrom, besideSpan); err != nil {
			return err
		}
	}
	note := ""
	switch {
	case t.n == 0:
		note = r.none
	case end < t.n:
		note = fmt.Sprintf("%s %s %d", r.words.continues, t.name, page+1)
	}
	return sh.finish(func(out io.Writer) error { return r.rowsOf(ctx, out, t, first, end, heading, note) })
}

// rowsOf writes a page's rows when the workbook is packed: they are never
// held.
func (r *review) rowsOf(ctx context.Context, out io.Writer, t table, first, end int, heading, note string) error {
	e := newEncoder(out, &r.ids, len(t.columns))
	e.begin(1)
	e.put(text(styleTitle, heading))
	if t.beside != "" {
		for range besideFrom - 2 {
			e.put(empty(styleNone))
		}
		e.put(wide(styleNote, t.beside, besideSpan))
	}
	e.end(28)
	e.begin(tableTop)
	for _, c := range t.columns {
		s := styleHead
		if c.right {
			s = styleHeadRight
		}
		e.put(text(s, c.title))
	}
	e.end(32)
	line := row{encoder: e, b: r.book, at: tableTop, columns: t.columns}
	for i := first; i < end; i++ {
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		line.bold, line.lines, line.at = false, 0, line.at+1
		e.begin(line.at)
		line.bold = i >= t.n-t.totals
		t.fill(i, &line)
		if line.lines > 1 {
			e.end(min(13.5*float64(line.lines)+2, maxHeight))
		} else {
			e.end(0)
		}
		if e.failed != nil {
			return e.failed
		}
	}
	if note != "" {
		e.begin(line.at + 1)
		e.put(text(styleStrong, note))
		e.end(0)
	}
	return e.flush()
}

// tenantName is a customer's name in the review.
func (r *review) tenantName(id string) string {
	switch id {
	case register.Unassigned:
		return r.words.unassigned
	case register.Shared:
		return r.words.shared
	case "":
		return ""
	}
	if t := r.w.tenants[id]; t != nil && t.Name != "" {
		return t.Name
	}
	if t := r.w.Register.Tenant(id); t != nil && t.Name != "" {
		return t.Name
	}
	return id
}

// partnerName is a tenant's partner; empty where it has none.
func (r *review) partnerName(t *statement.Tenant) string {
	id := r.w.partnerOf(t)
	if id == "" {
		return ""
	}
	return cmpOr(r.w.partner(id).Name, id)
}

// sheetName is what a sheet of the review is called in its language.
func (r *review) sheetName(id string) string { return r.words.sheets[id] }

// beside names the column to the right of a table.
func beside(t table) string {
	name, _ := excelize.ColumnNumberToName(len(t.columns) + 1) // of a number that is a column's
	return name
}

func (r *review) product(id string) string { return r.w.productLabel(id, r.language) }

// currency is the one that all of the month's amounts are in; false where
// there are several, so that no sum over them makes sense.
func (w *Workbooks) currency() (string, bool) {
	found := ""
	for _, l := range w.Statement.Lines {
		if l.Currency == "" || l.Currency == found {
			continue
		}
		if found != "" {
			return "", false
		}
		found = l.Currency
	}
	return cmpOr(found, w.Config.Provider.Currency), true
}
