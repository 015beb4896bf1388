package closing_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// By hand: October is approved with 20 RDS SALs. The first reading of November tells
// that y.slaap of harbour came into the groups of a.bloem on 31 October, six hours after
// that day's reading, and left them an hour later. The month stays as it was approved, to the last
// byte, and so does what it is verified by. What counting it again would give is
// told; an amendment counts y.slaap, from when until when, by what, and as what.
func TestWhatNovemberTellsOfAnApprovedOctober(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, h.month("2026-09")))
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	before := tree(t, filepath.Join(dir, "out"))

	f, err := h.Store.Facts(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	loc := h.Setup.Config.Provider.Location
	d := directoryAt(t, f, month.Date(2026, 10, 31), loc)
	came := d.Taken.Add(3 * time.Hour)
	left := came.Add(time.Hour)
	var slaap string
	for i := range d.Accounts {
		if d.Accounts[i].Name == "y.slaap" {
			slaap = d.Accounts[i].ID
		}
	}
	known := map[snapshot.Member]bool{}
	for i := range f.Directories[0].Members.Len() {
		x := f.Directories[0].Members.At(i)
		known[snapshot.Member{Group: x.Group, Key: x.Key}] = true
	}
	d.Members = slices.DeleteFunc(d.Members, func(x snapshot.Member) bool {
		fresh := x.Key == slaap && !known[snapshot.Member{Group: x.Group, Key: x.Key}]
		if fresh {
			d.Changes = append(d.Changes, snapshot.Change{Object: x.Group, Key: slaap, Link: true, Version: 2, Created: came, Changed: left, Gone: true, Origin: "DC2"})
		}
		return fresh
	})
	if len(d.Changes) == 0 {
		t.Fatal("nothing is told")
	}
	d.Taken = month.Date(2026, 11, 1).Start(loc).Add(2 * time.Hour)
	d.Day, d.File, d.Fingerprint, d.Metadata = month.DayOf(d.Taken, loc), "november.ldif", "november", []string{snapshot.MetadataLinks}
	if err := h.Store.PutDirectory(ctx, d); err != nil {
		t.Fatal(err)
	}

	l, err := h.Life(ctx, m)
	if err != nil || l.State != statement.Approved {
		t.Fatalf("%+v, %v", l, err)
	}
	if changes := changed(before, tree(t, filepath.Join(dir, "out"))); len(changes) > 0 {
		t.Errorf("the reading of November changed %v", changes)
	}
	if _, err := closing.Recompute(ctx, verify(t, h.Pack("2026-10", 0)), h.Version); err != nil {
		t.Errorf("counted again from its evidence: %v", err)
	}
	_, err = h.Close(ctx, m)
	refused(t, err, "it is approved", "splameter amend")

	p, err := h.Propose(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(p.Differences, func(x closing.Difference) bool { return x.PartNumber == "6WC-00002" })
	if at < 0 || p.Differences[at].Was != 20 || p.Differences[at].Is != 21 {
		t.Errorf("proposed %+v, want 20 to 21", p.Differences)
	}

	if _, err := h.Amend(ctx, m, vries("what November tells"), false); err != nil {
		t.Fatal(err)
	}
	r := h.must(h.Close(ctx, m))
	if quantity(r.Statement, "rds") != 21 || r.Statement.Revision != 1 {
		t.Errorf("the amendment has %d", quantity(r.Statement, "rds"))
	}
	found := false
	for i := range r.Statement.Persons.Len() {
		x := r.Statement.Persons.At(i)
		if b := x.Between; b != nil && x.Product == "rds" {
			found = true
			if x.Tenant != "harbour" || x.Accounts[0].Name != "y.slaap" || !b.From.Equal(came) || !b.Until.Equal(left) || b.By != statement.ByMetadata || b.Origin != "DC2" || b.At.File != "november.ldif" {
				t.Errorf("%s of %s: %+v", x.Accounts[0].Name, x.Tenant, b)
			}
		}
	}
	if !found {
		t.Error("nobody is counted by access between two readings")
	}
	if !slices.ContainsFunc(r.Statement.Findings, func(f statement.Finding) bool {
		return f.Code == "access-between" && f.Tenant == "harbour" && f.Product == "rds" && strings.Contains(f.Message, "DC2")
	}) {
		t.Error("no finding tells of it")
	}
	for _, x := range r.Statement.Tenants {
		for _, l := range x.Lines {
			if l.Product == "rds" && x.ID == "harbour" {
				want := statement.Change{Cause: statement.CauseJoined, Detail: "RDS-Kantoor > Tuinderij-RDS", Day: "2026-10-31", Added: 1}
				if l.Quantity != 3 || l.Between != 1 || !slices.Contains(l.Changes, want) {
					t.Errorf("harbour's line is %+v, want 3 and %+v", l, want)
				}
			}
		}
	}
	if changes := changed(before, tree(t, filepath.Join(dir, "out"))); slices.ContainsFunc(changes, func(x string) bool { return !strings.Contains(x, "revision-1") && !strings.Contains(x, "-r1") }) {
		t.Errorf("the amendment changed %v of what was approved", changes)
	}
}
