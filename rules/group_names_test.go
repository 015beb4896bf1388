package rules

import (
	"slices"
	"testing"

	"splameter/internal/config"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Two groups swap their names on the 10th. Project is given by LIC-P, in which Ann
// and Ben are, and Visio by LIC-V, in which Cas is. Dan joins on the 20th the group
// that was LIC-P, and is called LIC-V by then. Windows knows the groups themselves, so
// that Dan has Project; by the names he has Visio. Until somebody says which, all four
// count for both, and each name is a question: of those whom only the group that was
// LIC-P holds (Ann, Ben, Dan), and of Cas.
func TestGroupsSwapNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		border bool // before the month's first reading
	}{{"within the month", false}, {"at its border", true}} {
		s := newScene(t)
		s.rules(`
version: "test"
products:
  - {id: project, part_number: P-1, unit: user, entitled: {groups: [LIC-P]}}
  - {id: visio, part_number: V-1, unit: user, entitled: {groups: [LIC-V]}}
`)
		s.cfg.Pools = nil
		s.cfg.Directories = []config.Directory{{Name: "hosting"}}
		d := s.dir()
		for n, name := range []string{"ann", "ben", "cas", "dan"} {
			d.user(n+1, name, "OU=alpha,DC=h", always, employee(name))
		}
		d.group(10, "LIC-P", id(1), id(2))
		d.group(11, "LIC-V", id(3))
		d.member(10, id(4), days(20, 31))
		p, v := d.d.Groups[0], d.d.Groups[1]
		p2, v2 := p, v
		p2.Name, v2.Name = "LIC-V", "LIC-P"
		since := "since 2026-10-10"
		if c.border {
			since = "since 2026-10-01"
			d.d.Before = &snapshot.DirectoryBefore{Groups: []snapshot.Group{p.Group, v.Group}, New: []string{p.ID, v.ID}}
			d.d.Groups = []snapshot.GroupSpan{p2, v2}
		} else {
			p.Span, v.Span, p2.Span, v2.Span = days(1, 9), days(1, 9), days(10, 31), days(10, 31)
			d.d.Groups = []snapshot.GroupSpan{p, p2, v, v2}
		}
		st := s.run()
		s.want(st, "alpha", "project", 4)
		s.want(st, "alpha", "visio", 4)
		units := map[string]int{}
		for _, q := range st.Questions {
			if q.Kind != statement.AskGroup || !slices.Contains(q.Answers, register.None) {
				continue
			}
			if q.Key != statement.QuestionKey(statement.AskGroup, q.Subject, since) {
				t.Errorf("%s: %s", c.name, q.Key)
			}
			units[q.Subject] = q.Units
		}
		if len(units) != 2 || units["LIC-P"] != 3 || units["LIC-V"] != 1 || st.Status != statement.Incomplete {
			t.Errorf("%s: asked about %v, %s", c.name, units, st.Status)
		}
	}
}
