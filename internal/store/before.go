package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// wholeLook is over how many months before a month the last whole inventory of
// a host is looked for.
const wholeLook = 3

// before is what the months before knew of the estate.
func (t *tx) before(m month.Month, directories []snapshot.DirectoryMonth) (b snapshot.Before, err error) {
	all, err := t.readings("month >= ? AND month < ? AND kind = 'inventory' AND status <> 'failed'", m.Add(-wholeLook).Number(), m.Number())
	if err != nil {
		return b, err
	}
	err = bySource(all, func(all []reading) error {
		rows, err := t.rowsBefore(all)
		if err != nil {
			return err
		}
		b.Software = append(b.Software, rows...)
		last := 0
		for last < len(all) && month.Of(all[last].Taken, m.Location()).Number() < m.Number()-1 {
			last++
		}
		if all = all[last:]; len(all) == 0 {
			return nil
		}
		machines, err := t.machineMonth(all)
		for i := range machines { // the last state of each
			if i+1 == len(machines) || machines[i+1].Key() != machines[i].Key() {
				b.Machines = append(b.Machines, machines[i])
			}
		}
		return err
	})
	if err != nil {
		return b, err
	}
	if b.Logged, err = t.loggedBefore(m.Add(-1)); err != nil {
		return b, err
	}
	for i := range directories {
		gone, err := t.goneBefore(m, &directories[i])
		if err != nil {
			return b, err
		}
		b.Gone = append(b.Gone, gone...)
	}
	return b, nil
}

// rowsBefore is how many programs the last whole reading of each host of an
// inventory held.
func (t *tx) rowsBefore(all []reading) (out []snapshot.HostRows, err error) {
	states, err := t.states(kindSoftware, all)
	if err != nil {
		return nil, err
	}
	texts, counts := names{}, make([]int, len(states))
	for i := range states {
		texts[states[i].item] = ""
		if counts[i], err = countPlaces(states[i].lines); err != nil {
			return nil, err
		}
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	for i := 0; i < len(states); {
		from, last := i, 0
		for ; i < len(states) && states[i].item == states[from].item; i++ {
			last = max(last, states[i].at[len(states[i].at)-1])
		}
		if n := snapshot.WholeRows(counts[from:i]); n > 0 {
			out = append(out, snapshot.HostRows{Source: all[0].Source, Host: texts[states[from].item], Rows: n, Last: all[last].Day})
		}
	}
	slices.SortFunc(out, func(x, y snapshot.HostRows) int { return strings.Compare(x.Host, y.Host) })
	return out, nil
}

// countPlaces is of how many programs a state says on which lines they stood:
// as many as it holds, and much less to read than they are.
func countPlaces(b []byte) (n int, err error) {
	d := decoder{b: b}
	for d.skip(); len(d.b) > 0 && d.err == nil; n++ {
		d.number()
	}
	return n, d.err
}

// loggedBefore are the hosts of which a log that may show sessions reaches into
// a month, by their full names where the logs tell them: two domains may have
// hosts of one name.
func (t *tx) loggedBefore(m month.Month) (out []string, err error) {
	type row struct {
		host, channel int64
		name          string
	}
	ids, rows := names{}, []row(nil)
	err = t.each(func(r *sql.Rows) error {
		var x row
		var body sql.RawBytes
		if err := r.Scan(&x.host, &x.channel, &body); err != nil {
			return err
		}
		x.name = reachName(body)
		ids[x.host], ids[x.channel] = "", ""
		if n := len(rows); n == 0 || rows[n-1] != x { // mostly the next file of the same
			rows = append(rows, x)
		}
		return nil
	}, "SELECT host, channel, body FROM log WHERE until_at >= ? AND from_at < ?", ticks(m.Start()), ticks(m.End()))
	if err != nil {
		return nil, err
	}
	if err := ids.load(t); err != nil {
		return nil, err
	}
	for _, x := range rows {
		if c := ids[x.channel]; x.host != 0 && (c == "LSM" || c == "Security") {
			out = append(out, snapshot.FullHost(cmp.Or(x.name, ids[x.host])))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// goneBefore are the computers that a directory lost in the month before, or
// with its first reading of this one.
func (t *tx) goneBefore(m month.Month, d *snapshot.DirectoryMonth) (out []snapshot.GoneComputer, err error) {
	if len(d.Taken) == 0 {
		return nil, nil
	}
	source, err := t.sourceID(d.Source)
	if err != nil || source == 0 {
		return nil, err
	}
	bodies, until := map[int64][]int{}, []int64(nil)
	err = t.each(func(r *sql.Rows) error {
		var value, end int64
		err := r.Scan(&value, &end)
		bodies[value] = append(bodies[value], len(until))
		until = append(until, end)
		return err
	}, goneQuery, source, kindAccount, ticks(m.Add(-1).Start()), ticks(d.Taken[0].Time))
	if err != nil {
		return nil, err
	}
	err = t.bodies(bodies, func(i int, body []byte) error {
		var a snapshot.Account
		if err := decodeAccount(body, &a); err != nil || a.Class != snapshot.Computer {
			return err
		}
		out = append(out, snapshot.GoneComputer{Source: d.Source, Name: a.Name, Full: a.Attribute(snapshot.HostName), Day: month.DayOf(fromTicks(until[i]), m.Location())})
		return nil
	})
	slices.SortFunc(out, func(x, y snapshot.GoneComputer) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.Day, y.Day))
	})
	return out, err
}

// goneQuery finds what ended between two moments and did not go on as
// something else. The plus signs are historyQuery's.
const goneQuery = `SELECT s.value, s.until_at FROM span s WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.until_at <= ?
	AND NOT EXISTS (SELECT 1 FROM span n WHERE n.a = s.a AND n.b = s.b AND +n.source = s.source AND +n.kind = s.kind AND +n.until_at > s.until_at)`
