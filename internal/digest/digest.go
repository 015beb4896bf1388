// Package digest is how this program names bytes: their SHA-256, in lower-case
// hex.
package digest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// Raw is the digest of bytes as bytes.
func Raw[T ~string | ~[]byte](b T) [sha256.Size]byte { return sha256.Sum256([]byte(b)) }

// Keyed begins a digest that nobody can make, or check, without the key.
func Keyed(key []byte) Sum { return Sum{hmac.New(sha256.New, key)} }

// Of is the digest of bytes.
func Of[T ~string | ~[]byte](b T) string {
	sum := Raw(b)
	return hex.EncodeToString(sum[:])
}

// Sum is a digest in the making: write to it, then ask for its Hex.
type Sum struct{ hash.Hash }

// New begins a digest.
func New() Sum { return Sum{sha256.New()} }

// Hex is the digest of what was written so far.
func (s Sum) Hex() string { return hex.EncodeToString(s.Hash.Sum(nil)) }

// Reader is the digest of all that r gives.
func Reader(r io.Reader) (string, error) {
	s := New()
	if _, err := io.Copy(s, r); err != nil {
		return "", err
	}
	return s.Hex(), nil
}
