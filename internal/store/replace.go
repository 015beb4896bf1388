package store

import (
	"slices"

	"splameter/internal/snapshot"
)

// replaceDirectory puts a snapshot in its own place, read again to keep more
// attributes than before. Where it keeps no more, nothing changes.
func (t *tx) replaceDirectory(r *reading, d *snapshot.Directory) error {
	source, err := t.sourceID(r.Source)
	if err != nil {
		return err
	}
	same, err := t.readings("source = ? AND taken = ? AND kind = 'directory' AND status = 'complete' AND fingerprint = ?", source, r.taken, []byte(r.Fingerprint))
	if err != nil || len(same) == 0 {
		return err // it was reduced, or is known by another moment
	}
	was := &same[0]
	more := func(now, was []string) bool {
		return slices.ContainsFunc(now, func(k string) bool { return !slices.Contains(was, k) })
	}
	if !more(r.Kept, was.Kept) && !more(r.Metadata, was.Metadata) {
		return nil
	}
	_, after, err := t.beside(source, r.taken)
	if err != nil {
		return err
	}
	ids, err := t.idsOf(d)
	if err != nil {
		return err
	}
	detail, err := detailOf(r)
	if err != nil {
		return err
	}
	notes, err := t.addNotes(r.Notes)
	if err != nil {
		return err
	}
	if err := t.one("UPDATE reading SET domain = ?, dns = ?, sid = ?, notes = ?, detail = ? WHERE id = ?", r.domain, r.dns, r.sid, notes, detail, was.id); err != nil {
		return err
	}
	at := series{source: source, reading: was.id, taken: r.taken}
	for _, step := range directorySteps() {
		items, err := step(&at, d, ids)
		if err == nil {
			err = t.replaceAll(&at, items, after)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// around are the spans that meet at a snapshot: one that ends with it, the one
// over it, and one that begins with the snapshot after.
type around struct{ left, over, right *span }

// replaceAll brings the spans of one kind to what a snapshot now says of its
// moment; after is the moment of the next, or forever.
func (t *tx) replaceAll(s *series, items []item, after int64) error {
	spans, err := t.spansOver(s, s.taken-1, after) // the one that ends with it too
	if err != nil {
		return err
	}
	i, j := 0, 0
	for i < len(items) || j < len(spans) {
		var p pair
		if j == len(spans) || i < len(items) && items[i].before(spans[j].pair) {
			p = items[i].pair
		} else {
			p = spans[j].pair
		}
		var it *item
		if i < len(items) && items[i].pair == p {
			it = &items[i]
			i++
		}
		var near around
		for ; j < len(spans) && spans[j].pair == p; j++ {
			switch x := &spans[j]; {
			case x.until == s.taken:
				near.left = x
			case x.first <= s.taken:
				near.over = x
			case x.first == after:
				near.right = x
			}
		}
		if it == nil && near.over == nil || it != nil && near.over != nil && it.digest == near.over.digest {
			continue
		}
		if err := t.takeOut(s, p, near.over, after); err != nil {
			return err
		}
		if err := t.putIn(s, p, it, near, after); err != nil {
			return err
		}
	}
	return nil
}

const addSpan = "INSERT INTO span (source, kind, until_at, a, b, first_at, value, seen, line, lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

// takeOut leaves of a span what lies before and after the snapshot.
func (t *tx) takeOut(s *series, p pair, x *span, after int64) error {
	if x == nil {
		return nil
	}
	key := []any{s.source, s.kind, x.until, p.a, p.b}
	left, right := x.first < s.taken, x.until > after
	var kept state
	if left && right {
		all, err := t.history(s, p)
		if err != nil {
			return err
		}
		for _, h := range all {
			if h.until == x.until {
				kept = h
			}
		}
	}
	switch {
	case left:
		if err := t.one("UPDATE span SET until_at = ?"+whereSpan, append([]any{s.taken}, key...)...); err != nil {
			return err
		}
	case right:
		return t.one("UPDATE span SET first_at = ?"+whereSpan, append([]any{after}, key...)...)
	default:
		return t.one("DELETE FROM span"+whereSpan, key...)
	}
	if !right {
		return nil
	}
	return t.exec(addSpan, s.source, s.kind, x.until, p.a, p.b, after, kept.value, kept.seen, kept.line, kept.lines)
}

// putIn adds what the snapshot says, joined with the spans beside it that say
// the same.
func (t *tx) putIn(s *series, p pair, it *item, near around, after int64) error {
	if it == nil {
		return nil
	}
	left := near.left != nil && near.left.digest == it.digest
	right := near.right != nil && near.right.digest == it.digest
	switch {
	case left && right:
		if err := t.one("DELETE FROM span"+whereSpan, s.source, s.kind, near.right.until, p.a, p.b); err != nil {
			return err
		}
		return t.one("UPDATE span SET until_at = ?"+whereSpan, near.right.until, s.source, s.kind, s.taken, p.a, p.b)
	case left:
		return t.one("UPDATE span SET until_at = ?"+whereSpan, after, s.source, s.kind, s.taken, p.a, p.b)
	}
	var value int64
	if s.body != nil {
		var err error
		if value, err = t.addValue(s.body(it.at)); err != nil {
			return err
		}
	}
	c := change{pair: p, item: it, insert: !right, end: after}
	if right {
		c.back = near.right
	}
	seen, err := t.evidence(s, &c, value, nil)
	if err != nil {
		return err
	}
	if right {
		return t.one("UPDATE span SET first_at = ?, seen = ?, line = ?"+whereSpan, s.taken, seen.seen, seen.line, s.source, s.kind, near.right.until, p.a, p.b)
	}
	return t.exec(addSpan, s.source, s.kind, after, p.a, p.b, s.taken, value, seen.seen, seen.line, seen.lines)
}
