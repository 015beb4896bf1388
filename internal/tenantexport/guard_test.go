package tenantexport

import (
	"slices"
	"testing"

	"splameter/internal/config"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/rules"
)

// Words of others are planted in every column of every table: none gets
// through, whoever wrote the text, but in the columns that say what the
// customer's own accounts and machines are called.
func TestNothingPlantedGetsThrough(t *testing.T) {
	reg := &register.Register{
		Tenants: []register.Tenant{
			{ID: "molen", Name: "De Molen", Partner: "kompas"},
			{ID: "zorg", Name: "Brugwacht Zorg B.V.", Number: "10077", Contact: "mevrouw W. Overdiep", Email: "kantoor@brugwacht.example"},
		},
		Partners: []register.Partner{{ID: "kompas", Name: "Kompas IT"}, {ID: "ander", Name: "Ander & Zoon"}},
	}
	g := newGuard(reg, "molen")
	g.accounts(&rules.Held{Others: map[string]bool{"w.overdiep": true}, OtherNames: map[string]bool{"karel van dijkhuizen": true},
		Accounts: []rules.HeldAccount{{Account: snapshot.Account{Name: "k.molenaar", DisplayName: "Karel Molenaar"}}}})
	g.places(&store.About{Facts: &snapshot.Facts{Machines: []snapshot.MachineMonth{{Machine: snapshot.Machine{Host: "SQL-77", Tenant: "zorg"}}, {Machine: snapshot.Machine{Host: "APP-Z1"}}, {Machine: snapshot.Machine{Host: "APP-M1"}}}}},
		&config.Config{Pools: []config.Pool{{Name: "spreekkamer", Tenant: "zorg", Hosts: []string{"APP-Z*"}}, {Name: "kantoor", Hosts: []string{"APP-M*"}}}}, "molen")
	anywhere := []string{"moved here from Brugwacht Zorg B.V.: 2", `D:\logs\zorg\app.csv`, "as w.overdiep said", "BRUG\\W.Overdiep", "mail van mevrouw W. Overdiep",
		"to Karel van Dijkhuizen", "kantoor@brugwacht.example", "spreekkamer", "APP-Z1.host.example", "logs/sql-77.csv", "Ander & Zoon", "RDS-Zorg", "zorg_office"}
	byHand := []string{"van de Brugwacht", "Overdiep belde", "customer 10077", "Dijkhuizen's account", "for Zoon, not us"}
	harmless := []string{"ticket 99", "Kompas IT", "De Molen", "Karel called", "APP-M1", "RDS-Users", "kantoor", "zorgen", "10078"}
	n := 0
	for _, x := range newTables().list() {
		for c, column := range x.Columns {
			if slices.Contains(ours[x.Name], column) {
				continue
			}
			check := func(text string, out bool) {
				t.Helper()
				row := make([]string, len(x.Columns))
				row[c] = text
				one := Table{Name: x.Name, Columns: x.Columns, Rows: [][]string{row}}
				g.table(&one, 0)
				if got := row[c] == leftOut; got != out {
					t.Errorf("%s.%s: %q left out: %v", x.Name, column, text, got)
				}
				n++
			}
			for _, text := range anywhere {
				check(text, true)
			}
			for _, text := range byHand {
				check(text, slices.Contains(written, column))
			}
			for _, text := range harmless {
				check(text, false)
			}
		}
	}
	if n < 3000 {
		t.Errorf("only %d cells were tried", n)
	}
}

// Every column that is said to be the customer's own is one of a table.
func TestOwnColumns(t *testing.T) {
	seen := 0
	for _, x := range newTables().list() {
		for _, c := range ours[x.Name] {
			if !slices.Contains(x.Columns, c) {
				t.Errorf("%s has no column %s", x.Name, c)
			}
		}
		if ours[x.Name] != nil {
			seen++
		}
	}
	if seen != len(ours) {
		t.Error("a table that has columns of its own is none")
	}
}
