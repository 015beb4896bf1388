package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// reading is a reading with what the store keeps beside it.
type reading struct {
	snapshot.Reading
	id, source         int64
	taken              int64
	domain, dns, sid   string
	software, machines int64 // values that hold sets
	from, until        int64 // how far its logs reach
}

// settle checks a reading before it is written, and brings its moment to what
// the store can keep.
func (s *database) settle(r snapshot.Reading, kind snapshot.Kind) (reading, error) {
	switch {
	case r.Source == "":
		return reading{}, fmt.Errorf("a reading names no source")
	case r.Taken.IsZero():
		return reading{}, fmt.Errorf("a reading of %s does not say of what moment", r.Source)
	case r.Kind == "":
		r.Kind = kind
	case r.Kind != kind:
		return reading{}, fmt.Errorf("a reading of %s is %s, and was handed over as %s", r.Source, r.Kind, kind)
	}
	n := ticks(r.Taken)
	r.Taken = fromTicks(n)
	day := month.DayOf(r.Taken, s.opt.Location)
	if r.Day != 0 && r.Day != day {
		return reading{}, fmt.Errorf("a reading of %s at %s names the day %s, which is %s in %s",
			r.Source, r.Taken.Format(time.RFC3339), r.Day, day, s.opt.Location)
	}
	r.Day = day
	return reading{Reading: r, taken: n}, nil
}

// addReading writes the row of a reading and gives it its number.
func (t *tx) addReading(r *reading) (err error) {
	if r.source, err = t.addSource(r.Source); err != nil {
		return err
	}
	if err := t.ofOneSite(r); err != nil {
		return err
	}
	if t.remote() {
		r.id, err = t.numberReading()
	} else {
		r.id, err = t.number("SELECT MAX(id) + 1 FROM reading")
		r.id = max(r.id, 1)
	}
	if err != nil {
		return err
	}
	notes, err := t.addNotes(r.Notes)
	if err != nil {
		return err
	}
	detail, err := detailOf(r)
	if err != nil {
		return err
	}
	m := month.Of(r.Taken, t.db.opt.Location)
	return t.exec(`INSERT INTO reading (id, source, kind, month, taken, day, status, site, file_name, fingerprint,
		domain, dns, sid, notes, software, machines, from_at, until_at, written, detail) VALUES (`+marks(20)+")",
		r.id, r.source, string(r.Kind), m.Number(), r.taken, int64(r.Day), string(r.Status), r.Site, r.File, []byte(r.Fingerprint),
		r.domain, r.dns, r.sid, notes, r.software, r.machines, r.from, r.until, ticks(t.db.opt.Now()), detail)
}

// ofOneSite refuses a reading of a source that is another site's. A reading
// that names no site, as where there is only one, is let through.
func (t *tx) ofOneSite(r *reading) error {
	if r.Site == "" {
		return nil
	}
	var site string
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&site) }, `SELECT site FROM reading WHERE source = ? AND site <> ''
		AND taken = (SELECT MAX(taken) FROM reading WHERE source = ? AND site <> '')`, r.source, r.source)
	if err == nil && site != "" && !strings.EqualFold(site, r.Site) {
		err = &SiteError{Source: r.Source, Here: site, Other: r.Site}
	}
	return err
}

// readingDetail is what a reading says of itself beyond the columns of its row.
type readingDetail struct {
	Kept       []string            `json:"kept,omitempty"`
	Controller snapshot.Controller `json:"controller,omitzero"`
	Metadata   []string            `json:"metadata,omitempty"`
	Since      time.Time           `json:"metadata_since,omitzero"`
	Scans      []snapshot.Scan     `json:"scans,omitempty"`
}

func detailOf(r *reading) (string, error) {
	if len(r.Kept)+len(r.Metadata)+len(r.Scans) == 0 && r.Controller == (snapshot.Controller{}) {
		return "", nil
	}
	b, err := json.Marshal(readingDetail{r.Kept, r.Controller, r.Metadata, r.MetadataSince, r.Scans})
	return string(b), err
}

func (r *reading) addDetail(text string) error {
	if text == "" {
		return nil
	}
	var d readingDetail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("%w: what a reading says of itself: %w", ErrDamaged, err)
	}
	r.Kept, r.Controller, r.Metadata, r.MetadataSince, r.Scans = d.Kept, d.Controller, d.Metadata, d.Since, d.Scans
	return nil
}

// addNotes keeps notes as a value, since a source tends to have the same ones
// every day.
func (t *tx) addNotes(notes []snapshot.Notice) (int64, error) {
	if len(notes) == 0 {
		return 0, nil
	}
	body, err := json.Marshal(notes)
	if err != nil {
		return 0, err
	}
	return t.addValue(body)
}

// readings are those that a condition finds, sorted by source, time, then by
// the order in which they came.
func (t *tx) readings(condition string, args ...any) ([]reading, error) {
	names, err := t.sources()
	if err != nil {
		return nil, err
	}
	var all []reading
	var notes []int64
	err = t.each(func(r *sql.Rows) error {
		var x reading
		var kind, status, detail string
		var day, note int64
		var print []byte
		if err := r.Scan(&x.id, &x.source, &kind, &x.taken, &day, &status, &x.Site, &x.File, &print,
			&x.domain, &x.dns, &x.sid, &note, &x.software, &x.machines, &x.from, &x.until, &detail); err != nil {
			return err
		}
		if err := x.addDetail(detail); err != nil {
			return err
		}
		x.Source, x.Kind, x.Status = names[x.source], snapshot.Kind(kind), snapshot.Status(status)
		x.Taken, x.Day, x.Fingerprint = fromTicks(x.taken), month.Day(day), string(print)
		all, notes = append(all, x), append(notes, note)
		return nil
	}, `SELECT id, source, kind, taken, day, status, site, file_name, fingerprint, domain, dns, sid, notes,
		software, machines, from_at, until_at, detail FROM reading WHERE `+condition, args...)
	if err != nil {
		return nil, err
	}
	byValue := map[int64][]snapshot.Notice{}
	if want := slices.DeleteFunc(slices.Clone(notes), func(n int64) bool { return n == 0 }); len(want) > 0 {
		err = t.values(want, func(id int64, body []byte) error {
			var list []snapshot.Notice
			if err := json.Unmarshal(body, &list); err != nil {
				return fmt.Errorf("%w: notes of a reading: %w", ErrDamaged, err)
			}
			byValue[id] = list
			return nil
		})
	}
	for i, n := range notes {
		all[i].Notes = slices.Clone(byValue[n])
	}
	slices.SortFunc(all, func(x, y reading) int {
		if c := strings.Compare(x.Source, y.Source); c != 0 {
			return c
		}
		if x.taken != y.taken {
			return int(min(1, max(-1, x.taken-y.taken)))
		}
		if c := strings.Compare(x.File, y.File); c != 0 {
			return c
		}
		return int(min(1, max(-1, x.id-y.id)))
	})
	return all, err
}

// plain are the nouns of readings.
func plain(all []reading) []snapshot.Reading {
	out := make([]snapshot.Reading, len(all))
	for i := range all {
		out[i] = all[i].Reading
	}
	return out
}

// Readings implements Store.
func (s *database) Readings(ctx context.Context, source string, from, until time.Time) (out []snapshot.Reading, err error) {
	err = s.read(ctx, func(t *tx) error {
		var all []reading
		if source == "" {
			all, err = t.readings("taken >= ? AND taken < ?", ticks(from), ticks(until))
		} else {
			id, err2 := t.sourceID(source)
			if err2 != nil {
				return err2
			}
			all, err = t.readings("source = ? AND taken >= ? AND taken < ?", id, ticks(from), ticks(until))
		}
		out = plain(all)
		return err
	})
	return out, s.explain("ask for readings in", err)
}

// LastReading implements Store.
func (s *database) LastReading(ctx context.Context, source string) (last snapshot.Reading, ok bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		id, err := t.sourceID(source)
		if err != nil {
			return err
		}
		taken, err := t.number("SELECT MAX(taken) FROM reading WHERE source = ? AND status <> 'failed'", id)
		if err != nil {
			return err
		}
		all, err := t.readings("source = ? AND taken = ? AND status <> 'failed'", id, taken)
		if err == nil && len(all) > 0 {
			last, ok = all[len(all)-1].Reading, true
		}
		return err
	})
	return last, ok, s.explain("ask for readings in", err)
}

// Known implements Store.
func (s *database) Known(ctx context.Context, source, file, fingerprint string) (known bool, err error) {
	if fingerprint == "" {
		return false, nil
	}
	err = s.read(ctx, func(t *tx) error {
		n, err := t.number(`SELECT COUNT(*) FROM source s WHERE s.name = ? AND (EXISTS (SELECT 1 FROM reading r
			WHERE r.source = s.id AND r.fingerprint = ? AND r.file_name = ? AND r.status <> 'failed') OR EXISTS (SELECT 1
			FROM read_file f JOIN name n ON n.id = f.name WHERE f.source = s.id AND f.fingerprint = ? AND n.name = ?))`,
			[]byte(source), []byte(fingerprint), file, []byte(fingerprint), nameKey(file))
		known = n > 0
		return err
	})
	return known, s.explain("look for a file in", err)
}

// NewerReadings implements Store.
func (s *database) NewerReadings(ctx context.Context, m month.Month, revision int) (n int, err error) {
	number := m.Number()
	err = s.read(ctx, func(t *tx) error {
		counted, err := t.number("SELECT COALESCE(MAX(written), 0) FROM result WHERE month = ? AND revision = ? AND is_test = 0", number, revision)
		if err != nil || counted == 0 {
			return err
		}
		of, err := t.number("SELECT COUNT(*) FROM reading WHERE month = ? AND until_at = 0 AND written > ? AND status <> 'failed'", number, counted)
		if err != nil {
			return err
		}
		logs, err := t.number("SELECT COUNT(*) FROM reading WHERE until_at > 0 AND until_at >= ? AND from_at < ? AND written > ? AND status <> 'failed'",
			ticks(m.Start()), ticks(m.End()), counted)
		n = int(of + logs)
		return err
	})
	return n, s.explain("look for newer readings in", err)
}

// PutFailure implements Store. The same failure again changes nothing.
func (s *database) PutFailure(ctx context.Context, r snapshot.Reading) error {
	r.Status = snapshot.Failed
	x, err := s.settle(r, r.Kind)
	if err != nil {
		return err
	}
	err = s.write(ctx, ofSource(r.Source), func(t *tx) error {
		id, err := t.sourceID(r.Source)
		if err != nil {
			return err
		}
		n, err := t.number("SELECT COUNT(*) FROM reading WHERE source = ? AND taken = ? AND status = 'failed' AND file_name = ?",
			id, x.taken, x.File)
		if err != nil || n > 0 {
			return err
		}
		return t.addReading(&x)
	})
	return s.explain("note a failed reading in", err)
}

// again says that this export was read before: the same content under the
// same name, or for the same moment. Without a fingerprint nothing is.
func (t *tx) again(r *reading) (bool, error) {
	if r.Fingerprint == "" {
		return false, nil
	}
	id, err := t.sourceID(r.Source)
	if err != nil {
		return false, err
	}
	n, err := t.number(`SELECT COUNT(*) FROM reading WHERE source = ? AND fingerprint = ? AND kind = ? AND status <> 'failed'
		AND (file_name = ? OR taken = ?)`, id, []byte(r.Fingerprint), string(r.Kind), r.File, r.taken)
	return n > 0, err
}
