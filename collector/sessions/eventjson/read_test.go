package eventjson

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	local := ""
	if r.LocalTime {
		local = " local"
	}
	s := fmt.Sprintf("line %d: %s%s %s %s %d #%d %s", r.Line, r.Time().Format("2006-01-02T15:04:05.0000000Z"), local, r.Computer, r.Channel, r.EventID, r.ID, r.ActivityID)
	for _, f := range r.Fields {
		s += " " + string(f.Name) + "=" + string(f.Value)
	}
	c.events = append(c.events, s)
}

func (c *collect) Damaged(d record.Damage) { c.damages = append(c.damages, d) }

func read(t testing.TB, data []byte, opt Options) (*collect, Info) {
	t.Helper()
	c := &collect{}
	info, err := Read(t.Context(), bytes.NewReader(data), "test.json", opt, c)
	if err != nil {
		t.Fatal(err)
	}
	if info.Damaged != len(c.damages) {
		t.Errorf("Info says %d damages, the handler got %d", info.Damaged, len(c.damages))
	}
	return c, info
}

func run(t testing.TB, data []byte, workers, block int) *collect {
	t.Helper()
	c := &collect{}
	_, err := textblock.Run(t.Context(), bytes.NewReader(data), textblock.Job{File: "f", Workers: workers, BlockSize: block, Cut: cut,
		New: func() textblock.Parser { return &parser{file: "f"} }}, c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The counts are those of the sample's README, the rows are written down from
// the file; its local time is four hours behind UTC.
func TestNXLogSample(t *testing.T) {
	data, err := os.ReadFile(repotest.Shared(t, "samples/ndjson/otrf-nxlog-rds.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("UTC-4", -4*3600)
	counts := map[string]int{}
	h := &tally{f: func(r *record.Record) {
		ch := string(bytes.ToLower(r.Channel))
		counts[fmt.Sprintf("%s %d", ch[strings.LastIndex(ch, "-")+1:], r.EventID)]++
		if ch == "security" && r.EventID == 4624 {
			counts["type "+string(r.Value("LogonType"))]++
		}
		if ch != "security" && r.Value("AccountName") != nil {
			t.Error("the logging account is among the values of an event")
		}
	}}
	info, err := Read(t.Context(), bytes.NewReader(data), "f", Options{Zone: zone}, h)
	if err != nil || info.Records != 208 || info.Damaged != 0 || info.LocalTimes != 208 {
		t.Fatalf("%+v, %v; want 208 events, all in local time", info, err)
	}
	want := map[string]int{"security 4647": 1, "security 4778": 1, "security 4779": 1, "security 4634": 58, "security 4624": 120,
		"type 10": 2, "type 7": 4, "type 2": 7, "type 3": 61, "type 5": 45, "type 0": 1}
	for _, id := range []int{21, 22, 23, 24, 25, 32, 40, 41, 42, 54} {
		want[fmt.Sprintf("localsessionmanager/operational %d", id)] = 1
	}
	others := 0
	for k, v := range counts {
		if strings.HasPrefix(k, "remoteconnectionmanager") && !strings.HasSuffix(k, " 1149") && !strings.HasSuffix(k, " 261") {
			others += v
			delete(counts, k)
		}
	}
	want["remoteconnectionmanager/operational 1149"], want["remoteconnectionmanager/operational 261"] = 2, 2
	if d := cmp.Diff(want, counts); d != "" || others != 13 {
		t.Error(d, others)
	}
	sameAsWalker(t, data)
	got, _ := read(t, data, Options{Zone: zone})
	for _, row := range []string{
		`2020-09-04T07:07:18.0000000Z local WORKSTATION5.theshire.local ` + synth.Channel + ` 23 #65 F42091BB-54A5-42FA-A8D0-3175A2290000 User=THESHIRE\pgustavo SessionID=2`,
		`2020-09-04T07:08:22.0000000Z local WORKSTATION5.theshire.local ` + synth.Channel + ` 21 #69 F4207320-5A40-4CA1-99C7-8C290B800000 User=THESHIRE\pgustavo SessionID=2 Address=1.2.3.4`,
		`2020-09-04T07:08:34.0000000Z local WORKSTATION5.theshire.local ` + synth.Channel + ` 40 #71 F42087CD-13D6-422E-9ADD-152465240000 Session=2 Reason=5`,
		`2020-09-04T07:08:15.0000000Z local WORKSTATION5.theshire.local Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational 1149 #71 F4207320-5A40-4CA1-99C7-8C290B800000 Param1=pgustavo Param2=theshire Param3=1.2.3.4`,
		`2020-09-04T07:08:34.0000000Z local WORKSTATION5.theshire.local security 4779 #49208 245D3B9B-5E92-0000-B33B-C9128A82D601 ClientName=robertos-mbp LogonID=0xa992d AccountName=pgustavo AccountDomain=THESHIRE SessionName=RDP-Tcp#0 ClientAddress=1.2.3.4`,
	} {
		found := false
		for _, e := range got.events {
			found = found || strings.HasSuffix(e, row)
		}
		if !found {
			t.Errorf("no event ends in %s", row)
		}
	}
}

type tally struct{ f func(*record.Record) }

func (h *tally) Record(r *record.Record) { h.f(r) }
func (h *tally) Damaged(record.Damage)   {}

// 469 lines; the first and the last are written down from the file.
func TestAcceptanceFile(t *testing.T) {
	data, err := os.ReadFile(repotest.Shared(t, "acceptance/october/events/RDSH-A03.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	sameAsWalker(t, data)
	got, info := read(t, data, Options{})
	if info.Records != 469 || len(got.damages) != 0 {
		t.Fatalf("%+v, %v; want 469", info, got.damages)
	}
	if want := `line 1: 2026-10-01T02:00:00.0000000Z RDSH-A03.hosting.example ` + synth.Channel + ` 21 #1  User=RDSH-A03\Administrator SessionID=1 Address=LOCAL`; got.events[0] != want {
		t.Errorf("got  %s\nwant %s", got.events[0], want)
	}
	if want := ` 23 #469  User=hosting\AMEIJER1142 SessionID=46`; !strings.HasSuffix(got.events[468], want) {
		t.Errorf("got %s, want it to end in %s", got.events[468], want)
	}
}

// one is a whole line as Winlogbeat writes it.
func one(id int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-10-01T05:11:08.123Z","event":{"code":"21"},"winlog":{"channel":"C","event_id":"21","record_id":%d,"computer_name":"H","user_data":{"xml_name":"EventXML","User":"A\\b"}}}`+"\n", id)
}

func row(line, id int) string {
	return fmt.Sprintf(`line %d: 2026-10-01T05:11:08.1230000Z H C 21 #%d  User=A\b`, line, id)
}

func TestForms(t *testing.T) {
	const lsm = synth.Channel
	for _, tt := range []struct {
		name, in string
		want     []string
		damages  []string // line, lost, What
	}{
		{"lines", one(1) + "\r\n" + one(2), []string{row(1, 1), row(3, 2)}, nil},
		{"array on one line", "[" + strings.ReplaceAll(one(1)+","+one(2), "\n", "") + "]", []string{row(1, 1), row(1, 2)}, nil},
		{"same names elsewhere", `{"user":{"channel":"x","event_id":1},"winlog":{"process":{"channel":"y","record_id":9},"event_data":{"channel":"z","event_id":"5"},"channel":"C","event_id":21,"record_id":"7","computer_name":"H"},"@timestamp":"2026-10-01T05:11:08.123Z","channel":"q"}`,
			[]string{"line 1: 2026-10-01T05:11:08.1230000Z H C 21 #7  channel=z event_id=5"}, nil},
		{"escapes", `{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"channel":"\u0043","event_id":"21","computer_name":"H","user_data":{"User":"\ud83d\ude00\\\"\/\u00e9\n","N":1.5e3,"B":true,"Z":null,"O":{"Leaf":"x"},"A":[1,"]"]}}}`,
			[]string{"line 1: 2026-10-01T05:11:08.0000000Z H C 21 #0  User=😀\\\"/é\n N=1.5e3 B=true Leaf=x A=[1,\"]\"]"}, nil},
		{"code only in event.code", `{"@timestamp":"2026-10-01T05:11:08Z","event":{"code":21,"provider":"P"},"winlog":{"channel":"C","computer_name":"H"}}`, []string{"line 1: 2026-10-01T05:11:08.0000000Z H C 21 #0 "}, nil},
		{"Winlogbeat 6", `{"@timestamp":"2019-10-01T05:11:08.5Z","log_name":"` + lsm + `","event_id":21,"record_number":"77","computer_name":"H","activity_id":"{f420ab}","source_name":"P","user_data":{"xml_name":"EventXML","User":"A\\b","SessionID":"2","Address":"10.0.0.1"},"beat":{"name":"x"}}`,
			[]string{"line 1: 2019-10-01T05:11:08.5000000Z H " + lsm + ` 21 #77 F420AB User=A\b SessionID=2 Address=10.0.0.1`}, nil},
		{"Windows PowerShell", "[\r\n    {\r\n        \"Id\":  21,\r\n        \"ProviderName\":  \"P\",\r\n        \"LogName\":  \"" + lsm + "\",\r\n        \"RecordId\":  5,\r\n        \"ActivityId\":  \"f420ab\",\r\n        \"MachineName\":  \"H\",\r\n        \"UserId\":  {\r\n                       \"Value\":  \"S-1-5-18\"\r\n                   },\r\n        \"TimeCreated\":  \"\\/Date(1790831468123)\\/\",\r\n        \"Properties\":  [\r\n                           {\r\n                               \"Value\":  \"A\\\\b\"\r\n                           },\r\n                           {\r\n                               \"Value\":  2\r\n                           },\r\n                           {\r\n                               \"Value\":  \"10.0.0.1\"\r\n                           }\r\n                       ]\r\n    },\r\n    {\r\n        \"Id\":  4634,\r\n        \"LogName\":  \"Security\",\r\n        \"MachineName\":  \"H\",\r\n        \"TimeCreated\":  {\"value\":  \"\\/Date(1790831468123)\\/\", \"DateTime\":  \"x\"},\r\n        \"Properties\":  [{\"Value\": {\"BinaryLength\": 28, \"Value\": \"S-1-5-21\"}}, {\"Value\": \"u\"}, {\"Value\": \"D\"}, {\"Value\": 999}, {\"Value\": 10}]\r\n    }\r\n]\r\n",
			// 1790831468 is 2026-10-01 05:11:08 UTC: 20,727 days of 86,400 s, and 18,668 s.
			[]string{"line 2: 2026-10-01T05:11:08.1230000Z H " + lsm + ` 21 #5 F420AB User=A\b SessionID=2 Address=10.0.0.1`,
				"line 25: 2026-10-01T05:11:08.1230000Z H Security 4634 #0  TargetUserSid=S-1-5-21 TargetUserName=u TargetDomainName=D TargetLogonId=0x3e7 LogonType=10"}, nil},
		{"PowerShell 7, properties cut off by the depth", `{"TimeCreated":"2026-10-01T07:11:08.1234567+02:00","Id":23,"LogName":"` + lsm + `","MachineName":"H","Message":"T:\r\n\r\nUser: A\\b\r\nSession ID: 4","Properties":["System.Diagnostics.Eventing.Reader.EventProperty"]}`,
			[]string{"line 1: 2026-10-01T05:11:08.1234567Z H " + lsm + ` 23 #0  User=A\b SessionID=4`}, nil},
		{"cut off, then whole", one(1) + `{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"chan` + "\n" + one(3), []string{row(1, 1), row(3, 3)}, []string{"2 1 the object is damaged: another object begins before this one is closed"}},
		{"broken, then whole", `{"winlog":{"channel" "C"}}` + "\n" + one(3), []string{row(2, 3)}, []string{"1 1 the object is damaged: no colon behind a member's name"}},
		{"zeros", one(1) + "\x00\x00\x00\n" + one(3), []string{row(1, 1), row(3, 3)}, []string{"2 0 text that belongs to no object: the line is not read"}},
		{"still written", one(1) + `{"@timestamp":"2026`, []string{row(1, 1)}, []string{"2 0 " + textblock.Incomplete}},
		{"no line end at the end", one(1) + strings.TrimSpace(one(2)), []string{row(1, 1), row(2, 2)}, nil},
		{"not UTF-8", strings.Replace(one(1), "A", "\xe9", 1), []string{strings.Replace(row(1, 1), "A", "\ufffd", 1)}, []string{"1 0 " + textblock.NotUTF8}},
		{"bad escape", strings.Replace(one(1), `A\\b`, `A\xb`, 1) + one(2), []string{row(2, 2)}, []string{"1 1 the object is damaged: a string holds an escape that JSON does not know"}},
		{"bad time", strings.Replace(one(1), "2026-10", "2026-13", 1), nil, []string{`1 1 the event's time "2026-13-01T05:11:08.123Z" is not of the form 2026-10-01T05:11:08`}},
		{"other beats", `{"@timestamp":"2026-10-01T05:11:08Z","metricset":{"name":"cpu"}}` + "\n" + one(2), []string{row(2, 2)}, nil},
		{"only other beats, which the caller tells by Info.Foreign", `{"@timestamp":"2026-10-01T05:11:08Z"}`, nil, nil},
		{"no time", `{"winlog":{"channel":"C","event_id":"21","computer_name":"H"}}`, nil, []string{"1 1 the event has no time under a name that is known (@timestamp, EventTime, TimeCreated)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := read(t, []byte(tt.in), Options{})
			if d := cmp.Diff(tt.want, got.events); d != "" {
				t.Error(d)
			}
			var damages []string
			for _, d := range got.damages {
				damages = append(damages, fmt.Sprintf("%d %d %s", d.Line, d.Lost, d.What))
			}
			if d := cmp.Diff(tt.damages, damages); d != "" {
				t.Error(d)
			}
			sameAsWalker(t, []byte(strings.Repeat(one(1)+tt.in+"\n"+one(2)+tt.in, 3)))
		})
	}
}
