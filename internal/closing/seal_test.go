package closing_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"testing"

	"splameter/internal/closing/evidence"
)

// A config whose key to verify with is another than that of its key to sign with
// would refuse what it signs: nothing is sealed with it.
func TestKeysThatDoNotBelongTogether(t *testing.T) {
	h := helper{open(t, example(t)), t}
	h.Setup.Config.Evidence.VerifyKey = evidence.Signer(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	_, err := h.Close(t.Context(), h.month("2026-10"))
	refused(t, err, "evidence.sign_key and evidence.verify_key in the config do not belong together")
	if _, err := os.Stat(h.Pack("2026-10", 0)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was sealed: %v", err)
	}
	if err := h.Setup.Config.Evidence.SignKey.UnmarshalText([]byte("plain:" + base64.StdEncoding.EncodeToString(make([]byte, ed25519.SeedSize)))); err != nil {
		t.Fatal(err)
	}
	if p := verify(t, h.must(h.Close(t.Context(), h.month("2026-10"))).Pack); !p.Signed {
		t.Error("with both halves of a key it was not signed")
	}
}
