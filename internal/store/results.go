package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// monthNumber reads YYYY-MM as a number.
func monthNumber(s string) (int64, error) {
	m, err := month.Parse(s, time.UTC)
	return int64(m.Number()), err
}

func monthText(n int64) string { return month.FromNumber(int(n), time.UTC).String() }

// pack is v as compressed JSON.
func pack(v any) ([]byte, error) {
	return packing(func(w io.Writer) error {
		b, err := json.Marshal(v)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	})
}

// packList is pack for a list, entry by entry: that of a large month's persons
// must not stand in memory three times over.
func packList[T any](list []T) ([]byte, error) {
	return packing(func(w io.Writer) error {
		e := json.NewEncoder(w)
		between := "["
		for i := range list {
			if _, err := io.WriteString(w, between); err != nil {
				return err
			}
			if err := e.Encode(&list[i]); err != nil {
				return err
			}
			between = ","
		}
		if len(list) == 0 {
			between = "[]"
		} else {
			between = "]"
		}
		_, err := io.WriteString(w, between)
		return err
	})
}

func packing(fill func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	if err := fill(w); err != nil {
		w.Close()
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// packLimit is the most that one packed value may unfold to.
const packLimit = 1 << 30

func unpack(b []byte) ([]byte, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(packLimit))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out, err := r.DecodeAll(b, nil)
	if err != nil {
		err = fmt.Errorf("%w: a result cannot be unpacked: %w", ErrDamaged, err)
	}
	return out, err
}

func unpackInto(b []byte, v any) error {
	if list, ok := v.(*packedCounted); ok {
		return unpackList(b, list.add)
	}
	b, err := unpack(b)
	if err == nil {
		if err = json.Unmarshal(b, v); err != nil {
			err = fmt.Errorf("%w: a result cannot be read: %w", ErrDamaged, err)
		}
	}
	return err
}

// unpackList calls add with the entries of a list that packList made, one by
// one.
func unpackList[T any](b []byte, add func(*T)) error {
	r, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<27))
	if err != nil {
		return err
	}
	defer r.Close()
	d := json.NewDecoder(io.LimitReader(r, packLimit))
	if _, err = d.Token(); err == nil {
		for err == nil && d.More() {
			var x T
			if err = d.Decode(&x); err == nil {
				add(&x)
			}
		}
		if err == nil {
			_, err = d.Token()
		}
	}
	if err != nil {
		err = fmt.Errorf("%w: a result cannot be read: %w", ErrDamaged, err)
	}
	return err
}

func findingKeys(s *statement.Statement) []string {
	out := []string{}
	for i := range s.Findings {
		out = append(out, s.Findings[i].Key())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// PutResult implements Store.
func (s *database) PutResult(ctx context.Context, st *statement.Statement) error {
	err := s.write(ctx, ofMonths, func(t *tx) error { return t.putResult(st) })
	return s.explain("keep the result of "+st.Month+" in", err)
}

func (t *tx) putResult(st *statement.Statement) error {
	n, err := monthNumber(st.Month)
	if err != nil {
		return err
	}
	test := 0
	if st.Test {
		test = 1
	} else if final, err := t.isFinal(n, st.Revision); err != nil {
		return err
	} else if final {
		return fmt.Errorf("revision %d of %s was %w", st.Revision, st.Month, ErrFinal)
	}
	var parts [4][]byte
	for i, f := range []func() ([]byte, error){
		func() ([]byte, error) { return pack(st) },
		func() ([]byte, error) { return packList(st.Quantities()) },
		func() ([]byte, error) { return packList(statement.CountedOf(st)) },
		func() ([]byte, error) { return packList(findingKeys(st)) },
	} {
		if parts[i], err = f(); err != nil {
			return err
		}
	}
	now := ticks(t.db.opt.Now())
	rows, err := t.changed(`UPDATE result SET written = ?, statement = ?, quantities = ?, counted = ?, findings = ?
		WHERE month = ? AND revision = ? AND is_test = ?`, now, parts[0], parts[1], parts[2], parts[3], n, st.Revision, test)
	if err == nil && rows == 0 {
		err = t.exec(`INSERT INTO result (written, statement, quantities, counted, findings, month, revision, is_test)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, now, parts[0], parts[1], parts[2], parts[3], n, st.Revision, test)
	}
	return err
}

// Result implements Store.
func (s *database) Result(ctx context.Context, m string, revision int) (out []byte, err error) {
	n, err := monthNumber(m)
	if err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	err = s.read(ctx, func(t *tx) error {
		var body []byte
		err := t.each(func(r *sql.Rows) error { return r.Scan(&body) },
			"SELECT statement FROM result WHERE month = ? AND revision = ? AND is_test = 0", n, revision)
		if err != nil {
			return err
		}
		if body == nil {
			return fmt.Errorf("revision %d of %s is %w", revision, m, ErrNone)
		}
		out, err = unpack(body)
		return err
	})
	return out, s.explain("read a result from", err)
}

// Earlier implements Store.
func (s *database) Earlier(ctx context.Context, m month.Month, n int) ([]statement.Earlier, error) {
	last := int64(m.Number()) - 1
	first := last - int64(n) + 1
	var out []statement.Earlier
	err := s.read(ctx, func(t *tx) error {
		months := map[int64]statement.Earlier{}
		err := t.each(func(r *sql.Rows) error {
			var at int64
			var body []byte
			if err := r.Scan(&at, &body); err != nil {
				return err
			}
			var e statement.Earlier
			err := unpackInto(body, &e)
			e.Month, e.Computed, e.Counted, e.Findings = monthText(at), false, snapshot.List[statement.Counted]{}, nil
			months[at] = e
			return err
		}, "SELECT month, body FROM imported WHERE month BETWEEN ? AND ?", first, last)
		if err != nil {
			return err
		}
		newest := map[int64]int64{}
		err = t.each(func(r *sql.Rows) error {
			var at, revision int64
			err := r.Scan(&at, &revision)
			newest[at] = revision
			return err
		}, "SELECT month, MAX(revision) FROM result WHERE is_test = 0 AND month BETWEEN ? AND ? GROUP BY month", first, last)
		if err != nil {
			return err
		}
		for at, revision := range newest {
			e := statement.Earlier{Month: monthText(at), Revision: int(revision), Computed: true}
			columns := "quantities, NULL, NULL"
			if at == last {
				columns = "quantities, counted, findings"
			}
			var parts [3][]byte
			counted := &packedCounted{}
			err := t.each(func(r *sql.Rows) error { return r.Scan(&parts[0], &parts[1], &parts[2]) },
				"SELECT "+columns+" FROM result WHERE month = ? AND revision = ? AND is_test = 0", at, revision)
			if err != nil {
				return err
			}
			for i, to := range []any{&e.Quantities, counted, &e.Findings} {
				if parts[i] == nil {
					continue
				}
				if err := unpackInto(parts[i], to); err != nil {
					return err
				}
			}
			if parts[1] != nil {
				counted.done()
				e.Counted = snapshot.ListIn[statement.Counted](counted)
			}
			months[at] = e
		}
		for at := first; at <= last; at++ {
			if e, ok := months[at]; ok {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, s.explain("read earlier months from", err)
}

// PutHistory implements Store.
func (s *database) PutHistory(ctx context.Context, file string, months []statement.Earlier) error {
	err := s.write(ctx, ofMonths, func(t *tx) error {
		for _, e := range months {
			at, err := monthNumber(e.Month)
			if err != nil {
				return err
			}
			e.Computed, e.Counted, e.Findings = false, snapshot.List[statement.Counted]{}, nil
			e.Quantities = slices.Clone(e.Quantities)
			statement.SortQuantities(e.Quantities)
			body, err := pack(e)
			if err != nil {
				return err
			}
			now := ticks(s.opt.Now())
			n, err := t.changed("UPDATE imported SET file_name = ?, written = ?, body = ? WHERE month = ?", file, now, body, at)
			if err == nil && n == 0 {
				err = t.exec("INSERT INTO imported (file_name, written, body, month) VALUES (?, ?, ?, ?)", file, now, body, at)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return s.explain("keep imported months in", err)
}

// Months implements Store.
func (s *database) Months(ctx context.Context) (out []string, err error) {
	err = s.read(ctx, func(t *tx) error {
		for _, table := range []string{"reading", "result WHERE is_test = 0"} { // a trial is no month
			err := t.each(func(r *sql.Rows) error {
				var n int64
				err := r.Scan(&n)
				out = append(out, monthText(n))
				return err
			}, "SELECT DISTINCT month FROM "+table)
			if err != nil {
				return err
			}
		}
		slices.Sort(out)
		out = slices.Compact(out)
		return nil
	})
	return out, s.explain("list the months of", err)
}
