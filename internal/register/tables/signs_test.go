package tables

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tenantsIn(t *testing.T, text string) (string, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenants.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list, faults := Tenants(path)
	var out []string
	for i := range list {
		var signs []string
		for _, s := range list[i].Signs {
			from := ""
			if s.From.Set {
				from = " from " + s.From.Day.String()
			}
			signs = append(signs, s.String()+from)
		}
		out = append(out, fmt.Sprintf("%s: %d units, %s", list[i].ID, len(list[i].OUs), strings.Join(signs, ", ")))
	}
	var said []string
	for _, f := range faults {
		said = append(said, fmt.Sprintf("%d: %s", f.Line, f.What))
	}
	return strings.Join(out, "; "), strings.Join(said, "; ")
}

// A customer may be known by a unit, a group, an attribute's value and a suffix,
// in one row or several; a table needs none of the columns but one.
func TestTenantSigns(t *testing.T) {
	for _, c := range []struct{ text, want, faults string }{
		{"id,name,group,attribute,value,upn_suffix,from\na,A,People A,,,,\na,,,company,A B.V.,@a.example,2026-10-01\n",
			"a: 0 units, group People A, company=A B.V. from 2026-10-01, upn_suffix a.example from 2026-10-01", ""},
		{"id,name,ou,upn_suffix\na,A,\"OU=a,DC=h\",a.example\n", "a: 1 units, upn_suffix a.example", ""},
		{"id,name,ou,value\na,A,\"OU=a,DC=h\",12.50\n", "a: 1 units, ", ""}, // a column of the provider's own
		{"id,name,attribute,value\na,A,company,\nb,B,,x\nc,C,company,x*\n", "a: 0 units, ; b: 0 units, ; c: 0 units, ",
			`2: the attribute "company" has no value; 3: the value "x" is of no attribute; 4: "x*" has a wildcard`},
		{"id,name,upn_suffix\na,A,me@a.example\n", "a: 0 units, ", `2: "me@a.example" is no suffix of a user principal name`},
		{"id,name,group,until,from\na,A,G,2026-09-30,\nb,B,g,,2026-10-01\n", "a: 0 units, group G; b: 0 units, group g from 2026-10-01", ""},
		{"id,name,upn_suffix\na,A,x.example\nb,B,X.example\n", "a: 0 units, upn_suffix x.example; b: 0 units, upn_suffix X.example",
			`3: "upn_suffix X.example" is "a"'s on line 2 at the same time`},
		{"id,name\na,A\n", "", "1: the first line names no column ou"},
	} {
		got, faults := tenantsIn(t, c.text)
		if got != c.want || faults != c.faults {
			t.Errorf("%q\n got %s (%s)\nwant %s (%s)", c.text, got, faults, c.want, c.faults)
		}
	}
}
