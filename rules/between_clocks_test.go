package rules

import (
	"strings"
	"testing"
	"time"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Two controllers by their invocations, as one is told whose server object is gone:
// the clock of DC1 is right, that of DC2 is off. Readings are at midnight, of DC1.
// By hand: what really happened, and the stamp it bears.
func TestClocksOfTwoControllers(t *testing.T) {
	const dc1, dc2 = "11111111-0000-0000-0000-000000000001", "22222222-0000-0000-0000-000000000002"
	midnight := at12(0, 0, 0)
	month := midnight.AddDate(0, 0, -11)
	for name, c := range map[string]struct {
		told          int // the day whose reading tells it first
		made, gone    time.Time
		origin        string
		counted, sure bool
		from, until   time.Time
		says          string
	}{
		"DC1, in its gap": {told: 13, made: midnight.Add(10 * time.Hour), gone: midnight.Add(15 * time.Hour), origin: dc1,
			counted: true, sure: true, from: midnight.Add(10 * time.Hour), until: midnight.Add(15 * time.Hour)},
		// At 12 minutes past midnight for ten, stamped at eight minutes to: within what
		// controllers take to hear of each other.
		"DC2 is 20 minutes behind": {told: 13, made: midnight.Add(-8 * time.Minute), gone: midnight.Add(-time.Minute), origin: dc2,
			counted: true, sure: true, from: midnight.Add(-8 * time.Minute), until: midnight.Add(-time.Minute)},
		// From 1:00 to 1:30 on the 12th, stamped from 22:00 on the 11th.
		"DC2 is three hours behind": {told: 13, made: midnight.Add(-2 * time.Hour), gone: midnight.Add(-90 * time.Minute), origin: dc2,
			counted: true, sure: true, from: midnight.Add(-2 * time.Hour), until: midnight.Add(-90 * time.Minute), says: "its clock is behind"},
		// From 1:00 to 1:30 on the 1st, stamped from 22:00 on the 30th: it is this month's.
		"DC2 is three hours behind, at the month's beginning": {told: 2, made: month.Add(-2 * time.Hour), gone: month.Add(-90 * time.Minute), origin: dc2,
			counted: true, from: month.Add(time.Second), until: month.Add(30*time.Minute + time.Second), says: "its clock is behind"},
		// Stamped three days before the reading that lacked it: no clock, and no month's
		// border that it crossed by a little.
		"it came after days, from before the month": {told: 2, made: month.AddDate(0, 0, -3), gone: month.AddDate(0, 0, -3).Add(time.Hour), origin: dc2, says: "take so long"},
		// From 20:00 to 20:30 on the 12th, stamped from 2:00 on the 13th, told at midnight.
		"DC2 is six hours ahead": {told: 13, made: midnight.Add(26 * time.Hour), gone: midnight.Add(26*time.Hour + 30*time.Minute), origin: dc2,
			counted: true, from: midnight.Add(24*time.Hour - 30*time.Minute - time.Second), until: midnight.Add(24*time.Hour - time.Second), says: "its clock is ahead"},
		// Within the hour that a reading may take.
		"made while it was read": {told: 13, made: midnight.Add(24*time.Hour + time.Minute), gone: midnight.Add(24*time.Hour + 5*time.Minute), origin: dc1,
			counted: true, sure: true, from: midnight.Add(24*time.Hour + time.Minute), until: midnight.Add(24*time.Hour + 5*time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.group(1, "LIC-Pro")
			d.user(8, "old", "OU=alpha,DC=h", always)
			d.user(9, "eva", "OU=alpha,DC=h", always)
			d.tell(1, link(1, 8, 2, month.AddDate(0, 0, -20), month.AddDate(0, 0, -19))) // each reading tells of changes
			x := link(1, 9, 2, c.made, c.gone)
			x.Origin = c.origin
			d.tell(c.told, x)
			st := s.run()
			var got *statement.Person
			for i := range st.Persons.Len() {
				if p := st.Persons.At(i); p.Product == "office-pro" && p.Accounts[0].Name == "eva" {
					got = &p
				}
			}
			switch {
			case (got != nil) != c.counted:
				t.Errorf("counted %v, want %v", got != nil, c.counted)
			case got == nil:
			case got.Between == nil || got.Between.Unsure == c.sure || !got.Between.From.Equal(c.from) || !got.Between.Until.Equal(c.until) || got.Between.Origin != c.origin:
				t.Errorf("%+v, want from %s until %s, sure %v", got.Between, c.from, c.until, c.sure)
			}
			told := ""
			for _, f := range st.Findings {
				if f.Code == "access-clocks" {
					told += f.Message
				}
			}
			if (c.says == "") != (told == "") || !strings.Contains(told, c.says) || c.says != "" && !strings.Contains(told, c.origin) {
				t.Errorf("said %q, want %q", told, c.says)
			}
		})
	}
}

// A group that was not read before, and readings that told nothing of changes, say
// nothing of clocks.
func TestLateWithoutAWord(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.d.Groups = append(d.d.Groups, snapshot.GroupSpan{Group: snapshot.Group{ID: id(1), Name: "LIC-Pro"}, Span: days(13, 31)})
	d.group(2, "LIC-Team")
	d.user(9, "eva", "OU=alpha,DC=h", always)
	d.user(10, "fay", "OU=alpha,DC=h", always)
	d.tell(13, link(1, 9, 2, at12(0, 0, 0).AddDate(0, 0, -5), at12(0, 0, 0).AddDate(0, 0, -4)))
	d.tell(13, link(2, 10, 2, at12(0, 0, 0).AddDate(0, 0, -5), at12(0, 0, 0).AddDate(0, 0, -4)))
	if got := subjects(s.run(), "access-clocks"); len(got) > 0 {
		t.Errorf("told of %q", got)
	}
}
