// Package stamp asks an authority for time stamps (RFC 3161) on manifests, and
// checks them, with nothing but the stamp and the certificates of those that
// the reader trusts. A stamp says that a manifest with this digest was there at
// that time; it says nothing of who sealed it.
package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// MaxSize bounds a stamp with its certificates.
const MaxSize = 128 << 10

// Stamp is a checked time stamp.
type Stamp struct {
	At        time.Time
	Authority string // as its certificate calls it
	// Trusted says that the authority's certificate leads to one of those that
	// the reader named, and may stamp.
	Trusted bool
}

// Ask gets a stamp on a manifest's digest from the authority at a URL, and
// checks that it is one.
func Ask(ctx context.Context, url, digest string) ([]byte, error) {
	sum, err := hex.DecodeString(digest)
	if err != nil || len(sum) != crypto.SHA256.Size() {
		return nil, fmt.Errorf("%.80q is no digest", digest)
	}
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, err
	}
	request := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum, Certificates: true, Nonce: nonce}
	query, err := request.Marshal()
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(query))
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, MaxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the time stamp of %s: %w", url, err)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s gave no time stamp: %s", url, answer.Status)
	case len(b) > MaxSize:
		return nil, fmt.Errorf("%s gave a time stamp of more than %d bytes", url, MaxSize)
	}
	t, err := timestamp.ParseResponse(b)
	if err != nil {
		return nil, fmt.Errorf("%s gave no time stamp: %w", url, err)
	}
	if t.Nonce == nil || t.Nonce.Cmp(nonce) != 0 {
		return nil, fmt.Errorf("%s gave a time stamp that answers another question", url)
	}
	if _, err := Check(t.RawToken, digest, nil); err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return t.RawToken, nil
}

// Check checks that a stamp is one on a manifest's digest, signed by the
// certificate in it; with roots, whether that leads to one of them. A stamp of
// an authority that is not among them is no error, and not trusted.
func Check(token []byte, digest string, roots *x509.CertPool) (*Stamp, error) {
	if len(token) > MaxSize {
		return nil, errors.New("it is too large for a time stamp")
	}
	t, err := parse(token)
	if err != nil {
		return nil, fmt.Errorf("it is no time stamp: %w", err)
	}
	if t.HashAlgorithm != crypto.SHA256 || hex.EncodeToString(t.HashedMessage) != digest {
		return nil, errors.New("it is a time stamp on something else than this manifest")
	}
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return nil, fmt.Errorf("it is no time stamp: %w", err)
	}
	signer := p7.GetOnlySigner() // none, too, where several signed
	if signer == nil {
		return nil, errors.New("the time stamp is not signed by one authority whose certificate it holds")
	}
	out := &Stamp{At: t.Time.UTC(), Authority: signer.Subject.String()}
	if roots == nil {
		return out, nil
	}
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	// Judged at the time of the stamp: certificates end, stamps do not.
	err = p7.VerifyWithOpts(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	out.Trusted = err == nil
	return out, nil
}

// parse guards against what a library makes of damaged bytes.
func parse(token []byte) (t *timestamp.Timestamp, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, errors.New("it is damaged")
		}
	}()
	if t, err = timestamp.Parse(token); err == nil && len(t.Certificates) == 0 {
		err = errors.New("it holds no certificate, and so no proof")
	}
	return t, err
}

// Roots reads certificates in PEM.
func Roots(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("it holds no certificate in PEM")
	}
	return pool, nil
}
