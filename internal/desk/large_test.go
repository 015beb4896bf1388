package desk

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// large puts a provider of customers, each with as many persons, as October's
// result, and as the view behind it.
func large(w *world, customers, each int) {
	w.t.Helper()
	st := &statement.Statement{Month: "2026-12", Status: statement.Incomplete, State: statement.Open,
		Products: []statement.Product{{ID: "rds", Name: map[string]string{"en": "RDS"}, PartNumber: "6WC-00002", Unit: statement.UnitUser}, {ID: "office", PartNumber: "OFF", Unit: statement.UnitUser}}}
	total := [2]int{}
	first, last := month.Date(2026, 12, 1), month.Date(2026, 12, 31)
	way := &statement.Way{Kind: statement.ByGroup, Path: []string{"RDS-All"}}
	for c := range customers {
		t := statement.Tenant{ID: fmt.Sprintf("c%04d", c), Name: fmt.Sprintf("Customer %04d", c)}
		for p, product := range []string{"rds", "office"} {
			n := each
			if p == 1 {
				n = each / 2
			}
			total[p] += n
			t.Lines = append(t.Lines, statement.Line{Product: product, PartNumber: st.Products[p].PartNumber, Unit: statement.UnitUser, Quantity: n, Active: n, Amount: "1000.00", Currency: "EUR", UnitPrice: "4.10",
				Compared: true, Previous: n - 1, Added: 1, Changes: []statement.Change{{Cause: statement.CauseJoined, Added: 1}}})
			for i := range n {
				st.Persons.Add(statement.Person{Tenant: t.ID, Product: product, Key: fmt.Sprintf("%s-%d", t.ID, i), Name: fmt.Sprintf("Person %06d", (c*each+i)*7919%1000000),
					Accounts: []statement.Account{{ID: fmt.Sprint(c, i), Name: fmt.Sprintf("u%d.%d", c, i), DN: "CN=x,DC=y"}}, Units: 1, Via: statement.Basis{Way: way, Installed: &statement.Installed{}}, First: first, Last: last, Active: true})
			}
		}
		for h := range 12 {
			t.History = append(t.History, statement.History{Month: fmt.Sprintf("2025-%02d", h+1), Computed: true, Quantities: map[string]int{"rds": each, "office": each / 2}})
		}
		st.Tenants = append(st.Tenants, t)
		st.Findings = append(st.Findings, statement.Finding{Code: "disabled-in-group", Severity: statement.Low, Tenant: t.ID, Subject: fmt.Sprintf("u%d", c), Message: "was disabled all month and still sits in a group", Action: "take it out", New: c%3 == 0},
			statement.Finding{Code: "product-pair", Severity: statement.High, Tenant: t.ID, Subject: fmt.Sprintf("v%d", c), Message: "is entitled to Office and not to RDS", Action: "look"})
		st.Coverage.Gaps = append(st.Coverage.Gaps, statement.Gap{Source: "logs", Kind: "logs", Host: fmt.Sprintf("h%d", c), Message: "nothing was read", Action: "collect"})
		st.Coverage.Sources = append(st.Coverage.Sources, statement.SourceCoverage{Source: "logs", Kind: statement.CoverageSessions, Host: fmt.Sprintf("h%d", c), Days: []month.Day{first, last}})
		st.Questions = append(st.Questions, statement.Question{Key: fmt.Sprintf("question|title|t%d", c), Kind: statement.AskTitle, Subject: fmt.Sprintf("t%d", c), Message: "nobody knows this title", Answers: []register.Answer{register.Free}, Units: 1, Amount: "4.10", Currency: "EUR"})
	}
	for p := range total {
		st.Lines = append(st.Lines, statement.Line{Product: st.Products[p].ID, PartNumber: st.Products[p].PartNumber, Unit: statement.UnitUser, Quantity: total[p], Amount: "1000000.00", Currency: "EUR"})
	}
	if err := w.st.PutResult(w.t.Context(), st); err != nil {
		w.t.Fatal(err)
	}
	b := w.as(Person{Role: Approver})
	// The view is what counting again gives; here it is put in its place.
	v := &view{done: make(chan struct{}), used: w.clock()}
	v.index(w.s, st)
	close(v.done)
	_, body := b.get(largeMonth)
	token := body[strings.Index(body, `data-token="`)+12:]
	token = token[:strings.Index(token, `"`)]
	w.s.views.mu.Lock()
	w.s.views.by = map[string]*view{largeMonth + " " + token: v}
	w.s.views.mu.Unlock()
}

const largeMonth = "/m/2026-12/r0"

// With 1,000 customers and 100,000 persons every page comes within 300 ms, and
// none shows more than its page.
func TestLargeMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a month of 100,000 persons")
	}
	w := newWorld(t, nil)
	large(w, 1000, 100)
	b := w.approver()
	find := func(to, q string) string {
		path := ""
		b.c.CheckRedirect = nil
		_, body := b.post("/find", url.Values{"to": {to}, "q": {q}})
		_ = body
		for id, text := range w.session(b).finds {
			if text == q {
				path = to + "?f=" + id
			}
		}
		return path
	}
	pages := []string{"/", largeMonth, largeMonth + "/customers", largeMonth + "/customers?p=7", largeMonth + "/customers?show=todo", largeMonth + "/c/c0500", largeMonth + "/why/c0500/rds", largeMonth + "/why/all/rds",
		largeMonth + "/why/all/rds?p=900", largeMonth + "/questions", largeMonth + "/findings/product-pair", largeMonth + "/sources", largeMonth + "/sign", find(largeMonth+"/why/all/rds", "person 0001"), find("/search", "person 00012")}
	for _, p := range pages {
		best := time.Hour
		var body string
		for range 3 {
			began := time.Now()
			var status int
			if status, body = b.get(p); status != 200 {
				t.Fatalf("%s answers %d", p, status)
			}
			best = min(best, time.Since(began))
		}
		rows := strings.Count(body, "<tr") + strings.Count(body, "data-row")
		t.Logf("%-40s %v, %d kB, %d rows", p, best.Round(time.Millisecond), len(body)/1024, rows)
		if best > 300*time.Millisecond {
			t.Errorf("%s takes %v", p, best)
		}
		if rows > 12*pageSize {
			t.Errorf("%s shows %d rows", p, rows)
		}
	}
}

// session is a browser's session.
func (w *world) session(b *browser) *session {
	u, _ := url.Parse(w.url)
	for _, c := range b.c.Jar.Cookies(u) {
		if c.Name == cookie {
			w.s.sessions.mu.Lock()
			defer w.s.sessions.mu.Unlock()
			return w.s.sessions.byID[c.Value]
		}
	}
	w.t.Fatal("the browser has no session")
	return nil
}
