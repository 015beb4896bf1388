package evidence

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// PrivateKey reads an Ed25519 key: PEM (PKCS #8, as openssl genpkey writes
// it), or the 32 bytes of its seed in base64. Empty is no key. No error shows
// any of it.
func PrivateKey(text string) (ed25519.PrivateKey, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if b, _ := pem.Decode([]byte(text)); b != nil {
		if k, err := x509.ParsePKCS8PrivateKey(b.Bytes); err == nil {
			if key, ok := k.(ed25519.PrivateKey); ok {
				return key, nil
			}
		}
		return nil, errors.New("the key under evidence.sign_key is no Ed25519 private key; make one with: openssl genpkey -algorithm ed25519")
	}
	seed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("the key under evidence.sign_key is neither PEM nor 32 bytes in base64; make one with: openssl genpkey -algorithm ed25519")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Signer is a key's public half as a manifest names it; empty for no key.
func Signer(key ed25519.PrivateKey) string {
	if key == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
}

// PublicKey reads the public half, in PEM or base64, and gives it as a
// manifest names it. Empty is no key.
func PublicKey(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	if b, _ := pem.Decode([]byte(text)); b != nil {
		if k, err := x509.ParsePKIXPublicKey(b.Bytes); err == nil {
			if key, ok := k.(ed25519.PublicKey); ok {
				return base64.StdEncoding.EncodeToString(key), nil
			}
		}
		return "", errors.New("the key to verify with is no Ed25519 public key in PEM")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return "", errors.New("the key to verify with is neither PEM nor 32 bytes in base64")
	}
	return base64.StdEncoding.EncodeToString(key), nil
}

// CheckSigner checks that the pack was signed by a key in the form of
// PublicKey; an empty one asks for nothing.
func (p *Pack) CheckSigner(key string) error {
	switch {
	case key == "":
		return nil
	case !p.Signed:
		return errors.New("it is not signed, and a key to verify with is given")
	case p.Manifest.SignedBy != key:
		return errors.New("it is signed by another key than the one to verify with")
	}
	return nil
}
