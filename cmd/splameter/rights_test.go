package main

import (
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/pgtest"
	"splameter/internal/repotest"
)

// On a store set up as docs/store.md says, the agent's login lives a month
// from collecting to submitting, and the reader's login has every command that
// only looks say what it says to the agent, to the last byte; what writes is
// refused to it, and changes nothing.
func TestLeastRights(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	t.Setenv("TEST_STORE_PASSWORD", pgtest.Password)
	config := configOn(t, "")
	as := func(login string, args ...string) (int, string, string) {
		t.Setenv(storeVariable, c.DSN(login, "splameter", ""))
		return splameter(t, append([]string{"--config", config, "--log-level", "error"}, args...)...)
	}
	must := func(login string, want int, args ...string) {
		t.Helper()
		if code, out, errs := as(login, args...); code != want {
			t.Fatalf("%s: %s: exit code %d, want %d\n%s%s", login, strings.Join(args, " "), code, want, out, errs)
		}
	}
	c.SetUp(repotest.Root(t), func(string) { must("splameter", 0, "status") })
	const agent, reader = "splameter_agent", "splameter_reader"
	for _, args := range [][]string{
		{"check"}, {"collect"}, {"report", "--month", "2026-09"}, {"close", "--month", "2026-10"},
		{"approve", "--month", "2026-10", "--by", "C. de Vries"}, {"submit", "--month", "2026-10", "--by", "J. Smit", "--reference", "R-1"},
	} {
		must(agent, 0, args...)
	}
	before := c.SQL("splameter", "SELECT COUNT(*) FROM splameter.act")
	for _, args := range [][]string{
		{"status"}, {"status", "--month", "2026-10"}, {"explain", "--month", "2026-10"}, {"questions", "--month", "2026-10"},
		{"diff", "2026-09", "2026-10"}, {"mapping", "--month", "2026-10"}, {"savings", "--month", "2026-10"}, {"forecast", "--month", "2026-10"},
		{"preclose", "--month", "2026-10"}, {"hosts", "list"}, {"deliver", "list", "--month", "2026-10"}, {"end-users", "--month", "2026-10"},
		{"elp", "--months", "2026-09..2026-10"}, {"drill"}, {"replay", "--months", "2026-10", "--prices", filepath.Join(filepath.Dir(config), "testdata", "prices.csv")}, {"tie-out", "--month", "2026-10"},
		{"check"},
	} {
		code, out, errs := as(agent, args...)
		if code != 0 && code != 3 {
			t.Errorf("agent: %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
			continue
		}
		code2, out2, errs := as(reader, args...)
		out2 = strings.ReplaceAll(out2, reader, agent)
		if code2 != code || out2 != out && args[0] != "check" {
			t.Errorf("reader: %s: exit code %d, the agent has %d\n%s%s", strings.Join(args, " "), code2, code, out2, errs)
		}
	}
	for _, args := range [][]string{
		{"collect"}, {"report", "--month", "2026-09"}, {"amend", "--month", "2026-10", "--by", "C. de Vries", "--reason", "a customer disputes one"},
	} {
		code, out, errs := as(reader, args...)
		if code == 0 || !strings.Contains(out+errs, "no right to do this") || strings.Contains(errs, "SQLSTATE") {
			t.Errorf("reader: %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
		}
	}
	if after := c.SQL("splameter", "SELECT COUNT(*) FROM splameter.act"); after != before {
		t.Errorf("%s acts were %s", after, before)
	}
}
