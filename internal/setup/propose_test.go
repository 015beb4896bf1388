package setup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/closing/monthend"
	"splameter/internal/edits"
	"splameter/internal/snapshot"
)

// world is a provider of three customers, one of them cut off, with a pool of
// two hosts; the config names one customer and nothing else.
func world(t *testing.T) (*Seen, string) {
	t.Helper()
	s := &Seen{Directory: &snapshot.Directory{DNS: "h.example", Domain: "H"}, Sessions: &snapshot.Sessions{}}
	d := s.Directory
	account := func(id, name, unit, employee string, disabled bool) {
		a := snapshot.Account{ID: id, Class: snapshot.User, Name: name, DN: "CN=" + name + "," + unit, Disabled: disabled}
		if employee != "" {
			a.Attributes = []snapshot.Attribute{{Name: "employeeid", Value: employee}}
		}
		d.Accounts = append(d.Accounts, a)
	}
	account("a", "anna", "OU=Bakker,OU=Klanten,DC=h", "7", false)
	account("b", "anna2", "OU=Bakker,OU=Klanten,DC=h", "7", false)
	account("c", "cas", "OU=Notaris 12,OU=Klanten,DC=h", "", false)
	account("d", "dirk", "OU=Oud,OU=Klanten,DC=h", "", true)
	account("e", "adm-ed", "OU=Beheer,DC=h", "", false)
	account("f", "svc-x", "OU=Beheer,DC=h", "", false)
	group := func(n int, name string, members ...string) {
		id := fmt.Sprint("g", n)
		d.Groups = append(d.Groups, snapshot.Group{ID: id, Name: name, SID: fmt.Sprintf("S-1-5-21-1-2-3-%d", 1100+n)})
		for _, m := range members {
			d.Members = append(d.Members, snapshot.Member{Group: id, Key: m})
		}
	}
	group(1, "RDS-Bakker", "a", "b")
	group(2, "RDS-Alle", "g1", "c")
	group(3, "APP-Visio-Std", "a")
	group(4, "LIC-Project-Pro", "c")
	group(5, "Verkoop", "c")
	for _, h := range []string{"RDSH-1", "RDSH-2"} {
		s.Software = append(s.Software, snapshot.HostSoftware{Host: h, Installs: []snapshot.Install{{Name: "Microsoft Visio LTSC Standard 2021 - nl-nl", Publisher: "Microsoft Corporation"}}})
		s.Sessions.Uses = append(s.Sessions.Uses, snapshot.Use{Host: h, User: `h\anna`, Days: 1}, snapshot.Use{Host: h, User: `h\cas`, Days: 1})
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"config.yaml": "provider: {name: P, time_zone: Europe/Amsterdam}\nstore: sqlite:x.db\noutput: out\ntenants: tenants.csv\nrules: rules.yaml\nexclusions: \"\" # none yet\nperson: []\ndirectories:\n  - {name: h, domain: H, ldif: \"*.ldif\"}\npools: []\n",
		"tenants.csv": "id,name,ou\nbakker,Bakker,\"OU=Bakker,OU=Klanten,DC=h\"\noud,Oud,\"OU=Oud,OU=Klanten,DC=h\"\n",
		"rules.yaml":  "version: \"1\"\nproducts:\n  - catalog: rds  # all\n  - catalog: office-std\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s, dir
}

func have(t *testing.T, dir string) Have {
	t.Helper()
	set, faults := monthend.Load(filepath.Join(dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return Have{set.Config, set.Rules, set.Register, set.Prices}
}

func proposed(t *testing.T, s *Seen, dir string) (list []Proposal, text []string) {
	t.Helper()
	list, err := Propose(s, have(t, dir), []Customer{{number: "12", name: "Notaris N.V."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		text = append(text, strings.Join(strings.Fields(fmt.Sprint(p.Kind, " ", p.Subject, " ", p.Product, " ", p.Pool, " ", p.Count, " ", p.Why)), " "))
	}
	return list, text
}

// What is proposed, taken over kind by kind, makes a setup that proposes
// nothing more; every file stays readable.
func TestProposeAndTake(t *testing.T) {
	s, dir := world(t)
	list, got := proposed(t, s, dir)
	want := []string{
		"tenant OU=Beheer,DC=h 2 Beheer", "tenant OU=Notaris 12,OU=Klanten,DC=h 1 Notaris N.V.",
		"suspended oud 0 disabled",
		"pool RDSH-* rdsh 2",
		"product visio-std visio-std 1",
		"part office-std office-std 0 Office Standard SAL",
		// APP-Visio-Std waits for the pool of the hosts that have Visio.
		"group LIC-Project-Pro project-pro 1",
		"exclusion user:adm-* 1 admin", "exclusion user:svc-* 1 service-account",
		"person employeeID 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if list[3].Hints[0] != "RDS-Alle" {
		t.Errorf("hints %v", list[3].Hints)
	}
	if _, err := Take(have(t, dir), list[2:3], Answers{}); err == nil || !strings.Contains(err.Error(), "from") {
		t.Errorf("taken without its answer: %v", err)
	}
	answers := map[Kind]Answers{NewPool: {Users: []string{"RDS-Alle"}}, PartNumber: {PartNumber: "021-1"}, GroupGives: {Product: "project-pro"}, Restriction: {Control: "applocker-enforced", Document: "D 1"},
		NewGround: {Document: "Beheer 2026", Until: "2027-12-31"}, Suspended: {From: "2026-10-01"}, NewProduct: {PartNumber: "D86-1"}}
	for round := range 3 {
		for _, k := range Kinds() {
			list, _ := proposed(t, s, dir)
			for len(list) > 0 && list[0].Kind != k {
				list = list[1:]
			}
			n := 0
			for n < len(list) && list[n].Kind == k {
				n++
			}
			if k.Alone() {
				n = min(n, 1)
			}
			if n == 0 {
				continue
			}
			edit, err := Take(have(t, dir), list[:n], answers[k])
			if err != nil {
				t.Fatalf("%s in round %d: %v", k, round, err)
			}
			if wrong, err := edits.Check(have(t, dir).Config, edit); wrong != "" || err != nil {
				t.Fatalf("%s: %s %v", k, wrong, err)
			}
			if err := edits.Write(have(t, dir).Config, edit, edits.Who{By: "C", Reason: "first day"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, left := proposed(t, s, dir)
	// Now that the table has its line, the unit Beheer is the provider's own.
	if diff := cmp.Diff([]string(nil), left); diff != "" {
		t.Errorf("left: %s", diff)
	}
	for name, want := range map[string]string{
		"config.yaml": "exclusions: exclusions.csv # none yet\nperson: [employeeID]\n",
		"tenants.csv": "oud,Oud,\"OU=Oud,OU=Klanten,DC=h\",,,2026-10-01\n",
		"rules.yaml":  "  - catalog: rds  # all\n  - catalog: office-std\n    part_number: \"021-1\"\n  - catalog: visio-std\n    part_number: D86-1\n  - catalog: project-pro\n    entitled:\n      groups: [LIC-Project-Pro]\n",
		"exclusions.csv": "id,tenant,product,ground,match,quantity,document,from,until\n" +
			"X-1,beheer,*,admin,user:adm-*,1,Beheer 2026,,2027-12-31\nX-2,beheer,*,service-account,user:svc-*,1,Beheer 2026,,2027-12-31\n",
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "config.yaml")); !strings.Contains(string(b), "    restrict:\n      - product: visio-std\n        users: [APP-Visio-Std]\n        control: applocker-enforced\n        document: D 1\n") {
		t.Errorf("%s", b)
	}
}
