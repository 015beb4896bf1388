package inventory

import (
	"testing"
)

// An object says the same of the same damage, wherever it stands: as a row,
// within a row, or where nothing is looked for.
func TestDamagedObject(t *testing.T) {
	for _, c := range []struct{ members, want string }{
		{`}`, ""},
		{` "a" : 1 , "b" : [ 2 , { } ] } `, ""},
		{``, "a name in quotes is missing in an object"},
		{`a: 1}`, "a name in quotes is missing in an object"},
		{`"a": 1, }`, "a name in quotes is missing in an object"},
		{`, "a": 1}`, "a name in quotes is missing in an object"},
		{`"a": 1,`, "a name in quotes is missing in an object"},
		{`"a`, "the text ends within a string"},
		{`"a"`, "a colon is missing in an object"},
		{`"a" 1}`, "a colon is missing in an object"},
		{`"a": }`, "a value is missing or is no JSON"},
		{`"a": 1`, "the text ends within an object"},
		{`"a": 1 "b": 2}`, "a comma is missing in an object"},
		{`"a": 1]`, "a comma is missing in an object"},
	} {
		for _, head := range []string{`{`, `{"within": {`, `{"of no interest": {`} {
			fields := newFieldSet(softwareColumns(), nil, nil)
			fields.into["within"] = true
			text := head + c.members
			if c.want == "" && head != `{` {
				text += `}`
			}
			j := &jsonReader{in: &input{ctx: t.Context()}, b: []byte(text), fields: fields, emit: func(*object, string) error { return nil }, intern: func(b []byte) string { return string(b) }}
			err, got := j.value("", 0), ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", text, got, c.want)
			}
		}
	}
}
