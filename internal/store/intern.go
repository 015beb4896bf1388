package store

import (
	"database/sql"
	"fmt"
	"slices"

	"splameter/internal/digest"
)

// sourceID is the number of a source; 0 where it is not known yet.
func (t *tx) sourceID(name string) (int64, error) {
	return t.number("SELECT id FROM source WHERE name = ?", []byte(name))
}

// addSource is sourceID that makes one where there is none.
func (t *tx) addSource(name string) (int64, error) {
	id, err := t.sourceID(name)
	if err != nil || id > 0 {
		return id, err
	}
	if t.remote() {
		return t.numberSource(name)
	}
	if id, err = t.number("SELECT MAX(id) FROM source"); err != nil {
		return 0, err
	}
	return id + 1, t.exec("INSERT INTO source (id, name) VALUES (?, ?)", id+1, []byte(name))
}

// sources are all sources by number.
func (t *tx) sources() (map[int64]string, error) {
	all := map[int64]string{}
	err := t.each(func(r *sql.Rows) error {
		var id int64
		var name []byte
		err := r.Scan(&id, &name)
		all[id] = string(name)
		return err
	}, "SELECT id, name FROM source")
	return all, err
}

// nameLimit is the longest text that is its own key: SQL Server indexes up to
// 900 bytes in a primary key.
const nameLimit = 800

// nameKey is the key of a text in the table of names.
func nameKey(text string) []byte {
	if len(text) <= nameLimit && (text == "" || text[0] != 0) {
		return []byte(text)
	}
	sum := digest.Raw(text)
	return append([]byte{0}, sum[:]...)
}

// scanAll says that so many of max rows are wanted that reading all of them
// in order is cheaper than looking each up.
func scanAll(want int, most int64) bool { return want > 2000 && most < 8*int64(want) }

// nameIDs are the numbers of texts that are known; texts may repeat.
func (t *tx) nameIDs(texts map[string]int64) error {
	if len(texts) == 0 {
		return nil
	}
	most, err := t.number("SELECT MAX(id) FROM name")
	if err != nil || most == 0 {
		return err
	}
	var key, long sql.RawBytes
	var id int64
	f := func(r *sql.Rows) error {
		if err := r.Scan(&id, &key, &long); err != nil {
			return err
		}
		text := key
		if long != nil {
			text = long
		}
		if _, ok := texts[string(text)]; ok {
			texts[string(text)] = id
		}
		return nil
	}
	if scanAll(len(texts), most) {
		return t.each(f, "SELECT id, name, long FROM name")
	}
	keys := make([][]byte, 0, len(texts))
	for text := range texts {
		keys = append(keys, nameKey(text))
	}
	return lookup(t, keys, f, "SELECT id, name, long FROM name WHERE name")
}

// addNames gives every text of the map its number, new ones in the order of
// the texts, so that the same readings make the same store.
func (t *tx) addNames(texts map[string]int64) error {
	if err := t.nameIDs(texts); err != nil {
		return err
	}
	var fresh []string
	for text, id := range texts {
		if id == 0 {
			fresh = append(fresh, text)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	slices.Sort(fresh)
	if t.remote() {
		return t.numberNames(fresh, texts)
	}
	id, err := t.number("SELECT MAX(id) FROM name")
	if err != nil {
		return err
	}
	in := t.inserter("name", "id", "name", "long")
	for _, text := range fresh {
		id++
		texts[text] = id
		key := nameKey(text)
		var long []byte
		if string(key) != text {
			long = []byte(text)
		}
		if err := in.add(id, key, long); err != nil {
			return err
		}
	}
	return in.flush()
}

// names are the texts of numbers.
type names map[int64]string

// load fills in the texts of all numbers of the map that have none yet.
func (n names) load(t *tx) error {
	var want []int64
	for id, text := range n {
		if text == "" && id > 0 {
			want = append(want, id)
		}
	}
	if len(want) == 0 {
		return nil
	}
	slices.Sort(want)
	most, err := t.number("SELECT MAX(id) FROM name")
	if err != nil {
		return err
	}
	var key, long sql.RawBytes
	var id int64
	f := func(r *sql.Rows) error {
		if err := r.Scan(&id, &key, &long); err != nil {
			return err
		}
		if _, ok := n[id]; ok {
			if long != nil {
				key = long
			}
			n[id] = string(key)
		}
		return nil
	}
	if scanAll(len(want), most) {
		return t.each(f, "SELECT id, name, long FROM name")
	}
	return lookup(t, want, f, "SELECT id, name, long FROM name WHERE id")
}

// valueDigest is what a value is known by.
type valueDigest [16]byte

func digestOf(body []byte) (d valueDigest) {
	sum := digest.Raw(body)
	copy(d[:], sum[:])
	return d
}

// wanted is a value that must get a number.
type wanted struct {
	digest valueDigest
	id     int64
	body   func() []byte // asked for only where the value is new
}

// addValues gives every value its number.
func (t *tx) addValues(all []*wanted) error {
	if len(all) == 0 {
		return nil
	}
	most, err := t.number("SELECT MAX(id) FROM value")
	if err != nil {
		return err
	}
	byDigest := make(map[valueDigest]int64, len(all))
	var keys [][]byte
	for _, w := range all {
		if _, ok := byDigest[w.digest]; !ok {
			byDigest[w.digest] = 0
			keys = append(keys, w.digest[:])
		}
	}
	if most > 0 {
		var id int64
		var d sql.RawBytes
		err := lookup(t, keys, func(r *sql.Rows) error {
			if err := r.Scan(&id, &d); err != nil {
				return err
			}
			if len(d) != len(valueDigest{}) {
				return fmt.Errorf("%w: value %d has no digest", ErrDamaged, id)
			}
			byDigest[valueDigest(d)] = id
			return nil
		}, "SELECT id, digest FROM value WHERE digest")
		if err != nil {
			return err
		}
	}
	if t.remote() {
		return t.numberValues(all, byDigest)
	}
	in := t.inserter("value", "id", "digest", "body")
	for _, w := range all {
		if w.id = byDigest[w.digest]; w.id > 0 {
			continue
		}
		most++
		w.id, byDigest[w.digest] = most, most
		body := w.body()
		if body == nil {
			body = []byte{} // an empty list is a value, and no NULL
		}
		if err := in.add(most, slices.Clone(w.digest[:]), body); err != nil {
			return err
		}
	}
	return in.flush()
}

// addValue is addValues for one.
func (t *tx) addValue(body []byte) (int64, error) {
	w := &wanted{digest: digestOf(body), body: func() []byte { return body }}
	err := t.addValues([]*wanted{w})
	return w.id, err
}

// values are the bodies of numbers.
func (t *tx) values(ids []int64, f func(id int64, body []byte) error) error {
	if len(ids) == 0 {
		return nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var id int64
	var body sql.RawBytes
	row := func(r *sql.Rows) error {
		if err := r.Scan(&id, &body); err != nil {
			return err
		}
		return f(id, body)
	}
	return lookup(t, ids, row, "SELECT id, body FROM value WHERE id")
}
