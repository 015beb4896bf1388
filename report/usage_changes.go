package report

import (
	"strconv"

	"splameter/internal/statement"
)

// amendment is the companion sheet of an amended month's report: what was
// handed in before, what it is now, and why. Like the report it holds
// quantities, and nobody's name.
func (u *usage) amendment() error {
	w, st := u.w, u.w.Statement
	if st.Revision == 0 || w.Replaced == nil {
		return nil
	}
	then := map[string]*statement.Line{}
	before := u.of(w.Replaced)
	for i := range before {
		then[before[i].Product] = &before[i]
	}
	type row struct {
		part, product string
		was, is       int
	}
	var rows []row
	for i := range u.lines {
		l := &u.lines[i]
		was := 0
		if o := then[l.Product]; o != nil {
			was = o.Quantity
			delete(then, l.Product)
		}
		if was != l.Quantity {
			rows = append(rows, row{l.PartNumber, l.Product, was, l.Quantity})
		}
	}
	for i := range before { // products that this revision does not have
		if l := &before[i]; then[l.Product] != nil && l.Quantity != 0 {
			rows = append(rows, row{l.PartNumber, l.Product, l.Quantity, 0})
		}
	}
	const columns = 5
	widths := []float64{38, 46, 16, 16, 16}
	g := grid{}
	g.add(26, wide(styleTitle, u.label(func(l *labels) string { return l.amendedTitle }), columns))
	g.add(6)
	fact := func(pick func(*labels) string, value string) {
		g.add(textHeight(value, widths[1:]), text(styleLabel, u.label(pick)), wide(styleWrap, value, columns-1))
	}
	fact(func(l *labels) string { return l.usageMonth }, w.Month.String())
	fact(func(l *labels) string { return l.revision }, strconv.Itoa(st.Revision))
	fact(func(l *labels) string { return l.amendedReason }, st.Reason)
	g.add(6)
	head := g.add(32, text(styleHead, u.label(func(l *labels) string { return l.partNumber })), text(styleHead, u.label(func(l *labels) string { return l.product })),
		text(styleHeadRight, u.label(func(l *labels) string { return l.reportedThen })), text(styleHeadRight, u.label(func(l *labels) string { return l.reportedNow })),
		text(styleHeadRight, u.label(func(l *labels) string { return l.difference })))
	for _, r := range rows {
		name := w.replacedLabel(r.product, "en")
		g.add(rowHeight(linesOf(r.part, 38), linesOf(name, 46)), text(styleCell, r.part), text(styleWrap, name),
			number(styleInt, r.was), number(styleInt, r.is), number(styleSigned, r.is-r.was))
	}
	if len(rows) == 0 {
		g.add(0, wide(styleText, u.label(func(l *labels) string { return l.amendedNot }), columns))
	}
	return g.put(u.b, "Amendment", layout{widths: widths, landscape: true, repeat: head, onePage: len(g.rows) <= reportPage,
		reference: u.reference()}, nil)
}
