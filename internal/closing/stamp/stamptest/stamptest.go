// Package stamptest is a time-stamping authority for tests: openssl's, behind
// HTTP on loopback, with a root of its own. It is nobody's code that the
// program checks stamps with.
package stamptest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

const conf = `
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[tsa]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[req]
distinguished_name = dn
[dn]
[conf]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
crypto_device = builtin
ordering = no
tsa_name = no
ess_cert_id_alg = sha256
`

// Authority is one that answers RFC 3161 requests.
type Authority struct {
	URL  string
	Root string      // the file with its root's certificate, in PEM
	Away atomic.Bool // it answers nobody

	dir string
	mu  sync.Mutex // its files hold one question at a time
}

// New is an authority that the root "CN=Test CA" vouches for, under the name
// "CN=Test Authority". Where there is no openssl the test is skipped.
func New(t testing.TB) *Authority {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("there is no openssl to be an authority")
	}
	a := &Authority{dir: t.TempDir()}
	a.Root = filepath.Join(a.dir, "ca.pem")
	for name, text := range map[string]string{"c.cnf": conf, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test CA", "-config", "c.cnf", "-extensions", "ca"},
		{"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test Authority", "-config", "c.cnf"},
		{"x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-days", "30", "-extfile", "c.cnf", "-extensions", "tsa"},
	} {
		if out, err := a.openssl(args...); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(a.answer))
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

func (a *Authority) openssl(args ...string) ([]byte, error) {
	cmd := exec.Command("openssl", args...)
	cmd.Dir = a.dir
	return cmd.CombinedOutput()
}

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	if a.Away.Load() {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	question, err := io.ReadAll(r.Body)
	if err == nil {
		err = os.WriteFile(filepath.Join(a.dir, "q.tsq"), question, 0o600)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if out, err := a.openssl("ts", "-reply", "-config", "c.cnf", "-section", "conf", "-queryfile", "q.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem", "-out", "a.tsr"); err != nil {
		http.Error(w, string(out), http.StatusInternalServerError)
		return
	}
	http.ServeFile(w, r, filepath.Join(a.dir, "a.tsr"))
}
