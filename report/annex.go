package report

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// AnnexOptions are what one copy of an annex may differ in.
type AnnexOptions struct {
	// Named lists the users although the tenant did not ask for it: for one
	// copy, in a dispute.
	Named bool
}

// onePage is how many rows an A4 page takes at the annex's width; a longer
// annex gets its second table on a sheet of its own, so that the heading that
// is repeated on every page is always that of the table beneath it.
const onePage = 44

// Annex writes a tenant's annex. It holds that tenant and nothing of another,
// and no purchase price.
func (w *Workbooks) Annex(ctx context.Context, out io.Writer, tenant string, opt AnnexOptions) error {
	t := w.tenants[tenant]
	if t == nil {
		return fmt.Errorf("make the annex of %s: the statement of %s has no such customer; look at the ids in the tenants table", strconv.Quote(tenant), w.Month)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r := w.tenant(t)
	lk := w.tenantLook(r)
	title := lk.annex + " " + lk.monthName(w.Month)
	b, err := lk.newBook(properties{
		title: title, subject: t.Name, status: w.contentStatus(lk), day: w.Month.LastDay(),
		identifier: w.identifier("annex", t.ID), anchor: w.Anchor,
	}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	b.mark = w.mark(lk.test, lk.draft, "")
	a := annex{w: w, b: b, t: t, r: r, title: title, sheet: lk.annex}
	if err := a.write(opt.Named || r.Named); err != nil {
		b.drop()
		return fmt.Errorf("make the annex of %s: %w", tenant, err)
	}
	if err := a.trend(); err != nil {
		b.drop()
		return fmt.Errorf("make the annex of %s: %w", tenant, err)
	}
	return b.write(out)
}

// annex is one tenant's part of a workbook: the whole of an annex, or one
// organization of a partner's.
type annex struct {
	w     *Workbooks
	b     *book
	t     *statement.Tenant
	r     *register.Tenant
	title string
	sheet string // name wanted for the main sheet
	inner bool   // within a partner's workbook
	g     grid
	wide  int // columns
}

func (a *annex) write(named bool) error {
	p := a.priced()
	landscape := p.any
	widths := []float64{36, 24, 12, 13, 12, 12, 13}
	if a.w.Config.Report.ShowActive {
		widths = append(widths, 10)
	}
	if p.any {
		widths = append(widths, 16, 16)
	}
	a.wide = len(widths)
	a.head()
	a.g.add(0)
	a.g.add(20, wide(styleSection, a.b.quantities, a.wide))
	head := a.lines(p)
	goOn := len(a.g.rows) > onePage
	changed := a.changed(goOn)
	if !goOn {
		head = 0 // the pages after the first have no lines, which it heads
	}
	separate := len(a.g.rows)+len(a.t.Exclusions)+8 > onePage && len(a.t.Exclusions) > 0
	if !separate {
		a.g.add(0)
		a.g.add(20, wide(styleSection, a.b.own, a.wide))
		a.exclusions(&a.g)
	}
	a.priceChanges()
	a.g.add(0)
	a.g.add(textHeight(a.b.explained, widths), wide(styleNote, a.b.explained, a.wide))
	if contact := a.w.contact(a.b.look); contact != "" && !a.inner {
		a.g.add(textHeight(contact, widths), wide(styleNote, contact, a.wide))
	}
	lay := layout{widths: widths, landscape: landscape, freeze: 1, repeat: head, reference: a.w.documentNumber(a.t.ID), onePage: len(a.g.rows) <= onePage}
	if err := a.g.put(a.b, a.sheet, lay, nil); err != nil {
		return err
	}
	lay.onePage = false
	if len(changed.rows) > 0 {
		lay.repeat = 0
		if err := changed.put(a.b, a.part(a.b.whatChanged), lay, nil); err != nil {
			return err
		}
	}
	if separate {
		g := grid{}
		g.add(26, wide(styleTitle, a.b.own, a.wide))
		g.add(0, wide(styleText, line(a.t.Name)+" – "+a.b.monthName(a.w.Month), a.wide))
		g.add(0)
		lay.repeat = len(g.rows) + 1
		a.exclusions(&g)
		if err := g.put(a.b, a.part(a.b.own), lay, nil); err != nil {
			return err
		}
	}
	if named {
		return a.users()
	}
	return nil
}

// changed says what changed since last month, and since the document that this
// one replaces. Beneath lines that go on over pages it is given as a sheet of its
// own: their heading is repeated on each page.
func (a *annex) changed(apart bool) grid {
	if !apart {
		a.changes()
		a.differences()
		return grid{}
	}
	lines := a.g
	a.g = grid{}
	a.g.add(26, wide(styleTitle, line(a.t.Name)+" – "+a.b.monthName(a.w.Month), a.wide))
	a.changes()
	a.differences()
	out := a.g
	a.g = lines
	if len(out.rows) == 1 { // nothing but the title
		return grid{}
	}
	return out
}

// contact is whom to ask; empty where the provider names nobody.
func (w *Workbooks) contact(lk *look) string {
	r := w.Config.Provider.Reporter
	who := strings.Trim(line(r.Name)+", "+line(r.Email), ", ")
	if who == "" {
		return ""
	}
	return lk.askUs + " " + who
}

// part is the name of a further sheet; in a partner's workbook it says whose.
func (a *annex) part(name string) string {
	if a.inner {
		return safetext.ClipUnits(line(a.sheet), 31-3-safetext.Units(name)) + " – " + name
	}
	return name
}

// head are the title, the marks, both parties and what the annex is about.
func (a *annex) head() {
	b, w, r := a.b, a.w, a.r
	a.g.add(30, wide(styleTitle, a.title, a.wide))
	for _, m := range w.marks(b.look) {
		a.g.add(22, wide(styleMark, m, a.wide))
	}
	a.g.add(6)
	p := w.Config.Provider
	left := address(p.Name, p.Street, p.PostalCode, p.City, w.country(p.Country, r.Country, b.look))
	right := address(cmpOr(a.t.Name, a.t.ID), r.Street, r.Postal, r.City, w.country(r.Country, r.Country, b.look))
	const split = 2 // columns of the left block
	a.g.add(0, wide(styleLabel, b.labels.provider, split), wide(styleLabel, b.customer, a.wide-split))
	for i := range max(len(left), len(right)) {
		s := styleText
		if i == 0 {
			s = styleStrong
		}
		a.g.add(0, wide(s, at(left, i), split), wide(s, at(right, i), a.wide-split))
	}
	a.g.add(6)
	fact := func(label, value string) {
		if value != "" {
			a.g.add(0, text(styleLabel, label), wide(styleText, value, a.wide-1))
		}
	}
	fact(b.customerNumber, r.Number)
	fact(b.yourRef, r.Ref)
	fact(b.attention, r.Contact)
	if a.inner {
		fact(b.via, w.partner(a.t.Partner).Name)
	}
	fact(b.period, w.periodText(b.look))
	fact(b.documentNumber, w.documentNumber(a.t.ID))
	if doc := w.replacedDocument(a.t); doc != "" {
		fact(b.replaces, doc)
	}
}

// lines is the table of products; it returns the row of its heading.
func (a *annex) lines(p priceList) int {
	b := a.b
	cells := []cell{
		text(styleHead, b.product), text(styleHead, b.unit), text(styleHeadRight, b.lastMonth), text(styleHeadRight, b.added),
		text(styleHeadRight, b.removed), text(styleHeadRight, b.quantity), text(styleHeadRight, b.notCharged),
	}
	if a.w.Config.Report.ShowActive {
		cells = append(cells, text(styleHeadRight, b.active))
	}
	if p.any {
		cells = append(cells, text(styleHeadRight, b.price), text(styleHeadRight, b.amount))
	}
	head := a.g.add(30, cells...)
	for i := range a.t.Lines {
		l := &a.t.Lines[i]
		if !shown(l) {
			continue
		}
		name := a.w.productLabel(l.Product, b.language)
		cells := []cell{
			text(styleWrap, name), text(styleCell, b.unitText(l.Unit)),
			b.compared(l, l.Previous), a.w.figure(l, b.compared(l, l.Added)), a.w.figure(l, b.compared(l, l.Removed)),
			a.w.figure(l, number(styleInt, l.Quantity)), a.w.figure(l, number(styleInt, l.Excluded)),
		}
		if a.w.Config.Report.ShowActive {
			if l.Unit == statement.UnitUser {
				cells = append(cells, a.w.figure(l, number(styleInt, l.Active)))
			} else {
				cells = append(cells, text(styleNA, b.na))
			}
		}
		if p.any {
			cells = append(cells, p.cells(i, b)...)
		}
		a.g.add(rowHeight(linesOf(name, 36)), cells...)
	}
	if p.any {
		p.totals(&a.g, head, a.wide, b)
	}
	if a.w.unreadAny(a.t) {
		a.g.add(0, wide(styleNote, b.unread, a.wide))
	}
	return head
}

// exclusions is the table of own licences and exceptions.
func (a *annex) exclusions(g *grid) {
	b := a.b
	if len(a.t.Exclusions) == 0 {
		g.add(0, wide(styleText, b.ownNone, a.wide))
		return
	}
	// The columns are those of the table above: the document takes what the
	// others leave.
	rest := a.wide - 5
	g.add(30, text(styleHead, b.product), text(styleHead, b.ground), wide(styleHead, b.document, rest),
		text(styleHead, b.validUntil), text(styleHeadRight, b.allowed), text(styleHeadRight, b.used))
	for i := range a.t.Exclusions {
		x := &a.t.Exclusions[i]
		allowed := number(styleInt, x.Allowed)
		if x.Allowed < 0 {
			allowed = text(styleNA, b.unlimited)
		}
		name, ground := a.w.productLabel(x.Product, b.language), b.groundText(x.Ground)
		g.add(rowHeight(linesOf(name, 36), linesOf(ground, 25), linesOf(x.Document, 12*rest)),
			text(styleWrap, name), text(styleWrap, ground), wide(styleWrap, x.Document, rest),
			b.untilCell(x.Until), allowed, number(styleInt, x.Used))
	}
}

// compared is a figure against last month; n/a where there is none, which is
// not a zero.
func (b *book) compared(l *statement.Line, n int) cell {
	if !l.Compared {
		return text(styleNA, b.na)
	}
	return number(styleInt, n)
}

// identifier names a workbook to the program itself.
func (w *Workbooks) identifier(kind, id string) string {
	return application + "/" + kind + "/" + w.Month.String() + "/" + line(id)
}

// documentNumber is by whom and when an annex is known, with its revision.
func (w *Workbooks) documentNumber(id string) string { return w.numbered(id, w.Statement.Revision) }

func (w *Workbooks) numbered(id string, revision int) string {
	return line(id) + "-" + w.Month.String() + "-" + strconv.Itoa(revision)
}

// periodText is the period of use in words.
func (w *Workbooks) periodText(lk *look) string {
	return lk.dayText(w.Month.FirstDay()) + " " + lk.until + " " + lk.dayText(w.Month.LastDay())
}

// marks are what the customer must see before any figure.
func (w *Workbooks) marks(lk *look) []string {
	var out []string
	if w.Statement.Test {
		out = append(out, lk.test)
	}
	if !w.settled() {
		out = append(out, lk.draftLong)
	}
	if w.provisional() {
		out = append(out, lk.provisional)
	}
	return out
}

// mark is the same in short, for every page.
func (w *Workbooks) mark(test, draft, incomplete string) string {
	var out []string
	if w.Statement.Test {
		out = append(out, test)
	}
	if !w.settled() {
		out = append(out, draft)
	}
	if w.provisional() && incomplete != "" {
		out = append(out, incomplete)
	}
	return strings.Join(out, " – ")
}

// provisional says that something is missing from the month and that nobody
// answered for it. A gap that was accepted by name stands in the review, in the
// evidence and on the usage report above its attestation, and on nothing else
// that leaves the house.
func (w *Workbooks) provisional() bool {
	if w.Statement.Status == statement.Complete {
		return false
	}
	for i := range w.Statement.Coverage.Gaps {
		if w.Statement.Coverage.Gaps[i].Accepted == "" {
			return true
		}
	}
	if len(w.Statement.OpenQuestions()) > 0 {
		return true
	}
	return !w.settled() || len(w.Statement.Coverage.Gaps) == 0
}

// unread says that a line is not known, and that nobody answered for that.
func (w *Workbooks) unread(l *statement.Line) bool {
	return w.provisional() && w.Statement.Unread(l)
}

func (w *Workbooks) unreadAny(t *statement.Tenant) bool {
	for i := range t.Lines {
		if l := &t.Lines[i]; shown(l) && w.unread(l) {
			return true
		}
	}
	return false
}

// figure is a cell of a line, or a dash where the line is of an unread month.
func (w *Workbooks) figure(l *statement.Line, c cell) cell {
	if w.unread(l) {
		return text(styleNA, "–")
	}
	return c
}

func (w *Workbooks) contentStatus(lk *look) string {
	if w.settled() {
		return ""
	}
	return lk.draft
}
