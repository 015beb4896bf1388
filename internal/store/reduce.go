package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// reduced is the status of a reading of which only the record is left: its
// export is still known, so that it is not read again, and it stands for no
// day any more.
const reduced = "reduced"

// Reduced counts what Reduce took away.
type Reduced struct {
	Readings int64 // of directories, of which the record stays
	Spans    int64 // facts about accounts, groups and memberships
	Uses     int64 // what sessions told, by host, account and month
	Names    int64 // texts that nothing else needs
	Results  int64 // results of which only the totals stay
	Sent     int64 // entries about annexes that lost the address
}

// Reduce implements Life.
//
// Of each directory the last reading before the month stays, since the
// readings after it are told as what changed against it. Three months of
// sessions stay too: one may still be open in the first month that is kept.
func (s *database) Reduce(ctx context.Context, before month.Month) (out Reduced, err error) {
	err = s.write(ctx, everything, func(t *tx) error {
		if s.dialect.name == "sqlite" { // what is taken away is written over
			if _, err := t.raw.ExecContext(ctx, "PRAGMA secure_delete = ON"); err != nil {
				return err
			}
		}
		sources, err := t.sources()
		if err != nil {
			return err
		}
		values, texts := map[int64]bool{}, map[int64]bool{}
		for id := range sources {
			if err := t.reduceDirectory(id, ticks(before.Start()), &out, values, texts); err != nil {
				return err
			}
		}
		last := int64(before.Number()) - lookBack
		if err := t.ids(texts, "SELECT DISTINCT account FROM used WHERE month < ?", last); err != nil {
			return err
		}
		if out.Uses, err = t.changed("DELETE FROM used WHERE month < ?", last); err != nil {
			return err
		}
		if _, err := t.changed("DELETE FROM left_open WHERE month < ?", last); err != nil {
			return err
		}
		if err := t.dropValues(values); err != nil {
			return err
		}
		if out.Names, err = t.dropNames(texts); err != nil {
			return err
		}
		if out.Results, err = t.reduceResults(int64(before.Number())); err != nil {
			return err
		}
		out.Sent, err = t.reduceDeliveries(int64(before.Number()))
		return err
	})
	return out, s.explain("reduce the named facts in", err)
}

// ids adds the numbers that a query yields to a set.
func (t *tx) ids(set map[int64]bool, q string, args ...any) error {
	return t.each(func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		if n > 0 {
			set[n] = true
		}
		return err
	}, q, args...)
}

func (t *tx) reduceDirectory(source, cut int64, out *Reduced, values, texts map[int64]bool) error {
	anchor, err := t.number("SELECT MAX(taken) FROM reading WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken < ?", source, cut)
	if err != nil || anchor == 0 {
		return err
	}
	const gone = " FROM reading WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken < ?"
	if err := t.ids(values, "SELECT DISTINCT notes"+gone, source, anchor); err != nil {
		return err
	}
	n, err := t.changed("UPDATE reading SET status = '"+reduced+"', notes = 0 WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken < ?", source, anchor)
	if err != nil {
		return err
	}
	out.Readings += n
	for _, kind := range []int{kindAccount, kindGroup, kindMember, kindUnit, kindLink, kindStamp, kindDeleted, kindEvent} {
		const ended = " FROM span WHERE source = ? AND kind = ? AND until_at <= ?"
		if err := t.ids(values, "SELECT DISTINCT value"+ended, source, kind, anchor); err != nil {
			return err
		}
		for _, column := range []string{"a", "b"} {
			if err := t.ids(texts, "SELECT DISTINCT "+column+ended, source, kind, anchor); err != nil {
				return err
			}
		}
		n, err := t.changed("DELETE"+ended, source, kind, anchor)
		if err != nil {
			return err
		}
		out.Spans += n
	}
	return nil
}

// dropValues takes away values that no row names any more. Which are named is
// gathered once: no index leads from a value to its spans, and to look through
// them all for each value would take time as the square of the months.
func (t *tx) dropValues(values map[int64]bool) error {
	if len(values) == 0 {
		return nil
	}
	used := map[int64]bool{}
	for _, q := range []string{
		"SELECT DISTINCT value FROM span", "SELECT DISTINCT notes FROM reading",
		"SELECT DISTINCT software FROM reading", "SELECT DISTINCT machines FROM reading",
	} {
		if err := t.ids(used, q); err != nil {
			return err
		}
	}
	_, err := t.drop("value", values, used)
	return err
}

// drop takes rows away by their numbers, but those that are used, and says how
// many there were.
func (t *tx) drop(table string, ids, used map[int64]bool) (n int64, err error) {
	var list []int64
	for id := range ids {
		if !used[id] {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	if t.remote() {
		return t.changed("DELETE FROM "+table+" WHERE id {in numbers}", list)
	}
	for _, id := range list {
		k, err := t.changed("DELETE FROM "+table+" WHERE id = ?", id)
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, nil
}

// dropNames takes away texts that no row names any more. Those of hosts and
// files that stand inside values are also in a row of their own.
func (t *tx) dropNames(texts map[int64]bool) (n int64, err error) {
	if len(texts) == 0 {
		return 0, nil
	}
	used := map[int64]bool{}
	for _, q := range []string{
		"SELECT DISTINCT a FROM span", "SELECT DISTINCT b FROM span", "SELECT DISTINCT host FROM used", "SELECT DISTINCT account FROM used",
		"SELECT DISTINCT host FROM log", "SELECT DISTINCT channel FROM log", "SELECT DISTINCT file_name FROM log",
		"SELECT DISTINCT name FROM read_file", "SELECT DISTINCT item FROM observed",
	} {
		if err := t.ids(used, q); err != nil {
			return 0, err
		}
	}
	return t.drop("name", texts, used)
}

// reduceResults leaves of the results before a month what names nobody: the
// lines, the tenants and how many findings of each kind there were. The month
// directly before keeps who was counted, by object id alone: the first month that is
// kept is compared with it.
func (t *tx) reduceResults(before int64) (n int64, err error) {
	type key struct{ month, revision, test int64 }
	bodies := map[key][]byte{}
	err = t.each(func(r *sql.Rows) error {
		var k key
		var body []byte
		if err := r.Scan(&k.month, &k.revision, &k.test, &body); err != nil {
			return err
		}
		bodies[k] = body
		return nil
	}, "SELECT month, revision, is_test, statement FROM result WHERE month < ?", before)
	if err != nil {
		return 0, err
	}
	empty, err := pack([]string{})
	if err != nil {
		return 0, err
	}
	for k, body := range bodies {
		var st statement.Statement
		if err := unpackInto(body, &st); err != nil {
			return n, err
		}
		kept, err := pack(st.Totals())
		if err != nil {
			return n, err
		}
		if same, err := sameJSON(body, kept); err != nil || same {
			if err != nil {
				return n, err
			}
			continue
		}
		_, err = t.changed("UPDATE result SET statement = ?, findings = ? WHERE month = ? AND revision = ? AND is_test = ?",
			kept, empty, k.month, k.revision, k.test)
		if err != nil {
			return n, err
		}
		n++
	}
	if _, err = t.changed("UPDATE result SET counted = ? WHERE month < ?", empty, before-1); err != nil {
		return n, err
	}
	return n, t.reduceCounted(before - 1)
}

// reduceCounted takes the names out of who a month counted.
func (t *tx) reduceCounted(m int64) error {
	type key struct{ revision, test int64 }
	bodies := map[key][]byte{}
	err := t.each(func(r *sql.Rows) error {
		var k key
		var body []byte
		if err := r.Scan(&k.revision, &k.test, &body); err != nil {
			return err
		}
		bodies[k] = body
		return nil
	}, "SELECT revision, is_test, counted FROM result WHERE month = ?", m)
	for k, body := range bodies {
		if err != nil {
			return err
		}
		var kept []byte
		if kept, err = nameless(body); err == nil {
			_, err = t.changed("UPDATE result SET counted = ? WHERE month = ? AND revision = ? AND is_test = ?", kept, m, k.revision, k.test)
		}
	}
	return err
}

func sameJSON(a, b []byte) (bool, error) {
	x, err := unpack(a)
	if err != nil {
		return false, err
	}
	y, err := unpack(b)
	if err != nil {
		return false, err
	}
	if !json.Valid(x) {
		return false, fmt.Errorf("%w: a result cannot be read", ErrDamaged)
	}
	return string(x) == string(y), nil
}
