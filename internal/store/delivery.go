package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"splameter/internal/statement"
)

// Post keeps what became of the months' annexes: which were sent to whom, what
// came back, and which named copies were made. Entries are only ever added.
type Post interface {
	// Deliveries are all entries of a month (YYYY-MM) in their order, or of
	// all months where month is empty, sorted by month.
	Deliveries(ctx context.Context, month string) ([]Delivery, error)

	// RecordDelivery adds one entry. Its Seq must follow the month's last;
	// where another process was faster it is ErrChanged, and nothing was
	// kept: so of two that want to send the same annex, one does.
	RecordDelivery(ctx context.Context, d Delivery) error
}

// DeliveryAction is what an entry says was done.
type DeliveryAction string

// What an entry says.
const (
	DeliveryIntent    DeliveryAction = "intent"    // about to be sent; what became of it stands in a later entry with the same message id
	DeliverySent      DeliveryAction = "sent"      // the mail server took it
	DeliveryFailed    DeliveryAction = "failed"    // the mail server certainly has it not
	DeliveryUncertain DeliveryAction = "uncertain" // the connection broke after the last byte: the server may have it
	DeliveryConfirmed DeliveryAction = "confirmed" // the customer agreed
	DeliveryNamed     DeliveryAction = "named"     // a copy that names the users was made
)

// Delivery is one thing that was done with one annex, or partner's workbook.
type Delivery struct {
	Month    string         `json:"month"`
	Seq      int            `json:"seq"` // 1, 2, 3 … within the month
	Revision int            `json:"revision"`
	Action   DeliveryAction `json:"action"`
	Tenant   string         `json:"tenant,omitempty"`  // whose annex it is; empty for a partner's workbook
	Partner  string         `json:"partner,omitempty"` // the partner whose workbook it is
	At       time.Time      `json:"at"`
	By       string         `json:"by,omitempty"`      // as given
	Account  string         `json:"account,omitempty"` // of the operating system
	Reason   string         `json:"reason,omitempty"`

	Document  string `json:"document,omitempty"` // the annex's number
	File      string `json:"file,omitempty"`     // beneath the month's folder
	SHA256    string `json:"sha256,omitempty"`
	To        string `json:"to,omitempty"`
	Subject   string `json:"subject,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	Error     string `json:"error,omitempty"`

	Attachment *statement.Attachment `json:"attachment,omitempty"` // a customer's confirmation
}

// post is a version of the schema.
func post() []string {
	return []string{
		`CREATE TABLE delivery (month {int} NOT NULL, seq {int} NOT NULL, revision {int} NOT NULL,
			action {text} NOT NULL, at {int} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (month, seq))`,
	}
}

// Deliveries implements Post.
func (s *database) Deliveries(ctx context.Context, m string) (out []Delivery, err error) {
	condition, args := "1 = 1", []any(nil)
	if m != "" {
		n, err := monthNumber(m)
		if err != nil {
			return nil, fmt.Errorf("read the deliveries of a month: %w", err)
		}
		condition, args = "month = ?", []any{n}
	}
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(r *sql.Rows) error {
			var body []byte
			if err := r.Scan(&body); err != nil {
				return err
			}
			var d Delivery
			if err := json.Unmarshal(body, &d); err != nil {
				return fmt.Errorf("%w: a delivery cannot be read: %w", ErrDamaged, err)
			}
			out = append(out, d)
			return nil
		}, "SELECT body FROM delivery WHERE "+condition+" ORDER BY month, seq", args...)
	})
	return out, s.explain("read the deliveries of months from", err)
}

// RecordDelivery implements Post.
func (s *database) RecordDelivery(ctx context.Context, d Delivery) error {
	n, err := monthNumber(d.Month)
	if err != nil {
		return fmt.Errorf("keep a delivery: %w", err)
	}
	if (d.Tenant == "") == (d.Partner == "") || d.Action == "" {
		return errors.New("keep a delivery: it is of one tenant or of one partner, and says what was done")
	}
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("keep a delivery: %w", err)
	}
	err = s.write(ctx, ofDelivery, func(t *tx) error {
		last, err := t.number("SELECT MAX(seq) FROM delivery WHERE month = ?", n)
		if err != nil {
			return err
		}
		if d.Seq != int(last)+1 {
			return fmt.Errorf("the deliveries of %s were %w; try again", d.Month, ErrChanged)
		}
		return t.exec("INSERT INTO delivery (month, seq, revision, action, at, body) VALUES (?, ?, ?, ?, ?, ?)",
			n, d.Seq, d.Revision, d.Action, ticks(d.At), body)
	})
	return s.explain("keep a delivery of "+d.Month+" in", err)
}

// reduceDeliveries takes the addresses out of what became of the annexes of the
// months before a month, and what mail servers answered, which names them. What
// was sent, when, by which message id and by whom of the provider stays.
func (t *tx) reduceDeliveries(before int64) (n int64, err error) {
	type key struct{ month, seq int64 }
	bodies := map[key][]byte{}
	err = t.each(func(r *sql.Rows) error {
		var k key
		var body []byte
		if err := r.Scan(&k.month, &k.seq, &body); err != nil {
			return err
		}
		bodies[k] = body
		return nil
	}, "SELECT month, seq, body FROM delivery WHERE month < ?", before)
	if err != nil {
		return 0, err
	}
	for k, body := range bodies {
		var d Delivery
		if err := json.Unmarshal(body, &d); err != nil {
			return n, fmt.Errorf("%w: a delivery cannot be read: %w", ErrDamaged, err)
		}
		if d.To == "" && d.Error == "" {
			continue
		}
		d.To, d.Error = "", ""
		if body, err = json.Marshal(d); err != nil {
			return n, err
		}
		if _, err := t.changed("UPDATE delivery SET body = ? WHERE month = ? AND seq = ?", body, k.month, k.seq); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
