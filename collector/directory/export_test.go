package directory_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
	"splameter/collector/directory/ldif"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

var (
	taken = time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC)
	keep  = []string{"employeeID", "department"}
	cfg   = config.Directory{Name: "hosting"}
)

func text(t testing.TB, f *directorytest.Forest) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := directorytest.WriteLDIF(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readText(s string) (*snapshot.Directory, error) {
	return directory.ReadLDIF(context.Background(), strings.NewReader(s), "x.ldif", taken, cfg, keep, time.UTC)
}

func TestReadLDIF(t *testing.T) {
	f := directorytest.Provider("host1.example", "HOST1", 7, 300)
	data := text(t, f)
	if !bytes.Equal(data, text(t, directorytest.Provider("host1.example", "HOST1", 7, 300))) {
		t.Error("the same forest is written in two ways")
	}
	loc := time.FixedZone("CET", 3600) // where it is the next day already
	d, err := directory.ReadLDIF(t.Context(), bytes.NewReader(data), "x.ldif", taken, cfg, keep, loc)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, f, d, nil)
	sum := sha256.Sum256(data)
	if d.Domain != "HOST1" || d.DNS != "host1.example" || d.SID != f.SID || d.Source != "hosting" || d.Kind != snapshot.KindDirectory ||
		d.Status != snapshot.Complete || !d.Taken.Equal(taken) || d.Day.String() != "2026-11-01" || d.File != "x.ldif" || d.Fingerprint != hex.EncodeToString(sum[:]) {
		t.Errorf("the reading is described as %+v, %s %s %s", d.Reading, d.Domain, d.DNS, d.SID)
	}
	if len(d.Notes) != 0 {
		t.Errorf("unexpected notices: %v", d.Notes)
	}
	// Places: each account's line is its dn's, in the text itself.
	lines := strings.Split(string(data), "\n")
	for _, a := range d.Accounts {
		if !strings.HasPrefix(lines[a.Line-1], "dn:") {
			t.Fatalf("line %d, where %s should begin, is %q", a.Line, a.Name, lines[a.Line-1])
		}
	}
	for _, m := range d.Members {
		if !strings.HasPrefix(lines[m.Line-1], "member:") {
			t.Fatalf("line %d, where a member should stand, is %q", m.Line, lines[m.Line-1])
		}
	}
	// The fingerprint is the file's as it lies there, wrapping included.
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(data)
	w.Close()
	packed := z.Bytes()
	p, err := directory.ReadLDIF(t.Context(), bytes.NewReader(packed), "x.ldif.gz", taken, cfg, keep, loc)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(packed); p.Fingerprint != hex.EncodeToString(sum[:]) || len(p.Accounts) != len(d.Accounts) {
		t.Errorf("gzip: fingerprint %s, %d accounts", p.Fingerprint, len(p.Accounts))
	}
}

// One of each, by hand. The GUID's first three groups are little-endian; the
// SID ends in 1109 = 0x455; 133801632000000000 is 2025-01-01T00:00:00Z
// (154,511 days after 1601 at 864e9 each).
const one = `dn: DC=x
objectClass: domainDNS
objectSid:: AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA
nETBIOSName: X

dn: CN=Jan\2C de Groot,OU=A,DC=x
objectClass: top
objectClass: person
objectClass: USER
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAVQQAAA==
sAMAccountName: jan
userAccountControl: 66050
accountExpires: 133801632000000000
primaryGroupID: 1120
employeeID: 7
department: z
department: b

dn: CN=G,DC=x
objectClass: group
objectGUID: {FFEEDDCC-0011-2233-4455-66778899AABB}
objectSid: S-1-5-21-1-2-3-1120
sAMAccountName: G
member: cn=jan\, de groot , ou=a,dc=X
member: CN=Jan\2C de Groot,OU=A,DC=x
member: CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x
member: CN=Gone\, Person,DC=x
member: CN=G,DC=x

`

func TestReadOne(t *testing.T) {
	d, err := readText(one)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Accounts) != 1 || len(d.Groups) != 1 {
		t.Fatalf("%d accounts, %d groups", len(d.Accounts), len(d.Groups))
	}
	const jan, g = "03020100-0504-0706-0809-0a0b0c0d0e0f", "ffeeddcc-0011-2233-4455-66778899aabb"
	got := fmt.Sprintf("%+v\n%+v\n%+v", d.Accounts[0], d.Groups[0], d.Members)
	want := fmt.Sprintf("%+v\n%+v\n%+v", snapshot.Account{
		ID: jan, SID: "S-1-5-21-1-2-3-1109", Name: "jan", DN: `CN=Jan\2C de Groot,OU=A,DC=x`, PrimaryGroup: "S-1-5-21-1-2-3-1120",
		Disabled: true, Expires: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Line: 6,
		Attributes: []snapshot.Attribute{{Name: "department", Value: "b"}, {Name: "department", Value: "z"}, {Name: "employeeid", Value: "7"}},
	}, snapshot.Group{ID: g, SID: "S-1-5-21-1-2-3-1120", Name: "G", DN: "CN=G,DC=x", Line: 20}, []snapshot.Member{
		{Group: g, Key: jan, Line: 25}, {Group: g, Key: `dn:cn=gone\, person,dc=x`, Line: 28}, {Group: g, Key: g, Line: 29}, {Group: g, Key: "sid:S-1-5-11", Line: 27},
	})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(d.Notes) != 1 || d.Notes[0].Code != directory.CodeMemberUnresolved || d.Notes[0].At.Line != 28 || !strings.Contains(d.Notes[0].Message, "1 members of groups") || !strings.Contains(d.Notes[0].Message, "G: 1") {
		t.Errorf("notices: %+v", d.Notes)
	}
}

// A member is told once, at its first line, however often its name is spelled
// otherwise: the group of 3333… names S-1-5-11 at lines 22 and 23 under two
// domains' names, and itself at 24 and 25 in two cases. Its memberships come
// by the member's key: 3333… before sid:…, and those of 2222…, which the file
// has last, come first.
func TestMembersOnce(t *testing.T) {
	group := func(n int, members ...string) string {
		id := strings.Repeat(fmt.Sprint(n), 8) + "-0000-0000-0000-000000000000"
		s := fmt.Sprintf("dn: CN=G%d,DC=x\nobjectClass: group\nobjectGUID: %s\nobjectSid: S-1-5-21-1-2-3-%d\nsAMAccountName: G%d\n", n, id, n, n)
		for _, m := range members {
			s += "member: " + m + "\n"
		}
		return s + "\n"
	}
	d, err := readText(strings.Repeat("# \n", 16) + group(3,
		"CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x", "CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=y",
		"CN=g3,DC=x", "CN=G3,DC=x") + group(2, "CN=G3,DC=x"))
	if err != nil {
		t.Fatal(err)
	}
	const two, three = "22222222-0000-0000-0000-000000000000", "33333333-0000-0000-0000-000000000000"
	want := []snapshot.Member{{Group: two, Key: three, Line: 32}, {Group: three, Key: three, Line: 24}, {Group: three, Key: "sid:S-1-5-11", Line: 22}}
	if !slices.Equal(d.Members, want) {
		t.Errorf("members are %v, want %v", d.Members, want)
	}
	if d.Groups[0].ID != two || d.Groups[1].Name != "G3" {
		t.Errorf("groups are %v", d.Groups)
	}
}

func TestRefuseLDIF(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"no objectGUID":         {"objectGUID:: AAECAwQFBgcICQoLDA0ODw==\n", "", "line 6: the entry has no objectGUID"},
		"half a GUID":           {"AAECAwQFBgcICQoLDA0ODw==", "AAECAw==", "line 10: the value of objectGUID"},
		"no SID":                {"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAVQQAAA==\n", "", "line 6: the entry has no objectSid"},
		"a short SID":           {"objectSid: S-1-5-21-1-2-3-1120", "objectSid: S-1", "line 23: the value of objectSid"},
		"no control":            {"userAccountControl: 66050\n", "", "no userAccountControl"},
		"control of words":      {"userAccountControl: 66050", "userAccountControl: on", "line 13: the value of userAccountControl"},
		"no primary group":      {"primaryGroupID: 1120\n", "", "no primaryGroupID"},
		"no name":               {"sAMAccountName: jan\n", "", "no sAMAccountName"},
		"expiry below zero":     {"133801632000000000", "-1", "line 14: the value of accountExpires"},
		"two controls":          {"userAccountControl: 66050", "userAccountControl: 512\nuserAccountControl: 514", "line 14: useraccountcontrol has a second, different value"},
		"one GUID twice":        {"{FFEEDDCC-0011-2233-4455-66778899AABB}", "03020100-0504-0706-0809-0a0b0c0d0e0f", "line 20: two objects have the objectGUID 03020100-0504-0706-0809-0a0b0c0d0e0f, the other at line 6"},
		"one name twice":        {"dn: CN=G,DC=x", `dn: cn=JAN\, de groot,ou=a,dc=x`, "line 20: an entry with this distinguished name came before, the other at line 6"},
		"a part of the members": {"member: CN=G,DC=x", "member;range=0-1499: CN=G,DC=x", "line 29: the members are given in part only"},
		"no name of a member":   {"member: CN=G,DC=x", "member: G", "line 29: a member's name cannot be read"},
		"no name of an entry":   {"dn: CN=G,DC=x", "dn: G", "line 20: at character 1"},
	} {
		if !strings.Contains(one, c.old) {
			t.Fatalf("%s: the text lacks %q", name, c.old)
		}
		d, err := readText(strings.Replace(one, c.old, c.new, 1))
		if err == nil || d != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "read directory export x.ldif: ") || strings.Contains(strings.ToLower(err.Error()), "groot")) {
			t.Errorf("%s: the error lacks the file, or names a person: %v", name, err)
		}
	}
	if _, err := readText(""); err == nil || !strings.Contains(err.Error(), "no account and no group") {
		t.Errorf("an empty export: %v", err)
	}
	if _, err := readText(one[:len(one)-1]); !errors.Is(err, ldif.ErrCut) {
		t.Errorf("a cut export: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := directory.ReadLDIF(ctx, strings.NewReader(one), "x.ldif", taken, cfg, keep, time.UTC); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestVariants(t *testing.T) {
	account := func(d *snapshot.Directory) snapshot.Account { return d.Accounts[0] }
	for name, c := range map[string]struct {
		old, new string
		ok       func(d *snapshot.Directory) bool
	}{
		"all members in one range": {"member: CN=G,DC=x", "member;range=0-*: CN=G,DC=x", func(d *snapshot.Directory) bool { return len(d.Members) == 4 }},
		"never expires: zero":      {"133801632000000000", "0", func(d *snapshot.Directory) bool { return account(d).Expires.IsZero() }},
		"never expires: largest":   {"133801632000000000", directorytest.Never, func(d *snapshot.Directory) bool { return account(d).Expires.IsZero() }},
		"never expires: year 9999": {"133801632000000000", "9223372036854775806", func(d *snapshot.Directory) bool { return account(d).Expires.IsZero() }},
		"before 1970":              {"133801632000000000", "1", func(d *snapshot.Directory) bool { return account(d).Expires.Year() == 1601 }},
		"inetOrgPerson":            {"objectClass: USER", "objectClass: inetOrgPerson", func(d *snapshot.Directory) bool { return account(d).Class == snapshot.User }},
		"managed":                  {"objectClass: USER", "objectClass: user\nobjectClass: computer\nobjectClass: msDS-ManagedServiceAccount", func(d *snapshot.Directory) bool { return account(d).Class == snapshot.ServiceAccount }},
		"a server":                 {"objectClass: USER", "objectClass: user\nobjectClass: computer\noperatingSystem: Windows Server 2022 Standard", func(d *snapshot.Directory) bool { return account(d).Class == snapshot.Computer && account(d).Server }},
		"a domain controller":      {"objectClass: USER\n", "objectClass: user\nobjectClass: computer\nobjectCategory: " + "x\n", func(d *snapshot.Directory) bool { return account(d).Class == snapshot.Computer && !account(d).Server }},
		"by its control":           {"66050", "532480", func(d *snapshot.Directory) bool { return !account(d).Disabled && !account(d).Server }},
		"a trust":                  {"66050", "2080", func(d *snapshot.Directory) bool { return account(d).Class == snapshot.Computer }},
		"a tombstone":              {"objectClass: USER", "objectClass: user\nisDeleted: TRUE", func(d *snapshot.Directory) bool { return len(d.Accounts) == 0 }},
		"another language":         {"sAMAccountName: jan", "sAMAccountName: jan\ndisplayName: J\ndisplayName;lang-nl: K", func(d *snapshot.Directory) bool { return account(d).DisplayName == "J" }},
		"no domain entry":          {"objectClass: domainDNS", "objectClass: container", func(d *snapshot.Directory) bool { return d.SID == "S-1-5-21-1-2-3" && d.DNS == "x" && d.Domain == "" }},
		"a cross reference":        {"nETBIOSName: X", "\ndn: CN=X,CN=Partitions,CN=Configuration,DC=x\nobjectClass: crossRef\nnCName: dc=X\nnETBIOSName: NAME", func(d *snapshot.Directory) bool { return d.Domain == "NAME" }},
		"bytes as an attribute":    {"employeeID: 7", "employeeID:: AP8=", func(d *snapshot.Directory) bool { a := account(d); return a.Attribute("employeeid") == "hex:00ff" }},
		"a long attribute": {"employeeID: 7", "employeeID: " + strings.Repeat("7", 5000), func(d *snapshot.Directory) bool {
			a := account(d)
			return strings.HasPrefix(a.Attribute("employeeid"), "sha256:")
		}},
	} {
		if !strings.Contains(one, c.old) {
			t.Fatalf("%s: the text lacks %q", name, c.old)
		}
		d, err := readText(strings.Replace(one, c.old, c.new, 1))
		if err != nil || !c.ok(d) {
			t.Errorf("%s: %v, %+v", name, err, d)
		}
	}
}

// What an export does not show is said, since nobody having it looks the same.
func TestNotices(t *testing.T) {
	for name, c := range map[string]struct{ old, new, code, subject string }{
		"attribute":   {"employeeID: 7\n", "", directory.CodeAttributeMissing, "employeeid"},
		"expiry":      {"accountExpires: 133801632000000000\n", "", directory.CodeAttributeMissing, "accountexpires"},
		"members":     {"member:", "other:", directory.CodeNoMembers, "hosting"},
		"domain name": {"nETBIOSName: X\n", "", directory.CodeDomainName, "hosting"},
		"ranged":      {"employeeID: 7", "employeeID;range=0-0: 7", directory.CodeAttributeRanged, "hosting"},
	} {
		d, err := readText(strings.ReplaceAll(one, c.old, c.new))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, n := range d.Notes {
			found = found || n.Code == c.code && n.Subject == c.subject
		}
		if !found {
			t.Errorf("%s: notices %+v", name, d.Notes)
		}
	}
	named := cfg
	named.Domain = "Y"
	d, err := directory.ReadLDIF(t.Context(), strings.NewReader(one), "x.ldif", taken, named, keep, time.UTC)
	if err != nil || d.Domain != "Y" || len(d.Notes) != 2 || d.Notes[0].Code != directory.CodeDomainName {
		t.Errorf("another name in the config: %v %+v", err, d)
	}
}

// A computer's full name is kept as an attribute; people have none, and that is
// not told.
func TestFullNameOfAComputer(t *testing.T) {
	read := func(text string) *snapshot.Directory {
		d, err := directory.ReadLDIF(t.Context(), strings.NewReader(text), "x.ldif", taken, cfg, append(keep, snapshot.HostName), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := read(one)
	for _, n := range d.Notes {
		if n.Code == directory.CodeAttributeMissing {
			t.Errorf("%+v", n)
		}
	}
	d = read(strings.Replace(one, "objectClass: USER", "objectClass: user\nobjectClass: computer\ndNSHostName: RDSH-1.x.example", 1))
	if a := d.Accounts[0]; a.Attribute(snapshot.HostName) != "RDSH-1.x.example" || !slices.Contains(d.Kept, snapshot.HostName) {
		t.Errorf("%+v, kept %q", a, d.Kept)
	}
}

// A domain controller stops an unpaged search at 1,000 entries: an export of
// just so many is suspect. The domain and 999 contacts are 1,000.
func TestRoundCount(t *testing.T) {
	f := &directorytest.Forest{DNS: "host1.example", NetBIOS: "HOST1", SID: "S-1-5-21-1-2-3"}
	for i := range 999 {
		f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Contact, Name: fmt.Sprint(i)})
	}
	d, err := directory.ReadLDIF(t.Context(), bytes.NewReader(text(t, f)), "x.ldif", taken, cfg, nil, time.UTC)
	if err != nil || len(d.Notes) == 0 || d.Notes[0].Code != directory.CodeRoundCount {
		t.Errorf("%v, %v", err, d)
	}
}

func FuzzReadLDIF(f *testing.F) {
	f.Add(one)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := readText(s)
		if err != nil {
			if d != nil {
				t.Fatal("an error with a directory")
			}
			return
		}
		known := map[string]bool{}
		for _, a := range d.Accounts {
			if len(a.ID) != 36 || known[a.ID] || a.Line < 1 {
				t.Fatalf("account %+v", a)
			}
			known[a.ID] = true
		}
		for _, g := range d.Groups {
			if len(g.ID) != 36 || known[g.ID] {
				t.Fatalf("group %+v", g)
			}
			known[g.ID] = true
		}
		for i, m := range d.Members {
			if !known[m.Group] || !known[m.Key] && !strings.HasPrefix(m.Key, "sid:S-1-") && !strings.HasPrefix(m.Key, "dn:") && !strings.HasPrefix(m.Key, snapshot.KeyObject) {
				t.Fatalf("member %+v", m)
			}
			if i > 0 && (d.Members[i-1].Group > m.Group || d.Members[i-1].Group == m.Group && d.Members[i-1].Key >= m.Key) {
				t.Fatalf("members out of order at %d", i)
			}
		}
	})
}

// peak notes the largest heap while it is read from.
type peak struct {
	r     *bytes.Reader
	reads int
	most  uint64
}

func (p *peak) Read(b []byte) (int, error) {
	if p.reads++; p.reads%16 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		p.most = max(p.most, m.HeapAlloc)
	}
	return p.r.Read(b)
}

func BenchmarkReadLDIF(b *testing.B) {
	data := text(b, directorytest.Provider("host1.example", "HOST1", 1000, 100_000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var d *snapshot.Directory
	var most uint64
	for b.Loop() {
		in := &peak{r: bytes.NewReader(data)}
		var err error
		if d, err = directory.ReadLDIF(b.Context(), in, "x.ldif", taken, cfg, keep, time.UTC); err != nil {
			b.Fatal(err)
		}
		most = max(most, in.most)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(data)
	b.ReportMetric(float64(len(d.Accounts)), "accounts")
	b.ReportMetric(float64(len(d.Members)), "members")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	b.ReportMetric(float64(most-before.HeapAlloc)/1e6, "MB-peak")
}
