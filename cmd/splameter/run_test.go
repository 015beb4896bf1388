package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/repotest"
	"splameter/internal/statement"
)

// noon is the clock of the tests: some weeks after the example's months.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// splameter runs one command line and gives back its exit code and streams.
func splameter(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs, noon)
	return code, out.String(), errs.String()
}

// mustRun is splameter where only one exit code is right.
func mustRun(t testing.TB, want int, args ...string) string {
	t.Helper()
	code, stdout, stderr := splameter(t, args...)
	if code != want {
		t.Fatalf("splameter %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, stdout, stderr)
	}
	return stdout
}

// copyExample copies the shipped example into a folder of its own.
func copyExample(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := repotest.CopyExample(repotest.Root(t), dir, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, data)
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// readStatement reads a month's statement.
func readStatement(t testing.TB, dir, month string) *statement.Statement {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "out", month, "statement-"+month+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var st statement.Statement
	if err := json.Unmarshal(data, &st); err != nil {
		t.Fatal(err)
	}
	return &st
}

// contents are all files beneath a folder, by their names with slashes.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".splameter.lock" { // kept between runs, and empty
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
