package storetest

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// By hand: a stands always, changed on the 12th. b went with the reading of the
// 11th, out of group g; c went with the 12th, and g goes on naming it; the
// directory told on the 11th that t was deleted on the 10th. e was there in August
// alone, longer ago than anybody asks. n came on the 12th.
func directoryReturned(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	read := func(on string, change func(d *snapshot.Directory), accounts ...string) *snapshot.Directory {
		d := &snapshot.Directory{Reading: snapshot.Reading{Source: "dir", Kind: snapshot.KindDirectory, Taken: at(on), Status: snapshot.Complete, File: on}, Domain: "D",
			Groups: []snapshot.Group{{ID: "g", Name: "g"}}}
		for _, n := range accounts {
			d.Accounts = append(d.Accounts, snapshot.Account{ID: n, Name: n, DN: "CN=" + n + ",DC=x", Mail: map[string]string{"2026-10-12": "m"}[on]})
			if n != "e" {
				d.Members = append(d.Members, snapshot.Member{Group: "g", Key: n})
			}
		}
		if change != nil {
			change(d)
		}
		return d
	}
	for _, d := range []*snapshot.Directory{
		read("2026-08-01", nil, "e"),
		read("2026-08-02", nil, "a"),
		read("2026-10-10", nil, "a", "b", "c"),
		read("2026-10-11", func(d *snapshot.Directory) {
			d.Deleted = []snapshot.Deleted{{Account: snapshot.Account{ID: "t", Name: "t"}, Gone: at("2026-10-10")}}
			d.Metadata = []string{snapshot.MetadataDeleted}
		}, "a", "c"),
		read("2026-10-12", func(d *snapshot.Directory) {
			d.Members = append(d.Members, snapshot.Member{Group: "g", Key: "dn:cn=c,dc=x"})
		}, "a", "n"),
	} {
		must(t, s.PutDirectory(t.Context(), d))
	}
	b := snapshot.Returned{ID: "b", DN: "CN=b,DC=x", Gone: at("2026-10-11"), Left: true}
	c := snapshot.Returned{ID: "c", DN: "CN=c,DC=x", Gone: at("2026-10-12"), Left: true, Names: []string{"dn:cn=c,dc=x"}}
	gone := snapshot.Returned{ID: "t", Gone: at("2026-10-10"), Told: true}
	moved := func(r snapshot.Returned) snapshot.Returned { r.Moved = true; return r }
	for _, x := range []struct {
		name string
		d    *snapshot.Directory
		want []snapshot.Returned
	}{
		{"nobody", read("2026-10-13", nil, "a", "e", "n"), nil},
		{"all", read("2026-10-13", nil, "a", "b", "c", "t"), []snapshot.Returned{b, c, gone}},
		{"and who came since", read("2026-10-13", nil, "a", "b", "c", "n", "t"), []snapshot.Returned{moved(b), c, moved(gone)}},
		{"some", read("2026-10-13", nil, "a", "c"), []snapshot.Returned{c}},
		{"not who went later", read("2026-10-13", nil, "a", "b", "t"), []snapshot.Returned{moved(b), moved(gone)}},
		{"before they went", read("2026-10-09", nil, "a", "b", "c", "t"), nil},
		{"no reading before", read("2026-07-01", nil, "b"), nil},
	} {
		got, err := s.Returned(t.Context(), x.d)
		if err != nil {
			t.Fatal(err)
		}
		if d := gocmp.Diff(x.want, got); d != "" {
			t.Errorf("%s: %s", x.name, d)
		}
	}
	other := read("2026-10-13", nil, "b")
	other.Source = "other"
	if got, err := s.Returned(t.Context(), other); err != nil || got != nil {
		t.Errorf("another source: %v, %v", got, err)
	}
}
