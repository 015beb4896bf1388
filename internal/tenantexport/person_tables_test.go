package tenantexport

import (
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/store"
)

// Besides accounts and sessions a person stands in the tables kept by hand and
// in the log of what was mailed: by an address of the accounts found too, and
// never where only a part of a text is the same.
func TestAPersonStandsInTables(t *testing.T) {
	reg := &register.Register{
		Tenants: []register.Tenant{
			{ID: "molen", Contact: "Karel Molenaar", Email: "K.Molenaar@molen.example", Line: 2},
			{ID: "zorg", Contact: "mevrouw K. Molenaar-Bos", Email: "info@zorg.example", Line: 3},
		},
		Partners:   []register.Partner{{ID: "p", Contact: "karel molenaar ", Line: 4}},
		Exclusions: []register.Exclusion{{ID: "X", Match: register.Match{Kind: register.MatchUser, Pattern: "k.molenaar"}, Document: "D-1", Line: 5}, {ID: "Y", Match: register.Match{Kind: register.MatchUser, Pattern: "k.*"}, Line: 6}},
		Shared:     []register.SharedAccount{{Account: "balie", Line: 7}},
	}
	decisions := []register.Decision{{Key: "question|person|K.MOLENAAR", By: "C. de Vries", Reason: "own", Line: 8}, {Subject: "other", By: "Karel Molenaar", Reason: "seen", Line: 9}, {Key: "question|person|k.molenaars", Line: 10}}
	c := calls{}
	c.add("Karel Molenaar")
	accounts := newTables().accounts
	accounts.add("2026-10", "id-1", "S-1", "user", "k.molenaar", "k.molenaar@molen.example", "Karel Molenaar", "k.molenaar@molen.example", "", "", "", "", "", "", "", "", "")
	c.accounts(&accounts)
	var got []string
	for _, r := range c.entries(reg, decisions).Rows {
		got = append(got, strings.Join(r[:3], " "))
	}
	const want = "tenants 2 contact, tenants 2 email, resellers 4 contact, exclusions 5 match, decisions 8 key, decisions 9 by"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	log := []store.Delivery{{Month: "2026-09", To: "k.molenaar@MOLEN.example"}, {Month: "2026-10", To: "info@zorg.example"}, {Month: "2026-11", By: "Karel Molenaar"}, {Month: "2026-12", Account: "K.Molenaar"}}
	if m := c.mails(log); len(m.Rows) != 3 || m.Rows[0][0] != "2026-09" || m.Rows[1][0] != "2026-11" || m.Rows[2][0] != "2026-12" {
		t.Errorf("%v", m.Rows)
	}
}
