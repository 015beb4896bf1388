package evidence

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/month"
	"splameter/snapshot"
)

// table hands out rows as a store does.
type table[T any] []T

func (t table[T]) Len() int   { return len(t) }
func (t table[T]) At(i int) T { return t[i] }

type programs struct{ table[snapshot.InstallMonth] }

func (p programs) Program(i int) *snapshot.Install { return &p.table[i].Install }

// tabled are facts as a store hands them out: with rows, with empty tables, and
// with none; and a name that an encoder for web pages would write otherwise.
func tabled() *snapshot.Facts {
	m := month.New(2026, 10, time.UTC)
	day := m.FirstDay()
	at := time.Date(2026, 10, 3, 8, 0, 0, 0, time.UTC)
	return &snapshot.Facts{
		Month: m,
		Directories: []snapshot.DirectoryMonth{
			{Source: "a", Taken: []snapshot.Taken{{Time: at, Day: day}}, Groups: []snapshot.GroupSpan{{Group: snapshot.Group{ID: "g", Name: "R&D <all>"}}},
				MemberRows: table[snapshot.MemberSpan]{{Member: snapshot.Member{Group: "g", Key: "k", Line: 7}, File: "a.ldif"}, {Member: snapshot.Member{Group: "g", Key: "l"}}}},
			{Source: "b", MemberRows: table[snapshot.MemberSpan]{}},
		},
		UseRows: table[snapshot.Use]{{Host: "h", User: `d\ann`, Month: m.Number(), Days: 4, First: snapshot.Sighting{Time: at, EventID: 21, Channel: "LSM"}, Name: `D\Ann`}},
		Software: []snapshot.SoftwareMonth{
			{Source: "s", Host: "h", Days: []month.Day{day}, Rows: programs{table[snapshot.InstallMonth]{{Install: snapshot.Install{Name: "Office", Line: 3}, First: day, Last: day, File: "s.csv"}}}},
			{Source: "s", Host: "i", Days: []month.Day{day}, Rows: programs{}},
		},
		Known: []string{"h"},
	}
}

// Facts are sealed by their bytes: those written row by row must be those of
// the same facts as lists, and read back as these.
func TestFactsAreEncodedAsLists(t *testing.T) {
	got, err := EncodeFacts(tabled())
	if err != nil {
		t.Fatal(err)
	}
	f := tabled()
	f.Unpack()
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(factsFile{f.Month.String(), f.Month.Location().String(), f.Directories, f.Uses, f.Logs, f.Software, f.Machines, f.Known, f.Readings}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), string(got)); d != "" {
		t.Error(d)
	}
	back, err := DecodeFacts(got)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Uses) != 1 || len(back.Directories[0].Members) != 2 || len(back.Software[0].Installs) != 1 {
		t.Errorf("%d uses, %d memberships, %d programs came back", len(back.Uses), len(back.Directories[0].Members), len(back.Software[0].Installs))
	}
	again, err := EncodeFacts(back)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("%v, or read back the facts have other bytes: %s", err, again)
	}
}
