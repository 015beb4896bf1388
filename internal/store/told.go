package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"splameter/internal/snapshot"
)

// Told implements Store.
func (s *database) Told(ctx context.Context, source string, at time.Time) (out *snapshot.Told, err error) {
	err = s.read(ctx, func(t *tx) error {
		out, err = t.told(source, at)
		return err
	})
	return out, s.explain("ask what a directory told of changes in", err)
}

func (t *tx) told(name string, at time.Time) (*snapshot.Told, error) {
	out := &snapshot.Told{}
	source, err := t.sourceID(name)
	if err != nil || source == 0 {
		return out, err
	}
	all, err := t.readings("source = ? AND kind = 'directory' AND status = 'complete' AND taken >= ? AND taken < ?",
		source, ticks(at.AddDate(0, 0, -snapshot.MetadataDays)), ticks(at))
	if err != nil || len(all) == 0 {
		return out, err
	}
	last := &all[len(all)-1]
	out.Taken, out.Whole, out.Metadata = last.Taken, last.MetadataSince, last.Metadata
	if out.Whole.IsZero() {
		out.Whole = last.Taken
	}
	seen := map[string]bool{}
	for _, r := range slices.Backward(all) {
		if c := r.Controller; c.Invocation != "" && !seen[c.Invocation] && slices.Contains(r.Metadata, snapshot.MetadataLinks) && slices.Contains(r.Metadata, snapshot.MetadataAccounts) {
			seen[c.Invocation] = true
			out.Controllers = append(out.Controllers, c)
		}
	}
	if len(out.Controllers) == 0 {
		return out, nil // nothing is of use without
	}
	type row struct {
		kind, a, b int64
		line       int
	}
	var rows []row
	byValue, texts := map[int64][]int{}, names{}
	var x row
	var value int64
	for _, x.kind = range []int64{kindAccount, kindGroup, kindLink, kindStamp} {
		if err := t.each(func(r *sql.Rows) error {
			err := r.Scan(&x.a, &x.b, &value, &x.line)
			texts[x.a] = ""
			if x.b != 0 {
				texts[x.b] = ""
			}
			if x.kind == kindLink || x.kind == kindStamp {
				byValue[value] = append(byValue[value], len(rows))
			}
			rows = append(rows, x)
			return err
		}, standsQuery, source, x.kind, last.taken, last.taken); err != nil {
			return nil, err
		}
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	for _, x := range rows {
		switch x.kind {
		case kindAccount:
			out.Accounts = append(out.Accounts, texts[x.a])
		case kindGroup:
			out.Groups = append(out.Groups, texts[x.a])
		}
	}
	slices.Sort(out.Accounts)
	slices.Sort(out.Groups)
	err = t.bodies(byValue, func(i int, body []byte) error {
		x := rows[i]
		c := snapshot.Change{Object: texts[x.a], Key: texts[x.b], Link: x.kind == kindLink, Line: x.line}
		err := decodeChange(body, &c)
		out.Changes = append(out.Changes, c)
		return err
	})
	slices.SortFunc(out.Changes, compareChanges)
	return out, err
}

// standsQuery finds what a reading saw.
const standsQuery = `SELECT a, b, value, line FROM span WHERE source = ? AND kind = ? AND until_at > ? AND first_at <= ?`
