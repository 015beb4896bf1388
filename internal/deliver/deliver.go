package deliver

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/paths"
	"splameter/internal/safetext"
	"splameter/internal/store"
)

// Outcome is what became of one letter in a run.
type Outcome struct {
	*Letter
	State State
	Note  string // what to do, or why
}

// State is what became of a letter.
type State string

// The states of a letter.
const (
	Drafted   State = "draft"       // a draft lies in the mail folder
	Sent      State = "sent"        // now
	Before    State = "sent before" // in an earlier run: not again
	Failed    State = "failed"      // not sent; the next run tries again
	Uncertain State = "uncertain"   // it may have arrived; not again without being told to
	NoAddress State = "no address"  // nobody to send to
)

// Open says whether something is left to do about the letter.
func (o *Outcome) Open() bool {
	return o.State == Failed || o.State == Uncertain || o.State == NoAddress
}

// Folder is where the drafts of a month's mails are, beneath the folder of its
// files.
func Folder(dir string) string { return filepath.Join(dir, closing.MailFolder) }

// DraftName is the name of the draft with which a document's file goes out.
func DraftName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".xlsx") + ".eml" }

// Drafts writes a draft for each letter that was not sent by splameter, and
// delivery.csv, into the month's folder. Drafts of an earlier run that nobody
// needs any more are taken away; other files are left alone. Where the letters
// are not the whole month's, drafts and list of the others stay.
func Drafts(dir string, letters []*Letter, log []store.Delivery, at time.Time, whole bool) ([]Outcome, error) {
	folder := Folder(dir)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder for drafts: %w", err)
	}
	var out []Outcome
	keep := map[string]bool{}
	for _, l := range letters {
		o := Outcome{Letter: l, State: Drafted}
		switch s := l.statusOf(log); s.last {
		case store.DeliverySent:
			o.State, o.Note = Before, "sent on "+s.at.UTC().Format("2006-01-02 15:04Z")
		case store.DeliveryIntent, store.DeliveryUncertain:
			o.State, o.Note = Uncertain, uncertain(s)
		case store.DeliveryFailed:
			o.Note = "sending it failed"
		}
		if _, ok := l.address(); !ok && o.State == Drafted {
			o.State, o.Note = NoAddress, noAddress(l)
		}
		if l.Changed {
			o.Note = strings.TrimPrefix(o.Note+"; the file in the folder was changed: the sealed one is attached", "; ")
		}
		out = append(out, o)
		if o.State == Before || o.State == Uncertain {
			continue
		}
		b, err := l.Unsent(at)
		if err == nil {
			err = atomicfile.WriteBytes(filepath.Join(folder, l.EML()), atomicfile.Private, b)
		}
		if err != nil {
			return out, fmt.Errorf("write the draft for %s: %w", l.Recipient(), err)
		}
		keep[l.EML()] = true
	}
	if !whole {
		return out, nil
	}
	if err := tidy(folder, keep); err != nil {
		return out, err
	}
	return out, writeList(filepath.Join(dir, closing.DeliveryList), letters)
}

func noAddress(l *Letter) string {
	table := "tenants"
	if l.Partner != "" {
		table = "resellers"
	}
	return "write its e-mail address in the " + table + " table"
}

func uncertain(s status) string {
	return "splameter was stopped, or the connection broke, while it was being sent: look for message id <" + s.messageID +
		"> in the mail server's log; if it is not there, send it with --again"
}

// tidy takes away our own drafts that are not among those to keep.
func tidy(folder string, keep map[string]bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if keep[e.Name()] || !e.Type().IsRegular() || filepath.Ext(e.Name()) != ".eml" {
			continue
		}
		path := filepath.Join(folder, e.Name())
		if closing.IsDraft(path) {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("take away a draft that nobody needs any more: %w", err)
			}
		}
	}
	return nil
}

// writeList writes what goes to whom.
func writeList(path string, letters []*Letter) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"tenant", "to", "subject", "file", "sha256"}}
	for _, l := range letters {
		row := []string{l.Recipient(), l.To, safetext.Line(l.Subject), paths.Shown("", l.File), l.SHA256}
		for i := range row {
			row[i] = safetext.Cell(row[i])
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(path, atomicfile.Private, b.Bytes()); err != nil {
		return fmt.Errorf("write the list of what goes to whom: %w", err)
	}
	return nil
}

// Sender sends letters and takes each down.
type Sender struct {
	Post    store.Post
	Now     func() time.Time
	From    string // the address to send from
	By      string // as given
	Account string // of the operating system
	// Again are recipients that are sent their letter although it may have
	// arrived.
	Again []string
	// Deliver hands one mail to the server, and returns when the server has
	// it, or certainly or possibly not.
	Deliver func(context.Context, *gomail.Msg) error
}

// Send sends each letter that was not sent yet. What is about to be sent is
// recorded before, and what became of it after: whatever stops the program
// in between, no letter goes out twice. An unapproved month is refused whole.
func (s *Sender) Send(ctx context.Context, letters []*Letter) ([]Outcome, error) {
	for _, l := range letters {
		if l.Draft {
			return nil, fmt.Errorf("%s is not approved: nothing was sent; approve it first with splameter approve --month %s", l.Month, l.Month)
		}
	}
	var out []Outcome
	for _, l := range letters {
		o, err := s.one(ctx, l)
		if err != nil {
			return out, err
		}
		out = append(out, o)
		if err := ctx.Err(); err != nil {
			return out, fmt.Errorf("stopped while sending; the next run goes on from here: %w", err)
		}
	}
	return out, nil
}

func (s *Sender) one(ctx context.Context, l *Letter) (Outcome, error) {
	o := Outcome{Letter: l}
	log, err := s.Post.Deliveries(ctx, l.Month)
	if err != nil {
		return o, err
	}
	was := l.statusOf(log)
	again := slices.Contains(s.Again, l.Recipient())
	switch {
	case was.last == store.DeliverySent && !again:
		o.State, o.Note = Before, "sent on "+was.at.UTC().Format("2006-01-02 15:04Z")
		return o, nil
	case (was.last == store.DeliveryIntent || was.last == store.DeliveryUncertain) && !again:
		o.State, o.Note = Uncertain, uncertain(was)
		return o, nil
	}
	if _, ok := l.address(); !ok {
		o.State, o.Note = NoAddress, noAddress(l)
		return o, nil
	}
	_, domain, _ := strings.Cut(strings.TrimSuffix(s.From, ">"), "@")
	if domain = safetext.Line(domain); domain == "" {
		domain = "localhost"
	}
	id := l.messageID(domain, was.copies)
	m, err := l.message(id, s.Now())
	if err == nil {
		err = m.From(s.From)
	}
	if err != nil {
		return o, fmt.Errorf("write the mail to %s: %w", l.Recipient(), err)
	}
	seq := len(log) + 1
	entry := store.Delivery{Month: l.Month, Seq: seq, Revision: l.Revision, Action: store.DeliveryIntent, Tenant: l.Tenant, Partner: l.Partner,
		At: s.Now().UTC().Truncate(time.Millisecond), By: s.By, Account: s.Account, Document: l.Document, File: paths.Shown("", l.File),
		SHA256: l.SHA256, To: l.To, Subject: safetext.Line(l.Subject), MessageID: id}
	if err := s.Post.RecordDelivery(ctx, entry); err != nil {
		return o, fmt.Errorf("record what is about to be sent to %s; it was not sent: %w", l.Recipient(), err)
	}
	sendErr := s.Deliver(ctx, m)
	entry.Action, o.State = outcome(m, sendErr)
	if sendErr != nil && entry.Action != store.DeliverySent {
		entry.Error = safetext.Clip(safetext.Line(sendErr.Error()), 1000)
		o.Note = entry.Error
		if o.State == Uncertain {
			o.Note += "; " + uncertain(status{messageID: id})
		}
	}
	entry.At = s.Now().UTC().Truncate(time.Millisecond)
	// What became of it is recorded even where the run is being stopped.
	if err := s.record(context.WithoutCancel(ctx), entry); err != nil {
		return o, fmt.Errorf("record what became of the mail to %s (message id <%s>: %s): %w", l.Recipient(), id, o.State, err)
	}
	return o, nil
}

// record adds an entry behind whatever others added meanwhile.
func (s *Sender) record(ctx context.Context, d store.Delivery) error {
	for try := 0; ; try++ {
		log, err := s.Post.Deliveries(ctx, d.Month)
		if err != nil {
			return err
		}
		d.Seq = len(log) + 1
		if err = s.Post.RecordDelivery(ctx, d); !errors.Is(err, store.ErrChanged) || try == 20 {
			return err
		}
	}
}

// Record adds an entry to the month's, whoever else adds one now.
func Record(ctx context.Context, p store.Post, d store.Delivery) error {
	return (&Sender{Post: p}).record(ctx, d)
}

// outcome judges how sending ended. Before the last byte of a mail is out, no
// server takes it; after that, only its answer tells.
func outcome(m *gomail.Msg, err error) (action store.DeliveryAction, state State) {
	var e *gomail.SendError
	switch {
	case err == nil || m.IsDelivered():
		return store.DeliverySent, Sent
	case errors.As(err, &e) && e.Reason == gomail.ErrSMTPDataClose && e.ErrorCode() < 400:
		return store.DeliveryUncertain, Uncertain
	}
	return store.DeliveryFailed, Failed
}
