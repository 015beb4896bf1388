package paths_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/paths"
)

// The day, or the minute, that a name tells; the folder's name tells nothing.
func TestDateIn(t *testing.T) {
	loc := time.FixedZone("CET", 3600)
	for name, want := range map[string]string{
		"2026-10-01.ldif":                                  "2026-10-01T00:00:00+01:00",
		"directory/hosting-2026-10-01.ldif.gz":             "2026-10-01T00:00:00+01:00",
		`C:\exports\hosting_20261001.ldif`:                 "2026-10-01T00:00:00+01:00",
		"20261001T0230.ldif":                               "2026-10-01T02:30:00+01:00",
		"2026-10-01-0230.ldif":                             "2026-10-01T02:30:00+01:00",
		"2026-10-01T02:30:15.ldif":                         "2026-10-01T02:30:15+01:00",
		"20261001023015.ldif":                              "2026-10-01T02:30:15+01:00",
		"dc1-2024-02-29-full.ldif":                         "2024-02-29T00:00:00+01:00",
		"2026-10-01/12345678-2026-10-02.ldif":              "2026-10-02T00:00:00+01:00",
		`C:\x 2020-01-01\uninstall-RDSH01-20261001.reg.gz`: "2026-10-01T00:00:00+01:00",
		"2026-10-30-SQL01.hosting.example.wmi":             "2026-10-30T00:00:00+01:00",
	} {
		got, err := paths.DateIn(name, "software-2026-10-30.csv", loc)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v %v; want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"hosting.ldif", "2026-02-29.ldif", "2026-13-01.ldif", "2026-10-01_2026-10-02.ldif", "2026-10.ldif", "12026-10-011.ldif", "serial-1202610019-PC.csv", ""} {
		if got, err := paths.DateIn(name, "software-2026-10-30.csv", loc); err == nil || !strings.Contains(err.Error(), "software-2026-10-30.csv") {
			t.Errorf("%s: %v, %v; want an error that says how to name it", name, got, err)
		}
	}
}

// A night on which midnight does not exist begins at one.
func TestDateInClockChange(t *testing.T) {
	loc, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Skipf("no time zones on this machine: %v", err)
	}
	got, err := paths.DateIn("2018-11-04.ldif", "x", loc)
	if err != nil || got.Format(time.RFC3339) != "2018-11-04T01:00:00-02:00" {
		t.Errorf("%v %v", got, err)
	}
}

func TestCutDate(t *testing.T) {
	for name, want := range map[string][2]string{
		"a/RDSH01_2024-02-29.json":     {"RDSH01_", ".json"},
		"RDSH01-20261001T0230Z.json":   {"RDSH01-", ".json"},
		"2026-10-30-SQL01.example.wmi": {"", "-SQL01.example.wmi"},
		"2026-10-01-A-2026-10-02.json": {"2026-10-01-A-", ".json"},
		"software-2026-02-30.csv":      {"", ""},
		`c:\2026-10-01\RDSH01.json`:    {"", ""},
	} {
		before, after, ok := paths.CutDate(name)
		if got := [2]string{before, after}; got != want || ok != (want != [2]string{}) {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestShown(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "logs", "a.evtx"): "logs/a.evtx",
		filepath.Join(dir, "..a"):            "..a",
		filepath.Dir(dir):                    filepath.ToSlash(filepath.Dir(dir)),
		"":                                   "",
	} {
		if got := paths.Shown(dir, path); got != want {
			t.Errorf("%s is shown as %s, want %s", path, got, want)
		}
	}
	if got := paths.Shown("", filepath.Join("a", "b")); got != "a/b" {
		t.Errorf("without a folder: %s", got)
	}
}

func TestGlob(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"b.csv", "a.csv", "c.txt"} {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "d.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	// A link that leads nowhere stays in the list: who opens it says so.
	want := []string{filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")}
	if err := os.Symlink("gone", filepath.Join(dir, "e.csv")); err == nil {
		want = append(want, filepath.Join(dir, "e.csv"))
	}
	got, err := paths.GlobAll([]string{filepath.Join(dir, "*.csv"), filepath.Join(dir, "a*"), filepath.Join(dir, "none")})
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := paths.Glob("[a"); err == nil || !strings.Contains(err.Error(), "[a cannot be read") {
		t.Errorf("an open bracket gives %v", err)
	}
}

func FuzzDateIn(f *testing.F) {
	for _, s := range []string{"2026-10-01.ldif", "20261001023015Z", "a-20261001_2026-10-02", "é2026-10-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		_, err := paths.DateIn(name, "x", time.UTC)
		before, after, ok := paths.CutDate(name)
		if err == nil && !ok || !strings.HasPrefix(paths.Base(name), before) || !strings.HasSuffix(paths.Base(name), after) {
			t.Errorf("%q: %v, but %q and %q, %v", name, err, before, after, ok)
		}
	})
}
