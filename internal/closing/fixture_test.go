package closing_test

import (
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// directoryAt rebuilds the directory as the facts have it on a day, as a
// reading three hours later, with y.slaap besides in every group that a.bloem
// is in.
func directoryAt(t *testing.T, f *snapshot.Facts, day month.Day, loc *time.Location) *snapshot.Directory {
	t.Helper()
	dm := &f.Directories[0]
	at := int32(-1)
	for i := range dm.Taken {
		if dm.Taken[i].Day == day {
			at = int32(i)
		}
	}
	if at < 0 {
		t.Fatal("the example has no reading on that day")
	}
	in := func(s snapshot.Span) bool { return s.First <= at && at <= s.Last }
	taken := dm.Taken[at].Time.Add(3 * time.Hour)
	d := &snapshot.Directory{
		Reading: snapshot.Reading{Source: dm.Source, Kind: snapshot.KindDirectory, Site: dm.Site, Taken: taken, Day: month.DayOf(taken, loc),
			Status: snapshot.Complete, File: "late.ldif", Fingerprint: "late"},
		Domain: dm.Domain, DNS: dm.DNS, SID: dm.SID,
	}
	var bloem, slaap string
	for _, a := range dm.Accounts.All() {
		if in(a.Span) {
			d.Accounts = append(d.Accounts, a.Account)
			switch a.Name {
			case "a.bloem":
				bloem = a.ID
			case "y.slaap":
				slaap = a.ID
			}
		}
	}
	for _, g := range dm.Groups {
		if in(g.Span) {
			d.Groups = append(d.Groups, g.Group)
		}
	}
	for i := range dm.Members.Len() {
		m := dm.Members.At(i)
		if !in(m.Span) {
			continue
		}
		d.Members = append(d.Members, m.Member)
		if m.Key == bloem {
			d.Members = append(d.Members, snapshot.Member{Group: m.Group, Key: slaap})
		}
	}
	sortMembers(d.Members)
	return d
}

func sortMembers(m []snapshot.Member) {
	for i := 1; i < len(m); i++ { // few, and nearly sorted
		for j := i; j > 0 && (m[j].Group < m[j-1].Group || m[j].Group == m[j-1].Group && m[j].Key < m[j-1].Key); j-- {
			m[j], m[j-1] = m[j-1], m[j]
		}
	}
}
