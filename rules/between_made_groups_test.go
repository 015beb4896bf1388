package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/snapshot"
)

// By hand: groups that were made after the last reading of October. LIC-New (40) came
// into LIC-Pro on the 31st at eleven; ann (5), whom the readings know and who was in
// nothing, came into it at noon, and eva (9), made that day, at one. What is told of
// their memberships alone proves that the group was there.
func TestGroupMadeAfterTheLastReading(t *testing.T) {
	type want struct{ ann, eva string } // from when, by the clock of Amsterdam; empty: not counted
	nested := func(d newcomerScene, at time.Time) { d.told(link(1, 40, 1, at, at)) }
	in := func(d newcomerScene, group, member int, at time.Time) { d.told(link(group, member, 1, at, at)) }
	for name, c := range map[string]struct {
		build func(d newcomerScene)
		want  want
	}{
		"nested, then filled": {func(d newcomerScene) {
			nested(d, d.at(31, 11, 0, 0))
			in(d, 40, 5, d.at(31, 12, 0, 0))
			in(d, 40, 9, d.at(31, 13, 0, 0))
		}, want{"31 12:00:00", "31 13:00:00"}},
		"filled, then nested": {func(d newcomerScene) {
			in(d, 40, 5, d.at(31, 12, 0, 0))
			in(d, 40, 9, d.at(31, 13, 0, 0))
			nested(d, d.at(31, 14, 0, 0))
		}, want{"31 14:00:00", "31 14:00:00"}},
		"nested on the first": {func(d newcomerScene) {
			in(d, 40, 5, d.at(31, 12, 0, 0))
			in(d, 40, 9, d.at(31, 13, 0, 0))
			nested(d, d.at(32, 0, 10, 0))
		}, want{}},
		"filled on the first": {func(d newcomerScene) {
			nested(d, d.at(31, 11, 0, 0))
			in(d, 40, 5, d.at(32, 0, 10, 0))
			in(d, 40, 9, d.at(31, 13, 0, 0))
		}, want{eva: "31 13:00:00"}},
		"two of them, one in the other": {func(d newcomerScene) {
			in(d, 41, 5, d.at(31, 12, 0, 0))
			in(d, 41, 9, d.at(31, 13, 0, 0))
			in(d, 40, 41, d.at(31, 15, 0, 0))
			nested(d, d.at(31, 11, 0, 0))
		}, want{"31 15:00:00", "31 15:00:00"}},
		"nested, and taken out before anybody came": {func(d newcomerScene) {
			d.told(link(1, 40, 2, d.at(31, 11, 0, 0), d.at(31, 11, 30, 0)))
			in(d, 40, 5, d.at(31, 12, 0, 0))
		}, want{}},
		"nested, and taken out again after": {func(d newcomerScene) {
			d.told(link(1, 40, 2, d.at(31, 11, 0, 0), d.at(31, 15, 0, 0)))
			in(d, 40, 5, d.at(31, 12, 0, 0))
		}, want{ann: "31 12:00:00"}},
		"a mail list": {func(d newcomerScene) {
			d.d.After.Groups[0].Type = 2
			nested(d, d.at(31, 11, 0, 0))
			in(d, 40, 5, d.at(31, 12, 0, 0))
		}, want{}},
		"a rule names it itself": {func(d newcomerScene) {
			d.d.After.Groups[0].Name = "LIC-Pro-2"
			in(d, 40, 5, d.at(31, 12, 0, 0))
		}, want{ann: "31 12:00:00"}},
		"by the controllers' log": {func(d newcomerScene) {
			d.logs(d.at(31, 11, 0, 0), snapshot.Added, 4728, 1, 40)
			d.logs(d.at(31, 12, 0, 0), snapshot.Added, 4728, 40, 5)
		}, want{ann: "31 12:00:00"}},
		"nothing is told of who is in it": {func(d newcomerScene) { nested(d, d.at(31, 11, 0, 0)) }, want{}},
		"moved to where it is read, its members of long ago": {func(d newcomerScene) {
			nested(d, d.at(10, 11, 0, 0))
			in(d, 40, 5, d.at(10, 12, 0, 0))
		}, want{}},
		"an hour before the last reading, which had not heard of it": {func(d newcomerScene) {
			nested(d, d.at(31, 5, 0, 0))
			in(d, 40, 5, d.at(31, 5, 30, 0))
		}, want{ann: "31 05:30:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newNewcomerScene(t, "Europe/Amsterdam")
			d.s.rules(strings.Replace(sceneRules, "groups: [LIC-Pro]", "groups: [LIC-Pro, LIC-Pro-2]", 1))
			d.user(5, "ann", "OU=alpha,DC=h", always)
			d.user(6, "bob", "OU=alpha,DC=h", always)
			d.member(1, id(6), always)
			d.made(9, "eva")
			d.told(control(9, 2, d.at(31, 10, 0, 0)))
			for n, name := range map[int]string{40: "LIC-New", 41: "LIC-Newer"} {
				d.d.After.Groups = append(d.d.After.Groups, snapshot.Group{ID: id(n), SID: sidOf(n)[len(snapshot.KeySID):], Name: name, DN: "CN=" + name + ",OU=groups,DC=h"})
			}
			slices.SortFunc(d.d.After.Groups, func(x, y snapshot.Group) int { return strings.Compare(x.ID, y.ID) })
			c.build(d)
			st := d.s.run()
			for name, from := range map[string]string{"ann": c.want.ann, "eva": c.want.eva} {
				switch got := personCalled(st, name); {
				case got == nil && from != "":
					t.Errorf("%s is not counted", name)
				case got == nil:
				case got.Between == nil:
					t.Errorf("%s is counted by the readings", name)
				case got.Between.From.In(d.loc).Format("2 15:04:05") != from:
					t.Errorf("%s from %s; want %q", name, got.Between.From.In(d.loc), from)
				}
			}
			if personCalled(st, "bob") == nil {
				t.Error("bob, whom the readings count, is not")
			}
		})
	}
}

// By hand: a membership of half an hour before the last reading, which had not heard of
// it: by its stamp it stood in October, whoever tells it, of the account's own and of a
// group's in a group.
func TestNotHeardOfByTheLastReading(t *testing.T) {
	d := newNewcomerScene(t, "Europe/Amsterdam")
	for n, name := range map[int]string{5: "ann", 6: "bob", 7: "cas"} {
		d.user(n, name, "OU=alpha,DC=h", always)
	}
	d.member(3, id(6), always)
	at := d.at(31, 5, 30, 0)
	d.told(link(1, 5, 1, at, at), link(1, 3, 1, at, at), link(1, 7, 2, at.Add(-time.Minute), at))
	st := d.s.run()
	for _, name := range []string{"ann", "bob", "cas"} {
		if got := personCalled(st, name); got == nil || got.Between == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
