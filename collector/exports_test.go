package collector

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/snapshot"
)

// Months of exports, spoilt ones among them, are collected as by reading each by
// itself and putting it into the store, one after the other: the same rows in every
// table, the same failures in their order and words, the same counts.
func TestExportsInTurn(t *testing.T) {
	stored, failed := 0, 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 2))
		exports := directorytest.Exports(r, 9, 4+r.IntN(160))
		env, plain := testEnv(t), testEnv(t)
		src := &directorySource{cfg: &config.Directory{Name: "ad", Domain: "X", LDIF: filepath.Join(env.Config.Dir, "*.ldif*")}}
		for i, text := range exports {
			name := fmt.Sprintf("2026-10-%02d.ldif", 3*i+1)
			if i > 0 && r.IntN(12) == 0 { // of the same moment as the one before
				name = fmt.Sprintf("2026-10-%02d.ldif2", 3*i-2)
			}
			if err := os.WriteFile(filepath.Join(env.Config.Dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		keep := []string{"employeeID", "department"}
		env.Keep, plain.Keep = keep, keep
		other := plain.Config.Dir
		plain.Config.Dir = env.Config.Dir
		for round := range 2 { // the second finds what it knows
			got, err := src.Collect(t.Context(), env)
			want, wrong := oneByOne(t.Context(), plain, src)
			if fmt.Sprint(got) != fmt.Sprint(want) || fmt.Sprint(err) != strings.ReplaceAll(fmt.Sprint(wrong), other, env.Config.Dir) {
				t.Fatalf("seed %d, round %d: %+v, %v; one by one %+v, %v", seed, round, got, err, want, wrong)
			}
			if a, b := dump(t, env.Config.Dir), dump(t, other); a != b {
				t.Fatalf("seed %d, round %d: the stores differ:\n%s\none by one:\n%s", seed, round, a, b)
			}
			stored += got.Read
			if err != nil {
				failed++
			}
		}
	}
	if stored < 40 || failed < 3 {
		t.Errorf("only %d exports were stored, and %d collections failed", stored, failed)
	}
}

// oneByOne is what inTurn does, without series, without anything at once.
func oneByOne(ctx context.Context, env *Env, s *directorySource) (o Outcome, err error) {
	paths, err := files([]string{s.cfg.LDIF})
	if err != nil {
		return o, err
	}
	taken := func(p string) time.Time {
		t, _ := directory.DateOf(filepath.Base(p), time.UTC)
		return t
	}
	sort.SliceStable(paths, func(i, j int) bool { return taken(paths[i]).Before(taken(paths[j])) })
	var failed failures
	for _, p := range paths {
		if err := oneExport(ctx, env, s, p, taken(p), &o); err != nil && failed.add(err) {
			break
		}
	}
	return o, failed.err()
}

func oneExport(ctx context.Context, env *Env, s *directorySource, path string, taken time.Time, o *Outcome) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name, print := env.Name(path), digest.Of(text)
	if known, err := env.Store.Known(ctx, s.cfg.Name, name, print); err != nil || known {
		o.Known++
		return err
	}
	d, err := directory.ReadLDIF(ctx, bytes.NewReader(text), name, taken, *s.cfg, env.Keep, time.UTC)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, path, taken, noLDIF(path, name, err))
	}
	back, err := env.Store.Returned(ctx, d)
	if err == nil {
		err = directory.Older(back, func(ids []string) (map[string]time.Time, error) {
			return directory.TouchedInLDIF(bytes.NewReader(text), ids)
		})
	}
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, path, taken, fmt.Errorf("read directory export %s: %w", name, err))
	}
	if err := env.Store.PutDirectory(ctx, d); err != nil {
		return err
	}
	o.Read++
	o.Facts += len(d.Accounts)
	o.Notices += len(d.Notes)
	return nil
}

// A month of 10,000 accounts in 18 exports, of which one account in 800 changes from
// one to the next, collected as it is and one by one.
func BenchmarkMonthOfExports(b *testing.B) {
	f := directorytest.Provider("hosting.example", "HOSTING", 100, 10_000)
	dir := b.TempDir()
	for i := range 18 {
		for n := i; n < len(f.Objects) && i > 0; n += 800 {
			f.Objects[n].Disabled = !f.Objects[n].Disabled
		}
		var text bytes.Buffer
		if err := directorytest.WriteLDIF(&text, f); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("2026-10-%02d.ldif", i+1)), text.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	src := &directorySource{cfg: &config.Directory{Name: "ad", Domain: "X", LDIF: filepath.Join(dir, "*.ldif")}}
	for name, collect := range map[string]func(env *Env) (Outcome, error){
		"InTurn":   func(env *Env) (Outcome, error) { return src.Collect(b.Context(), env) },
		"OneByOne": func(env *Env) (Outcome, error) { return oneByOne(b.Context(), env, src) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				env := testEnv(b, "employeeID")
				if o, err := collect(env); err != nil || o.Read != 18 {
					b.Fatal(o, err)
				}
			}
		})
	}
}

// dump is every row of a store, but for when it was written.
func dump(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "s.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	for _, q := range []string{
		"SELECT * FROM source ORDER BY id", "SELECT * FROM name ORDER BY id", "SELECT id, hex(digest), hex(body) FROM value ORDER BY id",
		"SELECT id, source, kind, month, taken, day, status, site, file_name, fingerprint, domain, dns, sid, notes, detail FROM reading ORDER BY id",
		"SELECT source, kind, until_at, a, b, first_at, value, seen, line FROM span ORDER BY source, kind, until_at, a, b",
	} {
		rows, err := db.Query(q)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		for rows.Next() {
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			for _, v := range row {
				fmt.Fprintf(&b, "%s|", v)
			}
			b.WriteString("\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return b.String()
}
