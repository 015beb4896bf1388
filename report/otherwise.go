package report

import (
	"context"
	"fmt"
	"io"

	"github.com/shopspring/decimal"

	"splameter/internal/otherwise"
	"splameter/internal/statement"
)

// otherwiseLabels are the words of what it would cost otherwise.
type otherwiseLabels struct {
	title, sheet, way, instead, only, units, paid, assumption, assumed, note string
}

func otherwiseWords(language string) otherwiseLabels {
	if language == "nl" {
		return otherwiseLabels{
			title: "Wat het anders zou kosten", sheet: "Anders", way: "Op deze manier", instead: "In plaats daarvan", only: "Alleen wie ook heeft", units: "Betreft", paid: "Waarvoor betaald",
			assumption: "Aanname", assumed: "naar aanname", note: "Niets is hiermee geteld. De prijzen en aannames van andere wijzen zijn die van uw eigen tabel; een streepje is een prijs die niet bekend is, geen nul.",
		}
	}
	return otherwiseLabels{
		title: "What it would cost otherwise", sheet: "Otherwise", way: "In this way", instead: "Instead", only: "Only who has as well", units: "Concerns", paid: "Paid for",
		assumption: "Assumption", assumed: "as assumed", note: "Nothing is counted by this. Prices and assumptions of other ways are those of your own table; a dash is a price that is not known, and no zero.",
	}
}

// Otherwise writes what the month's licences would cost otherwise, in the
// provider's language. It shows what the provider pays: it stays in the house.
func Otherwise(ctx context.Context, out io.Writer, in Input, rows []otherwise.Row) error {
	w, err := New(in)
	if err != nil {
		return err
	}
	lk := w.own()
	x, a := otherwiseWords(lk.language), adviceLabelsFor(lk.language)
	title := x.title + " – " + lk.monthName(w.Month)
	b, err := lk.newBook(properties{title: title, day: w.Month.LastDay(), identifier: w.identifier("otherwise", "")}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	r := review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}
	err = r.table(ctx, table{
		name: x.sheet,
		columns: []column{
			{r.customer, 24, false}, {x.way, 24, false}, {r.labels.product, 26, false}, {x.instead, 24, false}, {x.only, 16, false}, {x.units, 10, true}, {x.paid, 10, true},
			{a.now, 14, true}, {a.then, 14, true}, {a.saves, 14, true}, {a.sure, 12, false}, {x.assumption, 60, false},
		},
		n: len(rows) + 1,
		fill: func(i int, row *row) {
			if i == len(rows) {
				row.put(text(styleNote, x.note))
				return
			}
			r.otherwise(&rows[i], row, a, &x)
		},
	})
	if err != nil {
		b.drop()
		return fmt.Errorf("make the workbook of what it would cost otherwise: %w", err)
	}
	return b.write(out)
}

func (r *review) otherwise(v *otherwise.Row, row *row, a *adviceLabels, x *otherwiseLabels) {
	m := r.look.money[v.Currency]
	row.long(r.tenantName(v.Tenant))
	row.long(word(a.advice, statement.AdviceCode(v.Way)))
	for _, id := range []string{v.Product, v.Instead} {
		if id == "" {
			row.blank()
		} else {
			row.long(r.product(id))
		}
	}
	row.long(v.Only)
	row.int(v.Units)
	row.int(v.Paid)
	for _, d := range []*decimal.Decimal{v.Now, v.Then, v.Saves} {
		switch {
		case d == nil:
			row.none()
		case m.amount == 0: // a currency that no amount of the month has
			row.text(v.Currency + " " + d.StringFixed(2))
		default:
			row.put(money(m.amount, *d))
		}
	}
	switch {
	case v.Saves == nil:
		row.blank()
	case !v.Advice:
		row.text(x.assumed)
	case v.AtMost:
		row.text(a.upTo)
	default:
		row.text(a.certain)
	}
	said := r.said(v.Assumption)
	if v.Action != "" {
		said += "; " + r.said(v.Action)
	}
	row.long(said)
}
