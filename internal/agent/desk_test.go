package agent

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/notify/mailtest"
)

// The agent serves the page with TLS and a log-on, under its own name alone;
// without a certificate it does not begin.
func TestDesk(t *testing.T) {
	w := newWorld(t)
	w.t = t
	w.until("2026-11-22 12:00")
	setup := w.setup()
	st := w.open(setup)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(address)
	cert, key := mailtest.Certificate(t, t.TempDir())
	setup.Config.Desk = config.Desk{Listen: address, Host: "localhost:" + port, Cert: cert, Key: key, Directory: "none", Approvers: []string{"S"}}
	a, err := New(Options{Store: st, Setup: setup, Version: "1.2.3", Log: discard()})
	if err != nil {
		t.Fatal(err)
	}
	stop, err := a.serveDesk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pem, _ := os.ReadFile(cert)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"}}}
	r, err := c.Get("https://localhost:" + port + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if r.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), `name="password"`) || r.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("the page answers %d: %s", r.StatusCode, body)
	}
	req, _ := http.NewRequest(http.MethodGet, "https://"+address+"/", nil)
	if r, err = c.Do(req); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("under another name it answers %d", r.StatusCode)
	}
	c.CloseIdleConnections()
	stop()
	if _, err := c.Get("https://localhost:" + port + "/"); err == nil {
		t.Error("it is served after it was stopped")
	}
	setup.Config.Desk.Cert = key
	if _, err := a.serveDesk(t.Context()); err == nil {
		t.Error("it is served without a certificate")
	}
}
