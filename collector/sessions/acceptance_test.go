package sessions

import (
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/repotest"
	"splameter/internal/snapshot"
)

// october is the collection of the acceptance month's logs.
func october(t testing.TB, patterns ...string) Job {
	t.Helper()
	var exported month.OptionalDay
	if err := exported.UnmarshalText([]byte("2026-11-01")); err != nil {
		t.Fatal(err)
	}
	return Job{
		Config:  config.Sessions{Name: "session-hosts", Files: patterns, Exported: config.Exported{Date: exported}},
		Zone:    zoneOf(t, "Europe/Amsterdam"),
		Workers: 1,
		Now:     func() time.Time { return time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC) },
	}
}

func collect(t *testing.T, job Job) (*snapshot.Sessions, []FileRead) {
	t.Helper()
	s, files, err := Collect(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return s, files
}

// perHost counts users and their days of a month, by host.
func perHost(uses []snapshot.Use, m int) map[string][2]int {
	count := map[string][2]int{}
	for _, u := range uses {
		if u.Days == 0 || u.Month != m {
			continue
		}
		c := count[u.Host]
		count[u.Host] = [2]int{c[0] + 1, c[1] + bits.OnesCount32(u.Days)}
	}
	return count
}

// The distinct users of remote sessions and their days in October, counted
// from the logs by a separate script in another language, with the table of
// evidence as its only guide (of RDSH-A04 from the XML that libevtx makes of it).
// One session of 30 September 23:40 local time is September's, one of 1
// November 00:20 is November's.
func TestAcceptanceMonth(t *testing.T) {
	dir := repotest.Shared(t, "acceptance", "october")
	job := october(t, filepath.Join(dir, "events", "*"))
	job.Dir = dir
	s, files := collect(t, job)
	if s.Status != snapshot.Complete || len(s.Notes) > 0 {
		t.Errorf("status %s, %v", s.Status, s.Notes)
	}
	oct := month.New(2026, time.October, job.Zone).Number()
	got := perHost(s.Uses, oct)
	want := map[string][2]int{
		"rdsh-a01": {90, 157}, "rdsh-a02": {102, 191}, "rdsh-a03": {97, 174}, "rdsh-a04": {102, 169},
		"rdsh-d01": {28, 79}, "rdsh-d02": {28, 79},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("October (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string][2]int{"rdsh-a01": {1, 1}}, perHost(s.Uses, oct-1)); d != "" {
		t.Errorf("September: %s", d)
	}
	if d := cmp.Diff(map[string][2]int{"rdsh-a02": {1, 1}}, perHost(s.Uses, oct+1)); d != "" {
		t.Errorf("November: %s", d)
	}
	for _, u := range s.Uses {
		if u.Days > 0 && strings.HasSuffix(u.User, `\administrator`) && strings.HasPrefix(u.User, "rdsh-") {
			t.Errorf("a user at the console is counted: %s", u.User)
		}
	}
	// Each file is one host's log, whole from its first record on.
	records := map[string]uint64{"rdsh-a01": 449, "rdsh-a02": 528, "rdsh-a03": 469, "rdsh-a04": 471, "rdsh-d01": 214, "rdsh-d02": 226}
	until := time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)
	if len(s.Logs) != 6 || len(files) != 6 {
		t.Fatalf("%d logs of %d files, want 6 of 6", len(s.Logs), len(files))
	}
	for _, l := range s.Logs {
		if want, ok := records[l.Host]; ok && l.Records != want {
			t.Errorf("%s has %d records, want %d", l.Host, l.Records, want)
		}
		if l.FirstRecord != 1 || l.LastRecord != l.Records || l.Channel != "LSM" || !l.Exported.Equal(until) || l.Parts != nil || l.Cut || !strings.HasPrefix(l.File, "events/RDSH-") {
			t.Errorf("%+v", l)
		}
	}
}

// Files in any order, twice, under another name, compressed beside the plain
// one, one worker or two: the same uses.
func TestOrderDoublesAndWorkersChangeNothing(t *testing.T) {
	dir := repotest.Shared(t, "acceptance", "october", "events")
	want, _ := collect(t, october(t, filepath.Join(dir, "*")))
	for _, workers := range []int{2, 3, 7} {
		job := october(t, filepath.Join(dir, "*"))
		job.Workers = workers
		got, _ := collect(t, job)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%d workers (-one +more):\n%s", workers, d)
		}
	}
	job := october(t, filepath.Join(dir, "*.evtx"), filepath.Join(dir, "*.xml"), filepath.Join(dir, "*"), filepath.Join(dir, "*.csv"))
	if got, _ := collect(t, job); cmp.Diff(want, got) != "" {
		t.Error("the order of the patterns changes the outcome")
	}

	// Copies whose names come later than the originals', so that the evidence
	// still stands in the originals.
	copies := t.TempDir()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(copies, filepath.Base(p)+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		w := gzip.NewWriter(f)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copies, filepath.Base(p)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	single := october(t, filepath.Join(copies, "*.xml"), filepath.Join(copies, "*.csv"), filepath.Join(copies, "*.ndjson"), filepath.Join(copies, "*.evtx"))
	single.Dir = copies
	double := october(t, filepath.Join(copies, "*"))
	double.Dir = copies
	double.Workers = 2
	one, read := collect(t, single)
	two, both := collect(t, double)
	if len(read) != 6 || len(both) != 12 {
		t.Fatalf("%d and %d files, want 6 and 12", len(read), len(both))
	}
	if d := cmp.Diff(one.Uses, two.Uses); d != "" {
		t.Errorf("compressed copies beside the logs change the uses:\n%s", d)
	}
	if len(two.Logs) != 12 {
		t.Errorf("%d logs, want one a file: 12", len(two.Logs))
	}
}

// Folders beside each other, in either order, and with the same file once
// more, fold the same.
func TestFoldersBesideEachOther(t *testing.T) {
	dir := repotest.Shared(t, "acceptance", "october", "events")
	fold := func(f *Folder, names ...string) *Folder {
		for _, n := range names {
			foldFile(t, f, filepath.Join(dir, n))
		}
		return f
	}
	flat := func(f *Folder) (uses []snapshot.Use) {
		for u := range f.Uses() {
			uses = append(uses, u)
		}
		return uses
	}
	ab := fold(NewFolder(zoneOf(t, "Europe/Amsterdam")), "RDSH-A01.xml", "RDSH-A02.csv")
	ab = fold(ab.Fork(), "RDSH-A02.csv", "RDSH-A04.evtx")
	ba := fold(NewFolder(zoneOf(t, "Europe/Amsterdam")), "RDSH-A04.evtx", "RDSH-A02.csv")
	fold(ba.Fork(), "RDSH-A02.csv", "RDSH-A01.xml")
	fold(ba.Fork(), "RDSH-A01.xml")
	if d := cmp.Diff(flat(ab), flat(ba)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(ab.Logs(), ba.Logs()); d != "" {
		t.Error(d)
	}
	if len(flat(ab)) < 200 {
		t.Errorf("only %d rows: the test shows nothing", len(flat(ab)))
	}
}
