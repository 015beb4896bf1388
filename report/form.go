package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/internal/workbook"
)

// formLine is one part number of the reseller's form.
type formLine struct {
	part, article, product, unit string
	quantity                     int
	price, currency, amount      string // empty: not known
}

// value is what the form shows under a name of config.FormValues.
func (l *formLine) value(name string) any {
	switch name {
	case "part_number":
		return l.part
	case "article":
		return l.article
	case "product":
		return l.product
	case "unit":
		return l.unit
	case "quantity":
		return l.quantity
	case "currency":
		return l.currency
	case "unit_price":
		return amountOf(l.price)
	case "amount":
		return amountOf(l.amount)
	}
	return ""
}

// amountOf is a decimal, or nothing where it is not known.
func amountOf(s string) any {
	if d, err := decimal.NewFromString(s); err == nil {
		return d
	}
	return ""
}

// form is the month as one agreement's reseller wants it.
type form struct {
	*Workbooks
	agreement config.Agreement
	lines     []statement.Line
}

// forms are one an agreement, the provider's own first.
func (w *Workbooks) forms() []form {
	all := w.Config.AllAgreements()
	if len(all) == 1 {
		return []form{{w, all[0], w.Statement.Lines}}
	}
	var out []form
	for _, a := range all {
		out = append(out, form{w, a, w.agreementLines(w.Statement, a.ID)})
	}
	return out
}

// formLines are the form's quantities by part number, in the order of the
// rules. A quantity without a part number would be lost in the form.
func (w *form) formLines() ([]formLine, error) {
	var out []formLine
	var missing []string
	at := map[string]int{}
	lk := w.looks["en"]
	for i := range w.lines {
		l := &w.lines[i]
		if l.Quantity <= 0 {
			continue
		}
		if l.PartNumber == "" {
			missing = append(missing, fmt.Sprintf("%s (%d)", l.Product, l.Quantity))
			continue
		}
		n, ok := at[foldPart(l.PartNumber)]
		if !ok {
			n = len(out)
			at[foldPart(l.PartNumber)] = n
			out = append(out, formLine{part: l.PartNumber, article: l.PartNumber, product: w.productLabel(l.Product, "en"), unit: lk.unitText(l.Unit),
				price: l.UnitPrice, currency: l.Currency, amount: l.Amount})
			if p := w.products[l.Product]; p != nil && p.Alias != "" {
				out[n].article = p.Alias
			}
			out[n].quantity = l.Quantity
			continue
		}
		f := &out[n]
		f.quantity += l.Quantity
		f.amount = sum(f.amount, l.Amount, f.currency == l.Currency)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the reseller's form goes by part numbers, and these products have none: %s; write part_number: in the rules", strings.Join(missing, ", "))
	}
	return out, nil
}

func sum(a, b string, same bool) string {
	x, err := decimal.NewFromString(a)
	y, err2 := decimal.NewFromString(b)
	if err != nil || err2 != nil || !same {
		return ""
	}
	return x.Add(y).StringFixed(2)
}

// foldPart is a part number as two people write it alike.
func foldPart(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// formMark is what a form says that may not be handed in as it is.
func (w *Workbooks) formMark() string { return w.mark("TEST", draftUsage, "INCOMPLETE") }

// formFact is what the form shows under a name of config.FormFacts.
func (w *form) formFact(name string) any {
	p := w.Config.Provider
	switch name {
	case "provider":
		return p.Name
	case "agreement":
		return w.agreement.Agreement
	case "enrollment":
		return w.agreement.Enrollment
	case "country":
		return p.Country
	case "reporter":
		return p.Reporter.Name
	case "reporter_email":
		return p.Reporter.Email
	case "month":
		return w.Month.String()
	case "year":
		return w.Month.Year()
	case "month_number":
		return int(w.Month.Month())
	case "first_day":
		return w.Month.FirstDay()
	case "last_day":
		return w.Month.LastDay()
	case "closing_date":
		return w.Month.LastDay() + 1
	case "revision":
		return w.Statement.Revision
	case "zero_use":
		return w.zeroUse()
	case "mark":
		return w.formMark()
	}
	return ""
}

// zeroUse says whether the month was without use; what was not wholly read is
// not zero.
func (w *form) zeroUse() string {
	lk := w.looks["en"]
	switch {
	case slices.ContainsFunc(w.lines, func(l statement.Line) bool { return l.Quantity > 0 }):
		return lk.no
	case w.provisional():
		return lk.zeroUnknown
	}
	return lk.yes
}

// csv writes the month as the reseller's portal takes it. It names no
// customer and no user. One that may not be handed in begins with a line that
// says so, which no portal takes for a part number.
func (w *form) csv(ctx context.Context, out io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &w.agreement.Columns.CSV
	lines, err := w.formLines()
	if err != nil {
		return err
	}
	return writeCSV(out, c, w.formMark(), len(lines), func(i int, name string) any {
		if slices.Contains(config.FormFacts(), name) {
			return w.formFact(name)
		}
		return lines[i].value(name)
	})
}

// writeCSV writes a CSV of a provider's own columns, beneath a mark where there
// is one.
func writeCSV(out io.Writer, c *config.FormCSV, mark string, n int, value func(i int, name string) any) error {
	if c.BOM {
		if _, err := io.WriteString(out, "\uFEFF"); err != nil {
			return err
		}
	}
	to := csv.NewWriter(out)
	to.UseCRLF = true
	to.Comma = []rune(c.Delimiter)[0]
	if mark != "" {
		if err := to.Write([]string{mark}); err != nil {
			return err
		}
	}
	var head []string
	for _, x := range c.Columns {
		head = append(head, x.Heading)
	}
	if strings.Join(head, "") != "" {
		if err := to.Write(head); err != nil {
			return err
		}
	}
	for i := range n {
		var row []string
		for _, x := range c.Columns {
			row = append(row, csvValue(value(i, x.Value), c.Decimal))
		}
		if err := to.Write(row); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

func csvValue(v any, point string) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case decimal.Decimal:
		return strings.Replace(v.String(), ".", point, 1)
	case month.Day:
		return v.String()
	case string:
		return safetext.Cell(v)
	}
	return ""
}

func openTemplate(b []byte) (*excelize.File, error) {
	most := workbook.Form()
	if err := workbook.Check(b, most); err != nil {
		return nil, err
	}
	return excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: most.Bytes, UnzipXMLSizeLimit: most.Bytes})
}

// CheckForm finds what is wrong with the reseller's form before a month is
// made: that it is a workbook, and has the sheet that the config names.
func CheckForm(sheet string, template []byte) error {
	f, err := openTemplate(template)
	if err != nil {
		return fmt.Errorf("the reseller's form cannot be opened as a workbook (%w); save it as .xlsx, without a password", err)
	}
	defer f.Close()
	_, err = formSheet(f, sheet)
	return err
}

func formSheet(f *excelize.File, name string) (string, error) {
	list := f.GetSheetList()
	if name == "" && len(list) > 0 {
		return list[0], nil
	}
	for _, s := range list {
		if strings.EqualFold(s, name) {
			return s, nil
		}
	}
	return "", fmt.Errorf("the reseller's form has no sheet %q; write one of %s", name, strings.Join(list, ", "))
}
