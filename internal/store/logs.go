package store

import (
	"bytes"
	"cmp"
	"database/sql"
	"maps"
	"slices"
	"time"

	"splameter/internal/month"
	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// extentOf is the time in which a log may tell of something: from its first
// record to where it is known to end. (Whether it does, the rules judge.)
func extentOf(l *snapshot.Log) (from, until int64) {
	until = max(ticks(l.Last), ticks(l.Cleared))
	for i := range l.Lost {
		until = max(until, ticks(l.Lost[i].Until))
	}
	if !l.Cut {
		bound := ticks(l.Until)
		if !l.Exported.IsZero() {
			bound = ticks(l.Exported)
		}
		if modified := ticks(l.Modified); modified > 0 && modified >= ticks(l.Last) {
			bound = min(bound, modified)
		}
		until = max(until, bound)
	}
	if from = ticks(l.First); from == 0 {
		for i := range l.Lost {
			if t := ticks(l.Lost[i].From); t != 0 && (from == 0 || t < from) {
				from = t
			}
		}
	}
	if from == 0 {
		if from = ticks(l.Cleared); from == 0 {
			from = until // an empty log: it tells of its own moment only
		}
	}
	return from, until
}

// mergeLogs merges how far logs reach.
func (t *tx) mergeLogs(logs []snapshot.Log, ids map[string]int64) error {
	keys := make([]logKey, len(logs))
	for i := range logs {
		l := &logs[i]
		keys[i] = logKey{ids[l.Host], ids[l.Channel], ids[l.File]}
	}
	ahead, err := t.keptLogs(keys)
	if err != nil {
		return err
	}
	type write struct {
		from, until int64
		body        []byte
		fresh       bool
	}
	writes, order := map[logKey]*write{}, []logKey(nil)
	for i := range logs {
		l := &logs[i]
		k := keys[i]
		now := reachOf(*l)
		kept, there := ahead[k]
		w := writes[k]
		if w != nil {
			kept, there = w.body, true
		} else if ahead == nil {
			err := t.each(func(r *sql.Rows) error { there = true; return r.Scan(&kept) },
				"SELECT body FROM log WHERE host = ? AND channel = ? AND file_name = ?", k.host, k.channel, k.file)
			if err != nil {
				return err
			}
		}
		if there {
			var was reach
			if err := decodeReach(kept, &was); err != nil {
				return err
			}
			now.merge(&was)
		}
		body := appendReach([]byte{}, &now)
		if bytes.Equal(body, kept) {
			continue
		}
		if w == nil {
			w = &write{fresh: !there}
			writes[k], order = w, append(order, k)
		}
		w.from, w.until = extentOf(&now.Log)
		w.body = body
	}
	in := t.inserter("log", "host", "channel", "file_name", "from_at", "until_at", "body")
	for _, k := range order {
		w := writes[k]
		if w.fresh {
			err = in.add(k.host, k.channel, k.file, w.from, w.until, w.body)
		} else {
			err = t.exec("UPDATE log SET from_at = ?, until_at = ?, body = ? WHERE host = ? AND channel = ? AND file_name = ?",
				w.from, w.until, w.body, k.host, k.channel, k.file)
		}
		if err != nil {
			return err
		}
	}
	return in.flush()
}

// lookedAt keeps of the logs of files that were read before, and have not
// changed since, when they were looked at and what their own time is now. A
// file whose time tells how far it can reach is not written for the look alone.
func (t *tx) lookedAt(files []File, ids map[string]int64) error {
	of := map[int64]*File{}
	for i := range files {
		if f := &files[i]; !f.Until.IsZero() {
			of[ids[f.Name]] = f
		}
	}
	if len(of) == 0 {
		return nil
	}
	type row struct {
		host, channel, file int64
		reach               reach
	}
	var stale []row
	look := func(r *sql.Rows) error {
		var x row
		var body sql.RawBytes
		if err := r.Scan(&x.host, &x.channel, &x.file, &body); err != nil {
			return err
		}
		f := of[x.file]
		if f == nil {
			return nil
		}
		if err := decodeReach(body, &x.reach); err != nil {
			return err
		}
		if x.reach.looked(f) {
			stale = append(stale, x)
		}
		return nil
	}
	const all = "SELECT host, channel, file_name, body FROM log"
	var err error
	if t.remote() {
		err = lookup(t, slices.Sorted(maps.Keys(of)), look, all+" WHERE file_name")
	} else {
		err = t.each(look, all)
	}
	if err != nil {
		return err
	}
	for i := range stale {
		x := &stale[i]
		from, to := extentOf(&x.reach.Log)
		if err := t.exec("UPDATE log SET from_at = ?, until_at = ?, body = ? WHERE host = ? AND channel = ? AND file_name = ?",
			from, to, appendReach([]byte{}, &x.reach), x.host, x.channel, x.file); err != nil {
			return err
		}
	}
	return nil
}

// looked takes over what a look at the file says, and reports whether that is
// anything new. A file that held records of times to come when it was looked at
// before was written by a clock that was ahead: that those times have come by now
// does not make it right. What a person states of it counts all the same.
func (r *reach) looked(f *File) bool {
	at := func(t time.Time) time.Time { return fromTicks(ticks(t)) }
	until, modified, exported := at(f.Until), at(f.Modified), at(f.Exported)
	if until.Before(r.Until) {
		return false
	}
	if !r.Modified.IsZero() && r.Last.After(later(r.Until, r.Modified).Add(snapshot.MaxSilence)) {
		until, modified = r.Until, r.Modified
	}
	same := modified.Equal(r.Modified) && exported.Equal(r.Exported)
	if same && (r.Cut || until.Equal(r.Until) || !modified.IsZero() && !modified.Before(r.Last)) {
		return false
	}
	r.Until, r.Modified, r.Exported = until, modified, exported
	return true
}

// logs are those that reach into a month and, of each host and channel, the one
// that ends last in the month before and the one that begins first in the month
// after: by their record ids the month's own may go on where others ended.
func (t *tx) logs(m month.Month) (*facts.Logs, error) {
	type key struct{ host, channel int64 }
	type row struct {
		key
		file int64
	}
	type neighbour struct {
		row
		log snapshot.Log
	}
	var keys []row
	before, after := map[key]neighbour{}, map[key]neighbour{}
	out := &facts.Logs{}
	start, end := ticks(m.Start()), ticks(m.End())
	var body sql.RawBytes
	var r reach
	err := t.each(func(rows *sql.Rows) error {
		var x row
		var from, until int64
		if err := rows.Scan(&x.host, &x.channel, &x.file, &from, &until, &body); err != nil {
			return err
		}
		r.reset()
		if err := decodeReach(body, &r); err != nil {
			return err
		}
		if from < end && until >= start {
			keys = append(keys, x)
			out.Add(&r.Log)
			return nil
		}
		// Which of two files it is must not depend on the order of rows.
		first := func(a, b *neighbour, by int) bool {
			return cmp.Or(by, cmp.Compare(b.log.LastRecord, a.log.LastRecord), cmp.Compare(a.file, b.file)) < 0
		}
		n := neighbour{x, r.Log}
		n.log.Parts = slices.Clone(r.Parts)
		if r.Last.IsZero() {
			return nil
		}
		if until < start {
			if old, ok := before[x.key]; !ok || first(&n, &old, old.log.Last.Compare(n.log.Last)) {
				before[x.key] = n
			}
		} else if old, ok := after[x.key]; !ok || first(&n, &old, n.log.First.Compare(old.log.First)) {
			after[x.key] = n
		}
		return nil
	}, "SELECT host, channel, file_name, from_at, until_at, body FROM log WHERE until_at >= ? AND from_at < ?", ticks(m.Add(-1).Start()), ticks(m.Add(1).End()))
	if err != nil {
		return nil, err
	}
	for _, side := range []map[key]neighbour{before, after} {
		for _, n := range side {
			keys = append(keys, n.row)
			out.Add(&n.log)
		}
	}
	ids := names{}
	for _, x := range keys {
		ids[x.host], ids[x.channel], ids[x.file] = "", "", ""
	}
	if err := ids.load(t); err != nil {
		return nil, err
	}
	for i, x := range keys {
		out.Name(i, ids[x.host], ids[x.channel], ids[x.file])
	}
	out.Done()
	return out, nil
}
