package rules

import (
	"fmt"
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

const mailboxRules = `
version: "test"
products:
  - {id: exchange, part_number: X-1, unit: user, entitled: {attributes: {mailbox: }}}
`

func mailbox(on bool) func(*snapshot.Account) {
	return func(a *snapshot.Account) {
		if on {
			a.Attributes = []snapshot.Attribute{{Name: "mailbox", Value: "x"}}
		}
	}
}

// An attribute that all of a tenant's accounts lose in one reading is a gap,
// until somebody shows it again; from half of them it is a finding; from one it
// is a mailbox that was removed. What is disabled may lose it.
func TestAttributesThatGoAway(t *testing.T) {
	for _, c := range []struct {
		name       string
		have, lose int
		back       bool
		off        bool
		gap        string
		told       []string
	}{
		{"all", 3, 3, false, false, "attribute alpha 2026-10-12..2026-10-31", nil},
		{"all, until the 20th", 3, 3, true, false, "attribute alpha 2026-10-12..2026-10-19", nil},
		{"half", 4, 2, false, false, "", []string{"mailbox"}},
		{"two of nine", 9, 2, false, false, "", nil},
		{"the only one", 1, 1, false, false, "", nil},
		{"leavers", 3, 3, false, true, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.rules(mailboxRules)
			s.cfg.Person = nil
			d := s.dir()
			for n := 1; n <= c.have; n++ {
				name := fmt.Sprint("u", n)
				if n > c.lose {
					d.user(n, name, "OU=alpha,DC=h", always, mailbox(true))
					continue
				}
				off := func(a *snapshot.Account) { a.Disabled = c.off }
				d.user(n, name, "OU=alpha,DC=h", days(1, 11), mailbox(true))
				if c.back {
					d.user(n, name, "OU=alpha,DC=h", days(12, 19))
					d.user(n, name, "OU=alpha,DC=h", days(20, 31), mailbox(true))
					continue
				}
				d.user(n, name, "OU=alpha,DC=h", days(12, 31), off)
			}
			d.user(50, "other", "OU=beta,DC=h", always, mailbox(true))
			st := s.run()
			if got := strings.Join(tenantGaps(st), "; "); got != c.gap {
				t.Errorf("gaps %q, want %q", got, c.gap)
			}
			s.wantFindings(st, "attribute-gone", c.told...)
			s.want(st, "alpha", "exchange", c.have)
		})
	}
}

// The same between the last reading of September and the first of October.
func TestAttributesThatGoAwayAtTheBorder(t *testing.T) {
	s := newScene(t)
	s.rules(mailboxRules)
	s.cfg.Person = nil
	d := s.dir()
	d.d.Before = &snapshot.DirectoryBefore{New: []string{id(1), id(2)}}
	for n := 1; n <= 2; n++ {
		d.user(n, fmt.Sprint("u", n), "OU=alpha,DC=h", always)
		was := d.d.Accounts.At(n - 1).Account
		mailbox(true)(&was)
		d.d.Before.Accounts = append(d.d.Before.Accounts, was)
	}
	d.user(50, "other", "OU=beta,DC=h", always, mailbox(true))
	if got := strings.Join(tenantGaps(s.run()), "; "); got != "attribute alpha 2026-10-01..2026-10-31" {
		t.Errorf("gaps %q", got)
	}
}

// An attribute that was not kept until the 9th is a gap of those days; where no
// reading says what it kept, nothing is known of it and nothing said.
func TestDaysWithoutAnAttribute(t *testing.T) {
	for _, says := range []bool{true, false} {
		s := newScene(t)
		s.rules(mailboxRules)
		s.cfg.Person, s.cfg.Pools = nil, nil
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", days(1, 9))
		d.user(1, "ann", "OU=alpha,DC=h", days(10, 31), mailbox(true))
		d.user(2, "bob", "OU=beta,DC=h", always)
		for i, taken := range d.d.Taken {
			r := snapshot.Reading{Source: "hosting", Kind: snapshot.KindDirectory, Status: snapshot.Complete, Taken: taken.Time, Day: taken.Day}
			if says && i >= 9 {
				r.Kept = []string{"mailbox"}
			}
			s.facts.Readings = append(s.facts.Readings, r)
		}
		var got []string
		st := s.run()
		for _, g := range st.Coverage.Gaps {
			if g.Kind == statement.CoverageAttribute {
				got = append(got, g.Host+" "+g.From+".."+g.Until)
			}
		}
		if want := map[bool]string{true: "[mailbox 2026-10-01..2026-10-09]", false: "[]"}[says]; fmt.Sprint(got) != want {
			t.Errorf("gaps %s, want %s", got, want)
		}
		if (st.Status == statement.Complete) == says {
			t.Errorf("says %v: %s", says, st.Status)
		}
	}
}

// Three of alpha's show no mailbox while all of the others' do; beta's two are
// too few, and one of gamma's shows it.
func TestAttributesThatOneTenantDoesNotShow(t *testing.T) {
	s := newScene(t)
	s.rules(mailboxRules)
	s.cfg.Person = nil
	s.reg.Tenants = append(s.reg.Tenants, register.Tenant{ID: "gamma", Name: "Gamma", OUs: []register.OU{{DN: "OU=gamma,DC=h"}}})
	d := s.dir()
	for n := 1; n <= 3; n++ {
		d.user(n, fmt.Sprint("a", n), "OU=alpha,DC=h", always)
		d.user(10+n, fmt.Sprint("c", n), "OU=gamma,DC=h", always, mailbox(n < 3))
		d.user(30+n, fmt.Sprint("d", n), "OU=gamma,DC=h", always, mailbox(true))
	}
	for n := 1; n <= 2; n++ {
		d.user(20+n, fmt.Sprint("b", n), "OU=beta,DC=h", always)
	}
	st := s.run()
	s.wantFindings(st, "attribute-not-shown", "mailbox")
	for _, f := range st.Findings {
		if f.Code == "attribute-not-shown" && f.Tenant != "alpha" {
			t.Errorf("told of %s", f.Tenant)
		}
	}
}
