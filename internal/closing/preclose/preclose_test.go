package preclose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func day(m time.Month, d int) month.Day { return month.Date(2026, m, d) }

// claim is one person's claim to one product, read in the directory "ad".
func claim(tenant, product, name string, last month.Day, active bool) statement.Person {
	return statement.Person{Tenant: tenant, Product: product, Key: "k-" + name, Name: name, Units: 1, First: last - 5, Last: last, Active: active,
		Accounts: []statement.Account{{ID: "id-" + name, Name: name + "1", Directory: "ad"}},
		Via:      statement.Basis{Way: &statement.Way{Kind: statement.ByGroup, Path: []string{"RDS-Users", "T-" + tenant}}, Installed: &statement.Installed{}}}
}

func excluded(p statement.Person, id string) statement.Person {
	p.Excluded = &statement.Exclusion{ID: id}
	return p
}

func made(name string, read []month.Day, persons ...statement.Person) *statement.Statement {
	return &statement.Statement{Month: name, Persons: statement.PersonsOf(persons...),
		Products: []statement.Product{{ID: "rds", PartNumber: "P-RDS"}, {ID: "office", PartNumber: "P-OFF"}, {ID: "mail", PartNumber: ""},
			{ID: "act", PartNumber: "P-ACT", Count: statement.CountActive}},
		Coverage: statement.Coverage{Sources: []statement.SourceCoverage{{Source: "ad", Kind: statement.CoverageDirectory, Days: read}, {Source: "sessions", Kind: statement.CoverageSessions, Host: "h"}}}}
}

// scene is 21 November 2026, with the directory read up to then. Prices of
// December: rds 6.00, office 16.50.
//
//	anna   rds+office, no session in November or October     idle, 2 licences, 22.50
//	bram   rds, a session in October                          not idle
//	cees   rds, no session, but first counted in November     new, not idle
//	dirk   rds, no session, gone since 18 November            drops by itself
//	eva    rds excluded by X1 until 15 December               6.00 more from December
//	fien   rds, no session; mail without a price              2 licences, money not known
//	gerrit counts only where active, and is not               nothing to save
//	hugo   disabled and in a group                            clean up
func scene(t *testing.T) Input {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	var november, october []month.Day
	for d := 1; d <= 21; d++ {
		november = append(november, day(11, d))
	}
	for d := 1; d <= 31; d++ {
		october = append(october, day(10, d))
	}
	now := made("2026-11", november,
		claim("t", "rds", "anna", day(11, 21), false), claim("t", "office", "anna", day(11, 21), false),
		claim("t", "rds", "bram", day(11, 21), false),
		claim("t", "rds", "cees", day(11, 21), false),
		claim("t", "rds", "dirk", day(11, 18), false),
		excluded(claim("t", "rds", "eva", day(11, 21), false), "X1"),
		claim("t", "rds", "fien", day(11, 21), false), claim("t", "mail", "fien", day(11, 21), false),
		claim("t", "act", "gerrit", day(11, 21), false))
	now.Tenants = []statement.Tenant{{ID: "t", Exclusions: []statement.ExclusionUse{
		{ID: "X1", Product: "rds", Until: "2026-12-15", Used: 1},
		{ID: "X2", Product: "rds", Until: "2026-12-31", Used: 3}, // covers all of December
		{ID: "X3", Product: "rds", Until: "2026-12-15", Used: 0}, // keeps nobody out
		{ID: "X4", Product: "rds", Until: "", Used: 3},
	}}}
	now.Findings = []statement.Finding{{Code: "disabled-in-group", Tenant: "t", Subject: "hugo1"}, {Code: "no-tenant", Subject: "bram1"}}
	// The month is not over: its log reaches to today, which is no gap yet.
	now.Coverage.Gaps = []statement.Gap{{Kind: statement.CoverageSessions, Host: "h", From: "2026-11-21T05:00:00+01:00", Until: "2026-12-01T00:00:00+01:00"}}
	before := made("2026-10", october,
		claim("t", "rds", "anna", day(10, 31), false), claim("t", "rds", "bram", day(10, 31), true), claim("t", "rds", "dirk", day(10, 31), false),
		claim("t", "rds", "fien", day(10, 31), false), claim("t", "act", "gerrit", day(10, 31), false))
	price := func(part, unit string) prices.Price {
		return prices.Price{PartNumber: part, Currency: "EUR", Unit: decimal.RequireFromString(unit)}
	}
	return Input{Month: month.New(2026, time.November, loc), Today: day(11, 21), Statements: []*statement.Statement{now, before},
		IdleMonths: 2, Sessions: true, Prices: prices.List{price("P-RDS", "6.00"), price("P-OFF", "16.50"), price("P-ACT", "9")}}
}

func TestMake(t *testing.T) {
	got := Make(scene(t))
	groups := []string{"RDS-Users › T-t"}
	want := &List{On: day(11, 21), Months: 2, Licences: 4, Added: 1, Gone: 1, Unpriced: 2,
		Saves: []Sum{{"EUR", "22.50"}}, Costs: []Sum{{"EUR", "6.00"}},
		Rows: []Row{
			{Reason: Idle, Tenant: "t", Name: "anna", Accounts: []string{"anna1"}, Products: []string{"office", "rds"}, Groups: groups, Units: 2, Amount: "22.50", Currency: "EUR"},
			{Reason: Idle, Tenant: "t", Name: "fien", Accounts: []string{"fien1"}, Products: []string{"mail", "rds"}, Groups: groups, Units: 2, Currency: "EUR"},
			{Reason: Expiring, Tenant: "t", Name: "X1", Products: []string{"rds"}, Units: 1, Amount: "6.00", Currency: "EUR", Until: day(12, 15)},
			{Reason: Disabled, Tenant: "t", Name: "hugo1", Accounts: []string{"hugo1"}},
		}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(List{}, "Month")); diff != "" {
		t.Error(diff)
	}
}

// Where the logs do not tell, nobody is called idle, and the list says why.
func TestBlind(t *testing.T) {
	for _, x := range []struct {
		name, want string
		gaps       int
		change     func(*Input)
	}{
		{"no logs configured", "no session logs are configured", 0, func(in *Input) { in.Sessions = false }},
		{"no month before", "the months before were not read", 0, func(in *Input) { in.Statements = in.Statements[:1] }},
		{"no log read", "no session log of 2026-10 was read", 0, func(in *Input) { in.Statements[1].Coverage.Sources = in.Statements[1].Coverage.Sources[:1] }},
		{"one host's log missing", "", 1, func(in *Input) {
			in.Statements[1].Coverage.Gaps = []statement.Gap{{Kind: statement.CoverageSessions, Host: "g"}}
		}},
		{"this month's beginning overwritten", "", 1, func(in *Input) {
			in.Statements[0].Coverage.Gaps = []statement.Gap{{Kind: statement.CoverageSessions, Host: "h", From: "2026-11-01T00:00:00+01:00", Until: "2026-11-07T00:00:00+01:00"}}
		}},
	} {
		in := scene(t)
		x.change(&in)
		l := Make(in)
		if l.Blind != x.want || l.Gaps != x.gaps {
			t.Errorf("%s: blind %q, %d gaps; want %q, %d", x.name, l.Blind, l.Gaps, x.want, x.gaps)
		}
		if idle := l.Count(Idle); (idle > 0) != (x.want == "") {
			t.Errorf("%s: %d are called idle", x.name, idle)
		}
	}
}

// lastLogonTimestamp is up to 14 days late: with two months to look back, a
// logon before 21 November - 60 - 14 days = 8 September is old.
func TestLastLogon(t *testing.T) {
	stamp := func(d month.Day) string { // 100 ns since 1601-01-01, which is day -134774
		return decimal.NewFromInt(int64(d) + 134774).Mul(decimal.NewFromInt(864000000000)).Add(decimal.NewFromInt(432000000000)).String()
	}
	account := func(name, value string) snapshot.AccountSpan {
		return snapshot.AccountSpan{Account: snapshot.Account{ID: "id-" + name, Attributes: []snapshot.Attribute{{Name: "lastlogontimestamp", Value: value}}}}
	}
	in := scene(t)
	in.Sessions, in.LastLogon = false, true // nobody is known to be idle
	in.Facts = &snapshot.Facts{Directories: []snapshot.DirectoryMonth{{Accounts: snapshot.ListOf(
		account("anna", stamp(day(9, 7))), account("bram", stamp(day(9, 8))), account("cees", "0"), account("fien", "not a number"),
		account("dirk", stamp(day(1, 1))), // gone anyhow
	)}}}
	l := Make(in)
	if n := l.Count(Leaver); n != 1 || l.Rows[0].Name != "anna" || l.Rows[0].Logon != day(9, 7) || l.Rows[0].Amount != "22.50" {
		t.Errorf("%d rows by last logon: %+v", n, l.Rows)
	}
	in.LastLogon = false
	if n := Make(in).Count(Leaver); n != 0 {
		t.Errorf("%d rows by last logon, which is not kept", n)
	}
}
