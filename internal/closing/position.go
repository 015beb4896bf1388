package closing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/report"
)

// Position is the licence position of some months, as an auditor builds it:
// what was reported beside what the sealed facts require when they are counted
// today, with the rules of then and with those of now. It keeps and writes
// nothing. With mask it names no person.
func (d *Desk) Position(ctx context.Context, from, until month.Month, mask bool) (*report.Position, error) {
	key, err := d.Store.MaskKey(ctx)
	if err != nil {
		return nil, err
	}
	p := &position{Desk: d, out: &report.Position{From: from, Until: until, Masked: mask, RulesNow: d.Setup.Rules.Version,
		MarkUp: decimal.NewFromInt(int64(d.Setup.Config.Audit.MarkUp))}, mask: masker{key: key, prices: true}}
	if mask { // a version is a text that somebody wrote
		p.out.RulesNow = "SHA-256 " + safetext.Clip(d.Setup.Rules.Digest, 16)
	}
	for m := from; m.Number() <= until.Number(); m = m.Add(1) {
		if err := p.month(ctx, m); err != nil {
			return nil, fmt.Errorf("take %s into the licence position: %w", m, err)
		}
		d.step(m.String())
	}
	if len(p.out.Lines) == 0 && !slices.ContainsFunc(p.out.Months, func(m report.PositionMonth) bool { return m.State != "" }) {
		return nil, errors.New("no month of these was ever sealed or imported: there is no position to show; close one with splameter close")
	}
	for i := range p.out.Months {
		for _, s := range p.out.Months[i].Sums {
			addSum(&p.out.Totals, s)
		}
	}
	return p.out, nil
}

// position is one being made.
type position struct {
	*Desk
	out  *report.Position
	mask masker
}

// month adds one month.
func (p *position) month(ctx context.Context, m month.Month) error {
	l, err := p.Life(ctx, m)
	if err != nil {
		return err
	}
	at := len(p.out.Unproved)
	is := report.PositionMonth{Month: m}
	revision, seal := l.Revision, l.Sealed
	if seal == nil {
		revision, seal = revision-1, l.Before
	}
	if seal == nil {
		err = p.unsealed(ctx, m)
	} else {
		err = p.sealedMonth(ctx, m, l, revision, seal, &is)
	}
	if err != nil {
		return err
	}
	more := p.out.Unproved[at:]
	order := report.UnprovedKinds()
	slices.SortStableFunc(more, func(a, b report.Unproved) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	is.Unproved = len(more)
	p.out.Months = append(p.out.Months, is)
	return nil
}

// unsealed is a month that was never sealed: imported from before, or none.
func (p *position) unsealed(ctx context.Context, m month.Month) error {
	earlier, err := p.Store.Earlier(ctx, m.Add(1), 1)
	if err != nil {
		return err
	}
	for i := range earlier {
		e := &earlier[i]
		if e.Month != m.String() || e.Computed {
			continue
		}
		st := report.Imported(e, p.Setup.Register, p.products())
		var lines []statement.Line
		for j := range st.Tenants {
			lines = append(lines, st.Tenants[j].Lines...)
		}
		p.lines(m, byPart(lines), nil, nil, partPrices{})
		p.unproved(report.Unproved{Month: m, Kind: report.UnprovedImported})
		return nil
	}
	p.unproved(report.Unproved{Month: m, Kind: report.UnprovedMonth})
	return nil
}

// products are today's, for months that have none of their own.
func (d *Desk) products() []statement.Product {
	var out []statement.Product
	for _, x := range d.Setup.Rules.Products {
		out = append(out, statement.Product{ID: x.ID, Name: x.Name, PartNumber: x.PartNumber, Unit: x.Unit})
	}
	return out
}

func (p *position) sealedMonth(ctx context.Context, m month.Month, l *Life, revision int, seal *statement.Act, is *report.PositionMonth) error {
	is.Revision, is.State = revision, l.State
	if revision != l.Revision { // an amendment was begun, and not closed
		is.State = statement.Submitted
	}
	if l.Submission == nil {
		p.unproved(report.Unproved{Month: m, Kind: report.UnprovedSubmitted})
	}
	if l.Retained != nil {
		return p.reducedMonth(ctx, m, l, revision, is)
	}
	in, err := p.sealed(ctx, l.Month, revision, seal)
	if err != nil {
		return err
	}
	defer in.close()
	is.Status, is.Rules = in.statement.Status, in.setup.Rules.Version
	reported, err := p.reported(ctx, l, revision, in.statement)
	if err != nil {
		return err
	}
	dec := l.decisions()
	dec.Corrections = nil // a count of the facts has none
	then, err := in.count(ctx, dec)
	if err != nil {
		return err
	}
	now, err := p.today(ctx, in, dec, then)
	if err != nil {
		p.unproved(report.Unproved{Month: m, Kind: report.UnprovedRules, Message: p.text(err.Error())})
	}
	p.know(in.statement.Products)
	var nowParts map[string]part
	costs := pricesOf(then)
	if now != nil {
		p.know(now.Products)
		nowParts = byPart(now.Lines)
		costs.more(now)
	}
	is.Sums = p.lines(m, reported, byPart(then.Lines), nowParts, costs)
	for i := range in.statement.Lines {
		p.byHand(m, &in.statement.Lines[i])
	}
	var names *auditNames
	if p.out.Masked {
		names = p.mask.names(in, nil)
	}
	p.doubts(m, in.statement, l.Corrections(), names)
	return nil
}

// reported are the quantities that were handed in, else those sealed last.
func (p *position) reported(ctx context.Context, l *Life, revision int, st *statement.Statement) (map[string]part, error) {
	sub := l.Submission
	if sub == nil || sub.Revision == revision {
		return byPart(st.Lines), nil
	}
	seal := l.sealOf(sub.Revision)
	old, err := p.sealed(ctx, l.Month, sub.Revision, seal)
	if err != nil {
		return nil, err
	}
	defer old.close()
	p.know(old.statement.Products)
	return byPart(old.statement.Lines), nil
}

// today counts the sealed facts with today's rules, and what programs are
// recognized by today; everything else is as it was.
func (p *position) today(ctx context.Context, in *inputs, dec decisions, then *statement.Statement) (*statement.Statement, error) {
	same := in.setup.Rules.Digest == p.Setup.Rules.Digest && bytes.Equal(in.member(inputFolder+monthend.TitlesFile), product.Files())
	if same && in.setup.Config.Products == "" && p.Setup.Config.Products == "" {
		return then, nil
	}
	again, setup := *in, *in.setup
	setup.Rules, setup.Titles = p.Setup.Rules, p.Setup.Titles
	again.setup = &setup
	return again.count(ctx, dec)
}

// member is a setting among the inputs; nil where there is none.
func (in *inputs) member(name string) []byte {
	for i := range in.members {
		if in.members[i].Name == name {
			return in.members[i].Data
		}
	}
	return nil
}

// reducedMonth is a month whose facts were reduced: only its totals are left.
func (p *position) reducedMonth(ctx context.Context, m month.Month, l *Life, revision int, is *report.PositionMonth) error {
	st, err := p.reducedTotals(ctx, l, revision)
	if err != nil {
		return err
	}
	is.Status = st.Status
	p.know(st.Products)
	p.lines(m, byPart(st.Lines), nil, nil, pricesOf(st))
	p.unproved(report.Unproved{Month: m, Kind: report.UnprovedReduced})
	return nil
}

// know adds products that the position has no name of yet.
func (p *position) know(more []statement.Product) {
	for i := range more {
		if !slices.ContainsFunc(p.out.Products, func(x statement.Product) bool { return x.ID == more[i].ID }) {
			p.out.Products = append(p.out.Products, more[i])
		}
	}
}

func (p *position) unproved(u report.Unproved) { p.out.Unproved = append(p.out.Unproved, u) }

// text is a sentence that may name somebody.
func (p *position) text(s string) string {
	if p.out.Masked {
		return ""
	}
	return s
}

// partPrices are the month's prices by part number; nil where two differ, or none
// is known.
type partPrices map[string]struct {
	price    *decimal.Decimal
	currency string
}

func pricesOf(st *statement.Statement) partPrices {
	out := partPrices{}
	out.more(st)
	return out
}

// more adds the prices of part numbers that have none yet.
func (x partPrices) more(st *statement.Statement) {
	had := map[string]bool{}
	for k := range x {
		had[k] = true
	}
	for i := range st.Lines {
		l := &st.Lines[i]
		k := partKey(l)
		v, err := decimal.NewFromString(l.UnitPrice)
		old, ok := x[k]
		switch {
		case had[k] || err != nil:
		case !ok:
			old.price, old.currency = &v, l.Currency
			x[k] = old
		case old.price != nil && (!old.price.Equal(v) || old.currency != l.Currency):
			old.price = nil
			x[k] = old
		}
	}
}

// lines adds a month's part numbers, and says what is short by currency.
func (p *position) lines(m month.Month, reported, then, now map[string]part, costs partPrices) []report.PositionSum {
	var keys []string
	for _, side := range []map[string]part{reported, then, now} {
		for k := range side {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var sums []report.PositionSum
	for _, k := range slices.Compact(keys) {
		a, b, c := reported[k], then[k], now[k]
		if a.quantity == 0 && b.quantity == 0 && c.quantity == 0 {
			continue
		}
		names := slices.Concat(a.products, b.products, c.products)
		slices.Sort(names)
		x := report.PositionLine{Month: m, PartNumber: k, Products: slices.Compact(names), Reported: &a.quantity, Price: costs[k].price, Currency: costs[k].currency}
		x.Then = p.counted(then, b.quantity, a.quantity, x.Price)
		x.Now = p.counted(now, c.quantity, a.quantity, x.Price)
		addSum(&sums, report.PositionSum{Currency: x.Currency, Then: moneyOf(&x.Then), Now: moneyOf(&x.Now)})
		p.out.Lines = append(p.out.Lines, x)
	}
	return sums
}

// counted is one side of a line. Money is due for what is short only, and
// rounded once, to the cent.
func (p *position) counted(side map[string]part, required, reported int, price *decimal.Decimal) report.PositionCount {
	if side == nil {
		return report.PositionCount{}
	}
	d := required - reported
	out := report.PositionCount{Required: &required, Difference: &d}
	if d > 0 && price != nil {
		amount := price.Mul(decimal.NewFromInt(int64(d))).Round(2)
		marked := amount.Mul(p.out.MarkUp.Add(decimal.NewFromInt(100))).Div(decimal.NewFromInt(100)).Round(2)
		out.Amount, out.Marked = &amount, &marked
	}
	return out
}

func moneyOf(c *report.PositionCount) (out report.PositionMoney) {
	switch {
	case c.Amount != nil:
		out.Amount, out.Marked = *c.Amount, *c.Marked
	case c.Difference != nil && *c.Difference > 0:
		out.Unpriced = 1
	}
	return out
}

// addSum adds to the sum of its currency, in the order in which they came.
func addSum(sums *[]report.PositionSum, s report.PositionSum) {
	i := slices.IndexFunc(*sums, func(x report.PositionSum) bool { return x.Currency == s.Currency })
	if i < 0 {
		*sums = append(*sums, s)
		return
	}
	for _, x := range []struct{ to, from *report.PositionMoney }{{&(*sums)[i].Then, &s.Then}, {&(*sums)[i].Now, &s.Now}} {
		x.to.Amount, x.to.Marked, x.to.Unpriced = x.to.Amount.Add(x.from.Amount), x.to.Marked.Add(x.from.Marked), x.to.Unpriced+x.from.Unpriced
	}
}

// byHand says of a line's part number what corrections changed it by.
func (p *position) byHand(m month.Month, l *statement.Line) {
	for i := len(p.out.Lines) - 1; i >= 0 && p.out.Lines[i].Month.Number() == m.Number(); i-- {
		if p.out.Lines[i].PartNumber == partKey(l) {
			p.out.Lines[i].ByHand += l.Correction
		}
	}
}
