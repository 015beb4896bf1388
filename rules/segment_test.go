package rules

import (
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// Alpha is a school with two, beta a customer with one: two academic licences
// and one of the usual ones, each under its own number. The exclusion of
// office takes out the school's ann, Project has one number for all, and the
// licence that Office requires is there under its academic number.
func TestPartNumbersBySegment(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: rds, part_number: RDS-1, part_numbers: {academic: RDS-A}, unit: user, entitled: {groups: [RDS-Users]}}
  - {id: office, name: {en: Office}, part_number: O-1, part_numbers: {academic: O-A}, unit: user, entitled: {groups: [RDS-Users]}, requires: [rds]}
  - {id: project, part_number: P-1, unit: user, entitled: {groups: [RDS-Users]}}
  - {id: sql-std, part_number: SQL-1, part_numbers: {academic: SQL-A}, unit: core, hosts: {sql_edition: [Standard]}, minimum: {per_machine: 4}}
`)
	s.reg.Tenants[0].Segment = "academic"
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	d.user(3, "cor", "OU=beta,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2), id(3))
	s.machine(snapshotMachine("SQL-1", "alpha", "Standard"))
	s.machine(snapshotMachine("SQL-2", "beta", "Standard"))
	s.reg.Exclusions = []register.Exclusion{{ID: "X1", Tenant: "alpha", Product: "office", Ground: register.CustomerOwned, Document: "d", Match: register.Match{Kind: register.MatchUser, Pattern: "ann"}}}
	st := s.run()
	s.want(st, "", "rds", 1)
	s.want(st, "", "rds.academic", 2)
	s.want(st, "alpha", "office.academic", 1, 0, 1)
	s.want(st, "beta", "office", 1)
	s.want(st, "", "project", 3)
	s.want(st, "alpha", "sql-std.academic", 2)
	s.want(st, "beta", "sql-std", 2)
	s.wantFindings(st, "product-pair")
	for _, l := range st.Lines {
		if want := map[string]string{"office": "O-1", "office.academic": "O-A"}[l.Product]; want != "" && l.PartNumber != want {
			t.Errorf("%s has number %s, want %s", l.Product, l.PartNumber, want)
		}
	}
	s.wantFindings(st, "segment-without-part-number")
	s.reg.Tenants[1].Segment = "goverment"
	s.wantFindings(s.run(), "segment-without-part-number", "goverment")
}

// Where the tenants table keeps end-user terms, a customer without them is
// told; a table that keeps none is not.
func TestEndUserTerms(t *testing.T) {
	s := newScene(t)
	s.wantFindings(s.run(), "end-user-terms-missing")
	first := s.facts.Month.FirstDay()
	s.reg.Tenants[0].TermsSigned, s.reg.Tenants[0].TermsDocument = month.OptionalDay{Day: first - 100, Set: true}, "contract 7"
	s.wantFindings(s.run(), "end-user-terms-missing", "beta")
	s.reg.Tenants[1].TermsSigned = month.OptionalDay{Day: first - 1, Set: true} // no document
	s.wantFindings(s.run(), "end-user-terms-missing", "beta")
	s.reg.Tenants[1].TermsDocument = "contract 8"
	s.wantFindings(s.run(), "end-user-terms-missing")
}

func snapshotMachine(host, tenant, sql string) snapshot.Machine {
	return snapshot.Machine{Host: host, Tenant: tenant, Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: sql}
}
