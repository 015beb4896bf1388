package sessions

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"splameter/collector/sessions/record"
)

// values keeps the user and the number of each record.
type values struct {
	got     []string
	damages []string
}

func (v *values) Record(r *record.Record) {
	user := ""
	for _, f := range r.Fields {
		if string(f.Name) == "User" {
			user = string(f.Value)
		}
	}
	v.got = append(v.got, fmt.Sprintf("%d %s", r.ID, user))
}
func (v *values) Damaged(d record.Damage) { v.damages = append(v.damages, d.What) }

// What wevtutil writes has no root element, may be UTF-16, and an event may run
// over several lines. Among the 3,000 events here each tenth is of another
// provider, each seventh has no user, each hundredth is damaged in its middle,
// and names come in any case: 2,970 are whole, 30 are damages, whatever the
// encoding and however many workers, whose blocks end anywhere.
func TestForeignXMLAsItComes(t *testing.T) {
	const head = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"
	var text strings.Builder
	var want []string
	for i := 1; i <= 3000; i++ {
		id, channel, user := 21, "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", fmt.Sprintf("Dom\\USER%d\u00eb", i%7)
		if i%10 == 0 {
			id, channel = 7001, "System"
		}
		field := "<User>" + user + "</User>"
		if i%7 == 0 {
			field, user = "", ""
		}
		gap := []string{"", "\r\n", "\n\n  "}[i%3]
		body := fmt.Sprintf("%s%s<System><EventID>%d</EventID>%s<TimeCreated SystemTime='2026-10-05T08:00:00Z'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel><Computer>h%d</Computer></System><UserData><EventXML xmlns='Event_NS'>%s%s<SessionID>3</SessionID></EventXML></UserData><RenderingInfo><Message>%s\r\n&lt;Event&gt; ended\r\n</Message></RenderingInfo>",
			head, gap, id, gap, i, channel, i%5, gap, field, strings.Repeat("word ", 40))
		if i%100 == 0 {
			text.WriteString(strings.Replace(body, "</System>", "</Sys", 1) + "</Event>")
			continue
		}
		text.WriteString(body + "</Event>" + gap)
		want = append(want, fmt.Sprintf("%d %s", i, user))
	}
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text.String())) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, data := range map[string][]byte{"UTF-8": []byte(text.String()), "UTF-16": wide} {
		for _, workers := range []int{1, 2} {
			path := filepath.Join(t.TempDir(), "log.xml")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			var v values
			if _, err := ReadFile(t.Context(), path, Options{Zone: time.UTC, Workers: workers, Extent: true}, &v); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(v.got, want) || len(v.damages) != 30 {
				t.Errorf("%s, %d workers: %d records and %d damages, want %d and 30; %.3q", name, workers, len(v.got), len(v.damages), len(want), v.damages)
			}
		}
	}
}

// The readers of session logs are by hand: encoding/xml and encoding/json take
// 5 to 34 times as long, which at 30 million events is hours.
func TestNoSlowParsers(t *testing.T) {
	n := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		n++
		if filepath.Base(filepath.Dir(path)) == "embedded" {
			return nil // reads what stands within one value, in forms that are kept small
		}
		if filepath.Base(path) == "table.go" {
			return nil // answers of a query, which its service keeps below 500,000 rows
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			if p := strings.Trim(i.Path.Value, `"`); p == "encoding/xml" || p == "encoding/json" || p == "github.com/goccy/go-json" {
				t.Errorf("%s imports %s", path, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Errorf("only %d sources were found", n)
	}
}
