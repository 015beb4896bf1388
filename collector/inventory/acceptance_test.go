package inventory

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/repotest"
	"splameter/internal/snapshot"
)

// shared is a file of the material that is never part of the repository.
func shared(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(repotest.Shared(t, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAcceptanceSoftware(t *testing.T) {
	// Read off the file: RDSH-A01 to A04 hold Office and Visio LTSC Standard
	// 2021, D01 Office LTSC Professional Plus 2021, D02 nothing that needs a
	// licence; each has the same seven free programs besides.
	loc := amsterdam(t)
	taken, err := DateOf("inventory/software-2026-10-02.csv", loc)
	if err != nil {
		t.Fatal(err)
	}
	f := shared(t, "acceptance/october/inventory/software-2026-10-02.csv")
	inv, err := ReadSoftware(t.Context(), f, "software-2026-10-02.csv", Options{Taken: taken, Loc: loc})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Status != snapshot.Complete || len(inv.Notes) != 0 {
		t.Fatalf("status %s, notes %v", inv.Status, inv.Notes)
	}
	if want := month.Date(2026, 10, 2); inv.Day != want {
		t.Errorf("day %s, want %s", inv.Day, want)
	}
	std, vis, pro := "Microsoft Office Standard 2021", "Microsoft Visio Standard 2021", "Microsoft Office Professional Plus 2021"
	want := map[string][]string{
		"RDSH-A01": {std, vis}, "RDSH-A02": {std, vis}, "RDSH-A03": {std, vis}, "RDSH-A04": {std, vis},
		"RDSH-D01": {pro}, "RDSH-D02": nil,
	}
	if len(inv.Software) != len(want) {
		t.Fatalf("%d hosts, want %d", len(inv.Software), len(want))
	}
	for _, h := range inv.Software {
		var got []string
		for _, in := range h.Installs {
			if r := product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition); r.Licensable {
				got = append(got, r.Name)
			}
		}
		if len(got) != len(want[h.Host]) || len(h.Installs) != 7+len(got) {
			t.Errorf("%s: licensable %v of %d, want %v of %d", h.Host, got, len(h.Installs), want[h.Host], 7+len(want[h.Host]))
			continue
		}
		for i := range got {
			if got[i] != want[h.Host][i] {
				t.Errorf("%s: %v, want %v", h.Host, got, want[h.Host])
			}
		}
	}
}

func TestAcceptanceHosts(t *testing.T) {
	f := shared(t, "acceptance/october/inventory/hosts-2026-10-02.csv")
	inv, err := ReadHosts(t.Context(), f, "hosts-2026-10-02.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Machines) != 15 || inv.Status != snapshot.Complete || len(inv.Notes) != 0 {
		t.Fatalf("%d machines, want 15; status %s, notes %v", len(inv.Machines), inv.Status, inv.Notes)
	}
	// Sorted by key: fs-old, hv01, hv02, hv03, rdsh-…, sql01 …
	for i, want := range map[int]snapshot.Machine{
		0:  {Host: "FS-OLD", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 4, OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 5},
		12: {Host: "SQL03", Kind: snapshot.Virtual, VirtualCores: 5, Parent: "HV01", OperatingSystem: "Microsoft Windows Server 2022 Datacenter", SQLEdition: "Standard", Tenant: "cornelis", Line: 8},
	} {
		if inv.Machines[i] != want {
			t.Errorf("machine %d: %+v, want %+v", i, inv.Machines[i], want)
		}
	}
}
