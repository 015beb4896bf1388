package inventory

import (
	"fmt"
	"strings"
	"testing"
)

// What tools write for a state, and what stands beside machines, is known by the
// form: JSON of PowerShell has numbers, a cluster's list has more than guests.
func TestWordsOfTools(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"Hyper-V by ConvertTo-Json": {`[{"VMName":"A","VMId":"1","State":2,"ProcessorCount":4,"ComputerName":"H"},{"VMName":"B","VMId":"2","State":3,"ProcessorCount":2,"ComputerName":"H"},{"VMName":"C","VMId":"3","State":9,"ProcessorCount":2,"ComputerName":"H"}]`,
			"A virtual 4 on H on; B virtual 2 on H off; C virtual 2 on H on"},
		"a table kept in German":          {"Rechnername;Art;vCPU;Bovenliggende host\nA;virtuell;4;H\n", "A virtual 4 on H "},
		"in German with words of its own": {"Rechner;Art;Virtuelle Kerne;Läuft auf;Betriebssystem\nA;virtuell;4;H;Debian\n", "A virtual 4 on H "},
		"in French":                       {"Serveur;kind;Cœurs virtuels;Hôte physique;Système d'exploitation;Client\nA;virtuel;4;H;Debian;x\n", "A virtual 4 on H "},
		"in Spanish":                      {"Servidor;kind;Núcleos virtuales;Host físico;Sistema operativo;Cliente\nA;vm;4;H;Debian;x\n", "A virtual 4 on H "},
		"PowerCLI by ConvertTo-Json": {`[{"Name":"A","PowerState":1,"NumCpu":4,"VMHost":{"Name":"H","State":0},"Id":"1"},{"Name":"B","PowerState":0,"NumCpu":2,"VMHost":{"Name":"H"},"Id":"2"}]`,
			"A virtual 4 on H on; B virtual 2 on H off"},
		"Proxmox, all of a cluster": {`[{"id":"node/H","type":"node","node":"H","maxcpu":32,"status":"online"},{"id":"storage/H/local","type":"storage","node":"H","storage":"local","status":"available"},{"id":"qemu/101","type":"qemu","vmid":101,"name":"A","node":"H","maxcpu":4,"status":"running"}]`,
			"A virtual 4 on H on"},
	} {
		v, err := ReadHosts(t.Context(), strings.NewReader(c.in), "hosts.json", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range v.Machines {
			m := &v.Machines[i]
			got = append(got, fmt.Sprintf("%s %s %d on %s %s", m.Host, m.Kind, m.VirtualCores, m.Parent, m.Power))
		}
		if s := strings.Join(got, "; "); s != c.want || len(v.Notes) > 0 {
			t.Errorf("%s: got %s, want %s; notes %v", name, s, c.want, v.Notes)
		}
	}
}

// A row of winget's table whose columns have moved is left out, and no value of
// it is cut.
func TestMovedColumns(t *testing.T) {
	in := "Name       Id       Version\n---------------------------\nA          a.a      16.0\nBÄÖ        b.bbbbb 17.0\n"
	want := "H:\n  A|16.0|a|a.a|| @3\ninventory-damaged @4\npartial\n"
	if got := software(t, in, Options{Host: "H"}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
