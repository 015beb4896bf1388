package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// newcomerScene is an October read at six each morning by the clock of a zone, and
// the reading of 1 November after it. Access to office-pro is by the group LIC-Pro
// (1), of which LIC-Team (2) is a member.
type newcomerScene struct {
	*dirScene
	loc *time.Location
}

func newNewcomerScene(t *testing.T, zone string) newcomerScene {
	t.Helper()
	s := newScene(t)
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Provider.Location, s.facts.Month = loc, month.New(2026, 10, loc)
	var at []time.Time
	for day := range 31 {
		at = append(at, time.Date(2026, 10, day+1, 6, 0, 0, 0, loc))
	}
	d := newcomerScene{s.directory("hosting", "HOSTING", at), loc}
	d.group(513, "Domain Users")
	d.group(1, "LIC-Pro", id(2))
	d.group(2, "LIC-Team")
	d.group(3, "Elsewhere")
	d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: d.at(32, 6, 0, 0).UTC(), File: "november.ldif"}}
	return d
}

func (d newcomerScene) at(day, hour, minute, second int) time.Time {
	return time.Date(2026, 10, day, hour, minute, second, 0, d.loc).UTC()
}

// made is an account that the reading of November has first of all.
func (d newcomerScene) made(n int, name string, more ...func(*snapshot.Account)) {
	a := snapshot.Account{ID: id(n), SID: sidOf(n)[len(snapshot.KeySID):], Name: name, DN: "CN=" + name + ",OU=alpha,DC=h", PrimaryGroup: "S-1-5-21-1-513", Line: n}
	for _, f := range more {
		f(&a)
	}
	d.d.After.Accounts = append(d.d.After.Accounts, a)
}

// told adds changes that the reading of November tells.
func (d newcomerScene) told(all ...snapshot.Change) {
	d.d.After.Changes = append(d.d.After.Changes, all...)
	slices.SortFunc(d.d.After.Changes, func(x, y snapshot.Change) int {
		if x.Link != y.Link {
			if x.Link {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Object+x.Key, y.Object+y.Key)
	})
}

// By hand: an account that came after the last reading of October is counted in it
// from the moment on at which its membership stood and it could sign in, where both
// are told; asked about, where only the first is; else left alone. Amsterdam's clock
// went back on 25 October, so 23:59 of the 31st is 22:59 UTC.
func TestMadeAfterTheLastReading(t *testing.T) {
	type want struct {
		counted bool
		from    string // by the clock of Amsterdam
		until   string
		known   bool
		unsure  bool
		asked   bool
	}
	for name, c := range map[string]struct {
		build func(d newcomerScene)
		want  want
	}{
		"made at ten, let in five minutes later": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 20)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "1 06:00:00"}},
		"let in, and able to sign in an hour later": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 11, 5, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{counted: true, from: "31 11:05:00", until: "1 06:00:00"}},
		"into a group within the group": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(2, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "1 06:00:00"}},
		"at the last minute of the month": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 1, d.at(31, 23, 59, 0), d.at(31, 23, 59, 0)))
		}, want{counted: true, from: "31 23:59:00", until: "1 06:00:00"}},
		"at the first minute of the next": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 1, d.at(32, 0, 0, 0), d.at(32, 0, 0, 0)))
		}, want{}},
		"let in and out again on the 31st": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 2, d.at(31, 10, 5, 0), d.at(31, 15, 0, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "31 15:00:00", known: true}},
		"let in on the 31st, out on the 1st": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 2, d.at(31, 10, 5, 0), d.at(32, 5, 0, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "1 05:00:00", known: true}},
		"let in on the 31st, out and in again by the 1st": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 3, d.at(31, 10, 5, 0), d.at(32, 5, 0, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "1 05:00:00", unsure: true}},
		"into a group that gives nothing": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(3, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{}},
		"by a group that came into the group at noon": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(3, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)), link(1, 3, 1, d.at(31, 12, 0, 0), d.at(31, 12, 0, 0)))
		}, want{counted: true, from: "31 12:00:00", until: "1 06:00:00"}},
		"disabled, as the next reading shows it, since the 31st": {func(d newcomerScene) {
			d.made(9, "eva", disabled)
			d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{}},
		"changed on the 1st, so that it may have been enabled then": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(32, 0, 30, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{asked: true}},
		"changed on the 1st, in a group that gives nothing": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(32, 0, 30, 0)), link(3, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{}},
		"changed on the 1st, and enabled on the 31st by the log": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 3, d.at(32, 0, 30, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
			d.logs(d.at(31, 10, 0, 0), snapshot.CreatedOff, 4720, 9, 0)
			d.logs(d.at(31, 11, 0, 0), snapshot.Enabled, 4722, 9, 0)
		}, want{counted: true, from: "31 11:00:00", until: "1 06:00:00"}},
		"changed on the 1st, and disabled until then by the log": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(32, 0, 30, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
			d.logs(d.at(31, 10, 0, 0), snapshot.CreatedOff, 4720, 9, 0)
			d.logs(d.at(32, 0, 30, 0), snapshot.Enabled, 4722, 9, 0)
		}, want{}},
		"its membership alone is told": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{counted: true, from: "31 10:05:00", until: "1 06:00:00", unsure: true}},
		"as the logs alone tell": {func(d newcomerScene) {
			d.made(9, "eva")
			d.logs(d.at(31, 10, 0, 0), snapshot.Created, 4720, 9, 0)
			d.logs(d.at(31, 10, 5, 0), snapshot.Added, 4728, 1, 9)
		}, want{counted: true, from: "31 10:05:00", until: "1 06:00:00", unsure: true}},
		"made at ten, by its primary group": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 1, d.at(31, 10, 0, 0)))
			d.member(1, id(513), always)
		}, want{counted: true, from: "31 10:00:00", until: "1 06:00:00"}},
		"a primary group that it got on the 1st": {func(d newcomerScene) {
			d.made(9, "eva", func(a *snapshot.Account) { a.PrimaryGroup = "S-1-5-21-1-1" })
			primary := control(9, 2, d.at(32, 1, 0, 0))
			primary.Key = "primarygroupid"
			d.told(control(9, 1, d.at(31, 10, 0, 0)), primary)
		}, want{}},
		"made on the 1st": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(32, 1, 0, 0)), link(1, 9, 1, d.at(32, 1, 5, 0), d.at(32, 1, 5, 0)))
		}, want{}},
		"moved to where it is read, its membership of long ago": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(-700, 1, 0, 0)), link(1, 9, 1, d.at(-700, 1, 5, 0), d.at(-700, 1, 5, 0)))
		}, want{}},
		"made a minute before the last reading, which had not heard of it": {func(d newcomerScene) {
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 5, 59, 0)), link(1, 9, 1, d.at(31, 5, 59, 30), d.at(31, 5, 59, 30)))
		}, want{counted: true, from: "31 05:59:30", until: "31 06:00:00"}},
		"nothing is told": {func(d newcomerScene) { d.made(9, "eva") }, want{}},
		"expired before it came": {func(d newcomerScene) {
			d.made(9, "eva", func(a *snapshot.Account) { a.Expires = d.at(1, 0, 0, 0) })
			expires := control(9, 1, d.at(31, 10, 0, 0))
			expires.Key = "accountexpires"
			d.told(control(9, 2, d.at(31, 10, 0, 0)), expires, link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
		}, want{}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newNewcomerScene(t, "Europe/Amsterdam")
			d.user(5, "ann", "OU=alpha,DC=h", always)
			d.member(1, id(5), always)
			c.build(d)
			st := d.s.run()
			got := personCalled(st, "eva")
			switch w := c.want; {
			case !w.counted && got != nil:
				t.Errorf("counted: %+v", got.Between)
			case !w.counted:
			case got == nil:
				t.Error("not counted")
			case got.Between == nil:
				t.Error("counted by the readings")
			default:
				b, form := got.Between, "2 15:04:05"
				if from, until := b.From.In(d.loc).Format(form), b.Until.In(d.loc).Format(form); from != w.from || until != w.until || !b.FromKnown || b.UntilKnown != w.known || b.Unsure != w.unsure {
					t.Errorf("from %s until %s: %+v; want %+v", from, until, b, w)
				}
				if got.Tenant != "alpha" || got.First.String() != "2026-10-31" {
					t.Errorf("%s, first %s", got.Tenant, got.First)
				}
			}
			if asked := questions(st, statement.AskMember); (len(asked) > 0) != c.want.asked {
				t.Errorf("asked %q", asked)
			}
			if told := subjects(st, "disabled-in-group"); len(told) > 0 {
				t.Errorf("told as disabled all month: %q", told)
			}
			if n := quantity(st, "alpha", "office-pro")[0]; n != 1 && !c.want.counted {
				t.Errorf("%d of office-pro", n)
			}
		})
	}
}

func personCalled(st *statement.Statement, name string) *statement.Person {
	for i := range st.Persons.Len() {
		if p := st.Persons.At(i); p.Product == "office-pro" && slices.ContainsFunc(p.Accounts, func(a statement.Account) bool { return a.Name == name }) {
			return &p
		}
	}
	return nil
}

// By hand, by the clock of New York, which is five hours behind UTC on the 31st of
// October: 23:59 there is 03:59 UTC of the 1st of November, and still October; 00:01 of
// the 1st is not. In Amsterdam both are November.
func TestTheMonthEndsByTheProvidersClock(t *testing.T) {
	for _, c := range []struct {
		zone    string
		at      string
		counted bool
	}{
		{"America/New_York", "2026-11-01T03:59:00Z", true},
		{"America/New_York", "2026-11-01T04:01:00Z", false},
		{"Europe/Amsterdam", "2026-10-31T22:59:00Z", true},
		{"Europe/Amsterdam", "2026-10-31T23:01:00Z", false},
		{"Pacific/Auckland", "2026-10-31T10:59:00Z", true},
		{"Pacific/Auckland", "2026-10-31T11:01:00Z", false},
	} {
		d := newNewcomerScene(t, c.zone)
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		d.made(9, "eva")
		d.told(control(9, 2, at.Add(-time.Second)), link(1, 9, 1, at, at))
		if got := personCalled(d.s.run(), "eva"); (got != nil) != c.counted {
			t.Errorf("%s, %s: %+v", c.zone, c.at, got)
		}
	}
}

// By hand: what the next month's reading tells of somebody whom this month's saw.
// Eva was let in on the 31st at 10:05 and out on the 1st at 5. Bob, disabled in the
// last reading, was enabled on the 1st at 5 for the first time, and let in and out on
// the 31st: he had nothing.
func TestOverTheBorderOfTheMonth(t *testing.T) {
	d := newNewcomerScene(t, "Europe/Amsterdam")
	d.user(8, "bob", "OU=alpha,DC=h", always, disabled)
	d.user(9, "eva", "OU=alpha,DC=h", always)
	d.tell(1, control(8, 1, d.at(-30, 5, 0, 0)))
	d.made(8, "bob")
	d.told(control(8, 2, d.at(32, 5, 0, 0)), link(1, 8, 2, d.at(31, 10, 5, 0), d.at(31, 12, 0, 0)), link(1, 9, 2, d.at(31, 10, 5, 0), d.at(32, 5, 0, 0)))
	st := d.s.run()
	if got := personCalled(st, "bob"); got != nil {
		t.Errorf("bob, who was disabled, by %+v", got.Between)
	}
	switch got := personCalled(st, "eva"); {
	case got == nil || got.Between == nil:
		t.Errorf("eva: %+v", got)
	case !got.Between.From.Equal(d.at(31, 10, 5, 0)) || !got.Between.Until.Equal(d.at(32, 5, 0, 0)) || !got.Between.UntilKnown || got.Between.Unsure:
		t.Errorf("eva by %+v", got.Between)
	}
}

// By hand: a newcomer with the employee number of somebody who is counted is the
// same person. One that shares a number with each of two makes no one person of
// them, and four of one number, where three are one person at most, do not take
// apart the three that were one.
func TestNewcomersAsPersons(t *testing.T) {
	d := newNewcomerScene(t, "Europe/Amsterdam")
	d.s.cfg.Person = []string{"employeeID", "mail"}
	mail := func(v string) func(*snapshot.Account) { return func(a *snapshot.Account) { a.Mail = v } }
	d.user(5, "ann", "OU=alpha,DC=h", always, employee("A5501"), mail("ann@alpha.example"))
	d.user(6, "bob", "OU=alpha,DC=h", always, employee("B6602"), mail("bob@alpha.example"))
	for i, name := range []string{"cas", "cas-adm", "cas-test"} {
		d.user(20+i, name, "OU=alpha,DC=h", always, employee("C7703"))
		d.member(1, id(20+i), always)
	}
	d.member(1, id(5), always)
	d.member(1, id(6), always)
	before := quantity(d.s.run(), "alpha", "office-pro")[0] // ann, bob, cas
	in := func(n int) {
		d.told(control(n, 2, d.at(31, 10, 0, 0)), link(1, n, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
	}
	d.made(9, "ann-adm", employee("A5501"), mail("bob@alpha.example"))
	in(9)
	same := quantity(d.s.run(), "alpha", "office-pro")[0]
	d.made(10, "cas-more", employee("C7703"))
	in(10)
	more := quantity(d.s.run(), "alpha", "office-pro")[0]
	if before != 3 || same != 3 || more != 4 {
		t.Errorf("%d, with ann's second account %d, with a fourth of cas's number %d; want 3, 3, 4", before, same, more)
	}
}

// By hand: a newcomer whose customer is known by a group alone is that customer's, by
// the membership that the next reading tells.
func TestNewcomerOfATenantByGroup(t *testing.T) {
	d := newNewcomerScene(t, "Europe/Amsterdam")
	d.s.reg.Tenants = append(d.s.reg.Tenants, register.Tenant{ID: "gamma", Name: "Gamma", Signs: []register.Sign{{Kind: register.SignGroup, Value: "Elsewhere"}}})
	d.user(5, "ann", "OU=loose,DC=h", always)
	d.member(3, id(5), always)
	d.made(9, "eva", func(a *snapshot.Account) { a.DN = "CN=eva,OU=loose,DC=h" })
	d.told(control(9, 2, d.at(31, 10, 0, 0)), link(1, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)), link(3, 9, 1, d.at(31, 10, 5, 0), d.at(31, 10, 5, 0)))
	if got := personCalled(d.s.run(), "eva"); got == nil || got.Tenant != "gamma" {
		t.Errorf("%+v", got)
	}
}
