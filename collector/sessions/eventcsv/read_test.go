package eventcsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/synth"
	"splameter/internal/repotest"
)

// collect is a handler that keeps all it is given, as text.
type collect struct {
	events  []string
	damages []record.Damage
}

func (c *collect) Record(r *record.Record) {
	s := r.Time().Format("2006-01-02T15:04:05.0000000Z") + " " + string(r.Computer) + " " + string(r.Channel) + " " +
		itoa(uint64(r.EventID)) + " " + itoa(r.ID) + " line " + itoa(uint64(r.Line))
	if r.LocalTime {
		s += " local"
	}
	if len(r.ActivityID) > 0 {
		s += " " + string(r.ActivityID)
	}
	for _, f := range r.Fields {
		s += " " + string(f.Name) + "=" + string(f.Value)
	}
	c.events = append(c.events, s)
}

func (c *collect) Damaged(d record.Damage) { c.damages = append(c.damages, d) }

func itoa(v uint64) string {
	s := ""
	for ; v > 9; v /= 10 {
		s = string(rune('0'+v%10)) + s
	}
	return string(rune('0'+v)) + s
}

func read(t testing.TB, data []byte, opt Options) (*collect, Info) {
	t.Helper()
	c := &collect{}
	info, err := Read(t.Context(), bytes.NewReader(data), "test.csv", opt, c)
	if err != nil {
		t.Fatal(err)
	}
	if info.Damaged != len(c.damages) {
		t.Errorf("Info says %d damages, the handler got %d", info.Damaged, len(c.damages))
	}
	return c, info
}

// 528 rows, of which the first and the last are written down here from the
// file; no value of it spans lines, so that the header is line 1.
func TestAcceptanceFile(t *testing.T) {
	f, err := os.Open(repotest.Shared(t, "acceptance/october/events/RDSH-A02.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := textblock.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Form != textblock.CSV {
		t.Errorf("the form is %s", s.Form)
	}
	c := &collect{}
	info, err := Read(t.Context(), s, "f", Options{}, c)
	if err != nil || info.Records != 528 || len(c.events) != 528 || info.Damaged != 0 {
		t.Fatalf("%+v, %v, %v; want 528 rows and no damage", info, c.damages, err)
	}
	if want := `2026-09-30T22:20:00.0000000Z RDSH-A02.hosting.example ` + synth.Channel + ` 21 1 line 2 User=HOSTING\rvries1119 SessionID=55 Address=10.236.71.86`; c.events[0] != want {
		t.Errorf("got  %s\nwant %s", c.events[0], want)
	}
	if want := `2026-10-31T23:25:00.0000000Z RDSH-A02.hosting.example ` + synth.Channel + ` 23 528 line 529 User=hosting\IHOFF1156 SessionID=10`; c.events[527] != want {
		t.Errorf("got  %s\nwant %s", c.events[527], want)
	}
}

func TestForms(t *testing.T) {
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	const h = "TimeCreated,EventID,Computer,User\n"
	for _, tt := range []struct {
		name, in string
		opt      Options
		want     []string
		damages  []string // line, lost, What up to its colon
	}{
		{"semicolons, other order and case, own column", "MACHINENAME;id;LogName;Date;RecordId;Gebruiker;Extra\r\nH;21;C;2026-10-01 05:11:08.5;9;A\\b;x\r\n", Options{Zone: ams},
			[]string{`2026-10-01T03:11:08.5000000Z H C 21 9 line 2 local Gebruiker=A\b Extra=x`}, nil},
		{"own names", "When\tWho\tWhere\tWhat\n2026-10-01T05:11:08+02:00\tA\\b\tH\t21\n", Options{Columns: map[string]string{"TimeCreated": "when", "User": "Who", "Computer": "Where", "EventID": "What"}},
			[]string{`2026-10-01T03:11:08.0000000Z H  21 0 line 2 User=A\b`}, nil},
		{"old PowerShell", "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"TimeCreated\",\"Id\",\"MachineName\",\"ActivityId\"\r\n\"2026-10-01T05:11:08Z\",\"21\",\"H\",\"{f420b961-0017-4cd7-a3a8-0b4a31000000}\"\r\n", Options{},
			[]string{`2026-10-01T05:11:08.0000000Z H  21 0 line 3 F420B961-0017-4CD7-A3A8-0B4A31000000`}, nil},
		{"quotes and lines", h + "\"2026-10-01T05:11:08Z\",21,H,\"a\"\"b\r\nc,d\"\n2026-10-01T05:11:09Z,22,H,e", Options{},
			[]string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2 User=a\"b\nc,d", "2026-10-01T05:11:09.0000000Z H  22 0 line 4 User=e"}, nil},
		{"UTC by the column's name", "UtcTime,EventID,Host\n2026-10-01 05:11:08,21,H\n", Options{Zone: ams}, []string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2"}, nil},
		{"local forms", h + "25.10.2026 05:11:08,21,H,a\n10/25/2026 5:11:08 PM,21,H,b\n5-6-2026 05:11:08,21,H,c\n2026/10/01 05:11,21,H,d\nyesterday,21,H,e\n", Options{Zone: ams},
			[]string{"2026-10-25T04:11:08.0000000Z H  21 0 line 2 local User=a", "2026-10-25T16:11:08.0000000Z H  21 0 line 3 local User=b", "2026-10-01T03:11:00.0000000Z H  21 0 line 5 local User=d"},
			[]string{"4 1 in the time \"5-6-2026 05", "6 1 the time \"yesterday\" is not of a known form"}},
		{"no zone", h + "2026-10-01 05:11:08,21,H,a\n", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2 local User=a"}, []string{"0 0 1 events have a time without offset, and no zone is given for this source"}},
		{"wrong number of values", h + "2026-10-01T05:11:08Z,21,H\n2026-10-01T05:11:08Z,22,H,b\n", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  22 0 line 3 User=b"}, []string{"2 1 the row has 3 values, the header 4 columns"}},
		{"a stray quote loses its row alone", h + "2026-10-01T05:11:08Z,21,H,\"a\n2026-10-01T05:11:08Z,22,H,b\n2026-10-01T05:11:08Z,23,H,c\"d\n2026-10-01T05:11:08Z,24,H,e\n", Options{},
			[]string{"2026-10-01T05:11:08.0000000Z H  22 0 line 3 User=b", "2026-10-01T05:11:08.0000000Z H  24 0 line 5 User=e"},
			[]string{"2 1 a quote stands within a value", "4 1 a quote stands within a value"}},
		{"a quote that never closes", h + "2026-10-01T05:11:08Z,21,H,\"a\n2026-10-01T05:11:08Z,22,H,b\n", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  22 0 line 3 User=b"}, []string{"2 1 a quote is not closed"}},
		{"still written", h + "2026-10-01T05:11:08Z,21,H,a\n2026-10-01T05:11:08Z,2", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2 User=a"}, []string{"3 0 " + textblock.Incomplete}},
		{"the header twice", h + "2026-10-01T05:11:08Z,21,H,a\n" + h + "2026-10-01T05:11:08Z,22,H,b\n", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2 User=a", "2026-10-01T05:11:08.0000000Z H  22 0 line 4 User=b"}, nil},
		{"not UTF-8", h + "2026-10-01T05:11:08Z,21,H,zo\xeb\n", Options{}, []string{"2026-10-01T05:11:08.0000000Z H  21 0 line 2 User=zo\ufffd"}, []string{"2 0 a value is not UTF-8; what could not be read was replaced"}},
		{"no event id", "TimeCreated,Computer,User\n", Options{}, nil, []string{"1 0 the header has no column for event id (EventID, Id, EventCode); it has \"TimeCreated, Computer, User\""}},
		{"values only in the message", "TimeCreated,Id,LogName,MachineName,Message\n2026-10-01T05:11:08Z,21," + synth.Channel + ",H,\"T:\r\n\r\nUser: A\\b\r\nSession ID: 3\r\nAddress: 10.0.0.1\"\n", Options{},
			[]string{"2026-10-01T05:11:08.0000000Z H " + synth.Channel + ` 21 0 line 2 User=A\b SessionID=3 Address=10.0.0.1`}, nil},
		{"empty", "", Options{}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := read(t, []byte(tt.in), tt.opt)
			if d := cmp.Diff(tt.want, got.events); d != "" {
				t.Error(d)
			}
			var damages []string
			for _, d := range got.damages {
				what, _, _ := strings.Cut(d.What, ":")
				damages = append(damages, itoa(uint64(d.Line))+" "+itoa(uint64(d.Lost))+" "+what)
			}
			if d := cmp.Diff(tt.damages, damages); d != "" {
				t.Error(d)
			}
		})
	}
}

func run(t testing.TB, data []byte, workers, block int) *collect {
	t.Helper()
	lay, used, what := readHeader(data, &Options{})
	if what != "" {
		t.Fatal(what)
	}
	c := &collect{}
	_, err := textblock.Run(t.Context(), bytes.NewReader(data[used:]), textblock.Job{File: "f", Workers: workers, BlockSize: block, Line: 2, Offset: int64(used),
		Cut: func(data []byte) int { return bytes.LastIndexByte(data, '\n') + 1 },
		New: func() textblock.Parser { return &counted{parser{file: "f", opt: &Options{}, layout: lay}, t} }}, c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// counted is a parser whose count of lines is checked.
type counted struct {
	parser
	t testing.TB
}

func (p *counted) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	used, state, c = p.parser.Parse(b, out)
	if n := bytes.Count(b.Data[:used], newline); c.Lines > 0 && n != c.Lines {
		p.t.Errorf("%d lines were counted, want %d", c.Lines, n)
	}
	return used, state, c
}

func TestSameWithWorkers(t *testing.T) {
	estate := synth.Estate{Users: 50, Tenants: 5, Hosts: 7, Seed: 1}
	data := estate.CSV(200, true)
	data = append(data, []byte("a,b\n\"2026-10-01T05:11:08Z\",21,H,\"a\nb\nc\",1,,2,x\n\"2026-10-01T05:11:08Z\",21,H,\"a,1,,2,x\n")...)
	data = append(data, estate.CSV(100, false)...)
	data = append(data, []byte("2026-10-01T05:11:08Z,2")...)
	want := run(t, data, 1, 0)
	// 300 rows and the one with line ends; a short row, a stray quote, the end.
	if len(want.events) != 301 || len(want.damages) != 3 {
		t.Fatalf("%d rows, damages %v; want 301 and 3", len(want.events), want.damages)
	}
	for _, block := range []int{200, 1000, 1 << 14} {
		for workers := range 3 {
			if d := cmp.Diff(want, run(t, data, workers+1, block), cmp.AllowUnexported(collect{})); d != "" {
				t.Fatalf("%d workers, blocks of %d: %s", workers+1, block, d)
			}
		}
	}
}

type repeat struct {
	head, fill, tail string
	n                int
	now              string
	step             int
}

func (r *repeat) Read(p []byte) (int, error) {
	for len(r.now) == 0 {
		switch {
		case r.step == 0:
			r.now = r.head
		case r.step <= r.n:
			r.now = r.fill
		case r.step == r.n+1:
			r.now = r.tail
		default:
			return 0, io.EOF
		}
		r.step++
	}
	n := copy(p, r.now)
	r.now = r.now[n:]
	return n, nil
}

// Long lines and quotes that never close lose themselves alone.
func TestHostile(t *testing.T) {
	const h = "TimeCreated,EventID,Computer,User\n"
	row := func(id string) string { return "2026-10-01T05:11:08Z," + id + ",H,a\n" }
	for _, tt := range []struct{ name, open, fill, close string }{
		{"a line", "x", strings.Repeat("x", 1<<20), "\n"},
		{"a quoted value", `"`, strings.Repeat("x", 1<<20), "\"\n"},
		{"zeros", "", strings.Repeat("\x00", 1<<20), "\n"},
		{"delimiters", "", strings.Repeat(",", 1<<20), "\n"},
		{"open quotes", "", strings.Repeat("\"\"a\n", 1<<15), "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, workers := range []int{1, 2} {
				c := &collect{}
				in := &repeat{head: h + row("21") + tt.open, fill: tt.fill, tail: tt.close + row("22"), n: 6}
				if _, err := Read(t.Context(), in, "f", Options{Workers: workers}, c); err != nil {
					t.Fatal(err)
				}
				if len(c.events) != 2 || len(c.damages) == 0 {
					t.Errorf("%d rows, %d damages; want 2 rows and some", len(c.events), len(c.damages))
				}
			}
		})
	}
}

// FuzzRow compares rows with encoding/csv, wherever that has no complaint.
func FuzzRow(f *testing.F) {
	f.Add([]byte("a,b\n\"c\"\"d\",\"e\r\nf\"\r\n\n,\n"), byte(','))
	f.Add([]byte("a;b\r\n\"\";c"), byte(';'))
	f.Add([]byte("\"a\nb\n"), byte('\t'))
	f.Add([]byte("a,the same in every row\nb,the same in every row\r\nthe same in every row\n,the same in every row\nb,c,the same in every row\nb,not the same in every row\n\n\r\n"), byte(','))
	f.Add([]byte(strings.Repeat("a,", 200)+"\n"+strings.Repeat(",", 129)+"\n"+strings.Repeat("sixteen bytes are,", 7)+"\n"), byte(','))
	f.Fuzz(func(t *testing.T, data []byte, delim byte) {
		if delim != ',' && delim != ';' && delim != '\t' {
			return
		}
		s, fast := splitter{delim: delim}, splitter{delim: delim}
		var got [][]string
		rest, clean := data, true
		for len(rest) > 0 {
			n, st := s.row(rest, true)
			if st != whole || n == 0 {
				clean = false
				break
			}
			if line := rest[:n]; line[n-1] == '\n' && bytes.IndexByte(line, '"') < 0 { // two ways, one outcome
				fast.plain(line[:n-1])
				if d := cmp.Diff(s.fields, fast.fields, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("row and plain of %q: %s", line, d)
				}
			}
			if len(s.fields) > 0 {
				var row []string
				for _, v := range s.fields {
					row = append(row, string(v))
				}
				got = append(got, row)
			}
			rest = rest[n:]
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma, r.FieldsPerRecord = rune(delim), -1
		want, err := r.ReadAll()
		var parse *csv.ParseError
		if err != nil && !errors.As(err, &parse) {
			t.Fatal(err)
		}
		if clean != (err == nil) {
			t.Fatalf("clean is %v, encoding/csv says %v", clean, err)
		}
		if clean {
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("TimeCreated,EventID,Computer,User\n2026-10-01 05:11:08,21,H,\"a\nb\"\n10/25/2026 5:11:08 PM,21,H,b\n\"x"))
	f.Add([]byte("#TYPE x\r\n\"Date\";\"Id\";\"Host\"\r\n\"2026-10-01T05:11:08Z\";21;\"\"\"\"\r\n"))
	// A column's name with a broken byte: whether the rows are whole was asked of
	// the block that they stand in.
	f.Add([]byte("TimeCreated,EventID,Computer,U\x95\n\xf1\n2026-10-01 05:11:08,21,H,b\n10/25/2026 5:11:08 PM,21,C,b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _ := read(t, data, Options{})
		if _, _, what := readHeader(data, &Options{}); what != "" || len(data) > headSize || len(got.events)+len(got.damages) == 0 {
			return
		}
		want := run(t, data, 1, 0)
		if d := cmp.Diff(want, run(t, data, 2, 48), cmp.AllowUnexported(collect{})); d != "" {
			t.Errorf("small blocks are read otherwise: %s", d)
		}
	})
}

type counter struct{ records, damages int }

func (c *counter) Record(*record.Record) { c.records++ }
func (c *counter) Damaged(record.Damage) { c.damages++ }

// BenchmarkRead reads the same rows by this package and by encoding/csv, and
// counts lines as wc -l does; the ratios of ns/op are what counts.
func BenchmarkRead(b *testing.B) {
	const rows = 200_000
	estate := synth.Estate{Users: 10_000, Tenants: 100, Hosts: 500, Seed: 1}
	for _, form := range []struct {
		name   string
		quoted bool
	}{{"plain", false}, {"quoted", true}} {
		data := estate.CSV(rows, form.quoted)
		bench := func(name string, f func() int) {
			b.Run(form.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					if n := f(); n != rows {
						b.Fatalf("%d rows, want %d", n, rows)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			})
		}
		for _, workers := range []int{1, 2} {
			bench("own-"+itoa(uint64(workers)), func() int {
				c := &counter{}
				if _, err := Read(b.Context(), bytes.NewReader(data), "f", Options{Workers: workers}, c); err != nil || c.damages > 0 {
					b.Fatal(err, c.damages)
				}
				return c.records
			})
		}
		bench("encoding-csv", func() int {
			r, n := csv.NewReader(bytes.NewReader(data)), -1
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); err != nil {
					return n
				}
				n++
			}
		})
		bench("wc-l", func() int {
			n := 0
			for d := data; len(d) > 0; {
				k := min(len(d), 64<<10)
				n += bytes.Count(d[:k], []byte{'\n'})
				d = d[k:]
			}
			return n - 1
		})
	}
}
