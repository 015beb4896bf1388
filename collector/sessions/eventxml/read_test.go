package eventxml

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/synth"
	"splameter/internal/repotest"
)

func read(t testing.TB, data []byte, opt Options) (*collect, Info) {
	t.Helper()
	c := &collect{}
	info, err := Read(t.Context(), bytes.NewReader(data), "test.xml", opt, c)
	if err != nil {
		t.Fatal(err)
	}
	if info.Damaged != len(c.damages) {
		t.Errorf("Info says %d damages, the handler got %d", info.Damaged, len(c.damages))
	}
	return c, info
}

const head = `<Event><System><Provider Name="P"/><EventID>21</EventID><TimeCreated SystemTime="2026-10-01T05:11:08Z"/><EventRecordID>7</EventRecordID><Channel>C</Channel><Computer>H</Computer></System>`

// one is a whole event with the record id given.
func one(id string) string {
	return strings.Replace(head, ">7<", ">"+id+"<", 1) + `<UserData><EventXML xmlns="Event_NS"><User>A\b</User></EventXML></UserData></Event>`
}

// The 21 events of the sample, in the order of the file: written down by hand
// from it.
func TestSample(t *testing.T) {
	data, err := os.ReadFile(repotest.Shared(t, "samples/xml/ericzimmerman-rds-events.xml"))
	if err != nil {
		t.Fatal(err)
	}
	got, info := read(t, data, Options{})
	if info.Records != 21 || len(got.damages) != 0 {
		t.Fatalf("%d events, damages %v; want 21 and none", info.Records, got.damages)
	}
	ids := []uint64{200, 300, 302, 303, 312, 313, 21, 22, 23, 24, 25, 39, 40, 41, 1149, 261, 4624, 4634, 4647, 4778, 4779}
	for i, e := range got.events {
		if e.EventID != ids[i] {
			t.Errorf("event %d is a %d, want %d", i, e.EventID, ids[i])
		}
	}
	gw := got.events[3]
	want := event{ID: 1251305, EventID: 303, Ticks: ticks(t, "2021-05-16T20:13:17.4272057Z"),
		Provider: "Microsoft-Windows-TerminalServices-Gateway", Channel: "Microsoft-Windows-TerminalServices-Gateway/Operational",
		Computer: "HOSTNAME.domain.com", ActivityID: "3FB80CAA-2356-43C8-9991-B852526F2500",
		Fields: []string{`Username=DOMAIN\username`, "IpAddress=172.16.2.13", "AuthType=", "Resource=HOSTNAME.domain.com",
			"BytesReceived=4900", "BytesTransfered=2102", "SessionDuration=168", "ConnectionProtocol=UDP", "ErrorCode=1226"}}
	if d := cmp.Diff(want, gw); d != "" {
		t.Error(d)
	}
	want = event{ID: 683, EventID: 39, Ticks: ticks(t, "2019-05-26T19:34:48.9987914Z"),
		Provider: "Microsoft-Windows-TerminalServices-LocalSessionManager", Channel: synth.Channel,
		Computer: "ComputerName", ActivityID: "[GUID]", Fields: []string{"TargetSession=6", "Source=8"}}
	if d := cmp.Diff(want, got.events[11]); d != "" {
		t.Error(d)
	}
	want = event{ID: 90222, EventID: 4647, Ticks: ticks(t, "2019-04-27T13:52:34.5462608Z"),
		Provider: "Microsoft-Windows-Security-Auditing", Channel: "Security", Computer: "pooh", ActivityID: "32DFCBE2-F43E-0002-74CC-DF323EF4D401",
		Fields: []string{"TargetUserSid=S-1-5-21-1987904521-730768085-2188298509-1001", "TargetUserName=baz", "TargetDomainName=POOH", "TargetLogonId=0x12130a4a"}}
	if d := cmp.Diff(want, got.events[18]); d != "" {
		t.Error(d)
	}
	if n := len(got.events[16].Fields); n != 27 {
		t.Errorf("the 4624 has %d fields, want 27", n)
	}
	if got.lines[0] != 5 {
		t.Errorf("the first event is on line %d, want 5", got.lines[0])
	}
	all, err := oracle(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(all, got.events); d != "" {
		t.Error(d)
	}
}

func ticks(t testing.TB, s string) int64 {
	t.Helper()
	v, _, ok := textblock.Stamp([]byte(s))
	if !ok {
		t.Fatalf("%s is no time", s)
	}
	return v
}

func TestGrammar(t *testing.T) {
	ev := func(id uint64, fields ...string) event {
		return event{ID: id, EventID: 21, Ticks: ticks(t, "2026-10-01T05:11:08Z"), Provider: "P", Channel: "C", Computer: "H", Fields: fields}
	}
	for _, tt := range []struct {
		name, in string
		want     []event
		damages  []string // What, with the line before it
	}{
		{"two without a root", one("1") + "\r\n" + one("2"), []event{ev(1, `User=A\b`), ev(2, `User=A\b`)}, nil},
		{"root, declaration, comment with an event in it", `<?xml version="1.0"?><!-- ` + one("9") + ` --><Events>` + one("1") + "</Events>", []event{ev(1, `User=A\b`)}, nil},
		{"prefixed", `<e:Event xmlns:e="x"><e:System><e:Provider Name='P'/><e:EventID Qualifiers='0'> 21
</e:EventID><e:TimeCreated SystemTime='2026-10-01 05:11:08'/><e:EventRecordID>7</e:EventRecordID><e:Correlation/><e:Channel>C</e:Channel><e:Computer>H</e:Computer></e:System><e:UserData><x:E xmlns:x='y'><x:User>A</x:User></x:E></e:UserData></e:Event>`,
			[]event{ev(7, "User=A")}, nil},
		{"entities and CDATA", head + `<EventData><Data Name='a&amp;b'>&lt;&#x41;&#66;&quot;&apos;&gt;</Data><Data>x<![CDATA[</Event>&amp;]]><!-- </Event> -->y</Data><Data/><Other>z</Other></EventData></Event>`,
			[]event{ev(7, `a&b=<AB"'>`, "Data1=x</Event>&amp;y", "Data2=", "Other=z")}, nil},
		{"line ends", head + "<EventData><Data Name='m'>a\r\nb\rc</Data></EventData></Event>", []event{ev(7, "m=a\nb\nc")}, nil},
		{"nested leaves", head + `<UserData><E><U><User>A</User></U><S>1</S></E></UserData></Event>`, []event{ev(7, "User=A", "S=1")}, nil},
		{"an element called Event beneath UserData", head + `<UserData><Event><User>A</User></Event></UserData></Event>` + one("2"),
			[]event{ev(7, "User=A"), ev(2, `User=A\b`)}, nil},
		{"rendering is skipped", head + `<RenderingInfo Culture='nl'><Message>EventData</Message></RenderingInfo><EventData><Data Name='a'>b</Data></EventData></Event>`, []event{ev(7, "a=b")}, nil},
		{"cut off in a tag, then whole", head + "<UserData><E><Us" + "\n" + one("2"), []event{ev(2, `User=A\b`)}, []string{"1 1 " + whatTag}},
		{"cut off in text, then whole", head + "<EventData><Data>ab\n" + one("2"), []event{ev(2, `User=A\b`)}, []string{"1 1 " + whatNested}},
		{"cut off in an attribute, then whole", `<Event><System><Provider Name='Mic` + "\n" + one("2"), []event{ev(2, `User=A\b`)}, []string{"1 1 " + whatTag}},
		{"mismatch", one("1") + head + "<UserData><A></B></UserData></Event>" + "\n" + one("2"), []event{ev(1, `User=A\b`), ev(2, `User=A\b`)}, []string{"1 1 " + whatMismatch}},
		{"zeros between", one("1") + "\n\x00\x00\x00\x00\n" + one("2"), []event{ev(1, `User=A\b`), ev(2, `User=A\b`)},
			[]string{"2 0 text that belongs to no event: an event before it lost its beginning, or the file is damaged here"}},
		{"zeros within", head + "<EventData><Data>\x00</Data></EventData></Event>\n" + one("2"), []event{ev(2, `User=A\b`)}, []string{"1 1 " + whatText}},
		{"a lost beginning", "A\\b</User></EventXML></UserData></Event>\n" + one("2"), []event{ev(2, `User=A\b`)},
			[]string{"1 0 text that belongs to no event: an event before it lost its beginning, or the file is damaged here"}},
		{"still written", one("1") + "\n" + head, []event{ev(1, `User=A\b`)}, []string{"2 0 " + textblock.Incomplete}},
		{"still written, in the first tag", one("1") + "\n<Eve", []event{ev(1, `User=A\b`)}, []string{"2 0 " + textblock.Incomplete}},
		{"no event id", "<Event><System><EventID>x</EventID></System></Event>" + one("2"), []event{ev(2, `User=A\b`)},
			[]string{"1 1 the event has no EventID, or one that is no number"}},
		{"not UTF-8", strings.Replace(one("1"), `A\b`, "A\\\xe9", 1), []event{ev(1, "User=A\\\ufffd")}, []string{"1 0 " + textblock.NotUTF8}},
		{"unknown entity", strings.Replace(one("1"), `A\b`, "&nbsp;", 1) + one("2"), []event{ev(2, `User=A\b`)}, []string{"1 1 " + whatText}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := read(t, []byte(tt.in), Options{})
			if d := cmp.Diff(tt.want, got.events); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.damages, whats(got.damages)); d != "" {
				t.Error(d)
			}
		})
	}
}

func whats(damages []record.Damage) []string {
	var out []string
	for _, d := range damages {
		out = append(out, string(rune('0'+d.Line))+" "+string(rune('0'+d.Lost))+" "+d.What)
	}
	return out
}

// The filter is asked with channel and id, and what it refuses is counted.
func TestFilter(t *testing.T) {
	in := one("1") + strings.Replace(one("2"), ">21<", ">22<", 1) + strings.Replace(one("3"), ">21<", ">22<", 1)
	got, info := read(t, []byte(in), Options{Filter: func(channel []byte, id uint32) bool { return string(channel) == "C" && id == 22 }})
	if info.Records != 3 || len(got.events) != 2 || got.events[0].ID != 2 || len(got.damages) != 0 {
		t.Errorf("got %+v, %+v", info, got)
	}
}

// Any number of workers, any size of blocks and any size of reads: the same
// events, damages, lines and offsets, and encoding/xml agrees.
func TestSameWithWorkers(t *testing.T) {
	data := synth.Estate{Users: 50, Tenants: 5, Hosts: 7, Seed: 1}.XML(300)
	data = append(data, []byte(head+"<UserData><E>\n"+one("5")+"\n\x00\x00"+one("6"))...)
	data = append(data, bytes.Repeat([]byte("x"), 5000)...)
	data = append(data, []byte(one("7")+head+"<UserData><Event><a>"+strings.Repeat(one("8"), 12)+"</a></Event></UserData></Event>"+one("9")+"<Ev")...)
	run := func(workers, block int, r io.Reader) *collect {
		c := &collect{}
		_, err := textblock.Run(t.Context(), r, textblock.Job{File: "f", Workers: workers, BlockSize: block, Cut: cut,
			New: func() textblock.Parser { return &parser{file: "f"} }}, c)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	want := run(1, 0, bytes.NewReader(data))
	if len(want.events) != 305 || len(want.damages) != 4 {
		t.Fatalf("%d events and damages %v; want 305 and 4", len(want.events), want.damages)
	}
	for _, block := range []int{1, 7, 100, 1000, 5000, 1 << 16} {
		for _, workers := range []int{1, 2, 3} {
			if block < 100 && workers > 1 || block == 1 {
				continue
			}
			got := run(workers, block, bytes.NewReader(data))
			if d := cmp.Diff(want, got, cmp.AllowUnexported(collect{})); d != "" {
				t.Fatalf("%d workers, blocks of %d: %s", workers, block, d)
			}
		}
	}
}

// endless gives a head, then a filler n times, then a tail.
type endless struct {
	head, fill, tail []byte
	n                int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.n > 0 {
		e.n--
		e.head = e.fill
		return e.Read(p)
	}
	if len(e.tail) > 0 {
		e.head, e.tail = e.tail, nil
		return e.Read(p)
	}
	return 0, io.EOF
}

// Hostile texts of 64 MiB lose themselves, in memory and time that stay
// small; the whole events around them are read. (What is bounded shows as
// this test's own time: each was quadratic once, or would be if written
// plainly.)
func TestHostile(t *testing.T) {
	mib := func(s string) []byte { return []byte(strings.Repeat(s, 1<<20/len(s))) }
	for _, tt := range []struct {
		name, open, fill string
		damages          int // at least
	}{
		{"nested elements", head + "<UserData>", "<a>", 1},
		{"never closes", head, "<a></a>", 1},
		{"one line", "", "x", 1},
		{"a comment", "<!--", " - ", 1},
		{"a tag", "<Event a='", "x", 1},
		{"events within events", "", "<Event><UserData>", 1},
		{"zeros", "", "\x00", 1},
		{"text", head + "<UserData><E><User>", "x", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, workers := range []int{1, 2} {
				c := &collect{}
				in := &endless{head: []byte(one("1") + tt.open), fill: mib(tt.fill), tail: []byte(one("2")), n: 8}
				if _, err := Read(t.Context(), in, "f", Options{Workers: workers}, c); err != nil {
					t.Fatal(err)
				}
				if len(c.damages) < tt.damages {
					t.Errorf("%d damages, want %d", len(c.damages), tt.damages)
				}
				if len(c.events) < 2 || c.events[0].ID != 1 || c.events[len(c.events)-1].ID != 2 {
					t.Errorf("%d events were read; want the first and the last too", len(c.events))
				}
			}
		})
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, workers := range []int{1, 2} {
		if _, err := Read(ctx, strings.NewReader(one("1")), "f", Options{Workers: workers}, &collect{}); err == nil {
			t.Errorf("%d workers: a context that has ended gives no error", workers)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(one("1") + "\r\n" + one("2")))
	f.Add([]byte("<?xml version='1.0'?><Events><!-- x -->" + one("1") + "</Events>"))
	f.Add([]byte(head + `<EventData><Data Name='a&amp;b'>&lt;&#x41;</Data><Data>x<![CDATA[</Event>&amp;]]>y</Data><Data/></EventData></Event>`))
	f.Add([]byte(head + "<UserData><E><Us\n" + one("2")))
	f.Add([]byte(head + `<UserData><Event><User>A</User></Event></UserData><RenderingInfo>t</RenderingInfo></Event>`))
	f.Add([]byte("<e:Event xmlns:e=\"x\"><e:System><e:EventID>1</e:EventID></e:System></e:Event>\x00"))
	f.Add([]byte(one("1") + one("1") + "<Event><System><EventID>3</EventID><Correlation ActivityID='{ab}'/></System></Event>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _ := read(t, data, Options{})
		if want, err := oracle(data); err == nil {
			if d := cmp.Diff(want, got.events); d != "" {
				t.Errorf("encoding/xml reads it otherwise: %s", d)
			}
		}
		small := &collect{}
		_, err := textblock.Run(t.Context(), bytes.NewReader(data), textblock.Job{File: "test.xml", Workers: 2, BlockSize: 48, Cut: cut,
			New: func() textblock.Parser { return &parser{file: "test.xml"} }}, small)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(got, small, cmp.AllowUnexported(collect{})); d != "" {
			t.Errorf("small blocks are read otherwise: %s", d)
		}
	})
}

// Both files of the acceptance month, as encoding/xml reads them; the first
// event of one is written down from the file.
func TestAcceptanceFiles(t *testing.T) {
	for name, first := range map[string]event{
		"RDSH-A01.xml": {ID: 1, EventID: 21, Ticks: ticks(t, "2026-09-30T21:40:00Z"), Provider: "Microsoft-Windows-TerminalServices-LocalSessionManager",
			Channel: synth.Channel, Computer: "RDSH-A01.hosting.example", ActivityID: "F420B961-0017-4CD7-A3A8-0B4A31000000",
			Fields: []string{`User=hosting\YLMAZ1131`, "SessionID=23", "Address=10.110.199.186"}},
		"RDSH-D01.xml": {ID: 1, EventID: 21, Ticks: ticks(t, "2026-10-01T02:00:00Z"), Provider: "Microsoft-Windows-TerminalServices-LocalSessionManager",
			Channel: synth.Channel, Computer: "RDSH-D01.hosting.example", ActivityID: "61A55000-55E5-1017-0000-000000000000",
			Fields: []string{`User=RDSH-D01\Administrator`, "SessionID=1", "Address=LOCAL"}},
	} {
		data, err := os.ReadFile(repotest.Shared(t, "acceptance/october/events/"+name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := oracle(data)
		if err != nil || len(want) == 0 {
			t.Fatalf("encoding/xml reads %d events: %v", len(want), err)
		}
		got, info := read(t, data, Options{Workers: 2})
		if d := cmp.Diff(want, got.events); d != "" || info.Records != len(want) || len(got.damages) > 0 {
			t.Errorf("%s: %+v, %v, %s", name, info, got.damages, d)
		}
		if d := cmp.Diff(first, got.events[0]); d != "" {
			t.Error(d)
		}
		// Whole from the first record: the last number is the count.
		if last := got.events[len(want)-1].ID; last != uint64(len(want)) {
			t.Errorf("%s: the last record is %d of %d", name, last, len(want))
		}
	}
}
