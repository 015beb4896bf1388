package dn

import (
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"DC=hosting,DC=example", "dc=example/dc=hosting"},
		{"ou=Customers , dc=Hosting, DC=example", "dc=example/dc=hosting/ou=customers"},
		{`CN=Peters\, Sanne,DC=x`, "dc=x/cn=peters, sanne"},
		{`CN=Peters\2C Sanne,DC=x`, "dc=x/cn=peters, sanne"},
		{`CN="Peters, Sanne",DC=x`, "dc=x/cn=peters, sanne"},
		{`CN=a\=b,DC=x`, `dc=x/cn=a\3db`},
		{`CN=a\3Db,DC=x`, `dc=x/cn=a\3db`},
		{`CN=a=b,DC=x`, `dc=x/cn=a\3db`},
		{`CN=a/b,DC=x`, `dc=x/cn=a\2fb`},
		{`CN=a\\2fb,DC=x`, `dc=x/cn=a\5c2fb`},
		{`CN=\#1 \+ \<\>\;\",DC=x`, `dc=x/cn=#1 \2b <>;"`},
		{`CN=\ a\ ,DC=x`, "dc=x/cn= a "},
		{`CN=  a  ,DC=x`, "dc=x/cn=a"},
		{`CN=Zo\C3\AB,DC=x`, "dc=x/cn=zoë"},
		{"CN=ZOË,DC=x", "dc=x/cn=zoë"},
		{`OU=b+CN=a,DC=x`, "dc=x/cn=a+ou=b"},
		{`2.5.4.3=a,0.9.2342.19200300.100.1.25=x`, "dc=x/cn=a"},
		{`CN=#04024869,DC=x`, "dc=x/cn=hi"},
		{`CN=S-1-5-11;DC=x`, "dc=x/cn=s-1-5-11"},
		{"CN=,DC=x", "dc=x/cn="},
		{"CN=a\xff,DC=x", `dc=x/cn=a\ff`},
		{"CN=a\\0ADEL:1,DC=x", `dc=x/cn=a\0adel:1`},
	} {
		got, err := Key(c.in)
		if err != nil || got != c.want {
			t.Errorf("Key(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
		again, err := Key(Text(got))
		if err != nil || again != got {
			t.Errorf("Key(Text(%q)) = %q, %v, by way of %q", got, again, err, Text(got))
		}
	}
}

func TestKeyRefuses(t *testing.T) {
	for _, in := range []string{"", "  ", "hosting", "CN", "=a", "CN=a,", "CN=a,,DC=x", `CN=a\`, `CN=a\4`, `CN=a\4x`, `CN="a`, `CN="a"b`, `CN=a"b`, "CN=#zz", "CN=#0405", "CN=a+,DC=x", strings.Repeat("DC=x,", 300) + "DC=x"} {
		if got, err := Key(in); err == nil {
			t.Errorf("Key(%q) = %q; want an error", in, got)
		}
	}
}

// A letter with a dot of its own is another letter: İpek and ipek are two.
func TestFoldKeepsTwoPersonsTwo(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"CN=İpek,DC=x", "CN=ipek,DC=x", false},
		{"CN=Yılmaz,DC=x", "CN=Yilmaz,DC=x", false},
		{"CN=Çelik,DC=x", "CN=çELIK,DC=x", true},
		{"CN=ΣΑΣ,DC=x", "CN=σας,DC=x", true},
		{"CN=Łukasz,DC=x", "CN=Lukasz,DC=x", false},
	} {
		a, _ := Key(c.a)
		b, _ := Key(c.b)
		if (a == b) != c.same {
			t.Errorf("%s and %s: same = %v, want %v", c.a, c.b, a == b, c.same)
		}
	}
}

func TestUnder(t *testing.T) {
	base, _ := Key("OU=a,DC=x")
	for in, want := range map[string]bool{
		"CN=u,OU=A,DC=X":      true,
		"CN=u,OU=b,OU=a,DC=x": true,
		"OU=a,DC=x":           false,
		"OU=aa,DC=x":          false,
		"CN=u,OU=ba,DC=x":     false,
		`CN=u\,OU=a,DC=x`:     false, // the comma belongs to the name
		`CN=OU\=a,DC=x`:       false,
		"DC=x":                false,
	} {
		k, err := Key(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Under(k, base); got != want {
			t.Errorf("Under(%q, %q) = %v, want %v", k, base, got, want)
		}
	}
	if Under("dc=x", "") {
		t.Error("a name lies beneath the empty key")
	}
}

func TestParts(t *testing.T) {
	k, _ := Key(`CN=Peters\, Sanne,OU=A/B,DC=hosting,DC=example`)
	if got, want := Parent(k), `dc=example/dc=hosting/ou=a\2fb`; got != want {
		t.Errorf("Parent = %q, want %q", got, want)
	}
	if got := Parent("dc=example"); got != "" {
		t.Errorf("Parent of the root = %q", got)
	}
	if kind, v := Leaf(k); kind != "cn" || v != "peters, sanne" {
		t.Errorf("Leaf = %q %q", kind, v)
	}
	if got := DNS(k); got != "hosting.example" {
		t.Errorf("DNS = %q", got)
	}
	if got := Domain(k); got != "dc=example/dc=hosting" {
		t.Errorf("Domain = %q", got)
	}
	if got := Domain("ou=a"); got != "" {
		t.Errorf("Domain without dc = %q", got)
	}
	if got := Text(k); got != `cn=peters\, sanne,ou=a/b,dc=hosting,dc=example` {
		t.Errorf("Text = %q", got)
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{`CN=Peters\, Sanne,OU=a,DC=x`, `CN="q,",DC=x`, `OU=b+CN=a,DC=x`, "CN=#04024869", `CN=\ff\ ,DC=x`, "CN=İ,DC=x", `CN=a/b\2f+X=1,DC=/`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := Key(s)
		if err != nil {
			return
		}
		// Written out again it is the same name.
		if again, err := Key(Text(k)); err != nil || again != k {
			t.Fatalf("Key(%q) = %q, but Key(Text) = %q, %v", s, k, again, err)
		}
		// A child is beneath it and has it as its parent.
		child, err := Key("CN=u," + s)
		if err != nil || !Under(child, k) || Parent(child) != k {
			t.Fatalf("CN=u,%s has key %q, %v: not beneath %q", s, child, err, k)
		}
		// A sibling whose name merely begins alike is not.
		if Under(k+"x"+Separator+"cn=u", k) || Under(k, k) {
			t.Fatalf("%q holds what is not beneath it", k)
		}
		// Depth is what the key says.
		n := 0
		for x := k; x != ""; x = Parent(x) {
			n++
		}
		if n != strings.Count(k, Separator)+1 {
			t.Fatalf("%q has %d parts", k, n)
		}
	})
}

func BenchmarkMaker(b *testing.B) {
	name := []byte(`CN=Peters\, Sanne 1122,OU=Users,OU=aalsmeer,OU=Customers,DC=hosting,DC=example`)
	var room []byte
	var m Maker
	b.SetBytes(int64(len(name)))
	b.ReportAllocs()
	for b.Loop() {
		room, _ = m.Append(room[:0], name)
	}
}
