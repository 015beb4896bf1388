package collector

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/forms"
	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
)

var update = flag.Bool("update", false, "write what was read beside the samples, to be looked through")

// Each form has a sample, which is found to be of that form, and of which that
// is read which stands beside it.
func TestForms(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range forms.All() {
		if f.Sample == "" {
			t.Errorf("the form %s has no sample", f.ID)
		}
		for _, sample := range f.Samples() {
			used[sample], used[sample+".want"] = true, true
			t.Run(f.ID, func(t *testing.T) { testSample(t, f, filepath.Join("..", "testdata", "forms", sample), zone) })
		}
	}
	list, err := os.ReadDir(filepath.Join("..", "testdata", "forms"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if n := e.Name(); !used[n] && n != "README.md" {
			t.Errorf("no form names the sample %s", n)
		}
	}
}

func testSample(t *testing.T, f *forms.Form, path string, zone *time.Location) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if found := forms.Detect(text[:min(len(text), forms.HeadSize)]); found.Form != f {
		t.Errorf("it is taken for %v; its names are %s", found.Form, found.Seen())
	}
	got := readSample(t.Context(), f, path, text, zone)
	want, err := os.ReadFile(path + ".want")
	if *update {
		err = os.WriteFile(path+".want", []byte(got), 0o644)
		want = []byte(got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r", ""), got); diff != "" {
		t.Error(diff)
	}
}

// readSample shows what is read of a file, a line a fact.
func readSample(ctx context.Context, f *forms.Form, path string, text []byte, zone *time.Location) string {
	var b strings.Builder
	opt := inventory.Options{Loc: zone, Host: inventory.HostOf(path)}
	switch f.Kind {
	case forms.Sessions:
		_, err := sessions.Inspect(ctx, path, sessions.Options{Zone: zone, Workers: 1, Host: forms.HostOf(path)}, func(ev *sessions.Event, v sessions.Verdict) error {
			fmt.Fprintf(&b, "%s %d %s %s %s %s %s\n", record.FromTicks(ev.Ticks).Format(time.RFC3339), ev.EventID, ev.Host, ev.User, ev.Session, ev.Address, v.Evidence)
			return nil
		}, func(d record.Damage) { fmt.Fprintln(&b, "damage:", sessions.DamageText(d)) })
		if err != nil {
			fmt.Fprintln(&b, "error:", strings.ReplaceAll(err.Error(), path, filepath.Base(path)))
		}
	case forms.Software:
		v, err := inventory.ReadSoftware(ctx, bytes.NewReader(text), filepath.Base(path), opt)
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		for _, h := range v.Software {
			for _, in := range h.Installs {
				fmt.Fprintln(&b, strings.TrimSuffix(strings.Join([]string{h.Host, in.Name, in.Version, in.Publisher, in.Key, in.Release}, "|")+" "+in.Edition, " "))
			}
		}
		for _, n := range v.Notes {
			fmt.Fprintln(&b, n.Code)
		}
	case forms.Machines:
		v, err := inventory.ReadHosts(ctx, bytes.NewReader(text), filepath.Base(path), opt)
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		for i := range v.Machines {
			m := &v.Machines[i]
			fmt.Fprintf(&b, "%s %s: %d processors of %d cores, %d virtual, on %q, cluster %q, %s, id %q, %s\n", m.Host, m.Kind, m.Processors, m.CoresPerProcessor, m.VirtualCores, m.Parent, m.Cluster, m.OperatingSystem, m.ID, m.Power)
		}
		for _, n := range v.Notes {
			fmt.Fprintln(&b, n.Code)
		}
	}
	return b.String()
}

// A form has all that the docs show, and each name once.
func TestFormsAreWhole(t *testing.T) {
	var ids []string
	for _, f := range forms.All() {
		if f.ID == "" || f.Name == "" || f.Kind == "" || len(f.Shapes) == 0 || f.Proves == "" || len(f.Source) == 0 {
			t.Errorf("the form %q (%s) lacks something", f.ID, f.Name)
		}
		if slices.Contains(ids, f.ID) {
			t.Errorf("two forms are called %s", f.ID)
		}
		ids = append(ids, f.ID)
	}
}

// FuzzForms gives any text to every reader: none may panic, and what one tells
// of an inventory has a host.
func FuzzForms(f *testing.F) {
	list, err := filepath.Glob(filepath.Join("..", "testdata", "forms", "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range list {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		opt := inventory.Options{Loc: time.UTC, Host: "RDSH-A01"}
		if v, err := inventory.ReadSoftware(t.Context(), bytes.NewReader(text), "f", opt); err == nil {
			for _, h := range v.Software {
				if h.Host == "" {
					t.Error("programs without a host")
				}
			}
		}
		if v, err := inventory.ReadHosts(t.Context(), bytes.NewReader(text), "f", opt); err == nil {
			for i := range v.Machines {
				if v.Machines[i].Host == "" {
					t.Error("a machine without a name")
				}
			}
		}
		h := &noted{}
		info, err := sessions.Read(t.Context(), bytes.NewReader(text), int64(len(text)), sessions.Options{Name: "f", Zone: time.UTC, Workers: 1, Host: "RDSH-A01"}, h)
		if err == nil && h.records > info.Records {
			t.Errorf("%d records of %d events", h.records, info.Records)
		}
	})
}

type noted struct{ records int }

func (n *noted) Record(*record.Record) { n.records++ }
func (n *noted) Damaged(record.Damage) {}
