package directory

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory/replmeta"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// askedScene is a directory of a few accounts and groups of which each has a count of
// changes; at the reading before its own stood at 100.
type askedScene struct {
	*responder
	t *testing.T
}

func (s *askedScene) name(kind byte, i int) string {
	return fmt.Sprintf("CN=%c%d,OU=x,DC=host1,DC=example", kind, i)
}

func (s *askedScene) id(kind byte, i int) string {
	id, err := appendGUID(nil, []byte(rawOf(kind, i)))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(id)
}

func (s *askedScene) user(i, usn int, control string, stamps ...replmeta.Stamp) {
	pairs := []string{"objectClass", "user", "objectGUID", rawOf('u', i), "objectSid", "S-1-5-21-1-2-3-" + strconv.Itoa(1000+i), "sAMAccountName", fmt.Sprintf("u%d", i),
		"userAccountControl", control, "accountExpires", "0", "primaryGroupID", "513", "uSNChanged", strconv.Itoa(usn), "whenChanged", s.at.AddDate(0, -1, 0).Format("20060102150405.0Z")}
	s.people = append(s.people, entryOf(s.name('u', i), pairs))
	s.names[rawOf('u', i)] = []byte(s.name('u', i))
	s.tell('u', i, attributeStamps, stamps)
}

func (s *askedScene) tell(kind byte, i int, attribute string, stamps []replmeta.Stamp) {
	var texts [][]byte
	for _, x := range stamps {
		texts = append(texts, []byte(x.Text()))
	}
	s.told[rawOf(kind, i)] = attributeOf(attribute+";range=0-*", texts...)
}

func (s *askedScene) group(i, usn int, members []int, stamps ...replmeta.Stamp) {
	var names [][]byte
	for _, m := range members {
		names = append(names, []byte(s.name('u', m)))
	}
	s.teams = append(s.teams, entryOf(s.name('g', i), []string{"objectClass", "group", "objectGUID", rawOf('g', i), "objectSid", "S-1-5-21-1-2-3-" + strconv.Itoa(2000+i),
		"sAMAccountName", fmt.Sprintf("g%d", i), "uSNChanged", strconv.Itoa(usn)}, attributeOf("member;range=0-*", names...)))
	s.names[rawOf('g', i)] = []byte(s.name('g', i))
	s.tell('g', i, attributeLinks, stamps)
}

func (s *askedScene) link(member int, version uint32, hoursAgo int) replmeta.Stamp {
	x := replmeta.Stamp{Attribute: "member", Object: s.name('u', member), Version: version, Created: s.at.Add(-time.Duration(hoursAgo) * time.Hour)}
	if x.Changed = x.Created; version%2 == 0 {
		x.Changed = x.Created.Add(time.Minute)
		x.Deleted = x.Changed
	}
	return x
}

// change is how a reading has a link's stamp.
func (s *askedScene) change(group, member int, x replmeta.Stamp) snapshot.Change {
	return snapshot.Change{Object: s.id('g', group), Key: s.id('u', member), Link: true, Version: x.Version, Created: x.Created, Changed: x.Changed, Gone: x.Gone()}
}

func (s *askedScene) control(version uint32, hoursAgo int) replmeta.Stamp {
	return replmeta.Stamp{Attribute: "userAccountControl", Version: version, Changed: s.at.Add(-time.Duration(hoursAgo) * time.Hour)}
}

func (s *askedScene) own(user int, x replmeta.Stamp) snapshot.Change {
	return snapshot.Change{Object: s.id('u', user), Key: "useraccountcontrol", Version: x.Version, Changed: x.Changed}
}

// read returns the reading, and of whom metadata was asked, sorted.
func (s *askedScene) read(told *snapshot.Told, log io.Writer) (*snapshot.Directory, []string) {
	s.t.Helper()
	x := s.connect(s.t)
	defer x.close()
	s.asked = nil
	d, err := x.read(config.Directory{Name: "hosting", Domain: "HOST1", Metadata: "on"}, nil, told, s.at, time.UTC, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	var asked []string
	for _, raw := range s.asked {
		n, _ := strconv.Atoi(raw[4:])
		asked = append(asked, fmt.Sprintf("%c%d", raw[0], n))
	}
	slices.Sort(asked)
	return d, asked
}

// newAskedScene is, by hand, against a count of 100 at the reading before:
//
//	g1  changed; u1 was removed since          asked
//	g2  not changed, u2 in it as was told      taken over
//	g3  not changed, but u4, who is in it as was told, is not in it: deleted since   asked
//	g4  not changed, and the reading before did not have it (its unit could not be read)   asked
//	u1  changed, could sign in before and can now          not asked
//	u2  disabled as was told, not changed                  taken over
//	u3  changed, disabled before as was told, can now      asked
//	u5  changed, and new                                   asked
//	u6  disabled, and nothing was told of it               asked
//	u7  disabled, and changed                              asked
func newAskedScene(t *testing.T) (*askedScene, *snapshot.Told, []snapshot.Change) {
	s := &askedScene{responder: newResponder(t), t: t}
	s.usn = 200
	old, out, in := s.link(2, 1, 300), s.link(1, 2, 5), s.link(5, 1, 4)
	s.group(1, 150, nil, out)
	s.group(2, 50, []int{2}, old)
	s.group(3, 50, nil)
	s.group(4, 50, []int{5}, in)
	was, on, off := s.control(3, 400), s.control(4, 6), s.control(2, 7)
	s.user(1, 150, "512", s.control(9, 5))
	s.user(2, 50, "514", was)
	s.user(3, 150, "512", on)
	s.user(5, 150, "512", off)
	s.user(6, 50, "514", off)
	s.user(7, 150, "514", on)
	before := &snapshot.Told{Taken: s.at.Add(-24 * time.Hour), Whole: s.at.Add(-48 * time.Hour), Metadata: []string{snapshot.MetadataAccounts, snapshot.MetadataLinks},
		Controllers: []snapshot.Controller{{Invocation: s.here(), USN: 100}},
		Groups:      []string{s.id('g', 1), s.id('g', 2), s.id('g', 3)},
		Accounts:    []string{s.id('u', 1), s.id('u', 2), s.id('u', 3), s.id('u', 4), s.id('u', 6), s.id('u', 7)},
		Changes: []snapshot.Change{
			s.change(1, 1, s.link(1, 1, 200)), s.change(2, 2, old), s.change(3, 4, s.link(4, 1, 30)),
			s.own(2, was), s.own(3, s.control(3, 99)), s.own(7, s.control(3, 98)),
		}}
	return s, before, []snapshot.Change{
		s.change(1, 1, out), s.change(2, 2, old), s.change(4, 5, in),
		s.own(2, was), s.own(3, on), s.own(5, off), s.own(6, off), s.own(7, on),
	}
}

func (s *askedScene) here() string {
	id, err := appendGUID(nil, []byte(s.invocation))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(id)
}

// What was not changed since the reading before is not asked for again, and stands in
// the reading all the same.
func TestOnlyWhatChangedIsAskedFor(t *testing.T) {
	s, before, want := newAskedScene(t)
	d, asked := s.read(before, io.Discard)
	if diff := cmp.Diff([]string{"g1", "g3", "g4", "u3", "u5", "u6", "u7"}, asked); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, d.Changes); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(d.Metadata, before.Metadata) || !d.MetadataSince.Equal(before.Whole) || len(d.Notes) > 0 {
		t.Errorf("told %v, all of it on %s: %+v", d.Metadata, d.MetadataSince, d.Notes)
	}
}

// Whatever leaves it in doubt what was changed, all is asked for: and what is told
// of memberships is then the same.
func TestAllIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *askedScene, told *snapshot.Told)
		quiet  bool // the directory tells nothing
	}{
		"no reading before":               {change: func(_ *askedScene, told *snapshot.Told) { *told = snapshot.Told{} }},
		"another controller":              {change: func(_ *askedScene, told *snapshot.Told) { told.Controllers[0].Invocation = "other" }},
		"a count that fell":               {change: func(_ *askedScene, told *snapshot.Told) { told.Controllers[0].USN = 201 }},
		"a week":                          {change: func(s *askedScene, told *snapshot.Told) { told.Whole = s.at.AddDate(0, 0, -7) }},
		"nothing told of accounts before": {change: func(_ *askedScene, told *snapshot.Told) { told.Metadata = []string{snapshot.MetadataLinks} }},
		"a later reading":                 {change: func(s *askedScene, told *snapshot.Told) { told.Taken = s.at.Add(time.Hour) }},
		"the directory tells nothing any more": {quiet: true, change: func(s *askedScene, _ *snapshot.Told) {
			for i := range 4 {
				s.tell('g', i+1, attributeLinks, nil)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, before, want := newAskedScene(t)
			c.change(s, before)
			var log strings.Builder
			d, asked := s.read(before, &log)
			links := slices.DeleteFunc(d.Changes, func(c snapshot.Change) bool { return !c.Link })
			if !c.quiet {
				if diff := cmp.Diff(want[:3], links); diff != "" {
					t.Error(diff)
				}
			} else if len(links) > 0 || !strings.Contains(log.String(), "tells nothing more of changes") || len(d.Notes) != 1 || d.Notes[0].Code != CodeMetadata {
				t.Errorf("%v, %+v: %s", links, d.Notes, log.String())
			}
			for _, g := range []string{"g1", "g2", "g3", "g4", "u2", "u6"} {
				if !slices.Contains(asked, g) {
					t.Errorf("%s was not asked for: %v", g, asked)
				}
			}
			if !d.MetadataSince.IsZero() {
				t.Error(d.MetadataSince)
			}
		})
	}
}
