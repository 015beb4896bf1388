package directory

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/collector/directory/replmeta"
	"splameter/internal/config"
)

// BenchmarkMetadata is what a reading makes of 10,000 accounts and 26,400
// memberships as they come over LDAP: without what the directory tells of changes,
// with that of all memberships, and with that of all accounts too, as if each had
// just changed: 35 attributes each, as a domain controller tells them.
func BenchmarkMetadata(b *testing.B) {
	const accounts, groups, each = 10_000, 100, 264
	at := time.Date(2026, 10, 12, 8, 0, 0, 0, time.UTC)
	server := "CN=NTDS Settings,CN=DC2,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,DC=host1,DC=example"
	origin := "4f735a44-c4b3-4131-2243-01f201a6da6a"
	name := func(i int) string {
		return fmt.Sprintf("CN=User %05d,OU=T%03d,OU=Customers,DC=host1,DC=example", i, i%100)
	}
	guid := func(kind byte, i int) string { return fmt.Sprintf("%c%07d-0000-0000-0000-000000000000", kind, i) }
	attributes := []string{"objectClass", "cn", "sn", "userPrincipalName", "userAccountControl", "accountExpires", "primaryGroupID"}
	for len(attributes) < 35 {
		attributes = append(attributes, fmt.Sprintf("msExchExtensionAttribute%d", len(attributes)))
	}
	var people, teams []*ldap.Entry
	var own, links [][][]byte
	for i := range accounts {
		people = append(people, ldap.NewEntry(name(i), map[string][]string{
			"objectClass": {"top", "person", "organizationalPerson", "user"}, "objectGUID": {guid('a', i)}, "objectSid": {fmt.Sprintf("S-1-5-21-1-2-3-%d", 1000+i)},
			"sAMAccountName": {fmt.Sprintf("user%05d", i)}, "userPrincipalName": {fmt.Sprintf("user%05d@host1.example", i)}, "displayName": {fmt.Sprintf("User %05d", i)},
			"mail": {fmt.Sprintf("user%05d@host1.example", i)}, "userAccountControl": {"512"}, "accountExpires": {"9223372036854775807"}, "primaryGroupID": {"513"}, "cn": {fmt.Sprintf("User %05d", i)},
		}))
		var texts [][]byte
		for n, a := range attributes {
			s := replmeta.Stamp{Attribute: a, Version: uint32(1 + n%3), Changed: at, Origin: origin, Server: server}
			texts = append(texts, []byte(s.Text()))
		}
		own = append(own, texts)
	}
	var members [][]string
	for g := range groups {
		teams = append(teams, ldap.NewEntry(fmt.Sprintf("CN=Group %03d,OU=Customers,DC=host1,DC=example", g), map[string][]string{
			"objectClass": {"top", "group"}, "objectGUID": {guid('b', g)}, "objectSid": {fmt.Sprintf("S-1-5-21-1-2-3-%d", 100_000+g)}, "sAMAccountName": {fmt.Sprintf("Group%03d", g)}, "groupType": {"-2147483646"},
		}))
		var names []string
		var texts [][]byte
		for i := range each {
			n := name((g*each + i*7) % accounts)
			s := replmeta.Stamp{Attribute: "member", Object: n, Version: 1, Created: at, Changed: at, Origin: origin, Server: server}
			names, texts = append(names, n), append(texts, []byte(s.Text()))
		}
		members, links = append(members, names), append(links, texts)
	}
	for _, c := range []struct {
		name       string
		links, own bool
	}{{"without", false, false}, {"links", true, false}, {"links and all accounts", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cfg := config.Directory{Name: "hosting", Domain: "HOST1"}
				r := newResolver(cfg, "directory", nil)
				r.watch(&cfg, at)
				for _, e := range people {
					if _, err := r.live(e, ""); err != nil {
						b.Fatal(err)
					}
				}
				for i, e := range teams {
					g, err := r.live(e, "member")
					if err == nil && c.links {
						r.addLinks(g, links[i])
					}
					if err == nil {
						err = r.addMembers(g, members[i])
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				if c.own {
					for i := range own {
						r.addStamps(guid('a', i), own[i])
					}
				}
				d, err := r.finish("dc", at, time.UTC)
				if want := map[bool]int{true: groups * each}[c.links] + map[bool]int{true: 3 * accounts}[c.own]; err != nil || len(d.Changes) != want {
					b.Fatal(err, len(d.Changes), want)
				}
			}
		})
	}
}
