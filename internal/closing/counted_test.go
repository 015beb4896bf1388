package closing

import (
	"strings"
	"testing"

	"splameter/internal/statement"
)

// What stands behind the numbers is sealed by its bytes: written entry by entry
// they are those of the whole at once, with none, with empty lists and with
// several entries, of which names need escaping.
func TestCountedIsWrittenAsOne(t *testing.T) {
	several := &statement.Statement{Machines: []statement.Machine{{Host: "SQL-01"}}, Applications: []statement.Application{}}
	for _, name := range []string{"Ann <R&D>", "Zo\u00eb \u2028", `"quoted"`} {
		several.Persons.Add(statement.Person{Tenant: "acme", Name: name})
	}
	for what, st := range map[string]*statement.Statement{
		"none": {}, "empty": {Machines: []statement.Machine{}, Applications: []statement.Application{}}, "several": several,
	} {
		want, err := indented(struct {
			Persons      []statement.Person
			Machines     []statement.Machine
			Applications []statement.Application
		}{st.Persons.List(), st.Machines, st.Applications})
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := writeCounted(&got, st); err != nil || got.String() != string(want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", what, err, got.String(), want)
		}
	}
}
