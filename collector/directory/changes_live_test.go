package directory_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/rules"
)

// between is a domain with a group of 4,000 members and one that gives access.
func betweenForest() *directorytest.Forest {
	f := &directorytest.Forest{DNS: "host3.example", NetBIOS: "HOST3", SID: "S-1-5-21-7-8-9"}
	add := func(o directorytest.Object) { f.Objects = append(f.Objects, o) }
	for _, ou := range []string{"Staff", "Customers", "Former"} {
		add(directorytest.Object{Kind: directorytest.Unit, Name: ou})
	}
	var many []string
	for i := range 4000 {
		name := fmt.Sprintf("u%04d", i)
		add(directorytest.Object{Kind: directorytest.User, Name: name, Account: name, In: "OU=Customers"})
		many = append(many, f.Objects[len(f.Objects)-1].ID())
	}
	for _, name := range []string{"hidden", "nested", "disabled", "enabled", "twice", "moved", "seen", "never", "outside"} {
		add(directorytest.Object{Kind: directorytest.User, Name: name, Account: name, In: "OU=Customers", Disabled: name == "never" || name == "enabled"})
	}
	add(directorytest.Object{Kind: directorytest.Group, Name: "Everybody", Account: "Everybody", In: "OU=Staff", Members: many})
	for _, name := range []string{"LIC-Pro", "Team", "Elsewhere"} {
		add(directorytest.Object{Kind: directorytest.Group, Name: name, Account: name, In: "OU=Staff"})
	}
	return withReaders(f)
}

// On a live directory a script adds, removes, disables, enables, moves, renames
// and deletes between two readings. The truth is what the script did and when:
// each that had access is counted, from and until when to the second, and nobody
// else; the group of 4,000 tells its links in ranges.
func TestBetweenOnALiveDirectory(t *testing.T) {
	if testing.Short() {
		t.Skip("a domain controller of our own is not started in short mode")
	}
	d := &domain{forest: betweenForest}
	dc := d.start(t)
	t.Cleanup(dc.Stop)
	conn, err := ldap.DialURL("ldaps://"+dc.Addr, ldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Bind("Administrator@"+dc.Forest.DNS, directorytest.AdminPassword); err != nil {
		t.Fatal(err)
	}
	base := dc.Forest.Base()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "splameter.db"), store.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(user string) (*snapshot.Directory, *directorytest.Proxy) {
		t.Helper()
		told, err := dc.Metadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p, c := through(t, dc, directorytest.Faults{Metadata: told})
		c.Metadata = "on"
		if user != "" {
			c.Bind.User, c.Bind.Password = user, secret(t, directorytest.AdminPassword)
		}
		before, err := s.Told(t.Context(), c.Name, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		x, err := directory.ReadLive(t.Context(), c, nil, before, time.Now, time.UTC, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return x, p
	}
	administrator := "Administrator@" + dc.Forest.DNS
	first, _ := read(administrator)
	if err := s.PutDirectory(t.Context(), first); err != nil {
		t.Fatal(err)
	}

	// The script. Windows keeps seconds, so that each step has one of its own.
	step := func(f func() error) time.Time {
		t.Helper()
		time.Sleep(1100 * time.Millisecond)
		at := time.Now().UTC().Truncate(time.Second)
		if err := f(); err != nil {
			t.Fatal(err)
		}
		if now := time.Now().UTC().Truncate(time.Second); !now.Equal(at) {
			at = now // a step that went over the second; the assertion allows for one
		}
		return at
	}
	user := func(name string) string { return "CN=" + name + ",OU=Customers," + base }
	group := func(name string) string { return "CN=" + name + ",OU=Staff," + base }
	member := func(g, u string, add bool) time.Time {
		return step(func() error {
			m := ldap.NewModifyRequest(group(g), nil)
			if add {
				m.Add("member", []string{u})
			} else {
				m.Delete("member", []string{u})
			}
			return conn.Modify(m)
		})
	}
	control := func(name, value string) time.Time {
		return step(func() error {
			m := ldap.NewModifyRequest(user(name), nil)
			m.Replace("userAccountControl", []string{value})
			return conn.Modify(m)
		})
	}
	type stretch struct{ from, until time.Time }
	truth := map[string]stretch{}
	var x stretch
	x.from = member("LIC-Pro", user("hidden"), true)
	x.until = member("LIC-Pro", user("hidden"), false)
	truth["hidden"] = x
	member("Team", user("nested"), true)
	x.from = member("LIC-Pro", group("Team"), true)
	x.until = member("LIC-Pro", group("Team"), false)
	truth["nested"] = x
	x.from = member("LIC-Pro", user("disabled"), true)
	x.until = control("disabled", "514")
	truth["disabled"] = x
	member("LIC-Pro", user("enabled"), true)
	x.from = control("enabled", "512")
	x.until = control("enabled", "514")
	truth["enabled"] = x
	x.from = member("LIC-Pro", user("twice"), true)
	member("LIC-Pro", user("twice"), false)
	member("LIC-Pro", user("twice"), true)
	x.until = member("LIC-Pro", user("twice"), false)
	truth["twice"] = x
	x.from = member("LIC-Pro", user("moved"), true)
	step(func() error {
		return conn.ModifyDN(ldap.NewModifyDNRequest(user("moved"), "CN=renamed", true, "OU=Former,"+base))
	})
	x.until = member("LIC-Pro", "CN=renamed,OU=Former,"+base, false)
	truth["moved"] = x
	step(func() error {
		a := ldap.NewAddRequest(user("short"), nil)
		a.Attribute("objectClass", []string{"user"})
		a.Attribute("sAMAccountName", []string{"short"})
		a.Attribute("userAccountControl", []string{"512"})
		return conn.Add(a)
	})
	member("LIC-Pro", user("short"), true)
	step(func() error { return conn.Del(ldap.NewDelRequest(user("short"), nil)) })
	member("LIC-Pro", user("seen"), true)
	member("LIC-Pro", user("never"), true)
	member("Elsewhere", user("outside"), true)
	member("Elsewhere", user("outside"), false)
	time.Sleep(1100 * time.Millisecond)

	second, p := read(administrator)
	if err := s.PutDirectory(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if p.Ranges.Load() < 6 { // 4,000 members and 4,000 stamps, 1,500 at a time
		t.Errorf("only %d ranges were asked for", p.Ranges.Load())
	}
	links := 0
	for _, c := range second.Changes {
		if c.Link && c.Object == second.Groups[slices.IndexFunc(second.Groups, func(g snapshot.Group) bool { return g.Name == "Everybody" })].ID {
			links++
		}
	}
	if links != 4000 {
		t.Errorf("%d links of 4,000 were told", links)
	}
	if want := []string{"accounts", "deleted", "links"}; !slices.Equal(second.Metadata, want) {
		t.Errorf("told: %v, want %v", second.Metadata, want)
	}

	counted, open := evaluated(t, s, base)
	for name, want := range truth {
		got, ok := counted[name]
		switch {
		case !ok:
			t.Errorf("%s had access from %s to %s, and is not counted", name, want.from, want.until)
		case got == nil:
			t.Errorf("%s is counted by the readings", name)
		case name == "twice" || name == "enabled":
			// Of several changes the last is told: that there was access, not all of it.
			if !got.Until.Equal(want.until) && got.Until.Sub(want.until).Abs() > time.Second || !got.Unsure {
				t.Errorf("%s: %+v, want until %s and unsure", name, got, want.until)
			}
		case got.From.Sub(want.from).Abs() > time.Second || got.Until.Sub(want.until).Abs() > time.Second || !got.FromKnown || !got.UntilKnown || got.Unsure || got.Origin != "DC1":
			t.Errorf("%s: %+v; want %s to %s, sure, by DC1", name, got, want.from, want.until)
		}
		delete(counted, name)
	}
	if b, ok := counted["seen"]; !ok || b != nil {
		t.Errorf("seen: %v %v; want it counted by the reading", ok, b)
	}
	delete(counted, "seen")
	if len(counted) > 0 {
		t.Errorf("counted without access: %v", counted)
	}

	// An account takes its memberships with it when it is deleted: that it was
	// there is told.
	if len(open) != 1 || open[0].Units != 1 || !strings.Contains(open[0].Message, "(short)") {
		t.Errorf("short was made and deleted, and nobody asks about it: %+v", open)
	}

	// What was touched last is told by the controller, of whom it has.
	_, c := through(t, dc, directorytest.Faults{})
	seen := second.Accounts[slices.IndexFunc(second.Accounts, func(a snapshot.Account) bool { return a.Name == "seen" })].ID
	touched, err := directory.Touched(t.Context(), c, []string{seen, "00000000-0000-0000-0000-000000000001"})
	if err != nil || len(touched) != 1 || time.Since(touched[seen]).Abs() > time.Hour {
		t.Errorf("touched: %v, %v", touched, err)
	}

	// Who may not see deleted objects reads the rest all the same.
	plainly, _ := read("")
	if want := []string{"accounts", "links"}; !slices.Equal(plainly.Metadata, want) || len(plainly.Notes) != len(second.Notes) {
		t.Errorf("an ordinary reader is told %v, %v", plainly.Metadata, plainly.Notes)
	}
}

// evaluated is who is counted in the month of now, by which access, and what is asked.
func evaluated(t *testing.T, s store.Store, base string) (map[string]*statement.Between, []*statement.Question) {
	t.Helper()
	f, err := s.Facts(t.Context(), month.Of(time.Now(), time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	set, faults := rules.Parse("rules.yaml", []byte("version: \"test\"\nproducts:\n  - {id: pro, part_number: P-1, unit: user, entitled: {groups: [LIC-Pro]}}\n"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Provider.Location = time.UTC
	reg := &register.Register{Tenants: []register.Tenant{{ID: "a", Name: "A", OUs: []register.OU{{DN: "OU=Customers," + base}, {DN: "OU=Former," + base}}}}}
	st, err := rules.Evaluate(context.Background(), rules.Input{Facts: f, Set: set, Config: &cfg, Register: reg})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*statement.Between{}
	for i := range st.Persons.Len() {
		p := st.Persons.At(i)
		out[strings.ToLower(p.Accounts[0].Name)] = p.Between
	}
	return out, slices.DeleteFunc(st.OpenQuestions(), func(q *statement.Question) bool { return q.Kind != statement.AskMember })
}
