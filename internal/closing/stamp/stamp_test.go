package stamp

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"splameter/internal/closing/stamp/stamptest"
	"splameter/internal/digest"
)

// authority is one, with its root.
func authority(t *testing.T) (url string, roots *x509.CertPool) {
	t.Helper()
	a := stamptest.New(t)
	pem, err := os.ReadFile(a.Root)
	if err != nil {
		t.Fatal(err)
	}
	if roots, err = Roots(pem); err != nil {
		t.Fatal(err)
	}
	return a.URL, roots
}

// A real authority's stamp holds for the manifest that it is on and for no
// other, to every byte, and is trusted by who names its root.
func TestStamp(t *testing.T) {
	url, roots := authority(t)
	d := digest.Of("a manifest")
	token, err := Ask(t.Context(), url, d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Check(token, d, roots)
	if err != nil || !s.Trusted || s.Authority != "CN=Test Authority" || time.Since(s.At).Abs() > time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := Check(token, d, nil); err != nil || s.Trusted {
		t.Errorf("nobody named a root: %+v, %v", s, err)
	}
	_, strangers := authority(t)
	if s, err := Check(token, d, strangers); err != nil || s.Trusted {
		t.Errorf("another authority's root: %+v, %v", s, err)
	}
	if _, err := Check(token, digest.Of("another manifest"), roots); err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("another manifest: %v", err)
	}
	at := s.At
	for i := range token {
		c := bytes.Clone(token)
		c[i] ^= 1
		if s, err := Check(c, d, roots); err == nil && s.Trusted && !s.At.Equal(at) {
			t.Errorf("byte %d was changed: %+v", i, s)
		}
	}
	for _, bad := range [][]byte{nil, []byte("x"), token[:len(token)/2], make([]byte, MaxSize+1)} {
		if _, err := Check(bad, d, roots); err == nil {
			t.Errorf("%d bytes are a stamp", len(bad))
		} else if len(bad) > MaxSize && !strings.Contains(err.Error(), "too large") {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

// somebody is who has a key and a certificate of their own for a purpose.
func somebody(t *testing.T, may x509.ExtKeyUsage) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Somebody"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{may}, BasicConstraintsValid: true, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// Who may sign mail may not stamp, though the same root vouches.
func TestNoStamper(t *testing.T) {
	for _, c := range []struct {
		may  x509.ExtKeyUsage
		want bool
	}{{x509.ExtKeyUsageTimeStamping, true}, {x509.ExtKeyUsageEmailProtection, false}} {
		key, cert := somebody(t, c.may)
		sum := sha256.Sum256([]byte("a manifest"))
		made := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: time.Now(), Policy: []int{1, 2, 3}, AddTSACertificate: true}
		answer, err := made.CreateResponseWithOpts(cert, key, crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		token, err := timestamp.ParseResponse(answer)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(cert)
		if s, err := Check(token.RawToken, digest.Of("a manifest"), roots); err != nil || s.Trusted != c.want {
			t.Errorf("%v: %+v, %v", c.may, s, err)
		}
	}
}

// An authority that answers with a stamp on something else, under the nonce that
// it was asked with, without any nonce, or by a digest of another kind that is
// written alike: each is refused as it is got.
func TestAnswersOtherwise(t *testing.T) {
	key, cert := somebody(t, x509.ExtKeyUsageTimeStamping)
	for what, c := range map[string]struct {
		change func(*timestamp.Timestamp)
		words  string
	}{
		"as it was asked":    {func(*timestamp.Timestamp) {}, ""},
		"on something else":  {func(s *timestamp.Timestamp) { s.HashedMessage = make([]byte, 32) }, "it is a time stamp on something else than this manifest"},
		"without a nonce":    {func(s *timestamp.Timestamp) { s.Nonce = nil }, "answers another question"},
		"of another kind":    {func(s *timestamp.Timestamp) { s.HashAlgorithm = crypto.SHA384 }, "it is a time stamp on something else than this manifest"},
		"without its signer": {func(s *timestamp.Timestamp) { s.AddTSACertificate = false }, "it holds no certificate"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			q, err := timestamp.ParseRequest(b)
			if err != nil {
				t.Error(err)
				return
			}
			s := timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: time.Now(), Nonce: q.Nonce, Policy: []int{1, 2, 3}, AddTSACertificate: true}
			c.change(&s)
			answer, err := s.CreateResponseWithOpts(cert, key, crypto.SHA256)
			if err != nil {
				t.Error(err)
			}
			w.Write(answer)
		}))
		_, err := Ask(t.Context(), server.URL, digest.Of("x"))
		server.Close()
		if c.words == "" && err != nil || c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestNoAuthority(t *testing.T) {
	answer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			http.Error(w, "gone", http.StatusGone)
			return
		}
		if r.URL.Path == "/endless" {
			w.Write(make([]byte, MaxSize+1))
			return
		}
		w.Write([]byte("<html>welcome to the hotel</html>"))
	}))
	defer answer.Close()
	for url, want := range map[string]string{answer.URL: "gave no time stamp", answer.URL + "/gone": "gave no time stamp: 410 Gone", answer.URL + "/endless": "of more than 131072 bytes",
		"http://127.0.0.1:1": "ask for a time stamp", ":": "ask for a time stamp"} {
		if _, err := Ask(t.Context(), url, digest.Of("x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	for _, bad := range []string{"x", "ab", digest.Of("x") + "x"} {
		if _, err := Ask(t.Context(), answer.URL, bad); err == nil || !strings.Contains(err.Error(), "is no digest") {
			t.Errorf("%s is a digest: %v", bad, err)
		}
	}
}

// Who stands between and gives the answer to an earlier question, of another
// time, is refused: it may be of the same manifest.
func TestReplayedAnswer(t *testing.T) {
	url, _ := authority(t)
	var earlier []byte
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if earlier == nil {
			answer, err := http.Post(url, r.Header.Get("Content-Type"), r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			earlier, _ = io.ReadAll(answer.Body)
		}
		w.Write(earlier)
	}))
	defer between.Close()
	if _, err := Ask(t.Context(), between.URL, digest.Of("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), between.URL, digest.Of("x")); err == nil || !strings.Contains(err.Error(), "answers another question") {
		t.Errorf("an earlier answer was taken: %v", err)
	}
}

// FuzzCheck: whatever a stamp's file holds, checking it ends.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("0"))
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) { Check(b, digest.Of("x"), x509.NewCertPool()) })
}
