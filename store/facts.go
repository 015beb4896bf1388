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
		logs, err := t.logs(m)
		if err != nil {
			return err
		}
		if logs.Len() > 0 {
			f.Logs = snapshot.ListIn[snapshot.Log](logs)
		}
		uses, err := t.uses(m, logs)
		f.Uses = snapshot.ListIn[snapshot.Use](uses)
		if err != nil || t.db.dialect.name != "sqlite" {
			return err
		}
		// The pages that were read are of no more use to whoever counts now.
		_, err = t.raw.ExecContext(ctx, "PRAGMA shrink_memory")
		return err
	})
	if err != nil {
		return nil, s.explain("read the facts of "+m.String()+" from", err)
	}
	return f, nil
}

// readingsOf are the readings that a month is made of: those taken in it,
// those of session logs taken later whose logs reach into it, and those that
// failed in the month after it with no other since: they would have.
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
	after, err := t.readings("kind = ? AND taken >= ? AND taken < ?", string(snapshot.KindSessions), ticks(m.End()), ticks(m.Add(1).End()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(append(append(all, later...), stillFailing(after)...), func(r reading) bool { return r.Status == reduced })
	slices.SortStableFunc(all, func(x, y reading) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), cmp.Compare(x.taken, y.taken))
	})
	return all, nil
}

// stillFailing are, of readings sorted by source and time, those that failed
// after the last one of their source that did not.
func stillFailing(all []reading) (out []reading) {
	from := 0
	for i, r := range all {
		if i == 0 || r.source != all[i-1].source {
			from = len(out)
		}
		if r.Status != snapshot.Failed {
			out = out[:from]
			continue
		}
		out = append(out, r)
	}
	return out
}

// logs are those that reach into a month.
func (t *tx) logs(m month.Month) (*packedLogs, error) {
	type row struct {
		host, channel, file int64
	}
	var keys []row
	ids := names{}
	out := &packedLogs{}
	var body sql.RawBytes
	var r reach
	err := t.each(func(rows *sql.Rows) error {
		var x row
		if err := rows.Scan(&x.host, &x.channel, &x.file, &body); err != nil {
			return err
		}
		ids[x.host], ids[x.channel], ids[x.file] = "", "", ""
		r.reset()
		err := decodeReach(body, &r)
		out.add(&r.Log)
		keys = append(keys, x)
		return err
	}, "SELECT host, channel, file_name, body FROM log WHERE until_at >= ? AND from_at < ?", ticks(m.Start()), ticks(m.End()))
	if err != nil {
		return nil, err
	}
	if err := ids.load(t); err != nil {
		return nil, err
	}
	for i, x := range keys {
		l := &out.rows[i]
		l.host, l.channel, l.file = out.texts.Add(ids[x.host]), out.texts.Add(ids[x.channel]), out.texts.Add(ids[x.file])
	}
	out.done()
	return out, nil
}

// useRow is a row of use as kept.
type useRow struct {
	useKey
	keptUse
}

// useRows calls f with rows whose bodies it puts into a shelf.
func (t *tx) useRows(on *shelf, f func(useRow), condition string, args ...any) error {
	var x useRow
	var body sql.RawBytes
	return t.each(func(r *sql.Rows) error {
		err := r.Scan(&x.month, &x.host, &x.user, &x.days, &body)
		if err == nil {
			x.body = on.put(body)
			f(x)
		}
		return err
	}, useColumns+condition, args...)
}

// shelf holds many small pieces of bytes in few large ones.
type shelf struct{ open []byte }

func (s *shelf) put(b []byte) []byte {
	const size = 1 << 18
	if len(b) > cap(s.open)-len(s.open) {
		s.open = make([]byte, 0, max(size, len(b)))
	}
	from := len(s.open)
	s.open = append(s.open, b...)
	return s.open[from:len(s.open):len(s.open)]
}

const (
	useColumns    = "SELECT month, host, account, days, body FROM used WHERE "
	leftOpenQuery = "SELECT host, account FROM left_open WHERE month = ?"
	earlierUses   = "month IN (?, ?, ?) AND host = ? AND account = ?"
)

// uses are a month's rows, with what earlier months carry into it.
func (t *tx) uses(m month.Month, logs *packedLogs) (*packedUses, error) {
	covered := map[string]bool{}
	for i := range logs.rows {
		if h := logs.rows[i].host; i == 0 || h != logs.rows[i-1].host {
			covered[logs.texts.At(h)] = true
		}
	}
	texts := names{}
	var own, before []useRow
	var on shelf
	number := int64(m.Number())
	err := t.useRows(&on, func(x useRow) { own = append(own, x) }, "month = ?", number)
	if err != nil {
		return nil, err
	}
	sortUses(own)
	// Whose earlier months matter: who left a session open, and who has a row
	// of the month without a day in it.
	ask := map[who]bool{}
	for i := range own {
		if own[i].days == 0 {
			ask[own[i].who()] = true
		}
	}
	for back := int64(1); back <= lookBack; back++ {
		err := t.each(func(r *sql.Rows) error {
			var k who
			err := r.Scan(&k.host, &k.user)
			if own := usesOf(own, k); len(own) == 0 || own[0].days == 0 {
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
	if before, err = t.usesBefore(number, ask, &on); err != nil {
		return nil, err
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
	common := interned{}
	decode := func(x *useRow) (u snapshot.Use, err error) {
		u = snapshot.Use{Host: texts[x.host], User: texts[x.user], Month: int(x.month), Days: x.days}
		return u, decodeUse(x.body, &u, texts, common)
	}
	ofHost := map[int64][]snapshot.Use{}
	// Rows of the host itself first: their ends are those of every session.
	hostRow := func(x *useRow) bool { return texts[x.user] == "" || texts[x.user] == "*" }
	for _, list := range [][]useRow{before, own} {
		for i := range list {
			if x := &list[i]; hostRow(x) {
				u, err := decode(x)
				if err != nil {
					return nil, err
				}
				ofHost[x.host] = append(ofHost[x.host], u)
			}
		}
	}
	out := newPackedUses(m, len(own))
	var earlier []snapshot.Use
	// put works out the row of k, where u is nil the month has none.
	put := func(k who, u *snapshot.Use) error {
		earlier = earlier[:0]
		for _, x := range usesOf(before, k) {
			e, err := decode(&x)
			if err != nil {
				return err
			}
			earlier = append(earlier, e)
		}
		if u == nil {
			if len(earlier) == 0 {
				return nil
			}
			u = &snapshot.Use{Host: earlier[0].Host, User: earlier[0].User, Month: m.Number()}
		}
		if !carry(m, u, earlier, ofHost[k.host], covered[u.Host]) {
			return nil
		}
		for j := range earlier {
			u.SID = filled(u.SID, earlier[j].SID)
			if u.Name == "" {
				u.Name = earlier[j].Name
			}
		}
		out.add(u)
		return nil
	}
	for i := range own {
		x := &own[i]
		if hostRow(x) {
			continue
		}
		u, err := decode(x)
		if err == nil {
			err = put(x.who(), &u)
		}
		if err != nil {
			return nil, err
		}
		delete(ask, x.who())
	}
	for k := range ask {
		if texts[k.user] == "" || texts[k.user] == "*" {
			continue
		}
		if err := put(k, nil); err != nil {
			return nil, err
		}
	}
	out.done()
	return out, nil
}

// who is a user on a host.
type who struct{ host, user int64 }

func (x *useRow) who() who { return who{x.host, x.user} }

// sortUses puts rows by host, user and month.
func sortUses(rows []useRow) {
	order := func(x, y useRow) int {
		return cmp.Or(cmp.Compare(x.host, y.host), cmp.Compare(x.user, y.user), cmp.Compare(x.month, y.month))
	}
	if !slices.IsSortedFunc(rows, order) {
		slices.SortFunc(rows, order)
	}
}

// usesOf are the rows of one user on one host.
func usesOf(rows []useRow, k who) []useRow {
	from, _ := slices.BinarySearchFunc(rows, k, func(x useRow, k who) int {
		return cmp.Or(cmp.Compare(x.host, k.host), cmp.Compare(x.user, k.user))
	})
	until := from
	for until < len(rows) && rows[until].who() == k {
		until++
	}
	return rows[from:until]
}

// usesBefore are the rows of some users in the months that are looked back on:
// a few are asked for one by one, of many the months are read through.
func (t *tx) usesBefore(number int64, ask map[who]bool, on *shelf) (out []useRow, err error) {
	const few = 2000
	if len(ask) > few {
		var x useRow
		var body sql.RawBytes
		err = t.each(func(r *sql.Rows) error {
			err := r.Scan(&x.month, &x.host, &x.user, &x.days, &body)
			if err == nil && ask[x.who()] {
				x.body = on.put(body)
				out = append(out, x)
			}
			return err
		}, useColumns+"month IN (?, ?, ?)", number-1, number-2, number-3)
	} else {
		for k := range ask {
			if err = t.useRows(on, func(x useRow) { out = append(out, x) }, earlierUses, number-1, number-2, number-3, k.host, k.user); err != nil {
				break
			}
		}
	}
	sortUses(out)
	return out, err
}
