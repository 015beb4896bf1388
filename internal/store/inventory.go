package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// PutInventory implements Store.
func (s *database) PutInventory(ctx context.Context, v *snapshot.Inventory) error {
	r, err := s.settle(v.Reading, snapshot.KindInventory)
	if err != nil {
		return err
	}
	if r.Status == "" {
		r.Status = snapshot.Complete
	}
	if r.Status == snapshot.Failed {
		return fmt.Errorf("a reading of the inventory %s failed; it is no snapshot", r.Source)
	}
	err = s.write(ctx, ofSource(r.Source), func(t *tx) error { return t.putInventory(&r, v) })
	return s.explain("keep a reading of "+r.Source+" in", err)
}

// sortInstalls sorts a list in full, and drops what is the same but for the
// line.
func sortInstalls(list []snapshot.Install) []snapshot.Install {
	out := slices.Clone(list)
	slices.SortFunc(out, func(x, y snapshot.Install) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Version, y.Version), strings.Compare(x.Publisher, y.Publisher),
			strings.Compare(x.Key, y.Key), strings.Compare(x.Release, y.Release), strings.Compare(x.Edition, y.Edition), cmp.Compare(x.Line, y.Line))
	})
	return slices.CompactFunc(out, func(x, y snapshot.Install) bool { x.Line = y.Line; return x == y })
}

// hostLists are the software of a reading, one entry a host key; what two
// entries of one host say is put together.
func hostLists(all []snapshot.HostSoftware) (keys []string, lists []snapshot.HostSoftware) {
	at := make(map[string]int, len(all))
	for _, h := range all {
		key := snapshot.FullHost(h.Host)
		i, ok := at[key]
		if !ok {
			at[key] = len(keys)
			keys = append(keys, key)
			lists = append(lists, snapshot.HostSoftware{Host: h.Host, Installs: sortInstalls(h.Installs)})
			continue
		}
		lists[i].Host = min(lists[i].Host, h.Host)
		lists[i].Installs = sortInstalls(append(lists[i].Installs, h.Installs...))
	}
	return keys, lists
}

func (t *tx) putInventory(r *reading, v *snapshot.Inventory) error {
	known, err := t.again(r)
	if err == nil && known {
		known, err = t.sameHost(r, v)
	}
	if err != nil || known {
		return err
	}
	source, err := t.addSource(r.Source)
	if err != nil {
		return err
	}
	if err := t.afterFaulty(source, r); err != nil {
		return err
	}
	keys, lists := hostLists(v.Software)
	ids := make(map[string]int64, len(keys)+len(v.Machines))
	for _, k := range keys {
		ids[k] = 0
	}
	for i := range v.Machines {
		ids[v.Machines[i].Key()] = 0
	}
	if err := t.addNames(ids); err != nil {
		return err
	}
	software := make([]item, len(lists))
	var buf []byte
	for i := range lists {
		buf = appendInstalls(buf[:0], lists[i].Installs)
		software[i] = item{pair: pair{a: ids[keys[i]]}, digest: digestOf(buf), at: i}
	}
	if software, err = sortItems(software, func(i int) string { return "host " + lists[i].Host }); err != nil {
		return err
	}
	machines := make([]item, len(v.Machines))
	for i := range v.Machines {
		m := &v.Machines[i]
		buf = appendMachine(buf[:0], m)
		machines[i] = item{pair: pair{a: ids[m.Key()]}, digest: digestOf(buf), line: int64(m.Line), at: i}
	}
	if machines, err = sortItems(machines, func(i int) string { return "machine " + v.Machines[i].Host }); err != nil {
		return err
	}
	if r.software, err = t.wideSet(software); err != nil {
		return err
	}
	if r.machines, err = t.wideSet(machines); err != nil {
		return err
	}
	if err := t.addReading(r); err != nil {
		return err
	}
	at := series{source: source, reading: r.id, taken: r.taken, kind: kindSoftware}
	at.body = func(i int) []byte { return appendInstalls(nil, lists[i].Installs) }
	at.lines = func(i int) []byte { return appendPlace(nil, lists[i].Host, lists[i].Installs) }
	if err := t.placeEach(&at, r, software, func(i int) string { return "host " + lists[i].Host }); err != nil {
		return err
	}
	at.kind, at.lines = kindMachine, nil
	at.body = func(i int) []byte { return appendMachine(nil, &v.Machines[i]) }
	return t.placeEach(&at, r, machines, func(i int) string { return "machine " + v.Machines[i].Host })
}

// sameHost says of an inventory whose content was read before that it is that of
// the same host: machines made of one image have lists that are the same to the
// byte, and only their files' names say whose each is.
func (t *tx) sameHost(r *reading, v *snapshot.Inventory) (bool, error) {
	if len(v.Software) != 1 || len(v.Machines) > 0 {
		return true, nil
	}
	source, err := t.sourceID(r.Source)
	if err != nil {
		return false, err
	}
	host := map[string]int64{snapshot.FullHost(v.Software[0].Host): 0}
	if err := t.nameIDs(host); err != nil {
		return false, err
	}
	n, err := t.number(`SELECT COUNT(*) FROM reading r WHERE r.source = ? AND r.fingerprint = ? AND r.kind = ? AND r.status <> 'failed'
		AND (r.file_name = ? OR r.taken = ? AND EXISTS (SELECT 1 FROM observed o WHERE o.reading = r.id AND o.kind = ? AND o.item = ?))`,
		source, []byte(r.Fingerprint), string(r.Kind), r.File, r.taken, kindSoftware, host[snapshot.FullHost(v.Software[0].Host)])
	return n > 0, err
}

// afterFaulty moves a reading behind an earlier one of the same file, where that
// one told of faults: they are asked to be corrected in their place, and what is
// read then is what the file says since. What was read before stays where it
// was, and a file without a fault never changes what it said.
func (t *tx) afterFaulty(source int64, r *reading) error {
	if r.File == "" {
		return nil
	}
	same, err := t.readings("source = ? AND kind = ? AND file_name = ? AND status <> 'failed' AND taken >= ? AND taken < ?",
		source, string(snapshot.KindInventory), r.File, r.taken, r.taken+ticks(time.Unix(60, 0))-ticks(time.Unix(0, 0)))
	if err != nil || len(same) == 0 {
		return err
	}
	last := slices.MaxFunc(same, func(x, y reading) int { return cmp.Compare(x.taken, y.taken) })
	if len(last.Notes) == 0 {
		return nil
	}
	r.taken = last.taken + ticks(time.Unix(1, 0)) - ticks(time.Unix(0, 0))
	r.Taken = fromTicks(r.taken)
	return nil
}

// narrow is up to how many hosts of a reading are noted one by one. What a
// larger reading named is kept as one set, which the next day's reading of
// the same hosts shares, so that an unchanged day adds no row a host.
const narrow = 16

func (t *tx) wideSet(items []item) (int64, error) {
	if len(items) <= narrow {
		return 0, nil
	}
	ids := make([]int64, len(items))
	for i := range items {
		ids[i] = items[i].a
	}
	return t.addValue(appendSet(nil, ids))
}

// placeEach places items that are each a series of their own: what the
// reading does not name was not read. The spans of such a series leave no
// gap between its first snapshot and its newest.
func (t *tx) placeEach(s *series, r *reading, items []item, name func(at int) string) error {
	if len(items) <= narrow {
		in := t.inserter("observed", "reading", "kind", "item", "source", "taken")
		for i := range items {
			if err := in.add(r.id, s.kind, items[i].a, s.source, s.taken); err != nil {
				return err
			}
		}
		if err := in.flush(); err != nil {
			return err
		}
	}
	spans, err := t.itemSpans(s, items)
	if err != nil {
		return err
	}
	moments, err := t.moments(s)
	if err != nil {
		return err
	}
	if err := moments.ahead(contested(s, items, spans)); err != nil {
		return err
	}
	var changes []change
	j := 0
	for i := range items {
		it := &items[i]
		for j < len(spans) && spans[j].before(it.pair) {
			j++
		}
		var over, next *span
		for ; j < len(spans) && spans[j].pair == it.pair; j++ {
			if x := &spans[j]; x.first <= s.taken {
				over = x
			} else if next == nil {
				next = x
			}
		}
		end := int64(forever)
		switch {
		case over == nil && next != nil:
			end = next.first
		case over != nil && over.digest != it.digest:
			file, read, err := moments.at(it.a)
			if err != nil {
				return err
			}
			if read {
				return &ConflictError{Source: r.Source, Subject: name(it.at), Taken: r.Taken, Kept: file, Other: r.File}
			}
			after, err := moments.after(it.a)
			if err != nil {
				return err
			}
			end = min(over.until, after)
		}
		if c, changed := place(over, next, s.taken, end, it.pair, it); changed {
			changes = append(changes, c)
		}
	}
	return t.apply(s, changes)
}

// contested are the items that a span over the moment describes otherwise.
func contested(s *series, items []item, spans []span) (all []int64) {
	j := 0
	for i := range items {
		for ; j < len(spans) && spans[j].before(items[i].pair); j++ {
		}
		for ; j < len(spans) && spans[j].pair == items[i].pair; j++ {
			if spans[j].first <= s.taken && spans[j].digest != items[i].digest {
				all = append(all, items[i].a)
			}
		}
	}
	return all
}

// itemSpans loads the spans of the items that end after the snapshot, sorted
// by item, then time.
func (t *tx) itemSpans(s *series, items []item) (all []span, err error) {
	if len(items) > 4*narrow {
		return t.spansOver(s, s.taken, forever)
	}
	if t.remote() {
		return t.itemSpansOf(s, items)
	}
	var x span
	var d sql.RawBytes
	row := func(r *sql.Rows) error {
		if err := r.Scan(&x.a, &x.b, &x.first, &x.until, &d); err != nil {
			return err
		}
		copy(x.digest[:], d)
		all = append(all, x)
		return nil
	}
	for i := range items {
		from := len(all)
		if err := t.each(row, itemSpansQuery, s.source, s.kind, items[i].a, items[i].b, s.taken); err != nil {
			return nil, err
		}
		slices.SortFunc(all[from:], func(x, y span) int { return cmp.Compare(x.first, y.first) })
	}
	return all, nil
}

const itemSpansQuery = `SELECT s.a, s.b, s.first_at, s.until_at, v.digest FROM span s JOIN value v ON v.id = s.value
	WHERE +s.source = ? AND +s.kind = ? AND s.a = ? AND s.b = ? AND +s.until_at > ?`
