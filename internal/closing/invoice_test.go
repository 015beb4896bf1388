package closing_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/closing"
	"splameter/internal/statement"
)

// A month of 16 RDS at 4.10, together 65.60, and 3 Visio at 9.50 in two lines
// of one part number, together 28.50; something without a price, and a part
// number with nothing to report.
func billedMonth() *statement.Statement {
	return &statement.Statement{Lines: []statement.Line{
		{Product: "rds", PartNumber: "R", Quantity: 16, UnitPrice: "4.10", Currency: "EUR", Amount: "65.60"},
		{Product: "visio", PartNumber: "V", Quantity: 2, UnitPrice: "9.50", Currency: "EUR", Amount: "19.00"},
		{Product: "visio-old", PartNumber: "V", Quantity: 1, UnitPrice: "9.50", Currency: "EUR", Amount: "9.50"},
		{Product: "new", PartNumber: "N", Quantity: 1},
		{Product: "zero", PartNumber: "Z", Quantity: 0, UnitPrice: "1.00", Currency: "EUR", Amount: "0.00"},
	}}
}

func differs(part, products string, what statement.InvoiceField, was, is string) statement.InvoiceDifference {
	return statement.InvoiceDifference{PartNumber: part, Products: products, What: what, Submitted: was, Invoiced: is}
}

func TestCompareInvoice(t *testing.T) {
	type q = statement.PartQuantity
	type d = statement.InvoiceDifference
	right := func(change func([]q) []q) []q {
		return change([]q{{PartNumber: "R", Quantity: 16, UnitPrice: "4.1", Amount: "65.60"}, {PartNumber: "V", Quantity: 3, Amount: "28.50"}, {PartNumber: "N", Quantity: 1, Amount: "5.00"}})
	}
	for name, c := range map[string]struct {
		billed   []q
		want     []d
		unpriced []string
	}{
		"as submitted": {right(func(x []q) []q { return x }), nil, []string{"N"}},
		"no amounts":   {[]q{{PartNumber: "R", Quantity: 16}, {PartNumber: "V", Quantity: 3}, {PartNumber: "N", Quantity: 1}}, nil, []string{"N", "R", "V"}},
		"a cent":       {right(func(x []q) []q { x[0].Amount = "65.61"; return x }), nil, []string{"N"}},
		"twenty-five times the amount": {right(func(x []q) []q { x[0].Amount, x[0].UnitPrice = "1640.00", ""; return x[:2] }),
			[]d{differs("R", "rds", statement.InvoiceAmount, "65.60", "1640.00"), differs("N", "new", statement.InvoiceQuantity, "1", "0")}, nil},
		"another price, multiplied right": {right(func(x []q) []q { x[0].Amount, x[0].UnitPrice = "67.20", "4.20"; return x }),
			[]d{differs("R", "rds", statement.InvoiceUnitPrice, "4.10", "4.20"), differs("R", "rds", statement.InvoiceAmount, "65.60", "67.20")}, []string{"N"}},
		"multiplied wrong": {right(func(x []q) []q { x[0].Amount = "66.60"; return x }),
			[]d{differs("R", "rds", statement.InvoiceProduct, "65.60", "66.60"), differs("R", "rds", statement.InvoiceAmount, "65.60", "66.60")}, []string{"N"}},
		"dollars": {right(func(x []q) []q { x[0].Currency = "USD"; return x }), []d{differs("R", "rds", statement.InvoiceCurrency, "EUR", "USD")}, []string{"N"}},
		"made up": {right(func(x []q) []q { return append(x, q{PartNumber: "X", Quantity: 2, Amount: "7.00"}) }),
			[]d{differs("X", "", statement.InvoiceQuantity, "0", "2"), differs("X", "", statement.InvoiceAmount, "0.00", "7.00")}, []string{"N"}},
		"a fee on what is zero": {right(func(x []q) []q { return append(x, q{PartNumber: "Z", Quantity: 0, Amount: "7.00"}) }),
			[]d{differs("Z", "zero", statement.InvoiceAmount, "0.00", "7.00")}, []string{"N"}},
	} {
		got := closing.CompareInvoice(billedMonth(), c.billed)
		if diff := cmp.Diff(c.want, got.Differences); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.unpriced, got.Unpriced); diff != "" {
			t.Errorf("%s: without amounts: %s", name, diff)
		}
	}

	// Where every amount is known, the total is held too: a cent on every line
	// is rounding, and all cents beyond are not.
	st := billedMonth()
	st.Lines = st.Lines[:3]
	got := closing.CompareInvoice(st, []q{{PartNumber: "R", Quantity: 16, Amount: "75.60"}, {PartNumber: "V", Quantity: 3, Amount: "28.50"}})
	if diff := cmp.Diff([]d{differs("R", "rds", statement.InvoiceAmount, "65.60", "75.60"), differs("", "", statement.InvoiceAmount, "94.10", "104.10")}, got.Differences); diff != "" {
		t.Error(diff)
	}
}

// Two lines of one part number are one quantity, each with its price; a
// discount belongs to the amount of its line; a credit takes away.
func TestCompareInvoiceLines(t *testing.T) {
	type q = statement.PartQuantity
	type d = statement.InvoiceDifference
	st := billedMonth()
	st.Lines = st.Lines[:3] // R: 16 at 4.10 are 65.60; V: 3 at 9.50 are 28.50
	v := q{PartNumber: "V", Quantity: 3, Amount: "28.50"}
	for name, c := range map[string]struct {
		billed []q
		want   []d
	}{
		"two lines":                    {[]q{{PartNumber: "R", Quantity: 10, UnitPrice: "4.10", Amount: "41.00"}, {PartNumber: "R", Quantity: 6, UnitPrice: "4.1", Amount: "24.60"}, v}, nil},
		"too much, and credited":       {[]q{{PartNumber: "R", Quantity: 18, UnitPrice: "4.10", Amount: "73.80"}, {PartNumber: "R", Quantity: -2, UnitPrice: "4.10", Amount: "-8.20"}, v}, nil},
		"one of two at another price":  {[]q{{PartNumber: "R", Quantity: 10, UnitPrice: "4.10", Amount: "41.00"}, {PartNumber: "R", Quantity: 6, UnitPrice: "5.10", Amount: "30.60"}, v}, []d{differs("R", "rds", statement.InvoiceUnitPrice, "4.10", "5.10"), differs("R", "rds", statement.InvoiceAmount, "65.60", "71.60"), differs("", "", statement.InvoiceAmount, "94.10", "100.10")}},
		"a discount, multiplied right": {[]q{{PartNumber: "R", Quantity: 16, UnitPrice: "4.10", Amount: "60.60", Allowance: "-5.00"}, v}, []d{differs("R", "rds", statement.InvoiceAmount, "65.60", "60.60"), differs("", "", statement.InvoiceAmount, "94.10", "89.10")}},
	} {
		if diff := cmp.Diff(c.want, closing.CompareInvoice(st, c.billed).Differences); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The same correction asked for twice, as after a crash, is made once; with a
// request of its own it is made again. A request is one act's.
func TestRepeats(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-10")
	c := statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 2, Code: "other", Reason: "x", By: "C. de Vries"}
	h.must(h.Close(ctx, m))
	h.must(h.Correct(ctx, m, c))
	var repeated *closing.Repeated
	if _, err := h.Correct(ctx, m, c); !errors.As(err, &repeated) || repeated.Act.Seq != 2 {
		t.Errorf("the same correction: %v", err)
	}
	if s, err := h.Status(ctx, m); err != nil || quantity(s.Result, "rds") != 22 {
		t.Errorf("it was doubled: %v", err)
	}
	h.Request = "ticket 7"
	if r := h.must(h.Correct(ctx, m, c)); quantity(r.Statement, "rds") != 24 {
		t.Errorf("with a request of its own: %d", quantity(r.Statement, "rds"))
	}
	if _, err := h.Correct(ctx, m, c); !errors.As(err, &repeated) {
		t.Errorf("the same request: %v", err)
	}
	other := c
	other.Quantity = 3
	if _, err := h.Correct(ctx, m, other); !errors.As(err, &repeated) {
		t.Errorf("the same request with another text: %v", err)
	}
	h.Request = "ticket 8"
	h.must(h.Approve(ctx, m, vries("")))
	if _, err := h.Approve(ctx, m, vries("")); !errors.As(err, &repeated) {
		t.Errorf("approved twice by one request: %v", err)
	}
	h.Request = "ticket 9"
	if _, err := h.Approve(ctx, m, vries("")); err == nil || errors.As(err, &repeated) {
		t.Errorf("approved again by another request: %v", err)
	}
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if _, err := h.Submit(ctx, m, closing.Submission{Act: smit("")}); !errors.As(err, &repeated) {
		t.Errorf("submitted twice by one request: %v", err)
	}
	h.Request = "ticket 10"
	if _, err := h.Amend(ctx, m, vries("x"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Amend(ctx, m, vries("x"), false); !errors.As(err, &repeated) {
		t.Errorf("amended twice by one request: %v", err)
	}
	// A request that somebody gave is one act's for good: asked for again in the
	// next revision, which keeps the correction, it would double it.
	h.must(h.Close(ctx, m))
	h.Request = "ticket 7"
	if _, err := h.Correct(ctx, m, c); !errors.As(err, &repeated) || repeated.Act.Revision != 0 {
		t.Errorf("the request of a revision before: %v", err)
	}
}
