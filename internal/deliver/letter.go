// Package deliver brings the annexes to the customers: a draft of a mail for
// each, or the mail itself, once, and only of an approved month. It makes no
// annex and counts nothing; what it sends is what was sealed.
package deliver

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/mail"
	"path/filepath"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"splameter/internal/closing"
	"splameter/internal/digest"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/store"
	"splameter/report"
)

// Letter is one annex, or partner's workbook, on its way.
type Letter struct {
	Tenant, Partner string // one of the two
	Name            string // of the customer
	Contact         string
	To              string // the address; empty: none is known
	Language        string
	Month           string
	Revision        int
	Document        string
	Replaces        string // the document that it replaces
	Draft           bool   // the month is not approved
	File            string // beneath the month's folder
	SHA256          string
	Changed         bool // the file in the folder is no longer as it was sealed
	Subject, Body   string
	Manifest        string // digest of the evidence that the file is out of

	data                []byte
	provider            string
	monthName, reporter string
	beside              []attachment // further files: the reseller's own form
	toSPLA              bool         // the usage report, to the reseller that takes it
}

// attachment is a further file of a letter.
type attachment struct {
	name, sha256 string
	data         []byte
}

// Recipient is whom the letter is to, as delivery.csv and commands name it.
func (l *Letter) Recipient() string {
	switch {
	case l.Partner != "":
		return "partner:" + l.Partner
	case l.toSPLA:
		return "the SPLA reseller"
	}
	return l.Tenant
}

// EML is the name of the letter's draft.
func (l *Letter) EML() string {
	return DraftName(l.File)
}

// Letters are the letters of a month: one a customer that gets an annex, and
// one a partner that gets a workbook. The provider's own annex goes to nobody.
// Addresses, contacts and languages are today's, so that one can be corrected
// after the month was approved; the annexes are as they were sealed.
func Letters(t *closing.Issued, today *register.Register) ([]*Letter, error) {
	w, err := report.New(t.Input)
	if err != nil {
		return nil, err
	}
	tenants, partners := w.Recipients()
	var out []*Letter
	add := func(l *Letter) error {
		data, err := t.File(l.File)
		if err != nil {
			return fmt.Errorf("read the annex of %s: %w; make the month's files again with splameter report", l.Recipient(), err)
		}
		l.data, l.SHA256, l.Changed = data, digest.Of(data), t.Changed(l.File)
		l.Month, l.Revision, l.Draft = t.Month.String(), t.Revision, !t.Life.Settled(t.Revision)
		l.Language = strings.ToLower(cmp.Or(l.Language, t.Config.Provider.Language))
		l.Manifest = t.Manifest()
		l.provider = t.Config.Provider.Name
		l.monthName, l.reporter = w.MonthName(l.Language), t.Config.Provider.Reporter.Name
		l.write(l.monthName, l.reporter)
		out = append(out, l)
		return nil
	}
	for _, id := range tenants {
		r := cmp.Or(today.Tenant(id), t.Register.Tenant(id), &register.Tenant{ID: id})
		if r.Internal {
			continue
		}
		if err := add(&Letter{Tenant: id, Name: cmp.Or(r.Name, id), Contact: r.Contact, To: r.Email, Language: r.Language,
			File: w.AnnexPath(id), Document: w.DocumentNumber(id), Replaces: w.ReplacedDocument(id)}); err != nil {
			return nil, err
		}
	}
	for _, id := range partners {
		p := cmp.Or(today.Partner(id), t.Register.Partner(id), &register.Partner{ID: id})
		if err := add(&Letter{Partner: id, Name: cmp.Or(p.Name, id), Contact: p.Contact, To: p.Email, Language: p.Language,
			File: w.PartnerPath(id), Document: w.DocumentNumber(id)}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// address is the letter's one recipient; false where there is none that a mail
// can go to.
func (l *Letter) address() (*mail.Address, bool) {
	a, err := mail.ParseAddress(l.To)
	if err != nil || a.Address != l.To || l.To != safetext.Line(l.To) {
		return nil, false
	}
	return &mail.Address{Name: safetext.Line(l.Contact), Address: a.Address}, true
}

// messageID is the letter's own: the same for each try, another where it is
// sent again on purpose.
func (l *Letter) messageID(domain string, copies int) string {
	sum := digest.Of(strings.Join([]string{l.Recipient(), l.Document, l.SHA256, l.To, fmt.Sprint(copies)}, "\x00"))
	return fmt.Sprintf("%s.%s-%d@%s", sum[:24], l.Month, l.Revision, domain)
}

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// message is the letter as a mail.
func (l *Letter) message(id string, at time.Time) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("splameter-"+id[:24]))
	if a, ok := l.address(); ok {
		m.ToMailAddress(a)
	}
	m.Subject(safetext.Line(l.Subject))
	m.SetMessageIDWithValue(id)
	m.SetDateWithValue(at)
	m.SetGenHeader("X-Mailer", closing.Mailer)
	if l.Manifest != "" { // whoever received it can prove what was sent
		m.SetGenHeader("X-Splameter-Evidence", l.Manifest)
		m.SetGenHeader("X-Splameter-Attachment-Sha256", l.SHA256)
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Body)
	err := m.AttachReader(filepath.Base(l.File), bytes.NewReader(l.data), gomail.WithFileContentType(xlsx), gomail.WithFileEncoding(gomail.EncodingB64))
	for _, x := range l.beside {
		kind := gomail.ContentType("text/csv; charset=utf-8")
		if strings.HasSuffix(x.name, ".xlsx") {
			kind = xlsx
		}
		err = errors.Join(err, m.AttachReader(x.name, bytes.NewReader(x.data), gomail.WithFileContentType(kind), gomail.WithFileEncoding(gomail.EncodingB64)))
	}
	return m, err
}

// Unsent is the letter as a mail that opens unsent, from whoever opens it.
func (l *Letter) Unsent(at time.Time) ([]byte, error) {
	m, err := l.message(l.messageID("draft.invalid", 0), at)
	if err != nil {
		return nil, err
	}
	m.SetGenHeader("X-Unsent", "1") // Outlook opens it for editing
	var b bytes.Buffer
	_, err = m.WriteTo(&b)
	return b.Bytes(), err
}

// status is what the store knows of a letter.
type status struct {
	last      store.DeliveryAction // the last action about sending; empty: none
	messageID string
	at        time.Time
	copies    int // how many the recipient has, or may have
}

// statusOf looks a letter up among a month's entries.
func (l *Letter) statusOf(log []store.Delivery) status {
	var s status
	for i := range log {
		d := &log[i]
		if d.Revision != l.Revision || d.Tenant != l.Tenant || d.Partner != l.Partner {
			continue
		}
		switch d.Action {
		case store.DeliveryIntent:
			s.copies++
		case store.DeliveryFailed:
			s.copies--
		case store.DeliverySent, store.DeliveryUncertain:
		default:
			continue
		}
		s.last, s.messageID, s.at = d.Action, d.MessageID, d.At
	}
	return s
}
