package storetest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// fillSite makes a store of site delft from September to November: random
// directories and inventories, session rows with an open session of September
// and a host that went down in October, logs in two stretches, a failure.
func fillSite(t *testing.T, s store.Store, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	for _, d := range RandomDirectories(r, 12) {
		d.Site = "delft"
		must(t, s.PutDirectory(t.Context(), d))
	}
	for _, v := range RandomInventories(r, 12) {
		v.Site = "delft"
		must(t, s.PutInventory(t.Context(), v))
	}
	for i, on := range []string{"2026-10-09", "2026-11-01"} {
		v := sessions(on, []string{"h.evtx", "h2.evtx"}[i])
		v.Site = "delft"
		for range 20 {
			v.Uses = append(v.Uses, randomUse(r))
		}
		open := at("2026-09-20")
		v.Uses = append(v.Uses,
			snapshot.Use{Host: "h3", User: `hosting\\open`, Month: mon("2026-09").Number(), Days: 1 << 19, First: sighting(open, 21, 5), Last: sighting(open, 21, 5), Opened: mark(open, 21, "4", true)},
			snapshot.Use{Host: "h4", User: "", Month: mon("2026-10").Number(), Closed: mark(at("2026-10-20"), 6005, "*", false)})
		v.Logs = []snapshot.Log{
			{Host: "h3", Name: "H3", Channel: "LSM", File: "h.evtx", FirstRecord: uint64(1 + 1000*i), LastRecord: uint64(90 + 1000*i), Records: uint64(90 - 7*i), First: at("2026-09-01").UTC(), Last: at(on).UTC(), Until: at(on).UTC()},
		}
		must(t, s.PutSessions(t.Context(), v, nil))
	}
	must(t, s.PutFailure(t.Context(), snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Site: "delft", Taken: at("2026-10-30"), File: "bad.ldif",
		Notes: []snapshot.Notice{{Code: "reading-failed", Subject: "ad", Message: "torn"}}}))
}

func handed(t *testing.T, s store.Store, m string) *store.Handover {
	t.Helper()
	h, err := s.(store.Hander).Export(t.Context(), "delft", mon(m))
	must(t, err)
	return h
}

// What one store hands over gives another the same facts, evidence and all,
// of that month and of those before it; handing it over twice, or after an
// earlier month, changes nothing; and it can be handed on.
func handOver(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 3, func(t *testing.T, seed uint64) {
		from, to, late := open(t), open(t), open(t)
		fillSite(t, from, seed)
		october := handed(t, from, "2026-10")
		for i, want := range []bool{true, false} {
			n, err := to.(store.Hander).Import(t.Context(), october)
			must(t, err)
			if (n > 0) != want {
				t.Fatalf("import %d: %d new readings", i+1, n)
			}
		}
		for _, m := range []string{"2026-09", "2026-10"} {
			_, err := late.(store.Hander).Import(t.Context(), handed(t, from, m))
			must(t, err)
		}
		for name, s := range map[string]store.Store{"at once": to, "month by month": late} {
			for _, m := range []string{"2026-09", "2026-10"} {
				want, got := facts(t, from, m), facts(t, s, m)
				if len(want.Directories)+len(want.Software)+want.Uses.Len() == 0 {
					t.Fatal("nothing to compare")
				}
				if d := gocmp.Diff(want, got, sameFacts()); d != "" {
					t.Fatalf("seed %d, %s, %s (-there +here):\n%s", seed, name, m, d)
				}
			}
			if d := gocmp.Diff(october, handed(t, s, "2026-10")); d != "" {
				t.Fatalf("%s: handed on (-there +here):\n%s", name, d)
			}
		}
	})
}

// A store of several sites hands over none; what no store hands over is
// refused, and nothing of it is kept.
func handOverRefused(t *testing.T, open func(t *testing.T) store.Store) {
	from := open(t)
	fillSite(t, from, 1)
	for name, c := range map[string]struct {
		change func(*store.Handover)
		want   string
	}{
		"site":    {func(h *store.Handover) { h.Readings[0].Site = "leiden" }, "a reading of another site"},
		"no site": {func(h *store.Handover) { h.Site = "" }, "a reading of another site"},
		"zone":    {func(h *store.Handover) { h.Zone = "UTC" }, "set one time_zone in both configs"},
		"kind":    {func(h *store.Handover) { h.Readings[0].Kind = "x" }, "kind that is not known"},
		"status":  {func(h *store.Handover) { h.Readings[0].Status = "x" }, "status is not known"},
		"fact":    {func(h *store.Handover) { h.Facts[0].Until = 0 }, "a fact that no splameter wrote"},
		"empty":   {func(h *store.Handover) { h.Facts[0] = store.HandedFact{Source: h.Facts[0].Source, First: 1, Until: 2} }, "a fact that no splameter wrote"},
		"foreign": {func(h *store.Handover) { h.Facts[0].Source = "x" }, "a fact that no splameter wrote"},
		"month":   {func(h *store.Handover) { h.Month = "x" }, "its month is none"},
		"late":    {func(h *store.Handover) { h.Uses[0].Month = mon("2026-11").Number() }, "a row of use that no splameter wrote"},
		"carried": {func(h *store.Handover) { h.Uses[0].Carried = true }, "a row of use that no splameter wrote"},
	} {
		h := handed(t, from, "2026-10")
		c.change(h)
		to := open(t)
		if _, err := to.(store.Hander).Import(t.Context(), h); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if months, err := to.Months(t.Context()); err != nil || len(months) != 0 {
			t.Errorf("%s: kept %v, %v", name, months, err)
		}
	}
	// A host that a reading names and nothing tells of: that reading is not
	// kept, and the import ends.
	h := handed(t, from, "2026-10")
	h.Facts = slices.DeleteFunc(h.Facts, func(f store.HandedFact) bool { return f.Software != nil })
	if _, err := open(t).(store.Hander).Import(t.Context(), h); err == nil || !strings.Contains(err.Error(), "names hosts that the file tells nothing of") {
		t.Error(err)
	}
	other := inventory("2026-10-02", "other.csv")
	other.Site, other.Source = "leiden", "other"
	must(t, from.PutInventory(t.Context(), other))
	if _, err := from.(store.Hander).Export(t.Context(), "delft", mon("2026-10")); err == nil || !strings.Contains(err.Error(), "of site delft and of site leiden") {
		t.Error(err)
	}
	if _, err := open(t).(store.Hander).Export(t.Context(), "delft", mon("2026-10")); err == nil || !strings.Contains(err.Error(), "no reading of site delft") {
		t.Error(err)
	}
	// The same moment of a source of that name, but of another site.
	here := open(t)
	same := directory("2026-09-25", nil, nil)
	h = handed(t, handedFrom(t, open, same), "2026-10")
	same.Site = "leiden"
	must(t, here.PutDirectory(t.Context(), same))
	if _, err := here.(store.Hander).Import(t.Context(), h); err == nil || !strings.Contains(err.Error(), "give sources of different sites different names") {
		t.Error(err)
	}
}

// A source is of one site: what another site reads under the same name is
// refused live too, whatever its kind and moment, and leaves nothing. A site
// that had no name when it began may get one.
func sites(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	first := directory("2026-10-01", nil, nil)
	must(t, s.PutDirectory(t.Context(), first)) // before the config named its site
	second := directory("2026-10-03", nil, nil)
	second.Site = "delft"
	must(t, s.PutDirectory(t.Context(), second))
	for _, day := range []string{"2026-10-02", "2026-10-04"} {
		d := directory(day, nil, nil)
		d.Site = "leiden"
		err := s.PutDirectory(t.Context(), d)
		var other *store.SiteError
		if !errors.As(err, &other) || other.Here != "delft" || !strings.Contains(err.Error(), "give sources of different sites different names") {
			t.Errorf("%s: %v", day, err)
		}
		d.Reading.Status = snapshot.Failed
		if err := s.PutFailure(t.Context(), d.Reading); !errors.As(err, &other) {
			t.Errorf("a failure on %s: %v", day, err)
		}
	}
	if all, err := s.Readings(t.Context(), second.Source, first.Taken, second.Taken.AddDate(0, 0, 9)); err != nil || len(all) != 2 {
		t.Errorf("%d readings are kept, want the two of delft: %v", len(all), err)
	}
	third := directory("2026-10-05", nil, nil)
	third.Site = "Delft"
	must(t, s.PutDirectory(t.Context(), third))
	of := inventory("2026-10-05", "other.csv")
	of.Site = "leiden"
	must(t, s.PutInventory(t.Context(), of))
}

func handedFrom(t *testing.T, open func(t *testing.T) store.Store, d *snapshot.Directory) store.Store {
	t.Helper()
	s := open(t)
	d.Site = "delft"
	must(t, s.PutDirectory(t.Context(), d))
	return s
}
