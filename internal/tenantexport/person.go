package tenantexport

import (
	"context"
	"fmt"
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
		ids := t.heldOf(m, facts, called)
		if len(ids) == 0 {
			continue
		}
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
	return e, nil
}

// heldOf adds what the facts of a month hold of the accounts that are called
// so, and returns their ids.
func (t *tables) heldOf(m month.Month, facts *snapshot.Facts, called func(string) bool) map[string]bool {
	ids, users := map[string]bool{}, map[string]bool{}
	for i := range facts.Directories {
		d := &facts.Directories[i]
		groups, own := map[string]string{}, map[string]string{}
		for j := range d.Groups {
			groups[d.Groups[j].ID] = d.Groups[j].Name
		}
		for _, a := range d.Accounts.All() {
			if !slices.ContainsFunc([]string{a.ID, a.SID, a.Name, a.UPN, a.Mail, a.DisplayName, d.Domain + `\` + a.Name}, called) {
				continue
			}
			ids[a.ID], own[a.ID] = true, a.Name
			for _, u := range []string{a.Name, a.UPN, d.Domain + `\` + a.Name} {
				users[strings.ToLower(u)] = true
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
		if !users[strings.ToLower(u.User)] && !called(u.User) && !called(u.Name) && !called(u.SID) {
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
	return ids
}
