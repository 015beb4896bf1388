package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"splameter/internal/snapshot"
)

// PutDirectory implements Store.
func (s *database) PutDirectory(ctx context.Context, d *snapshot.Directory) error {
	r, err := s.settle(d.Reading, snapshot.KindDirectory)
	if err != nil {
		return err
	}
	if r.Status == "" {
		r.Status = snapshot.Complete
	}
	if r.Status != snapshot.Complete {
		return fmt.Errorf("a reading of the directory %s is %s; only a complete one is a snapshot", r.Source, r.Status)
	}
	r.domain, r.dns, r.sid = d.Domain, d.DNS, d.SID
	var last *keptDirectory
	err = s.write(ctx, ofSource(r.Source), func(t *tx) error {
		last, err = t.putDirectory(&r, d)
		return err
	})
	if err != nil {
		last = nil
	}
	s.keptLast(r.Source, last)
	return s.explain("keep a reading of "+r.Source+" in", err)
}

// putDirectory returns what is kept now, where that is the reading itself.
func (t *tx) putDirectory(r *reading, d *snapshot.Directory) (*keptDirectory, error) {
	if known, err := t.again(r); err != nil {
		return nil, err
	} else if known {
		return nil, t.replaceDirectory(r, d)
	}
	source, err := t.addSource(r.Source)
	if err != nil {
		return nil, err
	}
	const complete = "source = ? AND kind = 'directory' AND status = 'complete' AND taken "
	same, err := t.readings(complete+"= ?", source, r.taken)
	if err != nil {
		return nil, err
	}
	if len(same) > 0 {
		return nil, &ConflictError{Source: r.Source, Taken: r.Taken, Kept: same[0].File, Other: r.File}
	}
	before, after, err := t.beside(source, r.taken)
	if err != nil {
		return nil, err
	}
	since, err := t.comparable(r, d, source, before, after)
	if err != nil {
		return nil, err
	}
	var ids map[string]int64
	if since {
		ids, err = t.idsSince(d)
	} else {
		ids, err = t.idsOf(d)
	}
	if err != nil {
		return nil, err
	}
	if err := t.addReading(r); err != nil {
		return nil, err
	}
	at := series{source: source, reading: r.id, taken: r.taken}
	if since {
		err = t.placeSince(&at, d, ids, before)
	} else {
		for _, step := range directorySteps() {
			var items []item
			if items, err = step(&at, d, ids); err == nil {
				err = t.placeAll(&at, items, before, after)
			}
			if err != nil {
				break
			}
		}
	}
	return kept(r), err
}

// directorySteps are the kinds of facts of a directory.
func directorySteps() []func(*series, *snapshot.Directory, map[string]int64) ([]item, error) {
	return []func(*series, *snapshot.Directory, map[string]int64) ([]item, error){accountItems, groupItems, memberItems, unitItems, linkItems, stampItems, deletedItems}
}

// beside are the moments of a directory's snapshots before and after one; -1
// and forever where there is none.
func (t *tx) beside(source, taken int64) (before, after int64, err error) {
	const complete = "source = ? AND kind = 'directory' AND status = 'complete' AND taken "
	before, after = -1, forever
	if n, err := t.number("SELECT MAX(taken) FROM reading WHERE "+complete+"< ?", source, taken); err != nil {
		return 0, 0, err
	} else if n != 0 {
		before = n
	}
	if n, err := t.number("SELECT MIN(taken) FROM reading WHERE "+complete+"> ?", source, taken); err != nil {
		return 0, 0, err
	} else if n != 0 {
		after = n
	}
	return before, after, nil
}

// idsOf are the numbers of all names in a snapshot.
func (t *tx) idsOf(d *snapshot.Directory) (map[string]int64, error) {
	ids := make(map[string]int64, len(d.Accounts)+len(d.Groups))
	for i := range d.Accounts {
		ids[d.Accounts[i].ID] = 0
	}
	for i := range d.Groups {
		ids[d.Groups[i].ID] = 0
	}
	for i := range d.Units {
		ids[d.Units[i].ID] = 0
	}
	for i := range d.Changes {
		ids[d.Changes[i].Object], ids[d.Changes[i].Key] = 0, 0
	}
	for i := range d.Deleted {
		ids[d.Deleted[i].ID] = 0
	}
	for i := range d.Members {
		ids[d.Members[i].Group], ids[d.Members[i].Key] = 0, 0
	}
	return ids, t.addNames(ids)
}

func accountItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	s.kind = kindAccount
	s.body = func(at int) []byte { return appendAccount(nil, &d.Accounts[at]) }
	items := make([]item, len(d.Accounts))
	var buf []byte
	for i := range d.Accounts {
		a := &d.Accounts[i]
		buf = appendAccount(buf[:0], a)
		items[i] = item{pair: pair{a: ids[a.ID]}, digest: digestOf(buf), line: int64(a.Line), at: i}
	}
	return sortItems(items, func(i int) string { return "account " + d.Accounts[i].ID })
}

func groupItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	s.kind = kindGroup
	s.body = func(at int) []byte { return appendGroup(nil, &d.Groups[at]) }
	items := make([]item, len(d.Groups))
	var buf []byte
	for i := range d.Groups {
		g := &d.Groups[i]
		buf = appendGroup(buf[:0], g)
		items[i] = item{pair: pair{a: ids[g.ID]}, digest: digestOf(buf), line: int64(g.Line), at: i}
	}
	return sortItems(items, func(i int) string { return "group " + d.Groups[i].ID })
}

func memberItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	s.kind, s.body = kindMember, nil
	items := make([]item, len(d.Members))
	for i := range d.Members {
		m := &d.Members[i]
		items[i] = item{pair: pair{ids[m.Group], ids[m.Key]}, line: int64(m.Line), at: i}
	}
	return sortItems(items, nil)
}

func unitItems(s *series, d *snapshot.Directory, ids map[string]int64) ([]item, error) {
	s.kind = kindUnit
	s.body = func(at int) []byte { return appendUnit(nil, &d.Units[at]) }
	items := make([]item, len(d.Units))
	var buf []byte
	for i := range d.Units {
		u := &d.Units[i]
		buf = appendUnit(buf[:0], u)
		items[i] = item{pair: pair{a: ids[u.ID]}, digest: digestOf(buf), line: int64(u.Line), at: i}
	}
	return sortItems(items, func(i int) string { return "organizational unit " + d.Units[i].ID })
}

// sortItems sorts by what items are about. The same item twice is kept once;
// two that differ are an error, for which there is no right choice.
func sortItems(items []item, name func(at int) string) ([]item, error) {
	order := func(x, y item) int {
		if c := x.compare(y.pair); c != 0 {
			return c
		}
		return cmp.Compare(x.line, y.line)
	}
	if !slices.IsSortedFunc(items, order) {
		slices.SortFunc(items, order)
	}
	out := items[:0]
	for _, it := range items {
		if n := len(out); n > 0 && out[n-1].pair == it.pair {
			if out[n-1].digest != it.digest {
				return nil, fmt.Errorf("%s stands twice in one reading, in lines %d and %d, and differs; nothing of it was kept",
					name(it.at), out[n-1].line, it.line)
			}
			continue
		}
		out = append(out, it)
	}
	return out, nil
}

// bodies calls f for every index with the body of its value.
func (t *tx) bodies(byValue map[int64][]int, f func(i int, body []byte) error) error {
	ids := make([]int64, 0, len(byValue))
	for id := range byValue {
		ids = append(ids, id)
	}
	found := 0
	err := t.values(ids, func(id int64, body []byte) error {
		list, ok := byValue[id]
		if !ok {
			return nil
		}
		found++
		for _, i := range list {
			if err := f(i, body); err != nil {
				return err
			}
		}
		delete(byValue, id) // a lookup may yield the last of a batch again
		return nil
	})
	if err == nil && len(byValue) > 0 {
		err = fmt.Errorf("%w: %d values are missing", ErrDamaged, len(byValue))
	}
	return err
}

// files fills in the file of every reading of the map.
func (t *tx) files(byReading map[int64]string) error {
	ids := make([]int64, 0, len(byReading))
	for id := range byReading {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var id int64
	var file string
	return lookup(t, ids, func(r *sql.Rows) error {
		err := r.Scan(&id, &file)
		byReading[id] = file
		return err
	}, "SELECT id, file_name FROM reading WHERE id")
}
