package tables

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/diag"
	"splameter/internal/register"
)

// file writes a table and returns its path.
func file(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var some = []register.Tenant{{ID: "alfa"}, {ID: "bravo"}}

// The readers by the names that the tests give them.
func reader(t testing.TB, kind, path string) diag.Faults {
	t.Helper()
	var f diag.Faults
	switch kind {
	case "tenants":
		_, f = Tenants(path)
	case "resellers":
		_, f = Partners(path)
	case "exclusions":
		_, f = Exclusions(path, some)
	case "shared":
		_, f = SharedAccounts(path, some)
	case "prices":
		_, f = Prices(path, "")
	case "sales":
		_, f = SalesPrices(path, some)
	case "decisions":
		_, f = Decisions(path, some)
	default:
		t.Fatal("no such table: ", kind)
	}
	return f
}

const (
	tenantsHead    = "id,name,ou,from,until,street,internal,language,country,email,reseller,suspended_from,suspended_until\n"
	exclusionsHead = "id,tenant,product,ground,match,quantity,document,from,until\n"
	pricesHead     = "part_number,currency,unit_price,from,until\n"
	salesHead      = "tenant,product,currency,price,from,until\n"
	sharedHead     = "tenant,account,persons,ids,document,from,until\n"
	decisionsHead  = "key,code,tenant,subject,decision,by,reason,until\n"
	resellersHead  = "id,name,annex_to\n"
)

// One file a kind of fault, each with the exact message behind its path.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, kind, text, want string }{
		// The form of any table.
		{"empty", "tenants", "", ":1:1: the file is empty; write a first line with the names of the columns: id, name, ou"},
		{"zero byte", "tenants", "id,name,ou\na,\x00,\n", `:2: the file holds a zero byte and is no text; save it as "CSV UTF-8"`},
		{"long line", "tenants", "id,name,ou\na," + strings.Repeat("x", maxLine) + ",\n", ":2: the line is longer than 1 MiB; check that it is the right file"},
		{"missing columns", "tenants", "id,address\na,b\n", ":1:1: the first line names no column name, ou; write it in, as it stands here"},
		{"column twice", "tenants", "id,name,ou,Name\n", `:1:12: the column "name" stands here twice; keep one of them`},
		{"column twice by another name", "tenants", "id,name,ou,number,customer_number\n", `:1:19: the column "number" stands here twice; keep one of them`},
		{"misspelt column", "tenants", "id,name,ou,named_user\na,A,,yes\n", `:1:12: the column "named_user" is not known; did you mean "named_users"? A column of your own begins with x_`},
		{"row too short", "tenants", "id,name,ou\na,A\n", ":2: the row has 2 cells and the first line 3; put a cell that holds the separator in quotes, and write a separator for each empty cell"},
		{"row too long", "tenants", "id,name,ou\na,A,OU=a,DC=b\n", ":2: the row has 4 cells and the first line 3; put a cell that holds the separator in quotes, and write a separator for each empty cell"},
		{"column without name", "tenants", "id,name,ou,\na,A,,x\n", ":2:6: the cell stands in a column without a name; name the column in the first line, or remove the cell"},
		{"bare quote", "tenants", "id,name,ou\na,A \"B\",\n", `:2:5: a quote stands in the middle of a cell; put the whole cell in quotes and write "" for a quote in it`},
		{"open quote", "tenants", "id,name,ou\na,A,\na,\"A,\nb,B,\n", `:3:1: a cell in quotes goes on after its closing quote, or is never closed; close the quote before the separator, and write "" for a quote in it`},

		// Tenants.
		{"no id", "tenants", tenantsHead + ",A,,,,,,,,,,,\n", ":2:1: the tenant's id is missing; write it in the column id"},
		{"no name", "tenants", tenantsHead + "a,,,,,,,,,,,,\n", `:2: the tenant "a" has no name; write it in the column name`},
		{"id like ours", "tenants", tenantsHead + "-shared,A,,,,,,,,,,,\n", `:2:1: the tenant's id "-shared" does not begin with a letter or a digit; begin it with one`},
		{"id with separator", "tenants", tenantsHead + "a/../b,A,,,,,,,,,,,\n", `:2:1: the tenant's id "a/../b" holds a path separator; use letters, digits, - and _`},
		{"id with control", "tenants", tenantsHead + "a\x1bb,A,,,,,,,,,,,\n", `:2:1: the tenant's id "a\x1bb" holds a character that cannot be seen; use letters, digits, - and _`},
		{"id turned round", "tenants", tenantsHead + "a\u202eb,A,,,,,,,,,,,\n", `:2:1: the tenant's id "a\u202eb" holds a character that cannot be seen; use letters, digits, - and _`},
		{"id for all", "tenants", tenantsHead + "a*,A,,,,,,,,,,,\n", `:2:1: the tenant's id "a*" holds a character that no file name may hold; use letters, digits, - and _`},
		{"id of a device", "tenants", tenantsHead + "aux.nl,A,,,,,,,,,,,\n", `:2:1: the tenant's id "aux.nl" is the name of a device on Windows; choose another`},
		{"id in another case", "tenants", tenantsHead + "alfa,A,,,,,,,,,,,\nALFA,B,,,,,,,,,,,\n", `:3:1: the tenant "ALFA" differs from the one on line 2 in upper and lower case only; write both alike if they are one, or choose another id`},
		{"two names", "tenants", tenantsHead + "a,A,OU=x,,,,,,,,,,\na,B,OU=y,,,,,,,,,,\n", `:3:3: name of the tenant "a" is another than on line 2; write the same in each row of a tenant, or leave it empty in all but one`},
		{"no ou", "tenants", tenantsHead + "a,A,Customers,,,,,,,,,,\n", `:2:5: "Customers" is no distinguished name; write it as "OU=customer,OU=Customers,DC=host,DC=example", in quotes`},
		{"one ou, two tenants", "tenants", tenantsHead + "a,A,\"OU=x, DC=y\",2026-01-01,2026-06-30,,,,,,,,\nb,B,\"ou=X,dc=y\",2026-06-30,,,,,,,,,\n", `:3: the organizational unit "ou=X,dc=y" is "a"'s on line 2 at the same time; give it to one tenant, or write a from and until that do not overlap`},
		{"period", "tenants", tenantsHead + "a,A,OU=x,2026-02-01,2026-01-31,,,,,,,,\n", ":2:21: the period ends on 2026-01-31, before it begins on 2026-02-01; write a date that is not before from"},
		{"no date", "tenants", tenantsHead + "a,A,OU=x,1-2-2026,,,,,,,,,\n", `:2:10: "1-2-2026" may have the day first or the month, and no date in the file proves which; write it as YYYY-MM-DD`},
		{"no such date", "tenants", tenantsHead + "a,A,OU=x,2027-02-29,,,,,,,,,\n", `:2:10: "2027-02-29" is no date; write it as YYYY-MM-DD`},
		{"internal", "tenants", tenantsHead + "a,A,,,,,perhaps,,,,,,\n", `:2:9: "perhaps" is neither yes nor no; write yes, or leave it empty`},
		{"language", "tenants", tenantsHead + "a,A,,,,,,DE,,,,,\n", `:2:10: "DE" is no language that splameter writes; write nl or en, or leave it empty for the provider's own`},
		{"country", "tenants", tenantsHead + "a,A,,,,,,,Nederland,,,,\n", `:2:11: "Nederland" is no country; write its two letters, such as NL`},
		{"email", "tenants", tenantsHead + "a,A,,,,,,,,a@b@c,,,\n", `:2:12: "a@b@c" is no e-mail address; write one address, such as name@customer.example`},
		{"suspension", "tenants", tenantsHead + "a,A,,,,,,,,,,2026-02-01,2026-01-01\n", ":2:25: the suspension ends on 2026-01-01, before it begins on 2026-02-01; write a date that is not before suspended_from"},
		{"columns in characters", "tenants", tenantsHead + "ë,Ë,ëë,,,,,,,,,,\n", `:2:5: "ëë" is no distinguished name; write it as "OU=customer,OU=Customers,DC=host,DC=example", in quotes`},

		// Resellers.
		{"annex_to", "resellers", resellersHead + "p,P,nobody\n", `:2:5: "nobody" is nobody whom an annex goes to; write partner, customer or both`},
		{"reseller twice", "resellers", resellersHead + "p,P,\nP,Q,\n", `:3:1: the reseller "P" stands here again, first on line 2; keep one row, or choose another id, different in more than upper and lower case`},

		// Exclusions.
		{"unknown tenant", "exclusions", exclusionsHead + "X,charlie,*,admin,*,,,,\n", `:2:3: there is no tenant "charlie"; write an id from the tenants table, or * for all`},
		{"misspelt tenant", "exclusions", exclusionsHead + "X,Alfa,*,admin,*,,,,\n", `:2:3: there is no tenant "Alfa"; did you mean "alfa"?`},
		{"no tenant", "exclusions", exclusionsHead + "X,,*,admin,*,,,,\n", ":2:3: the tenant is missing; write its id, or * for all"},
		{"no product", "exclusions", exclusionsHead + "X,alfa,,admin,*,,,,\n", ":2:8: the product is missing; write it in the column product"},
		{"misspelt ground", "exclusions", exclusionsHead + "X,*,*,Administrator,*,,,,\n", `:2:7: "Administrator" is no ground for an exclusion; write one of admin, service-account, demo, evaluation, customer-owned, flexible-virtualization, license-mobility, passive-node, disaster-recovery, provider-test`},
		{"nearly a ground", "exclusions", exclusionsHead + "X,*,*,licence-mobility,*,,,,\n", `:2:7: "licence-mobility" is no ground for an exclusion; did you mean "license-mobility"?`},
		{"match", "exclusions", exclusionsHead + "X,*,*,admin,svc-*,,,,\n", `:2:13: "svc-*" does not say whom it matches; write user:GLOB, group:NAME, host:GLOB, or * for all`},
		{"match of nothing", "exclusions", exclusionsHead + "X,*,*,admin,group:,,,,\n", `:2:13: "group:" does not say whom it matches; write user:GLOB, group:NAME, host:GLOB, or * for all`},
		{"no match", "exclusions", exclusionsHead + "X,*,*,admin,,,,,\n", ":2:13: the match is missing; write user:GLOB, group:NAME, host:GLOB, or * for all"},
		{"quantity", "exclusions", exclusionsHead + "X,*,*,admin,*,-1,,,\n", `:2:15: "-1" is no whole number from 0 on; write digits only, such as 12`},
		{"large quantity", "exclusions", exclusionsHead + "X,*,*,admin,*,99999999999999999999,,,\n", `:2:15: "99999999999999999999" is no whole number from 0 on; write digits only, such as 12`},
		{"entry twice", "exclusions", exclusionsHead + "X1,*,*,admin,*,,,,\nx1,*,*,demo,*,,,,\n", `:3:1: the entry "x1" stands here again, first on line 2; give each entry an id of its own`},

		// Prices.
		{"comma", "prices", "part_number;currency;unit_price;from;until\n6WC-00002;EUR;1,234;;\n", `:2:15: "1,234" is 1234 or 1.234, and nothing in the file proves which; write two decimals, here or in another row`},
		{"exponent", "prices", pricesHead + "a,EUR,1e999999999,,\n", `:2:7: "1e999999999" is no price; write digits and a point, such as 4.19`},
		{"negative", "prices", pricesHead + "a,EUR,-1,,\n", `:2:7: "-1" is no price; write digits and a point, such as 4.19`},
		{"no price", "prices", pricesHead + "a,EUR,,,\n", ":2:7: the price is missing; write digits and a point, such as 4.19"},
		{"no part number", "prices", pricesHead + ",EUR,1,,\n", ":2:1: the part number is missing; write it in the column part_number"},
		{"currency", "prices", pricesHead + "a,€,1,,\n", `:2:3: "€" is no currency; write its three letters, such as EUR`},
		{"overlap", "prices", pricesHead + "A,EUR,1,2025-01-01,2026-01-01\na,EUR,2,2026-01-01,\n", `:3:9: the part number "a" has another price at the same time on line 2; end one on the day before the other begins`},
		{"overlap of a long one", "prices", pricesHead + "a,EUR,1,2025-01-01,2025-12-31\na,EUR,2,2025-02-01,2025-02-28\na,EUR,3,2025-06-01,\n",
			`:3:9: the part number "a" has another price at the same time on line 2; end one on the day before the other begins` + "\n" +
				`:4:9: the part number "a" has another price at the same time on line 3; end one on the day before the other begins`},
		{"two open ones", "prices", pricesHead + "a,EUR,1,,\nb,EUR,1,,\na,EUR,2,,\n", `:4:9: the part number "a" has another price at the same time on line 2; end one on the day before the other begins`},
		{"sales overlap", "sales", salesHead + "*,rds,EUR,1,,\nalfa,rds,EUR,1,,\n*,rds,EUR,2,,\n", `:4:13: the product "rds" for "*" has another price at the same time on line 2; end one on the day before the other begins`},

		// Shared accounts.
		{"no persons", "shared", sharedHead + "alfa,desk,,,,,\n", ":2:11: the number of persons is missing; write how many persons use the account"},
		{"nobody", "shared", sharedHead + "alfa,desk,0,,,,\n", ":2:11: nobody would use the account; write how many persons use it, at least 1"},
		{"more ids than persons", "shared", sharedHead + "alfa,desk,1,7;8,,,\n", ":2:11: 1 person are said to use the account, and 2 are named; write at least as many persons as ids"},
		{"id twice", "shared", sharedHead + "alfa,desk,2,A7; a7,,,\n", `:2:13: the id "a7" stands here twice; name each person once`},
		{"account twice", "shared", sharedHead + "alfa,desk,2,,,,\nalfa,Desk,3,,,,\n", `:3:6: the account "Desk" stands here again, first on line 2, at the same time; keep one of them, or write a from and until that do not overlap`},

		// Decisions.
		{"of what", "decisions", decisionsHead + ",,alfa,x,accepted,J,because,\n", ":2:1: the row does not say which finding is decided on; write its key, or the code of all findings like it"},
		{"neither column", "decisions", "decision,by,reason,until\n", ":1:1: the first line names neither a column key nor a column code; write one of them: it says which finding is decided on"},
		{"unknown decision", "decisions", decisionsHead + "k,,,,Ignored,J,because,\n", `:2:6: "Ignored" is no decision that splameter knows; write accepted, or beside a question's key one of the answers that it names`},
		{"nobody's", "decisions", decisionsHead + "k,,,,accepted,,because,\n", ":2:15: the name of who decided is missing; write it in the column by"},
		{"no reason", "decisions", decisionsHead + "k,,,,accepted,J,,\n", ":2:17: the reason is missing; write it in the column reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := file(t, c.text)
			if got := strings.ReplaceAll(reader(t, c.kind, path).Error(), path, ""); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.csv")
	for _, kind := range []string{"tenants", "resellers", "exclusions", "shared", "prices", "sales", "decisions"} {
		if faults := reader(t, kind, ""); len(faults) > 0 {
			t.Errorf("%s: the config names none: %v", kind, faults)
		}
		want := path + ": there is no such file, and the config names it; correct the name in the config, or put the file there"
		if got := reader(t, kind, path).Error(); got != want {
			t.Errorf("%s: got %s", kind, got)
		}
	}
	dir := t.TempDir()
	if got := reader(t, "tenants", dir).Error(); !strings.HasPrefix(got, dir+": the file cannot be read: ") {
		t.Error(got)
	}
}

// Faults are many and the memory for them is not: 300, and that there are more.
func TestManyFaults(t *testing.T) {
	path := file(t, exclusionsHead+strings.Repeat("X,nobody,,,,,,,\n", 50_000))
	faults := reader(t, "exclusions", path)
	if len(faults) != maxFaults+1 || !strings.Contains(faults.Error(), "more than 300 faults; what follows is not shown; correct those first") {
		t.Errorf("%d faults", len(faults))
	}
}

func TestTooManyRows(t *testing.T) {
	path := file(t, pricesHead+strings.Repeat("a,EUR,1,,\n", maxRows+1))
	want := path + ":200002: the table has more than 200000 rows; check that it is the right file"
	if got := reader(t, "prices", path).Error(); got != want {
		t.Error(got)
	}
	path = file(t, strings.Repeat("x", maxSize+1))
	if want, got := path+": the file is larger than 32 MiB; check that it is the right file", reader(t, "prices", path).Error(); got != want {
		t.Error(got)
	}
}
