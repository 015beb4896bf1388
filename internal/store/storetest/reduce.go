package storetest

import (
	"encoding/json"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// By hand. Anna is there from 5 October on, Bert on 5 October only, Carl on 20
// October only. Reduced before November: the last reading before, of 20
// October, stays with Anna and Carl, and Bert goes. November is as it was.
// A reading that follows is told as before, and the one of 5 October is not
// read again.
func reduce(t *testing.T, open func(t *testing.T) store.Store) {
	s, ctx := open(t), t.Context()
	person := func(id, name string) snapshot.Account { return snapshot.Account{ID: id, Name: name, DN: "CN=" + name} }
	anna, bert, carl := person("a1", "anna"), person("b1", "bert"), person("c1", "carl")
	first := directory("2026-10-05", []snapshot.Account{anna, bert}, nil)
	must(t, s.PutDirectory(ctx, first))
	must(t, s.PutDirectory(ctx, directory("2026-10-20", []snapshot.Account{anna, carl}, nil)))
	must(t, s.PutDirectory(ctx, directory("2026-11-05", []snapshot.Account{anna}, nil)))
	must(t, s.PutResult(ctx, result("2026-08", 0, false, 4)))
	must(t, s.PutResult(ctx, result("2026-10", 0, false, 5)))
	must(t, s.PutResult(ctx, result("2026-11", 0, false, 6)))
	november := facts(t, s, "2026-11")
	sent := delivery("2026-10", 1, store.DeliveryFailed)
	sent.To, sent.Error, sent.MessageID, sent.SHA256, sent.By, sent.Subject = "anna@b.example", "550 anna@b.example", "<1@b.example>", "ab", "C. de Vries", "Annex"
	now := sent
	now.Month = "2026-11"
	must(t, s.RecordDelivery(ctx, sent))
	must(t, s.RecordDelivery(ctx, now))

	n, err := s.Reduce(ctx, mon("2026-11"))
	must(t, err)
	if n.Readings != 1 || n.Spans != 1 || n.Results != 2 || n.Sent != 1 {
		t.Errorf("reduced %+v", n)
	}
	if d := gocmp.Diff(november, facts(t, s, "2026-11"), sameFacts()); d != "" {
		t.Errorf("November changed: %s", d)
	}
	post, err := s.Deliveries(ctx, "")
	must(t, err)
	sent.To, sent.Error = "", ""
	if d := gocmp.Diff([]store.Delivery{sent, now}, post); d != "" {
		t.Error(d)
	}
	f := facts(t, s, "2026-10")
	if len(f.Readings) != 1 || len(f.Directories) != 1 || len(f.Directories[0].Taken) != 1 || f.Directories[0].Accounts.Len() != 2 {
		t.Errorf("October has %+v", f)
	}
	must(t, s.PutDirectory(ctx, first)) // it is known, and stays away
	if known, err := s.Known(ctx, first.Source, first.File, first.Fingerprint); err != nil || !known {
		t.Errorf("the export is not known any more: %v", err)
	}
	if f = facts(t, s, "2026-10"); len(f.Directories[0].Taken) != 1 {
		t.Errorf("a reduced reading came back: %+v", f.Directories[0].Taken)
	}
	must(t, s.PutDirectory(ctx, directory("2026-11-06", []snapshot.Account{anna, bert}, nil)))
	if f = facts(t, s, "2026-11"); f.Directories[0].Accounts.Len() != 2 {
		t.Errorf("November has %+v", f.Directories[0].Accounts.Values())
	}
	for m, want := range map[string]int{"2026-08": 4, "2026-10": 5, "2026-11": 6} {
		b, err := s.Result(ctx, m, 0)
		must(t, err)
		var st statement.Statement
		must(t, json.Unmarshal(b, &st))
		if got := st.Tenants[0].Lines[0].Quantity; got != want {
			t.Errorf("%s: the total became %d", m, got)
		}
		if named := st.Findings[0].Subject != ""; named != (m == "2026-11") {
			t.Errorf("%s: its findings are %+v", m, st.Findings)
		}
	}
	earlier, err := s.Earlier(ctx, mon("2026-11"), 1)
	must(t, err)
	if len(earlier) != 1 || earlier[0].Counted.Len() == 0 || len(earlier[0].Findings) != 0 {
		t.Errorf("November is compared with %+v", earlier)
	}
	for _, c := range earlier[0].Counted.All() {
		if c.Name != "" && (c.Via == nil || c.Via.Kind != statement.ByMachine) {
			t.Errorf("%s is still named %s", c.Key, c.Name)
		}
	}
	if n, err = s.Reduce(ctx, mon("2026-11")); err != nil || n != (store.Reduced{}) {
		t.Errorf("reduced again: %+v, %v", n, err)
	}
}
