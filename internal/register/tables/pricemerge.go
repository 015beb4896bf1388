package tables

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register/prices"
)

// PriceChange is what an import does to one part number.
type PriceChange struct {
	Kind  PriceChangeKind
	Price prices.Price  // as imported
	Was   *prices.Price // the one that held, or stands in its place; nil: there was none
	Ends  bool          // whether Was is given an end on the day before
}

// PriceChangeKind is a kind of change.
type PriceChangeKind string

// The kinds of change.
const (
	PriceNew      PriceChangeKind = "new"      // a part number without a price on that day
	PriceRises    PriceChangeKind = "rises"    //
	PriceFalls    PriceChangeKind = "falls"    //
	PriceSame     PriceChangeKind = "same"     // nothing is written
	PriceArticle  PriceChangeKind = "article"  // the reseller's own article is another
	PriceReplaced PriceChangeKind = "replaced" // another price from the very same day stood there
)

// MergePrices works prices into the text of a price table, and touches nothing
// else in it: rows are added, a row that would overlap gets its end, and only a
// replaced price is overwritten. data is the new text; it is read back, and
// with a fault it may not be written. alias is as for Prices.
func MergePrices(path, alias string, list prices.List) (data []byte, changes []PriceChange, faults diag.Faults) {
	t := open(path)
	if !t.given {
		return nil, nil, t.done()
	}
	before := t.data
	have, faults := purchaseOf(t, alias)
	if len(faults) > 0 {
		return nil, nil, faults
	}
	if t.dialect.sheet {
		return nil, nil, diag.Faults{{File: path, What: "the price table is a workbook, in which splameter writes nothing", Instead: "save it as CSV UTF-8, and name that in the config"}}
	}
	g, err := gridOf(t, alias)
	if err != nil {
		return nil, nil, diag.Faults{{File: path, What: "the table cannot be read: " + err.Error(), Instead: "save it again as CSV UTF-8"}}
	}
	if slices.ContainsFunc(list, func(x prices.Price) bool { return x.Title != "" }) {
		g.column("description")
	}
	for _, x := range list {
		changes = append(changes, g.take(have, x))
	}
	data = g.text(bytes.HasPrefix(before, []byte("\ufeff")), bytes.Contains(t.data, []byte("\r\n")))
	if t.encoded != nil {
		if data, err = t.encoded.NewEncoder().Bytes(data); err != nil {
			return nil, nil, diag.Faults{{File: path, What: "the new rows hold a character that the table's old encoding lacks", Instead: "save the table as CSV UTF-8 first"}}
		}
	}
	_, faults = purchaseOf(&table{file: path + " as it would become", given: true, data: bytes.Clone(data)}, alias)
	return data, changes, faults
}

// priceGrid is the table as text, with our columns.
type priceGrid struct {
	comma   rune
	like    *dialect
	header  []string
	records [][]string
	byLine  map[int]int // line to record
	cols    map[string]int
}

func gridOf(t *table, alias string) (*priceGrid, error) {
	r := csv.NewReader(bytes.NewReader(t.data))
	r.Comma, r.FieldsPerRecord = t.comma, -1
	g := &priceGrid{comma: r.Comma, like: &t.dialect, byLine: map[int]int{}, cols: map[string]int{}}
	for {
		cells, err := r.Read()
		if err != nil {
			if len(g.header) > 0 && err.Error() == "EOF" {
				break
			}
			return nil, err
		}
		if g.header == nil {
			g.header = cells
			continue
		}
		line, _ := r.FieldPos(0)
		g.byLine[line] = len(g.records)
		g.records = append(g.records, cells)
	}
	for name, i := range t.cols {
		g.cols[name] = i
	}
	if alias == "" {
		alias = "alias"
	}
	g.cols["alias"] = g.column(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(alias)))
	g.column("from")
	g.column("until")
	return g, nil
}

// column finds a column, and adds it where there is none.
func (g *priceGrid) column(name string) int {
	if i, ok := g.cols[name]; ok {
		return i
	}
	g.cols[name] = len(g.header)
	g.header = append(g.header, name)
	for i := range g.records {
		for len(g.records[i]) < len(g.header) {
			g.records[i] = append(g.records[i], "")
		}
	}
	return g.cols[name]
}

func (g *priceGrid) set(line int, column, value string) {
	if i, ok := g.byLine[line]; ok {
		g.records[i][g.cols[column]] = value
	}
}

// take works one price in.
func (g *priceGrid) take(have prices.List, x prices.Price) PriceChange {
	c := PriceChange{Kind: PriceNew, Price: x}
	for i := range have {
		p := &have[i]
		if !strings.EqualFold(p.PartNumber, x.PartNumber) {
			continue
		}
		if p.From == x.From {
			c.Was = p
			switch {
			case !p.Unit.Equal(x.Unit) || p.Currency != x.Currency:
				c.Kind = PriceReplaced
				g.set(p.Line, "unit_price", g.like.writePrice(x.Unit))
				g.set(p.Line, "currency", x.Currency)
				g.article(p, x)
			case g.article(p, x):
				c.Kind = PriceArticle
			default:
				c.Kind = PriceSame
			}
			return c
		}
		before := !p.From.Set || p.From.Day < x.From.Day
		if before && (c.Was == nil || p.From.Set && (!c.Was.From.Set || p.From.Day > c.Was.From.Day)) {
			c.Was = p
		}
	}
	if p := c.Was; p != nil {
		switch {
		case p.Currency != x.Currency: // neither a rise nor a fall
		case x.Unit.GreaterThan(p.Unit):
			c.Kind = PriceRises
		case x.Unit.LessThan(p.Unit):
			c.Kind = PriceFalls
		default:
			c.Kind = PriceSame
		}
		if c.Kind == PriceSame && !p.Until.Set && !x.Until.Set { // it goes on as it is
			if g.article(p, x) {
				c.Kind = PriceArticle
			}
			return c
		}
		if p.Until.Set && p.Until.Day >= x.From.Day {
			c.Ends = true
			g.set(p.Line, "until", g.like.writeDay(month.OptionalDay{Day: x.From.Day - 1, Set: true}))
		}
	}
	g.add(x)
	return c
}

// article notes the reseller's own article; false where it is as it was.
func (g *priceGrid) article(p *prices.Price, x prices.Price) bool {
	if x.Alias == "" || p.Alias == x.Alias {
		return false
	}
	g.set(p.Line, "alias", x.Alias)
	return true
}

func (g *priceGrid) add(x prices.Price) {
	rec := make([]string, len(g.header))
	if i, ok := g.cols["description"]; ok {
		rec[i] = x.Title
	}
	for name, v := range map[string]string{"part_number": x.PartNumber, "currency": x.Currency, "unit_price": g.like.writePrice(x.Unit), "alias": x.Alias, "from": g.like.writeDay(x.From), "until": g.like.writeDay(x.Until)} {
		rec[g.cols[name]] = v
	}
	g.records = append(g.records, rec)
}

// text is the table as CSV.
func (g *priceGrid) text(mark, crlf bool) []byte {
	var b bytes.Buffer
	if mark {
		b.WriteString("\ufeff")
	}
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = g.comma, crlf
	_ = w.Write(g.header) // a buffer takes every write
	for _, r := range g.records {
		_ = w.Write(r)
	}
	w.Flush()
	return b.Bytes()
}

// Percent is by how much a price changes, unrounded; false where it was zero,
// or in another currency.
func (c *PriceChange) Percent() (string, bool) {
	if c.Was == nil || c.Was.Currency != c.Price.Currency || c.Was.Unit.IsZero() {
		return "", false
	}
	d := prices.Difference(c.Was.Unit, c.Price.Unit)
	return fmt.Sprintf("%s %%", d.Text()), true
}
