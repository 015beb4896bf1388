package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// mostPersons is how many persons stand on the review's sheet. Of 250,000 it would
// be nine tenths of the workbook, which then takes minutes to open: where there
// are more, all of them stand in a CSV beside it, and on the sheet those who
// must be looked at.
const mostPersons = 20_000

// besides says that the persons stand in a file of their own.
func (w *Workbooks) besides() bool { return w.Statement.Persons.Len() > mostPersons }

// PersonsCSV writes what the review's sheet of persons says of all of them.
func (w *Workbooks) PersonsCSV(ctx context.Context, out io.Writer) error {
	lk := w.own()
	r := review{w: w, book: &book{look: lk}, words: &lk.review}
	t := r.everybody()
	if _, err := io.WriteString(out, "\ufeff"); err != nil { // or spreadsheet programs take it for another encoding
		return err
	}
	to := csv.NewWriter(out)
	cells := make([]string, 0, len(t.columns))
	for _, c := range t.columns {
		cells = append(cells, c.title)
	}
	if err := to.Write(cells); err != nil {
		return err
	}
	line := row{b: r.book, columns: t.columns, cells: &cells}
	for i := range t.n {
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		cells = cells[:0]
		t.fill(i, &line)
		for c := range cells {
			cells[c] = safetext.Cell(cells[c])
		}
		if err := to.Write(cells); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

// persons is the sheet of everybody who can use a product, or of those of them
// who must be looked at.
func (r *review) persons() table {
	t := r.everybody()
	if !r.w.besides() {
		return t
	}
	var at []int
	fill := t.fill
	for i, n := range r.w.everybody() {
		if p := r.w.Statement.Persons.Brief(n); p.Excluded != nil || p.Units != 1 || p.Between != nil {
			at = append(at, i)
		}
	}
	t.beside = fmt.Sprintf(r.words.beside, t.n, r.w.files.persons)
	t.n, t.fill = len(at), func(i int, row *row) { fill(at[i], row) }
	return t
}

// everybody are all who can use a product: reported or not, and on what ground.
func (r *review) everybody() table {
	st, x := r.w.Statement, r.words
	order := r.w.everybody()
	return table{
		name: r.sheetName("persons"), screen: true,
		columns: []column{
			{r.customer, 26, false}, {x.person, 24, false}, {x.accounts, 18, false}, {r.labels.product, 28, false}, {x.reported, 15, false}, {x.count, 8, true},
			{r.ground, 24, false}, {r.document, 24, false}, {x.how, 50, false}, {x.first, 12, false}, {x.last, 12, false}, {r.active, 9, false},
			{x.directory, 14, false}, {x.groupRead, 34, false}, {x.programRead, 34, false}, {x.session, 44, false}, {x.key, 40, false},
		},
		n: len(order),
		fill: func(i int, row *row) {
			p := st.Persons.At(order[i])
			row.text(r.tenantName(p.Tenant))
			row.text(p.Name)
			row.text(accountNames(&p))
			row.text(r.product(p.Product))
			row.yes(p.Excluded == nil)
			row.int(p.Units)
			r.excluded(row, p.Excluded)
			row.text(r.way(&p))
			row.day(p.First)
			row.day(p.Last)
			row.yes(p.Active)
			row.text(directories(&p))
			row.text(r.evidence(p.Via.Group))
			row.text(r.evidence(p.Via.Install))
			row.text(r.sessionText(p.Session))
			row.id(p.Key)
		},
	}
}

// everybody are the places of all persons: by customer, in the order of the
// statement, then by name.
func (w *Workbooks) everybody() []int {
	st := w.Statement
	var order []int
	seen := map[string]bool{}
	for i := range st.Tenants {
		id := st.Tenants[i].ID
		seen[id] = true
		order = append(order, w.persons[id]...)
	}
	for i := range st.Persons.Len() { // of a tenant that the statement does not list: never to be lost
		if !seen[st.Persons.Brief(i).Tenant] {
			order = append(order, i)
		}
	}
	return order
}

// excluded are the ground and the document, with the entry's id.
func (r *review) excluded(row *row, x *statement.Exclusion) {
	if x == nil {
		row.blank()
		row.blank()
		return
	}
	row.text(r.groundText(x.Ground))
	row.text(strings.TrimPrefix(x.Document+" ("+x.ID+")", " "))
}

// via is how a person reaches a product, from the gate down to the account.
func (r *review) via(b *statement.Basis) string {
	x := r.words
	var parts []string
	add := func(label, value string) {
		if value != "" {
			parts = append(parts, label+" "+value)
		}
	}
	switch b.Kind {
	case statement.ByAttribute:
		add(x.viaAttribute, b.Attribute)
	case statement.ByWith:
		add(x.viaWith, r.product(b.Product))
	case statement.ByInstalled:
		add(x.viaInstalled, b.Application)
	}
	add(x.onHost, b.Host)
	add(x.inPool, b.Pool)
	add(x.viaGroup, strings.Join(b.Path, " › "))
	return strings.Join(parts, ", ")
}

// way is how a person reaches a product, and when, where no reading saw it.
func (r *review) way(p *statement.Person) string {
	out := r.via(&p.Via)
	if b := p.Between; b != nil {
		out += ", " + r.words.between + ": " + b.Span(r.w.Month.Location())
		if b.Origin != "" {
			out += " (" + b.Origin + ")"
		}
	}
	return out
}

// directories are the sources of a person's accounts.
func directories(p *statement.Person) string {
	out := ""
	for i := range p.Accounts {
		if d := p.Accounts[i].Directory; out == "" {
			out = d
		} else if !strings.Contains(", "+out+", ", ", "+d+", ") {
			out += ", " + d
		}
	}
	return out
}

// sessionText is the first session, in the provider's time.
func (r *review) sessionText(s *statement.Session) string {
	if s == nil {
		return ""
	}
	out := s.Host
	if !s.Time.IsZero() {
		out += ", " + s.Time.In(r.w.Month.Location()).Format("2006-01-02 15:04:05 -07:00")
	}
	if e := r.evidence(s.Evidence); e != "" {
		out += ", " + e
	}
	if s.Note != "" {
		out += " (" + s.Note + ")"
	}
	return out
}
