package setup

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
)

// A customer is known by its number, its name or its name within the unit's;
// where two fit it is nobody's.
func TestCustomersOfAnExport(t *testing.T) {
	all, err := ParseCustomers("crm.csv", []byte("\ufeffKlantnummer;Naam;Straat;Postcode;Plaats;Land;Contactpersoon;E-mail;Taal\n10001;Bakkerij Almere;Dorpsstraat 1;1000 AB;Almere;Nederland;Anna;a@x.example;Nederlands\n10002;Bakkerij Breda B.V.;;;;;;;\n10003;Bakkerij Breda;;;;;;;de\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Customer{"10001", "Bakkerij Almere", "Dorpsstraat 1", "1000 AB", "Almere", "NL", "Anna", "a@x.example", "nl", "", ""}, all[0], cmp.AllowUnexported(Customer{})); diff != "" {
		t.Error(diff)
	}
	for unit, want := range map[string]string{
		"10001": "10001 number", "K1 bakkerij-almere": "10001 part of the name", "BAKKERIJ BREDA BV": "10002 name", "K2 Bakkerij Breda B.V.": " several customers fit", "Slager": " ",
	} {
		c, how := customerOf(all, unit)
		got := " " + how
		if c != nil {
			got = c.number + " " + how
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", unit, got, want)
		}
	}
	for _, bad := range []string{"", "x;y\n1;2\n"} {
		if _, err := ParseCustomers("crm.csv", []byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// Administrators' and service accounts are drafted by how their names begin,
// with no document, which only a person can name; a disabled one is none.
func TestDraftOfExclusionsAndPersons(t *testing.T) {
	d := directoryOf("CN=a,OU=T1,OU=C,DC=h", "CN=b,OU=T1,OU=C,DC=h", "CN=c,OU=T2,OU=C,DC=h", "CN=d,OU=T2,OU=C,DC=h", "CN=e,OU=T2,OU=C,DC=h")
	for i, n := range []string{"adm-1", "adm-2", "svc-sql", "adm-off", "jan"} {
		d.Accounts[i].Name = n
	}
	d.Accounts[3].Disabled = true
	d.Accounts[0].DisplayName, d.Accounts[1].DisplayName, d.Accounts[4].DisplayName = "Jan", "Jan", "Jan"
	u, err := unitsOf(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "X-1,t1,*,admin,user:adm-*,2,,,,adm-1; adm-2\nX-2,t2,*,service-account,user:svc-*,1,,,,svc-sql\n"
	if _, got, _ := strings.Cut(string(exclusionsText(d, u)), "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	if _, got, _ := strings.Cut(string(personsText(d, u)), "\n"); got != "t1,displayName,Jan,2,adm-1; adm-2\n" {
		t.Errorf("got\n%s", got)
	}
}

// An account named as another with a- before it is an administrator's, and so is
// one with -t0 after it; where others begin likewise, each stands by itself.
func TestAdministratorsBesideTheirOwnAccount(t *testing.T) {
	d := directoryOf("CN=a,OU=B,DC=h", "CN=b,OU=B,DC=h", "CN=c,OU=B,DC=h", "CN=d,OU=B,DC=h", "CN=e,OU=C,DC=h", "CN=f,OU=C,DC=h", "CN=g,OU=C,DC=h", "CN=h,OU=C,DC=h")
	for i, n := range []string{"jan", "A-Jan", "piet", "piet-t0", "a-jan2", "jan2", "a-team", "a-b"} {
		d.Accounts[i].Name = n
	}
	u, err := unitsOf(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "X-1,b,*,admin,user:*-t0,1,,,,piet-t0\nX-2,b,*,admin,user:a-*,1,,,,A-Jan\nX-3,c,*,admin,user:a-jan2,1,,,,a-jan2\n"
	if _, got, _ := strings.Cut(string(exclusionsText(d, u)), "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
}

// A group whose name speaks of a licence brings its product into the rules.
func TestGroupsThatGiveLicences(t *testing.T) {
	d := directoryOf("CN=a,OU=T1,OU=C,DC=h")
	d.Groups = []snapshot.Group{{ID: "g", Name: "LIC-Project-Pro", SID: "S-1-5-21-1-1100"}}
	d.Members = []snapshot.Member{{Group: "g", Key: "a"}}
	u, err := unitsOf(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := string(rulesText(&Seen{Directory: d}, nil, nil, peopledGroups(d, u)))
	if !strings.Contains(text, "- catalog: project-pro  # group LIC-Project-Pro holds 1 enabled accounts\n") || !strings.Contains(text, `# entitled: {groups: ["LIC-Project-Pro"]}`) {
		t.Error(text)
	}
}

func FuzzCustomers(f *testing.F) {
	f.Add([]byte("name;number\na;1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := ParseCustomers("x", data)
		if err == nil {
			customerOf(all, "a 1")
		}
	})
}
