package store

import (
	"cmp"
	"database/sql"
	"slices"
)

// What is asked for fact by fact where the database is in this process is
// asked for ahead, in one go, where it is behind a line (see bulk.go).

// historiesOf are all spans of the facts that changes are about; nil where
// each is asked for by itself.
func (t *tx) historiesOf(s *series, changes []change, ended bool) (map[pair][]state, error) {
	if !t.remote() {
		return nil, nil
	}
	all := map[pair][]state{}
	var a, b []int64
	for i := range changes {
		if c := &changes[i]; (c.insert || c.back != nil) && (ended || c.end != forever || c.back != nil) {
			a, b = append(a, c.a), append(b, c.b)
		}
	}
	if len(a) == 0 {
		return all, nil
	}
	err := t.each(func(r *sql.Rows) error {
		var p pair
		var x state
		err := r.Scan(&p.a, &p.b, &x.first, &x.until, &x.value, &x.seen, &x.line, &x.lines)
		all[p] = append(all[p], x)
		return err
	}, `SELECT s.a, s.b, s.first_at, s.until_at, s.value, s.seen, s.line, s.lines
		FROM {pairs} JOIN span s ON s.a = p.a AND s.b = p.b
		WHERE s.source = ? AND s.kind = ?`, columnsOf{a, b}, s.source, s.kind)
	return all, err
}

// itemSpansOf is itemSpans for a database behind a line.
func (t *tx) itemSpansOf(s *series, items []item) (all []span, err error) {
	a := make([]int64, len(items))
	for i := range items {
		a[i] = items[i].a
	}
	var x span
	var d sql.RawBytes
	err = t.each(func(r *sql.Rows) error {
		if err := r.Scan(&x.a, &x.b, &x.first, &x.until, &d); err != nil {
			return err
		}
		copy(x.digest[:], d)
		all = append(all, x)
		return nil
	}, `SELECT s.a, s.b, s.first_at, s.until_at, v.digest FROM span s JOIN value v ON v.id = s.value
		WHERE s.source = ? AND s.kind = ? AND s.a {in numbers} AND s.b = 0 AND s.until_at > ?`, s.source, s.kind, a, s.taken)
	slices.SortFunc(all, func(x, y span) int { return cmp.Or(x.compare(y.pair), cmp.Compare(x.first, y.first)) })
	return all, err
}

// ahead asks what at and after will want to know of items.
func (m *moments) ahead(items []int64) error {
	if !m.t.remote() || len(items) == 0 {
		return nil
	}
	m.now, m.next = map[int64]int64{}, map[int64]int64{}
	into := func(to map[int64]int64) func(*sql.Rows) error {
		return func(r *sql.Rows) error {
			var item, n int64
			err := r.Scan(&item, &n)
			to[item] = n
			return err
		}
	}
	err := m.t.each(into(m.now), `SELECT item, MIN(reading) FROM observed WHERE source = ? AND kind = ? AND item {in numbers}
		AND taken = ? AND reading <> ? GROUP BY item`, m.s.source, m.s.kind, items, m.s.taken, m.s.reading)
	if err != nil {
		return err
	}
	return m.t.each(into(m.next), `SELECT item, MIN(taken) FROM observed WHERE source = ? AND kind = ? AND item {in numbers}
		AND taken > ? GROUP BY item`, m.s.source, m.s.kind, items, m.s.taken)
}

// logKey is where what is known of a log stands.
type logKey struct{ host, channel, file int64 }

// keptLogs are the bodies of logs that are known; nil where each is asked for
// by itself.
func (t *tx) keptLogs(keys []logKey) (map[logKey][]byte, error) {
	if !t.remote() {
		return nil, nil
	}
	all := make(map[logKey][]byte, len(keys))
	h, c, f := make([]int64, len(keys)), make([]int64, len(keys)), make([]int64, len(keys))
	for i, k := range keys {
		h[i], c[i], f[i] = k.host, k.channel, k.file
	}
	err := t.each(func(r *sql.Rows) error {
		var k logKey
		var body []byte
		err := r.Scan(&k.host, &k.channel, &k.file, &body)
		all[k] = body
		return err
	}, `SELECT l.host, l.channel, l.file_name, l.body FROM {triples}
		JOIN log l ON l.host = p.a AND l.channel = p.b AND l.file_name = p.c`, columnsOf{h, c, f})
	return all, err
}

// hostsAhead is of how many hosts the rows of use are loaded at once.
const hostsAhead = 500

// loadUses loads the rows of use of the next hosts of a reading, and the names
// of the files in them.
func (t *tx) loadUses(order []placed, texts names) (map[int64]map[int64]keptUse, error) {
	all := map[int64]map[int64]keptUse{}
	month := order[0].month
	var hosts []int64
	wanted := map[useKey]bool{}
	for _, o := range order {
		if o.month != month {
			break
		}
		if all[o.host] == nil {
			if len(hosts) == hostsAhead {
				break
			}
			all[o.host] = map[int64]keptUse{}
			hosts = append(hosts, o.host)
		}
		wanted[o.useKey] = true
	}
	missing := names{}
	err := t.each(func(r *sql.Rows) error {
		k := useKey{month: month}
		var x keptUse
		if err := r.Scan(&k.host, &k.user, &x.days, &x.body); err != nil || !wanted[k] {
			return err
		}
		all[k.host][k.user] = x
		return filesOfUse(x.body, func(id int64) {
			if _, ok := texts[id]; !ok {
				missing[id] = ""
			}
		})
	}, "SELECT host, account, days, body FROM used WHERE month = ? AND host {in numbers}", month, hosts)
	if err != nil || len(missing) == 0 {
		return all, err
	}
	if err := missing.load(t); err != nil {
		return nil, err
	}
	for id, text := range missing {
		texts[id] = text
	}
	return all, nil
}
