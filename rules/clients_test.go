package rules

import (
	"testing"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// from says from which devices an account was connected, on days of which some
// name the device.
func (s *scene) from(host, user string, named []int, clients ...string) {
	list := s.facts.Uses.Values()
	for i := range list {
		if u := &list[i]; u.Host == host && u.User == user {
			u.Clients = clients
			for _, d := range named {
				u.ClientDays |= 1 << (d - 1)
			}
		}
	}
	s.facts.Uses = snapshot.ListOf(list...)
}

// Ann and Bob of alpha share KASSA-1 in shifts: one device. Ann sat at home on
// LAPTOP-ANN too: two. Cor of beta and Dan of beta have an iPad each, which both
// call ipad: two. Eve of beta has sessions on the 6th and 7th, and only the 6th
// names TABLET-7: that, and one that nobody knows. On the host that the rule
// does not mean nothing counts. alpha 2, beta 4, and a question about Eve.
func TestClientsAreDevices(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: sql-device, part_number: D-1, unit: device, entitled: {clients: ["KASSA*"]}}
`)
	d := s.dir()
	for i, who := range []string{"ann", "bob"} {
		d.user(i+1, who, "OU=alpha,DC=h", always)
	}
	for i, who := range []string{"cor", "dan", "eve"} {
		d.user(i+3, who, "OU=beta,DC=h", always)
	}
	s.use("kassa-a", `hosting\ann`, 1, 2)
	s.from("kassa-a", `hosting\ann`, []int{1, 2}, "kassa-1", "laptop-ann")
	s.use("kassa-b", `hosting\bob`, 3)
	s.from("kassa-b", `hosting\bob`, []int{3}, "kassa-1")
	s.use("kassa-a", `hosting\cor`, 4)
	s.from("kassa-a", `hosting\cor`, []int{4}, "ipad")
	s.use("kassa-a", `hosting\dan`, 4)
	s.from("kassa-a", `hosting\dan`, []int{4}, "ipad")
	s.use("kassa-a", `hosting\eve`, 6, 7)
	s.from("kassa-a", `hosting\eve`, []int{6}, "tablet-7")
	s.use("office-1", `hosting\bob`, 8)
	st := s.run()
	s.want(st, "", "sql-device", 6)
	s.want(st, "alpha", "sql-device", 2)
	s.want(st, "beta", "sql-device", 4)
	open := questionsAbout(st, "devices of sql-device")
	if len(open) != 1 || open[0].Tenant != "beta" || open[0].Units != 1 || len(open[0].About) != 1 || open[0].About[0] != "eve" {
		t.Fatalf("%+v", open)
	}
	s.decide(open[0].Key, register.Accepted)
	if open := questionsAbout(s.run(), "devices of sql-device"); len(open) != 1 || open[0].Answer == "" {
		t.Errorf("%+v", open)
	}
}

// Where no event names a client, each account is a device at least, and asked;
// a client that is a computer of the group is counted once.
func TestClientsWithoutNames(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: sql-device, part_number: D-1, unit: device, entitled: {groups: [Kiosks], clients: ["*"]}}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	d.user(3, "KIOSK-1$", "OU=alpha,DC=h", always, func(a *snapshot.Account) { a.Class = snapshot.Computer })
	d.group(100, "Kiosks", id(3))
	s.use("h1", `hosting\ann`, 1)
	s.from("h1", `hosting\ann`, []int{1}, "kiosk-1")
	s.use("h1", `hosting\bob`, 1, 2)
	s.use("h2", `hosting\bob`, 3)
	st := s.run()
	s.want(st, "", "sql-device", 2) // KIOSK-1, and what bob sat at
	if open := questionsAbout(st, "devices of sql-device"); len(open) != 1 || open[0].Units != 1 {
		t.Errorf("%+v", open)
	}
	for _, m := range st.Machines {
		if m.Host == "bob" {
			t.Error("a device is called by a person's name, and stands on sheets that name none")
		}
	}
}

func questionsAbout(st *statement.Statement, subject string) (out []statement.Question) {
	for _, q := range st.Questions {
		if q.Subject == subject {
			out = append(out, q)
		}
	}
	return out
}
