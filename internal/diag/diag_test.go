package diag

import (
	"errors"
	"strings"
	"testing"
)

func TestFaultsReadInOrder(t *testing.T) {
	fs := Faults{
		{File: "b.csv", Line: 2, Col: 1, What: "w3"},
		{File: "a.yaml", Line: 10, Col: 4, What: "w2", Instead: "write it so"},
		{File: "a.yaml", Line: 9, What: "w1"},
		{File: "a.yaml", What: "w0"},
		{File: "b.csv", Line: 2, Col: 1, What: "w3"}, // said twice, shown once
	}
	want := "a.yaml: w0\na.yaml:9: w1\na.yaml:10:4: w2; write it so\nb.csv:2:1: w3"
	err := fs.Err()
	if got := err.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var f Fault
	if !errors.As(err, &f) || f.What != "w0" {
		t.Errorf("no single fault comes out: %v", f)
	}
	if (Faults{}).Err() != nil {
		t.Error("no fault is an error")
	}
}

func TestFaultIsBounded(t *testing.T) {
	f := Fault{File: "f", What: strings.Repeat("ë", 1<<20)}
	if got := f.Error(); len(got) > 1000 || !strings.HasSuffix(got, "ë…") {
		t.Errorf("%d bytes, ends %q", len(got), got[len(got)-5:])
	}
}

func TestSplit(t *testing.T) {
	// The value may hold a semicolon itself: the last one divides.
	what, instead := Split(`"a; b" is no date; write it as YYYY-MM-DD`)
	if what != `"a; b" is no date` || instead != "write it as YYYY-MM-DD" {
		t.Errorf("%q, %q", what, instead)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"name", "from", "until", "named_users", "ground", "email"}
	for _, c := range []struct{ word, want string }{
		{"form", "from"},              // one swap
		{"nme", "name"},               // one missing
		{"Named-User", "named_users"}, // one replaced, one missing
		{"mail", "email"},
		{"note", ""},  // two away from name, but short: a word of its own
		{"group", ""}, // two away from ground
		{strings.Repeat("x", 100), ""},
	} {
		if got, _ := Nearest(c.word, known); got != c.want {
			t.Errorf("%s: got %q, want %q", c.word, got, c.want)
		}
	}
}
