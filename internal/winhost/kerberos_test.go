package winhost_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory/directorytest"
	"splameter/internal/kerberos"
	"splameter/internal/winhost"
	"splameter/internal/winhost/winhosttest"
)

// A host is read with a ticket of a real directory: by password, keytab and the
// cache of somebody who logged on before; its logs and its registry. What goes
// wrong is told by what it is.
//
// The host is no member of the domain, for which it would need more of Samba: it
// takes tickets that do not say what groups the account is in.
func TestKerberos(t *testing.T) {
	if testing.Short() {
		t.Skip("a domain controller of our own is not started in short mode")
	}
	const noPAC = 0x2000000 // UF_NO_AUTH_DATA_REQUIRED
	const password, realm = "Farm-Passw0rd!", "HOST9.EXAMPLE"
	dc, err := directorytest.Start(t.Context(), &directorytest.Forest{DNS: "host9.example", NetBIOS: "HOST9", SID: "S-1-5-21-9-9-9", Objects: []directorytest.Object{
		{Kind: directorytest.Unit, Name: "Servers"},
		{Kind: directorytest.User, Name: "farm", In: "OU=Servers", Account: "farm", UPN: "farm@host9.example", Password: password},
		{Kind: directorytest.User, Name: "gone", In: "OU=Servers", Account: "gone", UPN: "gone@host9.example", Password: password, Disabled: true},
		{Kind: directorytest.Computer, Name: "RDSH-01", In: "OU=Servers", Account: "RDSH-01$", Password: "C0mputer-Passw0rd!", Control: noPAC, System: "Windows Server 2022 Standard",
			Attributes: []directorytest.Pair{{Name: "servicePrincipalName", Value: "HOST/rdsh-01.hosting.example"}}},
	}})
	if errors.Is(err, directorytest.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dc.Stop)
	own, err := dc.Keytab(t.Context(), "RDSH-01$")
	if err != nil {
		t.Fatal(err)
	}
	farm, err := dc.Keytab(t.Context(), "farm")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, winhosttest.Options{Name: "RDSH-01", Registry: registry, Realm: &winhosttest.Realm{Name: realm, Keytab: own}})
	if err := os.WriteFile(s.Log("System"), []byte("ElfFile\x00 and the rest"), 0o600); err != nil {
		t.Fatal(err)
	}
	account := kerberos.Account{User: "farm@host9.example", KDC: dc.Addr, Password: password}
	target := winhost.Target{Name: "rdsh-01.hosting.example", Address: s.Address, User: account.User, Logs: winhosttest.Logs, Timeout: 5 * time.Second}
	for name, change := range map[string]func(*kerberos.Account){
		"a password": func(*kerberos.Account) {},
		"a keytab":   func(a *kerberos.Account) { a.Password, a.Keytab = "", farm },
		"tickets":    func(a *kerberos.Account) { a.Password, a.CCache = "", tickets(t, dc, password) },
	} {
		a := account
		change(&a)
		c, err := kerberos.LogOn(a)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer c.Destroy()
		to := target
		to.Kerberos = c
		h, err := winhost.Open(t.Context(), to)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer h.Close()
		who, err := h.Identity()
		if err != nil || who.SID != "6f0a3c5e-0000-4000-8000-000000000001" {
			t.Errorf("%s: %+v %v", name, who, err)
		}
		if _, err := h.Log("System"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		change func(*kerberos.Account)
		says   string
	}{
		"a wrong password":   {func(a *kerberos.Account) { a.Password = "x" }, "the password, or the key in the keytab, is wrong"},
		"nobody":             {func(a *kerberos.Account) { a.User = "nobody@host9.example" }, "the account does not exist in this realm"},
		"a disabled account": {func(a *kerberos.Account) { a.User = "gone@host9.example" }, "the account is disabled, expired or locked out"},
		"another realm":      {func(a *kerberos.Account) { a.Realm = "OTHER.EXAMPLE" }, "realm"},
		"another's keytab":   {func(a *kerberos.Account) { a.Password, a.Keytab = "", own }, "the keytab holds no key for this account"},
		"no keytab":          {func(a *kerberos.Account) { a.Password, a.Keytab = "", "/nowhere" }, "read the keytab"},
		"no tickets":         {func(a *kerberos.Account) { a.Password, a.CCache = "", farm }, "read the tickets of ccache"},
		"nobody at the KDC":  {func(a *kerberos.Account) { a.KDC = "127.0.0.1:1" }, "the KDC gave no answer"},
		"nothing to show":    {func(a *kerberos.Account) { a.Password = "" }, "there is neither a password nor a keytab"},
	} {
		a := account
		c.change(&a)
		if _, err := kerberos.LogOn(a); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The realm knows no service of a host by another name.
	c, err := kerberos.LogOn(account)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Destroy()
	target.Name, target.Kerberos = "rdsh-77.hosting.example", c
	if _, err := winhost.Open(t.Context(), target); err == nil || !strings.Contains(err.Error(), "log-on: kerberos: the directory has no such service name (KDC_ERR_S_PRINCIPAL_UNKNOWN); name the host in full") {
		t.Error(err)
	}
}

// tickets are those of farm, as kinit keeps them in a file.
func tickets(t *testing.T, dc *directorytest.DC, password string) string {
	t.Helper()
	dir := t.TempDir()
	conf, cache := filepath.Join(dir, "krb5.conf"), filepath.Join(dir, "cache")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "[libdefaults]\n default_realm = %[1]s\n dns_lookup_kdc = false\n[realms]\n %[1]s = {\n  kdc = tcp/%[2]s\n }\n", dc.Realm, dc.Addr), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", `import sys
from samba.credentials import Credentials, MUST_USE_KERBEROS
from samba.param import LoadParm
lp = LoadParm()
lp.load(sys.argv[1])
c = Credentials()
c.guess(lp)
c.set_username("farm")
c.set_realm(sys.argv[2])
c.set_password(sys.argv[3])
c.set_kerberos_state(MUST_USE_KERBEROS)
c.get_named_ccache(lp, "FILE:" + sys.argv[4])
`, filepath.Join(dc.Dir, "smb.conf"), dc.Realm, password, cache)
	cmd.Env = append(os.Environ(), "KRB5_CONFIG="+conf)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cache
}
