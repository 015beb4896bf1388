package store

import (
	"cmp"
	"database/sql"
	"slices"

	"splameter/internal/snapshot"
)

// Where whoever read a directory says in what the reading differs from the one
// before (snapshot.Since), and this process put that one here, as it was and is
// still the newest, what is unchanged need not be compared: its spans go on. What
// is written is the same. It is two thirds of what collecting a month of exports
// would take without (see directory.Series).

// keptDirectory is a reading of a directory as this process put it here.
type keptDirectory struct {
	id, taken           int64
	fingerprint, detail string
}

func kept(r *reading) *keptDirectory {
	detail, err := detailOf(r)
	if err != nil || r.Fingerprint == "" {
		return nil
	}
	return &keptDirectory{r.id, r.taken, r.Fingerprint, detail}
}

// keptLast notes a source's newest reading; nil: it is not known.
func (s *database) keptLast(source string, k *keptDirectory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]*keptDirectory{}
	}
	s.last[source] = k
}

func (s *database) lastKept(source string) *keptDirectory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[source]
}

// alone is how many times as much it costs to look a fact up by itself as to read
// it among all (in this process; over a line they are asked for in one go).
const alone = 16

// comparable says that a reading can be placed by what it says of the one before,
// and that this is the cheaper way.
func (t *tx) comparable(r *reading, d *snapshot.Directory, source, before, after int64) (bool, error) {
	s, last := d.Since, t.db.lastKept(r.Source)
	if s == nil || last == nil || s.Fingerprint == "" || s.Fingerprint != last.fingerprint || last.taken != before || ticks(s.Taken) != before || after != forever ||
		len(d.Changes)+len(d.Deleted) > 0 {
		return false, nil
	}
	unlike := len(s.Accounts) + len(s.Groups) + len(s.Members) + len(s.Units) + len(s.GoneAccounts) + len(s.GoneGroups) + len(s.GoneMembers) + len(s.GoneUnits)
	if unlike*alone > len(d.Accounts)+len(d.Groups)+len(d.Members)+len(d.Units) {
		return false, nil
	}
	// Another process may have read it again since, or reduced it.
	there := false
	err := t.each(func(rows *sql.Rows) error {
		var k keptDirectory
		var print []byte
		err := rows.Scan(&k.id, &print, &k.detail)
		k.fingerprint, k.taken = string(print), before
		there = k == *last
		return err
	}, "SELECT id, fingerprint, detail FROM reading WHERE source = ? AND taken = ? AND kind = 'directory' AND status = 'complete'", source, before)
	return there, err
}

// idsSince are the numbers of the names in what is not as it was.
func (t *tx) idsSince(d *snapshot.Directory) (map[string]int64, error) {
	s, ids := d.Since, map[string]int64{}
	for _, i := range s.Accounts {
		ids[d.Accounts[i].ID] = 0
	}
	for _, i := range s.Groups {
		ids[d.Groups[i].ID] = 0
	}
	for _, i := range s.Units {
		ids[d.Units[i].ID] = 0
	}
	for _, i := range s.Members {
		ids[d.Members[i].Group], ids[d.Members[i].Key] = 0, 0
	}
	for _, list := range [][]string{s.GoneAccounts, s.GoneGroups, s.GoneUnits} {
		for _, id := range list {
			ids[id] = 0
		}
	}
	for i := range s.GoneMembers {
		ids[s.GoneMembers[i].Group], ids[s.GoneMembers[i].Key] = 0, 0
	}
	return ids, t.addNames(ids)
}

// placeSince is placeAll of each kind, with what is not as it was alone.
func (t *tx) placeSince(s *series, d *snapshot.Directory, ids map[string]int64, before int64) error {
	some := *d // of which the lists hold only that
	some.Accounts, some.Groups, some.Units, some.Members = at(d.Accounts, d.Since.Accounts), at(d.Groups, d.Since.Groups), at(d.Units, d.Since.Units), at(d.Members, d.Since.Members)
	gone := map[int64][]pair{}
	for kind, list := range map[int64][]string{kindAccount: d.Since.GoneAccounts, kindGroup: d.Since.GoneGroups, kindUnit: d.Since.GoneUnits} {
		for _, id := range list {
			gone[kind] = append(gone[kind], pair{a: ids[id]})
		}
	}
	for _, m := range d.Since.GoneMembers {
		gone[kindMember] = append(gone[kindMember], pair{ids[m.Group], ids[m.Key]})
	}
	for _, step := range directorySteps() {
		items, err := step(s, &some, ids)
		if err != nil {
			return err
		}
		about := gone[s.kind]
		for i := range items {
			about = append(about, items[i].pair)
		}
		spans, err := t.spansOf(s, about, before)
		if err == nil {
			err = t.placeAmong(s, items, spans, forever)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func at[T any](all []T, places []int32) []T {
	out := make([]T, len(places))
	for i, p := range places {
		out[i] = all[p]
	}
	return out
}

// spansOf is spansOver for the newest reading and some facts of the kind.
func (t *tx) spansOf(s *series, about []pair, before int64) (all []span, err error) {
	slices.SortFunc(about, pair.compare)
	about = slices.Compact(about)
	if len(about) == 0 {
		return nil, nil
	}
	column, join := "", ""
	var x span
	var d sql.RawBytes
	to := []any{&x.a, &x.b, &x.first, &x.until}
	if s.body != nil {
		column, join = ", v.digest", " JOIN value v ON v.id = s.value"
		to = append(to, &d)
	}
	row := func(r *sql.Rows) error {
		if err := r.Scan(to...); err != nil {
			return err
		}
		copy(x.digest[:], d)
		all = append(all, x)
		return nil
	}
	if t.remote() {
		a, b := make([]int64, len(about)), make([]int64, len(about))
		for i, p := range about {
			a[i], b[i] = p.a, p.b
		}
		err = t.each(row, "SELECT s.a, s.b, s.first_at, s.until_at"+column+" FROM {pairs} JOIN span s ON s.a = p.a AND s.b = p.b"+join+
			" WHERE s.source = ? AND s.kind = ? AND s.until_at > ? AND s.first_at <= ?", columnsOf{a, b}, s.source, s.kind, before, forever)
	} else {
		q := "SELECT s.a, s.b, s.first_at, s.until_at" + column + " FROM span s" + join +
			" WHERE +s.source = ? AND +s.kind = ? AND s.a = ? AND s.b = ? AND +s.until_at > ? AND +s.first_at <= ?"
		for _, p := range about {
			if err = t.each(row, q, s.source, s.kind, p.a, p.b, before, forever); err != nil {
				break
			}
		}
	}
	slices.SortFunc(all, func(x, y span) int { return cmp.Or(x.compare(y.pair), cmp.Compare(x.first, y.first)) })
	return all, err
}
