package closing_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// October tells what it was compared with: September's quantities, and who was
// counted then. A smaller quantity there, or a person of whom nothing is told,
// would hide that October lost one; September's own evidence refutes it.
func TestComparedWithAnother(t *testing.T) {
	h := helper{open(t, example(t)), t}
	september := verify(t, h.must(h.Close(t.Context(), h.month("2026-09"))).Pack)
	october := verify(t, h.must(h.Close(t.Context(), h.month("2026-10"))).Pack)
	if err := chained(september, october); err != nil {
		t.Fatal(err)
	}
	whole := unpacked(t, october)
	const member = "inputs/earlier.json"
	for _, c := range []struct {
		what, words string
		change      func(last *statement.Earlier)
	}{
		{"a quantity", "it took 1 of", func(last *statement.Earlier) { last.Quantities[0].Quantity = 1 }},
		{"a quantity left out", "it took 0 of", func(last *statement.Earlier) { last.Quantities = last.Quantities[1:] }},
		{"a person left out", "other persons and machines", func(last *statement.Earlier) { last.Counted = snapshot.ListOf(last.Counted.Values()[1:]...) }},
		{"the same", "", func(*statement.Earlier) {}},
	} {
		var list []statement.Earlier
		if err := json.Unmarshal(whole[member], &list); err != nil {
			t.Fatal(err)
		}
		c.change(&list[len(list)-1])
		b, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		members := maps.Clone(whole)
		members[member] = bytes.TrimSpace(b)
		err = chained(september, forged(t, october.Manifest, members))
		if c.words == "" && err != nil || c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
