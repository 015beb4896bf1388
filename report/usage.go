package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/statement"
)

// UsageReport writes the report to the reseller: one row a part number with
// its quantity, and nothing else of the month. It leaves the house, so it
// names no customer, person or finding; purchase prices stand in it only where
// the config asks for them.
func (w *Workbooks) UsageReport(ctx context.Context, out io.Writer) error {
	a := w.Config.AllAgreements()[0]
	if w.several() {
		a = config.Agreement{Agreement: w.numbers(func(a *config.Agreement) string { return a.Agreement }), Enrollment: w.numbers(func(a *config.Agreement) string { return a.Enrollment })}
	}
	return w.usageReport(ctx, out, "usage", a, func(st *statement.Statement) []statement.Line { return st.Lines })
}

// usageReport writes the lines of an agreement, or of all of them where it has
// no id.
func (w *Workbooks) usageReport(ctx context.Context, out io.Writer, kind string, a config.Agreement, of func(*statement.Statement) []statement.Line) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lk := w.looks["en"]
	p := w.Config.Provider
	b, err := lk.newBook(properties{
		title: lk.usageTitle + " " + w.Month.String(), status: w.contentStatus(lk), day: w.Month.LastDay(),
		identifier: w.identifier(kind, ""), anchor: w.Anchor,
	}, p.Name)
	if err != nil {
		return err
	}
	u := usage{w: w, b: b, lines: of(w.Statement), of: of, agreement: a, both: p.Language == "nl", nl: w.looks["nl"].labels}
	b.mark = w.mark(lk.test, draftUsage, lk.incomplete)
	if err := u.write(); err != nil {
		b.drop()
		return fmt.Errorf("make the usage report: %w", err)
	}
	return b.write(out)
}

// draftUsage is what keeps an unapproved report from being sent.
const draftUsage = "DRAFT – DO NOT SUBMIT"

type usage struct {
	joined    map[*statement.Line][]string // rows of several products: the others
	lines     []statement.Line
	of        func(*statement.Statement) []statement.Line // the lines of any revision
	agreement config.Agreement
	w         *Workbooks
	b         *book
	both      bool // labels in Dutch beside the English ones
	nl        *labels
	g         grid
}

// label is a word in English, with the Dutch one beside it where wanted.
func (u *usage) label(pick func(*labels) string) string {
	en := pick(u.b.labels)
	if nl := pick(u.nl); u.both && nl != en {
		return en + " / " + nl
	}
	return en
}

func (u *usage) write() error {
	st, p := u.w.Statement, u.w.Config.Provider
	lines := u.byPartNumber()
	alias := false
	for _, l := range lines {
		alias = alias || u.alias(l) != ""
	}
	priced := u.w.Config.Report.Prices
	widths := []float64{38}
	if alias {
		widths = append(widths, 20)
	}
	widths = append(widths, 46, 24, 18, 36)
	if priced {
		widths = append(widths, 14, 10, 16)
	}
	columns := len(widths)

	u.g.add(30, wide(styleTitle, u.label(func(l *labels) string { return l.usageTitle }), columns))
	if st.Test {
		u.g.add(22, wide(styleMark, u.b.test, columns))
	}
	if !u.w.settled() {
		u.g.add(22, wide(styleMark, draftUsage, columns))
	}
	if u.w.provisional() {
		u.g.add(22, wide(styleMark, u.label(func(l *labels) string { return l.reportIncomplete }), columns))
	}
	if u.agreement.ID == "" {
		u.g.add(22, wide(styleMark, u.label(func(l *labels) string { return l.sumOfAgreements }), columns))
	}
	u.g.add(6)
	fact := func(pick func(*labels) string, value cell) {
		value.span = columns - 1
		u.g.add(16, text(styleLabel, u.label(pick)), value)
	}
	fact(func(l *labels) string { return l.serviceProvider }, text(styleStrong, p.Name))
	fact(func(l *labels) string { return l.agreement }, text(styleStrong, u.agreement.Agreement))
	fact(func(l *labels) string { return l.enrollment }, text(styleStrong, u.agreement.Enrollment))
	if r := u.agreement.Reseller; r != (config.Reseller{}) {
		fact(func(l *labels) string { return l.reportedTo }, text(styleText, reporter(r.Name, r.Email)))
	}
	fact(func(l *labels) string { return l.usageMonth }, text(styleStrong, u.w.Month.String()+"  ("+u.b.monthName(u.w.Month)+")"))
	fact(func(l *labels) string { return l.revision }, number(styleLink, st.Revision))
	fact(func(l *labels) string { return l.reportedBy }, text(styleText, reporter(p.Reporter.Name, p.Reporter.Email)))
	fact(func(l *labels) string { return l.closingDate }, day(styleDayLeft, u.w.Month.LastDay()+1))
	fact(func(l *labels) string { return l.zeroUse }, text(styleStrong, u.zero(lines)))
	if u.w.Anchor != "" {
		fact(func(l *labels) string { return l.evidence }, text(styleText, u.w.Anchor))
	}
	u.g.add(8)

	head := []cell{text(styleHead, u.label(func(l *labels) string { return l.partNumber }))}
	if alias {
		head = append(head, text(styleHead, u.label(func(l *labels) string { return l.article })))
	}
	head = append(head,
		text(styleHead, u.label(func(l *labels) string { return l.product })), text(styleHead, u.label(func(l *labels) string { return l.unit })),
		text(styleHeadRight, u.label(func(l *labels) string { return l.quantity })), text(styleHead, u.label(func(l *labels) string { return l.remarks })))
	if priced {
		head = append(head, text(styleHeadRight, u.label(func(l *labels) string { return l.unitPrice })),
			text(styleHead, u.label(func(l *labels) string { return l.currency })), text(styleHeadRight, u.label(func(l *labels) string { return l.amount })))
	}
	headRow := u.g.add(32, head...)
	for _, l := range lines {
		u.line(l, alias, priced)
	}
	if len(lines) == 0 {
		s := u.label(func(l *labels) string { return l.zeroRow })
		if u.w.provisional() {
			s = u.label(func(l *labels) string { return l.zeroUnknown })
		}
		u.g.add(0, wide(styleWrap, s, columns))
	} else if priced {
		u.totals(lines, headRow, columns)
	}
	u.openGaps(columns)
	sign := u.attestation(columns)
	onePage := len(u.g.rows)+len(sign.rows) <= reportPage
	if onePage {
		u.g.append(&sign)
	}
	if err := u.g.put(u.b, "Report", layout{widths: widths, landscape: true, freeze: 1, repeat: headRow, onePage: onePage, reference: u.reference()}, nil); err != nil {
		return err
	}
	if !onePage {
		if err := u.attestationSheet(&sign, widths); err != nil {
			return err
		}
	}
	return u.amendment()
}

// reportPage is how many rows of a report go on one page.
const reportPage = 34

// reference is what stands beneath each page.
func (u *usage) reference() string {
	return u.w.Month.String() + "  " + u.b.revision + " " + strconv.Itoa(u.w.Statement.Revision)
}

// zero says whether the month was without use. A month that was not wholly
// read is not zero.
func (u *usage) zero(lines []*statement.Line) string {
	switch {
	case slices.ContainsFunc(lines, func(l *statement.Line) bool { return l.Quantity > 0 }):
		return u.label(func(l *labels) string { return l.no })
	case u.w.provisional():
		return u.label(func(l *labels) string { return l.zeroUnknown })
	}
	return u.label(func(l *labels) string { return l.yes })
}

func (u *usage) alias(l *statement.Line) string {
	if p := u.w.products[l.Product]; p != nil {
		return p.Alias
	}
	return ""
}

func (u *usage) line(l *statement.Line, alias, priced bool) {
	b := u.b
	part, remark := text(styleCell, l.PartNumber), ""
	if l.Unit == statement.UnitCore {
		remark = u.label(func(l *labels) string { return l.packRemark })
	}
	if u.w.unread(l) {
		remark = u.label(func(l *labels) string { return l.unread })
	}
	note := text(styleWrap, remark)
	if l.PartNumber == "" {
		part = text(styleWarn, u.label(func(l *labels) string { return l.fillIn }))
		note = text(styleWarn, u.label(func(l *labels) string { return l.fillInRemark }))
	}
	cells := []cell{part}
	if alias {
		cells = append(cells, text(styleCell, u.alias(l)))
	}
	unit := b.unitText(l.Unit)
	if nl := u.nl.unitText(l.Unit); u.both && nl != unit {
		unit += " / " + nl
	}
	cells = append(cells, text(styleWrap, u.rowLabel(l)), text(styleWrap, unit), u.w.figure(l, number(styleInt, l.Quantity)), note)
	if priced {
		m := b.look.money[l.Currency]
		cells = append(cells, b.decimal(m.price, l.UnitPrice), text(styleCell, l.Currency), b.decimal(m.amount, l.Amount))
	}
	u.g.add(rowHeight(linesOf(unit, 24), linesOf(note.text, 36), linesOf(part.text, 36), linesOf(u.rowLabel(l), 46)), cells...)
}

// totals is the sum of the amounts, where all are known and in one currency.
func (u *usage) totals(lines []*statement.Line, head, columns int) {
	sum := decimal.Zero
	for _, l := range lines {
		d, err := decimal.NewFromString(l.Amount)
		if err != nil || l.Currency != lines[0].Currency {
			return
		}
		sum = sum.Add(d)
	}
	letter := string(rune('A' + columns - 1))
	total := money(u.b.look.money[lines[0].Currency].total, sum).summed(fmt.Sprintf("SUM(%s%d:%s%d)", letter, head+1, letter, len(u.g.rows)))
	u.g.add(0, wide(styleBold, u.label(func(l *labels) string { return l.usageTotal }), columns-1), total)
}

// mostGaps is how many gaps of each kind the report lists.
const mostGaps = 12

// openGaps lists what was not read and nobody accepted: a draft that is passed
// on before its time must say what is missing from it.
func (u *usage) openGaps(columns int) {
	u.gaps(&u.g, columns, func(l *labels) string { return l.openGaps }, func(g *statement.Gap) bool { return g.Accepted == "" })
}

// gaps lists some of the month's gaps, and says whether there are any. It names
// sources, hosts and days, and no customer.
func (u *usage) gaps(g *grid, columns int, title func(*labels) string, which func(*statement.Gap) bool) bool {
	var lines []string
	for i := range u.w.Statement.Coverage.Gaps {
		if x := &u.w.Statement.Coverage.Gaps[i]; which(x) {
			lines = append(lines, u.gapName(x))
		}
	}
	if len(lines) == 0 {
		return false
	}
	g.add(14)
	g.add(20, wide(styleMark, u.label(title), columns))
	for i, s := range lines {
		if i == mostGaps {
			s = u.label(func(l *labels) string { return l.moreGaps }) + " " + strconv.Itoa(len(lines))
		}
		g.add(16, wide(styleText, s, columns))
		if i == mostGaps {
			break
		}
	}
	return true
}

// gapName is what a gap is called on what leaves the house: where its name has
// a customer's in it, a number by which the provider finds it.
func (u *usage) gapName(g *statement.Gap) string {
	name := string(g.Kind) + ": " + g.Source
	if g.Host != "" {
		name += ", " + g.Host
	}
	if g.From != "" {
		name += ", " + g.From
	}
	if g.Until != "" && g.Until != g.From {
		name += " – " + g.Until
	}
	low := strings.ToLower(name)
	for i := range u.w.Register.Tenants {
		t := &u.w.Register.Tenants[i]
		if t.Name != "" && strings.Contains(low, strings.ToLower(t.Name)) || slices.Contains(strings.FieldsFunc(low, notWord), strings.ToLower(t.ID)) {
			return string(g.Kind) + ": " + u.label(func(l *labels) string { return l.unnamedGap }) + " " + digest.Of(g.Key())[:12]
		}
	}
	return name
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// reporter is who reports, with where to reach them.
func reporter(name, email string) string {
	switch {
	case name == "":
		return email
	case email == "":
		return name
	}
	return name + " <" + email + ">"
}

// decimal is a figure of the statement as money; one that is not known is no
// zero, and one that is no figure stays as it is.
func (b *book) decimal(id int, s string) cell {
	if s == "" {
		return text(styleNA, "–")
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return text(styleCell, s)
	}
	return money(id, d)
}
