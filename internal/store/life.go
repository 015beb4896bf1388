package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// Life keeps what was done to months: acts, which are only ever added, and
// which results can never change again.
type Life interface {
	// Acts are all acts of a month (YYYY-MM) in their order, or of all
	// months where month is empty, sorted by month.
	Acts(ctx context.Context, month string) ([]statement.Act, error)

	// Record adds acts to one month and, with result, keeps its result: all
	// of it or nothing. Their Seq must follow the month's last act; where
	// another process was faster it is ErrChanged, and nothing was kept.
	// final says that the result can from now on never be replaced.
	Record(ctx context.Context, acts []statement.Act, result *statement.Statement, final bool) error

	// MaskKey is the store's own random key, made when it is first asked
	// for: by it a name gets the same mask in every month.
	MaskKey(ctx context.Context) ([]byte, error)

	// Reduce takes away what the store knows of named persons in the months
	// before a month. Their readings' records and their results' totals stay;
	// what a reading taken away had told is not read again.
	Reduce(ctx context.Context, before month.Month) (Reduced, error)
}

var (
	// ErrChanged: another process did something to the month meanwhile.
	ErrChanged = errors.New("changed by another splameter meanwhile")
	// ErrFinal: the result was submitted, and stays as it was.
	ErrFinal = errors.New("submitted, and stays as it was submitted; amend the month instead")
)

// life is version 2 of the schema.
func life() []string {
	return []string{
		// at and action stand beside body, which holds the whole act as JSON,
		// for whoever looks into the database by hand.
		`CREATE TABLE act (month {int} NOT NULL, seq {int} NOT NULL, revision {int} NOT NULL,
			action {text} NOT NULL, at {int} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (month, seq))`,
		`CREATE TABLE final_result (month {int} NOT NULL, revision {int} NOT NULL, PRIMARY KEY (month, revision))`,
	}
}

// Acts implements Life.
func (s *database) Acts(ctx context.Context, m string) (out []statement.Act, err error) {
	condition, args := "1 = 1", []any(nil)
	if m != "" {
		n, err := monthNumber(m)
		if err != nil {
			return nil, fmt.Errorf("read the acts of a month: %w", err)
		}
		condition, args = "month = ?", []any{n}
	}
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(r *sql.Rows) error {
			var body []byte
			if err := r.Scan(&body); err != nil {
				return err
			}
			var a statement.Act
			if err := json.Unmarshal(body, &a); err != nil {
				return fmt.Errorf("%w: an act cannot be read: %w", ErrDamaged, err)
			}
			out = append(out, a)
			return nil
		}, "SELECT body FROM act WHERE "+condition+" ORDER BY month, seq", args...)
	})
	return out, s.explain("read the acts of months from", err)
}

// Record implements Life.
func (s *database) Record(ctx context.Context, acts []statement.Act, result *statement.Statement, final bool) error {
	if len(acts) == 0 {
		return errors.New("keep an act: none is given")
	}
	m := acts[0].Month
	n, err := monthNumber(m)
	if err != nil {
		return fmt.Errorf("keep an act: %w", err)
	}
	if result != nil && result.Month != m || final && (result == nil || result.Test) {
		return fmt.Errorf("keep an act of %s: the result beside it is of another month, or a test", m)
	}
	err = s.write(ctx, ofMonths, func(t *tx) error {
		last, err := t.number("SELECT MAX(seq) FROM act WHERE month = ?", n)
		if err != nil {
			return err
		}
		for i := range acts {
			a := &acts[i]
			if a.Month != m || a.Seq != int(last)+1+i {
				return fmt.Errorf("the month %s was %w; look at its status and try again", m, ErrChanged)
			}
			body, err := json.Marshal(a)
			if err != nil {
				return err
			}
			err = t.exec("INSERT INTO act (month, seq, revision, action, at, body) VALUES (?, ?, ?, ?, ?, ?)",
				n, a.Seq, a.Revision, a.Action, ticks(a.At), body)
			if err != nil {
				return err
			}
		}
		if result == nil {
			return nil
		}
		if err := t.putResult(result); err != nil || !final {
			return err
		}
		return t.exec("INSERT INTO final_result (month, revision) VALUES (?, ?)", n, result.Revision)
	})
	return s.explain("keep what was done to "+m+" in", err)
}

// isFinal says that a revision's result must not be replaced.
func (t *tx) isFinal(month int64, revision int) (bool, error) {
	n, err := t.number("SELECT COUNT(*) FROM final_result WHERE month = ? AND revision = ?", month, revision)
	return n > 0, err
}

// MaskKey implements Life.
func (s *database) MaskKey(ctx context.Context) (key []byte, err error) {
	err = s.write(ctx, ofMonths, func(t *tx) error {
		kept, err := t.meta("mask_key")
		if err != nil {
			return err
		}
		if kept != "" {
			if key, err = hex.DecodeString(kept); err != nil || len(key) != 32 {
				return fmt.Errorf("%w: its key for masking names cannot be read", ErrDamaged)
			}
			return nil
		}
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return err
		}
		return t.setMeta("mask_key", hex.EncodeToString(key))
	})
	return key, s.explain("read the key for masking names from", err)
}
