package directory

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"splameter/collector/directory/replmeta"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// BenchmarkMetadata is a whole reading over LDAP, of 100,000 accounts and 264,000
// memberships in 1,000 groups, from a responder that has its answers ready: without
// what the directory tells of changes; the first with it; one of a day on which one
// object in a hundred was changed; and one before which every object was. One account
// in ten is disabled, one in twenty expires, and one membership in seventeen was changed
// within the two months that are asked for, as when they were made over three years. Then
// the worst that there can be: every account was disabled in the reading before; and every
// membership was made since. CPU seconds are the reader's and the responder's together;
// "responder" is the latter alone, with who reads off what it says.
func BenchmarkMetadata(b *testing.B) {
	const accounts, groups, links = 100_000, 1_000, 264
	r := provider(b, accounts, groups, links, 17)
	read := func(b *testing.B, r *responder, metadata string, told *snapshot.Told) *snapshot.Directory {
		b.Helper()
		s := r.connect(b)
		defer s.close()
		cfg := config.Directory{Name: "hosting", Domain: "HOST1", Metadata: metadata}
		d, err := s.read(cfg, nil, told, r.at.Add(time.Hour), time.UTC, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		if len(d.Accounts) != accounts || len(d.Members) != groups*links {
			b.Fatal(len(d.Accounts), len(d.Members))
		}
		return d
	}
	first := read(b, r, "auto", nil)
	before := func(usn int64) *snapshot.Told {
		t := &snapshot.Told{Taken: r.at, Whole: r.at, Metadata: first.Metadata, Changes: first.Changes, Controllers: []snapshot.Controller{{Invocation: first.Controller.Invocation, USN: usn}}}
		for i := range first.Accounts {
			t.Accounts = append(t.Accounts, first.Accounts[i].ID)
		}
		for i := range first.Groups {
			t.Groups = append(t.Groups, first.Groups[i].ID)
		}
		return t
	}
	all := before(1)
	all.Changes = slices.Clone(all.Changes)
	for i := range first.Accounts {
		all.Changes = append(all.Changes, snapshot.Change{Object: first.Accounts[i].ID, Key: "useraccountcontrol", Version: 1, Changed: r.at.Add(-time.Hour)})
	}
	all.Changes = sortChanges(all.Changes)
	measure := func(b *testing.B, r *responder, metadata string, told *snapshot.Told) {
		b.ReportAllocs()
		used := cpu()
		for b.Loop() {
			read(b, r, metadata, told)
		}
		b.ReportMetric((cpu()-used).Seconds()/float64(b.N), "CPU-s/op")
	}
	for _, c := range []struct {
		name     string
		metadata string
		told     *snapshot.Told
	}{
		{"without", "off", nil}, {"first", "auto", nil}, {"one in a hundred changed", "auto", before(500_000)},
		{"all changed", "auto", before(1)}, {"all changed and none could sign in", "auto", all},
	} {
		b.Run(c.name, func(b *testing.B) { measure(b, r, c.metadata, c.told) })
	}
	b.Run("all changed and every membership new", func(b *testing.B) {
		told := before(1)
		told.Changes = slices.DeleteFunc(slices.Clone(told.Changes), func(c snapshot.Change) bool { return c.Link })
		measure(b, provider(b, accounts, groups, links, 1), "auto", told)
	})
	b.Run("responder", func(b *testing.B) {
		used := cpu()
		for b.Loop() {
			client, server := net.Pipe()
			done := make(chan struct{})
			go func() { io.Copy(io.Discard, client); close(done) }()
			for _, list := range [][][]byte{r.people, r.teams} {
				for some := range slices.Chunk(list, 1000) {
					r.page(server, 1, some, "more")
				}
			}
			server.Close()
			<-done
		}
		b.ReportMetric((cpu()-used).Seconds()/float64(b.N), "CPU-s/op")
	})
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// provider is a responder for a directory of that size.
func provider(b *testing.B, accounts, groups, links, old int) *responder {
	r := newResponder(b)
	server := "CN=NTDS Settings,CN=DC2,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,DC=host1,DC=example"
	origin := "4f735a44-c4b3-4131-2243-01f201a6da6a"
	name := func(i int) string {
		return fmt.Sprintf("CN=User %06d,OU=T%03d,OU=Customers,DC=host1,DC=example", i, i%1000)
	}
	touched := func(i int) (usn, when string) {
		if i%100 == 0 {
			return strconv.Itoa(1_000_000 + i), r.at.Format("20060102150405.0Z")
		}
		return strconv.Itoa(10 + i), r.at.AddDate(0, -1, 0).Format("20060102150405.0Z")
	}
	for i := range accounts {
		usn, when := touched(i)
		control, expires := "512", "9223372036854775807"
		if i%10 == 3 {
			control = "514"
		}
		if i%20 == 7 {
			expires = "134300000000000000"
		}
		r.people = append(r.people, entryOf(name(i), []string{
			"objectClass", "top", "objectGUID", rawOf('a', i), "objectSid", fmt.Sprintf("S-1-5-21-1-2-3-%d", 1000+i), "sAMAccountName", fmt.Sprintf("user%06d", i),
			"userPrincipalName", fmt.Sprintf("user%06d@host1.example", i), "displayName", fmt.Sprintf("User %06d", i), "mail", fmt.Sprintf("user%06d@host1.example", i),
			"userAccountControl", control, "accountExpires", expires, "primaryGroupID", "513", "cn", fmt.Sprintf("User %06d", i), "uSNChanged", usn, "whenChanged", when,
		}))
		r.names[rawOf('a', i)] = []byte(name(i))
	}
	attributes := []string{"objectClass", "cn", "sn", "userPrincipalName", "userAccountControl", "accountExpires", "primaryGroupID"}
	var texts [][]byte
	for n := range 35 {
		if n == len(attributes) {
			attributes = append(attributes, fmt.Sprintf("msExchExtensionAttribute%d", n))
		}
		s := replmeta.Stamp{Attribute: attributes[n], Version: uint32(1 + n%3), Changed: r.at.Add(-time.Hour), Origin: origin, Server: server}
		texts = append(texts, []byte(s.Text()))
	}
	r.stamps = attributeOf(attributeStamps+";range=0-*", texts...)
	for g := range groups {
		usn, when := touched(g)
		dn := fmt.Sprintf("CN=Group %03d,OU=Customers,DC=host1,DC=example", g)
		var members, told [][]byte
		for i := range links {
			n := name((g*links + i*7) % accounts)
			at := r.at.AddDate(0, 0, -20)
			if i%old != 0 {
				at = r.at.AddDate(-2, 0, 0)
			}
			s := replmeta.Stamp{Attribute: "member", Object: n, Version: 1, Created: at, Changed: at, Origin: origin, Server: server}
			members, told = append(members, []byte(n)), append(told, []byte(s.Text()))
		}
		id := rawOf('b', g)
		r.teams = append(r.teams, entryOf(dn, []string{"objectClass", "group", "objectGUID", id, "objectSid", fmt.Sprintf("S-1-5-21-1-2-3-%d", 500_000+g),
			"sAMAccountName", fmt.Sprintf("Group%03d", g), "cn", "Group", "groupType", "-2147483646", "uSNChanged", usn, "whenChanged", when}, attributeOf("member;range=0-*", members...)))
		r.names[id], r.told[id] = []byte(dn), attributeOf(attributeLinks+";range=0-*", told...)
	}
	return r
}
