package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func TestChanges(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true,
		Quantities: []statement.Quantity{{Tenant: "alpha", Product: "rds", Quantity: 2}, {Tenant: "beta", Product: "rds", Quantity: 2}},
		Counted: snapshot.ListOf([]statement.Counted{{Tenant: "alpha", Product: "rds", Key: id(1), Units: 1}, {Tenant: "alpha", Product: "rds", Key: id(3), Units: 1},
			{Tenant: "beta", Product: "rds", Key: id(8), Units: 1}, {Tenant: "beta", Product: "rds", Key: id(9), Units: 1}}...)}}
	st := s.run()
	var alpha, beta statement.Line
	for _, tn := range st.Tenants {
		for _, l := range tn.Lines {
			if l.Product == "rds" && tn.ID == "alpha" {
				alpha = l
			}
			if l.Product == "rds" && tn.ID == "beta" {
				beta = l
			}
		}
	}
	if !alpha.Compared || alpha.Previous != 2 || alpha.Added != 1 || alpha.Removed != 1 {
		t.Errorf("alpha: %+v", alpha)
	}
	if !beta.Compared || beta.Quantity != 0 || beta.Previous != 2 || beta.Removed != 2 {
		t.Errorf("beta: %+v", beta)
	}
	if l := st.Lines[0]; l.Previous != 4 || l.Added != 1 || l.Removed != 3 {
		t.Errorf("report: %+v", l)
	}
	s.prev[0].Month = "2026-08" // not the month directly before: nothing to compare with
	if st = s.run(); st.Lines[0].Compared {
		t.Error("compared with August")
	}
}

// Visio's rule ended with September, in which alpha had two: its line stands
// with zero, under its name, for alpha and in the report, and behind the others.
// Project's rule is gone from the file, and nothing tells its name or its unit:
// the three that were counted are a finding. Publisher's rule has ended too, and
// nobody had any in September: it is named for the months that had, without a
// line. What beta was counted for stands as before.

func TestChangesOfWithdrawnProducts(t *testing.T) {
	s := newScene(t)
	s.rules(sceneRules + `
  - {id: visio, name: {en: Visio Standard}, part_number: VIS-1, unit: user, entitled: {groups: [LIC-Visio]}, until: 2026-09-30}
  - {id: publisher, name: {en: Publisher}, part_number: PUB-1, unit: user, entitled: {groups: [LIC-Pub]}, until: 2026-03-31}
  - {id: planned, name: {en: Planned}, part_number: PLN-1, unit: user, entitled: {groups: [LIC-Pln]}, from: 2027-01-01}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.prev = []statement.Earlier{
		{Month: "2026-08", Computed: true, Quantities: []statement.Quantity{{Tenant: "beta", Product: "publisher", Quantity: 1}}},
		{Month: "2026-09", Computed: true,
			Quantities: []statement.Quantity{{Tenant: "alpha", Product: "rds", Quantity: 1}, {Tenant: "alpha", Product: "visio", Quantity: 2}, {Tenant: "beta", Product: "project", Quantity: 3}},
			Counted: snapshot.ListOf([]statement.Counted{{Tenant: "alpha", Product: "rds", Key: id(1), Units: 1},
				{Tenant: "alpha", Product: "visio", Key: id(1), Units: 1}, {Tenant: "alpha", Product: "visio", Key: id(7), Units: 1}}...)}}
	st := s.run()
	line := func(lines []statement.Line, product string) statement.Line {
		for i, l := range lines {
			if l.Product == product {
				if i < len(lines)-1 {
					t.Errorf("%s stands before %s", product, lines[i+1].Product)
				}
				return l
			}
		}
		return statement.Line{}
	}
	want := statement.Line{Product: "visio", PartNumber: "VIS-1", Unit: statement.UnitUser, Compared: true, Previous: 2, Removed: 2,
		Changes: []statement.Change{{Cause: statement.CauseRule, Detail: "visio until 2026-09-30", Day: "2026-10-01", Removed: 2}}}
	for _, tn := range st.Tenants {
		switch l := line(tn.Lines, "visio"); {
		case tn.ID == "alpha" && !cmp.Equal(l, want):
			t.Errorf("alpha: %+v", l)
		case tn.ID != "alpha" && l.Product != "":
			t.Errorf("%s: %+v", tn.ID, l)
		}
	}
	want.Changes[0].Day = "" // which each customer's line says
	if l := line(st.Lines, "visio"); !cmp.Equal(l, want) {
		t.Errorf("report: %+v", l)
	}
	var named []string
	for i := range st.Products[6:] {
		named = append(named, st.Products[6+i].Label("en"))
	}
	if !slices.Equal(named, []string{"Visio Standard", "Publisher"}) {
		t.Errorf("%q", named)
	}
	s.wantFindings(st, "product-without-rule", "project")
}

// Nobody read September's directory: October's two users are not two more than
// none, and the month is no zero in anybody's history. What ran on machines was
// read, and is compared.

func TestChangesAgainstAnUnreadMonth(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true,
		Quantities: []statement.Quantity{{Product: "rds", Unread: true}, {Tenant: "alpha", Product: "office-std", Quantity: 3}}}}
	st := s.run()
	for i := range st.Tenants {
		tn := &st.Tenants[i]
		for _, l := range tn.Lines {
			if l.Product == "rds" && (l.Compared || l.Added != 0 || l.Previous != 0) {
				t.Errorf("%s: %+v", tn.ID, l)
			}
		}
		if tn.ID == "alpha" && (len(tn.History) != 1 || !slices.Equal(tn.History[0].Unread, []string{"rds"})) {
			t.Errorf("%+v", tn.History)
		}
	}
	if l := st.Lines[0]; l.Product != "rds" || l.Quantity != 2 || l.Compared || l.Added != 0 {
		t.Errorf("report: %+v", l)
	}
	if l := st.Lines[1]; !l.Compared {
		t.Errorf("report: %+v", l)
	}
}

// By hand: August counted 4 rds of alpha's and 2 of beta's, 3 visio and 5 of a
// product that no rule has any more. In September nothing was read of rds and
// visio, and of October's alpha 2 are left: 2 of alpha's and beta's 2 fell over the
// hole, and visio's 3. The product was 5 in September as well, and what fell since
// is September's to tell. Where September was never counted, it is as unread.
func TestDecreaseOverAHole(t *testing.T) {
	august := statement.Earlier{Month: "2026-08", Computed: true, Quantities: []statement.Quantity{{Tenant: "alpha", Product: "rds", Quantity: 4}, {Tenant: "beta", Product: "rds", Quantity: 2},
		{Tenant: "alpha", Product: "office-std", Quantity: 5}, {Tenant: "alpha", Product: "visio", Quantity: 3}}}
	september := statement.Earlier{Month: "2026-09", Computed: true, Quantities: []statement.Quantity{{Product: "rds", Unread: true}, {Product: "visio", Unread: true}, {Tenant: "alpha", Product: "office-std", Quantity: 5}}}
	imported := august
	imported.Computed = false
	for _, c := range []struct {
		name string
		prev []statement.Earlier
		want []string
	}{
		{"unread", []statement.Earlier{august, september}, []string{"rds against 2026-08 4", "visio against 2026-08 3"}},
		{"never counted", []statement.Earlier{august}, []string{"office-std against 2026-08 5", "rds against 2026-08 4", "visio against 2026-08 3"}},
		{"imported long ago", []statement.Earlier{imported}, nil},
	} {
		s := newScene(t)
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		d.user(2, "bob", "OU=alpha,DC=h", always)
		s.members(100, "RDS-Users", 1, 2)
		s.prev = c.prev
		st := s.run()
		var got []string
		for _, q := range st.OpenQuestions() {
			if q.Kind == statement.AskDrop && strings.Contains(q.Subject, " against ") {
				got = append(got, fmt.Sprintf("%s %d", q.Subject, q.Units))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: asked %q, want %q", c.name, got, c.want)
		}
	}
}
