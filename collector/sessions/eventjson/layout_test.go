package eventjson

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/synth"
	"splameter/internal/repotest"
)

// exact is a handler that keeps all there is in a record, byte for byte.
type exact struct{ got []string }

func (e *exact) Record(r *record.Record) {
	e.got = append(e.got, fmt.Sprintf("%d %d %d %d %v %#q %#q %#q %#q %q", r.Line, r.ID, r.Ticks, r.EventID, r.LocalTime, r.Provider, r.Channel, r.Computer, r.ActivityID, r.Fields))
}

func (e *exact) Damaged(d record.Damage) { e.got = append(e.got, fmt.Sprintf("%+v", d)) }

// counted is a parser whose count of lines is checked.
type counted struct {
	*parser
	t testing.TB
}

func (p *counted) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	used, state, c = p.parser.Parse(b, out)
	if n := bytes.Count(b.Data[:used], []byte{'\n'}); n != c.Lines {
		p.t.Errorf("%d lines were counted, want %d", c.Lines, n)
	}
	return used, state, c
}

// readExact reads data by the walker alone, or with layouts.
func readExact(t testing.TB, data []byte, walkOnly bool, workers, block int) []string {
	t.Helper()
	e := &exact{}
	c, err := textblock.Run(t.Context(), bytes.NewReader(data), textblock.Job{File: "f", Workers: workers, BlockSize: block, Cut: cut,
		New: func() textblock.Parser { return &counted{&parser{file: "f", walkOnly: walkOnly}, t} }}, e)
	if err != nil {
		t.Fatal(err)
	}
	return append(e.got, fmt.Sprintf("%+v", c))
}

// sameAsWalker reads data by the walker alone and with layouts, which must
// give the same records and damages, wherever a block ends.
func sameAsWalker(t testing.TB, data []byte) {
	t.Helper()
	want := readExact(t, data, true, 1, 0)
	for _, b := range []struct{ workers, block int }{{1, 0}, {1, 700}, {2, 5000}} {
		if d := cmp.Diff(want, readExact(t, data, false, b.workers, b.block)); d != "" {
			t.Errorf("%d workers, blocks of %d: layouts read otherwise: %s", b.workers, b.block, d)
		}
	}
}

// winlogbeat is a line with what varies from one to the next.
func winlogbeat(id int, user, message string) string {
	return fmt.Sprintf(`{"@timestamp":"2026-10-01T05:11:%02d.123Z","event":{"code":"21","provider":"P"},"host":{"name":"h%d","ip":["10.0.0.%d","::1"]},"message":"%s","winlog":{"channel":"C","event_id":"21","record_id":%d,"computer_name":"H%d","user_data":{"xml_name":"EventXML","User":"%s","SessionID":"%d"},"process":{"pid":%d,"thread":{"id":4}},"ok":%t},"agent":{"id":"x"}}`,
		id%60, id, id%250, message, id, id%3, user, id%7, id*3, id%2 == 0) + "\n"
}

// learned is a parser that has read some lines and knows their layout.
func learned(t testing.TB) *parser {
	t.Helper()
	p := &parser{file: "f"}
	var b strings.Builder
	for i := range 20 {
		b.WriteString(winlogbeat(i, fmt.Sprintf(`D\\u%d`, i), fmt.Sprintf("m %d", i)))
	}
	data := []byte(b.String())
	p.Parse(textblock.Block{Data: data, Line: 1, Last: true}, &counter{})
	if len(p.layouts.known) != 1 {
		t.Fatalf("%d layouts were learned of lines of one form, want 1", len(p.layouts.known))
	}
	return p
}

// What a layout takes and what it leaves to the walker.
func TestMatch(t *testing.T) {
	l := learned(t).layouts.known[0]
	line := winlogbeat(99, `D\\u`, "text")
	object := strings.TrimSpace(line)
	swap := func(old, new string) string {
		if strings.Count(line, old) != 1 {
			t.Fatalf("%q does not stand once in the line", old)
		}
		return strings.Replace(line, old, new, 1)
	}
	const user = `"User":"D\\u"`
	for _, tt := range []struct {
		name, in string
		fits     bool
	}{
		{"as it was", line, true},
		{"no line end", object, true},
		{"CR LF", object + "\r\n", true},
		{"something behind it", object + "x", true}, // which the walker does not look at either
		{"empty string", swap(user, `"User":""`), true},
		{"one byte", swap(user, `"User":"x"`), true},
		{"escaped quote at the end", swap(user, `"User":"x\""`), true},
		{"backslash at the end", swap(user, `"User":"x\\"`), true},
		{"backslashes and a quote", swap(user, `"User":"x\\\\\\\""`), true},
		{"quote behind seven bytes", swap(user, `"User":"1234567"`), true},
		{"quote behind eight bytes", swap(user, `"User":"12345678"`), true},
		{"not ASCII", swap(user, `"User":"zoë"`), true},
		{"a tab in a string", swap(user, "\"User\":\"a\tb\""), true}, // the walker takes it
		{"unknown escape", swap(user, `"User":"\x"`), true},          // which is found when it is resolved
		{"long", swap(user, `"User":"`+strings.Repeat("x", 100_000)+`"`), true},
		{"other number", swap(`"record_id":99`, `"record_id":1e5`), true},
		{"minus", swap(`"record_id":99`, `"record_id":-0`), true},
		{"leading zero", swap(`"record_id":99`, `"record_id":01`), true},
		{"other literal", swap(`"ok":false`, `"ok":true`), true},
		{"a quote that is not escaped", swap(user, `"User":"a"b"`), false},
		{"backslash before the quote", swap(user, `"User":"a\"`), false},
		{"line end in a string", swap(user, "\"User\":\"a\nb\""), false},
		{"line end behind an escape", swap(user, "\"User\":\"\\\\\n\""), false},
		{"line end in a text that is skipped", swap(`"message":"text"`, "\"message\":\"te\nxt\""), false},
		{"null for a string", swap(user, `"User":null`), false},
		{"number for a string", swap(user, `"User":1`), false},
		{"string for a number", swap(`"record_id":99`, `"record_id":"99"`), false},
		{"no number", swap(`"record_id":99`, `"record_id":+1`), false},
		{"nothing for a number", swap(`"record_id":99`, `"record_id":`), false},
		{"number and letter", swap(`"record_id":99`, `"record_id":9x`), false},
		{"null for a literal", swap(`"ok":false`, `"ok":null`), false},
		{"half a literal", swap(`"ok":false`, `"ok":fals`), false},
		{"one more member", swap(user, user+`,"A":"1"`), false},
		{"the same member twice", swap(user, user+","+user), false},
		{"one member less", swap(user+",", ""), false},
		{"members in another order", swap(user+`,"SessionID":"1"`, `"SessionID":"1",`+user), false},
		{"another name", swap(`"User"`, `"Uses"`), false},
		{"a name moved to another object", swap(`}},"ok"`, `},"ok"`), false},
		{"a blank", swap(user, `"User": "D\\u"`), false},
		{"longer array", swap(`"::1"]`, `"::1","::2"]`), false},
		{"cut off", object[:len(object)-1], false},
		{"cut off in a slot", line[:strings.Index(line, user)+10], false},
		{"empty", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := l.match([]byte(tt.in))
			want := 0
			if tt.fits {
				want = len(strings.TrimRight(strings.TrimSuffix(tt.in, "x"), "\r\n"))
			}
			if n != want {
				t.Errorf("a layout takes %d bytes, want %d of %s", n, want, tt.in)
			}
			base := winlogbeat(1, "a", "b") + winlogbeat(2, "c", "d") + winlogbeat(3, "e", "f")
			sameAsWalker(t, []byte(base+tt.in+base+tt.in+"\n"+base))
		})
	}
}

// Streams whose objects change their form.
func TestMixedStreams(t *testing.T) {
	estate := string(synth.Estate{Users: 50, Tenants: 5, Hosts: 7, Seed: 1}.NDJSON(60))
	powershell := func(i int, blanks string) string {
		return fmt.Sprintf("%[1]s{\r\n%[1]s  \"Id\": 21,\r\n%[1]s  \"LogName\": %[2]q,\r\n%[1]s  \"RecordId\": %[3]d,\r\n%[1]s  \"MachineName\": \"H\",\r\n%[1]s  \"TimeCreated\": {\"value\": \"\\/Date(17908314%02[3]d000)\\/\", \"DateTime\": \"x%[3]d\"},\r\n%[1]s  \"Properties\": [\r\n%[1]s    {\r\n%[1]s      \"Value\": \"D\\\\u%[3]d\"\r\n%[1]s    },\r\n%[1]s    {\r\n%[1]s      \"Value\": %[3]d\r\n%[1]s    }\r\n%[1]s  ]\r\n%[1]s}", blanks, synth.Channel, i)
	}
	nxlog := func(i int) string {
		return fmt.Sprintf(`{"EventTime":"2020-09-04 03:07:%02d","Hostname":"H","EventID":21,"Channel":%q,"RecordNumber":%d,"AccountName":"SYSTEM","Message":"T:\r\n\r\nUser: A\\b%d\r\nSession ID: %d\r\nSource Network Address: x","Opcode":"o"}`, i, synth.Channel, i, i, i) + "\n"
	}
	for _, tt := range []struct {
		name string
		line func(i int) string
	}{
		{"providers in turn", func(i int) string { return winlogbeat(i, "a", "b") + nxlog(i) + one(i) }},
		{"NXLog, user in the message", nxlog},
		{"array over lines", func(i int) string { return "  " + powershell(i, "  ") + ",\n" }},
		{"array over lines, indented otherwise", func(i int) string { return powershell(i, strings.Repeat(" ", i%3)) + ",\r\n" }},
		{"over lines, another begins before the end", func(i int) string {
			s := powershell(i, "")
			if i%5 == 4 {
				s = s[:strings.Index(s, "]")] + "\n"
			}
			return s + "\n"
		}},
		// Where the object begins behind four blanks, its line "    {" begins
		// another one: that lies with the column and not with its text.
		{"over lines, begun further to the right", func(i int) string {
			return strings.Repeat(" ", i/3%2*4) + powershell(i, "") + "\n"
		}},
		{"all objects on one line", func(i int) string { return strings.TrimSpace(winlogbeat(i, "a", "b")) + ", " }},
		{"blank lines and CR LF", func(i int) string { return "\r\n \n" + strings.ReplaceAll(winlogbeat(i, "a", "b"), "\n", "\r\n") }},
		{"names twice", func(i int) string {
			return fmt.Sprintf(`{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"channel":"A%d","channel":"C","event_id":%d,"event_id":"21","user_data":{"User":"a%d","User":"b%d","xml_name":"x%d"}},"winlog":1}`, i, i, i, i, i) + "\n"
		}},
		{"names of other objects", func(i int) string {
			return fmt.Sprintf(`{"a":{"channel":"A%d","user_data":{"User":"x%d"}},"@timestamp":"2026-10-01T05:11:08Z","winlog":{"p":{"event_id":%d},"channel":"C","event_id":"21","user_data":{"O":{"User":"%d"},"A":[%d,{"User":"y"}],"N":null}}}`, i, i, i, i, i) + "\n"
		}},
		{"values that become null", func(i int) string {
			v := []string{`"x"`, "null", "1", "true", `{"L":"x"}`, "[]", "-0", "1e5", "01"}[i%9]
			return fmt.Sprintf(`{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"channel":"C","event_id":"21","computer_name":%s,"record_id":%s,"user_data":{"User":%s,"I":"%d"}}}`, v, v, v, i) + "\n"
		}},
		{"extras", func(i int) string {
			v := []string{`"x"`, "null", "1", "true", "false", "{}"}[i%6]
			return fmt.Sprintf(`{"EventTime":"2020-09-04 03:07:18","EventID":4634,"Channel":"Security","AccountName":"a%d","TargetUserName":%s,"Z":"é\u00e9%d"}`, i, v, i) + "\n"
		}},
		{"bytes that are not UTF-8", func(i int) string {
			return winlogbeat(i, "a"+strings.Repeat("\xff", i%4), "b"+strings.Repeat("\xe9", i%3)) + winlogbeat(i, "zoë", "b")
		}},
		{"bytes that are not UTF-8 where nothing varies", func(i int) string { return strings.Replace(winlogbeat(i, "a", "b"), `"C"`, "\"C\xff\"", 1) }},
		{"damaged values", func(i int) string {
			s := winlogbeat(i, "a", "b")
			switch i % 6 {
			case 1:
				s = strings.Replace(s, "2026-10", "2026-13", 1)
			case 2:
				s = strings.Replace(s, `"event_id":"21"`, `"event_id":"x"`, 1)
			case 3:
				s = winlogbeat(i, `\u12`, "b")
			case 4:
				s = winlogbeat(i, "a", "\n")
			case 5:
				s = strings.Replace(s, `"record_id":`, `"record_id":1e`, 1)
			}
			return s
		}},
		{"lines cut off", func(i int) string { s := winlogbeat(i, "a", "b"); return s[:len(s)-1-i%30*(i%2)*11] + "\n" }},
		{"all different", func(i int) string { return fmt.Sprintf(`{"k%d":1,`, i) + winlogbeat(i, "a", "b")[1:] }},
		{"many forms", func(i int) string { return fmt.Sprintf(`{"k%d":%d,`, i%20, i) + winlogbeat(i, "a", "b")[1:] }},
		{"long lines", func(i int) string { return winlogbeat(i, "a", strings.Repeat("x", i*700)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			for i := range 60 {
				b.WriteString(tt.line(i))
				if i == 40 {
					b.WriteString(estate)
				}
			}
			sameAsWalker(t, []byte(b.String()))
		})
	}
}

// The samples, each in one piece and all in one stream.
func TestSamplesAsWalker(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(repotest.Shared(t, "samples"), "ndjson", "*.*json"))
	if err != nil || len(paths) == 0 {
		t.Skipf("no samples of JSON lines are here (%v)", err)
	}
	var all []byte
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sameAsWalker(t, data)
		all = append(append(all, data...), '\n')
	}
	sameAsWalker(t, append(all, all...))
}

// What is kept is bounded, and a file of objects without a common form ends
// the learning for a while.
func TestLayoutsAreBounded(t *testing.T) {
	p := &parser{file: "f"}
	var data []byte
	for i := range tired - 1 {
		data = fmt.Appendf(data, `{"k%d":1}`+"\n", i)
	}
	p.Parse(textblock.Block{Data: data, Line: 1, Last: true}, &counter{})
	if n := len(p.layouts.known); n != maxLayouts || p.layouts.pause != 0 {
		t.Errorf("%d layouts are kept, pause %d; want %d, and none", n, p.layouts.pause, maxLayouts)
	}
	// The next object is one too many; the one after it is the first of the pause.
	p.Parse(textblock.Block{Data: []byte("{\"x\":1}\n{\"y\":1}\n"), Line: 1, Last: true}, &counter{})
	if p.layouts.pause != pause-1 {
		t.Errorf("the pause is %d objects long, want %d", p.layouts.pause, pause-1)
	}
	// The pause after it is twice as long, and the shortest again once a layout
	// has been of use.
	more := func(objects int, object func(i int) string) {
		var data []byte
		for i := range objects {
			data = append(append(data, object(i)...), '\n')
		}
		p.Parse(textblock.Block{Data: data, Line: 1, Last: true}, &counter{})
	}
	different := func(i int) string { return fmt.Sprintf(`{"z%d":1}`, i) }
	more(pause-1+tired-rested, different)
	if p.layouts.pause != 2*pause {
		t.Errorf("the second pause is %d objects long, want %d", p.layouts.pause, 2*pause)
	}
	more(2*pause, different)
	more(3, func(int) string { return `{"same":1}` })
	more(tired, different)
	if n := p.layouts.pause; n < 1 || n > pause {
		t.Errorf("the pause after a layout was of use is %d objects long, want at most %d", n, pause)
	}
	for _, tt := range []struct{ name, in string }{
		{"too long", `{"k":"` + strings.Repeat("x", maxText) + `"}`},
		{"too many values", `{"k":[` + strings.Repeat("1,", maxScalars) + `1]}`},
		{"too deep", `{"k":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`},
		{"no JSON, where the walker does not look", `{"k":[1 2]}`},
	} {
		p := &parser{file: "f"}
		c := &counter{}
		if _, _, n := p.Parse(textblock.Block{Data: []byte(tt.in), Line: 1, Last: true}, c); n.Foreign != 1 || c.damages != 0 {
			t.Errorf("%s: %+v, want one foreign object", tt.name, n)
		}
		if len(p.layouts.known) != 0 {
			t.Errorf("%s: a layout was learned", tt.name)
		}
	}
}

// FuzzLayouts reads a line, and the lines that edits make of it, by the
// walker alone and with layouts. An edit is three bytes: what to do, where,
// and with which byte.
func FuzzLayouts(f *testing.F) {
	f.Add([]byte(one(1)), []byte{0, 20, '"', 1, 90, '\\', 2, 30, 1})
	f.Add([]byte(winlogbeat(1, `D\\u`, "m")), []byte{0, 120, '"', 1, 130, '\\', 3, 100, 9, 4, 9, 0, 5, 50, 0, 6, 40, 1})
	f.Add([]byte(`{"EventID":21,"Channel":"C","EventTime":"2020-09-04 03:07:18","Message":"x","User":"y","A":true,"B":-1.5e3}`), []byte{0, 11, '3', 5, 4, 0, 6, 70, '\n'})
	f.Add([]byte("  {\n    \"Id\": 21,\n    \"LogName\": \"C\",\n    \"TimeCreated\": \"\\/Date(1790831468123)\\/\",\n    \"Properties\": [\n      {\n        \"Value\": 1\n      }\n    ]\n  },\n"), []byte{0, 14, '3', 1, 2, ' ', 2, 8, 4})
	f.Fuzz(func(t *testing.T, line, edits []byte) {
		if len(line) > 1024 || len(edits) > 30 {
			return
		}
		data := append(bytes.Clone(line), '\n')
		for ; len(edits) >= 3; edits = edits[3:] {
			was := bytes.Clone(line)
			at := int(edits[1]) * (len(was) + 1) / 256
			c := edits[2]
			var now []byte
			switch edits[0] % 8 {
			case 0: // another byte
				now = append(append(append(now, was[:at]...), c), was[min(at+1, len(was)):]...)
			case 1: // one more byte
				now = append(append(append(now, was[:at]...), c), was[at:]...)
			case 2: // some less
				now = append(append(now, was[:at]...), was[min(at+int(c), len(was)):]...)
			case 3: // some twice
				end := min(at+int(c), len(was))
				now = append(append(now, was[:end]...), was[at:]...)
			case 4: // cut off
				now = append(now, was[:at]...)
			case 5: // digits change, so that values become slots
				now = was
				for i, d := range now {
					if d >= '0' && d <= '9' {
						now[i] = '0' + (d-'0'+c)%10
					}
				}
			case 6: // a letter changes wherever it stands
				now = bytes.ReplaceAll(was, []byte{'a' + c%26}, []byte{c, 'z'})
			case 7: // from now on it is this line
				line = append(append(append([]byte{}, was[:at]...), c), was[at:]...)
				now = line
			}
			data = append(append(data, now...), '\n')
			data = append(append(data, line...), '\n')
		}
		want := readExact(t, data, true, 1, 0)
		if d := cmp.Diff(want, readExact(t, data, false, 1, 0)); d != "" {
			t.Errorf("layouts read otherwise: %s", d)
		}
		if d := cmp.Diff(want, readExact(t, data, false, 2, 300)); d != "" {
			t.Errorf("layouts read otherwise in small blocks: %s", d)
		}
	})
}
