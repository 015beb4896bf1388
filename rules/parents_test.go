package rules

import (
	"strings"
	"testing"

	"splameter/internal/dn"
)

// What lies beneath one place is looked at once; a name that is written
// otherwise must not come out elsewhere for that.
func FuzzParents(f *testing.F) {
	for _, name := range []string{
		`CN=Jansen\, Jan 000001,OU=Users,DC=hosting,DC=example`, `CN=Zoë (extern),OU=Users,DC=hosting,DC=example`,
		`CN=O'Neill,OU=A\,B,DC=x`, `CN=a\2C,OU=x`, `CN=a\\,OU=x`, `CN=a\`, `CN=a\,`, `CN="a,b",OU=x`, `CN="a\",b",OU=x`, `CN=a+OU=b,OU=x`,
		`CN=a;OU=x`, `CN=a,b,OU=x`, `CN=\#a,OU=x`, `CN=#61,OU=x`, `CN=,OU=x`, `CN= a ,OU=x`, `cn=a,ou=x`, `OU=x`, ``, "CN=\xff,OU=x", "CN=a\x00,OU=x", `CN=a\ ,OU=x`,
	} {
		first, rest, _ := strings.Cut(name, ",")
		f.Add(first, `CN=b\, c`, rest)
		f.Add(`CN=b`, first, rest)
	}
	f.Fuzz(func(t *testing.T, first, second, rest string) {
		above := parents{}
		for _, name := range []string{first + "," + rest, second + "," + rest, first, first + "," + rest} {
			got, ok := above.of(name)
			key, err := dn.Key(name)
			if ok != (err == nil) || err == nil && got != dn.Parent(key) {
				t.Fatalf("%q lies beneath %q, %v; its key is %q (%v)", name, got, ok, key, err)
			}
		}
	})
}
