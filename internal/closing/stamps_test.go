package closing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"splameter/internal/closing"
)

// authority is a time-stamping authority of the test's own on loopback, which
// answers only while up is true. pemFile holds its certificate.
func authority(t *testing.T) (url, pemFile string, up *bool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, BasicConstraintsValid: true, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	up = new(bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		q, err := timestamp.ParseRequest(b)
		if err != nil || !*up {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		s := timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: time.Now(), Nonce: q.Nonce, Policy: []int{1, 2, 3}, AddTSACertificate: true}
		answer, err := s.CreateResponseWithOpts(cert, key, crypto.SHA256)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Write(answer)
	}))
	t.Cleanup(server.Close)
	pemFile = filepath.Join(t.TempDir(), "root.pem")
	put(t, pemFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return server.URL, pemFile, up
}

// An authority that does not answer holds nothing up and is asked again; its
// stamp stands beside the evidence, goes along when the evidence is replaced,
// and holds for no other.
func TestTimeStamps(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	r := h.must(h.Close(ctx, m))
	told := func() string {
		l, err := h.Life(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(h.Stamped(l), "\n")
	}
	if n, err := h.Stamp(ctx); n != 0 || err != nil || told() != "" {
		t.Errorf("without an authority: %d, %v, %q", n, err, told())
	}
	url, roots, up := authority(t)
	h.Setup.Config.Evidence.TimestampURL = url
	if n, err := h.Stamp(ctx); n != 0 || err == nil || !strings.Contains(told(), "not time-stamped yet") {
		t.Errorf("the authority is away: %d, %v, %q", n, err, told())
	}
	*up = true
	if n, err := h.Stamp(ctx); n != 1 || err != nil || !strings.Contains(told(), "which is not among") {
		t.Errorf("%d, %v, %q", n, err, told())
	}
	h.Setup.Config.Evidence.TimestampRoots = roots
	if n, err := h.Stamp(ctx); n != 0 || err != nil || !strings.Contains(told(), "time-stamped at") || strings.Contains(told(), "not among") {
		t.Errorf("stamped again: %d, %v, %q", n, err, told())
	}
	pool, err := closing.StampRoots(roots)
	if err != nil {
		t.Fatal(err)
	}
	first := verify(t, r.Pack)
	if s, err := closing.ReadStamp(r.Pack, first, pool); err != nil || !s.Trusted {
		t.Errorf("%+v, %v", s, err)
	}
	old := readAll(t, closing.StampFile(r.Pack))

	r = h.must(h.Approve(ctx, m, vries("")))
	p := verify(t, r.Pack)
	if _, err := closing.ReadStamp(r.Pack, p, pool); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(told(), "not time-stamped as it was sealed last") {
		t.Errorf("the draft's stamp holds for the approved month: %v, %q", err, told())
	}
	if carried, err := closing.CarriedStamps(p, pool); err != nil || len(carried) != 1 || !carried[0].Trusted {
		t.Errorf("the draft's stamp did not go along: %v, %v", carried, err)
	}
	if n, err := h.Stamp(ctx); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if s, err := closing.ReadStamp(r.Pack, p, pool); err != nil || !s.Trusted {
		t.Errorf("%+v, %v", s, err)
	}

	// A forger cannot carry a stamp of something else.
	members := unpacked(t, p)
	for name := range members {
		if strings.HasSuffix(name, ".tst") {
			members[name] = readAll(t, closing.StampFile(r.Pack))
		}
	}
	if _, err := closing.CarriedStamps(forged(t, p.Manifest, members), pool); err == nil {
		t.Error("a stamp on another manifest was carried, and holds")
	}
	put(t, closing.StampFile(r.Pack), string(readAll(t, roots)))
	if _, err := closing.ReadStamp(r.Pack, p, pool); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a certificate is a stamp: %v", err)
	}
	if err := os.WriteFile(closing.StampFile(r.Pack), old[:len(old)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := closing.ReadStamp(r.Pack, p, pool); err == nil {
		t.Error("half a stamp holds")
	}
}
