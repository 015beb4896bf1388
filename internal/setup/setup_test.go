package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/register/tables"
	"splameter/internal/snapshot"
	"splameter/rules"
)

func directoryOf(dns ...string) *snapshot.Directory {
	d := &snapshot.Directory{DNS: "h.example", Domain: "H"}
	for i, name := range dns {
		d.Accounts = append(d.Accounts, snapshot.Account{ID: string(rune('a' + i)), Name: "u" + string(rune('0'+i)), DN: name})
	}
	return d
}

func lines(t *units) []string {
	var out []string
	for _, u := range t.lines {
		s := u.id + " " + u.dn
		if u.internal {
			s += " internal"
		}
		if u.outside {
			s += " outside"
		}
		out = append(out, s)
	}
	return out
}

// Customers' units lie beneath Customers, with units of their own within; one
// account lies in Customers itself.
func TestUnits(t *testing.T) {
	d := directoryOf(
		`CN=a,OU=Users,OU=T1,OU=Customers,DC=h`, `CN=b,OU=T2\, Inc. & Co,OU=Customers,DC=h`, `CN=c,OU=Users,OU=T1,OU=customers,DC=H`,
		`CN=d,OU=IT Staff,DC=h`, `CN=e,CN=Users,DC=h`)
	for name, c := range map[string]struct {
		base []string
		want []string
	}{
		"looked for": {nil, []string{`t1 OU=T1,OU=Customers,DC=h`, `t2-inc-co OU=T2\, Inc. & Co,OU=Customers,DC=h`, `it-staff OU=IT Staff,DC=h internal`}},
		"given":      {[]string{"ou=customers,dc=h"}, []string{`t1 OU=T1,OU=Customers,DC=h`, `t2-inc-co OU=T2\, Inc. & Co,OU=Customers,DC=h`, `it-staff OU=IT Staff,DC=h internal outside`}},
	} {
		u, err := unitsOf(d, c.base)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, lines(u)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for base, want := range map[string]string{"Customers": "no distinguished name", "OU=Klanten,DC=h": "holds no user account"} {
		if _, err := unitsOf(d, []string{base}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", base, err)
		}
	}
	// One beside the customers' units: then Customers has accounts of its own,
	// and its line says so.
	d.Accounts = append(d.Accounts, snapshot.Account{ID: "z", DN: "CN=z,OU=Customers,DC=h"})
	u, err := unitsOf(d, []string{"OU=Customers,DC=h"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(tenantsText(u, nil, false)), "accounts that lie beside the customers' units") || u.tenantOf("CN=z,OU=Customers,DC=h") != "customers" || u.tenantOf("CN=a,OU=Users,OU=T1,OU=Customers,DC=h") != "t1" {
		t.Error(string(tenantsText(u, nil, false)))
	}
}

func TestSuggested(t *testing.T) {
	for name, want := range map[string]string{
		"RDS-Users": "rds", "LIC-Office-Standard": "office-std", "APP Office Pro": "office-pro", "LIC-Office": "", "Sales": "",
		"APP-Visio-Pro": "visio-pro", "RDS-Office-Std": "", "Projectleiders": "", "LIC-SQL-SAL": "sql-std-sal", "APP-Project": "", "APP-Project-Prof-Users": "project-pro", "Project_Pro": "project-pro",
	} {
		if got := suggested(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Groups that hold each other end; what every domain has is left out.
func TestCrowds(t *testing.T) {
	d := directoryOf("CN=a,OU=T1,DC=h", "CN=b,OU=T1,DC=h")
	d.Accounts[1].PrimaryGroup, d.Accounts[1].Disabled = "S-1-5-21-1-1200", true
	d.Groups = []snapshot.Group{{ID: "1", Name: "One", SID: "S-1-5-21-1-1100"}, {ID: "2", Name: "Two", SID: "S-1-5-21-1-1101"}, {ID: "3", Name: "Main", SID: "S-1-5-21-1-1200"}, {ID: "4", Name: "Domain Users", SID: "S-1-5-21-1-513"}}
	d.Members = []snapshot.Member{{Group: "1", Key: "2"}, {Group: "2", Key: "1"}, {Group: "2", Key: "a"}, {Group: "4", Key: "a"}}
	u, err := unitsOf(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(groupsText(peopledGroups(d, u))), "group,members,enabled,tenants,suggested_product,looks_like_a_licence\nMain,1,0,t1,,\nOne,1,1,t1,,\nTwo,1,1,t1,,\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The drafts are what the readers take: foreign names break neither YAML nor
// CSV, nor become formulas. Users of a pool stay empty, and config says so.
func TestDraftsCanBeRead(t *testing.T) {
	dir := t.TempDir()
	s := &Seen{Directory: directoryOf(`CN=x,OU=\=1\+1,OU=C,DC=h`, "CN=y,OU=b\\\"\\, {c},OU=C,DC=h"),
		Software: []snapshot.HostSoftware{{Host: `RD"SH: 1`, Installs: []snapshot.Install{{Name: "Microsoft Office Standard 2019\n- {x}", Publisher: "Microsoft Corporation"}, {Name: "Microsoft Office Standard 2019", Publisher: "Microsoft Corporation"}}}},
		Machines: []snapshot.Machine{{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: "Microsoft Windows Server 2022 Datacenter"}},
		Patterns: []string{filepath.Join(dir, "inv", "software-*.csv")}, Hosts: []string{filepath.Join(dir, "inv", "hosts-*.csv")}}
	s.Directory.Groups = []snapshot.Group{{ID: "g", Name: "=HYPERLINK(1)", SID: "S-1-5-21-1-1100"}}
	s.Directory.Members = []snapshot.Member{{Group: "g", Key: "a"}}
	s.From = []From{{Name: "h", At: filepath.Join(dir, "d: [x]", "*.ldif"), Export: "x", DNS: "h.example", Domain: "H"}}
	opt := Options{Dir: dir, Directories: []string{filepath.Join(dir, "d: [x]", "*.ldif")}, Logs: filepath.Join(dir, "logs"), Provider: `P "Q": #1`, TimeZone: "Europe/Amsterdam"}
	files, err := Drafts(s, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, f := range files {
		text[f.Name] = string(f.Data)
	}
	if !strings.Contains(text[GroupsFile], "'=HYPERLINK") {
		t.Error(text[GroupsFile])
	}
	for _, n := range []string{"tenants.csv", "rules.yaml", "prices.csv"} {
		draft := strings.Replace(n, ".", ".draft.", 1)
		if err := os.Rename(filepath.Join(dir, draft), filepath.Join(dir, n)); err != nil {
			t.Fatal(err)
		}
	}
	c, faults := config.Load(filepath.Join(dir, ConfigFile))
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text[ConfigFile])
	}
	if c.Provider.Name != opt.Provider || len(c.Inventories[0].Hosts) != 1 || c.Directories[0].Name != "h" {
		t.Errorf("%+v", c)
	}
	tenants, faults := tables.Tenants(c.Tenants)
	if len(faults) > 0 || len(tenants) != 2 {
		t.Errorf("%v %+v", faults, tenants)
	}
	if _, faults := tables.Prices(c.Prices, ""); len(faults) > 0 {
		t.Error(faults)
	}
	set, faults := rules.Parse(RulesFile, []byte(text[RulesFile]))
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text[RulesFile])
	}
	var ids []string
	for _, p := range set.Products {
		ids = append(ids, p.ID)
	}
	if diff := cmp.Diff([]string{"rds", "office-std", "win-dc"}, ids); diff != "" {
		t.Error(diff)
	}
	pools := strings.Replace(text[ConfigFile], "pools: []\n", text[PoolsFile], 1)
	if _, faults = config.Parse(filepath.Join(dir, "other.yaml"), []byte(pools)); len(faults) != 1 || !strings.Contains(faults[0].What, "the pool has no users") {
		t.Errorf("%v\n%s", faults, text[PoolsFile])
	}
	// Nothing is overwritten.
	if err := Write(dir, files); err == nil || !strings.HasPrefix(err.Error(), "config.yaml, groups.draft.csv, software.draft.csv, pools.draft.yaml, exclusions.draft.csv, persons.draft.csv: there already") {
		t.Error(err)
	}
}

func TestWider(t *testing.T) {
	for _, c := range []struct {
		patterns, others, want string
	}{
		{"i/software-*.csv i/uninstall-A-*.reg i/uninstall-B-*.reg", "i/hosts-*.csv", "i/software-*.csv i/uninstall-*.reg"},
		{"i/inv-software-*.csv", "i/inv-hosts-*.csv", "i/inv-software-*.csv"}, // wider would find the hosts too
		{"i/*.csv", "", "i/*.csv"},
	} {
		got := strings.Join(wider(strings.Fields(filepath.FromSlash(c.patterns)), strings.Fields(c.others)), " ")
		if filepath.ToSlash(got) != c.want {
			t.Errorf("%s: %s, want %s", c.patterns, got, c.want)
		}
	}
}
