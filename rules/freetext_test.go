package rules

import (
	"fmt"
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Two accounts of one tenant share a value. By it they are one person, unless it
// is a word that somebody typed and their names have nothing in common; then
// only a decision makes one of them.
func TestFreeTextMergesByDecisionOnly(t *testing.T) {
	for _, c := range []struct {
		value      string
		one, other string
		persons    int
		asked      bool
		others     bool // twelve other accounts have numbers of one form
		decided    register.Answer
	}{
		{"E-1001", "Ann Smit", "Bob Jansen", 1, false, false, ""},
		{"extern", "Ann Smit", "Bob Jansen", 2, true, false, ""},
		{"ZZP", "Ann Smit", "Bob Jansen", 2, true, false, ""},
		{"1", "Ann Smit", "Bob Jansen", 2, true, false, ""},
		{"info@alpha.example", "Ann Smit", "Bob Jansen", 2, true, false, ""},
		{"ann@alpha.example", "Ann Smit", "Bob Jansen", 1, false, false, ""},
		{"asmit", "Ann Smit", "Admin Smit (beheer)", 1, false, false, ""},
		{"extern", "Ann Smit", "Ann Smit-Jansen", 1, false, false, ""},
		{"extern", "Ann extern", "Bob extern", 2, true, false, ""},
		{"extern 2", "Ann Smit", "Bob Jansen", 2, true, true, ""},
		{"E-0999", "Ann Smit", "Bob Jansen", 1, false, true, ""},
		{"extern", "Ann Smit", "Bob Jansen", 1, true, false, register.Same},
		{"extern", "Ann Smit", "Bob Jansen", 2, false, false, register.Separate},
	} {
		s := newScene(t)
		d := s.dir()
		named := func(v string) func(*snapshot.Account) { return func(a *snapshot.Account) { a.DisplayName = v } }
		d.user(1, "u1", "OU=alpha,DC=h", always, named(c.one), employee(c.value))
		d.user(2, "u2", "OU=alpha,DC=h", always, named(c.other), employee(strings.ToUpper(c.value)+" "))
		d.group(30, "RDS-Users", id(1), id(2))
		if c.others {
			for n := range 12 {
				d.user(100+n, fmt.Sprint("v", n), "OU=alpha,DC=h", always, employee(fmt.Sprintf("E-%04d", n+1)))
			}
		}
		if c.decided != "" {
			s.decisions = []register.Decision{{Key: "question|person|alpha employeeID=extern", Decision: c.decided, By: "A", Reason: "r"}}
		}
		st := s.run()
		got := quantity(st, "alpha", "rds")[0]
		open := len(asked(st, statement.AskPerson)) > 0
		if got != c.persons || open != (c.asked && c.decided == "") {
			t.Errorf("%s of %s and %s: %d persons, asked %v", c.value, c.one, c.other, got, open)
		}
	}
}
