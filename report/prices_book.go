package report

import (
	"context"
	"fmt"
	"io"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// PriceList is a comparison of prices as a workbook shows it.
type PriceList struct {
	From, To month.Month
	Of       string // the month whose quantities stand in it
	Notice   int    // percent above which a rise is marked
	Purchase bool   // whether these are the prices that the provider pays
	Changes  []prices.Change
}

// PriceChanges writes a comparison of prices in the form of the review. It is
// for the provider: it holds all customers.
func PriceChanges(ctx context.Context, out io.Writer, in Input, list PriceList) error {
	st := &statement.Statement{Month: list.To.String(), Status: statement.Complete, State: statement.Approved}
	seen := map[string]bool{}
	for _, c := range list.Changes { // the looks know the currencies of lines
		for _, code := range []string{c.OldCurrency, c.Currency} {
			if code != "" && !seen[code] {
				seen[code] = true
				st.Lines = append(st.Lines, statement.Line{Currency: code})
			}
		}
	}
	if in.Statement != nil {
		st.Products = in.Statement.Products
	}
	in.Statement, in.Month = st, list.To
	w, err := New(in)
	if err != nil {
		return err
	}
	lk := w.own()
	a := adviceLabelsFor(lk.language)
	b, err := lk.newBook(properties{title: a.prices + " " + lk.monthName(list.To), day: list.To.FirstDay(), identifier: w.identifier("prices", "")}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	r := review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}
	if err := r.table(ctx, r.priceChanges(list)); err != nil {
		b.drop()
		return fmt.Errorf("make the workbook of prices: %w", err)
	}
	return b.write(out)
}

func (r *review) priceChanges(list PriceList) table {
	x, a := r.words, adviceLabelsFor(r.language)
	return table{
		name: a.changeInPrices,
		columns: []column{
			{r.customer, 34, false}, {x.id, 14, false}, {r.labels.product, 38, false}, {r.partNumber, 18, false},
			{a.pricesFrom + " " + list.From.String(), 14, true}, {a.pricesTo + " " + list.To.String(), 14, true}, {a.percent, 12, true},
			{a.quantityOf + " " + list.Of, 11, true}, {a.effect, 15, true}, {a.notice, 22, false},
		},
		n: len(list.Changes),
		fill: func(i int, row *row) {
			c := &list.Changes[i]
			row.long(r.tenantName(c.Tenant))
			row.text(c.Tenant)
			row.long(r.product(c.Product))
			row.text(c.PartNumber)
			row.money(r.look.money[c.OldCurrency].price, c.Old, c.OldKnown)
			row.money(r.look.money[c.Currency].price, c.New, c.Known)
			if !c.Comparable() {
				row.put(text(styleNA, "–"))
				row.int(c.Quantity)
				row.put(text(styleNA, "–"))
				row.warn(a.unknown)
				return
			}
			row.put(text(styleNA, r.percentText(c.Rise)))
			row.int(c.Quantity)
			row.put(money(r.look.money[c.Currency].signed, c.Effect))
			if c.Above {
				row.warn(fmt.Sprintf("%s %d %%", a.above, list.Notice))
			} else {
				row.blank()
			}
		},
	}
}

// percentText is a percentage as the language writes numbers.
func (lk *look) percentText(r prices.Rise) string {
	s := []byte(r.Text())
	if lk.language == "nl" {
		for i := range s {
			if s[i] == '.' {
				s[i] = ','
			}
		}
	}
	return string(s) + " %"
}
