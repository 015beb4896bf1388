package directory_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// through puts a proxy with those faults before a domain controller.
func through(t *testing.T, dc *directorytest.DC, faults directorytest.Faults) (*directorytest.Proxy, config.Directory) {
	t.Helper()
	p, err := directorytest.NewProxy(dc, faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c := reach(t, dc)
	c.URL = config.URLs{"ldaps://" + p.Addr}
	return p, c
}

// The proxy itself must be as strict as Windows, or the tests behind it prove
// nothing: an unpaged search ends at 1,000 entries with code 4, and a large
// group shows no members under the plain name and 1,500 under the range.
func TestProxyIsStrict(t *testing.T) {
	dc := large.start(t)
	p, _ := through(t, dc, directorytest.Faults{})
	conn, err := ldap.DialURL("ldaps://"+p.Addr, ldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Bind("reader@"+dc.Forest.DNS, password); err != nil {
		t.Fatal(err)
	}
	r, err := conn.Search(ldap.NewSearchRequest(dc.Forest.Base(), ldap.ScopeWholeSubtree, 0, 0, 0, false, "(objectClass=user)", []string{"cn"}, nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) || len(r.Entries) != 1000 {
		t.Errorf("unpaged: %v", err)
	}
	r, err = conn.Search(ldap.NewSearchRequest("CN=Everybody,OU=Groups,"+dc.Forest.Base(), ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"member"}, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatal(err)
	}
	shape := map[string]int{}
	for _, a := range r.Entries[0].Attributes {
		shape[a.Name] = len(a.Values)
	}
	if want := map[string]int{"member": 0, "member;range=0-1499": 1500}; !maps.Equal(shape, want) {
		t.Errorf("a large group shows %v, want %v", shape, want)
	}
}

// 10,000 users over 100 tenants, with every limit of Windows: 11 pages of
// accounts, and a group of 10,000 in seven ranges.
func TestWindowsLimits(t *testing.T) {
	dc := large.start(t)
	p, c := through(t, dc, directorytest.Faults{})
	c.PageSize = 5000 // more than Windows allows: it gives 1,000
	d, err := live(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, dc.Forest, d, builtin)
	if p.Clamped.Load() == 0 || p.Ranges.Load() < 7 {
		t.Errorf("the limits were not met: %d pages clamped, %d ranges", p.Clamped.Load(), p.Ranges.Load())
	}
	<-p.Closed // the connection is gone
}

// narrow are limits so low that a small directory meets them as a large one
// meets those of Windows: 54 accounts in six pages, 40 members in six ranges.
func narrow(f directorytest.Faults) directorytest.Faults {
	f.MaxPage, f.MaxRange = 10, 7
	return f
}

// Whatever breaks, there is an error and no directory.
func TestFaults(t *testing.T) {
	dc := small.start(t)
	for name, c := range map[string]struct {
		faults directorytest.Faults
		want   string
	}{
		"cut in the first page":    {directorytest.Faults{CutAfter: 6}, "read the accounts"},
		"cut in a later page":      {directorytest.Faults{CutAfter: 35}, "read the accounts"},
		"cut among the groups":     {directorytest.Faults{CutAfter: 80}, "read the groups"},
		"no end of a page":         {directorytest.Faults{NoPageEnd: true}, "it does not answer in pages"},
		"pages forgotten for ever": {directorytest.Faults{ForgetPages: 1000}, "lost the place in its pages"},
		"never at rest":            {directorytest.Faults{Restless: 1000}, "the group changed in each of 5 attempts"},
	} {
		t.Run(name, func(t *testing.T) {
			p, cc := through(t, dc, narrow(c.faults))
			d, err := live(t.Context(), cc)
			if d != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
			<-p.Closed
		})
	}
}

// What a second attempt can correct is corrected, and whole.
func TestMended(t *testing.T) {
	dc := small.start(t)
	for name, faults := range map[string]directorytest.Faults{
		"nothing to correct":   {},
		"pages forgotten once": {ForgetPages: 1},
		"a group that changed": {Restless: 3},
	} {
		t.Run(name, func(t *testing.T) {
			p, c := through(t, dc, narrow(faults))
			d, err := live(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, dc.Forest, d, builtin)
			if p.Ranges.Load() < 6 {
				t.Errorf("only %d ranges were asked for", p.Ranges.Load())
			}
		})
	}
}

// A cancel in the middle of a page ends the reading at once, and leaves no
// connection behind.
func TestCancel(t *testing.T) {
	dc := small.start(t)
	p, c := through(t, dc, narrow(directorytest.Faults{StallAfter: 35}))
	c.Timeout = config.Duration(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-p.Stalled
		cancel()
	}()
	d, err := live(ctx, c)
	if d != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want a cancel", err)
	}
	<-p.Closed
	if d, err := live(ctx, c); d != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled from the start: %v", err)
	}
}

// A server that falls silent is given up after the time-out.
func TestSilence(t *testing.T) {
	dc := small.start(t)
	p, c := through(t, dc, directorytest.Faults{StallAfter: 10})
	c.Timeout = config.Duration(300 * time.Millisecond)
	d, err := live(t.Context(), c)
	if d != nil || err == nil || !strings.Contains(err.Error(), "no answer within 300ms") {
		t.Errorf("%v; want a time-out", err)
	}
	<-p.Closed
}

// Two forests at once do not touch each other.
func TestTwoForests(t *testing.T) {
	a, b := large.start(t), small.start(t)
	type result struct {
		d   *snapshot.Directory
		err error
	}
	second := make(chan result, 1)
	cb := reach(t, b)
	go func() {
		d, err := live(t.Context(), cb)
		second <- result{d, err}
	}()
	d, err := live(t.Context(), reach(t, a))
	other := <-second
	if err != nil || other.err != nil {
		t.Fatal(err, other.err)
	}
	compare(t, a.Forest, d, builtin)
	compare(t, b.Forest, other.d, builtin)
	for _, m := range other.d.Accounts {
		if _, found := slices.BinarySearchFunc(d.Accounts, m.ID, func(x snapshot.Account, id string) int { return strings.Compare(x.ID, id) }); found {
			t.Fatal("two forests share an account")
		}
	}
}

// Bases that overlap are read once; members from outside are named, not lost.
func TestBases(t *testing.T) {
	dc := small.start(t)
	c := reach(t, dc)
	c.Base = []string{"OU=Customers,DC=host2,DC=example", "ou=T0000, OU=customers,dc=host2,dc=example", "OU=Groups,DC=host2,DC=example", "OU=groups,DC=host2,DC=example"}
	d, err := live(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	// 40 users beneath Customers. Of Mixed's members, the host, the managed
	// account, the contact and the user of the staff lie outside: four.
	users := 0
	for _, a := range d.Accounts {
		if a.Class == snapshot.User {
			users++
		}
	}
	outside := 0
	for _, m := range d.Members {
		if strings.HasPrefix(m.Key, "dn:") {
			outside++
		}
	}
	if users != 40 || outside != 4 || len(d.Notes) == 0 || d.Notes[0].Code != directory.CodeMemberUnresolved || d.SID != "S-1-5-21-4-5-6" || d.Domain != "HOST2" {
		t.Errorf("%d users, %d members outside, %v, %s %s", users, outside, d.Notes, d.SID, d.Domain)
	}
}

// What Samba's and OpenLDAP's own tools export is what is read live.
func TestExportEqualsLive(t *testing.T) {
	dc := large.start(t)
	c := reach(t, dc)
	want, err := live(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	base := dc.Forest.Base()
	for name, command := range map[string][]string{
		"ldapsearch -LLL": {"ldapsearch", "-LLL"},
		"ldapsearch":      {"ldapsearch"},
		"ldbsearch":       {"ldbsearch", "--configfile=" + dc.Dir + "/smb.conf", "-H", dc.Dir + "/private/sam.ldb", "-b", base},
	} {
		t.Run(name, func(t *testing.T) {
			if command[0] == "ldapsearch" {
				command = append(command, "-x", "-H", "ldaps://"+dc.Addr, "-D", c.Bind.User, "-w", password, "-b", base, "-E", "pr=1000/noprompt", "-o", "ldif-wrap=60", "(objectClass=*)")
			}
			cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
			cmd.Env = append(cmd.Environ(), "LDAPTLS_CACERT="+dc.CA)
			var out, faults bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &faults
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %s", err, faults.String())
			}
			got, err := directory.ReadLDIF(t.Context(), &out, "export.ldif", taken, config.Directory{Name: "live", Domain: "HOST1"}, keep, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []*snapshot.Directory{want, got} {
				for i := range d.Accounts {
					d.Accounts[i].Line = 0
				}
				for i := range d.Groups {
					d.Groups[i].Line = 0
				}
				for i := range d.Members {
					d.Members[i].Line = 0
				}
			}
			if got.SID != want.SID || got.DNS != want.DNS || len(got.Notes) != 0 {
				t.Errorf("%s %s %v", got.SID, got.DNS, got.Notes)
			}
			if diff := cmp.Diff(want.Accounts, got.Accounts); diff != "" {
				t.Errorf("accounts (-live +export):\n%s", head(diff))
			}
			if diff := cmp.Diff(want.Groups, got.Groups); diff != "" {
				t.Errorf("groups (-live +export):\n%s", head(diff))
			}
			if diff := cmp.Diff(want.Members, got.Members); diff != "" {
				t.Errorf("members (-live +export):\n%s", head(diff))
			}
		})
	}
}

func TestProbe(t *testing.T) {
	dc := small.start(t)
	c := reach(t, dc)
	c.Domain = "OTHER"
	p, err := directory.Probe(t.Context(), c, []string{"employeeid", "msExchMailboxGuid"})
	if err != nil {
		t.Fatal(err)
	}
	// Accounts: 40 users, the one with a primary group, a contact, two
	// computers, a managed account, four readers; and Samba's five.
	if p.DNS != "host2.example" || p.Domain != "HOST2" || p.Accounts != 54 || p.More || !slices.Equal(p.Missing, []string{"msexchmailboxguid"}) {
		t.Errorf("%+v", p)
	}
	said := strings.Join(p.Sentences, "\n")
	for _, want := range []string{"over TLS", "54 accounts", "calls itself HOST2", "msexchmailboxguid"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
	c.Bind.Password = secret(t, "no")
	if _, err := directory.Probe(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "52e") {
		t.Errorf("wrong password: %v", err)
	}
}
