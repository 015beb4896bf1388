package deliver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"splameter/internal/store"
)

func noon() time.Time { return time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC) }

func letter(tenant, to string) *Letter {
	l := &Letter{Tenant: tenant, Name: tenant, Contact: "mevr. J. Appél", To: to, Language: "nl", Month: "2026-10", Document: tenant + "-2026-10-0",
		File: filepath.Join("annex", tenant+"-2026-10.xlsx"), SHA256: "ab", Manifest: "cd", data: []byte("PK\x03\x04 not really"), provider: "Voorbeeld Hosting B.V."}
	l.write("oktober 2026", "Licentiebeheer")
	return l
}

func open(t *testing.T) store.Store {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Skip("no time zone database here")
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// read parses a mail as its reader does: headers, text, attachment.
func read(t *testing.T, raw []byte) (mail.Header, string, string, []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%s, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	text, err := r.NextPart() // decodes quoted-printable
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	file, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if file.Header.Get("Content-Transfer-Encoding") != "base64" || !strings.HasPrefix(file.Header.Get("Content-Type"), xlsx) {
		t.Errorf("the attachment's headers are %v", file.Header)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, string(body), file.FileName(), data
}

func TestDraftOpensUnsent(t *testing.T) {
	b, err := letter("appel", "j@appel.example").Unsent(noon())
	if err != nil {
		t.Fatal(err)
	}
	h, body, name, data := read(t, b)
	if h.Get("X-Unsent") != "1" || h.Get("Bcc") != "" || h.Get("From") != "" {
		t.Errorf("headers %v", h)
	}
	to, err := h.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "j@appel.example" || to[0].Name != "mevr. J. Appél" {
		t.Errorf("to %v, %v", to, err)
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || s != "Licentiebijlage oktober 2026 (appel-2026-10-0)" {
		t.Errorf("subject %q, %v", s, err)
	}
	if h.Get("X-Splameter-Evidence") != "cd" || h.Get("X-Splameter-Attachment-Sha256") != "ab" {
		t.Errorf("the mail does not name the evidence: %v", h)
	}
	want := "Geachte mevr. J. Appél,\r\n\r\nBijgaand ontvangt u van Voorbeeld Hosting B.V. de licentiebijlage over oktober 2026,"
	if !strings.HasPrefix(body, want) {
		t.Errorf("body %q", body)
	}
	if name != "appel-2026-10.xlsx" || !bytes.HasPrefix([]byte(strings.ReplaceAll(string(data), "\r\n", "")), []byte("UEsDBCBub3QgcmVhbGx5")) {
		t.Errorf("attached %q: %q", name, data)
	}
	if again, _ := letter("appel", "j@appel.example").Unsent(noon()); !bytes.Equal(b, again) {
		t.Error("the same draft has other bytes")
	}
}

// Nothing in a table begins a header of its own, nor adds a recipient.
func TestNoHeaderIsInjected(t *testing.T) {
	for _, evil := range []string{"x\r\nBcc: evil@example.net", "x\nBcc: evil@example.net\n\nbody", "a\u2028Bcc: e@x.example", "é\r\nX-Evil: 1", "\"<evil@example.net>, \"", "x\x00y"} {
		l := letter("appel", "j@appel.example")
		l.Contact, l.provider, l.Document = evil, evil, evil
		l.write(evil, evil)
		b, err := l.Unsent(noon())
		if err != nil {
			t.Fatal(err)
		}
		h, _, _, _ := read(t, b)
		to, err := h.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "j@appel.example" || h.Get("Bcc") != "" || h.Get("X-Evil") != "" {
			t.Errorf("%q: to %v, bcc %q, %v, %v", evil, to, h.Get("Bcc"), h, err)
		}
	}
	for _, bad := range []string{"", "x", "a@b, c@d", "a@b\r\nBcc: c@d", "A <a@b>", "a@b ", "<a@b>"} {
		if _, ok := letter("appel", bad).address(); ok {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

// fake is a mail server in memory: answers says, by address, what it does.
type fake struct {
	mu      sync.Mutex
	answers map[string]string
	got     []string
}

func (f *fake) deliver(_ context.Context, m *gomail.Msg) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	to, err := m.GetRecipients()
	if err != nil {
		return err
	}
	for i := range to {
		to[i] = strings.Trim(to[i], "<>")
	}
	switch f.answers[to[0]] {
	case "down":
		return errors.New("connection refused")
	case "crash":
		panic("killed")
	}
	f.got = append(f.got, to...)
	return nil
}

func states(all []Outcome) string {
	var out []string
	for _, o := range all {
		out = append(out, o.Recipient()+" "+string(o.State))
	}
	return strings.Join(out, ", ")
}

// The first run sends appel, fails at boom, has no address for citroen. The
// second sends boom alone; the third nobody.
func TestEachIsSentOnce(t *testing.T) {
	s, f := open(t), &fake{answers: map[string]string{"b@boom.example": "down"}}
	letters := []*Letter{letter("appel", "a@appel.example"), letter("boom", "b@boom.example"), letter("citroen", "")}
	send := Sender{Post: s, Now: noon, From: "Licenties <l@host.example>", By: "C. de Vries", Account: "svc", Deliver: f.deliver}
	for i, want := range []string{
		"appel sent, boom failed, citroen no address",
		"appel sent before, boom sent, citroen no address",
		"appel sent before, boom sent before, citroen no address",
	} {
		all, err := send.Send(t.Context(), letters)
		if err != nil || states(all) != want {
			t.Errorf("run %d: %s, %v; want %s", i+1, states(all), err, want)
		}
		f.answers = nil
	}
	if diff := cmp.Diff([]string{"a@appel.example", "b@boom.example"}, f.got); diff != "" {
		t.Error(diff)
	}
	log, err := s.Deliveries(t.Context(), "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range log {
		got = append(got, d.Tenant+" "+string(d.Action))
		if d.MessageID == "" || !strings.HasSuffix(d.MessageID, ".2026-10-0@host.example") || d.By != "C. de Vries" || d.Account != "svc" || d.SHA256 != "ab" {
			t.Errorf("%+v", d)
		}
	}
	if diff := cmp.Diff([]string{"appel intent", "appel sent", "boom intent", "boom failed", "boom intent", "boom sent"}, got); diff != "" {
		t.Error(diff)
	}
	if log[2].MessageID != log[4].MessageID {
		t.Error("the second try of one mail has another message id: were both to arrive, nobody could tell")
	}
}

// A program that dies while sending leaves an intent without an end: nothing
// is sent again until somebody has looked, and then under another message id.
func TestAfterACrashNothingIsSentAgain(t *testing.T) {
	s, f := open(t), &fake{answers: map[string]string{"a@appel.example": "crash"}}
	letters := []*Letter{letter("appel", "a@appel.example")}
	send := Sender{Post: s, Now: noon, From: "l@host.example", Deliver: f.deliver}
	func() {
		defer func() { _ = recover() }()
		_, _ = send.Send(t.Context(), letters)
	}()
	f.answers = nil
	all, err := send.Send(t.Context(), letters)
	if err != nil || states(all) != "appel uncertain" || len(f.got) != 0 {
		t.Fatalf("%s, %v, sent %v", states(all), err, f.got)
	}
	log, _ := s.Deliveries(t.Context(), "2026-10")
	if !strings.Contains(all[0].Note, log[0].MessageID) || !strings.Contains(all[0].Note, "--again") || !all[0].Open() {
		t.Errorf("the note is %q", all[0].Note)
	}
	drafts, err := Drafts(t.TempDir(), letters, log, noon(), true)
	if err != nil || states(drafts) != "appel uncertain" {
		t.Errorf("%s, %v", states(drafts), err)
	}
	send.Again = []string{"appel"}
	if all, err = send.Send(t.Context(), letters); err != nil || states(all) != "appel sent" || len(f.got) != 1 {
		t.Errorf("%s, %v", states(all), err)
	}
	if log, _ = s.Deliveries(t.Context(), "2026-10"); len(log) != 3 || log[0].MessageID == log[1].MessageID {
		t.Errorf("%+v", log)
	}
}

func TestUnapprovedIsNotSent(t *testing.T) {
	s, f := open(t), &fake{}
	l := letter("boom", "b@boom.example")
	l.Draft = true
	_, err := (&Sender{Post: s, Now: noon, Deliver: f.deliver}).Send(t.Context(), []*Letter{letter("appel", "a@appel.example"), l})
	if err == nil || !strings.Contains(err.Error(), "not approved") || len(f.got) != 0 {
		t.Errorf("%v, sent %v", err, f.got)
	}
}

// Eight runs at once send one mail, whoever wins.
func TestRunsAtOnceSendOne(t *testing.T) {
	s, f := open(t), &fake{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := (&Sender{Post: s, Now: noon, From: "l@host.example", Deliver: f.deliver}).Send(t.Context(), []*Letter{letter("appel", "a@appel.example")})
			if err != nil && !errors.Is(err, store.ErrChanged) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(f.got) != 1 {
		t.Errorf("sent %d times", len(f.got))
	}
}

func TestDraftsFolder(t *testing.T) {
	dir := t.TempDir()
	letters := []*Letter{letter("appel", "a@appel.example"), letter("boom", "")}
	if err := os.MkdirAll(filepath.Join(dir, "mail"), 0o700); err != nil {
		t.Fatal(err)
	}
	theirs := filepath.Join(dir, "mail", "reply.eml")
	if err := os.WriteFile(theirs, []byte("Subject: x\r\n\r\nX-Mailer: splameter\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := Drafts(dir, letters, nil, noon(), true)
	if err != nil || states(all) != "appel draft, boom no address" {
		t.Fatalf("%s, %v", states(all), err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "delivery.csv"))
	want := "tenant,to,subject,file,sha256\nappel,a@appel.example,Licentiebijlage oktober 2026 (appel-2026-10-0),annex/appel-2026-10.xlsx,ab\n" +
		"boom,,Licentiebijlage oktober 2026 (boom-2026-10-0),annex/boom-2026-10.xlsx,ab\n"
	if err != nil || string(list) != want {
		t.Errorf("%v: %s", err, list)
	}
	// appel was sent meanwhile: its draft goes, so that nobody sends it again.
	sent := []store.Delivery{{Month: "2026-10", Seq: 1, Tenant: "appel", Action: store.DeliverySent, At: noon()}}
	if _, err := Drafts(dir, letters, sent, noon(), true); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"appel-2026-10.eml": false, "boom-2026-10.eml": true, "reply.eml": true} {
		if _, err := os.Stat(filepath.Join(dir, "mail", name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
