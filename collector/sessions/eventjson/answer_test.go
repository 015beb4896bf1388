package eventjson

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"splameter/collector/forms"
	"splameter/collector/sessions/record"
)

// seenBy keeps what a reading tells.
type seenBy struct {
	users []string
	lines []int
	told  []string
}

func (s *seenBy) Record(r *record.Record) {
	s.users = append(s.users, string(r.Value("TargetUserName")))
	s.lines = append(s.lines, r.Line)
}
func (s *seenBy) Damaged(d record.Damage) { s.told = append(s.told, d.What) }

func readAnswer(t *testing.T, text string) *seenBy {
	t.Helper()
	s := &seenBy{}
	found := forms.Detect([]byte(text[:min(len(text), forms.HeadSize)]))
	if _, err := Read(context.Background(), strings.NewReader(text), "f", Options{Form: found.Form}, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func hit(i int) string {
	return fmt.Sprintf(`{"_id":"%d","_source":{"@timestamp":"2026-10-05T06:11:08Z","message":%q,"winlog":{"channel":"Security","event_id":4624,"record_id":%d,"computer_name":"H","event_data":{"TargetUserName":"u%d","LogonType":"10"}}}}`, i, strings.Repeat("} ] \\ \" {", 200), i, i)
}

// The answer of a search is one object, whatever its size: 2,000 events of a
// kilobyte and a half are read one by one, on one line or on many, and places
// are those of the file.
func TestSearchAnswerLargerThanAnEvent(t *testing.T) {
	for name, sep := range map[string]string{"line": "", "lines": "\n"} {
		var b bytes.Buffer
		fmt.Fprintf(&b, `{"took":3,%s"hits":{"total":{"value":2000,"hits":[{"no":"row"}]},%s"hits":[`, sep, sep)
		for i := range 2000 {
			if i > 0 {
				b.WriteString("," + sep)
			}
			b.WriteString(hit(i))
		}
		fmt.Fprintf(&b, `]},%s"aggregations":{"hits":{"hits":[{"doc":1}]}}}`, sep)
		s := readAnswer(t, b.String())
		if len(s.users) != 2000 || s.users[1999] != "u1999" || len(s.told) > 0 {
			t.Fatalf("%s: %d events, told %q", name, len(s.users), s.told)
		}
		want := 1
		if sep != "" {
			want = 3 + 1999
		}
		if s.lines[1999] != want {
			t.Errorf("%s: the last event stands on line %d, want %d", name, s.lines[1999], want)
		}
	}
}

// A table names its columns once. A row that has not as many values is damage,
// and so is a text that ends within a row; what stands before is read.
func TestTableAnswer(t *testing.T) {
	const head = `{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated"},{"name":"Computer"},{"name":"EventID"},{"name":"Channel"},{"name":"Activity"},{"name":"TargetUserName"}],"rows":[`
	row := func(user string) string {
		return `["2026-10-05T06:11:08Z","H",4624,"Security","4624 - logon","` + user + `"]`
	}
	for name, c := range map[string]struct {
		text  string
		users string
		told  int
	}{
		"whole":  {head + row("a") + "," + row("b") + `]}]}`, "a b", 0},
		"short":  {head + row("a") + `,["2026-10-05T06:11:08Z","H"],` + row("b") + `]}]}`, "a b", 1},
		"cut":    {head + row("a") + `,["2026-10-05T06:1`, "a", 1},
		"splunk": {`{"fields":["_time","EventCode","ComputerName","LogName","TargetUserName"],"rows":[["2026-10-05T06:11:08Z","4624","H","Security","a"]]}`, "a", 0},
		"kusto":  {`{"Tables":[{"TableName":"T","Columns":[{"ColumnName":"TimeGenerated"},{"ColumnName":"Computer"},{"ColumnName":"EventID"},{"ColumnName":"Channel"},{"ColumnName":"Activity"},{"ColumnName":"TargetUserName"}],"Rows":[` + row("a") + `]}]}`, "a", 0},
	} {
		s := readAnswer(t, c.text)
		if got := strings.Join(s.users, " "); got != c.users || len(s.told) != c.told {
			t.Errorf("%s: %q, told %q; want %q and %d", name, got, s.told, c.users, c.told)
		}
	}
}

// Blanking keeps every row as it stands, wherever blocks are cut.
func FuzzUnwrapped(f *testing.F) {
	f.Add([]byte(`{"hits":{"hits":[` + hit(1) + `,` + hit(2) + `]}}`))
	f.Add([]byte(`{"tables":[{"columns":[{"name":"TimeGenerated"},{"name":"Computer"}],"rows":[["a","b"]]}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		s := &seenBy{}
		_, _ = Read(context.Background(), bytes.NewReader(text), "f", Options{}, s)
	})
}
