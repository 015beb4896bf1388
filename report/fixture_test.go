package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// The month that the tests show. Worked out by hand:
//
//	tenant   product     last  +  -  now  not charged   sale     amount
//	appel    rds            3  1  1    3            1    6.25      18.75
//	appel    office         4  0  4    0            0   18.00       0.00
//	appel    sql            -  4  0    4            0  171.005    684.02
//	boom     rds            2  0  0    2            0    6.25      12.50   (partner west)
//	citroen  rds            -  -  -    1            0    6.25       6.25   (partner west; no month before)
//	-unassigned rds         0  1  0    1            0
//
// rds: 3+2+1+1 = 7; sql: 4; office: 0. The total of appel is 18.75+684.02 =
// 702.77. 171.005 x 4 = 684.02.
const (
	purchase = "987654.321" // a purchase price: in no annex
	appel    = "Appel & Peer B.V."
	boom     = "Boom Advies"
	citroen  = "Citroën =1+1 Holding"
	anna     = "Anna de Vries"
)

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Skip("no time zone database here")
	}
	return loc
}

func october(t testing.TB) month.Month { return month.New(2026, time.October, amsterdam(t)) }

func oct(d int) month.Day { return month.Date(2026, time.October, d) }

func rdsLine(q, active, excluded int) statement.Line {
	return statement.Line{Product: "rds", PartNumber: "6WC-00002", Unit: statement.UnitUser, Quantity: q, Active: active, Excluded: excluded, UnitPrice: purchase, Currency: "EUR", Amount: "100.00"}
}

func compared(l statement.Line, previous, added, removed int) statement.Line {
	l.Compared, l.Previous, l.Added, l.Removed = true, previous, added, removed
	return l
}

func person(tenant, product, name, account string) statement.Person {
	return statement.Person{
		Tenant: tenant, Product: product, Key: "guid-" + account, Name: name, Units: 1,
		Accounts: []statement.Account{{ID: "guid-" + account, Name: account, DisplayName: name, Directory: "hosting"}},
		Via: statement.Basis{Way: &statement.Way{Kind: statement.ByPool, Pool: "shared", Path: []string{"RDS-Users", "RDS-" + tenant}, Directory: "hosting"},
			Group: snapshot.Evidence{File: "directory/2026-10-01.ldif", Line: 812}, Installed: &statement.Installed{}},
		First: oct(1), Last: oct(31),
	}
}

func fixture(t testing.TB) Input {
	t.Helper()
	sql := statement.Line{Product: "sql", PartNumber: "", Unit: statement.UnitCore, Quantity: 4, Currency: "EUR", UnitPrice: "170.984", Amount: "683.94"}
	office := statement.Line{Product: "office", PartNumber: "OFF-STD", Unit: statement.UnitUser, UnitPrice: "16.74", Currency: "EUR", Amount: "0.00"}
	excluded := person("appel", "rds", "Beheerder Extern", "adm-x")
	excluded.Excluded = &statement.Exclusion{ID: "X1", Ground: register.Admin, Document: "SPLA administrators"}
	active := person("appel", "rds", anna, "avries")
	active.Active = true
	active.Session = &statement.Session{Host: "rdsh-a01", Sighting: snapshot.Sighting{Time: time.Date(2026, 10, 1, 7, 2, 3, 0, time.UTC), EventID: 21, Evidence: snapshot.Evidence{File: "events/RDSH-A01.evtx", Record: 4711}}}
	history := func(first, n int) (out []statement.History) {
		for i := range n {
			m := month.New(2025, time.October, time.UTC).Add(first + i)
			out = append(out, statement.History{Month: m.String(), Quantities: map[string]int{"rds": 2 + i%3, "office": 4}, Computed: i > 2})
		}
		return out
	}
	st := &statement.Statement{
		Month: "2026-10", Status: statement.Complete, State: statement.Draft,
		Products: []statement.Product{
			{ID: "rds", Name: map[string]string{"en": "Remote Desktop Services SAL", "nl": "Extern bureaublad (RDS SAL)"}, PartNumber: "6WC-00002", Unit: statement.UnitUser},
			{ID: "office", Name: map[string]string{"en": "Office Standard SAL", "nl": "Office Standard SAL"}, PartNumber: "OFF-STD", Unit: statement.UnitUser},
			{ID: "sql", Name: map[string]string{"en": "SQL Server Standard (2 cores)", "nl": "SQL Server Standard (2 cores)"}, Unit: statement.UnitCore},
		},
		Lines: []statement.Line{rdsLine(7, 1, 1), office, sql},
		Tenants: []statement.Tenant{
			{ID: "appel", Name: appel, Lines: []statement.Line{compared(rdsLine(3, 1, 1), 3, 1, 1), compared(office, 4, 0, 4), compared(sql, 0, 4, 0)},
				Exclusions: []statement.ExclusionUse{
					{ID: "X1", Product: "rds", Ground: register.Admin, Document: "SPLA administrators", Allowed: 20, Used: 1},
					{ID: "X2", Product: "office", Ground: register.FlexibleVirtual, Document: "MCA 4711", Until: "2026-12-31", Allowed: -1},
				}, History: history(0, 12)},
			{ID: "boom", Name: boom, Partner: "west", Lines: []statement.Line{compared(rdsLine(2, 0, 0), 2, 0, 0)}},
			{ID: "citroen", Name: citroen, Partner: "west", Lines: []statement.Line{rdsLine(1, 0, 0)}},
			{ID: "druif", Name: "Druif Niets"},
			{ID: register.Unassigned, Name: "Niet toegewezen", Lines: []statement.Line{compared(rdsLine(1, 0, 0), 0, 1, 0)}},
		},
		Findings: []statement.Finding{
			{Code: "no-tenant", Severity: statement.High, Tenant: register.Unassigned, Subject: "zwerver", Message: "The account belongs to no customer and is counted.", Action: "Add its organizational unit to tenants.csv.", Product: "rds", Count: 1, New: true},
			{Code: "disabled-in-group", Severity: statement.Low, Tenant: "appel", Subject: "oud", Message: "A disabled account sits in RDS-Users.", Action: "Take it out.", At: &snapshot.Evidence{File: "directory/2026-10-01.ldif", Line: 9}},
		},
		Coverage: statement.Coverage{Sources: []statement.SourceCoverage{
			{Source: "hosting", Kind: statement.CoverageDirectory, Days: []month.Day{oct(1) - 1, oct(1), oct(2), oct(3), oct(5)}},
		}},
		Made:    statement.Made{Version: "test", Rules: "2026-01", RulesHash: "aa", ConfigHash: "bb", PriceHash: "cc", TimeZone: "Europe/Amsterdam", Previous: "2026-09"},
		Persons: statement.PersonsOf(active, excluded, person("appel", "rds", "=1+1", "plus"), person("appel", "rds", "Piet Pietersen", "ppietersen"), person("boom", "rds", "Kees Boom", "kboom"), person("boom", "rds", "Lies Boom", "lboom"), person("citroen", "rds", "Zoë Citroën", "zcit"), person(register.Unassigned, "rds", "Zwerver", "zwerver")),
		Machines: []statement.Machine{
			{Tenant: "appel", Product: "sql", Key: "host:sql01", Host: "SQL01", Edition: "Standard", Cores: 8, Minimum: 4, Times: 1, Packs: 4, First: oct(2), Last: oct(30)},
		},
		Applications: []statement.Application{
			{Tenant: "appel", Pool: "shared", Host: "RDSH-A01", Name: "Microsoft Office Standard 2019", Version: "16.0", Edition: "Standard", Product: "office", Licensable: true, Reach: 3, First: oct(2), Last: oct(30)},
			{Pool: "shared", Host: "RDSH-A01", Name: "Microsoft Word Viewer", Reason: "viewer: needs no licence", First: oct(2), Last: oct(30)},
		},
	}
	price := func(tenant, product, unit string) prices.SalesPrice {
		return prices.SalesPrice{Tenant: tenant, Product: product, Currency: "EUR", Unit: decimal.RequireFromString(unit)}
	}
	cfg := &config.Config{Provider: config.Provider{
		Name: "Voorbeeld Hosting B.V.", Agreement: "S1234567", Enrollment: "7654321", Reporter: config.Reporter{Name: "Licentiebeheer", Email: "licenties@hosting.example"},
		Street: "Havenweg 1", PostalCode: "1000 AA", City: "Amsterdam", Country: "NL", TimeZone: "Europe/Amsterdam", Language: "nl", Currency: "EUR"}}
	cfg.Checks.RightsEnd = 60
	st.Moves = []statement.Move{
		{Tenant: "appel", Product: "rds", Key: "guid-plus", Name: "=1+1", Accounts: "plus", Is: 1, Cause: statement.CauseJoined, Detail: "RDS-Users"},
		{Tenant: "appel", Product: "rds", Key: "guid-weg", Name: "weg", Was: 1, Cause: statement.CauseDeleted, Detail: "hosting"},
		{Tenant: "appel", Product: "sql", Key: "host:sql01", Name: "SQL01", Is: 4, Cause: statement.CauseNew},
	}
	return Input{
		Statement: st, Config: cfg, Month: october(t), Workers: 2,
		Register: &register.Register{
			Tenants: []register.Tenant{
				{ID: "appel", Name: appel, Number: "10023", Street: "Boomgaard 12", Postal: "4100 AB", City: "Culemborg", Country: "NL", Contact: "mevr. J. Appel", Ref: "PO 2026/118", Language: "nl"},
				{ID: "boom", Name: boom, Partner: "west", Street: "Laan 3", Postal: "2500 CD", City: "Den Haag", Country: "NL", Language: "nl"},
				{ID: "citroen", Name: citroen, Partner: "west", Street: "Rue du Port 9", Postal: "1000", City: "Bruxelles", Country: "BE", Language: "en"},
			},
			Partners: []register.Partner{{ID: "west", Name: "Partner West", Street: "Kade 5", Postal: "3000 AA", City: "Rotterdam", Country: "NL", Contact: "dhr. W. West", Language: "nl"}},
		},
		Sales: prices.Sales{price("*", "rds", "6.25"), price("*", "office", "18.00"), price("appel", "sql", "171.005")},
		Earlier: []statement.Earlier{{Month: "2026-09", Computed: true,
			Quantities: []statement.Quantity{{Tenant: "appel", Product: "rds", Quantity: 3, Amount: "90.00"}, {Tenant: "appel", Product: "office", Quantity: 4, Amount: "66.96"}, {Tenant: "boom", Product: "rds", Quantity: 2, Amount: "100.00"}},
			Counted:    snapshot.ListOf([]statement.Counted{{Tenant: "appel", Product: "rds", Key: "guid-avries", Units: 1}, {Tenant: "appel", Product: "rds", Key: "guid-ppietersen", Units: 1}, {Tenant: "appel", Product: "rds", Key: "guid-weg", Units: 1}, {Tenant: "boom", Product: "rds", Key: "guid-kboom", Units: 1}, {Tenant: "boom", Product: "rds", Key: "guid-lboom", Units: 1}}...),
		}},
	}
}

// monthOfTenants is a month of n tenants as the measurements have them: 15 products a
// tenant, 100 users, a year of history.
func monthOfTenants(t testing.TB, n int) Input {
	in := fixture(t)
	st := &statement.Statement{Month: "2026-10", Status: statement.Complete, State: statement.Approved, Made: statement.Made{Previous: "2026-09"}}
	for p := range 15 {
		st.Products = append(st.Products, statement.Product{ID: fmt.Sprintf("p%02d", p), Name: map[string]string{"en": fmt.Sprintf("Product number %d SAL", p)}, PartNumber: fmt.Sprintf("AAA-%05d", p), Unit: statement.UnitUser})
	}
	in.Register = &register.Register{}
	in.Sales = nil
	for i := range n {
		id := fmt.Sprintf("tenant%04d", i)
		t := statement.Tenant{ID: id, Name: "Customer " + id}
		for p := range 15 {
			product := st.Products[p].ID
			t.Lines = append(t.Lines, compared(statement.Line{Product: product, PartNumber: st.Products[p].PartNumber, Unit: statement.UnitUser, Quantity: 100 + p}, 99, p+2, 1))
		}
		for m := range 11 {
			h := statement.History{Month: in.Month.Add(m - 11).String(), Quantities: map[string]int{}, Computed: true}
			for p := range 15 {
				h.Quantities[st.Products[p].ID] = 90 + m
			}
			t.History = append(t.History, h)
		}
		for u := range 100 {
			st.Persons.Add(person(id, st.Products[u%15].ID, fmt.Sprintf("Given Surname%03d", u), fmt.Sprintf("user%04d%03d", i, u)))
		}
		st.Tenants = append(st.Tenants, t)
		in.Register.Tenants = append(in.Register.Tenants, register.Tenant{ID: id, Name: t.Name, Number: "1", Street: "Street 1", Postal: "1000", City: "City", Language: "en", Named: true})
	}
	in.Statement = st
	return in
}
