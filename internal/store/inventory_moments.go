package store

import (
	"bytes"
	"cmp"
	"database/sql"
	"slices"
)

// moments tell when an item of a series of its own was read, about a moment.
type moments struct {
	t     *tx
	s     *series
	wide  []wideReading // at the moment or after it, ascending; loaded at first need
	asked bool
	sets  map[int64]map[int64]bool
	// What was asked for ahead; nil: each is asked for by itself.
	now, next map[int64]int64
}

type wideReading struct {
	taken, id, set int64
}

func (t *tx) moments(s *series) (*moments, error) {
	return &moments{t: t, s: s, sets: map[int64]map[int64]bool{}}, nil
}

func (m *moments) load() error {
	if m.asked {
		return nil
	}
	m.asked = true
	column := setColumn(m.s.kind)
	err := m.t.each(func(r *sql.Rows) error {
		var x wideReading
		err := r.Scan(&x.taken, &x.id, &x.set)
		m.wide = append(m.wide, x)
		return err
	}, "SELECT taken, id, "+column+" FROM reading WHERE source = ? AND taken >= ? AND "+column+" > 0 AND id <> ?",
		m.s.source, m.s.taken, m.s.reading)
	slices.SortFunc(m.wide, func(x, y wideReading) int { return cmp.Or(cmp.Compare(x.taken, y.taken), cmp.Compare(x.id, y.id)) })
	return err
}

// setColumn is where a reading keeps the set of what it named of a kind.
func setColumn(kind int64) string {
	if kind == kindSoftware {
		return "software"
	}
	return "machines"
}

func (m *moments) in(set, item int64) (bool, error) {
	if m.sets[set] == nil {
		all, err := m.t.set(set)
		if err != nil {
			return false, err
		}
		m.sets[set] = make(map[int64]bool, len(all))
		for _, x := range all {
			m.sets[set][x] = true
		}
	}
	return m.sets[set][item], nil
}

// set is a set of numbers that is kept as a value.
func (t *tx) set(value int64) (ids []int64, err error) {
	err = t.values([]int64{value}, func(_ int64, body []byte) error {
		ids, err = decodeSet(bytes.Clone(body))
		return err
	})
	return ids, err
}

// at says whether another reading names the item at the very moment, and its
// file.
func (m *moments) at(item int64) (file string, read bool, err error) {
	if err := m.load(); err != nil {
		return "", false, err
	}
	id, err := m.now[item], error(nil)
	if m.now == nil {
		id, err = m.t.number("SELECT MIN(reading) FROM observed WHERE source = ? AND kind = ? AND item = ? AND taken = ? AND reading <> ?",
			m.s.source, m.s.kind, item, m.s.taken, m.s.reading)
	}
	if err != nil {
		return "", false, err
	}
	for _, w := range m.wide {
		if id > 0 || w.taken > m.s.taken {
			break
		}
		if ok, err := m.in(w.set, item); err != nil {
			return "", false, err
		} else if ok {
			id = w.id
		}
	}
	if id == 0 {
		return "", false, nil
	}
	files := map[int64]string{id: ""}
	err = m.t.files(files)
	return files[id], true, err
}

// after is the moment of the next reading that names the item, or forever.
func (m *moments) after(item int64) (int64, error) {
	end := int64(forever)
	n, err := m.next[item], error(nil)
	if m.next == nil {
		n, err = m.t.number("SELECT MIN(taken) FROM observed WHERE source = ? AND kind = ? AND item = ? AND taken > ?",
			m.s.source, m.s.kind, item, m.s.taken)
	}
	if err != nil {
		return 0, err
	}
	if n > 0 {
		end = n
	}
	for _, w := range m.wide {
		if w.taken >= end {
			break
		}
		if w.taken == m.s.taken {
			continue
		}
		if ok, err := m.in(w.set, item); err != nil {
			return 0, err
		} else if ok {
			return w.taken, nil
		}
	}
	return end, nil
}
