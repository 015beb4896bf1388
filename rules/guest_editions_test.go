package rules

import (
	"fmt"
	"slices"
	"testing"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// HS, 16 cores, is licensed for Standard, by the table or by its own system, and one
// of its guests runs Datacenter: 8 packs of Datacenter, until somebody decides that it
// is Standard, 8 for each of the guests. A guest of Standard on a host of Datacenter
// asks nothing.
func TestGuestsOfALargerEdition(t *testing.T) {
	for _, c := range []struct {
		name, system     string
		licence          snapshot.WindowsLicence
		guests, others   int // of Datacenter, of Standard
		asked            bool
		dc, std, decided int
	}{
		{"by the table", "VMware ESXi 8", snapshot.WindowsStandard, 1, 1, true, 8, 0, 16},
		{"by its system", std, "", 1, 0, true, 8, 0, 8},
		{"all Standard", "VMware ESXi 8", snapshot.WindowsStandard, 0, 2, false, 0, 16, 0},
		{"licensed for Datacenter", "VMware ESXi 8", snapshot.WindowsDatacenter, 1, 1, false, 8, 0, 0},
	} {
		s := newScene(t)
		s.machine(snapshot.Machine{Host: "HS", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: c.system, WindowsLicence: c.licence})
		for i := range c.guests + c.others {
			os := std
			if i < c.guests {
				os = dc
			}
			s.machine(snapshot.Machine{Host: fmt.Sprintf("G%d", i), Kind: snapshot.Virtual, VirtualCores: 2, Parent: "HS", OperatingSystem: os})
		}
		st := s.run()
		s.want(st, "", "win-dc", c.dc)
		s.want(st, "", "win-std", c.std)
		got := questions(st, statement.AskEdition)
		if c.asked != slices.Equal(got, []string{"HS"}) || !c.asked && len(got) > 0 {
			t.Fatalf("%s: asked of %q", c.name, got)
		}
		if !c.asked {
			continue
		}
		for _, q := range st.Questions {
			if q.Kind == statement.AskEdition && !slices.Equal(q.About, []string{"G0", "HS"}) {
				t.Errorf("%s: about %q", c.name, q.About)
			}
			s.decide(q.Key, "standard")
		}
		st = s.run()
		s.want(st, "", "win-dc", 0)
		s.want(st, "", "win-std", c.decided)
	}
}

// Two hosts of a cluster with a guest of Datacenter and eleven of Standard are one
// question. 2 x 8 packs of Datacenter at 40 cost less than 12 x 16 of Standard at 6
// (640 and 1152), so Standard counts until it is decided; at 3 (576) it is Datacenter.
func TestGuestsOfALargerEditionAtPrices(t *testing.T) {
	for _, c := range []struct {
		standard string
		dc, std  int
	}{{"6.00", 0, 192}, {"3.00", 16, 0}} {
		s := newScene(t)
		s.price("DC-1", "40.00")
		s.price("WS-1", c.standard)
		for _, h := range []string{"HA", "HB"} {
			s.machine(snapshot.Machine{Host: h, Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8", WindowsLicence: snapshot.WindowsStandard, Cluster: "c1"})
		}
		for i := range 12 {
			os := std
			if i == 0 {
				os = dc
			}
			s.machine(snapshot.Machine{Host: fmt.Sprintf("G%02d", i), Kind: snapshot.Virtual, VirtualCores: 2, Parent: "HA", OperatingSystem: os})
		}
		st := s.run()
		s.want(st, "", "win-dc", c.dc)
		s.want(st, "", "win-std", c.std)
		if got := questions(st, statement.AskEdition); !slices.Equal(got, []string{"c1"}) {
			t.Errorf("at %s: asked of %q", c.standard, got)
		}
	}
}
