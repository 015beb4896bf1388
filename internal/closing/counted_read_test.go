package closing_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/register"
)

// Every number of a month, explained from what was sealed of it, is explained
// as it is from the month's facts: with the same persons, machines and findings.
func TestSealedExplanationsAreThoseOfTheFacts(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, h.month("2026-09")))
	type number struct{ tenant, product, person string }
	var asked []number
	tenants := []string{register.Unassigned, "shared"}
	for i := range h.Setup.Register.Tenants {
		tenants = append(tenants, h.Setup.Register.Tenants[i].ID)
	}
	for _, tenant := range tenants {
		for _, p := range h.Setup.Rules.In(m) {
			asked = append(asked, number{tenant, p.ID, ""})
		}
	}
	explained := func(sealed bool) (out []string, persons map[string]number) {
		persons = map[string]number{}
		for _, n := range asked {
			x, was, err := h.Explain(ctx, m, n.tenant, n.product, n.person)
			if err != nil || was != sealed {
				t.Fatal(n, was, err)
			}
			b, err := json.MarshalIndent(x, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(b))
			for i := range x.Persons {
				if x.Persons[i].Via.Way == nil || x.Persons[i].Via.Installed == nil {
					t.Fatalf("%s: %s has no way", n.tenant, x.Persons[i].Name)
				}
				persons[x.Persons[i].Accounts[0].Name] = n
			}
		}
		return out, persons
	}
	_, persons := explained(false)
	if len(persons) < 10 {
		t.Fatalf("only %d persons", len(persons))
	}
	for name, n := range persons { // by name, by one that is not there, and by a UPN
		asked = append(asked, number{n.tenant, n.product, name}, number{n.tenant, n.product, name + "@duinrand.example"})
		break
	}
	upn := asked[len(asked)-1]
	if x, _, err := h.Explain(ctx, m, upn.tenant, upn.product, upn.person); err != nil || len(x.Persons) != 1 {
		t.Fatalf("%s is no UPN: %v", upn.person, err)
	}
	before, _ := explained(false)
	h.must(h.Close(ctx, m))
	after, _ := explained(true)
	for i := range before {
		if diff := cmp.Diff(before[i], after[i]); diff != "" {
			t.Fatalf("%v (-facts +sealed)\n%s", asked[i], diff)
		}
	}
}
