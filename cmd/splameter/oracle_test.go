package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// oracleSeeds is the environment variable that says how many made-up
// providers the oracle's test looks at; without it a few.
const oracleSeeds = "SPLAMETER_ORACLE_SEEDS"

// oracle writes made-up months by testdata/oracle, which keeps their truth
// while it simulates them and counts it by itself, day by day.
type oracle struct {
	script, tools, compare string
}

func newOracle(t testing.TB) oracle {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3 to run testdata/oracle/oracle.py with")
	}
	root := repotest.Root(t)
	shared := filepath.Join(filepath.Dir(root), "shared")
	there := func(path string) string {
		if _, err := os.Stat(path); err != nil {
			return ""
		}
		return path
	}
	return oracle{script: filepath.Join(root, "testdata", "oracle", "oracle.py"), tools: there(filepath.Join(shared, "tools")),
		compare: there(filepath.Join(shared, "acceptance", "compare.py"))}
}

// seeds is how many providers are looked at.
func (o oracle) seeds(t testing.TB) int {
	t.Helper()
	v := os.Getenv(oracleSeeds)
	if v == "" {
		return 6
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("%s: %v", oracleSeeds, err)
	}
	return n
}

func (o oracle) python(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "python3", args...).CombinedOutput()
	if err != nil {
		t.Errorf("python3 %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// provider is one made-up provider's folder, and its months with their status.
func (o oracle) provider(t testing.TB, seed int, more ...string) (dir string, months map[string]string, order []string) {
	t.Helper()
	dir = t.TempDir()
	months, order = o.make(t, dir, seed, more...)
	return dir, months, order
}

// make writes a made-up provider into a folder.
func (o oracle) make(t testing.TB, dir string, seed int, more ...string) (months map[string]string, order []string) {
	t.Helper()
	args := append([]string{o.script, "make", dir, "--seed", strconv.Itoa(seed)}, more...)
	if o.tools != "" {
		args = append(args, "--tools", o.tools)
	}
	told := o.python(t, args...)
	_, list, found := strings.Cut(strings.TrimSpace(told), "months ")
	words := strings.Fields(list)
	if !found || len(words) == 0 || len(words)%2 != 0 {
		t.Fatalf("the oracle wrote no months: %s", told)
	}
	months = map[string]string{}
	for i := 0; i < len(words); i += 2 {
		months[words[i]] = words[i+1]
		order = append(order, words[i])
	}
	return months, order
}

// statement computes a month and gives back its statement's bytes.
func (o oracle) statement(t testing.TB, dir, month, status string) string {
	t.Helper()
	mustRun(t, map[string]int{"complete": 0, "incomplete": 3}[status], "--config", filepath.Join(dir, "config.yaml"), "report", "--month", month)
	data, err := os.ReadFile(filepath.Join(dir, "out", month, "statement-"+month+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Made-up providers, counted by the program and by the oracle. By hand, with
// many: SPLAMETER_ORACLE_SEEDS=200 go test -run TestOracle ./cmd/splameter
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	o := newOracle(t)
	for seed := 1; seed <= o.seeds(t); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir, months, order := o.provider(t, seed)
			mustRun(t, 0, "--config", filepath.Join(dir, "config.yaml"), "collect")
			for _, m := range order {
				o.statement(t, dir, m, months[m])
			}
			o.python(t, o.script, "check", dir)
			if o.compare != "" {
				o.python(t, o.compare, dir, order[0])
			}
		})
	}
}

// Exports that come one by one, in any order and some of them twice, yield the
// same statement as all at once.
func TestOracleFilesInAnyOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	o := newOracle(t)
	for seed := 1; seed <= max(1, o.seeds(t)/20); seed++ {
		whole, months, order := o.provider(t, seed, "--size", "4", "--months", "2")
		mustRun(t, 0, "--config", filepath.Join(whole, "config.yaml"), "collect")
		mustRun(t, 0, "--config", filepath.Join(whole, "config.yaml"), "collect")

		parts := t.TempDir()
		var later []string
		err := filepath.WalkDir(whole, func(path string, d fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(whole, path)
			switch top, _, _ := strings.Cut(filepath.ToSlash(rel), "/"); {
			case err != nil || d.IsDir() || top == "var" || top == "out":
				return err
			case top == "directory" || top == "events" || top == "inventory":
				later = append(later, rel)
				return nil
			}
			copyFile(t, path, filepath.Join(parts, rel))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rand.New(rand.NewPCG(uint64(seed), 0)).Shuffle(len(later), func(i, j int) { later[i], later[j] = later[j], later[i] })
		for i, rel := range later {
			copyFile(t, filepath.Join(whole, rel), filepath.Join(parts, rel))
			if i%12 == 11 || i == len(later)-1 { // a source without any file yet is a failure of its own, told and got over
				splameter(t, "--config", filepath.Join(parts, "config.yaml"), "collect")
			}
		}
		mustRun(t, 0, "--config", filepath.Join(parts, "config.yaml"), "collect")
		for _, m := range order {
			if a, b := o.statement(t, whole, m, months[m]), o.statement(t, parts, m, months[m]); a != b {
				t.Errorf("seed %d, %s: the statement of exports that came one by one differs from that of all at once", seed, m)
			}
		}
	}
}
