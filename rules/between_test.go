package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// On the 12th, by the clock of Amsterdam; readings are at midnight.
func at12(hour, minute, second int) time.Time {
	loc, _ := time.LoadLocation("Europe/Amsterdam")
	return time.Date(2026, 10, 12, hour, minute, second, 0, loc).UTC()
}

// tell adds a change, told from the reading of a day on.
func (d *dirScene) tell(day int, c snapshot.Change) {
	d.d.Changes = append(d.d.Changes, snapshot.ChangeSpan{Change: c, Span: days(day, 31), File: d.d.Taken[day-1].File})
}

func link(group, member, version int, created, changed time.Time) snapshot.Change {
	return snapshot.Change{Object: id(group), Key: id(member), Link: true, Version: uint32(version), Created: created, Changed: changed, Gone: version%2 == 0, Origin: "DC2", Line: 7}
}

func control(account, version int, changed time.Time) snapshot.Change {
	return snapshot.Change{Object: id(account), Key: "useraccountcontrol", Version: uint32(version), Changed: changed, Origin: "DC1"}
}

// By hand. Access to office-pro is by the group LIC-Pro (1); LIC-Team (2) is a
// member of it throughout. Everybody is enabled unless it is said.
func TestBetween(t *testing.T) {
	ten, three := at12(10, 2, 11), at12(15, 40, 57)
	type want struct {
		counted            bool
		from, until        time.Time
		fromKnown, known   bool
		unsure, byReadings bool
	}
	for name, c := range map[string]struct {
		build func(s *scene, d *dirScene)
		want  want
	}{
		"added at ten, removed at three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true}},
		"into a group within the group": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(2, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true}},
		"into a group that gives nothing": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(3, 9, 2, ten, three))
		}, want{}},
		"disabled all the while": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{}},
		"removed and added before: when is not told, that it was is": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(1, 9, 4, at12(0, 0, 0).AddDate(0, -1, 0), three))
		}, want{counted: true, from: at12(0, 0, 0), until: three, known: true, unsure: true}},
		"a member, disabled but for a while that only its number shows": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.member(1, id(9), always)
			d.tell(1, control(9, 3, at12(0, 0, 0).AddDate(0, -1, 0)))
			d.d.Changes[0].Last = 11
			d.tell(13, control(9, 5, three))
		}, want{counted: true, from: at12(0, 0, 0), until: three, known: true, unsure: true}},
		"a member, disabled, of whom something else was changed": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always, disabled)
			d.member(1, id(9), always)
			d.tell(1, control(9, 3, at12(0, 0, 0).AddDate(0, -1, 0)))
			d.d.Changes[0].Last = 11
			d.tell(13, control(9, 4, three))
		}, want{}},
		"added at ten, disabled at three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", days(1, 12))
			d.user(9, "eva", "OU=alpha,DC=h", days(13, 31), disabled)
			d.member(1, id(9), days(13, 31))
			d.tell(13, link(1, 9, 1, ten, ten))
			d.tell(1, control(9, 1, at12(0, 0, 0).AddDate(0, -1, 0)))
			d.d.Changes[1].Last = 11
			d.tell(13, control(9, 2, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true}},
		"disabled at ten, added at three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", days(1, 12))
			d.user(9, "eva", "OU=alpha,DC=h", days(13, 31), disabled)
			d.member(1, id(9), days(13, 31))
			d.tell(13, link(1, 9, 1, three, three))
			d.tell(1, control(9, 1, at12(0, 0, 0).AddDate(0, -1, 0)))
			d.d.Changes[1].Last = 11
			d.tell(13, control(9, 2, ten))
		}, want{}},
		"added at ten, and seen at midnight": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.member(1, id(9), days(13, 31))
			d.tell(13, link(1, 9, 1, ten, ten))
		}, want{counted: true, byReadings: true}},
		"a group was in the group from ten to three": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.member(3, id(9), always)
			d.tell(13, link(1, 3, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true}},
		"shorter than what counts": {func(s *scene, d *dirScene) {
			s.cfg.Access.Shortest = config.Duration(6 * time.Hour)
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{}},
		"of a length that is not known": {func(s *scene, d *dirScene) {
			s.cfg.Access.Shortest = config.Duration(6 * time.Hour)
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(13, link(1, 9, 4, at12(0, 0, 0).AddDate(0, -1, 0), three))
		}, want{counted: true, from: at12(0, 0, 0), until: three, known: true, unsure: true}},
		"on the last day, as the next month's reading tells": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: at12(0, 0, 0).AddDate(0, 0, 20).Add(2 * time.Hour), File: "november.ldif"},
				Changes: []snapshot.Change{link(1, 9, 2, ten.AddDate(0, 0, 19), three.AddDate(0, 0, 19))}}
		}, want{counted: true, from: ten.AddDate(0, 0, 19), until: three.AddDate(0, 0, 19), fromKnown: true, known: true}},
		"made after the month's last reading, in the group since": {func(s *scene, d *dirScene) {
			d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: at12(0, 0, 0).AddDate(0, 0, 20).Add(2 * time.Hour), File: "november.ldif"},
				Accounts: []snapshot.Account{{ID: id(9), Name: "eva", DN: "CN=eva,OU=alpha,DC=h"}},
				Changes:  []snapshot.Change{link(1, 9, 1, ten.AddDate(0, 0, 19), ten.AddDate(0, 0, 19))}}
		}, want{counted: true, from: ten.AddDate(0, 0, 19), until: at12(0, 0, 0).AddDate(0, 0, 20).Add(2 * time.Hour), fromKnown: true, unsure: true}},
		"made after the month's last reading, in the group in the next month": {func(s *scene, d *dirScene) {
			d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: at12(0, 0, 0).AddDate(0, 0, 20).Add(2 * time.Hour), File: "november.ldif"},
				Accounts: []snapshot.Account{{ID: id(9), Name: "eva", DN: "CN=eva,OU=alpha,DC=h"}},
				Changes:  []snapshot.Change{link(1, 9, 1, at12(1, 0, 0).AddDate(0, 0, 20), at12(1, 0, 0).AddDate(0, 0, 20))}}
		}, want{}},
		"made disabled after the month's last reading": {func(s *scene, d *dirScene) {
			d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: at12(0, 0, 0).AddDate(0, 0, 20).Add(2 * time.Hour), File: "november.ldif"},
				Accounts: []snapshot.Account{{ID: id(9), Name: "eva", DN: "CN=eva,OU=alpha,DC=h", Disabled: true}},
				Changes:  []snapshot.Change{link(1, 9, 1, ten.AddDate(0, 0, 19), ten.AddDate(0, 0, 19))}}
		}, want{}},
		"made at ten with its membership, deleted at three": {func(s *scene, d *dirScene) {
			d.d.Deleted = []snapshot.Deleted{{Account: snapshot.Account{ID: id(9), SID: "S-1-5-21-1-9", Name: "eva", DN: "CN=eva,OU=alpha,DC=h"}, Made: ten, Gone: three}}
			d.tell(13, link(1, 9, 2, ten.Add(time.Minute), three))
		}, want{counted: true, from: ten.Add(time.Minute), until: three, fromKnown: true, known: true}},
		"made disabled, deleted at three": {func(s *scene, d *dirScene) {
			d.d.Deleted = []snapshot.Deleted{{Account: snapshot.Account{ID: id(9), SID: "S-1-5-21-1-9", Name: "eva", DN: "CN=eva,OU=alpha,DC=h", Disabled: true}, Made: ten, Gone: three}}
			d.tell(13, link(1, 9, 2, ten.Add(time.Minute), three))
		}, want{}},
		"deleted at three, seen the night before, a member since ten": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", days(1, 12))
			d.d.Deleted = []snapshot.Deleted{{Account: snapshot.Account{ID: id(9), SID: "S-1-5-21-1-9", Name: "eva", DN: "CN=eva,OU=alpha,DC=h"}, Made: ten.AddDate(-1, 0, 0), Gone: three}}
			d.tell(13, link(1, 9, 2, ten, three))
		}, want{counted: true, from: ten, until: three, fromKnown: true, known: true}},
		"removed before the month": {func(s *scene, d *dirScene) {
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(1, link(1, 9, 2, ten.AddDate(0, -2, 0), ten.AddDate(0, -1, 0)))
		}, want{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.group(513, "Domain Users")
			d.group(1, "LIC-Pro", id(2))
			d.group(2, "LIC-Team")
			d.group(3, "Elsewhere")
			c.build(s, d)
			slices.SortFunc(d.d.Changes, func(x, y snapshot.ChangeSpan) int { return int(x.First - y.First) })
			st := s.run()
			var got *statement.Person
			for i := range st.Persons.Len() {
				if p := st.Persons.At(i); p.Product == "office-pro" && len(p.Accounts) > 0 && p.Accounts[0].Name == "eva" {
					got = &p
				}
			}
			switch w := c.want; {
			case !w.counted:
				if got != nil {
					t.Errorf("counted: %+v %+v", got, got.Between)
				}
			case got == nil:
				t.Error("not counted")
			case len(subjects(st, "disabled-in-group")) > 0:
				t.Error("told as one who was disabled all month, and not counted")
			case w.byReadings:
				if got.Between != nil {
					t.Errorf("by %+v, want by the readings", got.Between)
				}
			case got.Between == nil:
				t.Error("counted by the readings")
			default:
				b := got.Between
				if !b.From.Equal(w.from) || !b.Until.Equal(w.until) || b.FromKnown != w.fromKnown || b.UntilKnown != w.known || b.Unsure != w.unsure {
					t.Errorf("from %s (%v) until %s (%v), unsure %v; want %+v", b.From, b.FromKnown, b.Until, b.UntilKnown, b.Unsure, w)
				}
				if got.Tenant != "alpha" || got.First.String() != b.From.In(s.facts.Month.Location()).Format(time.DateOnly) && !w.unsure {
					t.Errorf("%s, first %s", got.Tenant, got.First)
				}
			}
		})
	}
}

// history is what really happened to one thing: on from on[0], off from on[1], and so on.
type history []time.Time

func (h history) is(t time.Time) bool {
	n := 0
	for _, x := range h {
		if !x.After(t) {
			n++
		}
	}
	return n%2 == 1
}

// version is how many changes there were up to a moment, and the last of them.
func (h history) version(t time.Time) (n int, last time.Time) {
	for _, x := range h {
		if !x.After(t) {
			n, last = n+1, x
		}
	}
	return n, last
}

// Scenes at random, with the truth beside them: groups in groups, memberships and
// accounts that come and go, a few times between two readings. More evidence
// never lowers a count: with what the directory tells of changes everybody is
// counted who is without it. With all of it, everybody is counted whose access
// left the last word on anything (nothing changed more than once or twice in a
// gap), and nobody whose access is not at least possible; where it is sure,
// it is true.
func TestBetweenIsTrue(t *testing.T) {
	more, came := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 20))
		const people = 6
		start := at12(0, 0, 0).AddDate(0, 0, -11)
		var taken []time.Time
		for i := range 4 {
			taken = append(taken, start.AddDate(0, 0, i*8))
		}
		end := start.AddDate(0, 1, 0).Add(time.Hour) // the clocks change
		moment := func() time.Time {
			return start.Add(time.Duration(r.IntN(31*24*60)) * time.Minute).Add(time.Duration(1+r.IntN(58)) * time.Second)
		}
		make := func(most int) history {
			var h history
			if r.IntN(2) == 0 {
				h = append(h, start.AddDate(0, -1, 0))
			}
			for range r.IntN(most + 1) {
				h = append(h, moment())
			}
			slices.SortFunc(h, time.Time.Compare)
			return h
		}
		enabled, links := map[int]history{}, map[[2]int]history{}
		for p := range people {
			enabled[10+p] = make(2)
			if len(enabled[10+p]) == 0 || enabled[10+p][0].After(start) {
				enabled[10+p] = append(history{start.AddDate(0, -2, 0), start.AddDate(0, -1, 0)}, enabled[10+p]...)
			}
			for _, g := range []int{1, 2} {
				if r.IntN(3) > 0 {
					links[[2]int{g, 10 + p}] = make(3)
				}
			}
		}
		if r.IntN(2) == 0 {
			links[[2]int{1, 2}] = make(2)
		}
		// One of them comes after the last reading, in two of three scenes.
		var born time.Time
		const last = 10 + people - 1
		if seed%3 > 0 {
			at := func() time.Time {
				return taken[3].Add(time.Duration(1+r.IntN(6*24*60)) * time.Minute)
			}
			born = at()
			after := func(most int) (h history) {
				for range r.IntN(most + 1) {
					if t := at(); t.After(born) {
						h = append(h, t)
					}
				}
				slices.SortFunc(h, time.Time.Compare)
				return slices.Compact(h)
			}
			enabled[last] = append(history{born}, after(1)...)
			links[[2]int{1, last}], links[[2]int{2, last}] = after(2), after(2)
		}
		can := func(p int, t time.Time) bool {
			return enabled[p].is(t) && (links[[2]int{1, p}].is(t) || links[[2]int{2, p}].is(t) && links[[2]int{1, 2}].is(t))
		}
		build := func(metadata bool) map[string]*statement.Between {
			s := newScene(t)
			d := s.directory("hosting", "HOSTING", taken)
			d.group(1, "LIC-Pro")
			d.group(2, "LIC-Team")
			for k := range taken {
				one := snapshot.Span{First: int32(k), Last: int32(k)}
				for p := range people {
					if !born.IsZero() && 10+p == last {
						continue
					}
					if enabled[10+p].is(taken[k]) {
						d.user(10+p, fmt.Sprint("p", p), "OU=alpha,DC=h", one)
					} else {
						d.user(10+p, fmt.Sprint("p", p), "OU=alpha,DC=h", one, disabled)
					}
				}
				for l, h := range links {
					if h.is(taken[k]) {
						d.member(l[0], id(l[1]), one)
					}
				}
			}
			if metadata {
				for k := range len(taken) + 1 {
					when := end
					if k < len(taken) {
						when = taken[k]
					} else {
						d.d.After = &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: end.Add(2 * time.Hour), File: "after"}}
						for p := range people {
							a := snapshot.Account{ID: id(10 + p), Name: fmt.Sprint("p", p), DN: "CN=p,OU=alpha,DC=h", Disabled: !enabled[10+p].is(end)}
							d.d.After.Accounts = append(d.d.After.Accounts, a)
						}
					}
					put := func(c snapshot.Change) {
						if k == len(taken) {
							d.d.After.Changes = append(d.d.After.Changes, c)
						} else {
							d.d.Changes = append(d.d.Changes, snapshot.ChangeSpan{Change: c, Span: snapshot.Span{First: int32(k), Last: int32(k)}, File: "x"})
						}
					}
					for l, h := range links {
						if n, last := h.version(when); n > 0 {
							put(link(l[0], l[1], n, h[0], last))
						}
					}
					for p, h := range enabled {
						if n, last := h.version(when); n > 0 {
							put(control(p, n, last))
						}
					}
				}
			}
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
		if _, ok := with[fmt.Sprint("p", people-1)]; ok && !born.IsZero() {
			came++
		}
		for name := range without {
			if b, ok := with[name]; !ok || b != nil {
				t.Fatalf("seed %d: %s is counted without metadata, and with it %v %v", seed, name, ok, b)
			}
		}
		for p := range people {
			name := fmt.Sprint("p", p)
			b, counted := with[name]
			ever, simple := false, true
			moments := slices.Concat(history{start}, enabled[10+p], links[[2]int{1, 10 + p}], links[[2]int{2, 10 + p}], links[[2]int{1, 2}])
			for _, t := range moments { // whatever begins, begins with one of them
				ever = ever || !t.Before(start) && t.Before(end) && can(10+p, t)
			}
			// Its facts changed at most once in any gap; of a membership, twice
			// where it was made in it.
			for l, h := range links {
				if l[1] == 10+p || l[1] == 2 {
					simple = simple && plain(h, append(taken, end), true)
				}
			}
			simple = simple && plain(enabled[10+p], append(taken, end), false)
			if ever && simple && !counted {
				t.Errorf("seed %d: %s had access and is not counted", seed, name)
			}
			if !ever && counted && (b == nil || !b.Unsure && simple) {
				t.Errorf("seed %d: %s had no access and is counted by %+v", seed, name, b)
			}
			if b != nil && simple && !b.Unsure && b.FromKnown && b.UntilKnown && !(can(10+p, b.From) && !can(10+p, b.Until)) {
				t.Errorf("seed %d: %s did not have access from %s to %s", seed, name, b.From, b.Until)
			}
		}
	}
	if came < 30 {
		t.Errorf("only %d persons were found who came after the last reading", came)
	}
	if more < 50 {
		t.Errorf("only %d persons were found by what the directory tells", more)
	}
}

// plain says that a history has no more than one change in a gap, or two that
// begin it.
func plain(h history, ends []time.Time, first bool) bool {
	for i := range ends {
		n, begins := 0, false
		for j, x := range h {
			if x.After(ends[max(i-1, 0)]) != (i == 0) && !x.After(ends[i]) {
				n++
				begins = begins || j == 0
			}
		}
		if n > 2 || n == 2 && !(first && begins) {
			return false
		}
	}
	return true
}
