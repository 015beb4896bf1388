package setup

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// export writes an LDIF file of a domain with two accounts in a unit.
func export(t *testing.T, path, domain string, names ...string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: 1\n\ndn: " + domain + "\nobjectClass: domainDNS\nobjectGUID:: " + guid(domain) + "\n\n")
	for i, n := range names {
		sid := append([]byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, byte(i), 8, 0, 0)
		b.WriteString("dn: CN=" + n + ",OU=Acme,OU=Customers," + domain + "\nobjectClass: user\nsAMAccountName: " + n + "\nuserAccountControl: 512\nprimaryGroupID: 513\nobjectSid:: " + base64.StdEncoding.EncodeToString(sid) + "\nobjectGUID:: " + guid(n+domain) + "\n\n")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func guid(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.StdEncoding.EncodeToString(sum[:16])
}

// Two domains are two directories: in two folders, and in one whose names tell
// them apart. Each gets the NetBIOS name under which its people were seen.
func TestDirectoriesOfTwoDomains(t *testing.T) {
	const one, two = "DC=one,DC=example", "DC=two,DC=example"
	for name, c := range map[string]struct {
		files []string // of one, then of two
		given []string
	}{
		"two folders": {[]string{"a/2026-10-01.ldif", "b/2026-10-01.ldif"}, []string{"a/*.ldif", "b/*.ldif"}},
		"one folder":  {[]string{"x/one 2026-10-01.ldf", "x/two 2026-10-01.ldf"}, []string{"x/*.ldf"}},
	} {
		dir := t.TempDir()
		export(t, filepath.Join(dir, c.files[0]), one, "anna", "bert", "carl")
		export(t, filepath.Join(dir, c.files[1]), two, "dirk", "anna", "eva")
		s := &Seen{Directory: &snapshot.Directory{}}
		opt := Options{Dir: dir}
		for _, g := range c.given {
			opt.Directories = append(opt.Directories, filepath.Join(dir, g))
		}
		if err := s.directories(t.Context(), opt, Env{Now: time.Now}, time.UTC); err != nil {
			t.Fatal(name, err)
		}
		s.Sessions = &snapshot.Sessions{}
		for _, u := range []string{`eins\anna`, `eins\bert`, `eins\carl`, `zwei\dirk`, `zwei\anna`, `zwei\eva`, `rdsh1\administrator`} {
			s.Sessions.Uses = append(s.Sessions.Uses, snapshot.Use{Host: "RDSH1", User: u, Days: 1})
		}
		s.nameDomains()
		var got []string
		for _, f := range s.From {
			got = append(got, f.Name+" "+f.Domain)
		}
		if diff := cmp.Diff([]string{"one EINS", "two ZWEI"}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(s.Directory.Accounts) != 6 {
			t.Errorf("%s: %d accounts", name, len(s.Directory.Accounts))
		}
		if err := os.WriteFile(filepath.Join(dir, "tenants.csv"), []byte("id,name\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		opt.Provider, opt.TimeZone, opt.Ready = "P", "Europe/Amsterdam", true
		text := string(configText(s, opt))
		cfg, faults := config.Parse(filepath.Join(dir, "config.yaml"), []byte(text))
		if len(cfg.Directories) != 2 || cfg.Directories[1].Domain != "ZWEI" {
			t.Errorf("%s: %v\n%s", name, faults, text)
		}
	}
}

// Names that two directories share to the same extent name neither.
func TestDomainOfNeither(t *testing.T) {
	s := &Seen{From: []From{{Name: "a", account: map[string]bool{"jan": true}}, {Name: "b", account: map[string]bool{"jan": true}}}, Sessions: &snapshot.Sessions{Uses: []snapshot.Use{{User: `x\jan`}}}}
	s.nameDomains()
	if s.From[0].Domain != "" || s.From[1].Domain != "" {
		t.Errorf("%+v", s.From)
	}
}

func TestDirectoriesContradict(t *testing.T) {
	dir := t.TempDir()
	export(t, filepath.Join(dir, "a", "2026-10-01.ldif"), "DC=one,DC=example", "anna")
	export(t, filepath.Join(dir, "b", "2026-10-01.ldif"), "DC=one,DC=example", "anna")
	for want, opt := range map[string]Options{
		"are both of the domain one.example": {Directories: []string{filepath.Join(dir, "a", "*"), filepath.Join(dir, "b", "*")}},
		"--user is given 2 times":            {Directories: []string{"ldaps://a", "ldaps://b", "ldaps://c"}, Users: []string{"x", "y"}},
		"of one live directory":              {Directories: []string{"ldaps://a", "ldaps://b"}, Hosts: []string{"OU=S,DC=h"}},
	} {
		if _, err := Read(t.Context(), opt, Env{Now: time.Now}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A customer with a unit in each of two domains is one customer, described once;
// so are the provider's own people. Letters with marks keep their letters.
func TestUnitsOfOneCustomer(t *testing.T) {
	d := directoryOf("CN=a,OU=Müller (K1),OU=Klanten,DC=h", "CN=b,OU=Groß,OU=Klanten,DC=h", "CN=c,OU=Beheer,DC=h",
		"CN=d,OU=K1 cloud,OU=Klanten,DC=i", "CN=e,OU=Beheer,DC=i", "CN=f,OU=X,OU=Klanten,DC=i")
	u, err := unitsOf(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	customers := []Customer{{number: "K1", name: "Müller GmbH", language: "en"}}
	u.join(customers)
	want := `id,name,ou,reseller,number,street,postal_code,city,country,contact,email,reference,language,internal,named_users,suspended_from,from,until
beheer,Beheer,"OU=Beheer,DC=h",,,,,,,,,,,yes,,,,
gross,Groß,"OU=Groß,OU=Klanten,DC=h",,,,,,,,,,,,,,,
muller-k1,Müller GmbH,"OU=Müller (K1),OU=Klanten,DC=h",,K1,,,,,,,,en,,,,,
beheer,,"OU=Beheer,DC=i",,,,,,,,,,,,,,,
muller-k1,,"OU=K1 cloud,OU=Klanten,DC=i",,,,,,,,,,,,,,,
x,X,"OU=X,OU=Klanten,DC=i",,,,,,,,,,,,,,,
`
	if diff := cmp.Diff(want, string(tenantsText(u, customers, true))); diff != "" {
		t.Error(diff)
	}
}
