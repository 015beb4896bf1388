package report

import (
	"strings"

	"splameter/internal/statement"
)

// byPartNumber are the lines with a quantity, or with one that is not known, as
// the Report has them: products of one part number and unit are one row, of
// both names.
func (u *usage) byPartNumber() (out []*statement.Line) {
	type key struct {
		part string
		unit statement.Unit
	}
	at := map[key]int{}
	u.joined = map[*statement.Line][]string{}
	for i := range u.lines {
		l := &u.lines[i]
		if l.Quantity <= 0 && !(l.Unread && u.w.provisional()) {
			continue
		}
		k := key{foldPart(l.PartNumber), l.Unit}
		n, ok := at[k]
		if !ok || l.PartNumber == "" {
			at[k] = len(out)
			out = append(out, l)
			continue
		}
		row := *out[n]
		row.Quantity += l.Quantity
		row.Amount = sum(row.Amount, l.Amount, row.Currency == l.Currency)
		row.Unread = row.Unread && l.Unread
		u.joined[&row] = append(u.joined[out[n]], l.Product)
		out[n] = &row
	}
	return out
}

// rowLabel is a row's product, or products.
func (u *usage) rowLabel(l *statement.Line) string {
	labels := []string{u.w.productLabel(l.Product, "en")}
	for _, id := range u.joined[l] {
		labels = append(labels, u.w.productLabel(id, "en"))
	}
	return strings.Join(labels, " / ")
}
