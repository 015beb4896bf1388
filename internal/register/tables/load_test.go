package tables

import (
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/repotest"
)

func TestAcceptanceTables(t *testing.T) {
	path := repotest.Shared(t, "acceptance", "october", "config.yaml")
	c, faults := config.Load(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	reg, list, sales, decisions, faults := LoadAll(c)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	// By hand from the files: ten tenants, four entries, nine part numbers
	// each at two dates.
	if len(reg.Tenants) != 10 || len(reg.Exclusions) != 4 || len(list) != 18 || len(sales)+len(decisions)+len(reg.Partners)+len(reg.Shared) != 0 {
		t.Fatalf("%d tenants, %d exclusions, %d prices", len(reg.Tenants), len(reg.Exclusions), len(list))
	}
	own := reg.Tenant("own")
	if !own.Internal || own.Line != 11 || own.OUs[0].DN != "OU=Staff,DC=hosting,DC=example" || own.Postal != "2171 TR" {
		t.Errorf("%+v", own)
	}
	if a := reg.Tenant("aalsmeer"); a.Partner != "partner-west" || a.Country != "BE" || a.Language != "en" || a.Internal || a.Named {
		t.Errorf("%+v", a)
	}
	x3 := reg.Exclusions[2]
	want := register.Exclusion{ID: "X3", Tenant: "bakkerij", Product: "office-*", Ground: register.FlexibleVirtual,
		Match: register.Match{Kind: register.MatchAll}, Quantity: 1000, Limited: true, Document: "MCA 4711",
		From: month.OptionalDay{Day: month.Date(2026, 3, 1), Set: true}, Until: month.OptionalDay{Day: month.Date(2026, 12, 31), Set: true}, Line: 4}
	if x3 != want {
		t.Errorf("got %+v, want %+v", x3, want)
	}
	if x2 := reg.Exclusions[1]; x2.Limited || x2.Match.String() != "user:svc-*" {
		t.Errorf("%+v", x2)
	}
	october := month.New(2026, 10, c.Provider.Location)
	if p, ok := list.For("6wc-00002", october); !ok || p.Unit.String() != "4.6132" || p.Currency != "EUR" {
		t.Errorf("%+v", p)
	}
	if p, ok := list.For("6WC-00002", october.Add(-10)); !ok || p.Unit.String() != "4.19" {
		t.Errorf("december 2025: %+v", p)
	}
}
