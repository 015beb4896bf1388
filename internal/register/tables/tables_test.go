package tables

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
)

func day(t *testing.T, s string) month.OptionalDay {
	t.Helper()
	d, err := month.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return month.OptionalDay{Day: d, Set: true}
}

// As Excel in the Netherlands writes it: a byte order mark, semicolons, CRLF,
// empty rows of separators, columns in any order and case, and the provider's
// own.
func TestAsExcelWritesIt(t *testing.T) {
	path := file(t, "\ufeffOU;Name;ID;Customer Number;x_note;Sector;INTERNAL;Named-Users;Suspended_From;\r\n"+
		"OU=a,DC=x;\"Alfa \"\"A\"\" & Zn; Lisse\";alfa;0042; mine;care;ja;nee;2026-10-15;\r\n"+
		";;;;;;;;;\r\n"+
		"\r\n"+
		"OU=b,DC=x;;alfa;;;;;;;\r\n"+
		"  OU=c,DC=x ; Bravo ;bravo;;;;;1;;\r\n")
	got, faults := Tenants(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := []register.Tenant{
		{ID: "alfa", Name: `Alfa "A" & Zn; Lisse`, Number: "0042", Internal: true, Line: 2, SuspendedFrom: day(t, "2026-10-15"),
			OUs: []register.OU{{DN: "OU=a,DC=x", Line: 2}, {DN: "OU=b,DC=x", Line: 5}}},
		{ID: "bravo", Name: "Bravo", Named: true, Line: 6, OUs: []register.OU{{DN: "OU=c,DC=x", Line: 6}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// One organizational unit may pass from a tenant to another, and two may hold
// the same one's parent: the deepest wins.
func TestUnitsThatDoNotOverlap(t *testing.T) {
	_, faults := Tenants(file(t, tenantsHead+
		"a,A,\"OU=x,DC=y\",,2026-06-30,,,,,,,,\n"+
		"b,B,\"OU=x,DC=y\",2026-07-01,,,,,,,,,\n"+
		"c,C,\"OU=z,OU=x,DC=y\",,,,,,,,,,\n"))
	if len(faults) > 0 {
		t.Error(faults)
	}
}

func TestPriceThatGivesWay(t *testing.T) {
	list, faults := Prices(file(t, "part_number,currency,unit_price,from,until,article\nA,EUR,1.50,2025-01-01,,x1\nA,eur,1.65,2026-01-01,,x2\n"), "Article")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	p, ok := list.For("a", month.New(2026, 1, nil))
	if !ok || p.Unit.String() != "1.65" || p.Alias != "x2" || p.Currency != "EUR" {
		t.Errorf("%+v", p)
	}
	path := file(t, pricesHead)
	_, faults = Prices(path, "Artikel")
	if want := path + ":1:1: the first line names no column artikel; write it in, as it stands here"; faults.Error() != want {
		t.Error(faults)
	}
}

func TestSharedAccountsAndDecisions(t *testing.T) {
	accounts, faults := SharedAccounts(file(t, sharedHead+"alfa,desk,5,\"7; 8\",D1,2026-01-01,\n*,kiosk,2,,,,\n"), some)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if d := cmp.Diff([]register.SharedAccount{
		{Tenant: "alfa", Account: "desk", Persons: 5, IDs: []string{"7", "8"}, Document: "D1", From: day(t, "2026-01-01"), Line: 2},
		{Tenant: "*", Account: "kiosk", Persons: 2, Line: 3},
	}, accounts); d != "" {
		t.Error(d)
	}
	list, faults := Decisions(file(t, decisionsHead+"k1,,alfa,jan,Accepted,J. Vis,cleaned up in May,2027-05-31\n,no-tenant,-unassigned,,accepted,J. Vis,test accounts,\n"), some)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if d := cmp.Diff([]register.Decision{
		{Key: "k1", Tenant: "alfa", Subject: "jan", Decision: register.Accepted, By: "J. Vis", Reason: "cleaned up in May", Until: day(t, "2027-05-31"), Line: 2},
		{Code: "no-tenant", Tenant: register.Unassigned, Decision: register.Accepted, By: "J. Vis", Reason: "test accounts", Line: 3},
	}, list); d != "" {
		t.Error(d)
	}
}

// What does not fit between the tables, and what a table leaves to the config.
func TestLoadAll(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"config.yaml": "provider: {name: P, time_zone: UTC, language: nl}\ntenants: t.csv\nresellers: r.csv\nexclusions: e.csv\n" +
			"pools:\n- {name: p, hosts: [h], users: [u], tenant: alva}\n",
		"t.csv": "id,name,ou,reseller,language\nalfa,A,,partner-west,\nbravo,B,,partner-wset,en\n",
		"r.csv": resellersHead + "partner-west,West,customer\n",
		"e.csv": exclusionsHead + "X,bravo,*,admin,*,,,,\nY,brafo,*,admin,*,,,,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, faults := config.Load(filepath.Join(dir, "config.yaml"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	reg, _, _, _, faults := LoadAll(c)
	want := `config.yaml:6:45: there is no tenant "alva"; did you mean "alfa"?
e.csv:3:3: there is no tenant "brafo"; did you mean "bravo"?
t.csv:3: the tenant "bravo" has the reseller "partner-wset", whom the resellers table does not have; did you mean "partner-west"?`
	if got := strings.ReplaceAll(faults.Error(), dir+string(os.PathSeparator), ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if reg.Tenants[0].Language != "nl" || reg.Tenants[1].Language != "en" || reg.Partners[0].Language != "nl" || reg.Partners[0].AnnexTo != register.AnnexToCustomer {
		t.Errorf("%+v", reg)
	}
}

func FuzzTables(f *testing.F) {
	for _, s := range []string{
		tenantsHead + "a,A,\"OU=x,DC=y\",2026-01-01,,,yes,nl,NL,a@b.example,p,,\n",
		exclusionsHead + "X,alfa,office-*,admin,user:svc-*,20,D,2026-01-01,\n",
		pricesHead + "6WC-00002,EUR,4.6132,2026-01-01,\n", salesHead + "*,rds,EUR,9.50,,\n",
		sharedHead + "alfa,desk,5,7;8,,,\n", decisionsHead + "k,,alfa,s,accepted,J,r,2027-01-01\n", resellersHead + "p,P,both\n",
		"\ufeffid;name;ou\r\n\"a\nb\";c;d", "id,name,ou\n\"", "\"\"\"", "id\tname\tou\n\t\t\n", "a\r\rb", "id,name,ou\na,A,=\\,\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for kind, read := range map[string]func(*table) diag.Faults{
			"tenants":    func(t *table) diag.Faults { _, f := tenantsOf(t); return f },
			"resellers":  func(t *table) diag.Faults { _, f := partnersOf(t); return f },
			"exclusions": func(t *table) diag.Faults { _, f := exclusionsOf(t, some); return f },
			"shared":     func(t *table) diag.Faults { _, f := sharedAccountsOf(t, some); return f },
			"prices":     func(t *table) diag.Faults { _, f := purchaseOf(t, ""); return f },
			"sales":      func(t *table) diag.Faults { _, f := salesOf(t, some); return f },
			"otherwise":  func(t *table) diag.Faults { _, f := otherwiseOf(t, some); return f },
			"decisions":  func(t *table) diag.Faults { _, f := decisionsOf(t, some); return f },
		} {
			for _, ft := range read(&table{file: "t.csv", data: bytes.Clone(data), given: true}) {
				if ft.What == "" || ft.File == "" || ft.Line < 0 || len(ft.Error()) > 2500 {
					t.Errorf("%s: a poor fault: %#v", kind, ft)
				}
			}
		}
	})
}
