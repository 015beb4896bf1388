package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Numbers of texts, values, sources and readings are given on PostgreSQL by a
// transaction of their own, which is one round trip: it takes a lock, gives
// what has none the next number, and is over. So writers of different sources
// meet for that moment alone, and none of them numbers what another has
// numbered and not yet kept. What a reading that broke off leaves of it names
// nothing and is nobody's; Reduce takes it away.

// scope is what a writer keeps for itself while it writes.
type scope string

// The scopes: a source's readings and spans are its own; sessions are merged
// by host and user, whatever source they come from. everything shuts all
// others out.
const (
	everything  scope = ""
	ofSessions  scope = "sessions"
	ofMonths    scope = "months"
	ofHosts     scope = "hosts"
	ofDelivery  scope = "delivery"
	sourceScope       = "source "
)

func ofSource(name string) scope { return scope(sourceScope + name) }

// numbered runs statements as one transaction that holds the lock of numbers.
// read gets the answers to what add queued, in order.
func (t *tx) numbered(add func(*pgx.Batch), read func(pgx.BatchResults) error) error {
	conn, err := t.db.db.Conn(t.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) (err error) {
		var b pgx.Batch
		b.Queue("SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)::text", t.db.lockWait(), t.db.lockKey("numbers"))
		add(&b)
		r := c.(*stdlib.Conn).Conn().SendBatch(t.ctx, &b)
		if _, err = r.Exec(); err == nil {
			err = read(r)
		}
		if lockTimeout(err) {
			err = ErrInUse
		}
		if err2 := r.Close(); err == nil {
			err = err2
		}
		return err
	})
}

// lockWait is how long a lock is waited for, as PostgreSQL reads it.
func (s *database) lockWait() string {
	return strconv.FormatInt(max(1, s.opt.Wait.Milliseconds()), 10)
}

// numberKeys gives every key of a table that has no number the next one, in
// the order of the keys, and tells all their numbers.
func (t *tx) numberKeys(table, key, body string, keys, bodies [][]byte, tell func(key []byte, id int64)) error {
	place := t.db.dialect.schema + "." + table
	add := fmt.Sprintf(`INSERT INTO %[1]s (id, %[2]s, %[3]s) SELECT (SELECT COALESCE(MAX(id), 0) FROM %[1]s) + row_number() OVER (ORDER BY u.o), u.k, u.b
		FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS u(k, b, o) WHERE NOT EXISTS (SELECT 1 FROM %[1]s x WHERE x.%[2]s = u.k)`, place, key, body)
	ask := fmt.Sprintf("SELECT id, %[2]s FROM %[1]s WHERE %[2]s = ANY($1)", place, key)
	for from := 0; from < len(keys); from += rowsPerCopy {
		part := keys[from:min(from+rowsPerCopy, len(keys))]
		err := t.numbered(func(b *pgx.Batch) {
			b.Queue(add, part, bodies[from:from+len(part)])
			b.Queue(ask, part)
		}, func(r pgx.BatchResults) error {
			if _, err := r.Exec(); err != nil {
				return err
			}
			rows, err := r.Query()
			if err != nil {
				return err
			}
			defer rows.Close()
			var id int64
			var k []byte
			for rows.Next() {
				if err := rows.Scan(&id, &k); err != nil {
					return err
				}
				tell(k, id)
			}
			return rows.Err()
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
	place := t.db.dialect.schema + ".source"
	err = t.numbered(func(b *pgx.Batch) {
		b.Queue(fmt.Sprintf("INSERT INTO %[1]s (id, name) SELECT (SELECT COALESCE(MAX(id), 0) FROM %[1]s) + 1, $1 WHERE NOT EXISTS (SELECT 1 FROM %[1]s WHERE name = $1)", place), []byte(name))
		b.Queue("SELECT id FROM "+place+" WHERE name = $1", []byte(name))
	}, func(r pgx.BatchResults) error {
		if _, err := r.Exec(); err != nil {
			return err
		}
		return r.QueryRow().Scan(&id)
	})
	return id, err
}

// numberReading is the number of the next reading. The last one given stands
// in the table that every version has, since the reading itself is not there
// for others until it is kept whole.
func (t *tx) numberReading() (id int64, err error) {
	schema := t.db.dialect.schema
	err = t.numbered(func(b *pgx.Batch) {
		b.Queue(fmt.Sprintf(`INSERT INTO %[1]s.meta (name, value) SELECT 'last_reading', (COALESCE(MAX(id), 0) + 1)::text FROM %[1]s.reading
			ON CONFLICT (name) DO UPDATE SET value = (GREATEST(%[1]s.meta.value::bigint, EXCLUDED.value::bigint - 1) + 1)::text RETURNING value::bigint`, schema))
	}, func(r pgx.BatchResults) error { return r.QueryRow().Scan(&id) })
	return id, err
}

// hold takes a writer's lock: shared on the store, and alone on its scope;
// everything is alone on the store.
func (s *database) hold(ctx context.Context, t *tx, of scope) error {
	var a, b, c any
	if of == everything {
		return t.raw.QueryRowContext(ctx, "SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)::text", s.lockWait(), s.lockKey("store")).Scan(&a, &b)
	}
	return t.raw.QueryRowContext(ctx, "SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock_shared($2)::text, pg_advisory_xact_lock($3)::text",
		s.lockWait(), s.lockKey("store"), s.lockKey("scope "+string(of))).Scan(&a, &b, &c)
}
