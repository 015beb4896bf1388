package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/report"
)

// tieRow is one part number of the tie-out, with as many of its causes as are
// shown.
type tieRow struct {
	*books.Row
	ID       string // by which all its causes are asked for
	Name     string
	Summary  string
	Invoice  string // invoiced; empty: nothing was entered
	Off      bool   // something does not tie, and is not agreed
	Causes   []tieCause
	More     int
	HasBills bool
	// Off1 and Off2 are what the invoice and the bills are off.
	Off1, Off2 string
}

type tieCause struct {
	*books.Cause
	Who, Text string
	Link      string // to the customer
	Bad       bool
	// Own, Free and Moves are its units where they belong: in the own use, in
	// what is not charged, or in the difference.
	Own, Free, Moves string
}

type booksData struct {
	Rows              []tieRow
	Off               int
	Invoiced, Billed  bool
	Handed            bool // the month was submitted, so that an invoice can be entered
	Differences, Open int  // of bills
}

// books is the screen on which what was reported, invoiced and billed is held
// against each other.
func (s *Server) books(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	acts := h.acts()
	set := r.set
	bills, billed := books.Billed(acts)
	in := books.Input{Statement: h.res.Statement, Register: set.Register, Sales: set.Sales, Decisions: set.Decisions, Month: h.m, Bills: bills}
	invoice := books.Invoiced(acts)
	words := report.WordsIn(r.lang.id)
	d := booksData{Invoiced: invoice.Entered, Billed: billed, Handed: h.life.Submission != nil}
	if billed {
		c := books.Compare(in)
		d.Differences, d.Open = len(c.Differences), len(c.Open())
	}
	list := books.TieOut(in, billed, invoice)
	for i := range list {
		t := &list[i]
		row := tieRow{Row: t, ID: cmp.Or(t.PartNumber, t.Article, strings.Join(t.Products, "+")), Summary: words.TieSummary(t), Off: t.Open(), HasBills: billed, Off1: r.lang.units(t.FromInvoice, true), Off2: r.lang.units(t.FromBilled, true)}
		var names []string
		for _, id := range t.Products {
			names = append(names, r.product(h, id))
		}
		row.Name = cmp.Or(strings.Join(names, ", "), t.Article, t.PartNumber)
		if t.Invoiced != nil {
			row.Invoice = r.lang.number(*t.Invoiced)
		}
		if row.Off {
			d.Off++
		}
		shown := t.Causes
		if n := tieShown(shown); r.FormValue("part") != row.ID && n < len(shown) {
			row.More = len(shown) - n
			shown = shown[:n]
		}
		for j := range shown {
			row.Causes = append(row.Causes, s.tieCause(r, h, words, &shown[j]))
		}
		d.Rows = append(d.Rows, row)
	}
	slices.SortStableFunc(d.Rows, func(a, b tieRow) int { return cmp.Compare(open(b.Off), open(a.Off)) })
	s.show(r, 200, "books", page{Title: "books.title", Month: h, Screen: "books", Data: &d})
	return nil
}

// settledShown is how many causes of a part number are shown that want nothing.
const settledShown = 5

// tieShown is how many of a part number's causes are shown before all are asked
// for: those that are open, which come first, and a few of the others, so that
// what is settled does not stand between one part number and the next.
func tieShown(causes []books.Cause) int {
	n := 0
	for i := range causes {
		if !causes[i].Ties && !causes[i].Agreed {
			n++
		}
	}
	return min(n+settledShown, len(causes), pageSize)
}

func open(off bool) int {
	if off {
		return 1
	}
	return 0
}

func (s *Server) tieCause(r *request, h *head, words report.Words, c *books.Cause) tieCause {
	x := tieCause{Cause: c, Who: c.Customer, Text: words.TieText(c), Bad: !c.Ties && !c.Agreed}
	switch units := r.lang.units(c.Units, !c.Ties); {
	case c.What == books.CauseOwn:
		x.Own = units
	case c.Ties:
		x.Free = units
	default:
		x.Moves = units
	}
	switch {
	case c.Tenant == "":
	case h.res.tenants[c.Tenant] != nil:
		x.Who = r.nameOf(h, c.Tenant)
		if !belongsToNone(c.Tenant) {
			x.Link = h.Base + "/c/" + c.Tenant
		}
	default:
		x.Who = books.Customer(r.set.Register, h.res.Statement, c.Tenant)
	}
	return x
}

// units is a number of licences, which may be a part of one; with its sign
// where it is a difference.
func (l *language) units(s string, signed bool) string {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return ""
	}
	whole, part, _ := strings.Cut(d.String(), ".")
	out := l.grouped(whole, part)
	if signed && d.IsPositive() {
		return "+" + out
	}
	return out
}
