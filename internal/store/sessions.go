package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"splameter/internal/snapshot"
)

// PutSessions implements Store. A row of an empty user, or of the user "*",
// is about the host: its ends are those of every session there.
func (s *database) PutSessions(ctx context.Context, v *snapshot.Sessions, files []File) error {
	r, err := s.settle(v.Reading, snapshot.KindSessions)
	if err != nil {
		return err
	}
	if r.Status == "" {
		r.Status = snapshot.Complete
	}
	if r.Status == snapshot.Failed {
		return fmt.Errorf("a reading of the session logs %s failed; it is no evidence", r.Source)
	}
	for i := range v.Logs {
		from, until := extentOf(&v.Logs[i])
		if r.from == 0 || from != 0 && from < r.from {
			r.from = from
		}
		r.until = max(r.until, until)
	}
	err = s.write(ctx, ofSessions, func(t *tx) error { return t.putSessions(&r, v, files) })
	return s.explain("keep a reading of "+r.Source+" in", err)
}

func (t *tx) putSessions(r *reading, v *snapshot.Sessions, files []File) error {
	if err := t.addSessionsReading(r); err != nil {
		return err
	}
	ids := map[string]int64{}
	for i := range v.Len() {
		u := v.At(i)
		ids[u.Host], ids[u.User] = 0, 0
		for _, s := range []*snapshot.Sighting{&u.First, &u.Last, &u.Opened.Sighting, &u.Closed.Sighting, &u.Ended.Sighting, &u.Left.Sighting} {
			if !s.IsZero() {
				ids[s.File] = 0
			}
		}
	}
	for i := range v.Logs {
		l := &v.Logs[i]
		ids[l.Host], ids[l.Channel], ids[l.File] = 0, 0, 0
	}
	for _, f := range files {
		ids[f.Name] = 0
	}
	if err := t.addNames(ids); err != nil {
		return err
	}
	if err := t.mergeUses(v, ids); err != nil {
		return err
	}
	if err := t.mergeLogs(v.Logs, ids); err != nil {
		return err
	}
	if err := t.lookedAt(files, ids); err != nil {
		return err
	}
	return t.readFiles(r.Source, files, ids)
}

// readFiles keeps that files were read, in place of what was known of them.
func (t *tx) readFiles(reading string, files []File, ids map[string]int64) error {
	type key struct{ source, name int64 }
	sources, read, order := map[string]int64{}, map[key][]byte{}, []key(nil)
	for _, f := range files {
		name := cmp.Or(f.Source, reading)
		source, ok := sources[name]
		if !ok {
			var err error
			if source, err = t.addSource(name); err != nil {
				return err
			}
			sources[name] = source
		}
		k := key{source, ids[f.Name]}
		if read[k] == nil {
			order = append(order, k)
		}
		read[k] = []byte(f.Fingerprint)
	}
	for _, k := range order {
		if err := t.exec("DELETE FROM read_file WHERE source = ? AND name = ?", k.source, k.name); err != nil {
			return err
		}
	}
	in := t.inserter("read_file", "source", "name", "fingerprint")
	for _, k := range order {
		if err := in.add(k.source, k.name, read[k]); err != nil {
			return err
		}
	}
	return in.flush()
}

// addSessionsReading writes the reading, unless it is there already in every
// respect.
func (t *tx) addSessionsReading(r *reading) error {
	source, err := t.addSource(r.Source)
	if err != nil {
		return err
	}
	notes, err := t.addNotes(r.Notes)
	if err != nil {
		return err
	}
	n, err := t.number(`SELECT COUNT(*) FROM reading WHERE source = ? AND taken = ? AND kind = 'sessions' AND status = ? AND site = ?
		AND file_name = ? AND fingerprint = ? AND notes = ? AND from_at = ? AND until_at = ?`,
		source, r.taken, string(r.Status), r.Site, r.File, []byte(r.Fingerprint), notes, r.from, r.until)
	if err != nil || n > 0 {
		return err
	}
	return t.addReading(r)
}

// useKey is where a row stands.
type useKey struct{ month, host, user int64 }

// placed is a row of a reading, by where it goes.
type placed struct {
	useKey
	at int
}

// mergeUses merges rows with those in the store, host by host in the order of
// the primary key, and writes only what that changes.
func (t *tx) mergeUses(v *snapshot.Sessions, ids map[string]int64) error {
	order := make([]placed, v.Len())
	for i := range order {
		u := v.At(i)
		order[i] = placed{useKey{int64(u.Month), ids[u.Host], ids[u.User]}, i}
	}
	slices.SortFunc(order, func(x, y placed) int {
		return cmp.Or(cmp.Compare(x.month, y.month), cmp.Compare(x.host, y.host), cmp.Compare(x.user, y.user), cmp.Compare(x.at, y.at))
	})
	in := t.inserter("used", "month", "host", "account", "days", "body")
	open := t.inserter("left_open", "month", "host", "account")
	texts := names{}
	for name, id := range ids {
		texts[id] = name
	}
	filled, month := false, int64(-1)
	var ahead map[int64]map[int64]keptUse // by host
	for from := 0; from < len(order); {
		at := order[from].useKey
		if err := t.ctx.Err(); err != nil {
			return err
		}
		if at.month != month {
			month = at.month
			if err := in.flush(); err != nil {
				return err
			}
			n, err := t.number("SELECT MAX(host) FROM used WHERE month = ?", month)
			if err != nil {
				return err
			}
			filled, ahead = n > 0, nil
		}
		until := from
		for until < len(order) {
			if k := &order[until]; k.month != at.month || k.host != at.host {
				break
			}
			until++
		}
		var old map[int64]keptUse
		if filled && t.remote() {
			if ahead[at.host] == nil {
				var err error
				if ahead, err = t.loadUses(order[from:], texts); err != nil {
					return err
				}
			}
			old = ahead[at.host]
		} else if filled {
			var err error
			if old, err = t.keptUses(at.month, at.host); err != nil {
				return err
			}
		}
		for from < until {
			k := order[from].useKey
			u := normalUse(v.At(order[from].at))
			for from++; from < until && order[from].useKey == k; from++ {
				next := normalUse(v.At(order[from].at))
				mergeUse(&u, &next)
			}
			if err := t.mergeUse(in, open, k, &u, old, ids, texts); err != nil {
				return err
			}
		}
	}
	if err := open.flush(); err != nil {
		return err
	}
	return in.flush()
}

// normalUse brings moments to what the store keeps, so that merging compares
// like with like.
func normalUse(u snapshot.Use) snapshot.Use {
	for _, s := range []*snapshot.Sighting{&u.First, &u.Last, &u.Opened.Sighting, &u.Closed.Sighting, &u.Ended.Sighting, &u.Left.Sighting} {
		s.Time = fromTicks(ticks(s.Time))
	}
	if u.Name == "" {
		u.Name = u.User
	}
	return u
}

type keptUse struct {
	days uint32
	body []byte
}

func (t *tx) keptUses(month, host int64) (map[int64]keptUse, error) {
	all := map[int64]keptUse{}
	err := t.each(func(r *sql.Rows) error {
		var user int64
		var x keptUse
		err := r.Scan(&user, &x.days, &x.body)
		all[user] = x
		return err
	}, "SELECT account, days, body FROM used WHERE month = ? AND host = ?", month, host)
	return all, err
}

// mergeUse writes one row, merged with the one in the store if there is one.
func (t *tx) mergeUse(in, open *inserter, k useKey, u *snapshot.Use, old map[int64]keptUse, ids map[string]int64, texts names) error {
	kept, there := old[k.user]
	if !there {
		if openAfter(u) {
			if err := open.add(k.month, k.host, k.user); err != nil {
				return err
			}
		}
		return in.add(k.month, k.host, k.user, int64(u.Days), appendUse([]byte{}, u, ids))
	}
	was := snapshot.Use{User: u.User, Host: u.Host, Month: u.Month, Days: kept.days}
	// Only files that this Put does not name itself must be looked up.
	missing := names{}
	if err := filesOfUse(kept.body, func(id int64) {
		if _, ok := texts[id]; !ok {
			missing[id] = ""
		}
	}); err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := missing.load(t); err != nil {
			return err
		}
		maps.Copy(texts, missing)
	}
	if err := filesOfUse(kept.body, func(id int64) { ids[texts[id]] = id }); err != nil {
		return err
	}
	if err := decodeUse(kept.body, &was, texts, nil); err != nil {
		return err
	}
	wasOpen := openAfter(&was)
	mergeUse(&was, u)
	for _, s := range []*snapshot.Sighting{&was.First, &was.Last, &was.Opened.Sighting, &was.Closed.Sighting, &was.Ended.Sighting, &was.Left.Sighting} {
		if s.IsZero() || ids[s.File] > 0 {
			continue
		}
		return fmt.Errorf("%w: a row of use names a file that is not known", ErrDamaged)
	}
	body := appendUse([]byte{}, &was, ids)
	if was.Days == kept.days && bytes.Equal(body, kept.body) {
		return nil
	}
	switch isOpen := openAfter(&was); {
	case isOpen && !wasOpen:
		if err := open.add(k.month, k.host, k.user); err != nil {
			return err
		}
	case wasOpen && !isOpen:
		if err := t.exec("DELETE FROM left_open WHERE month = ? AND host = ? AND account = ?", k.month, k.host, k.user); err != nil {
			return err
		}
	}
	return t.exec("UPDATE used SET days = ?, body = ? WHERE month = ? AND host = ? AND account = ?",
		int64(was.Days), body, k.month, k.host, k.user)
}
