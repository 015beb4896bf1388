package store

import (
	"database/sql"
	"errors"
	"slices"
)

// series is where one snapshot's facts of one kind go.
type series struct {
	source  int64
	kind    int64
	reading int64 // the snapshot's own
	taken   int64
	// body and lines give the value and the evidence of a fact of the
	// snapshot; they are asked only for what is new. nil: there is none.
	body  func(at int) []byte
	lines func(at int) []byte
}

// spansOver loads the spans of a kind that cover the snapshot at before or
// begin by the one at after, sorted by what they are about, then time.
// withValue joins their digests.
func (t *tx) spansOver(s *series, before, after int64) (all []span, err error) {
	q := "SELECT s.a, s.b, s.first_at, s.until_at"
	if s.body != nil {
		q += ", v.digest FROM span s JOIN value v ON v.id = s.value"
	} else {
		q += " FROM span s"
	}
	q += " WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.first_at <= ?"
	var x span
	var d sql.RawBytes
	to := []any{&x.a, &x.b, &x.first, &x.until}
	if s.body != nil {
		to = append(to, &d)
	}
	err = t.each(func(r *sql.Rows) error {
		if err := r.Scan(to...); err != nil {
			return err
		}
		copy(x.digest[:], d)
		all = append(all, x)
		return nil
	}, q, s.source, s.kind, before, after)
	order := func(x, y span) int {
		if c := x.compare(y.pair); c != 0 {
			return c
		}
		return int(min(1, max(-1, x.first-y.first)))
	}
	if !slices.IsSortedFunc(all, order) {
		slices.SortFunc(all, order)
	}
	return all, err
}

// placeAll merges a whole snapshot of one kind (items sorted, no doubles)
// with the spans around it: of a directory, where what the snapshot does not
// name was not there. before is the moment of the snapshot before (-1: none),
// after that of the one after (forever: none).
func (t *tx) placeAll(s *series, items []item, before, after int64) error {
	spans, err := t.spansOver(s, before, after)
	if err != nil {
		return err
	}
	return t.placeAmong(s, items, spans, after)
}

// placeAmong is that with the spans at hand: those of all facts that the items or
// the spans themselves are about.
func (t *tx) placeAmong(s *series, items []item, spans []span, after int64) error {
	var changes []change
	if len(spans) == 0 { // all is new
		changes = make([]change, 0, len(items))
	}
	i, j := 0, 0
	for i < len(items) || j < len(spans) {
		var p pair
		switch {
		case j == len(spans) || i < len(items) && items[i].before(spans[j].pair):
			p = items[i].pair
		default:
			p = spans[j].pair
		}
		var it *item
		if i < len(items) && items[i].pair == p {
			it = &items[i]
			i++
		}
		var over, next *span
		for ; j < len(spans) && spans[j].pair == p; j++ {
			if x := &spans[j]; x.first < s.taken {
				over = x
			} else if next == nil {
				next = x
			}
		}
		if c, changed := place(over, next, s.taken, after, p, it); changed {
			changes = append(changes, c)
		}
	}
	return t.apply(s, changes)
}

// state is one span's row with its evidence, as apply needs it.
type state struct {
	first, until, value, seen, line int64
	lines                           []byte
}

// history are all spans of one fact.
func (t *tx) history(s *series, p pair) (all []state, err error) {
	row := func(r *sql.Rows) error {
		var x state
		err := r.Scan(&x.first, &x.until, &x.value, &x.seen, &x.line, &x.lines)
		all = append(all, x)
		return err
	}
	err = t.each(row, historyQuery, s.source, s.kind, p.a, p.b)
	return all, err
}

// historyQuery and itemSpansQuery find a fact by the index that begins with
// it. The plus signs keep SQLite from the primary key, which it takes for as
// good without statistics, and which would walk all that the source ever had.
const historyQuery = `SELECT first_at, until_at, value, seen, line, lines FROM span
	WHERE +source = ? AND +kind = ? AND a = ? AND b = ?`

const whereSpan = " WHERE source = ? AND kind = ? AND until_at = ? AND a = ? AND b = ?"

// apply writes changes down.
func (t *tx) apply(s *series, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	earliest, err := t.number("SELECT MIN(until_at) FROM span WHERE source = ? AND kind = ?", s.source, s.kind)
	if err != nil {
		return err
	}
	ended := earliest > 0 && earliest < forever
	values := make(map[valueDigest]int64)
	if s.body != nil {
		var all []*wanted
		for i := range changes {
			if c := &changes[i]; c.item != nil && (c.insert || c.back != nil) {
				if _, ok := values[c.item.digest]; !ok {
					values[c.item.digest] = 0
					at := c.item.at
					all = append(all, &wanted{digest: c.item.digest, body: func() []byte { return s.body(at) }})
				}
			}
		}
		if err := t.addValues(all); err != nil {
			return err
		}
		for _, w := range all {
			values[w.digest] = w.id
		}
	}
	ahead, err := t.historiesOf(s, changes, ended)
	if err != nil {
		return err
	}
	// One kind of statement after the other, so that a server gets sets of them.
	// No two changes are of one fact, and what is done to one keeps its order.
	earlier := map[int]state{} // by change: what is not the snapshot's own
	for i := range changes {
		c := &changes[i]
		if i%1024 == 0 && t.ctx.Err() != nil {
			return t.ctx.Err()
		}
		if (c.insert || c.back != nil) && !c.only(ended) {
			if earlier[i], err = t.evidence(s, c, values[c.item.digest], ahead); err != nil {
				return err
			}
		}
	}
	steps := []struct {
		of func(*change) *span
		q  string // its first parameter is the moment
		at func(*change) int64
	}{
		{func(c *change) *span { return c.cut }, "UPDATE span SET until_at = ?" + whereSpan, func(*change) int64 { return s.taken }},
		// The row becomes the right part; the left part is a copy.
		{func(c *change) *span { return c.split }, `INSERT INTO span (source, kind, until_at, a, b, first_at, value, seen, line, lines)
			SELECT source, kind, ?, a, b, first_at, value, seen, line, lines FROM span` + whereSpan, func(*change) int64 { return s.taken }},
		{func(c *change) *span { return c.split }, "UPDATE span SET first_at = ?" + whereSpan, func(c *change) int64 { return c.end }},
		{func(c *change) *span { return c.back }, "UPDATE span SET first_at = ?" + whereSpan, func(*change) int64 { return s.taken }},
	}
	for _, step := range steps {
		for i := range changes {
			c := &changes[i]
			x := step.of(c)
			if x == nil {
				continue
			}
			if err := t.one(step.q, step.at(c), s.source, s.kind, x.until, x.a, x.b); err != nil {
				return err
			}
		}
	}
	in := t.inserter("span", "source", "kind", "until_at", "a", "b", "first_at", "value", "seen", "line", "lines")
	for i := range changes {
		if c := &changes[i]; c.insert {
			x, ok := earlier[i]
			if !ok {
				x = s.own(c)
			}
			if err := in.add(s.source, s.kind, c.end, c.a, c.b, s.taken, values[c.item.digest], x.seen, x.line, x.lines); err != nil {
				return err
			}
		}
	}
	return in.flush()
}

// one changes exactly one row.
func (t *tx) one(q string, args ...any) error {
	if t.remote() {
		return t.queue(queued{q: q, args: t.line.args(args), rows: 1, one: true})
	}
	n, err := t.changed(q, args...)
	if err == nil && n != 1 {
		err = errMoved
	}
	return err
}

var errMoved = errors.New("a span was not where it was read; nothing was changed")

// own is the state that a snapshot itself is the first to have seen.
func (s *series) own(c *change) state {
	own := state{seen: s.reading, line: c.item.line}
	if s.lines != nil {
		own.lines = s.lines(c.item.at)
	}
	return own
}

// only says that a fact has one span at most, and of another value: the snapshot is
// the newest, and nothing ever ended before it.
func (c *change) only(ended bool) bool { return !ended && c.end == forever && c.back == nil }

// evidence is where the state that a change makes or extends was seen first
// of all: in the snapshot itself, unless an earlier one saw it; ahead are the
// spans of all facts, nil where they are asked for one by one. Where it is
// the snapshot, the spans of later snapshots learn of it.
func (t *tx) evidence(s *series, c *change, value int64, ahead map[pair][]state) (state, error) {
	own := s.own(c)
	all := ahead[c.pair]
	if ahead == nil {
		var err error
		if all, err = t.history(s, c.pair); err != nil {
			return own, err
		}
	}
	for _, x := range all {
		if x.value == value && x.first < s.taken {
			return x, nil
		}
	}
	for _, x := range all {
		if x.value != value {
			continue
		}
		if err := t.one("UPDATE span SET seen = ?, line = ?, lines = ?"+whereSpan,
			own.seen, own.line, own.lines, s.source, s.kind, x.until, c.a, c.b); err != nil {
			return own, err
		}
	}
	return own, nil
}
