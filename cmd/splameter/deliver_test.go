package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/notify/mailtest"
)

// mailServer starts a real mail server on the loopback, which asks for TLS and
// a log-on, writes it into the config, and gives back the folder in which it
// keeps what it gets.
func mailServer(t *testing.T, dir string) string {
	t.Helper()
	const password = "geheim-Wachtwoord-1"
	srv := mailtest.Start(t, "starttls", "licenties", password)
	t.Setenv("TEST_MAIL_PASSWORD", password)
	path := filepath.Join(dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, mail, _ := strings.Cut(string(text), "\nmail:")
	mail = strings.NewReplacer(`  server: ""`, "  server: "+srv.Address, `  user: ""`, "  user: licenties", `  password: ""`, "  password: env:TEST_MAIL_PASSWORD",
		`  ca: ""`, "  ca: "+filepath.ToSlash(srv.CA), `  from: ""`, "  from: licenties@duinrand.example", "  to: []", "  to: [beheer@duinrand.example]").Replace(mail)
	writeFile(t, path, []byte(before+"\nmail:"+mail))
	return srv.Box
}

// attached is what a mail carries, by its name, beside its recipient.
func attached(t *testing.T, path string) (to, name string, data []byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("X-Tls") != "yes" || m.Header.Get("X-User") != "licenties" || m.Header.Get("X-Unsent") != "" {
		t.Errorf("%s: %v", path, m.Header)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return m.Header.Get("X-To"), name, data
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() != "" {
			name = p.FileName()
			if data, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, p)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The example has four customers with an address, two of which have a partner
// that gets a workbook of its own beside them (annex_to: both): five mails, the
// provider's own annex in none. Each goes to its one address with the sealed
// file, once; with --again one customer gets it a second time.
func TestDeliverSend(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	dir := copyExample(t)
	box := mailServer(t, dir)
	config := filepath.Join(dir, "config.yaml")
	mustRun(t, 0, "--config", config, "close", "--month", "2026-10")
	if code, _, stderr := splameter(t, "--config", config, "deliver", "--month", "2026-10", "--send", "--by", "C. de Vries"); code != 1 || !strings.Contains(stderr, "not approved: nothing was sent") {
		t.Errorf("a draft: exit code %d, %s", code, stderr)
	}
	mustRun(t, 0, "--config", config, "approve", "--month", "2026-10", "--by", "C. de Vries")
	mails := func() []string {
		names, err := filepath.Glob(filepath.Join(box, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if len(mails()) != 0 {
		t.Fatal("a mail went out before the month was approved")
	}
	send := func(more ...string) string {
		return mustRun(t, 0, append([]string{"--config", config, "deliver", "--month", "2026-10", "--send", "--by", "C. de Vries"}, more...)...)
	}
	out := send()
	if n := strings.Count("\n"+out, "\nsent  "); n != 5 {
		t.Errorf("%d were sent:\n%s", n, out)
	}
	list, err := os.ReadFile(filepath.Join(dir, "out", "2026-10", "delivery.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	digests := map[string]string{} // by address and file
	for _, r := range rows[1:] {
		digests[r[1]+" "+filepath.Base(r[3])] = r[4]
	}
	var got []string
	for _, path := range mails() {
		to, name, data := attached(t, path)
		sum := sha256.Sum256(data)
		if want := digests[to+" "+name]; want != hex.EncodeToString(sum[:]) {
			t.Errorf("%s to %s is not the file that delivery.csv names:\n%s", name, to, list)
		}
		got = append(got, to+" "+name)
	}
	slices.Sort(got)
	want := []string{"administratie@tuinderij.example tuinderij-2026-10.xlsx", "inkoop@ijzer.example ijzer-2026-10.xlsx", "kantoor@notaris.example notaris-2026-10.xlsx",
		"licenties@kompas.example partner-kompas-2026-10.xlsx", "office@harbour.example harbour-2026-10.xlsx"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	out = send()
	if len(mails()) != 5 || strings.Contains("\n"+out, "\nsent  ") {
		t.Errorf("sent again: %d mails\n%s", len(mails()), out)
	}
	out = send("--again", "harbour")
	if n := strings.Count("\n"+out, "\nsent  "); n != 1 || len(mails()) != 6 {
		t.Errorf("again: %d sent, %d mails\n%s", n, len(mails()), out)
	}
	if to, name, _ := attached(t, mails()[5]); to != "office@harbour.example" || name != "harbour-2026-10.xlsx" {
		t.Errorf("%s to %s", name, to)
	}
}
