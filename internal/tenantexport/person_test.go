package tenantexport

import (
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Two persons of one name, and two accounts of one name in two domains: what is
// held of the one is never handed to the other. Whoever is called so by name
// alone is asked for by what tells the accounts apart; a session that gives a
// name without a domain belongs to neither.
func TestAPersonIsNotAnother(t *testing.T) {
	m, err := month.Parse("2026-10", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	account := func(id, name, display string) snapshot.AccountSpan {
		return snapshot.AccountSpan{Account: snapshot.Account{ID: id, SID: "S-" + id, Name: name, UPN: name + "@" + id + ".example", DisplayName: display, Mail: id + "@mail.example"}}
	}
	directory := func(domain string, accounts ...snapshot.AccountSpan) snapshot.DirectoryMonth {
		return snapshot.DirectoryMonth{Source: domain, Domain: domain, DNS: strings.ToLower(domain) + ".local", Taken: []snapshot.Taken{{}}, Accounts: snapshot.ListOf(accounts...)}
	}
	facts := &snapshot.Facts{Month: m,
		Directories: []snapshot.DirectoryMonth{directory("EEN", account("a", "jan", "Jan de Boer"), account("b", "boer", "Jan de Boer"), account("e", "kees", "Kees")), directory("TWEE", account("c", "jan", "J. Anders"))},
		Uses: snapshot.ListOf(snapshot.Use{User: "jan", Name: "Jan", Host: "h1"}, snapshot.Use{User: `een\jan`, Host: "h2"}, snapshot.Use{User: `twee\jan`, Host: "h3"}, snapshot.Use{User: "jan@een.local", Host: "h4"},
			snapshot.Use{User: "kees", Host: "h5"}, snapshot.Use{User: "x", SID: "S-a", Host: "h6"}, snapshot.Use{User: "weg", Name: "Weg", Host: "h7"}),
	}
	for _, c := range []struct{ who, accounts, hosts, refused string }{
		{"jan", "", "", `EEN\jan, TWEE\jan`},
		{"Jan de Boer", "", "", `EEN\boer, EEN\jan`},
		{`een\JAN`, "a", "h2 h4 h6", ""},
		{"A@mail.example", "a", "h2 h4 h6", ""},
		{"c", "c", "h3", ""},
		{"boer", "b", "", ""},
		{"Kees", "e", "h5", ""},
		{"weg", "", "h7", ""},
		{"nobody", "", "", ""},
	} {
		x := newTables()
		_, err := x.heldOf(m, facts, c.who)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) || len(x.accounts.Rows)+len(x.sessions.Rows) > 0 {
				t.Errorf("%s: %v", c.who, err)
			}
			continue
		}
		var accounts, hosts []string
		for _, r := range x.accounts.Rows {
			accounts = append(accounts, r[1])
		}
		for _, r := range x.sessions.Rows {
			hosts = append(hosts, r[3])
		}
		if a, h := strings.Join(accounts, " "), strings.Join(hosts, " "); err != nil || a != c.accounts || h != c.hosts {
			t.Errorf("%s: accounts %q, sessions on %q, %v", c.who, a, h, err)
		}
	}
	// By an address that is another's name: both are called so.
	facts.Directories[0].Accounts = snapshot.ListOf(account("a", "jan", "b@mail.example"), account("b", "boer", "x"))
	if _, err := newTables().heldOf(m, facts, "b@mail.example"); err == nil {
		t.Error("an account whose name is another's address was given along")
	}
}
