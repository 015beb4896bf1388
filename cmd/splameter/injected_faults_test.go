package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// faultSeeds is the environment variable that says how many faults are
// injected into the example; without it a few.
const faultSeeds = "SPLAMETER_FAULT_SEEDS"

// The property behind docs and rules alike: whatever is lost, broken or hidden
// of what a month is counted from, the month's numbers are those of the whole
// month, or it says that something is missing. By hand, with many:
//
//	SPLAMETER_FAULT_SEEDS=500 go test -run TestInjectedFaults ./cmd/splameter
func TestInjectedFaults(t *testing.T) {
	few := 24
	if testing.Short() {
		few = 8
	}
	from, n := seedsOf(t, faultSeeds, few)
	whole := copyExample(t)
	if got := months(t, whole, exampleMonths); got.failed != "" {
		t.Fatalf("the example itself: %s", got.failed)
	}
	want := months(t, whole, exampleMonths)
	for seed := from; seed < from+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			x := exampleInjector(rand.New(rand.NewPCG(uint64(seed), 7)), copyExample(t))
			what := x.inject(t)
			holds(t, what, exampleMonths, want, months(t, x.dir, exampleMonths))
		})
	}
}

// holds is the property: after a fault the numbers are those of the whole
// months, or the month says that something is missing, or a command refuses.
func holds(t *testing.T, what string, order []string, want, got counted) {
	t.Helper()
	if got.failed != "" {
		return // refused aloud
	}
	for _, m := range order {
		if got.numbers[m] == want.numbers[m] || got.incomplete[m] || len(fresh(got.marks[m], want.marks[m])) > 0 {
			continue
		}
		t.Errorf("%s: %s is complete without a mark, and its numbers are\n%s\nin place of\n%s", what, m, got.numbers[m], want.numbers[m])
	}
}

var exampleMonths = []string{"2026-09", "2026-10"}

// counted is what came out of a folder.
type counted struct {
	failed     string // what a command ended with, where it refused
	numbers    map[string]string
	incomplete map[string]bool
	marks      map[string][]string
}

// months collects and counts a provider's months anew.
func months(t testing.TB, dir string, order []string) counted {
	t.Helper()
	out := counted{numbers: map[string]string{}, incomplete: map[string]bool{}, marks: map[string][]string{}}
	for _, f := range []string{"var", "out"} {
		if err := os.RemoveAll(filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	cfg := filepath.Join(dir, "config.yaml")
	code, _, stderr := splameter(t, "--config", cfg, "collect")
	collected := code
	if code != exitComplete && code != exitIncomplete && code != exitFailed {
		out.failed = stderr
		return out
	}
	for _, m := range order {
		code, _, stderr := splameter(t, "--config", cfg, "report", "--month", m)
		if code != exitComplete && code != exitIncomplete {
			out.failed = stderr
			return out
		}
		st := readStatement(t, dir, m)
		out.numbers[m] = numbers(st)
		out.incomplete[m] = st.Status == statement.Incomplete || collected == exitFailed && code == exitIncomplete
		out.marks[m] = marks(t, st)
	}
	return out
}

// numbers are a statement's quantities, and how many were active, customer by
// customer.
func numbers(st *statement.Statement) string {
	var lines []string
	for i := range st.Tenants {
		for _, l := range st.Tenants[i].Lines {
			if l.Quantity != 0 {
				lines = append(lines, fmt.Sprintf("%s %s %d, %d active", st.Tenants[i].ID, l.Product, l.Quantity, l.Active))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// marks are what nobody can miss: gaps, questions, and findings that say error
// or high.
func marks(t testing.TB, st *statement.Statement) []string {
	var out []string
	add := func(v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	for i := range st.Coverage.Gaps {
		add(&st.Coverage.Gaps[i])
	}
	for i := range st.Questions {
		add(&st.Questions[i])
	}
	for i := range st.Findings {
		if f := &st.Findings[i]; f.Severity == statement.Error || f.Severity == statement.High {
			add([]string{f.Key(), strconv.Itoa(f.Count)})
		}
	}
	return out
}

// fresh are the marks that the whole month does not have.
func fresh(got, want []string) []string {
	return slices.DeleteFunc(slices.Clone(got), func(m string) bool { return slices.Contains(want, m) })
}
