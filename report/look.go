package report

import (
	"fmt"
	"sort"
	"sync"

	"github.com/xuri/excelize/v2"
)

// style is a cell's looks, by what the cell is for.
type style uint8

// The styles. Those with a rule beneath stand in tables.
const (
	styleNone style = iota
	styleTitle
	styleSection // heading over a table
	styleLabel
	styleText
	styleStrong
	styleLink    // left-aligned number or date beside a label
	styleDayLeft // a day beside a label
	styleMark    // draft, test, incomplete: must be seen
	styleNote    // small print
	styleHead
	styleHeadRight
	styleCell
	styleWrap
	styleID // fixed-width digests
	styleInt
	styleSigned // a change, with its sign
	styleBoldSigned
	styleNA // no value: not a zero
	styleDay
	styleWarn // a cell that wants work
	styleBold
	styleBoldInt
	styleBoldNA
	styleSign    // a line to write on
	styleWarnInt // a number that wants work
	styleCount
)

// palette, chosen for a contrast of at least 7:1.
const (
	inkDark   = "1F3864"
	inkGrey   = "4D4D4D"
	inkRed    = "8A0000"
	fillRed   = "FDE3E1"
	fillTotal = "E9EEF6"
	rule      = "BFC7D5"
	fontName  = "Calibri"
)

// moneyStyles are the looks of money in one currency.
type moneyStyles struct{ price, amount, signed, total, signedTotal int }

// look is everything about appearance that depends on the language only: made
// once, then shared by all workbooks in that language, which only read it.
type look struct {
	*labels
	fixed map[string]*part // the parts that every workbook has alike: styles and theme
	ids   [styleCount]int
	money map[string]moneyStyles
	pool  sync.Pool // of compressors: each is larger than an annex
}

const (
	stylesPart = "xl/styles.xml"
	themePart  = "xl/theme/theme1.xml"
)

// newLook makes the look for a language; currencies are all that occur.
func newLook(language string, currencies []string) (*look, error) {
	lk := &look{labels: labelsFor(language), money: map[string]moneyStyles{}}
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetDefaultFont(fontName); err != nil {
		return nil, err
	}
	for s := styleTitle; s < styleCount; s++ {
		id, err := f.NewStyle(lk.define(s))
		if err != nil {
			return nil, err
		}
		lk.ids[s] = id
	}
	for _, c := range currencies {
		if _, ok := lk.money[c]; ok {
			continue
		}
		var m moneyStyles
		for _, x := range []struct {
			id     *int
			format string
			ink    string
			bold   bool
		}{
			{&m.price, lk.moneyFormat(c, "#,##0.00##"), "000002", false},
			{&m.amount, lk.moneyFormat(c, "#,##0.00"), "000003", false},
			{&m.signed, lk.signedMoney(c), "000004", false},
			{&m.total, lk.moneyFormat(c, "#,##0.00"), "000005", true},
			{&m.signedTotal, lk.signedMoney(c), "000006", true},
		} {
			st := tableStyle("right", x.format)
			if x.bold {
				totalStyle(st)
			}
			st.Font.Color = x.ink
			id, err := f.NewStyle(st)
			if err != nil {
				return nil, err
			}
			*x.id = id
		}
		lk.money[c] = m
	}
	if _, err := f.WriteToBuffer(); err != nil { // makes the part
		return nil, err
	}
	lk.fixed = map[string]*part{}
	for _, name := range []string{stylesPart, themePart} {
		data, _ := f.Pkg.Load(name)
		b, ok := data.([]byte)
		if !ok {
			return nil, fmt.Errorf("prepare the looks of the workbooks: part %s was not made", name)
		}
		p, err := compressed(name, b)
		if err != nil {
			return nil, err
		}
		lk.fixed[name] = p
	}
	return lk, nil
}

// moneyFormat is a number format with the currency and the language's own
// separators. € and the like stand before the number in Dutch and in English.
func (lk *look) moneyFormat(currency, digits string) string {
	f := lk.moneyPrefix(currency) + digits
	return lk.digits(f) + ";" + lk.digits("-"+f)
}

func (lk *look) signedMoney(currency string) string {
	f := lk.moneyPrefix(currency) + "#,##0.00"
	return lk.digits("+"+f) + ";" + lk.digits("-"+f) + ";" + lk.digits(f)
}

// digits is a number format with the separators of the language, for programs
// that have them otherwise.
func (lk *look) digits(format string) string { return "[$-" + lk.locale + "]" + format }

func (lk *look) moneyPrefix(currency string) string {
	symbol := currency + "\u00a0"
	switch currency {
	case "EUR":
		symbol = "€"
	case "USD":
		symbol = "$"
	case "GBP":
		symbol = "£"
	}
	gap := " "
	if lk.language == "en" && symbol != currency+"\u00a0" {
		gap = ""
	}
	return "[$" + symbol + "-" + lk.locale + "]" + gap
}

func font(size float64, color string, bold bool) *excelize.Font {
	return &excelize.Font{Family: fontName, Size: size, Color: color, Bold: bold}
}

// tableStyle is a cell of a table. Styles that may stand beside each other and
// align to the right get inks of their own, black all of them to the eye:
// between cells that differ in nothing but their number format LibreOffice
// forgets the indent of the second, and its figures leave the column.
func tableStyle(horizontal, format string) *excelize.Style {
	s := &excelize.Style{
		Font:      font(10, "000000", false),
		Alignment: &excelize.Alignment{Horizontal: horizontal, Vertical: "center"},
		Border:    []excelize.Border{{Type: "bottom", Color: rule, Style: 1}},
	}
	s.Alignment.Indent = 1 // the room between this column, the one beside it and the edge of the page
	if format != "" {
		s.CustomNumFmt = &format
	}
	return s
}

func totalStyle(s *excelize.Style) {
	s.Font = font(10, "000000", true)
	s.Fill = solid(fillTotal)
	s.Border = []excelize.Border{{Type: "top", Color: inkDark, Style: 1}, {Type: "bottom", Color: inkDark, Style: 1}}
}

func solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func (lk *look) define(s style) *excelize.Style {
	left := &excelize.Alignment{Horizontal: "left", Vertical: "top"}
	wrap := &excelize.Alignment{Horizontal: "left", Vertical: "top", WrapText: true}
	integer := lk.digits("#,##0")
	signed := lk.digits("+#,##0") + ";" + lk.digits("-#,##0") + ";0"
	switch s {
	case styleTitle:
		return &excelize.Style{Font: font(18, inkDark, true), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center"}}
	case styleSection:
		return &excelize.Style{Font: font(12, inkDark, true), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center"}}
	case styleLabel:
		return &excelize.Style{Font: font(10, inkGrey, false), Alignment: left}
	case styleText:
		return &excelize.Style{Font: font(10, "000000", false), Alignment: wrap}
	case styleStrong:
		return &excelize.Style{Font: font(10, "000000", true), Alignment: wrap}
	case styleLink:
		return &excelize.Style{Font: font(10, "000000", false), Alignment: left, CustomNumFmt: &integer}
	case styleDayLeft:
		return &excelize.Style{Font: font(10, "000000", false), Alignment: left, CustomNumFmt: &lk.dayFormat}
	case styleMark:
		return &excelize.Style{Font: font(12, inkRed, true), Fill: solid(fillRed), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true, Indent: 1}}
	case styleNote:
		return &excelize.Style{Font: font(9, inkGrey, false), Alignment: wrap}
	case styleHead, styleHeadRight:
		a := &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true, Indent: 1}
		if s == styleHeadRight {
			a.Horizontal = "right"
		}
		return &excelize.Style{Font: font(10, "FFFFFF", true), Fill: solid(inkDark), Alignment: a}
	case styleWrap:
		t := tableStyle("left", "")
		t.Alignment.WrapText = true
		return t
	case styleID:
		t := tableStyle("left", "")
		t.Font = &excelize.Font{Family: "Consolas", Size: 9, Color: "000000"}
		return t
	case styleInt:
		return tableStyle("right", integer)
	case styleSigned:
		t := tableStyle("right", signed)
		t.Font.Color = "000001"
		return t
	case styleBoldSigned:
		t := tableStyle("right", signed)
		totalStyle(t)
		t.Font.Color = "000001"
		return t
	case styleNA:
		t := tableStyle("right", "")
		t.Font = font(10, inkGrey, false)
		return t
	case styleDay:
		return tableStyle("left", lk.dayFormat)
	case styleWarn:
		t := tableStyle("left", "")
		t.Font, t.Fill = font(10, inkRed, true), solid(fillRed)
		t.Alignment.WrapText = true
		return t
	case styleWarnInt:
		t := tableStyle("right", integer)
		t.Font, t.Fill = font(10, inkRed, true), solid(fillRed)
		return t
	case styleBold:
		t := tableStyle("left", "")
		totalStyle(t)
		return t
	case styleBoldInt:
		t := tableStyle("right", integer)
		totalStyle(t)
		return t
	case styleBoldNA:
		t := tableStyle("right", "")
		totalStyle(t)
		t.Font.Color = "000003"
		return t
	case styleSign:
		return &excelize.Style{Font: font(10, inkGrey, false), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "bottom"}, Border: []excelize.Border{{Type: "bottom", Color: "000000", Style: 1}}}
	}
	return tableStyle("left", "") // styleCell
}

// currencies are those that the month's figures are in, sorted.
func currencies(in Input) []string {
	seen := map[string]bool{in.Config.Provider.Currency: true}
	for _, l := range in.Statement.Lines {
		seen[l.Currency] = true
	}
	for _, t := range in.Statement.Tenants {
		for _, l := range t.Lines {
			seen[l.Currency] = true
		}
	}
	for _, a := range in.Statement.Advice {
		seen[a.Money] = true
	}
	for _, p := range in.Sales {
		seen[p.Currency] = true
	}
	delete(seen, "")
	out := make([]string, 0, len(seen))
	for c := range seen {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}
