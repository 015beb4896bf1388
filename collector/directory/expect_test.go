package directory_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory/directorytest"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// view is a reading without what a server makes up: identities and lines. It
// goes by the names that the forest gives.
type view struct {
	Accounts map[string]snapshot.Account
	Groups   []string
	Members  map[string][]string // group to members, each by name, or sid:… or dn:…
}

// expected is what a reading of the forest must show, straight from the
// forest: the keep attributes are employeeid and department.
func expected(f *directorytest.Forest) view {
	v := view{Accounts: map[string]snapshot.Account{}, Members: map[string][]string{}}
	for i := range f.Objects {
		o := &f.Objects[i]
		switch o.Kind {
		case directorytest.Unit:
			continue
		case directorytest.Group:
			v.Groups = append(v.Groups, o.Account)
			if len(o.Members) > 0 {
				v.Members[o.Account] = slices.Sorted(slices.Values(o.Members))
			}
			continue
		}
		a := snapshot.Account{
			Name: o.Account, UPN: o.UPN, DisplayName: o.Display, Mail: o.Mail, DN: f.DN(o),
			Disabled: o.Disabled, System: o.System, Expires: expires(o.Expires),
		}
		switch o.Kind {
		case directorytest.Computer:
			a.Class = snapshot.Computer
			a.Server = strings.HasPrefix(o.System, "Windows Server")
		case directorytest.Managed:
			a.Class = snapshot.ServiceAccount
		case directorytest.Contact:
			a.Class = snapshot.Contact
		}
		// The primary group by name, where the forest says one.
		switch {
		case o.Kind == directorytest.Contact:
		case o.Primary != "":
			a.PrimaryGroup = o.Primary
		case o.Kind == directorytest.User:
			a.PrimaryGroup = f.SID + "-513"
		default:
			a.PrimaryGroup = f.SID + "-515"
		}
		for _, p := range o.Attributes {
			a.Attributes = append(a.Attributes, snapshot.Attribute{Name: strings.ToLower(p.Name), Value: p.Value})
		}
		slices.SortFunc(a.Attributes, func(x, y snapshot.Attribute) int { return strings.Compare(x.Name, y.Name) })
		v.Accounts[o.ID()] = a
	}
	slices.Sort(v.Groups)
	return v
}

func expires(raw string) time.Time {
	n, _ := strconv.ParseInt(raw, 10, 64)
	if n == 0 || raw == directorytest.Never {
		return time.Time{}
	}
	return time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n/864e9)).Add(time.Duration(n%864e9) * 100)
}

// seen is the view of a reading.
func seen(t *testing.T, d *snapshot.Directory) view {
	t.Helper()
	v := view{Accounts: map[string]snapshot.Account{}, Members: map[string][]string{}}
	name, group := map[string]string{}, map[string]string{}
	for _, g := range d.Groups {
		v.Groups = append(v.Groups, g.Name)
		name[g.ID] = g.Name
		group[g.SID] = g.Name
	}
	for _, a := range d.Accounts {
		id := a.Name
		if a.Class == snapshot.Contact {
			id = a.DisplayName
		}
		name[a.ID] = id
		if g, ok := group[a.PrimaryGroup]; ok && !strings.HasSuffix(a.PrimaryGroup, "-513") && !strings.HasSuffix(a.PrimaryGroup, "-515") {
			a.PrimaryGroup = g
		}
		if a.Class != snapshot.Contact && !strings.HasPrefix(a.SID, d.SID+"-") {
			t.Errorf("%s has the SID %s, outside of the domain %s", id, a.SID, d.SID)
		}
		a.ID, a.SID, a.Line = "", "", 0
		v.Accounts[id] = a
	}
	for _, m := range d.Members {
		key := m.Key
		if n, ok := name[key]; ok {
			key = n
		}
		v.Members[name[m.Group]] = append(v.Members[name[m.Group]], key)
	}
	for _, m := range v.Members {
		slices.Sort(m)
	}
	slices.Sort(v.Groups)
	if len(v.Accounts) != len(d.Accounts) {
		t.Errorf("%d accounts bear %d names", len(d.Accounts), len(v.Accounts))
	}
	return v
}

// compare says where a reading differs from the forest, without the objects
// that the server brings along.
func compare(t *testing.T, f *directorytest.Forest, d *snapshot.Directory, builtin func(name string) bool) {
	t.Helper()
	want, got := expected(f), seen(t, d)
	if builtin != nil {
		maps.DeleteFunc(got.Accounts, func(n string, _ snapshot.Account) bool { return builtin(n) })
		maps.DeleteFunc(got.Members, func(n string, _ []string) bool { return builtin(n) })
		got.Groups = slices.DeleteFunc(got.Groups, builtin)
	}
	// A server may escape a name in another way than the forest does.
	for _, v := range []view{want, got} {
		for id, a := range v.Accounts {
			key, err := dn.Key(a.DN)
			if err != nil {
				t.Fatal(err)
			}
			a.DN = key
			v.Accounts[id] = a
		}
	}
	if diff := cmp.Diff(want.Accounts, got.Accounts); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", head(diff))
	}
	if diff := cmp.Diff(want.Groups, got.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", head(diff))
	}
	if diff := cmp.Diff(want.Members, got.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", head(diff))
	}
}

func head(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "…"
	}
	return s
}
