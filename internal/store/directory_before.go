package store

import (
	"cmp"
	"database/sql"
	"slices"

	"splameter/internal/snapshot"
)

// directoryBefore is the last whole reading before those of a month, as what
// ended and what began with the month's first: both are few, however large the
// directory is. texts are names that are known already.
func (t *tx) directoryBefore(all []reading, texts names, lists ...[]monthSpan) (*snapshot.DirectoryBefore, error) {
	first := &all[0]
	before, err := t.number("SELECT MAX(taken) FROM reading WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken < ?", first.source, first.taken)
	if err != nil || before == 0 {
		return nil, err
	}
	same, err := t.readings("source = ? AND taken = ? AND kind = 'directory' AND status = 'complete'", first.source, before)
	if err != nil || len(same) == 0 {
		return nil, err
	}
	d := &snapshot.DirectoryBefore{Taken: snapshot.Taken{Time: same[0].Taken, Day: same[0].Day, File: same[0].File}}
	for _, list := range lists {
		for i := range list {
			if list[i].fresh {
				d.New = append(d.New, texts[list[i].a])
			}
		}
	}
	slices.Sort(d.New)
	d.New = slices.Compact(d.New)
	type row struct {
		kind, a, b int64
		line       int
	}
	var rows []row
	byValue := map[int64][]int{}
	ids := names{}
	var x row
	var value int64
	for _, x.kind = range []int64{kindAccount, kindGroup, kindMember, kindUnit, kindLink, kindStamp} {
		err := t.each(func(r *sql.Rows) error {
			err := r.Scan(&x.a, &x.b, &value, &x.line)
			ids[x.a] = ""
			if x.b != 0 {
				ids[x.b] = ""
			}
			if x.kind != kindMember {
				byValue[value] = append(byValue[value], len(rows))
			}
			rows = append(rows, x)
			return err
		}, endedQuery, first.source, x.kind, first.taken, before)
		if err != nil {
			return nil, err
		}
	}
	if err := ids.load(t); err != nil {
		return nil, err
	}
	for _, x := range rows {
		if x.kind == kindMember {
			d.Members = append(d.Members, snapshot.Member{Group: ids[x.a], Key: ids[x.b], Line: x.line})
		}
	}
	err = t.bodies(byValue, func(i int, body []byte) error {
		switch x := rows[i]; x.kind {
		case kindAccount:
			a := snapshot.Account{ID: ids[x.a], Line: x.line}
			err := decodeAccount(body, &a)
			d.Accounts = append(d.Accounts, a)
			return err
		case kindGroup:
			g := snapshot.Group{ID: ids[x.a], Line: x.line}
			err := decodeGroup(body, &g)
			d.Groups = append(d.Groups, g)
			return err
		case kindLink, kindStamp:
			c := snapshot.Change{Object: ids[x.a], Key: ids[x.b], Link: x.kind == kindLink, Line: x.line}
			err := decodeChange(body, &c)
			d.Changes = append(d.Changes, c)
			return err
		default:
			u := snapshot.Unit{ID: ids[x.a], Line: x.line}
			err := decodeUnit(body, &u)
			d.Units = append(d.Units, u)
			return err
		}
	})
	slices.SortFunc(d.Accounts, func(x, y snapshot.Account) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(d.Groups, func(x, y snapshot.Group) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(d.Changes, compareChanges)
	slices.SortFunc(d.Units, func(x, y snapshot.Unit) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(d.Members, func(x, y snapshot.Member) int {
		return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.Key, y.Key))
	})
	return d, err
}

const endedQuery = `SELECT a, b, value, line FROM span WHERE source = ? AND kind = ? AND until_at = ? AND first_at <= ?`
