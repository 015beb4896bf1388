package sessions

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/record"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

const eventXML = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager'/><EventID>21</EventID><TimeCreated SystemTime='2026-10-0%DAY%T08:00:00.0000000Z'/><EventRecordID>%ID%</EventRecordID><Channel>Microsoft-Windows-TerminalServices-LocalSessionManager/Operational</Channel><Computer>RDSH-A01.hosting.example</Computer></System><UserData><EventXML xmlns='Event_NS'><User>HOSTING\anna</User><SessionID>2</SessionID><Address>10.0.0.1</Address></EventXML></UserData></Event>
`

func xmlEvent(day, id string) string {
	return strings.NewReplacer("%DAY%", day, "%ID%", id).Replace(eventXML)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func jobIn(t *testing.T, dir string) Job {
	return Job{
		Config: config.Sessions{Name: "hosts", Files: []string{filepath.Join(dir, "*")}},
		Dir:    dir, Zone: time.UTC, Workers: 2,
		Now: func() time.Time { return time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC) },
	}
}

func codes(notes []snapshot.Notice) string {
	var s []string
	for _, n := range notes {
		s = append(s, n.Code+" "+n.Subject)
	}
	return strings.Join(s, "; ")
}

// One whole log of records 1 and 2, one that is cut off after record 7, an
// empty one, one of nobody's form, and one folder: the whole ones count, the
// rest is said, and the cut one does not claim to reach beyond its last event.
func TestCollectSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.xml"), xmlEvent("1", "1")+xmlEvent("2", "2"))
	write(t, filepath.Join(dir, "b.xml"), xmlEvent("3", "7")+xmlEvent("4", "8")[:200])
	write(t, filepath.Join(dir, "c.csv"), "")
	write(t, filepath.Join(dir, "d.bin"), "\x00\x01\x02 nothing that anybody reads \x00")
	if err := os.Mkdir(filepath.Join(dir, "e"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, files := collect(t, jobIn(t, dir))
	if s.Status != snapshot.Partial {
		t.Errorf("status %s", s.Status)
	}
	if got, want := codes(s.Notes), "log-damaged b.xml; log-damaged c.csv; log-unreadable d.bin"; got != want {
		t.Errorf("notes %s, want %s", got, want)
	}
	if len(s.Uses) != 1 || s.Uses[0].Days != 7 {
		t.Errorf("%+v", s.Uses)
	}
	if len(files) != 4 || files[3].Err == nil || !errors.Is(files[3].Err, ErrUnknownForm) || files[0].Events != 2 {
		t.Errorf("%+v", files)
	}
	now := time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)
	if len(s.Logs) != 2 || s.Logs[0].Cut || !s.Logs[0].Until.Equal(now) || !s.Logs[1].Cut || !s.Logs[1].Last.Equal(time.Date(2026, 10, 3, 8, 0, 0, 0, time.UTC)) || s.Logs[1].FirstRecord != 7 {
		t.Errorf("%+v", s.Logs)
	}
}

// No log is not no session.
func TestCollectWithoutLogsFails(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Collect(t.Context(), jobIn(t, dir)); err == nil || !strings.Contains(err.Error(), "no file matches") {
		t.Errorf("%v", err)
	}
	write(t, filepath.Join(dir, "d.bin"), "\x00\x01\x02")
	if _, _, err := Collect(t.Context(), jobIn(t, dir)); err == nil || !errors.Is(err, ErrUnknownForm) {
		t.Errorf("%v", err)
	}
	write(t, filepath.Join(dir, "a.xml"), xmlEvent("1", "1"))
	job := jobIn(t, dir)
	job.Config.Files = append(job.Config.Files, filepath.Join(dir, "elsewhere", "*.evtx"))
	s, _, err := Collect(t.Context(), job)
	if err != nil || s.Status != snapshot.Partial || !strings.Contains(codes(s.Notes), "log-missing elsewhere/*.evtx") {
		t.Errorf("%v %v", s, err)
	}
}

// A known file is left alone, and one that grew is read again, whole.
func TestCollectSkipsWhatItKnows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.xml")
	write(t, path, xmlEvent("1", "1"))
	known := map[string]bool{}
	job := jobIn(t, dir)
	job.Known = func(file, fp string) (bool, error) { return known[file+fp], nil }
	_, files := collect(t, job)
	if files[0].Known || files[0].Fingerprint == "" {
		t.Fatalf("%+v", files[0])
	}
	known["a.xml"+files[0].Fingerprint] = true
	s, files := collect(t, job)
	if !files[0].Known || len(s.Uses) != 0 || s.Status != snapshot.Complete {
		t.Errorf("%+v", files[0])
	}
	write(t, path, xmlEvent("1", "1")+xmlEvent("2", "2"))
	s, files = collect(t, job)
	if files[0].Known || len(s.Uses) != 1 || s.Uses[0].Days != 3 {
		t.Errorf("%+v %+v", files[0], s.Uses)
	}
}

func TestCollectObeysItsContext(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.xml"), xmlEvent("1", "1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, _, err := Collect(ctx, jobIn(t, dir)); !errors.Is(err, context.Canceled) || s != nil {
		t.Errorf("%v %v", s, err)
	}
}

// A large log of Windows keeps its size while it fills: the fingerprint sees
// each chunk. One byte changes in the head of one chunk of many.
func TestFingerprintSeesEveryChunk(t *testing.T) {
	b := make([]byte, evtxHead+40*evtxChunk)
	copy(b, "ElfFile\x00")
	path := filepath.Join(t.TempDir(), "a.evtx")
	prints := map[string]int{}
	for i := -1; i < 40; i++ {
		if i >= 0 {
			b[evtxHead+i*evtxChunk+52]++
		}
		write(t, path, string(b))
		fp, err := Fingerprint(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if j, ok := prints[fp]; ok {
			t.Errorf("a change of chunk %d is not seen (as %d)", i, j)
		}
		prints[fp] = i
	}
}

// Extents by hand. Records 5, 6, 8 (one gap), then 6 again and 7: four
// different ones from 5 to 8, no gap left. Newest first is no other thing.
func TestExtent(t *testing.T) {
	for name, c := range map[string]struct {
		ids         []uint64
		first, last uint64
		count       uint64
	}{
		"ascending":       {[]uint64{5, 6, 7, 8}, 5, 8, 4},
		"descending":      {[]uint64{8, 7, 6, 5}, 5, 8, 4},
		"doubles":         {[]uint64{5, 5, 6, 8, 6, 7, 7}, 5, 8, 4},
		"a gap stays":     {[]uint64{5, 6, 9, 10, 9}, 5, 10, 4},
		"filled by parts": {[]uint64{1, 9, 5, 3, 4, 5, 8}, 1, 9, 6},
		"none":            {[]uint64{0, 0}, 0, 0, 0},
	} {
		e := newHostLog(1, LSM, 0)
		for i, id := range c.ids {
			e.add(id, int64(100+i), false)
		}
		if e.first.id != c.first || e.last.id != c.last || e.count != c.count {
			t.Errorf("%s: %+v", name, *e)
		}
	}
	many := newHostLog(1, LSM, 0) // every second record: more gaps than are remembered
	for i := range uint64(3 * maxGaps) {
		many.add(2*i+1, 1, false)
	}
	if many.count != 3*maxGaps || len(many.gaps) > maxGaps {
		t.Errorf("%d records, %d gaps", many.count, len(many.gaps))
	}
}

// What the reader of an event log says of all records is taken over only
// where it can be true of the records that were seen.
func TestWiden(t *testing.T) {
	ext := func(host uint32, first, last, count uint64) *hostLog {
		e := newHostLog(host, LSM, 0)
		e.first, e.last, e.count = point{first, 1}, point{last, 2}, count
		return e
	}
	info := func(first, last uint64, n int) Info {
		return Info{First: evtx.Mark{ID: first, Ticks: 3}, Last: evtx.Mark{ID: last, Ticks: 3}, Records: n}
	}
	one := ext(1, 5, 90, 40)
	widen([]*hostLog{one}, info(1, 100, 100), 1)
	if one.first.id != 1 || one.last.id != 100 || one.count != 100 {
		t.Errorf("%+v", one)
	}
	gap := ext(1, 5, 90, 40)
	widen([]*hostLog{gap}, info(1, 100, 97), 1)
	if gap.count != 97 {
		t.Errorf("%+v", gap)
	}
	query := ext(1, 5000, 9000, 40) // numbered anew by an export: 1 to 300
	widen([]*hostLog{query}, info(1, 300, 300), 5000)
	if query.first.id != 5000 || query.count != 40 {
		t.Errorf("%+v", query)
	}
	old, renamed := ext(1, 5, 40, 9), ext(2, 41, 90, 9)
	widen([]*hostLog{old, renamed}, info(1, 100, 100), 1)
	if old.first.id != 1 || old.last.id != 40 || old.count != 40 || renamed.first.id != 41 || renamed.last.id != 100 || renamed.count != 60 {
		t.Errorf("%+v %+v", old, renamed)
	}
}

// A cleared log is a notice, and stands in the log's own row.
func TestClearedLog(t *testing.T) {
	r := rec("Security", "RDSH-A01", 1102, "2026-10-05T08:00:00Z")
	r.ID = 7
	f := NewFolder(time.UTC)
	var read FileRead
	u := newFileRun(f, "s.xml", &read)
	u.Record(r)
	u.own.Deliver()
	u.finish(Info{})
	if codes(read.Notes) != "log-cleared RDSH-A01" || read.Notes[0].At.Record != 7 || read.Events != 0 {
		t.Errorf("%+v", read)
	}
	if l := f.Logs(); len(l) != 1 || l[0].Channel != "Security" || !l[0].Cleared.Equal(record.FromTicks(r.Ticks)) {
		t.Errorf("%+v", l)
	}
}

// An event that means nothing still has its place in the log, and ends no
// session: 12 of another provider is no start of the host. System reaches from
// record 3 to 4 and has two records.
func TestWhatMeansNothingIsCounted(t *testing.T) {
	f := NewFolder(time.UTC)
	var read FileRead
	u := newFileRun(f, "s.xml", &read)
	for id := range uint64(2) {
		r := rec("System", "RDSH-A01", 12, "2026-10-05T08:00:00Z")
		r.Provider, r.ID = []byte("disk"), 3+id
		u.Record(r)
	}
	u.own.Deliver()
	u.finish(Info{})
	if l := f.Logs(); len(l) != 1 || l[0].FirstRecord != 3 || l[0].LastRecord != 4 || l[0].Records != 2 || l[0].Name != "RDSH-A01" {
		t.Errorf("%+v", l)
	}
	if f.Len() != 0 || read.Events != 0 {
		t.Errorf("%d rows, %d events", f.Len(), read.Events)
	}
}
