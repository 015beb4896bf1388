package tenantexport

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/register"
)

// A text that names another customer, its id as a word or within a group's
// name, or an account that is not this customer's, is left out.
func TestGuard(t *testing.T) {
	g := newGuard(&register.Register{Tenants: []register.Tenant{
		{ID: "appel", Name: "Appel & Peer B.V."}, {ID: "boom", Name: "Boom Advies"}, {ID: "own", Name: "Provider", Internal: true}}}, "appel")
	g.names.add("j.jansen")
	for text, out := range map[string]bool{
		"RDS-Users": false, "RDS-Appel": false, "RDS-Boom": true, "boom_office": true, "the unit of Boom": true, "Shared with BOOM ADVIES.": true,
		"boomgaard": false, "seen as j.jansen.": true, `DOM\j.jansen`: true, "j.jansens": false, "the own pool": false, "": false,
	} {
		if got := g.text(text, false) != text; got != out {
			t.Errorf("%q left out: %v", text, got)
		}
	}
}

func TestWrite(t *testing.T) {
	e := &Export{Tenant: "appel", Made: time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC),
		Tables: []*Table{{Name: "accounts", Columns: []string{"account", "name"}, Rows: [][]string{{"a", "=1+1"}, {"b", ""}}}, {Name: "findings", Columns: []string{"code"}}}}
	dir := filepath.Join(t.TempDir(), "x", "appel")
	for range 2 { // the second replaces the first
		if err := e.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "accounts.csv"))
	if err != nil || string(b) != "account,name\na,'=1+1\nb,\n" {
		t.Errorf("%q, %v", b, err)
	}
	var all struct {
		Tables map[string][]map[string]string `json:"tables"`
	}
	if b, err = os.ReadFile(filepath.Join(dir, whole)); err != nil || json.Unmarshal(b, &all) != nil {
		t.Fatal(err)
	}
	if r := all.Tables["accounts"]; len(r) != 2 || r[0]["name"] != "=1+1" || all.Tables["findings"] == nil {
		t.Errorf("%s", b)
	}
	e.Tenant = "boom"
	if err := e.Write(dir); err == nil || !strings.Contains(err.Error(), "another customer") {
		t.Error(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Write(other); err == nil || !strings.Contains(err.Error(), "letter.txt") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}
