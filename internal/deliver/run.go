package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"

	"splameter/internal/closing"
	"splameter/internal/config"
	"splameter/internal/notify"
	"splameter/internal/paths"
	"splameter/internal/store"
)

// Of are the month's letters, each with the document that its recipient really
// has.
func Of(ctx context.Context, d *closing.Desk, t *closing.Issued) ([]*Letter, error) {
	letters, err := Letters(t, d.Setup.Register)
	if err != nil {
		return nil, err
	}
	log, err := d.Store.Deliveries(ctx, t.Month.String())
	if err != nil {
		return nil, err
	}
	Received(letters, log)
	return letters, nil
}

// Order is what is to be done with some of a month's letters.
type Order struct {
	Send  bool
	By    string   // who sends them
	Again []string // recipients to whom they are sent although they may have got them
	Whole bool     // these are all letters of the month: drafts of others are taken away
}

// ErrUnknown: nobody called that gets an annex of the month.
var ErrUnknown = errors.New("gets no annex of this month")

// Do sends letters by the mail server of the config, or makes drafts of them in
// the month's folder.
func (o Order) Do(ctx context.Context, d *closing.Desk, t *closing.Issued, letters []*Letter) ([]Outcome, error) {
	m := d.Setup.Config.Mail
	for _, id := range o.Again {
		known := false
		for _, l := range letters {
			known = known || l.Recipient() == id
		}
		if !known {
			return nil, fmt.Errorf("nobody called %q %w", id, ErrUnknown)
		}
	}
	var sent []Outcome
	if o.Send {
		if m.Server == "" {
			return nil, fmt.Errorf("the config names no mail server; write server: and from: below mail: in the config")
		}
		s := Sender{Post: d.Store, Now: d.Now, From: m.From, By: o.By, Account: d.Account, Again: o.Again, Deliver: sendBy(m)}
		var err error
		if sent, err = s.Send(ctx, letters); err != nil {
			return sent, err
		}
	}
	month := ""
	if len(letters) > 0 {
		month = letters[0].Month
	}
	log, err := d.Store.Deliveries(ctx, month)
	if err != nil {
		return sent, err
	}
	drafts, err := Drafts(d.Dir(t.Month.String(), t.Revision), letters, log, d.Now(), o.Whole)
	if o.Send {
		return sent, err
	}
	return drafts, err
}

// sendBy hands mails to the server of the config, each over a connection of
// its own.
func sendBy(m config.Mail) func(context.Context, *gomail.Msg) error {
	return func(ctx context.Context, msg *gomail.Msg) error {
		client, err := notify.Client(m)
		if err != nil {
			return notify.Explain(m, err)
		}
		ctx, cancel := context.WithTimeout(ctx, 4*time.Duration(m.Timeout))
		defer cancel()
		if err := client.DialAndSendWithContext(ctx, msg); err != nil {
			return notify.Explain(m, err)
		}
		return nil
	}
}

// Confirm records that a customer, or a partner, agreed with what it got;
// file is its answer, which is kept with the month. What comes back is the
// document's number.
func Confirm(ctx context.Context, d *closing.Desk, t *closing.Issued, tenant, partner, by, note, file string) (string, error) {
	letters, err := Letters(t, d.Setup.Register)
	if err != nil {
		return "", err
	}
	for _, l := range letters {
		if l.Tenant != tenant || l.Partner != partner {
			continue
		}
		entry := store.Delivery{Month: t.Month.String(), Revision: t.Revision, Action: store.DeliveryConfirmed, Tenant: l.Tenant, Partner: l.Partner,
			At: d.Now().UTC().Truncate(time.Millisecond), By: by, Account: d.Account, Reason: note, Document: l.Document,
			File: paths.Shown("", l.File), SHA256: l.SHA256, To: l.To}
		if entry.Attachment, err = d.Attach(t.Month, file); err != nil {
			return "", err
		}
		log, err := d.Store.Deliveries(ctx, entry.Month)
		if err != nil {
			return "", err
		}
		file := func(x *store.Delivery) string {
			if x.Attachment == nil {
				return ""
			}
			return x.Attachment.SHA256
		}
		for i := range log {
			x := &log[i]
			if x.Action == entry.Action && x.Document == entry.Document && x.SHA256 == entry.SHA256 && x.By == entry.By && x.Reason == entry.Reason && file(x) == file(&entry) {
				return "", &closing.Repeated{What: fmt.Sprintf("%s was confirmed, as %s took down at %s", x.Document, x.By, x.At.UTC().Format("2006-01-02 15:04:05Z"))}
			}
		}
		return l.Document, Record(ctx, d.Store, entry)
	}
	return "", fmt.Errorf("%s has no annex for %s%s; look into delivery.csv", t.Month, tenant, partner)
}
