package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/dn"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// ouDays is one row of a tenant's units, with the snapshots that prove it.
type ouDays struct {
	tenant      *register.Tenant
	name, key   string
	from, until month.OptionalDay
	dirs        []int32          // that read its domain
	seen        map[int32][]bool // by directory: the snapshots in which it, or anything in it, was seen
	begun       map[int32]int    // by directory: the first snapshot that can be asked for it; its unit was made then
}

// coverTenants asks for each tenant's units in each reading of their domain
// (docs/proof.md 1): a unit that the reader may not see looks just like one without
// anybody. It is proved by its own object, under whatever name the objectGUID
// had in the month, or by an account or group beneath it.
func (e *evaluation) coverTenants() {
	rows := e.unitRows()
	e.seeUnits(rows)
	within := e.newWithin(rows)
	gone := e.vanish(within.mark)
	for _, o := range rows {
		for _, di := range o.dirs {
			e.gapUnit(o, di, gone)
		}
	}
	e.emptied(gone)
	e.askEmpty(rows, gone)
	for i := range e.tenancies.moves {
		m := &e.tenancies.moves[i]
		d := e.w.dirs[m.dir].dir
		u := &d.Units[m.unit]
		e.finding(statement.Finding{Code: "unit-renamed", Severity: statement.High, Tenant: m.tenant, Subject: m.old,
			Message: fmt.Sprintf("the unit of tenant %s is called %s since %s; it is the same unit, and its accounts are counted for the tenant", m.tenant, m.new, d.Taken[u.First].Day),
			Action:  "write the new name into tenants.csv before the next month", At: &snapshot.Evidence{File: u.File, Line: u.Line}})
	}
}

// unitRows are the units that the tenants table names, in force on any day.
func (e *evaluation) unitRows() (rows []*ouDays) {
	byDomain := map[string][]int32{}
	for di := range e.w.dirs {
		name := e.w.domainName(di)
		byDomain[name] = append(byDomain[name], int32(di))
	}
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		for _, ou := range t.OUs {
			key, err := dn.Key(ou.DN)
			if err != nil || ou.Until.Set && ou.Until.Day < e.w.m.FirstDay() || ou.From.Set && ou.From.Day > e.w.m.LastDay() {
				continue
			}
			o := &ouDays{tenant: t, name: ou.DN, key: key, from: ou.From, until: ou.Until, seen: map[int32][]bool{}, begun: map[int32]int{}}
			o.dirs = byDomain[strings.ToLower(dn.DNS(dn.Domain(key)))]
			for _, di := range o.dirs {
				o.seen[di] = make([]bool, len(e.w.dirs[di].at))
			}
			rows = append(rows, o)
			if len(o.dirs) == 0 && len(e.w.dirs) > 0 {
				e.gap(statement.Gap{Source: "directories", Kind: statement.CoverageUnit, Tenant: t.ID,
					Message: fmt.Sprintf("the unit %s of tenant %s lies in a domain that no directory of the config reads: nobody could be counted there", ou.DN, t.ID),
					Action:  "name that domain under directories: in the config, or correct the unit in tenants.csv"})
			}
		}
	}
	return rows
}

// seeUnits marks the snapshots in which the units' own objects were seen.
func (e *evaluation) seeUnits(rows []*ouDays) {
	byKey := map[string][]*ouDays{}
	for _, o := range rows {
		byKey[o.key] = append(byKey[o.key], o)
	}
	for di := range e.w.dirs {
		d := e.w.dirs[di].dir
		ids := map[string][]*ouDays{} // by objectGUID: whose unit had one of the names
		had := func(id, name string) {
			if key, err := dn.Key(name); err == nil && byKey[key] != nil {
				ids[id] = byKey[key]
			}
		}
		if d.Before != nil {
			for i := range d.Before.Units {
				had(d.Before.Units[i].ID, d.Before.Units[i].DN)
			}
		}
		for i := range d.Units {
			had(d.Units[i].ID, d.Units[i].DN)
		}
		for i := range d.Units {
			u := &d.Units[i]
			for _, o := range ids[u.ID] {
				if o.seen[int32(di)] == nil {
					continue
				}
				for k := u.First; k <= u.Last; k++ {
					o.seen[int32(di)][k] = true
				}
				if !u.Made.IsZero() {
					o.begun[int32(di)] = firstAfter(d, u.Made)
				}
			}
		}
	}
}

// firstAfter is the first snapshot that was not taken before a moment.
func firstAfter(d *snapshot.DirectoryMonth, t time.Time) int {
	for k := range d.Taken {
		if !d.Taken[k].Time.Before(t) {
			return k
		}
	}
	return len(d.Taken)
}

// withinUnits marks the snapshots in which something was seen beneath a unit.
type withinUnits struct {
	above parents
	byKey map[string][]*ouDays
	known []map[string][]*ouDays // by directory and place
}

func (e *evaluation) newWithin(rows []*ouDays) *withinUnits {
	x := &withinUnits{above: e.tenancies.above, byKey: map[string][]*ouDays{}, known: make([]map[string][]*ouDays, len(e.w.dirs))}
	for _, o := range rows {
		x.byKey[o.key] = append(x.byKey[o.key], o)
	}
	for di := range x.known {
		x.known[di] = map[string][]*ouDays{}
		d := e.w.dirs[di].dir
		for i := range d.Groups {
			x.mark(int32(di), d.Groups[i].DN, d.Groups[i].Span)
		}
	}
	return x
}

func (x *withinUnits) mark(di int32, name string, s snapshot.Span) {
	key, ok := x.above.of(name)
	if !ok {
		return
	}
	list, known := x.known[di][key]
	if !known {
		for up := key; up != ""; up = dn.Parent(up) {
			for _, o := range x.byKey[up] {
				if o.seen[di] != nil {
					list = append(list, o)
				}
			}
		}
		x.known[di][key] = list
	}
	for _, o := range list {
		seen := o.seen[di]
		for k := s.First; k <= s.Last; k++ {
			seen[k] = true
		}
	}
}

// gapUnit finds the days on which a unit was not seen.
func (e *evaluation) gapUnit(o *ouDays, di int32, gone *vanished) {
	d := e.w.dirs[di].dir
	seen := o.seen[di]
	// One of several readings of a domain, each beneath a base of its own, need
	// not hold every unit.
	if !slices.Contains(seen, true) && len(o.dirs) > 1 {
		for _, other := range o.dirs {
			if slices.Contains(o.seen[other], true) {
				return
			}
		}
		if di != o.dirs[0] {
			return
		}
	}
	first := slices.Index(seen, true)
	begun, told := o.begun[di]
	if first > 0 && !told && !e.unitBefore(o, di) && e.isNew(o, di, int32(first)) {
		begun = first
	}
	for k := 0; k < len(seen); {
		if seen[k] || k < begun || !month.Within(d.Taken[k].Day, o.from, o.until) {
			k++
			continue
		}
		from := k
		for k < len(seen) && !seen[k] && month.Within(d.Taken[k].Day, o.from, o.until) {
			k++
		}
		if k == len(seen) && (from > 0 || e.unitBefore(o, di)) && gone.accounted(o.tenant.ID, di, from) {
			continue // its accounts moved or were deleted before it went
		}
		e.gap(statement.Gap{Source: d.Source, Kind: statement.CoverageUnit, Tenant: o.tenant.ID, From: d.Taken[from].Day.String(), Until: d.Taken[k-1].Day.String(),
			Message: fmt.Sprintf("the unit %s of tenant %s is not in the readings of directory %s on %s, nor is anything in it: what the reader may not list looks just like that", o.name, o.tenant.ID, d.Source, span(d.Taken[from].Day, d.Taken[k-1].Day)),
			Action:  "give the reader the right to list it, or correct its name in tenants.csv; if the customer came or went, write from or until"})
	}
}

// unitBefore says that a unit, or anything in it, was seen just before the month.
func (e *evaluation) unitBefore(o *ouDays, di int32) bool {
	b := e.w.dirs[di].dir.Before
	if b == nil {
		return false
	}
	under := func(name string) bool {
		key, err := dn.Key(name)
		return err == nil && (key == o.key || dn.Under(key, o.key))
	}
	return slices.ContainsFunc(b.Units, func(u snapshot.Unit) bool { return under(u.DN) }) ||
		slices.ContainsFunc(b.Accounts, func(a snapshot.Account) bool { return under(a.DN) })
}

// isNew says that nothing in a unit is older than the reading before it was
// first seen: each account in it was made since, by its number in the domain, or
// was seen elsewhere before.
func (e *evaluation) isNew(o *ouDays, di, first int32) bool {
	d := e.w.dirs[di].dir
	highest := 0
	var inside []snapshot.AccountSpan
	earlier := map[string]bool{}
	for _, a := range d.Accounts.All() {
		if a.First < first {
			highest = max(highest, numberOf(a.SID))
			earlier[a.ID] = true
		} else if a.First == first {
			if key, err := dn.Key(a.DN); err == nil && dn.Under(key, o.key) {
				inside = append(inside, a)
			}
		}
	}
	for i := range inside {
		if n := numberOf(inside[i].SID); !earlier[inside[i].ID] && n <= highest {
			return false
		}
	}
	return true
}

// numberOf is the last part of a SID: a domain gives it out in ascending order.
func numberOf(sid string) int {
	n, _ := strconv.Atoi(sid[strings.LastIndexByte(sid, '-')+1:])
	return n
}

// askEmpty asks about tenants whose units are there and have held nobody: no
// account of any kind, all month.
func (e *evaluation) askEmpty(rows []*ouDays, gone *vanished) {
	if len(e.w.ticks) == 0 {
		return
	}
	has := map[string]bool{}
	for t := range gone.had {
		has[t] = true
	}
	for i := range e.w.accounts {
		has[e.w.accounts[i].tenant] = true
	}
	for _, g := range e.st.Coverage.Gaps {
		has[g.Tenant] = true // said already
	}
	expected := map[string]bool{}
	for _, o := range rows {
		expected[o.tenant.ID] = expected[o.tenant.ID] || len(o.dirs) > 0
	}
	var empty []string
	for i := range e.Register.Tenants {
		if t := &e.Register.Tenants[i]; !has[t.ID] && (expected[t.ID] || len(t.OUs) == 0 && len(t.Signs) > 0) {
			empty = append(empty, t.ID)
		}
	}
	if len(empty) == 0 {
		return
	}
	slices.Sort(empty)
	q := statement.Question{Kind: statement.AskUnit, Subject: "tenants without an account", State: digestOf(empty), About: empty, Assumed: "nobody was counted for them",
		Message: fmt.Sprintf("%d tenants (%s): their units are there, or their groups and attributes stand in the table, and hold no account at all; what the reader may not list looks just like that", len(empty), listed(empty, 5)),
		Action:  "look into them with an administrator's account; if they are empty, decide that it is accepted, or give their rows an until"}
	if len(empty) == 1 {
		q.Tenant = empty[0]
		q.Message = fmt.Sprintf("tenant %s holds no account at all, though its unit is there, or its group or attribute stands in the table; what the reader may not list looks just like that", empty[0])
	}
	e.ask(q)
}

func dayOf(d *snapshot.DirectoryMonth, k int32) month.Day {
	if k < 0 {
		return d.Before.Day
	}
	return d.Taken[k].Day
}

func sortGone(list []*goneAccount) {
	slices.SortFunc(list, func(a, b *goneAccount) int {
		return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.at, b.at), strings.Compare(a.tenant, b.tenant), strings.Compare(a.id, b.id))
	})
}
