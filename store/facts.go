package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"splameter/month"
	"splameter/snapshot"
)

// Facts implements Store.
func (s *database) Facts(ctx context.Context, m month.Month) (*snapshot.Facts, error) {
	if m.IsZero() || m.Location().String() != s.opt.Location.String() {
		return nil, fmt.Errorf("the facts of %s were asked for in another time zone than the store's, which is %s", m, s.opt.Location)
	}
	f := &snapshot.Facts{Month: m}
	err := s.read(ctx, func(t *tx) error {
		all, err := t.readingsOf(m)
		if err != nil {
			return err
		}
		f.Readings = plain(all)
		var directories, inventories []reading
		for _, r := range all {
			switch {
			case r.Status == snapshot.Failed:
			case r.Kind == snapshot.KindDirectory:
				directories = append(directories, r)
			case r.Kind == snapshot.KindInventory:
				inventories = append(inventories, r)
			}
		}
		if f.Directories, err = t.directories(directories); err != nil {
			return err
		}
		err = bySource(inventories, func(all []reading) error {
			software, err := t.softwareMonth(all)
			if err != nil {
				return err
			}
			machines, err := t.machineMonth(all)
			f.Software, f.Machines = append(f.Software, software...), append(f.Machines, machines...)
			return err
		})
		if err != nil {
			return err
		}
		if f.Known, err = t.hostsRead(m.Add(-1)); err != nil {
			return err
		}
		if f.Logs, err = t.logs(m); err != nil {
			return err
		}
		f.Uses, err = t.uses(m, f.Logs)
		return err
	})
	if err != nil {
		return nil, s.explain("read the facts of "+m.String()+" from", err)
	}
	return f, nil
}

// readingsOf are the readings that a month is made of: those taken in it, and
// those of session logs taken later whose logs reach into it.
func (t *tx) readingsOf(m month.Month) ([]reading, error) {
	all, err := t.readings("month = ?", m.Number())
	if err != nil {
		return nil, err
	}
	later, err := t.readings("until_at > 0 AND until_at >= ? AND from_at < ? AND taken >= ?",
		ticks(m.Start()), ticks(m.End()), ticks(m.End()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(append(all, later...), func(r reading) bool { return r.Status == reduced })
	slices.SortStableFunc(all, func(x, y reading) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), cmp.Compare(x.taken, y.taken))
	})
	return all, nil
}

// logs are those that reach into a month.
func (t *tx) logs(m month.Month) ([]snapshot.Log, error) {
	type row struct {
		host, channel, file int64
		reach               reach
	}
	var rows []row
	texts := names{}
	err := t.each(func(r *sql.Rows) error {
		var x row
		var body []byte
		if err := r.Scan(&x.host, &x.channel, &x.file, &body); err != nil {
			return err
		}
		texts[x.host], texts[x.channel], texts[x.file] = "", "", ""
		err := decodeReach(body, &x.reach)
		rows = append(rows, x)
		return err
	}, "SELECT host, channel, file_name, body FROM log WHERE until_at >= ? AND from_at < ?", ticks(m.Start()), ticks(m.End()))
	if err != nil {
		return nil, err
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	var out []snapshot.Log
	for _, x := range rows {
		l := x.reach.Log
		l.Host, l.Channel, l.File = texts[x.host], texts[x.channel], texts[x.file]
		out = append(out, l)
	}
	slices.SortFunc(out, func(x, y snapshot.Log) int {
		return cmp.Or(strings.Compare(x.Host, y.Host), strings.Compare(x.Channel, y.Channel), strings.Compare(x.File, y.File))
	})
	return out, nil
}

// useRow is a row of use as kept.
type useRow struct {
	useKey
	keptUse
}

func (t *tx) useRows(f func(useRow), condition string, args ...any) error {
	return t.each(func(r *sql.Rows) error {
		var x useRow
		err := r.Scan(&x.month, &x.host, &x.user, &x.days, &x.body)
		if err == nil {
			f(x)
		}
		return err
	}, useColumns+condition, args...)
}

const (
	useColumns    = "SELECT month, host, account, days, body FROM used WHERE "
	leftOpenQuery = "SELECT host, account FROM left_open WHERE month = ?"
	earlierUses   = "month IN (?, ?, ?) AND host = ? AND account = ?"
)

// isHostRow says that a row is about its host and not about a user.
func isHostRow(u *snapshot.Use) bool { return u.User == "" || u.User == "*" }

// uses are a month's rows, with what earlier months carry into it.
func (t *tx) uses(m month.Month, logs []snapshot.Log) ([]snapshot.Use, error) {
	covered := map[string]bool{}
	for i := range logs {
		covered[logs[i].Host] = true
	}
	texts := names{}
	var own, before []useRow
	number := int64(m.Number())
	err := t.useRows(func(x useRow) { own = append(own, x) }, "month = ?", number)
	if err != nil {
		return nil, err
	}
	// Whose earlier months matter: who left a session open, and who has a row
	// of the month without a day in it.
	type who struct{ host, user int64 }
	ask := map[who]bool{}
	for _, x := range own {
		if x.days == 0 {
			ask[who{x.host, x.user}] = true
		}
	}
	withDays := map[who]bool{}
	for _, x := range own {
		withDays[who{x.host, x.user}] = x.days != 0
	}
	for back := int64(1); back <= lookBack; back++ {
		err := t.each(func(r *sql.Rows) error {
			var k who
			err := r.Scan(&k.host, &k.user)
			if !withDays[k] {
				ask[k] = true
			}
			return err
		}, leftOpenQuery, number-back)
		if err != nil {
			return nil, err
		}
	}
	hosts := map[int64]bool{}
	everyone := map[string]int64{"": 0, "*": 0}
	if err := t.nameIDs(everyone); err != nil {
		return nil, err
	}
	for k := range ask {
		hosts[k.host] = true
	}
	for host := range hosts {
		for _, user := range everyone {
			if user > 0 {
				ask[who{host, user}] = true
			}
		}
	}
	for k := range ask {
		err := t.useRows(func(x useRow) { before = append(before, x) },
			earlierUses, number-1, number-2, number-3, k.host, k.user)
		if err != nil {
			return nil, err
		}
	}
	for _, list := range [][]useRow{own, before} {
		for _, x := range list {
			texts[x.host], texts[x.user] = "", ""
			if err := filesOfUse(x.body, func(id int64) { texts[id] = "" }); err != nil {
				return nil, err
			}
		}
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	decode := func(x useRow) (u snapshot.Use, err error) {
		u = snapshot.Use{Host: texts[x.host], User: texts[x.user], Month: int(x.month), Days: x.days}
		return u, decodeUse(x.body, &u, texts)
	}
	earlier := map[who][]snapshot.Use{}
	ofHost := map[int64][]snapshot.Use{}
	for _, x := range before {
		u, err := decode(x)
		if err != nil {
			return nil, err
		}
		if isHostRow(&u) {
			ofHost[x.host] = append(ofHost[x.host], u)
		} else {
			earlier[who{x.host, x.user}] = append(earlier[who{x.host, x.user}], u)
		}
	}
	out := make([]snapshot.Use, 0, len(own))
	keys := make([]who, 0, len(own))
	for _, x := range own {
		u, err := decode(x)
		if err != nil {
			return nil, err
		}
		if isHostRow(&u) {
			ofHost[x.host] = append(ofHost[x.host], u)
			continue
		}
		out, keys = append(out, u), append(keys, who{x.host, x.user})
		delete(ask, keys[len(keys)-1])
	}
	for k := range ask {
		if list := earlier[k]; len(list) > 0 {
			out, keys = append(out, snapshot.Use{Host: list[0].Host, User: list[0].User, Month: m.Number()}), append(keys, k)
		}
	}
	n := 0
	for i := range out {
		u := &out[i]
		list := earlier[keys[i]]
		if !carry(m, u, list, ofHost[keys[i].host], covered[u.Host]) {
			continue
		}
		for j := range list {
			u.SID = filled(u.SID, list[j].SID)
			if u.Name == "" {
				u.Name = list[j].Name
			}
		}
		out[n] = *u
		n++
	}
	out = out[:n]
	slices.SortFunc(out, func(x, y snapshot.Use) int {
		return cmp.Or(strings.Compare(x.Host, y.Host), strings.Compare(x.User, y.User))
	})
	return out, nil
}
