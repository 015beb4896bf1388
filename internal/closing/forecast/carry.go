// Package forecast says what a month that runs will come to if nothing changes
// any more: its facts are carried on to its last day, and counted by the same
// rules. It counts nothing itself, reads no files and no clock.
package forecast

import (
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Carry carries a month's facts on to its last day: what the last reading saw
// stands on every day after it. Hosts and machines that were not read in the
// month yet are as the month before knew them; before may be nil.
func Carry(f, before *snapshot.Facts) *snapshot.Facts {
	out := *f
	last := f.Month.LastDay()
	out.Directories = make([]snapshot.DirectoryMonth, len(f.Directories))
	for i := range f.Directories {
		out.Directories[i] = carryDirectory(&f.Directories[i], last, f.Month.Location())
	}
	out.Machines = nil
	known := map[string]bool{}
	for _, m := range f.Machines {
		known[m.Source+"\x00"+m.Key()] = true
	}
	latest := latestMachines(f.Machines)
	for _, m := range f.Machines {
		if m.Last == latest[m.Source] {
			m.Last = last
		}
		out.Machines = append(out.Machines, m)
	}
	if before != nil {
		was := latestMachines(before.Machines)
		for _, m := range before.Machines {
			if m.Last != was[m.Source] || known[m.Source+"\x00"+m.Key()] || latest[m.Source] != 0 || m.Until != 0 && m.Until < f.Month.FirstDay() {
				continue // gone, here already, or its table was read since
			}
			m.First, m.Last, m.Days = f.Month.FirstDay(), last, []month.Day{f.Month.FirstDay()}
			out.Machines = append(out.Machines, m)
		}
		out.Software = append(append([]snapshot.SoftwareMonth{}, f.Software...), unread(f, before)...)
	}
	return &out
}

// latestMachines is, by source, the last day on which any machine was seen.
func latestMachines(all []snapshot.MachineMonth) map[string]month.Day {
	out := map[string]month.Day{}
	for i := range all {
		out[all[i].Source] = max(out[all[i].Source], all[i].Last)
	}
	return out
}

// unread are the programs of hosts that were not read in the month yet, as they
// were read last in the month before.
func unread(f, before *snapshot.Facts) (out []snapshot.SoftwareMonth) {
	read := map[string]bool{}
	for i := range f.Software {
		read[f.Software[i].Source+"\x00"+snapshot.HostKey(f.Software[i].Host)] = true
	}
	first := f.Month.FirstDay()
	for i := range before.Software {
		s := &before.Software[i]
		if read[s.Source+"\x00"+snapshot.HostKey(s.Host)] || len(s.Days) == 0 {
			continue
		}
		var installs []snapshot.InstallMonth
		for _, x := range s.Installs.All() {
			if x.Last == s.Days[len(s.Days)-1] {
				x.First, x.Last = first, first
				installs = append(installs, x)
			}
		}
		out = append(out, snapshot.SoftwareMonth{Source: s.Source, Site: s.Site, Host: s.Host, Days: []month.Day{first}, Installs: snapshot.ListOf(installs...)})
	}
	return out
}

// carryDirectory repeats a directory's last reading on each day after it.
func carryDirectory(d *snapshot.DirectoryMonth, last month.Day, loc *time.Location) snapshot.DirectoryMonth {
	out := *d
	n := int32(len(d.Taken))
	if n == 0 {
		return out
	}
	at := d.Taken[n-1]
	hour, minute, second := at.Time.In(loc).Clock()
	out.Taken = append([]snapshot.Taken{}, d.Taken...)
	for day := at.Day + 1; day <= last; day++ {
		y, m, dd := day.Civil()
		out.Taken = append(out.Taken, snapshot.Taken{Time: time.Date(y, m, dd, hour, minute, second, 0, loc), Day: day, File: at.File})
	}
	to := int32(len(out.Taken)) - 1
	on := func(s *snapshot.Span) {
		if s.Last == n-1 {
			s.Last = to
		}
	}
	out.Accounts = snapshot.ListIn(carried[snapshot.AccountSpan]{d.Accounts, func(x *snapshot.AccountSpan) { on(&x.Span) }})
	out.Members = snapshot.ListIn(carried[snapshot.MemberSpan]{d.Members, func(x *snapshot.MemberSpan) { on(&x.Span) }})
	out.Groups = append([]snapshot.GroupSpan{}, d.Groups...)
	for i := range out.Groups {
		on(&out.Groups[i].Span)
	}
	out.Units = append([]snapshot.UnitSpan{}, d.Units...)
	for i := range out.Units {
		on(&out.Units[i].Span)
	}
	return out
}

// carried is a list whose rows are changed as they are asked for: a large month
// is not held twice.
type carried[T any] struct {
	list snapshot.List[T]
	on   func(*T)
}

func (c carried[T]) Len() int { return c.list.Len() }

func (c carried[T]) At(i int) T {
	x := c.list.At(i)
	c.on(&x)
	return x
}
