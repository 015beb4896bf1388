package closing_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/repotest"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// collected is the example with everything in its store, made once.
var collected struct {
	sync.Once
	dir string
	err error
}

func example(t testing.TB) string {
	t.Helper()
	collected.Do(func() {
		r := repotest.Root(t)
		collected.dir, collected.err = os.MkdirTemp("", "closing-")
		if collected.err == nil {
			collected.err = repotest.CopyExample(r, collected.dir, nil)
		}
		if collected.err != nil {
			return
		}
		d, shut, err := desk(context.Background(), collected.dir)
		if err == nil {
			err = collect(context.Background(), d)
			shut()
		}
		collected.err = err
	})
	if collected.err != nil {
		t.Fatal(collected.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(collected.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func collect(ctx context.Context, d *closing.Desk) error {
	_, err := collector.Run(ctx, &collector.Env{Store: d.Store, Config: d.Setup.Config, Keep: d.Setup.Keep(), Now: d.Now, Workers: 1, Log: slog.New(slog.DiscardHandler)}, "")
	return err
}

// clock is 3 November 2026, 09:00 UTC, unless a test sets it.
func clock() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) }

func desk(ctx context.Context, dir string) (*closing.Desk, func(), error) {
	s, faults := monthend.Load(filepath.Join(dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, s.Config.Store, store.Options{Location: s.Config.Provider.Location, Now: clock, Wait: 100 * time.Millisecond})
	if err != nil {
		return nil, nil, err
	}
	return &closing.Desk{Store: st, Setup: s, Now: clock, Version: "test", Account: "svc-splameter", Workers: 1}, func() { st.Close() }, nil
}

func open(t testing.TB, dir string) *closing.Desk {
	t.Helper()
	d, shut, err := desk(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shut)
	return d
}

func (h helper) month(s string) month.Month {
	m, err := month.Parse(s, h.Setup.Config.Provider.Location)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// helper is a desk whose every step must work.
type helper struct {
	*closing.Desk
	t *testing.T
}

func (h helper) must(r *closing.Result, err error) *closing.Result {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// refused wants an error that says all of the words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("it was not refused; want %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the refusal says %q, and not %q", err, w)
		}
	}
}

func vries(reason string) closing.Act { return closing.Act{By: "C. de Vries", Reason: reason} }

func smit(reason string) closing.Act { return closing.Act{By: "J. Smit", Reason: reason} }

// tree is every file beneath a folder by its content, evidence and locks
// excepted.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		b, err := os.ReadFile(path)
		out[filepath.ToSlash(rel)] = digest.Of(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func verify(t testing.TB, path string) *evidence.Pack {
	t.Helper()
	// A copy stays open until the test ends: on Windows nothing takes the place
	// of a file that is open.
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := evidence.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	again, err := closing.Recompute(t.Context(), p, p.Manifest.Program)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Doubts)+len(again.Other) > 0 {
		t.Errorf("the pack of %s, counted again: %+v", p.Manifest.Month, again)
	}
	return p
}

func quantity(st *statement.Statement, product string) int {
	for _, l := range st.Lines {
		if l.Product == product {
			return l.Quantity
		}
	}
	return -1
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func changed(a, b map[string]string) (out []string) {
	for k, v := range b {
		if a[k] != v {
			out = append(out, k)
		}
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }
