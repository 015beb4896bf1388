package register

import (
	"testing"

	"splameter/internal/month"
)

// Both ends of an entry belong to it, and a date left out is open.
func TestCovers(t *testing.T) {
	first, last := month.Date(2026, 1, 10), month.Date(2026, 1, 20)
	from, until := month.OptionalDay{Day: first, Set: true}, month.OptionalDay{Day: last, Set: true}
	for _, c := range []struct {
		name        string
		from, until month.OptionalDay
		day         month.Day
		want        bool
	}{
		{"the day before", from, until, first - 1, false},
		{"the first day", from, until, first, true},
		{"the last day", from, until, last, true},
		{"the day after", from, until, last + 1, false},
		{"open beginning", month.OptionalDay{}, until, first - 1000, true},
		{"open end", from, month.OptionalDay{}, last + 1000, true},
	} {
		e := Exclusion{From: c.from, Until: c.until}
		if e.Covers(c.day) != c.want {
			t.Errorf("%s: %v", c.name, !c.want)
		}
	}
}

func TestLookUp(t *testing.T) {
	r := Register{Tenants: []Tenant{{ID: "a"}, {ID: "b", Name: "B"}}, Partners: []Partner{{ID: "p"}}}
	if n := r.Tenant("b"); n == nil || n.Name != "B" || r.Tenant("B") != nil || r.Tenant("") != nil {
		t.Error("an id is found as it is written, or not at all")
	}
	if r.Partner("p") == nil || r.Partner("b") != nil {
		t.Error("partners")
	}
}

func TestMatchReadsAsItIsWritten(t *testing.T) {
	for want, m := range map[string]Match{"*": {Kind: MatchAll}, "user:svc-*": {MatchUser, "svc-*"}, "group:G": {MatchGroup, "G"}} {
		if m.String() != want {
			t.Errorf("got %s, want %s", m, want)
		}
	}
}
