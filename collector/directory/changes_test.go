package directory_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory/replmeta"
	"splameter/internal/snapshot"
)

const settings = "CN=NTDS Settings,CN=DC2,CN=Servers,CN=Site,CN=Sites,CN=Configuration,DC=host,DC=example"

func on(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 2, 11, 0, time.UTC) }

// value writes a value as LDIF does: in base64.
func value(name string, v []byte) string {
	return name + ":: " + base64.StdEncoding.EncodeToString(v) + "\n"
}

// By hand: an export with a group, two users and an object that is left of a
// third. Anna was removed from the group on the 12th. Gone was a member until it
// was deleted on the 13th; its link is told by the name it has now. Bob's link of
// last year is of no interest, and one from before links had metadata neither.
// Anna is disabled, so her last change is told whenever it was; of Bob, who is
// not, only what is recent. What cannot be read is left out, and said.
func TestChangesOfExport(t *testing.T) {
	link := func(object string, version uint32, created, changed time.Time, gone bool) replmeta.Stamp {
		s := replmeta.Stamp{Attribute: "member", Object: object, Version: version, Created: created, Changed: changed, Server: settings}
		if gone {
			s.Deleted = changed
		}
		return s
	}
	own := func(name string, version uint32, changed time.Time) replmeta.Stamp {
		return replmeta.Stamp{Attribute: name, Version: version, Changed: changed, Origin: "4f735a44-c4b3-4131-2243-01f201a6da6a"}
	}
	const gone = "CN=Gone\nDEL:33a6da6a-c4b3-4131-2243-01f24f735a44,CN=Deleted Objects,DC=host,DC=example"
	lastYear := on(1, 8).AddDate(-1, 0, 0)
	anna := link("cn=anna,ou=x,dc=host,dc=example", 2, on(12, 10), on(12, 15), true)
	deleted := link(gone, 2, on(2, 9), on(13, 9), true)
	bob := link("CN=Bob,OU=x,DC=host,DC=example", 1, lastYear, lastYear, false)
	legacy := strings.Replace(strings.Replace(bob.Text(), lastYear.Format(time.RFC3339), "1601-01-01T00:00:00Z", 1), "<dwVersion>1<", "<dwVersion>0<", 1)
	control, old, mail, expires := own("userAccountControl", 3, lastYear), own("userAccountControl", 9, lastYear), own("mail", 4, on(9, 9)), own("accountExpires", 2, on(9, 9))
	isDeleted := own("isDeleted", 1, on(13, 9))

	var b strings.Builder
	user := func(name, guid, uac string, more ...string) {
		fmt.Fprintf(&b, "dn: CN=%s,OU=x,DC=host,DC=example\nobjectClass: user\nobjectGUID: %s\nobjectSid: S-1-5-21-1-2-3-%d\nsAMAccountName: %s\nuserAccountControl: %s\nprimaryGroupID: 513\naccountExpires: 0\n%s\n",
			name, guid, len(b.String()), name, uac, strings.Join(more, ""))
	}
	b.WriteString("version: 1\n\ndn: CN=G,OU=x,DC=host,DC=example\nobjectClass: group\nobjectGUID: 11a6da6a-c4b3-4131-2243-01f24f735a44\nobjectSid: S-1-5-21-1-2-3-9\nsAMAccountName: G\nmember: CN=Bob,OU=x,DC=host,DC=example\n")
	b.WriteString(value("msDS-ReplValueMetaData;binary", anna.Binary()) + value("msDS-ReplValueMetaData", []byte(deleted.Text())) +
		value("msDS-ReplValueMetaData", []byte(bob.Text())) + value("msDS-ReplValueMetaData", []byte(legacy)) + "msDS-ReplValueMetaData: yesterday\n\n")
	user("Anna", "22a6da6a-c4b3-4131-2243-01f24f735a44", "514", value("msDS-ReplAttributeMetaData", []byte(control.Text())), value("msDS-ReplAttributeMetaData", []byte(mail.Text())))
	user("Bob", "44a6da6a-c4b3-4131-2243-01f24f735a44", "512", value("msDS-ReplAttributeMetaData", []byte(old.Text())), value("msDS-ReplAttributeMetaData;binary", expires.Binary()))
	b.WriteString("dn:: " + base64.StdEncoding.EncodeToString([]byte(strings.Replace(gone, "\n", `\0A`, 1))) + "\nobjectClass: user\nisDeleted: TRUE\nobjectGUID: 33a6da6a-c4b3-4131-2243-01f24f735a44\nobjectSid: S-1-5-21-1-2-3-8\nsAMAccountName: gone\nuserAccountControl: 512\n" +
		"whenCreated: 20261002070000.0Z\nwhenChanged: 20261015070000.0Z\nlastKnownParent: OU=x,DC=host,DC=example\n" + value("msDS-ReplAttributeMetaData", []byte(isDeleted.Text())) + "\n")

	d, err := readText(b.String())
	if err != nil {
		t.Fatal(err)
	}
	const g, a, z, o = "11a6da6a-c4b3-4131-2243-01f24f735a44", "22a6da6a-c4b3-4131-2243-01f24f735a44", "33a6da6a-c4b3-4131-2243-01f24f735a44", "44a6da6a-c4b3-4131-2243-01f24f735a44"
	for i := range d.Changes {
		d.Changes[i].Line = 0
	}
	want := []snapshot.Change{
		{Object: g, Key: a, Link: true, Version: 2, Created: on(12, 10), Changed: on(12, 15), Gone: true, Origin: "DC2"},
		{Object: g, Key: z, Link: true, Version: 2, Created: on(2, 9), Changed: on(13, 9), Gone: true, Origin: "DC2"},
		{Object: a, Key: "useraccountcontrol", Version: 3, Changed: lastYear, Origin: "4f735a44-c4b3-4131-2243-01f201a6da6a"},
		{Object: o, Key: "accountexpires", Version: 2, Changed: on(9, 9), Origin: "4f735a44-c4b3-4131-2243-01f201a6da6a"},
	}
	if diff := cmp.Diff(want, d.Changes); diff != "" {
		t.Error(diff)
	}
	if len(d.Deleted) != 1 {
		t.Fatalf("deleted: %+v", d.Deleted)
	}
	x := d.Deleted[0]
	if x.ID != z || x.Name != "gone" || x.DN != "CN=Gone,OU=x,DC=host,DC=example" || !x.Gone.Equal(on(13, 9)) || !x.Made.Equal(time.Date(2026, 10, 2, 7, 0, 0, 0, time.UTC)) || x.Disabled {
		t.Errorf("deleted: %+v", x)
	}
	if diff := cmp.Diff([]string{"accounts", "deleted", "links"}, d.Metadata); diff != "" {
		t.Error(diff)
	}
	n := slices.IndexFunc(d.Notes, func(n snapshot.Notice) bool { return n.Code == "directory-metadata" })
	if n < 0 || !strings.Contains(d.Notes[n].Message, "1 values") || !strings.Contains(d.Notes[n].Message, `"yesterday"`) {
		t.Errorf("notices: %+v", d.Notes)
	}
}
