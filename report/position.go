package report

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// Position is an effective licence position: what was reported in some months,
// and what counting their sealed facts again requires. It is as an auditor
// builds it, so that it can be seen before one does.
type Position struct {
	From, Until month.Month
	MarkUp      decimal.Decimal // per cent on what was reported too little
	Masked      bool
	RulesNow    string // version of today's rule file
	Months      []PositionMonth
	Lines       []PositionLine // by month, then part number
	Totals      []PositionSum  // of all months, by currency
	Unproved    []Unproved     // by month, then kind

	Products []statement.Product
}

// PositionMonth is where one month of a position stands.
type PositionMonth struct {
	Month    month.Month
	Revision int
	State    statement.State // of statement; empty: nothing was sealed
	Status   statement.Status
	Rules    string // version of the rules that it was sealed with
	Sums     []PositionSum
	Unproved int
}

// PositionSum is what was reported too little, in one currency; what was
// reported too much is not set against it.
type PositionSum struct {
	Currency string
	Then     PositionMoney // by the rules of then
	Now      PositionMoney // by those of now
}

// PositionMoney is what one count comes to.
type PositionMoney struct {
	Amount, Marked decimal.Decimal
	Unpriced       int // lines too little by which the money does not know
}

// PositionLine is one part number in one month.
type PositionLine struct {
	Month      month.Month
	PartNumber string
	Products   []string
	Reported   *int // nil: nothing is known to have been reported
	ByHand     int  // what corrections by hand changed of it: no count of facts has them
	Price      *decimal.Decimal
	Currency   string
	Then, Now  PositionCount
}

// PositionCount is what a count of the facts requires. Required is nil where
// the facts cannot be counted; Amount and Marked are nil where nothing is short
// or no price is known.
type PositionCount struct {
	Required       *int
	Difference     *int // required less reported: above zero, too little was reported
	Amount, Marked *decimal.Decimal
}

// UnprovedKind is why something of a month cannot be proved.
type UnprovedKind string

// The kinds, in the order in which they stand in a month.
const (
	UnprovedMonth     UnprovedKind = "not sealed"
	UnprovedImported  UnprovedKind = "imported"
	UnprovedReduced   UnprovedKind = "reduced"
	UnprovedSubmitted UnprovedKind = "not submitted"
	UnprovedRules     UnprovedKind = "rules of now"
	UnprovedGap       UnprovedKind = "gap"
	UnprovedAccepted  UnprovedKind = "gap accepted"
	UnprovedHost      UnprovedKind = "host never read"
	UnprovedTitle     UnprovedKind = "title undecided"
	UnprovedQuestion  UnprovedKind = "question"
	UnprovedByHand    UnprovedKind = "by hand"
)

// UnprovedKinds are all kinds, in their order.
func UnprovedKinds() []UnprovedKind {
	return []UnprovedKind{UnprovedMonth, UnprovedImported, UnprovedReduced, UnprovedSubmitted, UnprovedRules, UnprovedGap, UnprovedAccepted, UnprovedHost,
		UnprovedTitle, UnprovedQuestion, UnprovedByHand}
}

// Unproved is something of a month that its facts do not show.
type Unproved struct {
	Month            month.Month
	Kind             UnprovedKind
	Subject          string // a source, host, title, or the like
	Tenant, Product  string
	From, Until      string
	Count, Units     int
	Amount, Currency string
	Message          string // empty where the kind says all, and where names are masked
	By               string // who accepted or corrected it, and why
}

// WritePosition writes a position as a workbook, in the provider's language.
func WritePosition(ctx context.Context, out io.Writer, cfg *config.Config, reg *register.Register, p *Position) error {
	st := &statement.Statement{Month: p.Until.String(), Status: statement.Complete, State: statement.Approved, Products: p.Products}
	for i := range p.Lines { // the looks know the currencies of lines
		st.Lines = append(st.Lines, statement.Line{Currency: p.Lines[i].Currency})
	}
	w, err := New(Input{Statement: st, Config: cfg, Register: reg, Month: p.Until})
	if err != nil {
		return err
	}
	lk := w.own()
	x := positionWords(lk.language)
	r := positionBook{review: &review{w: w, words: &lk.review, maxRows: 1 << 20}, p: p, x: x, span: p.From.String() + " – " + p.Until.String()}
	r.book, err = lk.newBook(properties{title: x.title + " " + r.span, day: p.Until.LastDay(), identifier: w.identifier("position", "")}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	if err := r.write(ctx); err != nil {
		r.drop()
		return fmt.Errorf("make the licence position: %w", err)
	}
	return r.book.write(out)
}

// positionBook is the workbook being made.
type positionBook struct {
	*review
	p    *Position
	x    *positionLabels
	span string
}

func (r *positionBook) write(ctx context.Context) error {
	if err := r.summary(); err != nil {
		return err
	}
	for year := r.p.From.Year(); year <= r.p.Until.Year(); year++ {
		if err := r.year(year); err != nil {
			return err
		}
	}
	for _, t := range []table{r.lines(), r.unproved()} {
		if err := r.table(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// summary is the first sheet: what it is, what is assumed, and each month's sum.
func (r *positionBook) summary() error {
	x, c := r.x, r.w.Config.Provider
	widths := []float64{22, 28, 10, 18, 18, 18, 18, 14}
	var g grid
	n := len(widths)
	g.add(30, wide(styleTitle, x.title+" "+r.span, n))
	fact := func(label, value string) { g.add(0, text(styleLabel, label), wide(styleText, value, n-1)) }
	fact(r.serviceProvider, c.Name)
	fact(r.agreement, c.Agreement)
	fact(x.rulesNow, r.p.RulesNow)
	fact(x.markUp, r.p.MarkUp.String()+" %")
	g.add(6)
	for _, note := range x.notes {
		g.add(textHeight(note, widths), wide(styleNote, note, n))
	}
	if r.p.Masked {
		g.add(textHeight(x.masked, widths), wide(styleNote, x.masked, n))
	}
	g.add(6)
	head := g.add(46, text(styleHead, r.month), text(styleHead, r.words.state), text(styleHead, r.currency), text(styleHeadRight, x.shortThen), text(styleHeadRight, x.marked),
		text(styleHeadRight, x.shortNow), text(styleHeadRight, x.marked), text(styleHeadRight, x.unproved))
	for i := range r.p.Months {
		m := &r.p.Months[i]
		sums := m.Sums
		if len(sums) == 0 {
			sums = []PositionSum{{}}
		}
		for j := range sums {
			g.add(0, append([]cell{text(styleCell, m.Month.String()), text(styleCell, r.stateOf(m)), text(styleCell, sums[j].Currency)}, append(r.sumCells(&sums[j], m.State == ""),
				r.count(m.Unproved))...)...)
		}
	}
	for i := range r.p.Totals {
		s := &r.p.Totals[i]
		m := r.look.money[s.Currency]
		cells := []cell{text(styleBold, r.words.totalOf), text(styleBold, ""), text(styleBold, s.Currency)}
		for _, v := range []decimal.Decimal{s.Then.Amount, s.Then.Marked, s.Now.Amount, s.Now.Marked} {
			cells = append(cells, money(m.total, v))
		}
		unproved := text(styleBold, "")
		if i == 0 {
			unproved = number(styleBoldInt, len(r.p.Unproved))
		}
		g.add(0, append(cells, unproved)...)
	}
	for i := range r.p.Totals {
		if s := &r.p.Totals[i]; s.Then.Unpriced+s.Now.Unpriced > 0 {
			note := fmt.Sprintf(x.unpriced, s.Then.Unpriced, s.Now.Unpriced)
			g.add(textHeight(note, widths), wide(styleNote, note, n))
		}
	}
	return g.put(r.book, x.summary, layout{widths: widths, landscape: true, freeze: head, repeat: head, reference: x.title + " " + r.span}, nil)
}

func (r *positionBook) stateOf(m *PositionMonth) string {
	if m.State == "" {
		return r.x.kinds[UnprovedMonth]
	}
	s := word(r.words.states, m.State)
	if m.Revision > 0 {
		s += ", " + r.words.revision + " " + strconv.Itoa(m.Revision)
	}
	if m.Status != statement.Complete && m.Status != "" {
		s += ", " + r.words.statuses[m.Status]
	}
	return s
}

// sumCells are a month's money; a month of which nothing was counted has none.
func (r *positionBook) sumCells(s *PositionSum, unknown bool) []cell {
	var out []cell
	for _, v := range []PositionMoney{s.Then, s.Now} {
		for _, d := range []decimal.Decimal{v.Amount, v.Marked} {
			switch {
			case unknown || v.Unpriced > 0 && d.IsZero():
				out = append(out, text(styleNA, "–"))
			default:
				out = append(out, money(r.look.money[cmpOr(s.Currency, r.w.Config.Provider.Currency)].amount, d))
			}
		}
	}
	return out
}

func (r *positionBook) count(n int) cell {
	if n > 0 {
		return number(styleWarnInt, n)
	}
	return number(styleInt, 0)
}

// lines is the sheet of every part number in every month.
func (r *positionBook) lines() table {
	x := r.x
	return table{
		name: x.lines, span: r.span,
		columns: []column{
			{r.month, 10, false}, {r.labels.product, 30, false}, {r.partNumber, 17, false}, {x.reported, 14, true}, {x.byHand, 10, true}, {x.requiredThen, 12, true}, {r.difference, 11, true},
			{r.unitPrice, 12, true}, {x.shortThen, 14, true}, {x.marked, 14, true}, {x.requiredNow, 12, true}, {r.difference, 11, true}, {x.shortNow, 14, true}, {x.marked, 14, true},
		},
		n: len(r.p.Lines),
		fill: func(i int, row *row) {
			l := &r.p.Lines[i]
			m := r.look.money[cmpOr(l.Currency, r.w.Config.Provider.Currency)]
			row.text(l.Month.String())
			row.long(r.products(l.Products))
			row.text(l.PartNumber)
			row.known(l.Reported)
			if l.ByHand == 0 {
				row.blank()
			} else {
				row.signed(l.ByHand)
			}
			row.known(l.Then.Required)
			row.off(l.Then.Difference)
			row.amount(m.price, l.Price, false)
			row.amount(m.amount, l.Then.Amount, short(&l.Then))
			row.amount(m.amount, l.Then.Marked, short(&l.Then))
			row.known(l.Now.Required)
			row.off(l.Now.Difference)
			row.amount(m.amount, l.Now.Amount, short(&l.Now))
			row.amount(m.amount, l.Now.Marked, short(&l.Now))
		},
	}
}

func short(c *PositionCount) bool { return c.Difference != nil && *c.Difference > 0 }

func (r *positionBook) products(ids []string) string {
	var s string
	for i, id := range ids {
		if i > 0 {
			s += ", "
		}
		s += r.review.product(id)
	}
	return s
}

// known is a number; a dash where it is not known.
func (r *row) known(n *int) {
	if n == nil {
		r.none()
		return
	}
	r.int(*n)
}

// off is a difference, marked where it is above zero.
func (r *row) off(n *int) {
	switch {
	case n == nil:
		r.none()
	case *n > 0:
		r.put(number(styleWarnInt, *n))
	default:
		r.signed(*n)
	}
}

// amount is money; what is due and has none is a dash, else nothing stands.
func (r *row) amount(id int, d *decimal.Decimal, due bool) {
	switch {
	case d != nil:
		r.put(money(id, *d))
	case due:
		r.none()
	default:
		r.blank()
	}
}

// unproved is the sheet of what cannot be proved, month by month.
func (r *positionBook) unproved() table {
	x := r.x
	return table{
		name: x.unprovedSheet, span: r.span,
		columns: []column{
			{r.month, 10, false}, {r.words.kind, 20, false}, {r.words.subject, 28, false}, {r.customer, 24, false}, {r.labels.product, 24, false}, {r.words.from, 16, false}, {r.words.until, 16, false},
			{r.words.count, 9, true}, {r.words.atMost, 10, true}, {r.amountLabel(), 14, true}, {r.words.message, 50, false}, {x.by, 34, false},
		},
		n: len(r.p.Unproved),
		fill: func(i int, row *row) {
			u := &r.p.Unproved[i]
			row.text(u.Month.String())
			row.long(x.kinds[u.Kind])
			row.long(u.Subject)
			row.long(r.tenantName(u.Tenant))
			if u.Product == "" {
				row.blank()
			} else {
				row.long(r.review.product(u.Product))
			}
			row.text(u.From)
			row.text(u.Until)
			row.positive(u.Count)
			row.positive(u.Units)
			if u.Amount == "" {
				row.blank()
			} else {
				row.decimal(r.look.money[cmpOr(u.Currency, r.w.Config.Provider.Currency)].amount, u.Amount)
			}
			row.long(cmpOr(x.messages[u.Kind], r.said(u.Message)))
			row.long(u.By)
		},
	}
}

func (r *positionBook) amountLabel() string { return r.labels.amount }
