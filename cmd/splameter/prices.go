package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

type pricesCmd struct {
	Import  pricesImportCmd  `cmd:"" help:"Take in the reseller's price file, CSV or xlsx. Shows first, writes when told."`
	Compare pricesCompareCmd `cmd:"" help:"Set the prices of two months against each other, by customer and product."`
}

type pricesImportCmd struct {
	File     string            `arg:"" help:"The reseller's price file." type:"existingfile"`
	Sheet    string            `help:"The workbook's sheet. Default: the first." placeholder:"NAME"`
	Column   map[string]string `help:"Which heading a column has, where it is none of the usual: part_number, unit_price, currency, from, until, alias, description." placeholder:"NAME=HEADING" mapsep:"none"`
	Currency string            `help:"The currency, where no column says it. Default: the provider's." placeholder:"EUR"`
	From     string            `help:"From when the prices hold, where no column says it." placeholder:"YYYY-MM-DD"`
	Decimal  string            `help:"What stands before the decimals, where the file does not prove it: point or comma." enum:",point,comma" default:""`
	Write    bool              `help:"Write the prices into the configured table. Without it they are only shown."`
	Replace  bool              `help:"Also overwrite prices that stand there from the very same day."`
}

func (pricesImportCmd) Help() string {
	return `Reads the reseller's price file, finds its columns by name wherever the header
stands, and shows what would change in the table that the config names under
prices. With --write it is written: rows are added from their day on, what was
there stays, and only a price from the very same day is overwritten, and only
with --replace. The reseller's own article goes into the column that report.alias
names; a mark behind Microsoft's part number (7NQ-00302-MSPLA) is taken as such
an article. A column that holds nothing but Microsoft's part numbers is known by
them, whatever its heading; what the reseller calls each is kept as description,
by which splameter propose knows the part number of a product.

Examples:
  splameter prices import 2027.xlsx --from 2027-01-01
  splameter prices import 2027.csv --decimal comma --currency EUR --from 2027-01-01 --write
  splameter prices import list.xlsx --sheet SPLA --column unit_price="Your cost" --column part_number=Code --write`
}

func (c *pricesImportCmd) Run(a *app) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	if s.Config.Prices == "" {
		return usageError("the config names no price table: write prices: prices.csv into it, and a file with the line part_number,currency,unit_price,alias,from,until")
	}
	opt := tables.PriceFileOptions{Sheet: c.Sheet, Columns: c.Column, Currency: cmp.Or(c.Currency, s.Config.Provider.Currency), Decimal: map[string]byte{"point": '.', "comma": ','}[c.Decimal]}
	if c.From != "" {
		if err := opt.From.UnmarshalText([]byte(c.From)); err != nil {
			return usageError(fmt.Sprintf("--from %s is no date; write it as YYYY-MM-DD", c.From))
		}
	}
	list, passed, faults := tables.PriceFile(c.File, opt)
	if err := faults.Err(); err != nil {
		return err
	}
	data, changes, faults := tables.MergePrices(s.Config.Prices, s.Config.Report.Alias, list)
	if err := faults.Err(); err != nil {
		return err
	}
	written, replaced := a.priceChanges(changes, passed)
	switch {
	case written+replaced == 0:
		a.printf("\nNothing changes.\n")
		return nil
	case !c.Write:
		a.printf("\nNothing was written. Say --write to write it into %s.\n", s.Config.Prices)
		return nil
	case replaced > 0 && !c.Replace:
		return fmt.Errorf("%s from the very same day would be overwritten in %s, and months that were priced with it would be counted otherwise: say --replace if that is meant; nothing was written", number(replaced, "price", "prices"), s.Config.Prices)
	}
	if err := atomicfile.WriteBytes(s.Config.Prices, atomicfile.Keep, data); err != nil {
		return fmt.Errorf("write the prices: %w", err)
	}
	a.printf("\nWritten to %s.\n", s.Config.Prices)
	return nil
}

// priceChanges prints what an import changes, and counts it.
func (a *app) priceChanges(changes []tables.PriceChange, passed int) (written, replaced int) {
	same := 0
	a.printf("%-16s %-10s %14s %14s %12s  %s\n", "part number", "from", "was", "becomes", "change", "")
	for i := range changes {
		c := &changes[i]
		if c.Kind == tables.PriceSame && !c.Ends {
			same++
			continue
		}
		was, percent := "–", ""
		if c.Was != nil {
			was = c.Was.Currency + " " + c.Was.Unit.String()
			percent, _ = c.Percent()
		}
		note := string(c.Kind)
		if c.Kind == tables.PriceReplaced {
			replaced++
			note = "overwrites the price from that day"
		} else {
			written++
		}
		if c.Kind == tables.PriceArticle {
			note = "article " + c.Price.Alias
		}
		a.printf("%-16s %-10s %14s %14s %12s  %s\n", clean(c.Price.PartNumber), c.Price.From.Day, was, c.Price.Currency+" "+c.Price.Unit.String(), percent, clean(note))
	}
	a.printf("%d to write, %d to overwrite, %d as they are", written, replaced, same)
	if passed > 0 {
		a.printf(", %s without a part number and a price", number(passed, "row", "rows"))
	}
	a.printf(".\n")
	return written, replaced
}

type pricesCompareCmd struct {
	From     string `help:"The one month." required:"" placeholder:"YYYY-MM"`
	To       string `help:"The other month." required:"" placeholder:"YYYY-MM"`
	Month    string `help:"Whose quantities the effect is worked out with. Default: the last that is known, up to --from." placeholder:"YYYY-MM"`
	Purchase bool   `help:"What you pay, in place of what you ask your customers."`
	JSON     bool   `name:"json" help:"JSON in place of text."`
	XLSX     string `name:"xlsx" help:"Also write a workbook." placeholder:"FILE"`
}

func (pricesCompareCmd) Help() string {
	return `Shows by customer and product the old and the new price, the change in percent,
and what it comes to at the quantities of the last month. The percentage is
worked out on the prices as they are, with nothing rounded: a rise of exactly
10 % is not above 10 %. Rises above price_notice (checks, default 10), at which a
customer may be free to give notice, are marked. An annex states changed prices
itself where the config says report: price_changes: true.

Examples:
  splameter prices compare --from 2026-12 --to 2027-01
  splameter prices compare --from 2026-12 --to 2027-01 --purchase --xlsx 2027.xlsx`
}

func (c *pricesCompareCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx, c.From, c.To)
	if err != nil {
		return err
	}
	defer s.Close()
	from, to := s.Months[0], s.Months[1]
	if !c.Purchase && len(s.Sales) == 0 {
		return usageError("the config names no sales prices; say --purchase for what you pay")
	}
	held, of, err := c.held(ctx, a, s.Store, s.Setup, from, to)
	if err != nil {
		return err
	}
	price := s.Sales.BySales
	if c.Purchase {
		price = s.Prices.ByPart
	}
	list := report.PriceList{From: from, To: to, Of: of, Notice: s.Config.Checks.PriceNotice, Purchase: c.Purchase,
		Changes: prices.Compare(held, from, to, s.Config.Checks.PriceNotice, price)}
	if c.XLSX != "" {
		if err := a.pricesBook(ctx, c.XLSX, s.Setup, list); err != nil {
			return err
		}
	}
	if c.JSON {
		return a.pricesJSON(list)
	}
	a.pricesText(list, s.Setup)
	return nil
}

// held are the quantities of a month: of the one named, else of the last that
// is known up to the month before the new prices.
func (c *pricesCompareCmd) held(ctx context.Context, a *app, st store.Store, s *monthend.Setup, from, to month.Month) ([]prices.Held, string, error) {
	last := from
	back := 36
	if c.Month != "" {
		m, err := a.month(s, c.Month)
		if err != nil {
			return nil, "", err
		}
		last, back = m, 1
	}
	earlier, err := st.Earlier(ctx, last.Add(1), back)
	if err != nil {
		return nil, "", err
	}
	if len(earlier) == 0 {
		return nil, "", fmt.Errorf("no month up to %s was reported or imported: there are no quantities to compare prices with; run splameter report first, or name one with --month", last)
	}
	// A month in which nothing was counted, or of which something was not read,
	// does not tell of the effect: the one before it does.
	tells := func(e *statement.Earlier) bool {
		return slices.ContainsFunc(e.Quantities, func(q statement.Quantity) bool { return q.Quantity != 0 }) &&
			!slices.ContainsFunc(e.Quantities, func(q statement.Quantity) bool { return q.Unread })
	}
	at := len(earlier) - 1
	for at > 0 && !tells(&earlier[at]) {
		at--
	}
	e := earlier[at]
	byPart, byID := map[string]string{}, map[string]string{}
	for _, p := range s.Rules.In(to) {
		if p.PartNumber != "" {
			byPart[p.PartNumber] = p.ID
		}
		byID[p.ID] = p.PartNumber
	}
	var held []prices.Held
	for _, q := range e.Quantities {
		if q.Unread {
			continue
		}
		h := prices.Held{Tenant: q.Tenant, Product: q.Product, PartNumber: q.PartNumber, Quantity: q.Quantity}
		if h.Product == "" {
			h.Product = byPart[h.PartNumber]
		}
		if part, ok := byID[h.Product]; ok && part != "" {
			h.PartNumber = part
		}
		held = append(held, h)
	}
	return held, e.Month, nil
}

// pricesText prints the comparison: each customer by its name, its lines, and
// what they come to; of sales prices also what stays of them.
func (a *app) pricesText(list report.PriceList, s *monthend.Setup) {
	what := "sales prices"
	if list.Purchase {
		what = "purchase prices"
	}
	a.printf("%s of %s and %s, at the quantities of %s\n\n", what, list.From, list.To, list.Of)
	a.printf("%-20s %-20s %12s %12s %12s %8s %12s\n", "tenant", "product", list.From, list.To, "change", "quantity", "effect")
	above, unknown := 0, 0
	var all, one priceSums
	for i := range list.Changes {
		x := &list.Changes[i]
		if i == 0 || x.Tenant != list.Changes[i-1].Tenant {
			one = priceSums{}
			name := x.Tenant
			if t := s.Register.Tenant(x.Tenant); t != nil && t.Name != "" {
				name = t.Name
			}
			a.printf("\n%s\n", clean(name))
		}
		switch {
		case x.Comparable():
			mark := ""
			if x.Above {
				above++
				mark = fmt.Sprintf("  above %d %%", list.Notice)
			}
			a.printf("%-20s %-20s %12s %12s %12s %8d %12s %s%s\n", clean(x.Tenant), clean(x.Product), x.Old, x.New, x.Rise.Text()+" %", x.Quantity, signed(x.Effect), x.Currency, mark)
		default:
			unknown++
			a.printf("%-20s %-20s %12s %12s %12s %8d %12s\n", clean(x.Tenant), clean(x.Product), known(x.Old, x.OldKnown), known(x.New, x.Known), "not known", x.Quantity, "not known")
		}
		for _, sum := range []*priceSums{&all, &one} {
			sum.add(x, s.Prices, list)
		}
		if i+1 == len(list.Changes) || list.Changes[i+1].Tenant != x.Tenant {
			one.print(a, "  "+clean(x.Tenant)+" together", list)
		}
	}
	a.printf("\n")
	all.print(a, "together", list)
	a.printf("\n%d above %d %%, %d without a price in one of the months.\n", above, list.Notice, unknown)
}

// priceSums are what prices come to, by currency.
type priceSums struct {
	order       []string
	old, effect map[string]decimal.Decimal
	sales, cost map[string]decimal.Decimal // in the later month
	costless    int                        // lines of which the purchase price is not known
}

func (p *priceSums) add(x *prices.Change, purchase prices.List, list report.PriceList) {
	if !x.Comparable() {
		return
	}
	if p.effect == nil {
		p.old, p.effect, p.sales, p.cost = map[string]decimal.Decimal{}, map[string]decimal.Decimal{}, map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	}
	if !slices.Contains(p.order, x.Currency) {
		p.order = append(p.order, x.Currency)
		slices.Sort(p.order)
	}
	p.old[x.Currency] = p.old[x.Currency].Add(x.OldTotal)
	p.effect[x.Currency] = p.effect[x.Currency].Add(x.Effect)
	unit, currency, ok := purchase.ByPart(x.Held, list.To)
	if !ok || currency != x.Currency {
		p.costless++
		return
	}
	p.sales[x.Currency] = p.sales[x.Currency].Add(prices.Amount(x.Quantity, x.New))
	p.cost[x.Currency] = p.cost[x.Currency].Add(prices.Amount(x.Quantity, unit))
}

func (p *priceSums) print(a *app, label string, list report.PriceList) {
	for _, code := range p.order {
		old := p.old[code]
		percent := "–"
		if !old.IsZero() {
			percent = signed1(p.effect[code].Mul(decimal.NewFromInt(100)).DivRound(old, 1)) + " %"
		}
		a.printf("%-41s %12s %12s %12s %8s %12s %s", label, old.StringFixed(2), old.Add(p.effect[code]).StringFixed(2), percent, "", signed(p.effect[code]), code)
		if sales := p.sales[code]; !list.Purchase && !sales.IsZero() {
			margin := sales.Sub(p.cost[code])
			a.printf(", margin %s (%s %%)", margin.StringFixed(2), margin.Mul(decimal.NewFromInt(100)).DivRound(sales, 1).StringFixed(1))
			if p.costless > 0 {
				a.printf(" without %s of which no purchase price is known", number(p.costless, "line", "lines"))
			}
		}
		a.printf("\n")
	}
}

// signed1 is a number with its sign and one decimal.
func signed1(d decimal.Decimal) string {
	if d.IsPositive() {
		return "+" + d.StringFixed(1)
	}
	return d.StringFixed(1)
}

func known(d decimal.Decimal, ok bool) string {
	if !ok {
		return "–"
	}
	return d.String()
}

func (a *app) pricesJSON(list report.PriceList) error {
	type line struct {
		Tenant     string `json:"tenant"`
		Product    string `json:"product"`
		PartNumber string `json:"part_number,omitempty"`
		Quantity   int    `json:"quantity"`
		Old        string `json:"old,omitempty"`
		New        string `json:"new,omitempty"`
		Currency   string `json:"currency,omitempty"`
		Percent    string `json:"percent,omitempty"`
		Effect     string `json:"effect,omitempty"`
		Above      bool   `json:"above_notice"`
	}
	out := struct {
		From     string `json:"from"`
		To       string `json:"to"`
		Of       string `json:"quantities_of"`
		Notice   int    `json:"price_notice"`
		Purchase bool   `json:"purchase"`
		Lines    []line `json:"lines"`
	}{list.From.String(), list.To.String(), list.Of, list.Notice, list.Purchase, []line{}}
	for i := range list.Changes {
		x := &list.Changes[i]
		l := line{Tenant: x.Tenant, Product: x.Product, PartNumber: x.PartNumber, Quantity: x.Quantity, Currency: x.Currency, Above: x.Above}
		if x.OldKnown {
			l.Old = x.Old.String()
		}
		if x.Known {
			l.New = x.New.String()
		}
		if x.Comparable() {
			l.Percent, l.Effect = x.Rise.Text(), x.Effect.StringFixed(2)
		}
		out.Lines = append(out.Lines, l)
	}
	return a.json(out)
}

// pricesBook writes the comparison as a workbook.
func (a *app) pricesBook(ctx context.Context, path string, s *monthend.Setup, list report.PriceList) error {
	st := &statement.Statement{}
	for _, p := range s.Rules.In(list.To) {
		st.Products = append(st.Products, statement.Product{ID: p.ID, Name: p.Name, PartNumber: p.PartNumber, Unit: p.Unit})
	}
	err := atomicfile.Write(path, atomicfile.Normal, func(w io.Writer) error {
		return report.PriceChanges(ctx, w, report.Input{Statement: st, Config: s.Config, Register: s.Register, Sales: s.Sales, Month: list.To}, list)
	})
	if err != nil {
		return fmt.Errorf("write the workbook of prices: %w", err)
	}
	return nil
}
