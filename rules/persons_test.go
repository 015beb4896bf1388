package rules

import (
	"testing"

	"splameter/internal/register"
)

func (s *scene) members(n int, name string, users ...int) {
	d := s.dir()
	d.group(n, name)
	for _, u := range users {
		d.member(n, id(u), always)
	}
}

// Two accounts with one employeeID are one person; a placeholder merges
// nobody; four accounts with one value are no person (person_max 3) and are
// said; the same value in another tenant is somebody else.
// 1+2 merge: 1 person. 3, 4 have "0": 2. 5..8 have "X9": 4. 9 in beta: 1.

func TestPersons(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, v := range []string{"E1", "e1 ", "0", "0", "X9", "X9", "X9", "X9"} {
		d.user(i+1, "u"+string(rune('1'+i)), "OU=alpha,DC=h", always, employee(v))
	}
	d.user(9, "u9", "OU=beta,DC=h", always, employee("E1"))
	s.members(100, "RDS-Users", 1, 2, 3, 4, 5, 6, 7, 8, 9)
	st := s.run()
	s.want(st, "alpha", "rds", 7)
	s.want(st, "beta", "rds", 1)
	s.wantFindings(st, "person-value-crowded", "employeeID=x9")
}

// An account moved from alpha to beta on the 20th is one person, in beta; the
// deepest organizational unit wins; one outside any unit is unassigned.

func TestTenants(t *testing.T) {
	s := newScene(t)
	s.reg.Tenants = append(s.reg.Tenants, register.Tenant{ID: "deep", Name: "Deep", OUs: []register.OU{{DN: "ou=Sub, OU=Alpha, dc=H"}}})
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", days(1, 19))
	d.user(1, "ann", "OU=Users,OU=beta,DC=h", days(20, 31))
	d.user(2, "bob", "OU=Sub,OU=alpha,DC=h", always)
	d.user(3, "cor", "OU=alphabet,DC=h", always)
	s.members(100, "RDS-Users", 1, 2, 3)
	st := s.run()
	s.want(st, "alpha", "rds", 0)
	s.want(st, "beta", "rds", 1)
	s.want(st, "deep", "rds", 1)
	s.want(st, register.Unassigned, "rds", 1)
	s.wantFindings(st, "no-tenant", "cor")
	s.want(st, "", "rds", 3)
}

// A shared account counts as the five behind it, less the one who is counted
// by an account of her own.

func TestSharedAccount(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "floor", "OU=alpha,DC=h", always)
	d.user(2, "ann", "OU=alpha,DC=h", always, employee("E7"))
	s.members(100, "RDS-Users", 1, 2)
	s.reg.Shared = []register.SharedAccount{{Tenant: "alpha", Account: "FLOOR", Persons: 5, IDs: []string{"E7", "E8"}, Document: "list"}}
	s.want(s.run(), "alpha", "rds", 5)
}
