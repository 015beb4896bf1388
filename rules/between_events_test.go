package rules

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// logs adds an event of the controller DC2; whom it is about it tells by SID.
func (d *dirScene) logs(t time.Time, what snapshot.What, number uint32, object, member int) {
	e := snapshot.Event{Time: t, ID: number, What: what, Object: sidOf(object), Computer: "DC2.hosting.example", Record: uint64(len(d.d.Events) + 1), File: "dc2.evtx"}
	if member > 0 {
		e.Member = sidOf(member)
	}
	d.d.Events = append(d.d.Events, e)
	slices.SortFunc(d.d.Events, snapshot.CompareEvents)
}

func sidOf(n int) string { return snapshot.KeySID + "S-1-5-21-1-" + strings.TrimLeft(id(n)[:8], "0") }

// By hand. Access to office-pro is by the group LIC-Pro (1); LIC-Team (2) is a
// member of it throughout. The readings are at midnight, and the controllers' logs
// tell of the 12th.
func TestBetweenByEvents(t *testing.T) {
	ten, noon, three := at12(10, 2, 11), at12(12, 0, 0), at12(15, 40, 57)
	in := func(d *dirScene, at time.Time, group int) { d.logs(at, snapshot.Added, 4728, group, 9) }
	out := func(d *dirScene, at time.Time, group int) { d.logs(at, snapshot.Removed, 4729, group, 9) }
	type want struct {
		counted          bool
		from, until      time.Time
		fromKnown, known bool
		unsure           bool
		by               statement.AccessProof
		contradicted     string
		asked            bool
	}
	for name, c := range map[string]struct {
		build func(s *scene, d *dirScene)
		want  want
	}{
		"added at ten, removed at three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
			out(d, three, 1)
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByEvent}},
		"into a group within the group": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 2)
			out(d, three, 2)
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByEvent}},
		"into a group that gives nothing": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 3)
			out(d, three, 3)
		}, want{}},
		"disabled all the while": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			in(d, ten, 1)
			out(d, three, 1)
		}, want{}},
		"twice, and the directory tells the second time": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
			out(d, noon, 1)
			d.tell(13, link(1, 9, 4, ten, three))
		}, want{counted: true, from: ten, until: noon, fromKnown: true, known: true, by: statement.ByEvent}},
		"as the directory tells it": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten.Add(time.Second), 1)
			out(d, three.Add(time.Second), 1)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByBoth}},
		"the log lacks its end, and the directory has it": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByMetadata}},
		"the log lacks its end": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
		}, want{counted: true, from: ten, until: at12(24, 0, 0), fromKnown: true, unsure: true, by: statement.ByEvent}},
		"the log lacks its beginning": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			out(d, three, 1)
		}, want{counted: true, from: at12(0, 0, 0), until: three, known: true, unsure: true, by: statement.ByEvent}},
		"of another domain's group": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 77)
			out(d, three, 77)
		}, want{}},
		"enabled at ten, disabled at three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.member(1, id(9), always)
			d.logs(ten, snapshot.Enabled, 4722, 9, 0)
			d.logs(three, snapshot.Disabled, 4725, 9, 0)
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByEvent}},
		"disabled at three, and seen disabled": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.member(1, id(9), always)
			d.logs(three, snapshot.Disabled, 4725, 9, 0)
		}, want{counted: true, from: at12(0, 0, 0), until: three, known: true, by: statement.ByEvent}},
		"changed in a way that gives nothing": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.member(1, id(9), always)
			d.logs(three, snapshot.Renamed, 4781, 9, 0)
		}, want{}},
		"made, let in and deleted, as the logs alone tell": {func(s *scene, d *dirScene) {
			d.logs(ten, snapshot.CreatedOff, 4720, 9, 0)
			d.logs(ten.Add(time.Second), snapshot.Enabled, 4722, 9, 0)
			in(d, noon, 1)
			d.logs(three, snapshot.Erased, 4726, 9, 0)
			for i := range d.d.Events {
				if e := &d.d.Events[i]; e.Member == "" {
					e.Name = "eva"
				} else {
					e.DN = "CN=eva,OU=alpha,DC=h"
				}
			}
		}, want{counted: true, from: noon, until: three, fromKnown: true, known: true, by: statement.ByEvent}},
		"made and deleted, and nothing of groups": {func(s *scene, d *dirScene) {
			d.logs(ten, snapshot.Created, 4720, 9, 0)
			d.logs(three, snapshot.Erased, 4726, 9, 0)
		}, want{asked: true}},
		"made disabled and deleted": {func(s *scene, d *dirScene) {
			d.logs(ten, snapshot.CreatedOff, 4720, 9, 0)
			d.logs(three, snapshot.Erased, 4726, 9, 0)
		}, want{}},
		"deleted, and lived who knows where": {func(s *scene, d *dirScene) {
			d.logs(three, snapshot.Erased, 4726, 9, 0)
		}, want{}},
		"deleted, as both tell, let in as the logs do": {func(s *scene, d *dirScene) {
			d.d.Deleted = []snapshot.Deleted{{Account: snapshot.Account{ID: id(9), SID: "S-1-5-21-1-9", Name: "eva", DN: "CN=eva,OU=alpha,DC=h"}, Made: ten, Gone: three}}
			in(d, noon, 1)
			d.logs(three, snapshot.Erased, 4726, 9, 0)
		}, want{counted: true, from: noon, until: three, fromKnown: true, known: true, by: statement.ByEvent}},
		"the directory knows of no change after": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
			out(d, three, 1)
			d.tell(13, link(1, 9, 2, ten.AddDate(0, 0, -3), three.AddDate(0, 0, -3)))
		}, want{counted: true, from: ten.AddDate(0, 0, -3), until: three.AddDate(0, 0, -3), fromKnown: true, known: true, by: statement.ByMetadata, contradicted: "knows of no change"}},
		"the directory counts fewer": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, ten, 1)
			out(d, noon, 1)
			in(d, noon.Add(time.Hour), 1)
			out(d, three, 1)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByBoth, contradicted: "one of 4 changes"}},
		"the contrary at one moment": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			in(d, three, 1)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true, by: statement.ByMetadata, contradicted: "the contrary"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.group(513, "Domain Users")
			d.group(1, "LIC-Pro", id(2))
			d.group(2, "LIC-Team")
			d.group(3, "Elsewhere")
			c.build(s, d)
			st := s.run()
			var got *statement.Person
			for i := range st.Persons.Len() {
				if p := st.Persons.At(i); p.Product == "office-pro" && len(p.Accounts) > 0 && p.Accounts[0].Name == "eva" {
					got = &p
				}
			}
			w := c.want
			switch {
			case !w.counted:
				if got != nil {
					t.Errorf("counted: %+v %+v", got, got.Between)
				}
			case got == nil || got.Between == nil:
				t.Errorf("%+v, want it counted by events", got)
			default:
				b := got.Between
				if !b.From.Equal(w.from) || !b.Until.Equal(w.until) || b.FromKnown != w.fromKnown || b.UntilKnown != w.known || b.Unsure != w.unsure || b.By != w.by || b.Origin != "DC2" {
					t.Errorf("from %s (%v) until %s (%v), unsure %v, by %s of %s; want %+v", b.From, b.FromKnown, b.Until, b.UntilKnown, b.Unsure, b.By, b.Origin, w)
				}
				if got.Tenant != "alpha" {
					t.Errorf("in %s", got.Tenant)
				}
			}
			told := ""
			for _, f := range st.Findings {
				if f.Code == "access-contradicted" {
					told = f.Message
				}
			}
			if (w.contradicted == "") != (told == "") || !strings.Contains(told, w.contradicted) {
				t.Errorf("contradicted: %q, want %q", told, w.contradicted)
			}
			if asked := questions(st, statement.AskMember); (len(asked) > 0) != w.asked {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// Scenes at random: memberships and accounts that come and go, and logs that hold
// any part of what happened. Whoever is counted without the logs is counted with
// them, by readings where it was by readings; and nobody is counted by events that
// are sure at whose moment there was no access.
func TestEventsOnlyAdd(t *testing.T) {
	more := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 21))
		const people = 5
		start := at12(0, 0, 0).AddDate(0, 0, -11)
		var taken []time.Time
		for i := range 4 {
			taken = append(taken, start.AddDate(0, 0, i*9))
		}
		make := func(most int) history {
			var h history
			if r.IntN(2) == 0 {
				h = append(h, start.AddDate(0, -1, 0))
			}
			for range r.IntN(most + 1) {
				h = append(h, start.Add(time.Duration(r.IntN(30*24*60))*time.Minute+time.Duration(1+r.IntN(58))*time.Second))
			}
			slices.SortFunc(h, time.Time.Compare)
			return slices.Compact(h)
		}
		enabled, member := map[int]history{}, map[int]history{}
		for p := range people {
			enabled[10+p], member[10+p] = append(history{start.AddDate(0, -2, 0)}, make(2)...), make(3)
			if len(enabled[10+p]) > 1 && enabled[10+p][1].Before(start) {
				enabled[10+p] = enabled[10+p][1:]
			}
		}
		metadata, part := r.IntN(2) == 0, 1+r.IntN(3)
		build := func(logged bool) map[string]*statement.Between {
			s := newScene(t)
			d := s.directory("hosting", "HOSTING", taken)
			d.group(1, "LIC-Pro")
			lot := rand.New(rand.NewPCG(seed, 22))
			for p := range people {
				n, h, on := 10+p, member[10+p], enabled[10+p]
				for k := range taken {
					one := snapshot.Span{First: int32(k), Last: int32(k)}
					if on.is(taken[k]) {
						d.user(n, "p"+string(rune('0'+p)), "OU=alpha,DC=h", one)
					} else {
						d.user(n, "p"+string(rune('0'+p)), "OU=alpha,DC=h", one, disabled)
					}
					if h.is(taken[k]) {
						d.member(1, id(n), one)
					}
					if v, last := h.version(taken[k]); metadata && v > 0 {
						d.d.Changes = append(d.d.Changes, snapshot.ChangeSpan{Change: link(1, n, v, h[0], last), Span: one, File: "x"})
					}
				}
				for i, x := range h {
					if x.After(start) && logged && lot.IntN(part) == 0 {
						what := []snapshot.What{snapshot.Added, snapshot.Removed}[i%2]
						d.logs(x, what, 4728+uint32(i%2), 1, n)
					}
				}
				for i, x := range on {
					if x.After(start) && logged && lot.IntN(part) == 0 {
						what := []snapshot.What{snapshot.Enabled, snapshot.Disabled}[i%2]
						d.logs(x, what, 4722+3*uint32(i%2), n, 0)
					}
				}
			}
			slices.SortStableFunc(d.d.Changes, func(x, y snapshot.ChangeSpan) int { return strings.Compare(x.Key, y.Key) })
			st := s.run()
			out := map[string]*statement.Between{}
			for i := range st.Persons.Len() {
				if p := st.Persons.At(i); p.Product == "office-pro" {
					out[p.Name] = p.Between
				}
			}
			return out
		}
		without, with := build(false), build(true)
		more += len(with) - len(without)
		for name, was := range without {
			if is, ok := with[name]; !ok || (was == nil) != (is == nil) {
				t.Fatalf("seed %d: %s was counted by %+v, and with the logs by %+v (%v)", seed, name, was, is, ok)
			}
		}
		for name, b := range with {
			if b == nil || b.Unsure || !b.FromKnown || part > 1 {
				continue
			}
			p := 10 + int(name[1]-'0')
			if !member[p].is(b.From) || !enabled[p].is(b.From) {
				t.Errorf("seed %d: %s had no access at %s: %+v; member %v, enabled %v", seed, name, b.From, b, member[p], enabled[p])
			}
		}
		for p := range people { // with all of the logs everybody is found
			name := "p" + string(rune('0'+p))
			if _, ok := with[name]; ok || part > 1 {
				continue
			}
			for m := start; m.Before(taken[3]); m = m.Add(time.Minute) {
				if member[10+p].is(m) && enabled[10+p].is(m) {
					t.Errorf("seed %d: %s had access at %s and is not counted; member %v, enabled %v", seed, name, m, member[10+p], enabled[10+p])
					break
				}
			}
		}
	}
	if more < 20 {
		t.Errorf("the logs added only %d", more)
	}
}
