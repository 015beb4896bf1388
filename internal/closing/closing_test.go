package closing_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// The months of these tests are the shipped example's: its README tells what
// they come to. September has 21 RDS SALs, October 20 at 4.10, among them 4 of
// tuinderij and 8 of ijzer.

// A month from its closing to its invoice: each state, what each refuses, and
// what is on the files and in the evidence.
func TestLife(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	september, october := h.month("2026-09"), h.month("2026-10")
	ctx := t.Context()

	_, err := h.Approve(ctx, october, vries(""))
	refused(t, err, "2026-10 cannot be approved", "open", "splameter close")
	h.must(h.Close(ctx, september))
	r := h.must(h.Close(ctx, october))
	first := r.Manifest
	if r.Life.State != statement.Draft || quantity(r.Statement, "rds") != 20 || r.Statement.State != statement.Draft {
		t.Fatalf("closed as %s with %d", r.Life.State, quantity(r.Statement, "rds"))
	}
	p := verify(t, r.Pack)
	if p.Manifest.Previous == nil || p.Manifest.Previous.Month != "2026-09" {
		t.Errorf("October follows %v", p.Manifest.Previous)
	}
	if err := chained(p, verify(t, h.Pack("2026-09", 0))); err != nil {
		t.Error(err)
	}
	r = h.must(h.Close(ctx, october)) // a draft is replaced
	if p = verify(t, r.Pack); !slices.Equal(p.Manifest.Replaces, []string{first}) {
		t.Errorf("the second draft replaces %v", p.Manifest.Replaces)
	}

	_, err = h.Submit(ctx, october, closing.Submission{Act: smit("")})
	refused(t, err, "cannot be submitted", "draft")
	_, err = h.Amend(ctx, october, vries("x"), false)
	refused(t, err, "cannot be amended", "closing it again is enough")
	_, err = h.Approve(ctx, october, closing.Act{})
	refused(t, err, "--by")

	r = h.must(h.Approve(ctx, october, vries("checked with the customers' lists")))
	if verify(t, r.Pack).Manifest.State != "approved" || r.Statement.State != statement.Approved {
		t.Error("the files do not say approved")
	}
	_, err = h.Close(ctx, october)
	refused(t, err, "cannot be closed again", "amend")
	_, err = h.Correct(ctx, october, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 1, Code: "other", Reason: "x", By: "x"})
	refused(t, err, "cannot be changed", "amend")

	// What was typed: 19 in place of 20, one part number left out, one made up.
	typed := filepath.Join(dir, "typed.csv")
	lines := []string{"part_number,quantity", "6WC-00002,20", "EXAMPLE-OFFSTD,13", "EXAMPLE-OFFPRO,4", "EXAMPLE-VISSTD,2", "EXAMPLE-PRJPRO,3",
		"F09-00018,5", "9EA-00039,18", "9EM-00562,8", "7NQ-00302,5"}
	put(t, typed, strings.Replace(strings.Join(lines[:9], "\n")+"\nMADE-UP,1\n", "6WC-00002,20", "6WC-00002,19", 1))
	before := tree(t, filepath.Join(dir, "out"))
	_, err = h.Submit(ctx, october, closing.Submission{Act: smit(""), Quantities: typed})
	refused(t, err, "6WC-00002: approved 20, typed 19", "7NQ-00302: approved 5, typed 0", "MADE-UP: approved 0, typed 1", "nothing was kept")
	if d := changed(before, tree(t, filepath.Join(dir, "out"))); len(d) > 0 {
		t.Errorf("the refused submission changed %v", d)
	}
	put(t, typed, strings.Join(lines, "\n")+"\n7JQ-00341,0\n")
	confirmation := filepath.Join(dir, "../bevestiging é.pdf")
	put(t, confirmation, "received")
	day := month.OptionalDay{Day: month.Date(2026, 11, 4), Set: true}
	r = h.must(h.Submit(ctx, october, closing.Submission{Act: smit(""), Quantities: typed, Attach: confirmation, Reference: "PO-4711", On: day}))
	p = verify(t, r.Pack)
	if p.Manifest.State != "submitted" || len(p.Names("attachments/")) != 1 || len(p.Manifest.Replaces) != 3 {
		t.Errorf("submitted as %+v", p.Manifest)
	}
	if b, err := p.Read(p.Names("attachments/")[0]); err != nil || string(b) != "received" {
		t.Errorf("attached %q, %v", b, err)
	}
	last := r.Life.Submission
	if last.By != "J. Smit" || last.Account != "svc-splameter" || last.On != "2026-11-04" || last.Reference != "PO-4711" || !last.At.Equal(clock()) {
		t.Errorf("kept %+v", last)
	}

	// Nothing changes it any more: neither by way of the verbs nor of the store.
	before = tree(t, filepath.Join(dir, "out"))
	if _, closed, err := h.Report(ctx, october); err != nil || !closed {
		t.Errorf("report: %v, %v", closed, err)
	}
	_, err = h.Close(ctx, october)
	refused(t, err, "amend")
	_, err = h.Submit(ctx, october, closing.Submission{Act: smit("")})
	refused(t, err, "cannot be submitted again")
	if d := changed(before, tree(t, filepath.Join(dir, "out"))); len(d) > 0 {
		t.Errorf("a submitted month's files changed: %v", d)
	}
	if _, _, err := monthend.Report(ctx, h.Store, h.Setup, october, monthend.Options{}); !errors.Is(err, store.ErrFinal) {
		t.Errorf("the kept result could be replaced: %v", err)
	}

	// The invoice says 22, two too many; 60 days from 12 November are 11 January.
	billed := filepath.Join(dir, "invoice.csv")
	put(t, billed, strings.Replace(strings.Join(lines, "\n")+"\n", "6WC-00002,20", "6WC-00002,22", 1))
	in, err := h.Invoice(ctx, october, closing.InvoiceFile{On: month.OptionalDay{Day: month.Date(2026, 11, 12), Set: true}, File: billed}, vries(""))
	if err != nil || len(in.Differences) != 1 || in.Differences[0].Submitted != "20" || in.Differences[0].Invoiced != "22" {
		t.Errorf("%+v, %v", in, err)
	}
	// The sealed review tells it, the evidence holds act and document, and says the
	// same counted again; what was sent is as it was.
	d := slices.DeleteFunc(changed(before, tree(t, filepath.Join(dir, "out"))), func(n string) bool { return strings.HasPrefix(n, "2026-10/attachments/") })
	if !slices.Equal(d, []string{"2026-10/evidence-2026-10.zip", "2026-10/review-2026-10.xlsx"}) {
		t.Errorf("an invoice changed %v (%s)", d, in.Unsealed)
	}
	p = verify(t, h.Pack("2026-10", 0))
	if len(p.Names("attachments/")) != 2 || len(p.Manifest.Replaces) != 4 {
		t.Errorf("sealed with the invoice as %+v", p.Manifest)
	}
	if all, err := closing.InvoicesIn(p); err != nil || len(all) != 1 || len(all[0].Differences) != 1 {
		t.Errorf("the pack's invoices are %+v, %v", all, err)
	}
	if _, err := closing.Recompute(ctx, p, "test"); err != nil {
		t.Error(err)
	}
	members := unpacked(t, p)
	members["acts.json"] = bytes.Replace(members["acts.json"], []byte(`"invoiced": "22"`), []byte(`"invoiced": "20"`), 1)
	_, err = closing.Recompute(ctx, forged(t, p.Manifest, members), "test")
	refused(t, err, "of the reseller's invoice of 2026-11-12 is not what its lines and the month's give")
	var repeated *closing.Repeated
	if _, err = h.Invoice(ctx, october, closing.InvoiceFile{On: month.OptionalDay{Day: month.Date(2026, 11, 12), Set: true}, File: billed}, vries("")); !errors.As(err, &repeated) || len(repeated.Act.Differences) != 1 {
		t.Errorf("the same invoice once more: %v", err)
	}
	s, err := h.Status(ctx, october)
	if err != nil || !s.HasWindow || s.Window.String() != "2027-01-11" || s.Deadline.String() != "2026-11-10" || s.DaysLeft != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	// 14 days from the invoice are 26 November.
	if !s.HasObjection || s.Objection.String() != "2026-11-26" {
		t.Errorf("objections until %s", s.Objection)
	}
	// A credit note of two EX-RDS, the reseller's own article, settles it, where
	// it is said to stand beside the invoice.
	credit := filepath.Join("..", "invoice", "ubl", "testdata", "credit.xml")
	_, err = h.Invoice(ctx, october, closing.InvoiceFile{File: credit}, vries(""))
	refused(t, err, "is a credit note: write --further")
	if in, err = h.Invoice(ctx, october, closing.InvoiceFile{File: credit, Further: true}, vries("")); err != nil || len(in.Differences) != 0 {
		t.Errorf("%+v, %v", in, err)
	}
	if s, err = h.Status(ctx, october); err != nil || s.HasObjection || !s.HasWindow || s.Window.String() != "2027-01-11" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err = h.Invoice(ctx, september, closing.InvoiceFile{On: day, File: billed}, vries("")); err == nil {
		t.Error("a month that was never submitted was invoiced")
	}
}

// What changes after submission changes nothing that was submitted. Settings
// of today do not reach a month that was closed; facts that come later make a
// proposed amendment. The amendment stands beside the first revision.
func TestLateAndAmended(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	before := tree(t, filepath.Join(dir, "out"))

	// The rules change, and the prices are gone: nothing of it matters.
	put(t, filepath.Join(dir, "testdata", "rules.yaml"), "version: new\nproducts:\n  - {id: rds, catalog: rds, part_number: OTHER-1, entitled: {pools: [\"*\"]}}\n")
	put(t, filepath.Join(dir, "testdata", "prices.csv"), "part_number,currency,unit_price,alias,from,until\nOTHER-1,EUR,99.00,,,\n")
	h = helper{open(t, dir), t}
	p, err := h.Propose(ctx, m)
	if err != nil || len(p.Differences) != 0 {
		t.Fatalf("today's settings reached a submitted month: %+v, %v", p, err)
	}

	// A reading comes late in which somebody had access on 20 October, and in
	// no reading before or after: y.slaap of harbour, put into the kantoor
	// group's place of a.bloem for a moment.
	d, err := h.Store.Facts(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	late := *directoryAt(t, d, month.Date(2026, 10, 20), h.Setup.Config.Provider.Location)
	if err := h.Store.PutDirectory(ctx, &late); err != nil {
		t.Fatal(err)
	}
	p, err = h.Propose(ctx, m)
	if err != nil || len(p.Differences) == 0 || p.Differences[0].PartNumber == "OTHER-1" {
		t.Fatalf("%+v, %v", p, err)
	}
	var rds closing.Difference
	for _, x := range p.Differences {
		if x.PartNumber == "6WC-00002" {
			rds = x
		}
	}
	if rds.Was != 20 || rds.Is != 21 {
		t.Errorf("proposed %+v, want 20 to 21", p.Differences)
	}
	if d := changed(before, tree(t, filepath.Join(dir, "out"))); len(d) > 0 {
		t.Errorf("the late reading changed %v", d)
	}

	if _, err := h.Amend(ctx, m, vries("a reading came late"), false); err != nil {
		t.Fatal(err)
	}
	r := h.must(h.Close(ctx, m))
	if quantity(r.Statement, "rds") != 21 || r.Statement.Revision != 1 || r.Statement.Lines[0].PartNumber != "6WC-00002" {
		t.Errorf("the amendment has %d as %s", quantity(r.Statement, "rds"), r.Statement.Lines[0].PartNumber)
	}
	h.must(h.Approve(ctx, m, vries("")))
	r = h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if r.Statement.State != statement.Amended || filepath.Base(r.Pack) != "evidence-2026-10-r1.zip" {
		t.Errorf("%s, %s", r.Statement.State, r.Pack)
	}
	after := tree(t, filepath.Join(dir, "out"))
	for name, digest := range before {
		if after[name] != digest {
			t.Errorf("the amendment changed %s of the first revision", name)
		}
	}
	verify(t, h.Pack("2026-10", 0))
	if len(verify(t, r.Pack).Manifest.Replaces) < 5 {
		t.Error("the amendment's manifest does not name the seals of the first revision")
	}

	// A second amendment with today's settings has today's part number. Of its
	// customers harbour got the first annex and ijzer the second: each annex names
	// that, and a count of the sealed facts makes the same.
	for i, x := range []store.Delivery{{Tenant: "harbour", Revision: 0}, {Tenant: "ijzer", Revision: 0}, {Tenant: "ijzer", Revision: 1}} {
		x.Month, x.Seq, x.Action, x.At, x.Document = "2026-10", i+1, store.DeliverySent, h.Now(), "told"
		if err := h.Store.RecordDelivery(ctx, x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Amend(ctx, m, vries("part number was wrong"), true); err != nil {
		t.Fatal(err)
	}
	r = h.must(h.Close(ctx, m))
	if r.Statement.Lines[0].PartNumber != "OTHER-1" || r.Statement.Revision != 2 {
		t.Errorf("%+v", r.Statement.Lines[0])
	}
	if r.Statement.Revision != 2 || len(r.Life.Acts) == 0 {
		t.Fatal("no second revision")
	}
	pack := verify(t, r.Pack)
	for tenant, want := range map[string]string{"harbour": "harbour-2026-10-0", "ijzer": "ijzer-2026-10-1", "notaris": ""} {
		if got := replacedBy(t, pack, tenant); got != want {
			t.Errorf("%s's annex replaces %q, want %q", tenant, got, want)
		}
	}
	if _, err := closing.Recompute(ctx, pack, h.Version); err != nil {
		t.Errorf("the pack of the second revision: %v", err)
	}
}

// replacedBy is the document that a sealed annex says it replaces.
func replacedBy(t *testing.T, p *evidence.Pack, tenant string) string {
	t.Helper()
	for _, name := range p.Names("files/") {
		if !strings.Contains(name, "/"+tenant+"-") || !strings.HasSuffix(name, ".xlsx") {
			continue
		}
		b, err := p.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := f.GetRows(f.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if len(r) > 1 && (r[0] == "Vervangt" || r[0] == "Replaces") {
				return r[1]
			}
		}
		return ""
	}
	t.Fatalf("the pack has no annex of %s: %v", tenant, p.Names(""))
	return ""
}

// The evidence on disk is not what the store knows: changed, of another month,
// or gone. Nobody decides on it.
func TestForeignEvidence(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	september := h.must(h.Close(ctx, h.month("2026-09")))
	r := h.must(h.Close(ctx, m))
	good, err := os.ReadFile(r.Pack)
	if err != nil {
		t.Fatal(err)
	}
	bad := slices.Clone(good)
	bad[len(bad)/2] ^= 1
	put(t, r.Pack, string(bad))
	_, err = h.Approve(ctx, m, vries(""))
	refused(t, err, "does not hold", "backup")
	other, err := os.ReadFile(september.Pack)
	if err != nil {
		t.Fatal(err)
	}
	put(t, r.Pack, string(other))
	_, err = h.Approve(ctx, m, vries(""))
	refused(t, err, "not what was sealed for 2026-10")
	if err := os.Remove(r.Pack); err != nil {
		t.Fatal(err)
	}
	_, err = h.Approve(ctx, m, vries(""))
	refused(t, err, "close")
	l, err := h.Life(ctx, m)
	if err != nil || l.State != statement.Draft {
		t.Errorf("%v, %v", l.State, err)
	}
	put(t, r.Pack, string(good))
	h.must(h.Approve(ctx, m, vries("")))
}

// The clock goes back between two acts: their order stays, and it is said.
func TestClockSetBack(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	h.must(h.Close(t.Context(), m))
	h.Now = func() time.Time { return clock().AddDate(-1, 0, 0) }
	r := h.must(h.Approve(t.Context(), m, vries("")))
	if a := r.Life.Approval; a == nil || a.Seq != 2 || !strings.Contains(a.Note, "clock") {
		t.Errorf("%+v", a)
	}
	if r.Life.State != statement.Approved {
		t.Errorf("it is %s", r.Life.State)
	}
}

// Another process has the store, or writes files: an error at once that says
// so, and nothing changed.
func TestLocked(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	m := h.month("2026-10")
	other := open(t, dir)
	other.Step = func(step string) {
		if step == "write files" {
			_, err := h.Close(t.Context(), m)
			if !errors.Is(err, closing.ErrBusy) {
				t.Errorf("two wrote at once: %v", err)
			}
		}
	}
	if _, err := other.Close(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	h.must(h.Approve(t.Context(), m, vries("")))

	// A writer of another kind sits in the store itself.
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "var", "splameter.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Submit(t.Context(), m, closing.Submission{Act: smit("")})
	if !errors.Is(err, store.ErrInUse) {
		t.Errorf("the store is held by another: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	h.must(h.Submit(t.Context(), m, closing.Submission{Act: smit("")}))
}
