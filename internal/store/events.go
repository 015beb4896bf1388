package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"

	"splameter/internal/snapshot"
)

// appendEvent is an event without its time, file and line.
func appendEvent(b []byte, x *snapshot.Event) []byte {
	e := encoder{b}
	e.number(1, int64(x.ID))
	e.number(2, int64(x.What))
	e.text(3, x.Object)
	e.text(4, x.Member)
	e.text(5, x.Name)
	e.text(6, x.DN)
	e.text(7, x.Computer)
	e.number(8, int64(x.Record))
	return e.b
}

func decodeEvent(b []byte, x *snapshot.Event) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			x.ID = uint32(d.number())
		case 2:
			x.What = snapshot.What(d.number())
		case 3:
			x.Object = d.text()
		case 4:
			x.Member = d.text()
		case 5:
			x.Name = d.text()
		case 6:
			x.DN = d.text()
		case 7:
			x.Computer = d.text()
		case 8:
			x.Record = uint64(d.number())
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// PutEvents implements Store.
func (s *database) PutEvents(ctx context.Context, directory string, events []snapshot.Event) error {
	if len(events) == 0 {
		return nil
	}
	err := s.write(ctx, ofSource(directory), func(t *tx) error { return t.putEvents(directory, events) })
	return s.explain("keep the events of "+directory+" in", err)
}

// putEvents keeps each event as a span of one tick, by what it tells and the file
// that tells it, so that the same again changes nothing.
func (t *tx) putEvents(directory string, events []snapshot.Event) error {
	source, err := t.addSource(directory)
	if err != nil {
		return err
	}
	keys, ids := make([]string, len(events)), map[string]int64{}
	values := make([]*wanted, len(events))
	first, last := ticks(events[0].Time), ticks(events[0].Time)
	for i := range events {
		x := &events[i]
		body := appendEvent(nil, x)
		values[i] = &wanted{digest: digestOf(body), body: func() []byte { return body }}
		keys[i] = "event:" + hex.EncodeToString(values[i].digest[:])
		ids[keys[i]], ids[x.File] = 0, 0
		first, last = min(first, ticks(x.Time)), max(last, ticks(x.Time))
	}
	delete(ids, "")
	if err := t.addNames(ids); err != nil {
		return err
	}
	type at struct{ until, a, b int64 }
	have := map[at]bool{}
	if err := t.each(func(r *sql.Rows) error {
		var x at
		err := r.Scan(&x.until, &x.a, &x.b)
		have[x] = true
		return err
	}, "SELECT until_at, a, b FROM span WHERE source = ? AND kind = ? AND until_at > ? AND until_at <= ?", source, kindEvent, first, last+1); err != nil {
		return err
	}
	var fresh []int
	var all []*wanted
	seen := map[valueDigest]*wanted{}
	for i := range events {
		k := at{ticks(events[i].Time) + 1, ids[keys[i]], ids[events[i].File]}
		if have[k] {
			continue
		}
		have[k] = true
		fresh = append(fresh, i)
		if w := seen[values[i].digest]; w != nil {
			values[i] = w
			continue
		}
		seen[values[i].digest] = values[i]
		all = append(all, values[i])
	}
	if err := t.addValues(all); err != nil {
		return err
	}
	in := t.inserter("span", "source", "kind", "until_at", "a", "b", "first_at", "value", "seen", "line", "lines")
	for _, i := range fresh {
		x := &events[i]
		if err := in.add(source, int64(kindEvent), ticks(x.Time)+1, ids[keys[i]], ids[x.File], ticks(x.Time), values[i].id, int64(0), int64(x.Line), []byte(nil)); err != nil {
			return err
		}
	}
	return in.flush()
}

// events are those of a directory in a stretch of time, each once.
func (t *tx) events(source, from, until int64) (out []snapshot.Event, err error) {
	texts, byValue := names{}, map[int64][]int{}
	var files []int64
	err = t.each(func(r *sql.Rows) error {
		var file, at, value int64
		var x snapshot.Event
		err := r.Scan(&file, &at, &value, &x.Line)
		if file != 0 {
			texts[file] = ""
		}
		x.Time = fromTicks(at).UTC()
		byValue[value] = append(byValue[value], len(out))
		out, files = append(out, x), append(files, file)
		return err
	}, "SELECT b, first_at, value, line FROM span WHERE source = ? AND kind = ? AND until_at > ? AND first_at < ?", source, kindEvent, from, until)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	if err := t.bodies(byValue, func(i int, body []byte) error {
		out[i].File = texts[files[i]]
		return decodeEvent(body, &out[i])
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(out, snapshot.CompareEvents)
	return slices.CompactFunc(out, func(x, y snapshot.Event) bool {
		x.File, x.Line = y.File, y.Line
		return x == y
	}), nil
}
