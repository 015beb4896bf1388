package api

import (
	"splameter/internal/closing/books"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// MonthTieOut holds what was reported, invoiced and billed against each other.
type MonthTieOut struct {
	Month    string   `json:"month" format:"month"`
	Revision int      `json:"revision"`
	Invoiced bool     `json:"invoiced" about:"Whether an invoice was entered."`
	Billed   bool     `json:"billed" about:"Whether it was entered what customers were billed."`
	Rows     []TieRow `json:"rows"`
}

// TieRow is one part number: reported = invoiced, and reported = billed + own
// use + not charged.
type TieRow struct {
	PartNumber  string     `json:"part_number" about:"Empty, and without products: billed under an article that nobody knows."`
	Products    []string   `json:"products"`
	Reported    int        `json:"reported"`
	Invoiced    *int       `json:"invoiced"`
	Billed      *string    `json:"billed" format:"decimal"`
	OwnUse      int        `json:"own_use"`
	NotCharged  int        `json:"not_charged"`
	FromInvoice *string    `json:"from_invoice" format:"decimal" about:"Invoiced less reported."`
	FromBilled  *string    `json:"from_billed" format:"decimal" about:"Billed, own use and not charged, less reported."`
	Open        bool       `json:"open" about:"Whether anything does not tie and is not agreed."`
	Causes      []TieCause `json:"causes"`
}

// TieCause is why a part number does not tie, or is not billed. It holds no
// text that anybody wrote, and no amount.
type TieCause struct {
	What     string  `json:"what"`
	Customer string  `json:"customer" about:"The customer's id; empty: none, or not known."`
	Units    *string `json:"units" format:"decimal"`
	Agreed   bool    `json:"agreed"`
	Ties     bool    `json:"ties" about:"Whether it stands among own use and what is not charged."`
}

func (s *Server) tieOut(c *call) (any, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	m, err := month.Parse(a.Month.Month, c.loc)
	if err != nil {
		return nil, err
	}
	l, err := c.desk.Life(c.Context(), m)
	if err != nil {
		return nil, err
	}
	var acts []statement.Act
	for i := range l.Acts {
		if l.Acts[i].Revision <= a.Revision {
			acts = append(acts, l.Acts[i])
		}
	}
	bills, billed := books.Billed(acts)
	invoice := books.Invoiced(acts)
	set := c.desk.Setup
	out := MonthTieOut{Month: m.String(), Revision: a.Revision, Invoiced: invoice.Entered, Billed: billed, Rows: []TieRow{}}
	list := books.TieOut(books.Input{Statement: a.st, Register: set.Register, Sales: set.Sales, Decisions: set.Decisions, Month: m, Bills: bills}, billed, invoice)
	for i := range list {
		r := &list[i]
		x := TieRow{PartNumber: r.PartNumber, Products: append([]string{}, r.Products...), Reported: r.Reported, Invoiced: r.Invoiced, Billed: told(r.Billed),
			OwnUse: r.Own, NotCharged: r.NotCharged, FromInvoice: told(r.FromInvoice), FromBilled: told(r.FromBilled), Open: r.Open(), Causes: []TieCause{}}
		for j := range r.Causes {
			k := &r.Causes[j]
			x.Causes = append(x.Causes, TieCause{string(k.What), k.Tenant, told(k.Units), k.Agreed, k.Ties})
		}
		out.Rows = append(out.Rows, x)
	}
	return out, nil
}
