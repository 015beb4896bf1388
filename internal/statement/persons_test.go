package statement

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// Claims come out as they went in: of one person and of several, with every
// field set or none, moments in another zone, lines and records beyond 32 bits.
// Anna's two claims share what stands of her once; Bert's second has another
// session, and so stands again.
func TestPersons(t *testing.T) {
	way, host := &Way{Kind: ByPool, Pool: "shared", Path: []string{"A", "B"}}, &Installed{snapshot.Evidence{File: "i.csv", Line: 3}}
	seen := func(at time.Time) *Session {
		return &Session{Host: "h1", Sighting: snapshot.Sighting{Time: at, EventID: 21, Channel: "LSM", Evidence: snapshot.Evidence{File: "l.evtx", Line: -4, Record: 1 << 60}}, Note: "n"}
	}
	at := time.Date(2026, 10, 2, 3, 4, 5, 678, time.UTC)
	anna := Person{Tenant: "t", Product: "rds", Key: "k1", Name: "Anna", Units: 1, Via: Basis{way, snapshot.Evidence{File: "d.ldif", Line: 12}, host},
		Accounts: []Account{{"k1", "anna", "Anna", "ad", "CN=Anna"}, {"k2", "", "", "ad", ""}}, First: month.Date(2026, 10, 1), Last: month.Date(2026, 10, 31),
		Active: true, Session: seen(at), Idle: 7}
	more := anna
	more.Product, more.Excluded, more.Idle = "office", &Exclusion{"X1", register.Admin, "doc"}, 0
	more.Via.Group = snapshot.Evidence{File: "d.ldif", Line: 1 << 40, Record: 9}
	bert := Person{Tenant: "t", Product: "rds", Key: "k3", Units: 1 << 40, Via: Basis{Way: way, Installed: host}, Session: seen(time.Time{})}
	zone := bert
	zone.Session = seen(at.In(time.FixedZone("x", 3600)))
	want := []Person{anna, more, bert, zone, {}}
	p := PersonsOf(want...)
	if got := p.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if p.rows[0].who != p.rows[1].who || p.rows[2].who == p.rows[3].who {
		t.Errorf("%+v: the first two are to share who they are, the third and the fourth not", p.rows)
	}
	for i, x := range want {
		x.Accounts, x.Session = nil, nil
		if got := p.Brief(i); !reflect.DeepEqual(got, x) {
			t.Errorf("in brief %+v\nwant %+v", got, x)
		}
	}
	p.SetIdle(2, 3)
	if got := p.At(2).Idle; got != 3 {
		t.Errorf("idle for %d months", got)
	}
}

// From the second on: b is first by its rank, then a, the earlier one first.
func TestPersonsByProduct(t *testing.T) {
	var p Persons
	for _, x := range []string{"b0", "a1", "b2", "a3", "b4"} {
		p.Add(Person{Product: x[:1], Key: x})
	}
	p.ByProduct(1, map[string]int{"b": 0, "a": 1})
	var got []string
	for _, x := range p.List() {
		got = append(got, x.Key)
	}
	if !slices.Equal(got, []string{"b0", "b2", "b4", "a1", "a3"}) {
		t.Errorf("%q", got)
	}
}
