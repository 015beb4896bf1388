package rules

import (
	"strings"
	"testing"

	"splameter/internal/month"
	"splameter/internal/register/prices"

	"github.com/shopspring/decimal"
)

// What changes nothing, or could be meant in two ways, is told with its place;
// Parse takes it all the same, for sealed months.
func TestMeaning(t *testing.T) {
	for _, tt := range []struct{ products, want string }{
		{"{id: a, unit: core, family: f, hosts: {kind: physical}}", "rules.yaml:3:33: product a counts cores and has a family"},
		{"{id: a, unit: core, count: active, ground: g, document: d, hosts: {kind: physical}}", "counts cores and only active users"},
		{"{id: a, unit: user, rank: 2, entitled: {groups: [G]}}", "rules.yaml:3:31: product a has a rank and no family"},
		{"{id: a, unit: user, requires: [a], entitled: {groups: [G]}}", "product a requires itself"},
		{"{id: a, unit: user, family: f, rank: 1, entitled: {groups: [G]}}\n  - {id: b, unit: user, family: F, rank: 2, entitled: {groups: [G]}}", "the families f and F differ in case alone"},
		{"{id: a, unit: user, family: f, rank: 1, entitled: {groups: [G]}}\n  - {id: b, unit: user, family: f, rank: 1, entitled: {groups: [G]}}", "products a and b of family f have one rank"},
		{"{id: a, unit: user, with: [b], entitled: {groups: [G]}}\n  - {id: b, unit: core, hosts: {kind: physical}}", "product a brings b along, which counts cores"},
		{"{id: a, unit: user, until: 2026-10-14, entitled: {groups: [G]}}\n  - {id: a, unit: user, from: 2026-10-15, entitled: {groups: [H]}}", "rules.yaml:4:31: product a begins inside a month"},
		{"{id: a, unit: user, until: 2026-10-14, entitled: {groups: [G]}}", "product a ends inside a month"},
		{"{id: a, unit: user, until: 2026-09-30, entitled: {groups: [G]}}\n  - {id: a, unit: user, from: 2026-10-01, entitled: {groups: [H]}}", ""},
		{"{id: a, unit: user, until: 2026-10-14, entitled: {groups: [G]}}\n  - {id: a, unit: user, from: 2026-10-15, mid_month: higher, entitled: {groups: [H]}}", ""},
		{"{id: a, unit: user, family: f, rank: 1, entitled: {groups: [G]}}\n  - {id: b, unit: user, family: f, rank: 2, entitled: {groups: [G]}}", ""},
	} {
		text := []byte("version: x\nproducts:\n  - " + tt.products + "\n")
		set, faults := Parse("rules.yaml", text)
		if err := faults.Err(); err != nil {
			t.Errorf("%s: %v", tt.products, err)
			continue
		}
		err := set.Meaning(text).Err()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s:\n%v\nwant %q", tt.products, err, tt.want)
		}
	}
}

// The rule changes on the 15th: three had the old one, two the new. At one
// price the three count; at twice the price the two.
func TestMidMonthCountsTheDearer(t *testing.T) {
	for price, want := range map[string]int{"10": 3, "20": 2, "": 3} {
		s := newScene(t)
		s.rules(`
version: x
products:
  - {id: a, part_number: OLD, unit: user, until: 2026-10-14, entitled: {groups: [Old]}}
  - {id: a, part_number: NEW, unit: user, from: 2026-10-15, mid_month: higher, entitled: {groups: [New]}}
`)
		d := s.dir()
		for i, n := range []string{"ann", "bob", "cor"} {
			d.user(i+1, n, "OU=alpha,DC=h", always)
		}
		d.group(100, "Old", id(1), id(2), id(3))
		d.group(101, "New", id(1), id(2))
		if price != "" {
			from := month.OptionalDay{Day: month.DayOf(s.facts.Month.Start(), s.facts.Month.Location()), Set: true}
			s.list = prices.List{
				{PartNumber: "OLD", Unit: decimal.RequireFromString("10"), Currency: "EUR", From: from},
				{PartNumber: "NEW", Unit: decimal.RequireFromString(price), Currency: "EUR", From: from},
			}
		}
		st := s.run()
		s.want(st, "", "a", want)
	}
}
