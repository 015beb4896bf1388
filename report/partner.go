package report

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"splameter/internal/statement"
)

// PartnerWorkbook writes what a partner gets: an overview of its own
// organizations, and each of them on a sheet of its own.
func (w *Workbooks) PartnerWorkbook(ctx context.Context, out io.Writer, partner string) error {
	organizations := w.organizations(partner)
	if len(organizations) == 0 {
		return fmt.Errorf("make the workbook of partner %s: none of its organizations has anything in %s", strconv.Quote(partner), w.Month)
	}
	p := w.partner(partner)
	lk := w.look(cmpOr(p.Language, w.Config.Provider.Language))
	title := lk.annex + " " + lk.monthName(w.Month)
	b, err := lk.newBook(properties{
		title: title, subject: cmpOr(p.Name, p.ID), status: w.contentStatus(lk), day: w.Month.LastDay(),
		identifier: w.identifier("partner", p.ID), anchor: w.Anchor,
	}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	b.mark = w.mark(lk.test, lk.draft, "")
	names := apart(organizations)
	if err := w.partnerOverview(b, partner, title, organizations, names); err != nil {
		b.drop()
		return fmt.Errorf("make the workbook of partner %s: %w", partner, err)
	}
	for _, t := range organizations {
		err := ctx.Err()
		if err == nil {
			r := w.tenant(t)
			a := annex{w: w, b: b, t: t, r: r, title: title, sheet: names[t.ID], inner: true}
			err = a.write(r.Named)
		}
		if err != nil {
			b.drop()
			return fmt.Errorf("make the workbook of partner %s: %w", partner, err)
		}
	}
	return b.write(out)
}

// organizations are a partner's tenants that have something in the month, in
// the order of the statement.
func (w *Workbooks) organizations(partner string) []*statement.Tenant {
	var out []*statement.Tenant
	for i := range w.Statement.Tenants {
		t := &w.Statement.Tenants[i]
		if w.partnerOf(t) == partner && partner != "" && w.getsAnnex(t) {
			out = append(out, t)
		}
	}
	return out
}

// apart are the organizations' names by id. Where two are called alike each
// has its id behind it, for nothing else on the sheet would tell them apart.
func apart(organizations []*statement.Tenant) map[string]string {
	called := map[string]int{}
	name := func(t *statement.Tenant) string { return cmpOr(line(t.Name), t.ID) }
	for _, t := range organizations {
		called[foldName(name(t))]++
	}
	out := map[string]string{}
	for _, t := range organizations {
		out[t.ID] = name(t)
		if called[foldName(name(t))] > 1 {
			out[t.ID] += " (" + t.ID + ")"
		}
	}
	return out
}

func (w *Workbooks) partnerOf(t *statement.Tenant) string {
	if t.Partner != "" {
		return t.Partner
	}
	return w.tenant(t).Partner
}

// partnerOverview is the first sheet: both addresses and every line of every
// organization of this partner.
func (w *Workbooks) partnerOverview(b *book, partner, title string, organizations []*statement.Tenant, names map[string]string) error {
	p, us := w.partner(partner), w.Config.Provider
	const columns = 8
	g := grid{}
	g.add(30, wide(styleTitle, title, columns))
	for _, m := range w.marks(b.look) {
		g.add(22, wide(styleMark, m, columns))
	}
	g.add(6)
	left := address(us.Name, us.Street, us.PostalCode, us.City, w.country(us.Country, p.Country, b.look))
	right := address(cmpOr(p.Name, p.ID), p.Street, p.Postal, p.City, w.country(p.Country, p.Country, b.look))
	const split = 2
	g.add(0, wide(styleLabel, b.labels.provider, split), wide(styleLabel, b.labels.partner, columns-split))
	for i := range max(len(left), len(right)) {
		s := styleText
		if i == 0 {
			s = styleStrong
		}
		g.add(0, wide(s, at(left, i), split), wide(s, at(right, i), columns-split))
	}
	g.add(6)
	if p.Contact != "" {
		g.add(0, text(styleLabel, b.attention), wide(styleText, p.Contact, columns-1))
	}
	g.add(0, text(styleLabel, b.period), wide(styleText, w.periodText(b.look), columns-1))
	g.add(0, text(styleLabel, b.documentNumber), wide(styleText, w.documentNumber(p.ID), columns-1))
	if doc := w.replacedWorkbook(partner, organizations); doc != "" {
		g.add(0, text(styleLabel, b.replaces), wide(styleText, doc, columns-1))
	}
	g.add(8)
	head := g.add(30, text(styleHead, b.organization), text(styleHead, b.product), text(styleHead, b.unit), text(styleHeadRight, b.lastMonth),
		text(styleHeadRight, b.added), text(styleHeadRight, b.removed), text(styleHeadRight, b.quantity), text(styleHeadRight, b.notCharged))
	w.partnerTotals(&g, b, organizations)
	for _, t := range organizations {
		name := names[t.ID]
		for i := range t.Lines {
			l := &t.Lines[i]
			if !shown(l) {
				continue
			}
			product := w.productLabel(l.Product, b.language)
			g.add(rowHeight(linesOf(name, 37), linesOf(product, 38)), text(styleWrap, name), text(styleWrap, product), text(styleCell, b.unitText(l.Unit)),
				b.compared(l, l.Previous), w.figure(l, b.compared(l, l.Added)), w.figure(l, b.compared(l, l.Removed)),
				w.figure(l, number(styleInt, l.Quantity)), w.figure(l, number(styleInt, l.Excluded)))
		}
	}
	if slices.ContainsFunc(organizations, w.unreadAny) {
		g.add(0, wide(styleNote, b.unread, columns))
	}
	g.add(0)
	widths := []float64{38, 40, 22, 12, 13, 12, 12, 13}
	g.add(textHeight(b.explained, widths), wide(styleNote, b.explained, columns))
	if contact := w.contact(b.look); contact != "" {
		g.add(textHeight(contact, widths), wide(styleNote, contact, columns))
	}
	return g.put(b, b.overview, layout{widths: widths, landscape: true, freeze: 1, repeat: head, reference: w.documentNumber(p.ID)}, nil)
}

// partnerTotals is what each product comes to over all organizations. It stands
// over them: of many they go on for pages.
func (w *Workbooks) partnerTotals(g *grid, b *book, organizations []*statement.Tenant) {
	if len(organizations) < 2 {
		return
	}
	sums := map[string]*statement.Line{}
	var order []string
	for _, t := range organizations {
		for i := range t.Lines {
			l := &t.Lines[i]
			if !shown(l) {
				continue
			}
			s := sums[l.Product]
			if s == nil {
				s = &statement.Line{Product: l.Product, PartNumber: l.PartNumber, Unit: l.Unit}
				sums[l.Product], order = s, append(order, l.Product)
			}
			s.Quantity += l.Quantity
			s.Excluded += l.Excluded
			s.Unread = s.Unread || l.Unread
			if l.Compared { // who has nothing to compare with is part of the quantity alone
				s.Compared = true
				s.Previous += l.Previous
				s.Added += l.Added
				s.Removed += l.Removed
			}
		}
	}
	slices.SortFunc(order, func(x, y string) int { return cmp.Or(cmp.Compare(w.place(x), w.place(y)), cmp.Compare(x, y)) })
	for _, id := range order {
		l := sums[id]
		l.Unread = l.Unread && l.Quantity == 0 && l.Excluded == 0
		product := w.productLabel(id, b.language)
		bold := func(c cell) cell {
			switch c.s {
			case styleInt:
				c.s = styleBoldInt
			case styleNA:
				c.s = styleBoldNA
			}
			return c
		}
		g.add(rowHeight(linesOf(b.productTotals, 37), linesOf(product, 38)), text(styleBold, b.productTotals), text(styleBold, product), text(styleBold, b.unitText(l.Unit)),
			bold(b.compared(l, l.Previous)), bold(w.figure(l, b.compared(l, l.Added))), bold(w.figure(l, b.compared(l, l.Removed))),
			bold(w.figure(l, number(styleInt, l.Quantity))), bold(w.figure(l, number(styleInt, l.Excluded))))
	}
	g.add(8)
}
