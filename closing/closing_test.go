package closing_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"splameter/closing"
	"splameter/collector"
	"splameter/config"
	"splameter/evidence"
	"splameter/month"
	"splameter/monthend"
	"splameter/statement"
	"splameter/store"
	"splameter/tables"
)

// The months of these tests are the shipped example's: its README tells what
// they come to. September has 21 RDS SALs, October 20 at 4.10, among them 4 of
// tuinderij and 8 of ijzer.

func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// collected is the example with everything in its store, made once.
var collected struct {
	sync.Once
	dir string
	err error
}

func example(t testing.TB) string {
	t.Helper()
	collected.Do(func() {
		r := root(t)
		collected.dir, collected.err = os.MkdirTemp("", "closing-")
		for _, err := range []error{collected.err, os.CopyFS(filepath.Join(collected.dir, "testdata"), os.DirFS(filepath.Join(r, "testdata")))} {
			if err != nil {
				collected.err = err
				return
			}
		}
		b, err := os.ReadFile(filepath.Join(r, "config.yaml"))
		if err == nil {
			err = os.WriteFile(filepath.Join(collected.dir, "config.yaml"), b, 0o600)
		}
		if err != nil {
			collected.err = err
			return
		}
		d, shut, err := desk(context.Background(), collected.dir)
		if err == nil {
			err = collect(context.Background(), d)
			shut()
		}
		collected.err = err
	})
	if collected.err != nil {
		t.Fatal(collected.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(collected.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func collect(ctx context.Context, d *closing.Desk) error {
	_, err := collector.Run(ctx, &collector.Env{Store: d.Store, Config: d.Setup.Config, Keep: d.Setup.Keep(), Now: d.Now, Workers: 1, Log: slog.New(slog.DiscardHandler)}, "")
	return err
}

// clock is 3 November 2026, 09:00 UTC, unless a test sets it.
func clock() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) }

func desk(ctx context.Context, dir string) (*closing.Desk, func(), error) {
	s, faults := monthend.Load(filepath.Join(dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, s.Config.Store, store.Options{Location: s.Config.Provider.Location, Now: clock, Wait: 100 * time.Millisecond})
	if err != nil {
		return nil, nil, err
	}
	return &closing.Desk{Store: st, Setup: s, Now: clock, Version: "test", Account: "svc-splameter", Workers: 1}, func() { st.Close() }, nil
}

func open(t testing.TB, dir string) *closing.Desk {
	t.Helper()
	d, shut, err := desk(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	return d
}

func (h helper) month(s string) month.Month {
	m, err := month.Parse(s, h.Setup.Config.Provider.Location)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// helper is a desk whose every step must work.
type helper struct {
	*closing.Desk
	t *testing.T
}

func (h helper) must(r *closing.Result, err error) *closing.Result {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// refused wants an error that says all of the words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("it was not refused; want %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the refusal says %q, and not %q", err, w)
		}
	}
}

func vries(reason string) closing.Act { return closing.Act{By: "C. de Vries", Reason: reason} }
func smit(reason string) closing.Act  { return closing.Act{By: "J. Smit", Reason: reason} }

// tree is every file beneath a folder by its content, evidence and locks
// excepted.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		b, err := os.ReadFile(path)
		out[filepath.ToSlash(rel)] = evidence.Digest(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func verify(t testing.TB, path string) *evidence.Pack {
	t.Helper()
	p, err := evidence.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if err := closing.Recompute(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func quantity(st *statement.Statement, product string) int {
	for _, l := range st.Lines {
		if l.Product == product {
			return l.Quantity
		}
	}
	return -1
}

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
	if r.Life.State != statement.Draft || quantity(r.Statement, "rds") != 20 || r.Statement.State != "draft" {
		t.Fatalf("closed as %s with %d", r.Life.State, quantity(r.Statement, "rds"))
	}
	p := verify(t, r.Pack)
	if p.Manifest.Previous == nil || p.Manifest.Previous.Month != "2026-09" {
		t.Errorf("October follows %v", p.Manifest.Previous)
	}
	if err := p.CheckChain(verify(t, h.Pack("2026-09", 0))); err != nil {
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
	if verify(t, r.Pack).Manifest.State != "approved" || r.Statement.State != "approved" {
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
	day := config.Date{Day: month.Date(2026, 11, 4), Set: true}
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
	_, diff, err := h.Invoice(ctx, october, config.Date{Day: month.Date(2026, 11, 12), Set: true}, billed, vries(""))
	if err != nil || len(diff) != 1 || diff[0].Was != 20 || diff[0].Is != 22 {
		t.Errorf("%v, %v", diff, err)
	}
	s, err := h.Status(ctx, october)
	if err != nil || !s.HasWindow || s.Window.String() != "2027-01-11" || s.Deadline.String() != "2026-11-10" || s.DaysLeft != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, _, err = h.Invoice(ctx, september, day, billed, vries("")); err == nil {
		t.Error("a month that was never submitted was invoiced")
	}
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func changed(a, b map[string]string) (out []string) {
	for k, v := range b {
		if a[k] != v {
			out = append(out, k)
		}
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Four eyes: whoever approved may not submit, however the name is written.
func TestFourEyes(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	h.Setup.Config.FourEyes = true
	h.must(h.Close(t.Context(), m))
	h.must(h.Approve(t.Context(), m, vries("")))
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

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

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

	// A second amendment with today's settings has today's part number.
	if _, err := h.Amend(ctx, m, vries("part number was wrong"), true); err != nil {
		t.Fatal(err)
	}
	r = h.must(h.Close(ctx, m))
	if r.Statement.Lines[0].PartNumber != "OTHER-1" || r.Statement.Revision != 2 {
		t.Errorf("%+v", r.Statement.Lines[0])
	}
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

// The acceptance month, closed: its sealed facts give its statement again, and
// the quantities of the truth.
func TestAcceptance(t *testing.T) {
	from := filepath.Join(root(t), "..", "shared", "acceptance", "october")
	if _, err := os.Stat(from); err != nil {
		t.Skip("the acceptance month is not beside the repository")
	}
	dir := t.TempDir()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		if err != nil || e.IsDir() {
			return errors.Join(err, os.MkdirAll(filepath.Join(dir, rel), 0o700))
		}
		b, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(filepath.Join(dir, rel), b, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	h := helper{open(t, dir), t}
	if err := collect(t.Context(), h.Desk); err != nil {
		t.Fatal(err)
	}
	r := h.must(h.Close(t.Context(), h.month("2026-10")))
	verify(t, r.Pack)
	for i := range r.Statement.Coverage.Gaps {
		r = h.must(h.Accept(t.Context(), h.month("2026-10"), r.Statement.Coverage.Gaps[i].Key(), vries("known")))
	}
	r = h.must(h.Approve(t.Context(), h.month("2026-10"), vries("")))
	verify(t, r.Pack)
	if quantity(r.Statement, "rds") != 190 { // truth.json
		t.Errorf("rds is %d", quantity(r.Statement, "rds"))
	}
}

// Replay: the price of 6WC-00002 becomes 5.00, so 20 of them cost 100.00 and
// not 82.00. With rules that do not count visio, its two fall away. Nothing is
// kept.
func TestReplay(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	prices := filepath.Join(dir, "new.csv")
	put(t, prices, "part_number,currency,unit_price,from,until\n6WC-00002,EUR,5.00,,\n")
	list, faults := tables.Prices(prices, "")
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	set := *h.Setup.Rules
	set.Products = slices.Clone(set.Products)
	for i := range set.Products {
		if set.Products[i].ID == "visio-std" {
			set.Products = slices.Delete(set.Products, i, i+1)
			break
		}
	}
	check := func(sealed bool) {
		t.Helper()
		r, err := h.Replay(ctx, m, &set, list)
		if err != nil || r.Sealed != sealed {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, x := range r.Lines {
			switch x.PartNumber {
			case "6WC-00002":
				if x.Old != 20 || x.New != 20 || x.OldAmount.StringFixed(2) != "82.00" || x.NewAmount.StringFixed(2) != "100.00" {
					t.Errorf("%+v", x)
				}
			case "EXAMPLE-VISSTD":
				if x.Old != 2 || x.New != 0 || x.OldAmount.StringFixed(2) != "19.00" || !x.NewAmount.IsZero() {
					t.Errorf("%+v", x)
				}
			case "EXAMPLE-OFFSTD": // its new price is not known, and no zero
				if x.NewAmount != nil || x.New != 13 {
					t.Errorf("%+v", x)
				}
			}
		}
	}
	check(false)
	if acts, err := h.Store.Acts(ctx, ""); err != nil || len(acts) != 0 {
		t.Errorf("the replay kept %v, %v", acts, err)
	}
	if _, err := h.Store.Result(ctx, "2026-10", 0); !errors.Is(err, store.ErrNone) {
		t.Error("the replay kept a result")
	}
	h.must(h.Close(ctx, m))
	before := tree(t, dir)
	check(true)
	for _, name := range changed(before, tree(t, dir)) {
		if !strings.HasPrefix(name, "var/") {
			t.Errorf("the replay wrote %s", name)
		}
	}
	if _, err := h.Replay(ctx, h.month("2020-01"), &set, nil); !errors.Is(err, store.ErrNone) {
		t.Errorf("a month without facts: %v", err)
	}
}
