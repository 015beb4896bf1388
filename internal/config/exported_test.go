package config

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// What a person states of copied logs holds for each file, or for the files that
// a pattern means, the first that does; it is written as it is read.
func TestExported(t *testing.T) {
	for _, c := range []struct {
		yaml, file, want string
	}{
		{`2026-11-01`, "a/b.evtx", "2026-11-01"},
		{`""`, "a/b.evtx", ""},
		{`{"*-september*": 2026-10-01, "*": 2026-11-01}`, "logs/A-september.xml", "2026-10-01"},
		{`{"*-september*": 2026-10-01, "*": 2026-11-01}`, "logs/A.xml", "2026-11-01"},
		{`{"A*": 2026-11-01}`, "logs/B.xml", ""},
		{`{"A*": ""}`, "logs/A.xml", ""},
	} {
		var e, again Exported
		if err := yaml.Unmarshal([]byte(c.yaml), &e); err != nil {
			t.Fatal(c.yaml, err)
		}
		b, err := yaml.Marshal(e)
		if err != nil || yaml.Unmarshal(b, &again) != nil {
			t.Fatal(err, string(b))
		}
		for _, x := range []*Exported{&e, &again} {
			got := ""
			if d := x.Of(c.file); d.Set {
				got = d.Day.String()
			}
			if got != c.want {
				t.Errorf("%s of %s: %q, want %q", c.yaml, c.file, got, c.want)
			}
		}
	}
	for bad, want := range map[string]string{`{"[": 2026-11-01}`: "no pattern of file names", `{"*": soon}`: "no date", `[2026-11-01]`: ""} {
		var e Exported
		if err := yaml.Unmarshal([]byte(bad), &e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
