package store

import (
	"fmt"
	"slices"
)

// Numbers of texts, values, sources and readings are given on a server by a
// transaction of their own, which is one round trip: it takes a lock, gives
// what has none the next number, and is over. So writers of different sources
// meet for that moment alone, and none of them numbers what another has
// numbered and not yet kept. What a reading that broke off leaves of it names
// nothing and is nobody's; Reduce takes it away.

// numberKeys gives every key of a table that has no number the next one, in
// the order of the keys, and tells all their numbers. body is the column
// beside the key; empty: there is none.
func (t *tx) numberKeys(table, key, body string, keys, bodies [][]byte, tell func(key []byte, id int64)) error {
	columns, values := key, "u.k"
	if body != "" {
		columns, values = key+", "+body, "u.k, u.b"
	}
	add := fmt.Sprintf(`INSERT INTO %[1]s (id, %[3]s) SELECT (SELECT COALESCE(MAX(id), 0) FROM %[1]s) + ROW_NUMBER() OVER (ORDER BY u.o), %[4]s
		FROM {bodies} WHERE NOT EXISTS (SELECT 1 FROM %[1]s x WHERE x.%[2]s = u.k)`, table, key, columns, values)
	ask := fmt.Sprintf("SELECT id, %[2]s FROM %[1]s WHERE %[2]s {in keys}", table, key)
	for from := 0; from < len(keys); from += rowsAtOnce {
		part := keys[from:min(from+rowsAtOnce, len(keys))]
		err := t.line.numbered(t, []queued{
			{q: add, args: []any{bodiesOf{part, bodies[from : from+len(part)]}}},
			{q: ask, args: []any{part}},
		}, func(r scanner) error {
			var id int64
			var k []byte
			err := r.Scan(&id, &k)
			tell(k, id)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// numberNames is the part of addNames for texts that have no number yet.
func (t *tx) numberNames(fresh []string, texts map[string]int64) error {
	of := make(map[string]string, len(fresh))
	keys, longs := make([][]byte, len(fresh)), make([][]byte, len(fresh))
	for i, text := range fresh {
		keys[i] = nameKey(text)
		if string(keys[i]) != text {
			longs[i] = []byte(text)
		}
		of[string(keys[i])] = text
	}
	return t.numberKeys("name", "name", "long", keys, longs, func(key []byte, id int64) { texts[of[string(key)]] = id })
}

// numberValues is the part of addValues for values that have no number yet.
func (t *tx) numberValues(all []*wanted, byDigest map[valueDigest]int64) error {
	fresh := map[valueDigest]*wanted{}
	var keys, bodies [][]byte
	for _, w := range all {
		if byDigest[w.digest] == 0 && fresh[w.digest] == nil {
			fresh[w.digest] = w
			body := w.body()
			if body == nil {
				body = []byte{} // an empty list is a value, and no NULL
			}
			keys, bodies = append(keys, slices.Clone(w.digest[:])), append(bodies, body)
		}
	}
	if err := t.numberKeys("value", "digest", "body", keys, bodies, func(key []byte, id int64) { byDigest[valueDigest(key)] = id }); err != nil {
		return err
	}
	for _, w := range all {
		w.id = byDigest[w.digest]
	}
	return nil
}

// numberSource is the number of a source, given where it has none.
func (t *tx) numberSource(name string) (id int64, err error) {
	err = t.numberKeys("source", "name", "", [][]byte{[]byte(name)}, [][]byte{nil}, func(_ []byte, n int64) { id = n })
	return id, err
}

// numberReading is the number of the next reading. The last one given stands
// in the table that every version has, since the reading itself is not there
// for others until it is kept whole.
func (t *tx) numberReading() (id int64, err error) {
	const last = "name = 'last_reading'"
	const value = "CASE WHEN " + last + " THEN CAST(value AS BIGINT) END AS n FROM meta WHERE " + last // a server may convert what it then leaves out
	err = t.line.numbered(t, []queued{
		{q: "INSERT INTO meta (name, value) SELECT 'last_reading', '0' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE " + last + ")"},
		{q: `UPDATE meta SET value = CAST(1 + (SELECT MAX(n) FROM (SELECT MAX(id) AS n FROM reading
			UNION ALL SELECT ` + value + `) AS given) AS VARCHAR(20)) WHERE ` + last},
		{q: "SELECT " + value},
	}, func(r scanner) error { return r.Scan(&id) })
	return id, err
}
