package directory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory"
	"splameter/internal/snapshot"
)

// Two units, one without an objectGUID, a mail list, a security group whose
// type a tool wrote without its sign (2147483650 is -2147483646, global
// security), one of no told type, and a member that is a unit: an object that
// was read and is nobody.
const units = `dn: OU=B,DC=x
objectClass: top
objectClass: organizationalUnit
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
whenCreated: 20260912053000.0Z

dn: OU=a,DC=X
objectClass: organizationalUnit
whenCreated: yesterday

dn: CN=List,DC=x
objectClass: group
objectGUID: 11111111-0000-0000-0000-000000000000
objectSid: S-1-5-21-1-2-3-1120
groupType: 2
member: OU=B,DC=x

dn: CN=Safe,DC=x
objectClass: group
objectGUID: 22222222-0000-0000-0000-000000000000
objectSid: S-1-5-21-1-2-3-1121
groupType: 2147483650

dn: CN=Old,DC=x
objectClass: group
objectGUID: 33333333-0000-0000-0000-000000000000
objectSid: S-1-5-21-1-2-3-1122

`

func TestUnitsAndGroupTypes(t *testing.T) {
	d, err := readText(units)
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Unit{
		{ID: "03020100-0504-0706-0809-0a0b0c0d0e0f", DN: "OU=B,DC=x", Made: time.Date(2026, 9, 12, 5, 30, 0, 0, time.UTC), Line: 1},
		{ID: "ou:ou=a,dc=x", DN: "OU=a,DC=X", Line: 7},
	}
	if got := fmt.Sprintf("%+v", d.Units); got != fmt.Sprintf("%+v", want) {
		t.Errorf("units %s", got)
	}
	var types []string
	for i := range d.Groups {
		types = append(types, fmt.Sprintf("%s %d %v", d.Groups[i].Name, d.Groups[i].Type, d.Groups[i].Distribution()))
	}
	if got := strings.Join(types, "; "); got != "list 2 true; safe -2147483646 false; old 0 false" {
		t.Errorf("groups %s", got)
	}
	if len(d.Members) != 1 || d.Members[0].Key != "object:ou=b,dc=x" || len(d.Notes) != 1 || d.Notes[0].Code != directory.CodeDomainName {
		t.Errorf("members %+v, notices %+v", d.Members, d.Notes)
	}
	if got := strings.Join(d.Kept, " "); got != strings.ToLower(strings.Join(keep, " ")) && len(d.Kept) != len(keep) {
		t.Errorf("kept %q", got)
	}
	for _, bad := range []string{
		strings.Replace(units, "groupType: 2\n", "groupType: two\n", 1),
		strings.Replace(units, "dn: OU=a,DC=X\n", "dn: OU=a,DC=X\nobjectGUID:: AAECAwQFBgcICQoLDA0ODw==\n", 1),
	} {
		if _, err := readText(bad); err == nil || !strings.Contains(err.Error(), "groupType") && !strings.Contains(err.Error(), "two organizational units") {
			t.Errorf("got %v", err)
		}
	}
}
