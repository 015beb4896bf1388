package evtx

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
	"splameter/internal/repotest"
)

// Monday, 3 August 2026, 00:00 UTC: 155,442 days after 1601-01-01.
const start = 155442 * 864000000000

func lsm(events int) evtxtest.Made {
	return evtxtest.Made{Events: events, Users: 50, Seed: 7, Host: "RDSH-A01.hosting.example", Start: start, Step: 1e7}
}

// take keeps copies of a sequence's events.
func take(m evtxtest.Made, security bool) []evtxtest.Event {
	var events []evtxtest.Event
	seq := m.LocalSessions()
	if security {
		seq = m.SecurityLog()
	}
	for e := range seq {
		events = append(events, *e)
	}
	return events
}

// shown is a field of a written event as it must be read, for the types that
// the made-up logs use.
func shown(f evtxtest.Field) string {
	switch f.Type {
	case 0x01:
		var b strings.Builder
		var u []uint16
		for i := 0; i+1 < len(f.Raw); i += 2 {
			u = append(u, binary.LittleEndian.Uint16(f.Raw[i:]))
		}
		for i := 0; i < len(u)-1; i++ { // the last is the terminator
			b.WriteRune(rune(u[i])) // made-up names lie in the basic plane
		}
		return b.String()
	case 0x08:
		return strconv.FormatUint(uint64(binary.LittleEndian.Uint32(f.Raw)), 10)
	case 0x0a:
		return strconv.FormatUint(binary.LittleEndian.Uint64(f.Raw), 10)
	case 0x15, 0x10:
		return fmt.Sprintf("%#x", binary.LittleEndian.Uint64(f.Raw))
	case 0x0f:
		return "{00000000-0000-0000-0000-000000000000}"
	case 0x13:
		s := fmt.Sprintf("S-%d-%d", f.Raw[0], f.Raw[7])
		for i := 8; i < len(f.Raw); i += 4 {
			s += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(f.Raw[i:]))
		}
		return s
	}
	return "?"
}

func line(id uint64, ticks int64, event uint32, provider, channel, computer, activity string, fields [][2]string) string {
	return fmt.Sprint(id, ticks, event, provider, channel, computer, activity, fields)
}

func truth(events []evtxtest.Event) []string {
	var lines []string
	for _, e := range events {
		var fields [][2]string
		for _, f := range e.Fields {
			fields = append(fields, [2]string{f.Name, shown(f)})
		}
		lines = append(lines, line(e.ID, e.Ticks, e.EventID, e.Provider, e.Channel, e.Computer, e.ActivityID, fields))
	}
	return lines
}

func read(records []record.Record) []string {
	var lines []string
	for _, r := range records {
		var fields [][2]string
		for _, f := range r.Fields {
			fields = append(fields, [2]string{string(f.Name), string(f.Value)})
		}
		lines = append(lines, line(r.ID, r.Ticks, r.EventID, string(r.Provider), string(r.Channel), string(r.Computer), string(r.ActivityID), fields))
	}
	return lines
}

func TestWhatWasWritten(t *testing.T) {
	literal := take(lsm(300), false)
	for i := range literal {
		literal[i].Literal = true
		literal[i].Fields = literal[i].Fields[:0:0]
		literal[i].Fields = append(literal[i].Fields, evtxtest.Text("User", `A&B\ngọc`), evtxtest.Text("SessionID", "7"))
	}
	mixed := append(take(lsm(400), false), take(lsm(400), true)...)
	for i := range mixed {
		mixed[i].ID = uint64(i + 1)
		mixed[i].Computer = fmt.Sprintf("HOST-%d", i%3) // as in a collector's log
	}
	for _, c := range []struct {
		name   string
		events []evtxtest.Event
	}{
		{"sessions", take(lsm(3000), false)},
		{"security", take(lsm(2000), true)},
		{"without templates", literal},
		{"of several hosts and channels", mixed},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := evtxtest.Log(c.events, evtxtest.Options{})
			want := truth(c.events)
			for workers := range 4 {
				g, info := gather(t, log, Options{Workers: workers})
				if d := cmp.Diff(want, read(g.records)); d != "" {
					t.Fatalf("%d workers (-written +read):\n%s", workers, d)
				}
				last := c.events[len(c.events)-1]
				wantInfo := Info{Chunks: (len(log) - 4096) / 65536, Records: len(want), First: Mark{c.events[0].ID, c.events[0].Ticks}, Last: Mark{last.ID, last.Ticks}}
				wantInfo.Spans = spansOf(c.events)
				if d := cmp.Diff(wantInfo, info); d != "" {
					t.Errorf("info (-want +got):\n%s; damages %v", d, g.damages)
				}
			}
			var g gatherer
			info, err := ReadStream(t.Context(), io.MultiReader(bytes.NewReader(log)), "x", Options{}, &g)
			if d := cmp.Diff(want, read(g.records)); d != "" || err != nil || info.Records != len(want) {
				t.Errorf("as a stream: %v %+v (-written +read):\n%s", err, info, d)
			}
		})
	}
}

// spansOf are the runs of consecutive numbers of events.
func spansOf(events []evtxtest.Event) (out []Span) {
	for _, e := range events {
		m := Mark{e.ID, e.Ticks}
		if n := len(out); n > 0 && out[n-1].Last.ID+1 == e.ID {
			out[n-1].Last = m
			continue
		}
		out = append(out, Span{m, m})
	}
	return out
}

// A ring of n chunks that went round by 3, with spare slots and the header of
// a live copy, holds the same events in the same order.
func TestRingDirtySpare(t *testing.T) {
	events := take(lsm(2500), false)
	want := truth(events)
	log := evtxtest.Log(events, evtxtest.Options{Ring: 3, Dirty: true, SpareSlots: 5})
	if n := (len(log)-4096)/65536 - 5; n < 10 {
		t.Fatalf("only %d chunks", n)
	}
	for _, workers := range []int{1, 2} {
		g, info := gather(t, log, Options{Workers: workers})
		if d := cmp.Diff(want, read(g.records)); d != "" {
			t.Errorf("%d workers (-written +read):\n%s", workers, d)
		}
		if !info.Dirty || info.Damaged != 0 || info.Chunks != (len(log)-4096)/65536-5 {
			t.Errorf("info %+v, damages %v", info, g.damages)
		}
	}
	// A stream keeps the order of the file: chunk 4 comes first.
	var g gatherer
	info, err := ReadStream(t.Context(), bytes.NewReader(log), "x", Options{}, &g)
	if err != nil || info.Damaged != 0 || len(g.records) != len(want) || g.records[0].ID == 1 || info.First.ID != 1 || info.Last.ID != 2500 {
		t.Errorf("as a stream: %v %+v, first %d", err, info, g.records[0].ID)
	}
}

// Only what is asked for is decoded: an unwanted record may be broken inside.
func TestFilterComesFirst(t *testing.T) {
	bad := evtxtest.LocalSession(22, "u", 1, "10.0.0.1")
	bad.Fields[1].Raw = []byte{1, 2, 3} // three bytes of a number of four
	good := evtxtest.LocalSession(21, `A\u`, 4, "10.0.0.1")
	for i, e := range []*evtxtest.Event{&bad, &good} {
		e.ID, e.Ticks, e.Computer = uint64(i+1), start, "H"
	}
	log := evtxtest.Log([]evtxtest.Event{bad, good}, evtxtest.Options{})
	asked := map[string]int{}
	g, info := gather(t, log, Options{Filter: func(channel []byte, id uint32) bool {
		asked[fmt.Sprintf("%s/%d", channel, id)]++
		return id == 21
	}})
	if len(g.records) != 1 || info.Records != 2 || info.Damaged != 0 {
		t.Errorf("%d records, %+v, %v", len(g.records), info, g.damages)
	}
	want := map[string]int{"/22": 1, "/21": 1, good.Channel + "/21": 1}
	if d := cmp.Diff(want, asked); d != "" {
		t.Errorf("filter (-want +got):\n%s", d)
	}
	// Without a filter it is wanted, and its loss is told.
	g, _ = gather(t, log, Options{})
	if len(g.records) != 1 || len(g.damages) != 1 || g.damages[0].Record != 1 || g.damages[0].Lost != 1 {
		t.Errorf("without a filter: %d records, damages %+v", len(g.records), g.damages)
	}
}

func TestValueTypes(t *testing.T) {
	le := binary.LittleEndian
	u := func(s string) []byte { return evtxtest.Text("", s).Raw }
	for _, c := range []struct {
		name string
		typ  byte
		raw  []byte
		want []string // one for each field that the value makes
	}{
		{"null", 0x00, nil, []string{""}},
		{"text", 0x01, u("größe 12345678 😀"), []string{"größe 12345678 😀"}},
		{"no text", 0x01, nil, []string{""}},
		{"half a pair", 0x01, []byte{'a', 0, 0x3d, 0xd8, 'b', 0}, []string{"a\uFFFDb"}},
		{"odd byte at the end", 0x01, []byte{'a', 0, 'b'}, []string{"a"}},
		{"8 bits", 0x02, []byte("caf\xe9 \x80\x00"), []string{"café €"}},
		{"int8", 0x03, []byte{0xff}, []string{"-1"}},
		{"uint8", 0x04, []byte{0xff}, []string{"255"}},
		{"int16", 0x05, []byte{0, 0x80}, []string{"-32768"}},
		{"uint16", 0x06, []byte{0, 0x80}, []string{"32768"}},
		{"int32", 0x07, []byte{0xfe, 0xff, 0xff, 0xff}, []string{"-2"}},
		{"uint32", 0x08, []byte{0xfe, 0xff, 0xff, 0xff}, []string{"4294967294"}},
		{"int64", 0x09, bytes.Repeat([]byte{0xff}, 8), []string{"-1"}},
		{"uint64", 0x0a, bytes.Repeat([]byte{0xff}, 8), []string{"18446744073709551615"}},
		{"float", 0x0b, le.AppendUint32(nil, math.Float32bits(1.5)), []string{"1.5"}},
		{"double", 0x0c, le.AppendUint64(nil, math.Float64bits(-0.1)), []string{"-0.1"}},
		{"bool", 0x0d, []byte{1, 0, 0, 0}, []string{"true"}},
		{"bool not", 0x0d, []byte{0, 0, 0, 0}, []string{"false"}},
		{"binary", 0x0e, []byte{0xde, 0xad, 0x0f}, []string{"DEAD0F"}},
		{"identifier", 0x0f, []byte{0xac, 0x5b, 0x20, 0xf4, 1, 0x1b, 0xfc, 0x40, 0xae, 0xef, 0x3c, 0x97, 0x1c, 0x73, 0, 0}, []string{"{F4205BAC-1B01-40FC-AEEF-3C971C730000}"}},
		{"size of 32 bits", 0x10, []byte{0x10, 1, 0, 0}, []string{"0x110"}},
		{"size of 64 bits", 0x10, []byte{0x10, 1, 0, 0, 0, 0, 0, 0}, []string{"0x110"}},
		{"file time", 0x11, le.AppendUint64(nil, start+15), []string{"2026-08-03T00:00:00.0000015Z"}},
		{"system time", 0x12, []byte{0xea, 7, 2, 0, 6, 0, 28, 0, 23, 0, 59, 0, 58, 0, 7, 0}, []string{"2026-02-28T23:59:58.0070000Z"}},
		{"account", 0x13, []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}, []string{"S-1-5-32-544"}},
		{"hex32", 0x14, []byte{0, 0, 0, 0}, []string{"0x0"}},
		{"hex64", 0x15, []byte{0x1e, 0x5e, 0x3b, 1, 0, 0, 0, 0}, []string{"0x13b5e1e"}},
		{"handle", 0x20, []byte{9, 0, 0, 0, 0, 0, 0, 0}, []string{"0x9"}},
		{"texts", 0x81, append(append(u("one"), u("")...), u("three")...), []string{"one", "", "three"}},
		{"uint16s", 0x86, []byte{1, 0, 2, 0}, []string{"1", "2"}},
		{"8-bit texts", 0x82, []byte("a\x00bc\x00"), []string{"a", "bc"}},
		{"accounts", 0x93, append([]byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0}, 1, 1, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0), []string{"S-1-5-18", "S-1-5-7"}},
		{"no texts", 0x81, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			e := evtxtest.Security(4700, evtxtest.Raw("x", c.typ, c.raw), evtxtest.Text("after", "wards"))
			e.ID, e.Ticks, e.Computer = 1, start, "H"
			for _, v := range c.want {
				want = append(want, "x="+v)
			}
			g, _ := gather(t, evtxtest.Log([]evtxtest.Event{e}, evtxtest.Options{}), Options{})
			if len(g.records) != 1 || len(g.damages) != 0 {
				t.Fatalf("%d records, %v", len(g.records), g.damages)
			}
			var got []string
			for _, f := range g.records[0].Fields {
				got = append(got, string(f.Name)+"="+string(f.Value))
			}
			if d := cmp.Diff(append(want, "after=wards"), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Data without a name is numbered, and an array counts as so many.
func TestUnnamedData(t *testing.T) {
	e := evtxtest.Security(1, evtxtest.Text("", "a"), evtxtest.Text("Named", "b"), evtxtest.Raw("", 0x81, []byte{'c', 0, 0, 0, 'd', 0, 0, 0}))
	e.ID, e.Computer = 1, "H"
	g, _ := gather(t, evtxtest.Log([]evtxtest.Event{e}, evtxtest.Options{}), Options{})
	want := []string{"1 0 1 " + e.Provider + " Security H  [[Data1 a] [Named b] [Data2 c] [Data3 d]]"}
	if got := read(g.records); len(got) != 1 || !strings.HasSuffix(got[0], "[[Data1 a] [Named b] [Data2 c] [Data3 d]]") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The independent writer of the shared tools: what it made up must be read.
func TestSharedWriter(t *testing.T) {
	tool := repotest.Shared(t, "tools/evtxwrite.py")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	log, tsv := filepath.Join(t.TempDir(), "x.evtx"), filepath.Join(t.TempDir(), "x.tsv")
	if out, err := exec.Command(python, tool, log, "--events", "4000", "--users", "60", "--truth", tsv, "--dirty").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, _ := expected(t, tsv)
	var g gatherer
	info := readFile(t, log, Options{Filter: sessionsOnly, Workers: 2}, &g)
	var got []string
	for i := range g.records {
		g.records[i].ActivityID = nil // the list leaves it out
		got = append(got, row(&g.records[i]))
	}
	if d := cmp.Diff(want, got); d != "" || info.Records != 4000 || !info.Dirty || info.Damaged != 0 {
		t.Errorf("%+v (-want +got):\n%s", info, d)
	}
}

// evtxexport of libevtx is another reader: it must find as many records in
// what evtxtest writes, and the same user names.
func TestAnotherReader(t *testing.T) {
	export, err := exec.LookPath("evtxexport")
	if err != nil {
		t.Skip("evtxexport (package libevtx-utils) is not installed")
	}
	path := filepath.Join(t.TempDir(), "x.evtx")
	m := lsm(500)
	if _, err := evtxtest.Write(path, m.LocalSessions(), evtxtest.Options{}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), export, "-f", "xml", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for _, e := range take(m, false) {
		if e.EventID == 21 {
			users = append(users, shown(e.Fields[0]))
		}
	}
	text := string(out)
	if n := strings.Count(text, "</Event>"); n != 500 {
		t.Errorf("evtxexport finds %d records of 500", n)
	}
	for _, u := range users {
		if !strings.Contains(text, "<User>"+strings.ReplaceAll(u, "&", "&amp;")+"</User>") {
			t.Errorf("evtxexport does not find the user %s", u)
		}
	}
}

func readFile(t *testing.T, path string, opt Options, h record.Handler) Info {
	t.Helper()
	f, size := openLog(t, path)
	info, err := Read(context.Background(), f, size, path, opt, h)
	if err != nil {
		t.Fatal(err)
	}
	return info
}
