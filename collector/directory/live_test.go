package directory_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

const password = "Reader-Passw0rd!"

// domain is one domain controller, started by the first test that wants it
// and stopped after the last.
type domain struct {
	once   sync.Once
	forest func() *directorytest.Forest
	dc     *directorytest.DC
	err    error
}

var (
	large = &domain{forest: func() *directorytest.Forest {
		return withReaders(directorytest.Provider("host1.example", "HOST1", 100, 10_000))
	}}
	small = &domain{forest: func() *directorytest.Forest {
		f := withReaders(directorytest.Provider("host2.example", "HOST2", 2, 40))
		f.SID = "S-1-5-21-4-5-6"
		return f
	}}
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, d := range []*domain{large, small} {
		if d.dc != nil {
			d.dc.Stop()
		}
	}
	os.Exit(code)
}

// start returns the running domain controller, and skips where none can run.
func (d *domain) start(t *testing.T) *directorytest.DC {
	t.Helper()
	if testing.Short() {
		t.Skip("a domain controller of our own is not started in short mode")
	}
	d.once.Do(func() { d.dc, d.err = directorytest.Start(context.Background(), d.forest()) })
	if errors.Is(d.err, directorytest.ErrAbsent) {
		t.Skip(d.err)
	}
	if d.err != nil {
		t.Fatal(d.err)
	}
	return d.dc
}

// withReaders adds the accounts that tests log on with.
func withReaders(f *directorytest.Forest) *directorytest.Forest {
	for _, o := range []directorytest.Object{
		{Account: "reader"},
		{Account: "off", Disabled: true},
		{Account: "late", Expires: directorytest.FileTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))},
		{Account: "fresh", MustChange: true},
	} {
		o.Kind, o.Name, o.In, o.UPN, o.Password = directorytest.User, o.Account, "OU=Staff", o.Account+"@"+f.DNS, password
		f.Objects = append(f.Objects, o)
	}
	return f
}

// builtin are the objects that every new domain has.
func builtin(name string) bool {
	return slices.Contains([]string{
		"Administrator", "Guest", "krbtgt", "DC1$", "dns-dc1", "Protected Users",
		"Administrators", "Users", "Guests", "Print Operators", "Backup Operators", "Replicator", "Remote Desktop Users",
		"Network Configuration Operators", "Performance Monitor Users", "Performance Log Users", "Distributed COM Users",
		"IIS_IUSRS", "Cryptographic Operators", "Event Log Readers", "Certificate Service DCOM Access", "Server Operators",
		"Account Operators", "Pre-Windows 2000 Compatible Access", "Incoming Forest Trust Builders",
		"Windows Authorization Access Group", "Terminal Server License Servers", "Allowed RODC Password Replication Group",
		"Denied RODC Password Replication Group", "Enterprise Read-only Domain Controllers", "RAS and IAS Servers", "Schema Admins",
		"Enterprise Admins", "Cert Publishers", "Domain Admins", "Domain Users", "Domain Guests", "Group Policy Creator Owners",
		"Domain Computers", "Domain Controllers", "Read-only Domain Controllers", "DnsAdmins", "DnsUpdateProxy",
	}, name)
}

// reach is the config for a domain controller, by LDAPS as the reader.
func reach(t *testing.T, dc *directorytest.DC) config.Directory {
	t.Helper()
	return config.Directory{
		Name: "live", URL: config.URLs{"ldaps://" + dc.Addr}, CA: dc.CA, ServerName: dc.Host, Timeout: config.Duration(30 * time.Second),
		Bind: config.Bind{Method: "simple", User: "reader@" + dc.Forest.DNS, Password: secret(t, password)},
	}
}

func secret(t *testing.T, text string) config.Secret {
	t.Helper()
	s, err := config.NewSecret("plain:" + text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func live(ctx context.Context, c config.Directory) (*snapshot.Directory, error) {
	return directory.ReadLive(ctx, c, keep, nil, func() time.Time { return taken }, time.UTC, slog.New(slog.DiscardHandler))
}

func TestLive(t *testing.T) {
	dc := large.start(t)
	c := reach(t, dc)
	d, err := live(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, dc.Forest, d, builtin)
	if d.Domain != "HOST1" || d.DNS != "host1.example" || d.SID != "S-1-5-21-1-2-3" || !d.Taken.Equal(taken) || d.Status != snapshot.Complete || d.File != dc.Addr {
		t.Errorf("the reading is described as %+v, %s %s %s", d.Reading, d.Domain, d.DNS, d.SID)
	}
	if len(d.Notes) != 0 {
		t.Errorf("unexpected notices: %v", d.Notes)
	}
}

func TestLogOn(t *testing.T) {
	dc := small.start(t)
	keytab, err := dc.Keytab(t.Context(), "reader")
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(other, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	kerberos := func(c *config.Directory) {
		c.Bind.Method, c.Bind.User, c.Bind.Realm, c.Bind.KDC = "kerberos", "reader", dc.Realm, dc.Addr
	}
	for name, c := range map[string]struct {
		change func(*config.Directory)
		want   string // in the error; empty: it works
	}{
		"ldaps":              {func(*config.Directory) {}, ""},
		"starttls":           {func(c *config.Directory) { c.URL = config.URLs{"ldap://" + dc.Addr} }, ""},
		"by domain and name": {func(c *config.Directory) { c.Bind.User = `HOST2\reader` }, ""},
		"kerberos":           {kerberos, ""},
		"kerberos, starttls": {func(c *config.Directory) { kerberos(c); c.URL = config.URLs{"ldap://" + dc.Addr} }, ""},
		"kerberos, one name": {func(c *config.Directory) {
			kerberos(c)
			c.Bind.User, c.Bind.Realm, c.Bind.KDC = "reader@host2.example", "", ""
		}, ""},
		"keytab":              {func(c *config.Directory) { kerberos(c); c.Bind.Keytab, c.Bind.Password = keytab, config.Secret{} }, ""},
		"wrong password":      {func(c *config.Directory) { c.Bind.Password = secret(t, "no") }, "the name or the password is wrong (49, data 52e)"},
		"nobody":              {func(c *config.Directory) { c.Bind.User = "nobody@host2.example" }, "the name or the password is wrong"},
		"disabled":            {func(c *config.Directory) { c.Bind.User = "off@host2.example" }, "the account is disabled; enable it, or use another (49, data 533)"},
		"expired":             {func(c *config.Directory) { c.Bind.User = "late@host2.example" }, "the account has expired (49, data 701)"},
		"must change":         {func(c *config.Directory) { c.Bind.User = "fresh@host2.example" }, "must change its password at the next logon; clear that mark (49, data 773)"},
		"no user":             {func(c *config.Directory) { c.Bind.User = "" }, "bind.user is empty"},
		"no password":         {func(c *config.Directory) { c.Bind.Password = config.Secret{} }, "there is no password"},
		"kerberos, wrong":     {func(c *config.Directory) { kerberos(c); c.Bind.Password = secret(t, "no") }, "the password, or the key in the keytab, is wrong"},
		"kerberos, nobody":    {func(c *config.Directory) { kerberos(c); c.Bind.User = "nobody" }, "the account does not exist in this realm"},
		"kerberos, disabled":  {func(c *config.Directory) { kerberos(c); c.Bind.User = "off" }, "disabled, expired or locked out"},
		"kerberos, wrong spn": {func(c *config.Directory) { kerberos(c); c.Bind.SPN = "ldap/elsewhere" }, "no such service name"},
		"another authority":   {func(c *config.Directory) { c.CA = "" }, "set ca: to the file"},
		"starttls, authority": {func(c *config.Directory) { c.CA, c.URL = "", config.URLs{"ldap://" + dc.Addr} }, "set ca: to the file"},
		"no authority at all": {func(c *config.Directory) { c.CA = other }, "holds no certificate in PEM form"},
		"another name":        {func(c *config.Directory) { c.ServerName = "dc2.host2.example" }, "the certificate does not name dc2.host2.example"},
		"another, starttls":   {func(c *config.Directory) { c.ServerName, c.URL = "dc2.host2.example", config.URLs{"ldap://" + dc.Addr} }, "the certificate does not name dc2.host2.example"},
		"global catalog":      {func(c *config.Directory) { c.URL[0] += ":3269" }, "global catalog"},
		"nobody there":        {func(c *config.Directory) { c.URL[0] += ":1" }, "connect to " + dc.Addr + ":1"},
		"no ldap":             {func(c *config.Directory) { c.URL = config.URLs{"https://" + dc.Addr} }, "write it like ldaps://"},
		"another base":        {func(c *config.Directory) { c.Base = []string{"DC=else,DC=where"} }, "read the accounts: the base"},
	} {
		t.Run(name, func(t *testing.T) {
			cc := reach(t, dc)
			c.change(&cc)
			d, err := live(t.Context(), cc)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				compare(t, dc.Forest, d, builtin)
				return
			}
			if err == nil || d != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

// A live directory tells its units with their GUIDs and when they were made, the
// groups' types, and which controller answered and where it stood; and the
// second url is asked where nobody listens at the first.
func TestLiveUnitsAndController(t *testing.T) {
	dc := small.start(t)
	c := reach(t, dc)
	c.URL = config.URLs{"ldaps://" + dc.Addr + ":1", c.URL[0]}
	d, err := live(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	units := 0
	for _, o := range dc.Forest.Objects {
		if o.Kind == directorytest.Unit {
			units++
		}
	}
	if len(d.Units) != units+1 { // and the one of the domain controllers
		t.Errorf("%d units, want %d and Domain Controllers", len(d.Units), units)
	}
	for _, u := range d.Units {
		if strings.HasPrefix(u.ID, "ou:") || u.Made.IsZero() {
			t.Errorf("unit %+v", u)
		}
	}
	if who := d.Controller; !strings.EqualFold(who.Host, dc.Host) || len(who.Invocation) != 36 || who.USN == 0 {
		t.Errorf("controller %+v, want %s", who, dc.Host)
	}
	for _, g := range d.Groups {
		if g.Type == 0 || g.Distribution() {
			t.Errorf("group %s has the type %d", g.Name, g.Type)
		}
	}
}
