package collector

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

func testEnv(t testing.TB, keep ...string) *Env {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "s.db"), store.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location = dir, time.UTC
	return &Env{Store: st, Config: &cfg, Keep: keep, Now: time.Now, Workers: 1, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// An attribute that is to be kept since yesterday is read from the exports of
// the newest one's month and the month before, of which four were collected
// without it; the one of August is left alone. Once.
func TestExportsAreReadAgainForANewAttribute(t *testing.T) {
	env := testEnv(t)
	ldif := filepath.Join(env.Config.Dir, "2026-*.ldif")
	env.Config.Directories = []config.Directory{{Name: "ad", Domain: "X", LDIF: ldif}}
	for _, day := range []string{"2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01", "2026-10-02"} {
		text := "dn: DC=x\nobjectClass: domainDNS\nobjectSid: S-1-5-21-1-2-3\nnETBIOSName: X\n\n" +
			"dn: CN=ann,DC=x\nobjectClass: user\nobjectGUID: 11111111-0000-0000-0000-000000000000\nobjectSid: S-1-5-21-1-2-3-1001\nsAMAccountName: ann\nuserAccountControl: 512\nprimaryGroupID: 513\naccountExpires: 0\nemployeeID: " + day + "\n\n"
		if err := os.WriteFile(filepath.Join(env.Config.Dir, day+".ldif"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		keep        []string
		read, known int
	}{{nil, 5, 0}, {[]string{"employeeID"}, 4, 1}, {[]string{"employeeID"}, 0, 5}, {nil, 0, 5}} {
		env.Keep = want.keep
		out, err := Run(t.Context(), env, "")
		if err != nil || out[0].Err != nil || out[0].Read != want.read || out[0].Known != want.known {
			t.Fatalf("collection %d: %+v, %v", i+1, out, err)
		}
	}
	for m, want := range map[int]string{8: "", 9: "2026-09-01 2026-09-30", 10: "2026-10-01 2026-10-02"} {
		f, err := env.Store.Facts(t.Context(), month.New(2026, time.Month(m), time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range f.Directories[0].Accounts.All() {
			if v := a.Attribute("employeeid"); v != "" {
				got = append(got, v)
			}
		}
		if strings.Join(got, " ") != want || len(f.Directories[0].Taken) != len(strings.Fields(want)) && m != 8 {
			t.Errorf("month %d has %q", m, got)
		}
	}
}

// A domain controller whose count of changes fell is an older state; another
// one has a count of its own.
func TestOlderStateIsRefused(t *testing.T) {
	env := testEnv(t)
	src := &directorySource{cfg: &config.Directory{Name: "ad"}}
	at := time.Date(2026, 10, 1, 5, 0, 0, 0, time.UTC)
	put := func(day int, invocation string, usn int64) error {
		d := &snapshot.Directory{Reading: snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: at.AddDate(0, 0, day), Status: snapshot.Complete,
			Fingerprint: fmt.Sprint(day), Controller: snapshot.Controller{Host: "dc" + invocation, Invocation: invocation, USN: usn}}}
		if err := src.older(t.Context(), env, d); err != nil {
			return err
		}
		return env.Store.PutDirectory(t.Context(), d)
	}
	for _, c := range []struct {
		day        int
		invocation string
		usn        int64
		refused    bool
	}{
		{0, "a", 100, false}, {1, "b", 50, false}, {2, "a", 99, true}, {3, "a", 100, false}, {4, "b", 51, false}, {5, "b", 49, true}, {6, "", 1, false}, {7, "c", 1, false},
	} {
		err := put(c.day, c.invocation, c.usn)
		if (err != nil) != c.refused || err != nil && !strings.Contains(err.Error(), "older state") {
			t.Errorf("day %d, %s at %d: %v", c.day, c.invocation, c.usn, err)
		}
	}
}
