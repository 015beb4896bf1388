package closing_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/report"
)

// Two sealed months. October was sealed with rules that do not count Visio, and
// somebody took 4 RDS SALs away by hand. So of October 16 were reported where
// the facts give 20: 4 at 4.10 are 16.40, with 25 % 20.50. By the rules of
// now the 2 of Visio at 9.50 are short besides: 19.00 and 23.75, together 35.40
// and 44.25. September, which nobody touched, is short of nothing. Both agree
// with what recomputing them gives.
func TestPosition(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, september, october := t.Context(), h.month("2026-09"), h.month("2026-10")
	if _, err := h.Position(ctx, september, october, false); err == nil || !strings.Contains(err.Error(), "ever sealed") {
		t.Errorf("nothing was sealed, and there is a position: %v", err)
	}
	h.must(h.Close(ctx, september))
	h.must(h.Approve(ctx, september, vries("")))
	h.must(h.Submit(ctx, september, closing.Submission{Act: smit("")}))
	rules := filepath.Join(dir, "testdata", "rules.yaml")
	whole, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	put(t, rules, strings.Replace(string(whole), "  - catalog: visio-std\n    part_number: EXAMPLE-VISSTD\n", "", 1))
	h = helper{open(t, dir), t}
	h.must(h.Close(ctx, october))
	put(t, rules, string(whole))
	h = helper{open(t, dir), t}
	h.must(h.Correct(ctx, october, statement.Correction{Tenant: "tuinderij", Product: "rds", Quantity: -4, Code: "other", Reason: "Anna Bloem said so", By: "C. de Vries"}))

	p, err := h.Position(ctx, h.month("2026-08"), october, false)
	if err != nil {
		t.Fatal(err)
	}
	short := map[string]string{}
	for i := range p.Lines {
		l := &p.Lines[i]
		if *l.Then.Difference != 0 || *l.Now.Difference != 0 {
			short[l.Month.String()+" "+l.PartNumber] = strings.Join([]string{text(l.Reported), text(l.Then.Required), money(&l.Then), text(l.Now.Required), money(&l.Now)}, " ")
		}
	}
	if len(short) != 2 || short["2026-10 6WC-00002"] != "16 20 16.40/20.50 20 16.40/20.50" || short["2026-10 EXAMPLE-VISSTD"] != "0 0 - 2 19.00/23.75" {
		t.Errorf("%v", short)
	}
	if s := p.Totals; len(s) != 1 || s[0].Currency != "EUR" || s[0].Then.Marked.StringFixed(2) != "20.50" || s[0].Now.Amount.StringFixed(2) != "35.40" || s[0].Now.Marked.StringFixed(2) != "44.25" {
		t.Errorf("%+v", s)
	}
	for _, m := range []month.Month{september, october} {
		agrees(t, h, p, m)
	}
	why := doubtsOf(p)
	for _, want := range []string{"2026-08 not sealed", "2026-10 not submitted", "2026-10 by hand other", "2026-10 question no rule names product visio-std any more"} {
		if !slices.Contains(why, want) {
			t.Errorf("%q does not stand among what cannot be proved: %q", want, why)
		}
	}
	if len(why) != 4 {
		t.Errorf("%q", why)
	}

	// Masked, the workbook names nobody; unmasked it does, so the test can see.
	who := append(people(t, h, october), "Anna Bloem")
	if names := naming(workbookOf(t, h, p), who); len(names) == 0 {
		t.Error("the workbook that is not masked names nobody: the test sees nothing")
	}
	masked, err := h.Position(ctx, september, october, true)
	if err != nil {
		t.Fatal(err)
	}
	if names := naming(workbookOf(t, h, masked), who); len(names) > 0 {
		t.Errorf("the masked workbook names %q", names)
	}
}

// agrees holds a month's lines against its pack, counted again: the sealed
// quantity is what is required and what was changed by hand.
func agrees(t *testing.T, h helper, p *report.Position, m month.Month) {
	t.Helper()
	pack := verify(t, h.Pack(m.String(), 0))
	if _, err := closing.Recompute(t.Context(), pack, h.Version); err != nil {
		t.Fatal(err)
	}
	st, err := h.Status(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range st.Result.Lines {
		l := &st.Result.Lines[i]
		if l.Quantity == 0 && l.Correction == 0 {
			continue
		}
		n++
		at := slices.IndexFunc(p.Lines, func(x report.PositionLine) bool {
			return x.Month.Number() == m.Number() && x.PartNumber == l.PartNumber
		})
		if at < 0 || *p.Lines[at].Reported != l.Quantity || *p.Lines[at].Then.Required+p.Lines[at].ByHand != l.Quantity {
			t.Errorf("%s %s: sealed %d, by hand %d, and the position has %+v", m, l.PartNumber, l.Quantity, l.Correction, p.Lines[max(at, 0)])
		}
	}
	if n < 8 {
		t.Errorf("only %d lines of %s were compared", n, m)
	}
}

// A month of which nothing was read: its gaps stand there, the host that no log
// came of as never read, an accepted one as accepted. After its time its names
// are gone: what was reported stands, and nothing is required, which is no zero.
func TestPositionUnread(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, october, november := t.Context(), h.month("2026-10"), h.month("2026-11")
	h.Now = func() time.Time { return time.Date(2026, 12, 20, 9, 0, 0, 0, time.UTC) }
	h.must(h.Close(ctx, october))
	r := h.must(h.Close(ctx, november))
	for i := range r.Statement.Coverage.Gaps {
		if g := &r.Statement.Coverage.Gaps[i]; g.Kind == statement.CoverageDirectory {
			h.must(h.Accept(ctx, november, g.Key(), vries("the server stood still")))
		}
	}
	p, err := h.Position(ctx, october, november, false)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[report.UnprovedKind]int{}
	for i := range p.Unproved {
		if u := &p.Unproved[i]; u.Month.Number() == november.Number() {
			kinds[u.Kind]++
			if u.Kind == report.UnprovedAccepted && !strings.Contains(u.By, "stood still") {
				t.Errorf("%+v", u)
			}
		}
	}
	if kinds[report.UnprovedAccepted] != 1 || kinds[report.UnprovedHost] < 2 {
		t.Errorf("%v", kinds)
	}
	h.must(h.Approve(ctx, october, vries("")))
	h.Now = func() time.Time { return time.Date(2030, 2, 5, 0, 0, 0, 0, time.UTC) }
	if _, _, err := h.Retain(ctx, november); err != nil {
		t.Fatal(err)
	}
	if p, err = h.Position(ctx, october, october, false); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(p.Lines, func(x report.PositionLine) bool { return x.PartNumber == "6WC-00002" })
	if at < 0 || *p.Lines[at].Reported != 20 || p.Lines[at].Then.Required != nil || p.Lines[at].Now.Difference != nil {
		t.Errorf("a reduced month has %+v", p.Lines)
	}
	if why := doubtsOf(p); !slices.Contains(why, "2026-10 reduced") {
		t.Errorf("%q", why)
	}
}

func doubtsOf(p *report.Position) (out []string) {
	for i := range p.Unproved {
		u := &p.Unproved[i]
		out = append(out, strings.TrimSpace(u.Month.String()+" "+string(u.Kind)+" "+u.Subject))
	}
	return out
}

func text(n *int) string {
	if n == nil {
		return "-"
	}
	return strconv.Itoa(*n)
}

func money(c *report.PositionCount) string {
	if c.Amount == nil {
		return "-"
	}
	return c.Amount.StringFixed(2) + "/" + c.Marked.StringFixed(2)
}

func workbookOf(t *testing.T, h helper, p *report.Position) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WritePosition(t.Context(), &b, h.Setup.Config, h.Setup.Register, p); err != nil {
		t.Fatal(err)
	}
	return strings.Join(mapValues(contents2(t, b.String())), "\n")
}

// A month from before splameter: 5 of RDS were reported for tuinderij, nothing
// can be counted, and that is no zero. Its first use of RDS is that month, not
// the first that was counted.
func TestImportedMonth(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, august, september := t.Context(), h.month("2026-08"), h.month("2026-09")
	if err := h.Store.PutHistory(ctx, "h.csv", []statement.Earlier{{Month: "2026-08", Quantities: []statement.Quantity{{Tenant: "tuinderij", PartNumber: "6WC-00002", Quantity: 5}}}}); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(ctx, september))
	p, err := h.Position(ctx, august, september, false)
	if err != nil {
		t.Fatal(err)
	}
	if l := &p.Lines[0]; l.Month.Number() != august.Number() || l.PartNumber != "6WC-00002" || *l.Reported != 5 || l.Then.Required != nil || l.Now.Difference != nil {
		t.Errorf("%+v", l)
	}
	if why := doubtsOf(p); !slices.Contains(why, "2026-08 imported") {
		t.Errorf("%q", why)
	}
	all, _ := answers(t, h, august, september, september.FirstDay())
	for _, row := range all["first-use"].Rows["first"] {
		if row[0] == "tuinderij" && (row[2] == "rds") != (row[3] == "2026-08") {
			t.Errorf("%v", row)
		}
	}
}
