package dcevents

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

func made(id uint32, pairs ...string) *record.Record {
	r := &record.Record{ID: 7, Ticks: record.ToTicks(at), EventID: id, Channel: []byte("Security"), Computer: []byte("DC2.host.example")}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Fields = append(r.Fields, record.Field{Name: []byte(pairs[i]), Value: []byte(pairs[i+1])})
	}
	return r
}

var at = time.Date(2026, 10, 12, 8, 2, 11, 0, time.UTC)

// What each event says, by hand; "" says that it tells nothing, and words that it
// cannot be read, because of them.
func TestRead(t *testing.T) {
	group := []string{"TargetUserName", "LIC-Pro", "TargetSid", "S-1-5-21-1-2-3-1107"}
	eva := []string{"MemberName", "CN=Eva,OU=alpha,DC=h", "MemberSid", "S-1-5-21-1-2-3-1109"}
	account := []string{"TargetUserName", "eva", "TargetSid", "S-1-5-21-1-2-3-1109"}
	object := []string{"ObjectDN", "CN=LIC-Pro,DC=h", "ObjectGUID", "{0A1B2C3D-0000-0000-0000-00000000000F}"}
	all := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	change := func(name, value, op string) []string {
		return all(object, []string{"AttributeLDAPDisplayName", name, "AttributeValue", value, "OperationType", op})
	}
	in := func(what snapshot.What) snapshot.Event {
		return snapshot.Event{What: what, Object: "sid:S-1-5-21-1-2-3-1107", Member: "sid:S-1-5-21-1-2-3-1109", Name: "LIC-Pro", DN: "CN=Eva,OU=alpha,DC=h"}
	}
	own := func(what snapshot.What) snapshot.Event {
		return snapshot.Event{What: what, Object: "sid:S-1-5-21-1-2-3-1109", Name: "eva"}
	}
	of := func(what snapshot.What) snapshot.Event {
		return snapshot.Event{What: what, Object: "0a1b2c3d-0000-0000-0000-00000000000f", Name: "lic-pro", DN: "CN=LIC-Pro,DC=h"}
	}
	byName := func(what snapshot.What) snapshot.Event {
		e := of(what)
		e.Member, e.DN = "dn:cn=eva,ou=alpha,dc=h", "CN=Eva,OU=alpha,DC=h"
		return e
	}
	for _, c := range []struct {
		name   string
		id     uint32
		fields []string
		want   snapshot.Event
		why    string // it is not read
	}{
		{"into a global group", 4728, all(group, eva), in(snapshot.Added), ""},
		{"out of one", 4729, all(group, eva), in(snapshot.Removed), ""},
		{"into a local group", 4732, all(group, eva), in(snapshot.Added), ""},
		{"out of one", 4733, all(group, eva), in(snapshot.Removed), ""},
		{"into a universal group", 4756, all(group, eva), in(snapshot.Added), ""},
		{"out of one", 4757, all(group, eva), in(snapshot.Removed), ""},
		{"by name alone", 4728, all(group, eva[:2], []string{"MemberSid", `HOST\eva`}), func() snapshot.Event {
			e := in(snapshot.Added)
			e.Member = "dn:cn=eva,ou=alpha,dc=h"
			return e
		}(), ""},
		{"by SID alone", 4728, all(group, []string{"MemberName", "-", "MemberSid", "%{S-1-5-21-1-2-3-1109}"}), func() snapshot.Event {
			e := in(snapshot.Added)
			e.DN = ""
			return e
		}(), ""},
		{"a group of every machine", 4732, all([]string{"TargetSid", "S-1-5-32-555"}, eva), snapshot.Event{}, ""},
		{"of nobody", 4728, group, snapshot.Event{}, "who came or went"},
		{"of no group", 4728, eva, snapshot.Event{}, "the group's SID"},
		{"made disabled", 4720, all(account, []string{"NewUacValue", "0x15"}), own(snapshot.CreatedOff), ""},
		{"made enabled", 4720, all(account, []string{"NewUacValue", "0x10"}), own(snapshot.Created), ""},
		{"made, and not said how", 4720, account, own(snapshot.Created), ""},
		{"enabled", 4722, account, own(snapshot.Enabled), ""},
		{"disabled", 4725, account, own(snapshot.Disabled), ""},
		{"deleted", 4726, account, own(snapshot.Erased), ""},
		{"enabled by a change", 4738, all(account, []string{"OldUacValue", "0x11", "NewUacValue", "0x10"}), own(snapshot.Enabled), ""},
		{"disabled by a change", 4738, all(account, []string{"OldUacValue", "0x210", "NewUacValue", "0x211"}), own(snapshot.Disabled), ""},
		{"changed otherwise", 4738, all(account, []string{"OldUacValue", "0x211", "NewUacValue", "0x11"}), own(snapshot.Renamed), ""},
		{"changed, no flags", 4738, all(account, []string{"OldUacValue", "-", "NewUacValue", "-"}), own(snapshot.Renamed), ""},
		{"unlocked", 4767, account, own(snapshot.Renamed), ""},
		{"renamed", 4781, []string{"OldTargetUserName", "eve", "NewTargetUserName", "eva", "TargetSid", "S-1-5-21-1-2-3-1109"}, own(snapshot.Renamed), ""},
		{"of no account", 4722, []string{"TargetUserName", "eva"}, snapshot.Event{}, "the account's SID"},
		{"a member's name came", 5136, change("member", "CN=Eva,OU=alpha,DC=h", "%%14674"), byName(snapshot.Added), ""},
		{"and went", 5136, change("member", "CN=Eva,OU=alpha,DC=h", "%%14675"), byName(snapshot.Removed), ""},
		{"a control that is enabled came", 5136, change("userAccountControl", "512", "%%14674"), of(snapshot.Enabled), ""},
		{"and went", 5136, change("userAccountControl", "512", "%%14675"), of(snapshot.Disabled), ""},
		{"one that is disabled came", 5136, change("userAccountControl", "514", "%%14674"), of(snapshot.Renamed), ""},
		{"and went", 5136, change("userAccountControl", "514", "%%14675"), of(snapshot.Renamed), ""},
		{"another attribute", 5136, change("description", "x", "%%14674"), snapshot.Event{}, ""},
		{"a control that is no number", 5136, change("userAccountControl", "x", "%%14674"), snapshot.Event{}, "no number"},
		{"an operation of its own", 5136, change("member", "CN=Eva,DC=h", "%%1"), snapshot.Event{}, "operation"},
	} {
		got, err := Read(made(c.id, c.fields...))
		if c.why != "" {
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%d, %s: %v, %+v", c.id, c.name, err, got)
			}
			continue
		}
		var want []snapshot.Event
		if c.want.What != 0 {
			c.want.Time, c.want.ID, c.want.Record, c.want.Computer = at, c.id, 7, "DC2.host.example"
			want = []snapshot.Event{c.want}
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%d, %s: %v %s", c.id, c.name, err, d)
		}
	}
}

// Other events, other channels and damage are kept out, and counted where they
// should have told something.
func TestLog(t *testing.T) {
	l := Log{File: "dc2.evtx"}
	other := made(4728, "TargetSid", "S-1-5-21-1-2-3-4", "MemberSid", "S-1-5-21-1-2-3-5")
	other.Channel = []byte("Application")
	timeless := made(4722, "TargetSid", "S-1-5-21-1-2-3-4")
	timeless.Ticks = 0
	for _, r := range []*record.Record{made(4624, "TargetSid", "S-1-5-21-1-2-3-4"), other, timeless, made(4722, "TargetSid", "S-1-5-21-1-2-3-4")} {
		l.Record(r)
	}
	l.Damaged(record.Damage{What: "torn"})
	if len(l.Events) != 1 || l.Events[0].File != "dc2.evtx" || l.Unread != 1 || !strings.Contains(l.Why, "no time") || l.Damages != 1 || l.Damage != "torn" {
		t.Errorf("%+v", l)
	}
}

// Whatever stands in an event, what is made of it is whole: a time, an object that
// can be looked for, and texts that can be written down.
func FuzzRead(f *testing.F) {
	f.Add(uint32(4728), int64(1), "TargetSid", "S-1-5-21-1-2-3-4", "MemberSid", "S-1-5-21-1-2-3-5", "MemberName", "CN=x,DC=y")
	f.Add(uint32(5136), int64(1), "ObjectDN", "CN=x,DC=y", "AttributeLDAPDisplayName", "member", "AttributeValue", "CN=z,DC=y")
	f.Add(uint32(4738), int64(-1), "TargetSid", "s-1-5-21", "OldUacValue", "0x11", "NewUacValue", "0x10")
	f.Fuzz(func(t *testing.T, id uint32, ticks int64, a, b, c, d, e, g string) {
		r := made(id, a, b, c, d, e, g, "OperationType", "%%14674")
		r.Ticks = ticks
		var l Log
		l.Record(r)
		for _, x := range l.Events {
			member := x.What == snapshot.Added || x.What == snapshot.Removed
			if x.Time.IsZero() || x.What == 0 || x.Object == "" || member != (x.Member != "") || !Wanted(nil, x.ID) {
				t.Errorf("%+v", x)
			}
			for _, s := range []string{x.Object, x.Member, x.Name, x.DN, x.Computer} {
				if strings.ToValidUTF8(s, "") != s || len(s) > 3*maxText {
					t.Errorf("%q", s)
				}
			}
		}
	})
}
