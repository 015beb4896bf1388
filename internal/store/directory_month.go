package store

import (
	"cmp"
	"database/sql"
	"slices"

	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// directories are the directories of a month, of its complete readings.
func (t *tx) directories(all []reading) ([]snapshot.DirectoryMonth, error) {
	var out []snapshot.DirectoryMonth
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].source == all[0].source {
			n++
		}
		d, err := t.directoryMonth(all[:n])
		if err != nil {
			return nil, err
		}
		out = append(out, d)
		all = all[n:]
	}
	return out, nil
}

// monthSpan is a span of a month as loaded.
type monthSpan struct {
	snapshot.Span
	a, b, value, seen int64
	line              int
	fresh             bool // it begins with the first of the snapshots
}

// monthSpans are the spans of one kind that some of the snapshots fall into.
func (t *tx) monthSpans(kind int64, all []reading) (out []monthSpan, err error) {
	first, last := all[0].taken, all[len(all)-1].taken
	var x monthSpan
	var from, until int64
	err = t.each(func(r *sql.Rows) error {
		if err := r.Scan(&x.a, &x.b, &from, &until, &x.value, &x.seen, &x.line); err != nil {
			return err
		}
		at := func(n int64) int32 {
			i, _ := slices.BinarySearchFunc(all, n, func(r reading, n int64) int { return cmp.Compare(r.taken, n) })
			return int32(i)
		}
		x.First, x.Last, x.fresh = at(from), at(until)-1, from == first
		if x.First <= x.Last {
			out = append(out, x)
		}
		return nil
	}, monthSpansQuery, all[0].source, kind, first, last)
	return out, err
}

const monthSpansQuery = `SELECT a, b, first_at, until_at, value, seen, line FROM span
	WHERE source = ? AND kind = ? AND until_at > ? AND first_at <= ?`

func (t *tx) directoryMonth(all []reading) (d snapshot.DirectoryMonth, err error) {
	newest := &all[len(all)-1]
	d = snapshot.DirectoryMonth{Source: newest.Source, Site: newest.Site, Domain: newest.domain, DNS: newest.dns, SID: newest.sid}
	for i := range all {
		d.Taken = append(d.Taken, snapshot.Taken{Time: all[i].Taken, Day: all[i].Day, File: all[i].File})
	}
	accounts, err := t.monthSpans(kindAccount, all)
	if err != nil {
		return d, err
	}
	groups, err := t.monthSpans(kindGroup, all)
	if err != nil {
		return d, err
	}
	members, err := t.monthSpans(kindMember, all)
	if err != nil {
		return d, err
	}
	units, err := t.monthSpans(kindUnit, all)
	if err != nil {
		return d, err
	}
	texts, files := names{}, map[int64]string{}
	links, err := t.monthSpans(kindLink, all)
	if err != nil {
		return d, err
	}
	stamps, err := t.monthSpans(kindStamp, all)
	if err != nil {
		return d, err
	}
	deleted, err := t.monthSpans(kindDeleted, all)
	if err != nil {
		return d, err
	}
	for _, list := range [][]monthSpan{accounts, groups, members, units, links, stamps, deleted} {
		for i := range list {
			texts[list[i].a] = ""
			if list[i].b != 0 {
				texts[list[i].b] = ""
			}
			files[list[i].seen] = ""
		}
	}
	if err := texts.load(t); err != nil {
		return d, err
	}
	if err := t.files(files); err != nil {
		return d, err
	}

	known := facts.NewAccounts(len(accounts))
	byValue := make(map[int64][]int, len(accounts))
	for i, x := range accounts {
		byValue[x.value] = append(byValue[x.value], i)
	}
	err = t.bodies(byValue, func(i int, body []byte) error {
		x := &accounts[i]
		a := snapshot.AccountSpan{Account: snapshot.Account{ID: texts[x.a], Line: x.line}, Span: x.Span, File: files[x.seen]}
		err := decodeAccount(body, &a.Account)
		if err == nil {
			known.Put(i, &a)
		}
		return err
	})
	if err != nil {
		return d, err
	}
	known.Done()
	d.Accounts = snapshot.ListIn[snapshot.AccountSpan](known)
	d.Groups = make([]snapshot.GroupSpan, len(groups))
	clear(byValue)
	for i, x := range groups {
		d.Groups[i] = snapshot.GroupSpan{Span: x.Span, File: files[x.seen]}
		byValue[x.value] = append(byValue[x.value], i)
	}
	err = t.bodies(byValue, func(i int, body []byte) error {
		g := &d.Groups[i].Group
		g.ID, g.Line = texts[groups[i].a], groups[i].line
		return decodeGroup(body, g)
	})
	if err != nil {
		return d, err
	}
	rows := &facts.Members{}
	rows.Grow(len(members))
	for _, x := range members {
		rows.Add(&snapshot.MemberSpan{Member: snapshot.Member{Group: texts[x.a], Key: texts[x.b], Line: x.line}, Span: x.Span, File: files[x.seen]})
	}
	rows.Done()
	d.Members = snapshot.ListIn[snapshot.MemberSpan](rows)
	slices.SortFunc(d.Groups, func(x, y snapshot.GroupSpan) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.First, y.First))
	})
	clear(byValue)
	for i, x := range units {
		d.Units = append(d.Units, snapshot.UnitSpan{Span: x.Span, File: files[x.seen]})
		byValue[x.value] = append(byValue[x.value], i)
	}
	err = t.bodies(byValue, func(i int, body []byte) error {
		u := &d.Units[i].Unit
		u.ID, u.Line = texts[units[i].a], units[i].line
		return decodeUnit(body, u)
	})
	if err != nil {
		return d, err
	}
	slices.SortFunc(d.Units, func(x, y snapshot.UnitSpan) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.First, y.First))
	})
	if err := t.changesOfMonth(&d, links, stamps, deleted, texts, files); err != nil {
		return d, err
	}
	if d.Before, err = t.directoryBefore(all, texts, accounts, groups, units); err != nil {
		return d, err
	}
	return d, t.changesAfter(&d, &all[0], newest)
}
