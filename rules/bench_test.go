package rules

import (
	"context"
	"fmt"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// large is a provider of some size: tenants of 100 accounts, each with two
// groups nested into the two that count, eight readings, five hosts a tenant
// with forty programs of interest to nobody and one Office.
func large(b *testing.B, tenants int) Input {
	b.Helper()
	set, faults := Parse("rules.yaml", []byte(sceneRules))
	if err := faults.Err(); err != nil {
		b.Fatal(err)
	}
	cfg := config.Default()
	cfg.Provider.Location = time.UTC
	cfg.Person = []string{"employeeID"}
	cfg.Pools = []config.Pool{{Name: "shared", Hosts: []string{"rdsh-*"}, Users: []string{"RDS-Users"}}}
	m := month.New(2026, 10, time.UTC)
	d := snapshot.DirectoryMonth{Source: "hosting", Domain: "HOSTING"}
	for i := range 8 {
		t := m.Start().AddDate(0, 0, 4*i)
		d.Taken = append(d.Taken, snapshot.Taken{Time: t, Day: month.DayOf(t, time.UTC)})
	}
	all := snapshot.Span{First: 0, Last: 7}
	var reg register.Register
	facts := &snapshot.Facts{Month: m}
	gid := func(t, k int) string { return fmt.Sprintf("g%05d-%d", t, k) }
	for i, name := range []string{"RDS-Users", "LIC-Pro", "LIC-Std"} {
		d.Groups = append(d.Groups, snapshot.GroupSpan{Group: snapshot.Group{ID: "a" + name, Name: name, SID: fmt.Sprint("S-1-", i)}, Span: all})
	}
	n := 0
	for t := range tenants {
		reg.Tenants = append(reg.Tenants, register.Tenant{ID: fmt.Sprintf("t%05d", t), Name: fmt.Sprint("Tenant ", t), OUs: []register.OU{{DN: fmt.Sprintf("OU=t%05d,OU=Customers,DC=hosting,DC=example", t)}}})
		for k, root := range []string{"RDS-Users", "LIC-Pro"} {
			d.Groups = append(d.Groups, snapshot.GroupSpan{Group: snapshot.Group{ID: gid(t, k), Name: fmt.Sprintf("T%05d-%d", t, k), SID: gid(t, k)}, Span: all})
			d.Members.Add(snapshot.MemberSpan{Member: snapshot.Member{Group: "a" + root, Key: gid(t, k)}, Span: all})
		}
		for range 100 {
			n++
			id := fmt.Sprintf("%08d", n)
			span := all
			if n%100 == 0 {
				span = snapshot.Span{First: 3, Last: 7}
			}
			d.Accounts.Add(snapshot.AccountSpan{Account: snapshot.Account{ID: id, SID: "S-9-" + id, Name: "u" + id, DisplayName: "User " + id,
				DN: fmt.Sprintf("CN=User %s,OU=Users,OU=t%05d,OU=Customers,DC=hosting,DC=example", id, t), Attributes: []snapshot.Attribute{{Name: "employeeid", Value: "E" + id}}}, Span: span})
			d.Members.Add(snapshot.MemberSpan{Member: snapshot.Member{Group: gid(t, 0), Key: id}, Span: span})
			if n%3 == 0 {
				d.Members.Add(snapshot.MemberSpan{Member: snapshot.Member{Group: gid(t, 1), Key: id}, Span: span})
			}
			if n%5 != 0 {
				facts.Uses.Add(snapshot.Use{Host: fmt.Sprintf("rdsh-%04d", t*5), User: `hosting\u` + id, Days: 5, Month: m.Number(), First: snapshot.Sighting{Time: m.Start()}})
			}
		}
		for h := range 5 {
			s := snapshot.SoftwareMonth{Source: "estate", Host: fmt.Sprintf("rdsh-%04d", t*5+h), Days: []month.Day{m.FirstDay() + 9}}
			for k := range 40 {
				s.Installs.Add(snapshot.InstallMonth{Install: snapshot.Install{Name: fmt.Sprintf("Program %d", k)}, First: m.FirstDay() + 9, Last: m.FirstDay() + 9})
			}
			s.Installs.Add(snapshot.InstallMonth{Install: snapshot.Install{Name: "Microsoft Office Standard 2019", Publisher: "Microsoft Corporation"}, First: m.FirstDay() + 9, Last: m.FirstDay() + 9})
			facts.Software = append(facts.Software, s)
		}
	}
	facts.Directories = []snapshot.DirectoryMonth{d}
	return Input{Facts: facts, Set: set, Config: &cfg, Register: &reg}
}

// BenchmarkEvaluate shows how the count grows with the provider: ten times
// the tenants must cost about ten times as much.
func BenchmarkEvaluate(b *testing.B) {
	for _, tenants := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("tenants=%d", tenants), func(b *testing.B) {
			in := large(b, tenants)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Evaluate(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(tenants), "µs/tenant")
		})
	}
}
