package closing

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// What is about to be sealed is read and counted again: without facts, or with a
// statement that they do not give, nothing is sealed.
func TestProve(t *testing.T) {
	p, err := evidence.Open(t.Context(), filepath.Join("testdata/first-format", "evidence-2026-09.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	in, err := read(p)
	if err != nil {
		t.Fatal(err)
	}
	var acts []statement.Act
	if err := readJSON(p, actsMember, &acts); err != nil {
		t.Fatal(err)
	}
	l := LifeOf(p.Manifest.Month, acts)
	st, err := in.evaluate(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.prove(t.Context(), l, st); err != nil {
		t.Errorf("as it is: %v", err)
	}
	st.Lines[0].Quantity--
	if err := in.prove(t.Context(), l, st); err == nil || !strings.Contains(err.Error(), "counts otherwise than the store; nothing was sealed") {
		t.Errorf("one less: %v", err)
	}
	in.members = slices.DeleteFunc(in.members, func(x evidence.Member) bool { return x.Name == factsMember })
	if err := in.prove(t.Context(), l, st); err == nil || !strings.Contains(err.Error(), "there are no sealed facts") {
		t.Errorf("without facts: %v", err)
	}
}
