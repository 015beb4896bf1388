package main

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/pgtest"
	"splameter/internal/store/tdsengine"
)

// storeVariable is what the config of this test takes the store's address from.
const storeVariable = "TEST_STORE_ADDRESS"

// The example's months, from collecting to an amended month that is proved
// again, over a file, a server of PostgreSQL, and what speaks as SQL Server
// does: every file that a month has is the same, byte for byte, with
// config_sha256 and the sealed config in it, since the config is the same.
func TestExampleOnEveryStore(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	pg := pgtest.Start(t)
	_, tds := tdsengine.Start(t)
	t.Setenv("TEST_STORE_PASSWORD", pgtest.Password)
	want := monthsOn(t, "sqlite:var/splameter.db")
	for _, x := range []struct{ name, address string }{
		{"a file once more", "sqlite:var/other.db"},
		{"PostgreSQL", pg.Database("splameter")},
		{"SQL Server's responder", "sqlserver://splameter@" + tds.Addr + "?database=meters&certificate=" + url.QueryEscape(tds.CA)},
	} {
		got := monthsOn(t, x.address)
		for name, b := range want {
			if other, ok := got[name]; !ok {
				t.Errorf("%s: there is no %s", x.name, name)
			} else if !bytes.Equal(b, other) {
				t.Errorf("%s: %s is another one", x.name, name)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d files, with SQLite %d", x.name, len(got), len(want))
		}
	}
}

// configOn is the config of a copy of the example, on a store.
func configOn(t *testing.T, address string) string {
	t.Helper()
	t.Setenv(storeVariable, address)
	dir := copyExample(t)
	config := filepath.Join(dir, "config.yaml")
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for from, to := range map[string]string{"\nstore: sqlite:var/splameter.db ": "\nstore: env:" + storeVariable + " ", "\nstore_password: \"\"": "\nstore_password: env:TEST_STORE_PASSWORD"} {
		if !strings.Contains(text, from) {
			t.Fatalf("config.yaml has no %q", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	writeFile(t, config, []byte(text))
	writeFile(t, filepath.Join(dir, "typed.csv"), []byte("part_number,quantity\n"))
	// A log's own time is a fact, and is sealed.
	files := filepath.Join(dir, "testdata")
	if err := filepath.WalkDir(files, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, noon(), noon())
	}); err != nil {
		t.Fatal(err)
	}
	return config
}

// monthsOn lives the example's two months on a store, and returns the files.
func monthsOn(t *testing.T, address string) map[string][]byte {
	t.Helper()
	config := configOn(t, address)
	dir := filepath.Dir(config)
	on := func(want int, args ...string) {
		t.Helper()
		mustRun(t, want, append([]string{"--config", config, "--log-level", "error"}, args...)...)
	}
	on(0, "collect")
	on(0, "report", "--month", "2026-09")
	on(0, "close", "--month", "2026-09")
	on(0, "close", "--month", "2026-10")
	on(0, "approve", "--month", "2026-10", "--by", "C. de Vries")
	on(0, "submit", "--month", "2026-10", "--by", "J. Smit", "--reference", "R-1")
	on(0, "amend", "--month", "2026-10", "--by", "C. de Vries", "--reason", "a customer disputes one")
	on(0, "close", "--month", "2026-10")
	out := filepath.Join(dir, "out")
	packs, err := filepath.Glob(filepath.Join(out, "*", "evidence-*.zip"))
	if err != nil || len(packs) < 3 {
		t.Fatalf("%d packs: %v", len(packs), err)
	}
	slices.Sort(packs)
	mustRun(t, 0, append([]string{"verify", "--recompute"}, packs...)...)
	all := map[string][]byte{}
	err = filepath.WalkDir(out, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".splameter") {
			return err
		}
		rel, _ := filepath.Rel(out, path)
		all[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d files: %v", len(all), err)
	}
	return all
}
