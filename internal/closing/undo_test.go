package closing_test

import (
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// A revision that is withdrawn leaves the one before it as it was; what was
// corrected and accepted in it is gone, and the next has its number and counts
// anew. Every pack holds.
func TestWithdraw(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	twins := statement.Correction{Tenant: "tuinderij", Product: "rds", Code: "counted-twice", Quantity: -1, Reason: "twins", By: "C"}
	h.must(h.Close(ctx, m))
	if _, err := h.Withdraw(ctx, m, vries("x")); err == nil || !strings.Contains(err.Error(), "no revision was begun") {
		t.Errorf("a first draft: %v", err)
	}
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	before := tree(t, filepath.Join(dir, "out"))

	if _, err := h.Amend(ctx, m, vries("late log"), false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(ctx, m))
	if r := h.must(h.Correct(ctx, m, twins)); quantity(r.Statement, "rds") != 19 {
		t.Fatalf("the draft has %d", quantity(r.Statement, "rds"))
	}
	if _, err := h.Withdraw(ctx, m, closing.Act{By: "C"}); err == nil || !strings.Contains(err.Error(), "no reason") {
		t.Errorf("without a reason: %v", err)
	}
	l, err := h.Withdraw(ctx, m, vries("the log was another host's"))
	if err != nil || l.Shown() != "submitted" || l.Revision != 0 || l.Submission == nil || len(l.Corrections()) != 0 || l.Pending || l.Restarted {
		t.Fatalf("%v %+v", err, l)
	}
	after := tree(t, filepath.Join(dir, "out"))
	for name, digest := range before {
		if after[name] != digest {
			t.Errorf("withdrawing changed %s", name)
		}
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 {
		t.Errorf("%v", wrong)
	}

	// The next revision has its number.
	if l, err = h.Amend(ctx, m, vries("the right log"), false); err != nil || l.Revision != 1 || !l.Restarted {
		t.Fatalf("%v %+v", err, l)
	}
	r := h.must(h.Close(ctx, m))
	if quantity(r.Statement, "rds") != 20 || r.Statement.Revision != 1 || r.Life.Restarted {
		t.Errorf("the new draft has %d, %+v", quantity(r.Statement, "rds"), r.Life)
	}
	// What was corrected in the one that was withdrawn is asked for anew.
	if r = h.must(h.Correct(ctx, m, twins)); quantity(r.Statement, "rds") != 19 {
		t.Errorf("the correction, once more: %d", quantity(r.Statement, "rds"))
	}
	if _, err := h.Correct(ctx, m, twins); err == nil || !strings.Contains(err.Error(), "done already") {
		t.Errorf("twice: %v", err)
	}
	h.must(h.Approve(ctx, m, vries("")))
	r = h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	verify(t, h.Pack("2026-10", 0))
	p := verify(t, r.Pack)
	if _, err := closing.Recompute(ctx, p, p.Manifest.Program); err != nil {
		t.Error(err)
	}
	if _, err := h.Withdraw(ctx, m, vries("x")); err == nil || !strings.Contains(err.Error(), "stays") {
		t.Errorf("a submitted revision: %v", err)
	}
}

// An approved month is a draft again while nothing of it went out, and is sealed
// as one.
func TestReopen(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, m))
	if _, err := h.Reopen(ctx, m, vries("x")); err == nil || !strings.Contains(err.Error(), "not approved yet") {
		t.Errorf("a draft: %v", err)
	}
	h.must(h.Approve(ctx, m, vries("")))
	r := h.must(h.Reopen(ctx, m, vries("approved too early")))
	if r.Life.Shown() != "draft" || r.Life.Approval != nil || r.Statement.State != statement.Draft {
		t.Errorf("%+v", r.Life)
	}
	p := verify(t, r.Pack)
	if _, err := closing.Recompute(ctx, p, p.Manifest.Program); err != nil {
		t.Error(err)
	}
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))

	// An amendment that was approved is reopened and withdrawn: the month before
	// it stands, and can go on.
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if _, err := h.Amend(ctx, m, vries("late"), false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	if _, err := h.Withdraw(ctx, m, vries("x")); err == nil || !strings.Contains(err.Error(), "reopen it first") {
		t.Errorf("an approved one: %v", err)
	}
	h.must(h.Reopen(ctx, m, vries("x")))
	if l, err := h.Withdraw(ctx, m, vries("x")); err != nil || l.Shown() != "submitted" {
		t.Errorf("%v %+v", err, l)
	}

	// What a customer has in hand is amended, not reopened.
	n := h.month("2026-09")
	h.must(h.Close(ctx, n))
	h.must(h.Approve(ctx, n, vries("")))
	if err := h.Store.RecordDelivery(ctx, store.Delivery{Month: "2026-09", Seq: 1, Tenant: "tuinderij", Document: "tuinderij-2026-09", Action: store.DeliverySent}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Reopen(ctx, n, vries("x")); err == nil || !strings.Contains(err.Error(), "was sent already") {
		t.Errorf("a month that was sent: %v", err)
	}
}
