package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

func result(m string, revision int, test bool, quantity int) *statement.Statement {
	pool := statement.Basis{Way: &statement.Way{Kind: statement.ByPool, Pool: "office", Path: []string{"RDS"}}}
	day := mon(m).FirstDay()
	anna := []statement.Account{{ID: "p1", Name: "anna"}}
	return &statement.Statement{
		Month: m, Revision: revision, Test: test,
		Products: []statement.Product{{ID: "rds"}, {ID: "once", Count: statement.CountActive}},
		Tenants: []statement.Tenant{
			{ID: "b", Lines: []statement.Line{{Product: "rds", PartNumber: "6WC", Quantity: quantity, Amount: "1.00"}, {Product: "sql", Excluded: 4}}},
			{ID: "a", Lines: []statement.Line{{Product: "rds", PartNumber: "6WC", Quantity: 1}}},
		},
		Persons: statement.PersonsOf(
			statement.Person{Tenant: "b", Product: "rds", Key: "p2", Units: 1, Via: pool, Last: day + 4},
			statement.Person{Tenant: "b", Product: "rds", Key: "p1", Units: 3, Via: pool, Last: day + 29, Accounts: anna},
			statement.Person{Tenant: "b", Product: "rds", Key: "p0", Units: 1, Excluded: &statement.Exclusion{ID: "x"}},
			statement.Person{Tenant: "b", Product: "once", Key: "p2", Units: 1},
			statement.Person{Tenant: "b", Product: "once", Key: "p1", Units: 1, Active: true, Last: day + 29, Accounts: anna},
		),
		Machines: []statement.Machine{
			{Tenant: "-shared", Product: "win", Key: "host:h", Packs: 8, Host: "H", Cores: 16},
			{Tenant: "-shared", Product: "win", Key: "host:i", Packs: 8, Excluded: &statement.Exclusion{ID: "x"}},
		},
		Findings: []statement.Finding{{Code: "z", Subject: "s"}, {Code: "c", Tenant: "b", Product: "rds", Subject: "s"}, {Code: "z", Subject: "s"}},
	}
}

// By hand, seen from October: July is imported only; August was imported and
// computed, and the computed counts; September has a revision 1 that is above
// 0, and a test revision 2 that does not count. Three months before October
// are July to September; only September says who was counted: not the
// excluded p0 and host:i, nor p2 for "once", which counts the active. Anna's
// name stands once; p1 and p2 share a way, which stands with the first of them;
// p2 was last seen entitled on the 5th.
func results(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	must(t, s.PutHistory(ctx, "old.csv", []statement.Earlier{
		{Month: "2026-06", Quantities: []statement.Quantity{{PartNumber: "6WC", Quantity: 1}}},
		{Month: "2026-07", Quantities: []statement.Quantity{{PartNumber: "7AH", Quantity: 6}, {PartNumber: "6WC", Quantity: 5}}, Computed: true},
		{Month: "2026-08", Quantities: []statement.Quantity{{PartNumber: "6WC", Quantity: 99}}},
	}))
	must(t, s.PutResult(ctx, result("2026-08", 0, false, 7)))
	must(t, s.PutResult(ctx, result("2026-08", 0, false, 8)))
	must(t, s.PutResult(ctx, result("2026-09", 1, false, 10)))
	must(t, s.PutResult(ctx, result("2026-09", 0, false, 9)))
	must(t, s.PutResult(ctx, result("2026-09", 2, true, 99)))
	must(t, s.PutResult(ctx, result("2026-10", 0, false, 99)))

	q := func(n int) []statement.Quantity {
		return []statement.Quantity{
			{Tenant: "a", Product: "rds", PartNumber: "6WC", Quantity: 1},
			{Tenant: "b", Product: "rds", PartNumber: "6WC", Quantity: n, Amount: "1.00"},
		}
	}
	want := []statement.Earlier{
		{Month: "2026-07", Quantities: []statement.Quantity{{PartNumber: "6WC", Quantity: 5}, {PartNumber: "7AH", Quantity: 6}}},
		{Month: "2026-08", Computed: true, Quantities: q(8)},
		{
			Month: "2026-09", Revision: 1, Computed: true, Quantities: q(10),
			Counted: snapshot.ListOf([]statement.Counted{
				{Tenant: "-shared", Product: "win", Key: "host:h", Units: 8, Name: "H", Way: 2, Via: &statement.Via{Kind: statement.ByMachine, Host: "H", Cores: 16}},
				{Tenant: "b", Product: "once", Key: "p1", Units: 1, Name: "anna"},
				{Tenant: "b", Product: "rds", Key: "p1", Units: 3, Way: 1, Via: &statement.Via{Kind: statement.ByPool, Pool: "office", Path: []string{"RDS"}}},
				{Tenant: "b", Product: "rds", Key: "p2", Units: 1, Last: 5, Way: 1},
			}...),
			Findings: []string{"c|b|rds|s", "z|||s"},
		},
	}
	got, err := s.Earlier(ctx, mon("2026-10"), 3)
	must(t, err)
	if d := gocmp.Diff(want, got, sameFacts()); d != "" {
		t.Error(d)
	}
	if got, err = s.Earlier(ctx, mon("2026-10"), 0); err != nil || len(got) != 0 {
		t.Error(got, err)
	}

	b, err := s.Result(ctx, "2026-08", 0)
	must(t, err)
	var st statement.Statement
	must(t, json.Unmarshal(b, &st))
	if st.Month != "2026-08" || st.Tenants[0].Lines[0].Quantity != 8 {
		t.Errorf("got %s", b)
	}
	for m, revision := range map[string]int{"2026-09": 2, "2026-01": 0} {
		if _, err := s.Result(ctx, m, revision); !errors.Is(err, store.ErrNone) {
			t.Errorf("%s revision %d: %v", m, revision, err)
		}
	}
	if err := s.PutResult(ctx, &statement.Statement{Month: "October"}); err == nil {
		t.Error("a result of no month was taken")
	}
}

// By hand: of September nobody read a directory, so how many users there were
// is not known, while the inventory knows of 8 cores; of August somebody
// answered for the same, so its zero is one.
func unread(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	half := func(m, accepted string) *statement.Statement {
		return &statement.Statement{
			Month: m, Lines: []statement.Line{{Product: "rds", Unit: statement.UnitUser}, {Product: "win", Unit: statement.UnitCore, Quantity: 8}},
			Tenants: []statement.Tenant{{ID: "a", Lines: []statement.Line{{Product: "rds", Unit: statement.UnitUser}}}, {ID: "-shared", Lines: []statement.Line{{Product: "win", Unit: statement.UnitCore, Quantity: 8}}}},
			Coverage: statement.Coverage{
				Sources: []statement.SourceCoverage{{Source: "ad", Kind: statement.CoverageDirectory}, {Source: "estate", Kind: statement.CoverageInventory, Days: []month.Day{mon(m).FirstDay()}}, {Source: "logs", Kind: statement.CoverageSessions}},
				Gaps:    []statement.Gap{{Source: "ad", Accepted: accepted}},
			},
		}
	}
	must(t, s.PutResult(ctx, half("2026-08", "by somebody: nothing ran yet")))
	must(t, s.PutResult(ctx, half("2026-09", "")))
	got, err := s.Earlier(ctx, mon("2026-10"), 3)
	must(t, err)
	cores := statement.Quantity{Tenant: "-shared", Product: "win", Quantity: 8}
	want := []statement.Earlier{
		{Month: "2026-08", Computed: true, Quantities: []statement.Quantity{cores}},
		{Month: "2026-09", Computed: true, Quantities: []statement.Quantity{{Product: "rds", Unread: true}, cores}, Counted: snapshot.ListOf([]statement.Counted{}...), Findings: []string{}},
	}
	if d := gocmp.Diff(want, got, sameFacts()); d != "" {
		t.Error(d)
	}
}

func months(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	must(t, s.PutResult(t.Context(), result("2026-12", 0, false, 1)))
	must(t, s.PutDirectory(t.Context(), directory("2026-10-05", nil, nil)))
	must(t, s.PutDirectory(t.Context(), directory("2026-10-06", nil, nil)))
	// 31 October, 23:30 UTC is 1 November in Amsterdam.
	must(t, s.PutFailure(t.Context(), snapshot.Reading{Source: "x", Kind: snapshot.KindSessions, Taken: mon("2026-11").Start()}))
	got, err := s.Months(t.Context())
	must(t, err)
	if want := []string{"2026-10", "2026-11", "2026-12"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
