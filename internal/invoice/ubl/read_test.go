package ubl_test

import (
	"os"
	"strings"
	"testing"

	"splameter/internal/invoice"
	"splameter/internal/invoice/ubl"
)

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func read(t *testing.T, text string) *invoice.Document {
	t.Helper()
	d, err := ubl.Read(strings.NewReader(text), "x.xml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// 16 RDS at 4.10 are 65.60. 30 Visio at 95.00 a hundred are 0.95 each, 28.50,
// less 2.00. With 2.50 for the administration that is 94.60.
func TestInvoice(t *testing.T) {
	d := read(t, file(t, "invoice.xml"))
	if d.Number != "R-2026-0815" || d.Date != "2026-11-12" || d.Credit || d.Total.String() != "94.6" || len(d.Lines) != 3 {
		t.Fatalf("%+v", d)
	}
	if got := strings.Join(d.Customer, "|"); got != "D-77|11111111|Duinrand Hosting B.V." {
		t.Errorf("it is to %s", got)
	}
	var got []string
	for _, l := range d.Lines {
		got = append(got, strings.Join([]string{strings.Join(l.Names(), "+"), l.Quantity.String(), l.UnitPrice.String(), l.Allowance.String(), l.Amount.String(), l.Currency, l.Place}, " "))
	}
	want := "EX-RDS+R 16 4.1 0 65.6 EUR line 1; EX-VIS 30 0.95 -2 26.5 EUR line 2;  0 0 0 2.5 EUR charges of the whole"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s", strings.Join(got, "; "))
	}
}

// A credit note takes away: all but the price has its sign turned.
func TestCreditNote(t *testing.T) {
	d := read(t, file(t, "credit.xml"))
	l := d.Lines[0]
	if !d.Credit || l.Quantity.String() != "-2" || l.Amount.String() != "-8.2" || l.UnitPrice.String() != "4.1" || d.Total.String() != "-8.2" {
		t.Errorf("%+v", d)
	}
}

func TestRefused(t *testing.T) {
	whole := file(t, "invoice.xml")
	for name, c := range map[string]struct{ from, to, words string }{
		"a line was taken out":   {`<cbc:LineExtensionAmount currencyID="EUR">65.60`, `<cbc:LineExtensionAmount currencyID="EUR">6.56`, "its lines come to 33.06, and it says itself 92.1"},
		"no number":              {">16<", ">sixteen<", `"sixteen" is no number`},
		"an exponent":            {">16<", ">1e9<", "is no number"},
		"for nothing":            {`unitCode="C62">100<`, `unitCode="C62">0<`, `its price is for "0"`},
		"neither up nor down":    {">true<", ">maybe<", "does not say whether it is a charge"},
		"another kind":           {"xsd:Invoice-2", "xsd:Order-2", "neither a UBL invoice nor a UBL credit note"},
		"cut off":                {"</Invoice>", "", "cannot be read as XML"},
		"no lines":               {"InvoiceLine", "OtherLine", "it has no line"},
		"two documents":          {"</Invoice>", "</Invoice><Invoice/>", "more than one document"},
		"a line without amount":  {`<cbc:LineExtensionAmount currencyID="EUR">26.50</cbc:LineExtensionAmount>`, "", "it has no amount"},
		"an entity from outside": {"<cbc:ProfileID>", "<cbc:ProfileID>&x;", "cannot be read as XML"},
	} {
		text := strings.Replace(whole, c.from, c.to, 1)
		if name == "no lines" {
			text = strings.ReplaceAll(whole, c.from, c.to)
		}
		if _, err := ubl.Read(strings.NewReader(text), "x.xml"); err == nil || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "x.xml: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f, "invoice.xml"))
	f.Add(file(f, "credit.xml"))
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ubl.Read(strings.NewReader(text), "x.xml")
		if err != nil {
			return
		}
		sum := d.Lines[0].Amount.Decimal
		for _, l := range d.Lines[1:] {
			sum = sum.Add(l.Amount.Decimal)
		}
		if !sum.Equal(d.Total.Decimal) {
			t.Errorf("lines come to %s, the total is %s", sum, d.Total)
		}
	})
}
