package closing_test

import (
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/statement"
)

// Four eyes: whoever approved may not submit, under whatever name, nor under
// another account by the same name, however that is written.
func TestFourEyes(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	h.Setup.Config.FourEyes = true
	h.must(h.Close(t.Context(), m))
	h.must(h.Approve(t.Context(), m, vries("")))
	for _, account := range []string{"svc-splameter", "SVC-splameter", ""} {
		h.Account = account
		_, err := h.Submit(t.Context(), m, closing.Submission{Act: smit("")})
		refused(t, err, "four_eyes", "account")
	}
	h.Account = "smit"
	for _, name := range []string{"C. de Vries", " c. DE  vries "} {
		_, err := h.Submit(t.Context(), m, closing.Submission{Act: closing.Act{By: name}})
		refused(t, err, "four_eyes", "somebody else")
	}
	h.must(h.Submit(t.Context(), m, closing.Submission{Act: smit("")}))
}

// A correction by hand: it stands on the tenant's line, the report's and in a
// finding; the parts add up, the money follows; an amendment keeps it; and the
// next month shows it as what came and went.
func TestCorrect(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-09")
	fix := func(tenant, product string, set bool, n int) (*closing.Result, error) {
		return h.Correct(ctx, m, statement.Correction{Tenant: tenant, Product: product, Set: set, Quantity: n, Code: "counted-twice", Reason: "ticket 99", By: "C. de Vries"})
	}
	for _, c := range []struct {
		tenant, product string
		set             bool
		n               int
		want            string
	}{
		{"ijzer", "rds", false, -9, "takes 9 from rds of tenant ijzer, which has only 8"},
		{"ijzer", "rdsx", false, 1, "which the rules of 2026-09 do not have"},
		{"ijzerx", "rds", false, 1, "which the tenants table does not have"},
		{"ijzer", "rds", false, 0, "corrects nothing"},
		{"ijzer", "rds", true, -1, "corrects nothing"},
	} {
		_, err := fix(c.tenant, c.product, c.set, c.n)
		refused(t, err, c.want)
	}
	if _, err := h.Correct(ctx, m, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 1, Code: "because", Reason: "x", By: "x"}); err == nil {
		t.Error("any code was taken")
	}
	h.must(fix("ijzer", "rds", false, -2)) // before the month is closed: 8 - 2 = 6
	r := h.must(h.Close(ctx, m))
	if quantity(r.Statement, "rds") != 19 {
		t.Errorf("21 less 2 is %d", quantity(r.Statement, "rds"))
	}
	r = h.must(fix("harbour", "visio-std", true, 5)) // a line that was not there: 5, so 2 + 5 = 7
	if verify(t, r.Pack).Manifest.State != "draft" {
		t.Error("the draft was not made anew")
	}
	st := r.Statement
	for _, l := range st.Lines {
		want := map[string][3]string{"rds": {"19", "counted-twice", "77.90"}, "visio-std": {"7", "counted-twice", "66.50"}}[l.Product]
		if want[0] != "" && (itoa(l.Quantity) != want[0] || l.Manual != want[1] || l.Amount != want[2]) {
			t.Errorf("%+v, want %v", l, want)
		}
		if want[0] == "" && l.Manual != "" {
			t.Errorf("%s is manual", l.Product)
		}
		sum := 0
		for _, tn := range st.Tenants {
			for _, x := range tn.Lines {
				if x.Product == l.Product {
					sum += x.Quantity
				}
			}
		}
		if sum != l.Quantity {
			t.Errorf("%s: customers add up to %d, the report says %d", l.Product, sum, l.Quantity)
		}
	}
	n := 0
	for _, f := range st.Findings {
		if f.Code == "manual-correction" && strings.Contains(f.Message, "ticket 99") {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d findings tell of corrections", n)
	}
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if _, err := h.Amend(ctx, m, vries("late"), false); err != nil {
		t.Fatal(err)
	}
	if r = h.must(h.Close(ctx, m)); quantity(r.Statement, "rds") != 19 || r.Statement.Revision != 1 {
		t.Errorf("the amendment has %d", quantity(r.Statement, "rds"))
	}
	// October: visio 2, September 7 with five by hand: five went, none came.
	r = h.must(h.Close(ctx, h.month("2026-10")))
	for _, l := range r.Statement.Lines {
		if l.Product == "visio-std" && (l.Previous != 7 || l.Removed != 5 || l.Added != 0) {
			t.Errorf("%+v", l)
		}
		// 21 - 2 = 19 before, 20 now: the two taken off come back.
		if l.Product == "rds" && l.Previous+l.Added-l.Removed != l.Quantity {
			t.Errorf("%d + %d - %d is not %d", l.Previous, l.Added, l.Removed, l.Quantity)
		}
	}
}

// A month with gaps is approved only when each is accepted by its key. The
// acceptance is in the statement and the evidence.
func TestGaps(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-09")
	r := h.must(h.Close(ctx, m))
	if len(r.Statement.Coverage.Gaps) != 0 {
		t.Fatalf("the example's September has gaps: %v", r.Statement.Coverage.Gaps)
	}
	// A directory of which nothing was ever read makes the month incomplete.
	other := h.Setup.Config.Directories[0]
	other.Name, other.Domain = "second", "SECOND"
	h.Setup.Config.Directories = append(h.Setup.Config.Directories, other)
	r = h.must(h.Close(ctx, m))
	gaps := r.Statement.Coverage.Gaps
	if len(gaps) == 0 || r.Statement.Status != statement.Incomplete {
		t.Fatal("no gap")
	}
	_, err := h.Approve(ctx, m, vries(""))
	refused(t, err, "incomplete", gaps[0].Key(), "splameter accept")
	_, err = h.Accept(ctx, m, "no:such", vries("why"))
	refused(t, err, `no gap "no:such"`, gaps[0].Key())
	_, err = h.Accept(ctx, m, gaps[0].Key(), vries(""))
	refused(t, err, "--reason")
	for i := range gaps {
		h.must(h.Accept(ctx, m, gaps[i].Key(), vries("ticket 123")))
	}
	r = h.must(h.Approve(ctx, m, vries("")))
	p := verify(t, r.Pack)
	b, err := p.Read("coverage.json")
	if err != nil || !strings.Contains(string(b), "C. de Vries, 2026-11-03: ticket 123") || r.Statement.Status != statement.Incomplete {
		t.Errorf("%s, %v", b, err)
	}
	for name, says := range map[string]bool{"files/review-2026-09.xlsx": true, "files/usage-report-2026-09.xlsx": false} {
		b, err := p.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(mapValues(contents2(t, string(b))), "\n")
		if strings.Contains(text, "ticket 123") != says || strings.Contains(text, "C. de Vries") != says {
			t.Errorf("%s: the acceptance in it: %v, want %v", name, !says, says)
		}
	}
}
