package closing

import (
	"bufio"
	"errors"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// The entries of one tenant are found whatever its id and names hold, long lines
// too; a list that is written in another form is refused and never taken for an
// empty one.
func TestEntriesOf(t *testing.T) {
	st := &statement.Statement{Persons: statement.PersonsOf(
		statement.Person{Tenant: "a", Key: "1"}, statement.Person{Tenant: `b&"<é>`, Key: "2", Name: "  }\n  {\n   \"tenant\": \"a\","},
		statement.Person{Tenant: `b&"<é>`, Key: "3", Name: strings.Repeat("x", 100_000)}, statement.Person{Tenant: "c", Key: "4"}),
		Machines: []statement.Machine{{Tenant: "a", Key: "m1"}, {Tenant: `b&"<é>`, Key: "m2"}}}
	var b strings.Builder
	if err := writeCounted(&b, st); err != nil {
		t.Fatal(err)
	}
	take := func(text string) (got []string, err error) {
		err = entriesOf(bufio.NewReaderSize(strings.NewReader(text), 64), func(tenant string) bool { return tenant == `b&"<é>` }, func(list string, entry []byte) error {
			_, key, _ := strings.Cut(string(entry), `"key": "`)
			key, _, _ = strings.Cut(key, `"`)
			got = append(got, list+" "+key)
			return nil
		})
		return got, err
	}
	got, err := take(b.String())
	if want := "Persons 2, Persons 3, Machines m2"; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	b.Reset()
	if err := writeCounted(&b, &statement.Statement{}); err != nil {
		t.Fatal(err)
	}
	if got, err = take(b.String()); err != nil || len(got) > 0 {
		t.Errorf("of an empty list %q, %v", got, err)
	}
	for _, text := range []string{`{"Persons":[{"tenant":"a"}]}`, "{\n  \"Persons\": [\n", "{\n \"Persons\": [\n  {\n   \"tenant\": \"a\"\n", "[]\n"} {
		if _, err := take(text); !errors.Is(err, errOtherForm) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
