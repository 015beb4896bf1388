package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// Returned implements Store.
func (s *database) Returned(ctx context.Context, d *snapshot.Directory) (out []snapshot.Returned, err error) {
	err = s.read(ctx, func(t *tx) error {
		out, err = t.returned(d)
		return err
	})
	return out, s.explain("look for deleted accounts in", err)
}

// goneAccount is an account that ended by a reading.
type goneAccount struct {
	a, value, until int64
	told            bool
}

func (t *tx) returned(d *snapshot.Directory) ([]snapshot.Returned, error) {
	source, err := t.sourceID(d.Source)
	if err != nil || source == 0 {
		return nil, err
	}
	before, err := t.number("SELECT MAX(taken) FROM reading WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken < ?", source, ticks(d.Taken))
	if err != nil || before == 0 {
		return nil, err
	}
	since := ticks(d.Taken.AddDate(0, 0, -snapshot.MetadataDays))
	all, err := t.goneAccounts(source, since, before)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	texts := names{}
	for _, g := range all {
		texts[g.a] = ""
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	at := func(id string) bool {
		_, is := slices.BinarySearchFunc(d.Accounts, id, func(a snapshot.Account, id string) int { return strings.Compare(a.ID, id) })
		return is
	}
	var out []snapshot.Returned
	for _, g := range all {
		if !at(texts[g.a]) {
			continue
		}
		r := snapshot.Returned{ID: texts[g.a], Gone: fromTicks(g.until).UTC(), Told: g.told}
		for _, o := range all {
			r.Moved = r.Moved || o.until >= g.until && !at(texts[o.a])
		}
		if !r.Moved {
			if r.Moved, err = t.madeSince(source, g.until, before, at); err != nil {
				return nil, err
			}
		}
		if !g.told {
			if err := t.letGo(source, g, &r); err != nil {
				return nil, err
			}
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(x, y snapshot.Returned) int { return strings.Compare(x.ID, y.ID) })
	return out, nil
}

// goneAccounts are the accounts that ended after one reading and by another, or of
// which the directory told by then that they were deleted, and that do not stand in
// that other; each once.
func (t *tx) goneAccounts(source, since, before int64) (out []goneAccount, err error) {
	seen := map[int64]int{}
	add := func(g goneAccount) {
		i, ok := seen[g.a]
		if !ok {
			seen[g.a] = len(out)
			out = append(out, g)
			return
		}
		if o := &out[i]; g.told || !o.told && g.until > o.until {
			if !g.told {
				o.until = g.until
			}
			o.value, o.told = max(o.value, g.value), o.told || g.told
		}
	}
	err = t.each(func(r *sql.Rows) error {
		var g goneAccount
		err := r.Scan(&g.a, &g.value, &g.until)
		add(g)
		return err
	}, endedSince, source, kindAccount, since, before, source, kindAccount, before, before)
	if err != nil {
		return nil, err
	}
	bodies := map[int64][]int{}
	var told []goneAccount
	err = t.each(func(r *sql.Rows) error {
		var g goneAccount
		err := r.Scan(&g.a, &g.value)
		bodies[g.value] = append(bodies[g.value], len(told))
		told = append(told, g)
		return err
	}, toldDeleted, source, kindDeleted, since, before, source, kindAccount, before, before)
	if err != nil || len(told) == 0 {
		return out, err
	}
	err = t.bodies(bodies, func(i int, body []byte) error {
		var x snapshot.Deleted
		err := decodeDeleted(body, &x)
		g := told[i]
		if g.value, g.until, g.told = 0, ticks(x.Gone), true; g.until <= before {
			add(g)
		}
		return err
	})
	return out, err
}

const (
	standing    = ` AND NOT EXISTS (SELECT 1 FROM span n WHERE n.a = s.a AND n.b = 0 AND +n.source = ? AND +n.kind = ? AND +n.until_at > ? AND +n.first_at <= ?)`
	endedSince  = `SELECT s.a, s.value, s.until_at FROM span s WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.until_at <= ?` + standing
	toldDeleted = `SELECT s.a, s.value FROM span s WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.first_at <= ?` + standing
)

// madeSince says that something that a reading after a moment saw first is there.
func (t *tx) madeSince(source, gone, before int64, there func(id string) bool) (bool, error) {
	texts := names{}
	err := t.each(func(r *sql.Rows) error {
		var a int64
		err := r.Scan(&a)
		texts[a] = ""
		return err
	}, `SELECT s.a FROM span s WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.first_at > ? AND s.first_at <= ?
		AND NOT EXISTS (SELECT 1 FROM span n WHERE n.a = s.a AND n.b = 0 AND +n.source = ? AND +n.kind = ? AND +n.first_at < s.first_at)`,
		source, kindAccount, before, gone, before, source, kindAccount)
	if err == nil {
		err = texts.load(t)
	}
	for _, id := range texts {
		if there(id) {
			return true, err
		}
	}
	return false, err
}

// letGo looks what the groups of an account did when it went.
func (t *tx) letGo(source int64, g goneAccount, r *snapshot.Returned) error {
	err := t.bodies(map[int64][]int{g.value: {0}}, func(_ int, body []byte) error {
		var a snapshot.Account
		err := decodeAccount(body, &a)
		r.DN = a.DN
		return err
	})
	if err != nil {
		return err
	}
	var groups []int64
	if err := t.each(func(r *sql.Rows) error {
		var a int64
		err := r.Scan(&a)
		groups = append(groups, a)
		return err
	}, `SELECT m.a FROM span m WHERE m.source = ? AND m.kind = ? AND m.until_at = ? AND m.b = ?
		AND EXISTS (SELECT 1 FROM span n WHERE n.a = m.a AND n.b = 0 AND +n.source = ? AND +n.kind = ? AND +n.until_at > ? AND +n.first_at <= ?)`,
		source, kindMember, g.until, g.a, source, kindGroup, g.until, g.until); err != nil {
		return err
	}
	r.Left = len(groups) > 0
	texts := names{}
	for _, group := range groups {
		if err := t.each(func(r *sql.Rows) error {
			var b int64
			err := r.Scan(&b)
			texts[b] = ""
			return err
		}, `SELECT b FROM span WHERE +source = ? AND +kind = ? AND a = ? AND +first_at <= ? AND +until_at > ?`, source, kindMember, group, g.until, g.until); err != nil {
			return err
		}
	}
	if err := texts.load(t); err != nil {
		return err
	}
	for _, key := range texts {
		if strings.HasPrefix(key, snapshot.KeyDN) {
			r.Names = append(r.Names, key)
		}
	}
	slices.Sort(r.Names)
	return nil
}
