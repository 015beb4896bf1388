package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// appendChange is a change without what it is about, its kind and line.
func appendChange(b []byte, c *snapshot.Change) []byte {
	e := encoder{b}
	e.number(1, int64(c.Version))
	e.number(2, ticks(c.Created))
	e.number(3, ticks(c.Changed))
	e.flag(4, c.Gone)
	e.text(5, c.Origin)
	return e.b
}

func decodeChange(b []byte, c *snapshot.Change) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			c.Version = uint32(d.number())
		case 2:
			c.Created = fromTicks(d.number())
		case 3:
			c.Changed = fromTicks(d.number())
		case 4:
			c.Gone = d.number() != 0
		case 5:
			c.Origin = d.text()
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// appendDeleted is a deleted account without its ID and line: the account as
// ever, after when it was made and deleted.
func appendDeleted(b []byte, x *snapshot.Deleted) []byte {
	e := encoder{b}
	e.number(1, ticks(x.Made))
	e.number(2, ticks(x.Gone))
	e.b = append(e.b, 3)
	return appendAccount(e.b, &x.Account)
}

func decodeDeleted(b []byte, x *snapshot.Deleted) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			x.Made = fromTicks(d.number())
		case 2:
			x.Gone = fromTicks(d.number())
		case 3:
			return decodeAccount(d.b, &x.Account)
		default:
			d.unknown(f)
		}
	}
	return d.err
}

func compareChanges(x, y snapshot.Change) int {
	if x.Link != y.Link {
		if x.Link {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(x.Object, y.Object), strings.Compare(x.Key, y.Key))
}

func linkItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	return changeItems(s, d, ids, kindLink)
}

func stampItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	return changeItems(s, d, ids, kindStamp)
}

func changeItems(s *series, d *snapshot.Directory, ids map[string]int64, kind int64) ([]item, error) {
	s.kind = kind
	s.body = func(at int) []byte { return appendChange(nil, &d.Changes[at]) }
	var items []item
	var buf []byte
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Link != (kind == kindLink) {
			continue
		}
		buf = appendChange(buf[:0], c)
		items = append(items, item{pair: pair{ids[c.Object], ids[c.Key]}, digest: digestOf(buf), line: int64(c.Line), at: i})
	}
	return sortItems(items, func(i int) string { return "the last change of " + d.Changes[i].Object })
}

func deletedItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	s.kind = kindDeleted
	s.body = func(at int) []byte { return appendDeleted(nil, &d.Deleted[at]) }
	items := make([]item, len(d.Deleted))
	var buf []byte
	for i := range d.Deleted {
		x := &d.Deleted[i]
		buf = appendDeleted(buf[:0], x)
		items[i] = item{pair: pair{a: ids[x.ID]}, digest: digestOf(buf), line: int64(x.Line), at: i}
	}
	return sortItems(items, func(i int) string { return "deleted account " + d.Deleted[i].ID })
}

// changesOfMonth fills in what the month's readings told of changes.
func (t *tx) changesOfMonth(d *snapshot.DirectoryMonth, links, stamps, deleted []monthSpan, texts names, files map[int64]string) error {
	byValue := map[int64][]int{}
	all := append(slices.Clone(links), stamps...)
	for i, x := range all {
		d.Changes = append(d.Changes, snapshot.ChangeSpan{Span: x.Span, File: files[x.seen],
			Change: snapshot.Change{Object: texts[x.a], Key: texts[x.b], Link: i < len(links), Line: x.line}})
		byValue[x.value] = append(byValue[x.value], i)
	}
	if err := t.bodies(byValue, func(i int, body []byte) error { return decodeChange(body, &d.Changes[i].Change) }); err != nil {
		return err
	}
	slices.SortFunc(d.Changes, func(x, y snapshot.ChangeSpan) int {
		return cmp.Or(compareChanges(x.Change, y.Change), cmp.Compare(x.First, y.First))
	})
	clear(byValue)
	for i, x := range deleted {
		d.Deleted = append(d.Deleted, snapshot.Deleted{Account: snapshot.Account{ID: texts[x.a], Line: x.line}})
		byValue[x.value] = append(byValue[x.value], i)
	}
	if err := t.bodies(byValue, func(i int, body []byte) error { return decodeDeleted(body, &d.Deleted[i]) }); err != nil {
		return err
	}
	d.Deleted = sortDeleted(d.Deleted)
	return nil
}

// sortDeleted sorts, and keeps of each the earliest word.
func sortDeleted(all []snapshot.Deleted) []snapshot.Deleted {
	slices.SortFunc(all, func(x, y snapshot.Deleted) int {
		return cmp.Or(strings.Compare(x.ID, y.ID), x.Gone.Compare(y.Gone), strings.Compare(x.DN, y.DN))
	})
	return slices.CompactFunc(all, func(x, y snapshot.Deleted) bool { return x.ID == y.ID })
}

// changesAfter fills in the events of domain controllers' logs, up to the first
// reading after the last of a month, and what that one tells besides.
func (t *tx) changesAfter(d *snapshot.DirectoryMonth, first, last *reading) error {
	after, err := t.number("SELECT MIN(taken) FROM reading WHERE source = ? AND kind = 'directory' AND status = 'complete' AND taken > ?", last.source, last.taken)
	if err != nil {
		return err
	}
	from := ticks(first.Taken.AddDate(0, 0, -31))
	if d.Before != nil {
		from = ticks(d.Before.Time)
	}
	if d.Events, err = t.events(last.source, from, max(after, last.taken)); err != nil || after == 0 {
		return err
	}
	n := len(d.Events)
	d.After, err = t.directoryAfter(last, after, n > 0 && d.Events[n-1].Time.After(last.Taken))
	return err
}

// directoryAfter is what the reading at a moment, the first after the last of a
// month, tells of changes that the last did not; nil where it tells none, unless
// events lie before it.
func (t *tx) directoryAfter(last *reading, at int64, events bool) (*snapshot.DirectoryAfter, error) {
	same, err := t.readings("source = ? AND taken = ? AND kind = 'directory' AND status = 'complete'", last.source, at)
	if err != nil || len(same) == 0 || len(same[0].Metadata) == 0 && !events {
		return nil, err
	}
	d := &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: same[0].Taken, Day: same[0].Day, File: same[0].File}}
	ids := names{}
	type row struct {
		kind, a, b int64
		line       int
	}
	var rows []row
	byValue := map[int64][]int{}
	var x row
	var value int64
	for _, x.kind = range []int64{kindAccount, kindGroup, kindLink, kindStamp, kindDeleted} {
		if err := t.each(func(r *sql.Rows) error {
			err := r.Scan(&x.a, &x.b, &value, &x.line)
			ids[x.a] = ""
			if x.b != 0 {
				ids[x.b] = ""
			}
			byValue[value] = append(byValue[value], len(rows))
			rows = append(rows, x)
			return err
		}, begunQuery, last.source, x.kind, at, at); err != nil {
			return nil, err
		}
	}
	if err := ids.load(t); err != nil {
		return nil, err
	}
	err = t.bodies(byValue, func(i int, body []byte) error {
		x := rows[i]
		if x.kind == kindAccount {
			a := snapshot.Account{ID: ids[x.a], Line: x.line}
			err := decodeAccount(body, &a)
			d.Accounts = append(d.Accounts, a)
			return err
		}
		if x.kind == kindGroup {
			g := snapshot.Group{ID: ids[x.a], Line: x.line}
			err := decodeGroup(body, &g)
			d.Groups = append(d.Groups, g)
			return err
		}
		if x.kind == kindDeleted {
			y := snapshot.Deleted{Account: snapshot.Account{ID: ids[x.a], Line: x.line}}
			err := decodeDeleted(body, &y)
			d.Deleted = append(d.Deleted, y)
			return err
		}
		c := snapshot.Change{Object: ids[x.a], Key: ids[x.b], Link: x.kind == kindLink, Line: x.line}
		err := decodeChange(body, &c)
		d.Changes = append(d.Changes, c)
		return err
	})
	slices.SortFunc(d.Changes, compareChanges)
	slices.SortFunc(d.Accounts, func(x, y snapshot.Account) int { return strings.Compare(x.ID, y.ID) })
	slices.SortFunc(d.Groups, func(x, y snapshot.Group) int { return strings.Compare(x.ID, y.ID) })
	d.Deleted = sortDeleted(d.Deleted)
	return d, err
}

const begunQuery = `SELECT a, b, value, line FROM span WHERE source = ? AND kind = ? AND until_at > ? AND first_at = ?`
