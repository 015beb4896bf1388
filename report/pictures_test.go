package report

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// Workbooks of 3, 40 and 400 lines, customers and persons, Dutch and English,
// for whoever wants to look at them: SPLAMETER_PICTURES names the folder.
// LibreOffice makes pages of them.
func TestWorkbooksToLookAt(t *testing.T) {
	dir := os.Getenv("SPLAMETER_PICTURES")
	if dir == "" || testing.Short() {
		t.Skip("SPLAMETER_PICTURES names no folder for workbooks")
	}
	for _, language := range []string{"nl", "en"} {
		for _, n := range []int{3, 40, 400} {
			in := monthToLookAt(t, language, n)
			w, err := New(in)
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(dir, fmt.Sprintf("%s-%d", language, n))
			if err := os.MkdirAll(to, 0o750); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(t.Context(), to); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// monthToLookAt is a month of n customers. The first of them has n products and
// n persons on its annex; all but the first two come through one partner. Texts
// are as long as real ones are.
func monthToLookAt(t testing.TB, language string, n int) Input {
	in := fixture(t)
	in.Config.Provider.Language = language
	in.Config.Report.Prices = true
	in.Config.Calendar.DeadlineDay = 10
	in.Config.Checks.ChangeLook = 3
	st := in.Statement
	st.Status, st.State = statement.Incomplete, statement.Draft
	st.Persons, st.Machines, st.Applications, st.Moves, st.Tenants, st.Lines = statement.Persons{}, nil, nil, nil, nil, nil
	st.Products = []statement.Product{
		{ID: "rds", Name: map[string]string{"en": "Windows Server Remote Desktop Services SAL", "nl": "Windows Server Remote Desktop Services SAL"}, PartNumber: "6WC-00002", Unit: statement.UnitUser},
		{ID: "office", Name: map[string]string{"en": "Office Professional Plus SAL", "nl": "Office Professional Plus SAL"}, PartNumber: "79P-01746", Unit: statement.UnitUser},
		{ID: "sql", Name: map[string]string{"en": "SQL Server Standard Core (2 cores)", "nl": "SQL Server Standard Core (2 cores)"}, PartNumber: "7NQ-00302", Unit: statement.UnitCore},
	}
	for i := 3; i < n; i++ {
		st.Products = append(st.Products, statement.Product{ID: fmt.Sprintf("p%03d", i), Name: map[string]string{"en": fmt.Sprintf("Product with a name of usual length %d SAL", i)}, PartNumber: fmt.Sprintf("AAA-%05d", i), Unit: statement.UnitUser})
	}
	line := func(product, i, quantity, previous, added, removed int) statement.Line {
		p := &st.Products[product]
		l := compared(statement.Line{Product: p.ID, PartNumber: p.PartNumber, Unit: p.Unit, Quantity: quantity, Active: quantity * 2 / 3, UnitPrice: "14.35", Currency: "EUR", Amount: fmt.Sprintf("%d.%02d", quantity*1435/100, quantity*1435%100)}, previous, added, removed)
		if added > 0 {
			l.Changes = append(l.Changes, statement.Change{Cause: statement.CauseJoined, Detail: "RDS-Gebruikers", Day: fmt.Sprintf("2026-10-%02d", 1+i%28), Added: added})
		}
		if removed > 1 {
			l.Changes = append(l.Changes, statement.Change{Cause: statement.CauseDisabled, Day: "2026-10-12", Removed: removed - 1})
		}
		if removed > 0 {
			l.Changes = append(l.Changes, statement.Change{Cause: statement.CauseDeleted, Detail: "hosting", Day: "2026-10-19", Removed: 1})
		}
		return l
	}
	trades := []string{"Accountantskantoor", "Bouw- en aannemersbedrijf", "Tandartsenpraktijk", "Drukkerij", "Stichting Zorggroep"}
	places := []string{"Bergen op Zoom", "Culemborg", "'s-Hertogenbosch", "Oss", "Zaltbommel", "Etten-Leur", "IJmuiden"}
	in.Register, in.Sales = &register.Register{}, nil
	in.Register.Partners = []register.Partner{{ID: "west", Name: "Automatiseringsbedrijf West B.V.", Street: "Kade 5", Postal: "3000 AA", City: "Rotterdam", Country: "NL", Contact: "dhr. W. West", Language: language}}
	totals := map[string]*statement.Line{}
	var before statement.Earlier
	before.Month, before.Computed = "2026-09", true
	for i := range n {
		id := fmt.Sprintf("k%03d", i)
		x := statement.Tenant{ID: id, Name: fmt.Sprintf("%s %s B.V.", trades[i%5], places[i%7])}
		reg := register.Tenant{ID: id, Name: x.Name, Number: fmt.Sprint(10001 + i), Street: "Dorpsstraat " + fmt.Sprint(i+1), Postal: "4100 AB", City: places[i%7], Country: "NL", Contact: "mevr. J. van der Zwaluw-Appelboom", Email: "licenties@" + id + ".example", Ref: "PO 2026/118", Language: language, Named: i == 0}
		if i > 1 {
			x.Partner, reg.Partner = "west", "west"
		}
		products := 3
		if i == 0 {
			products = n
		}
		for p := range products {
			was := 5 + (i*7+p*3)%40
			added, removed := (i+p)%5, (i*3+p)%3
			if (i+p)%3 == 0 {
				added, removed = 0, 0
			}
			l := line(p, i, was+added-removed, was, added, removed)
			if i%19 == 3 && p == 0 {
				l.Changes = []statement.Change{{Cause: statement.CauseUnexplained, Removed: removed}}
			}
			x.Lines = append(x.Lines, l)
			sum := totals[l.Product]
			if sum == nil {
				sum = &statement.Line{Product: l.Product, PartNumber: l.PartNumber, Unit: l.Unit, UnitPrice: l.UnitPrice, Currency: "EUR", Compared: true}
				totals[l.Product] = sum
			}
			sum.Quantity, sum.Previous, sum.Added, sum.Removed, sum.Active = sum.Quantity+l.Quantity, sum.Previous+was, sum.Added+added, sum.Removed+removed, sum.Active+l.Active
			sum.Amount = fmt.Sprintf("%d.%02d", sum.Quantity*1435/100, sum.Quantity*1435%100)
			before.Quantities = append(before.Quantities, statement.Quantity{Tenant: id, Product: l.Product, Quantity: was, Amount: fmt.Sprintf("%d.%02d", was*1435/100, was*1435%100)})
		}
		for m := range 12 {
			h := statement.History{Month: month.New(2025, 10, in.Month.Location()).Add(m).String(), Quantities: map[string]int{}, Computed: m > 2}
			for j := range x.Lines {
				h.Quantities[x.Lines[j].Product] = max(0, x.Lines[j].Quantity-m%4)
			}
			x.History = append(x.History, h)
		}
		if i%6 == 0 {
			x.Exclusions = []statement.ExclusionUse{{ID: "X" + fmt.Sprint(i), Product: "office", Ground: register.FlexibleVirtual, Document: "Microsoft Customer Agreement 4711, bijlage B", Until: "2026-12-31", Allowed: 25, Used: 3}}
		}
		users := 3
		if i == 0 {
			users = n
		}
		for u := range users {
			st.Persons.Add(person(id, "rds", fmt.Sprintf("Anna-Margaretha van den Oosterkamp %d", u), fmt.Sprintf("a.vandenoosterkamp%d", u)))
		}
		st.Tenants = append(st.Tenants, x)
		in.Register.Tenants = append(in.Register.Tenants, reg)
		if i%4 == 0 {
			st.Findings = append(st.Findings, statement.Finding{Code: "disabled-in-group", Severity: statement.Low, Tenant: id, Subject: "oud" + fmt.Sprint(i), Product: "rds", Count: 1, New: i%8 == 0,
				Message: "The account is disabled, and still sits in a group that gives access.", Action: "Take it out of the group."})
		}
		if i%37 == 1 {
			st.Findings = append(st.Findings, statement.Finding{Code: "product-pair", Severity: statement.High, Tenant: id, Subject: "a.appelboom", Product: "office", Count: 2, New: true,
				Message: "Two persons can use Office and not Remote Desktop Services.", Action: "Give them access to the pool, or take Office away."})
		}
	}
	for i := range st.Products {
		st.Lines = append(st.Lines, *totals[st.Products[i].ID])
	}
	st.Coverage.Gaps = []statement.Gap{
		{Source: "farm", Kind: statement.CoverageSessions, Host: "RDSH-04.hosting.example", From: "2026-10-12", Until: "2026-10-19", Message: "its log does not reach from one reading to the next: 4,211 records are missing", Action: "read the log, or accept the gap"},
		{Source: "hosting", Kind: statement.CoverageDirectory, From: "2026-10-04", Until: "2026-10-04", Message: "was not read on this day", Action: "accept the gap", Accepted: "C. de Vries: change window"},
	}
	st.Questions = []statement.Question{{Key: "question|title|microsoft visio viewer 2016", Kind: statement.AskTitle, Subject: "Microsoft Visio Viewer 2016", About: []string{"RDSH-01", "RDSH-02"}, Count: 2, Units: 40, Amount: "574.00", Currency: "EUR", Assumed: "counted as a product",
		Message: "Microsoft Visio Viewer 2016 is on 2 hosts, and nothing says what it is.", Action: "Say that it is free, or name its product in the rules.", Answers: []register.Answer{"free"}}}
	in.Earlier = []statement.Earlier{before}
	in.Anchor = "evidence-2026-10.zip, SHA-256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	return in
}
