package tenantexport

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// GatherPerson takes everything that is held about one person out of the store:
// of every account that is called so by its name, address, SID or id, in every
// month. A person with several accounts is asked for by each.
func GatherPerson(ctx context.Context, d *closing.Desk, who string) (*Export, error) {
	who = strings.TrimSpace(who)
	if who == "" {
		return nil, fmt.Errorf("nobody is named; write an account's name, its address, SID or id")
	}
	e := &Export{Tenant: "person " + who, Made: d.Now()}
	t := newTables()
	acts := Table{Name: "acts", Columns: strings.Fields("month revision number action by account at reason")}
	e.Tables = []*Table{&t.accounts, &t.memberships, &t.sessions, &t.persons, &acts}
	names, err := d.Store.Months(ctx)
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, err
	}
	called := func(s string) bool { return s != "" && strings.EqualFold(s, who) }
	for i := range all {
		a := &all[i]
		names = append(names, a.Month)
		if called(a.By) || called(a.Account) {
			acts.add(a.Month, strconv.Itoa(a.Revision), strconv.Itoa(a.Seq), string(a.Action), a.By, a.Account, instant(a.At), a.Reason)
		}
	}
	slices.Sort(names)
	var newest month.Month
	for _, name := range slices.Compact(names) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := month.Parse(name, d.Setup.Config.Provider.Location)
		if err != nil {
			return nil, err
		}
		facts, err := d.Store.Facts(ctx, m)
		if err != nil {
			return nil, err
		}
		ids, err := t.heldOf(m, facts, who)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			continue
		}
		newest = m
		in, err := d.View(ctx, m)
		if err != nil {
			e.Notes = append(e.Notes, fmt.Sprintf("%s: for what the person was counted cannot be given: %v", m, err))
			continue
		}
		st := in.Statement
		for i := range st.Persons.Len() {
			p := st.Persons.At(i)
			if !slices.ContainsFunc(p.Accounts, func(a statement.Account) bool { return ids[a.ID] }) {
				continue
			}
			t.person(st, &p)
		}
	}
	c := calls{}
	c.add(who)
	c.accounts(&t.accounts)
	log, err := d.Store.Deliveries(ctx, "")
	if err != nil {
		return nil, err
	}
	e.Tables = append(e.Tables, c.entries(d.Setup.Register, d.Setup.Decisions), c.mails(log))
	if newest != (month.Month{}) {
		keep := d.Setup.Config.Evidence.KeepNamedMonths
		e.Notes = append(e.Notes, fmt.Sprintf("The last month that holds the person is %s: splameter retain takes the names out of it from %s on, and out of those before it earlier (evidence.keep_named_months is %d).",
			newest, newest.Add(keep+1), keep))
	}
	return e, nil
}

// heldOf adds what the facts of a month hold of the accounts that are called
// so, and returns their ids. A name that several accounts have may be several
// persons', of whom none may be handed what is held of another: it is refused,
// and they are to be asked for one by one.
func (t *tables) heldOf(m month.Month, facts *snapshot.Facts, who string) (map[string]bool, error) {
	called := func(s string) bool { return s != "" && strings.EqualFold(s, who) }
	ids, users := map[string]bool{}, map[string]bool{} // users: as session logs spell the accounts, and by SID
	named := map[string]map[string]bool{}              // ids by account name, in whatever directory
	alike := map[string]string{}                       // what else tells those apart that are called so by name alone
	for i := range facts.Directories {
		d := &facts.Directories[i]
		for _, a := range d.Accounts.All() {
			low := strings.ToLower(a.Name)
			if named[low] == nil {
				named[low] = map[string]bool{}
			}
			named[low][a.ID] = true
			if slices.ContainsFunc([]string{a.ID, a.SID, a.UPN, a.Mail, d.Domain + `\` + a.Name}, called) {
				ids[a.ID] = true
			} else if called(a.Name) || called(a.DisplayName) {
				alike[a.ID] = d.Domain + `\` + a.Name
			}
		}
	}
	for id := range alike {
		if ids[id] {
			delete(alike, id)
		}
	}
	if len(alike) > 1 || len(alike) == 1 && len(ids) > 0 {
		return nil, fmt.Errorf("in %s other accounts are called %s too, and may be another person's: ask by each one's own name, address, SID or id: %s", m, who, strings.Join(slices.Sorted(maps.Values(alike)), ", "))
	}
	for id := range alike {
		ids[id] = true
	}
	for i := range facts.Directories {
		d := &facts.Directories[i]
		groups, own := map[string]string{}, map[string]string{}
		for j := range d.Groups {
			groups[d.Groups[j].ID] = d.Groups[j].Name
		}
		for _, a := range d.Accounts.All() {
			if !ids[a.ID] {
				continue
			}
			own[a.ID] = a.Name
			for _, u := range []string{a.SID, a.UPN, d.Domain + `\` + a.Name, d.DNS + `\` + a.Name, a.Name + "@" + d.DNS} {
				users[strings.ToLower(u)] = true
			}
			if low := strings.ToLower(a.Name); len(named[low]) == 1 {
				users[low] = true
			}
			var attributes []string
			for _, x := range a.Attributes {
				attributes = append(attributes, x.Name+"="+x.Value)
			}
			t.accounts.add(m.String(), a.ID, a.SID, a.Class.String(), a.Name, a.UPN, a.DisplayName, a.Mail, a.DN, strconv.FormatBool(a.Disabled), instant(a.Expires),
				strings.Join(attributes, "; "), d.Taken[a.First].Day.String(), d.Taken[a.Last].Day.String(), d.Source, a.File, number(a.Line))
		}
		for j := range d.Members.Len() {
			x := d.Members.At(j)
			if name, ok := own[x.Key]; ok {
				group := groups[x.Group]
				if group == "" {
					group = x.Group
				}
				t.memberships.add(m.String(), x.Key, name, group, d.Taken[x.First].Day.String(), d.Taken[x.Last].Day.String())
			}
		}
	}
	for i := range facts.Uses.Len() {
		u := facts.Uses.At(i)
		if low := strings.ToLower(u.User); !users[low] && (u.SID == "" || !users[strings.ToLower(u.SID)] && !called(u.SID)) && (len(named[low]) > 0 || !called(u.User) && !called(u.Name)) {
			continue
		}
		var days []string
		for day := m.FirstDay(); day <= m.LastDay(); day++ {
			if u.Days&snapshot.DayBit(day) != 0 {
				days = append(days, day.String())
			}
		}
		row := []string{m.String(), "", u.Name, u.Host, u.User, strings.Join(days, " ")}
		for _, s := range []snapshot.Sighting{u.First, u.Last} {
			row = append(row, instant(s.Time), number(int(s.EventID)), s.Channel, s.File, number(int(s.Record)))
		}
		t.sessions.add(append(row, "", strings.Join(u.Clients, " "))...)
		ids["user "+u.User] = true
	}
	return ids, nil
}
