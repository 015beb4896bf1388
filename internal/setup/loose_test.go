package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A hosts table in a folder that no source names is proposed, and taken over it
// stands under the inventory of the config; what is named, what has no date and
// what is no inventory is not. What machines have makes products of the catalog
// due that no program shows.
func TestLooseInventories(t *testing.T) {
	s, dir := world(t)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const machines = "host,kind,processors,cores_per_processor,virtual_cores,parent,operating_system\nHV-1,physical,2,8,,,Microsoft Windows Server 2022 Datacenter\n"
	const programs = "host,name,version,publisher\nRDSH-1,7-Zip,24,Igor Pavlov\n"
	write("machines/estate-2026-09-15.csv", machines)
	write("machines/estate-2026-10-15.csv", machines+"HV-2,physical,2,8,,,Microsoft Windows Server 2022 Datacenter\n")
	write("lists/software-2026-10-15.csv", programs)
	write("lists/klanten-2026-10-15.csv", "number,name\n1,Bakker\n")
	write("lists/undated.csv", machines)
	write("named/hosts-2026-10-15.csv", machines)
	write("out/2026-10/hosts-2026-10-15.csv", machines)
	config := filepath.Join(dir, "config.yaml")
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	write("config.yaml", string(b)+"inventories:\n  - name: estate\n    hosts: [named/hosts-*.csv]\n")
	if s.Loose, err = looseIn(t.Context(), have(t, dir).Config, time.UTC); err != nil {
		t.Fatal(err)
	}
	list, _ := proposed(t, s, dir)
	var got []string
	var take []Proposal
	for _, p := range list {
		if p.Kind == NewInventory {
			got = append(got, p.Why+" "+filepath.ToSlash(p.Subject)+" "+strings.Join(p.Names, " "))
			take = append(take, p)
		}
	}
	want := "software lists/software-*.csv RDSH-1, hosts machines/estate-*.csv HV-1 HV-2"
	if strings.Join(got, ", ") != want {
		t.Fatalf("proposed %v, want %s", got, want)
	}
	changed, err := Take(have(t, dir), take, Answers{})
	if err != nil || len(changed) != 1 {
		t.Fatalf("%v, %v", changed, err)
	}
	for _, x := range []string{`hosts: [named/hosts-*.csv, "machines/estate-*.csv"]`, "lists/software-*.csv"} {
		if !strings.Contains(filepath.ToSlash(string(changed[0].Is)), x) {
			t.Errorf("the config does not say %q:\n%s", x, changed[0].Is)
		}
	}

	v, _, err := readInventory(t.Context(), filepath.Join(dir, "machines", "estate-2026-10-15.csv"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s.Machines = v.Machines
	_, text := proposed(t, s, dir)
	if all := strings.Join(text, "\n"); !strings.Contains(all, "win-dc") {
		t.Errorf("two hosts with Windows Server Datacenter, and nothing proposes its product:\n%s", all)
	}
}
