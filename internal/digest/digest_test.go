package digest_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"splameter/internal/digest"
)

// "abc" is the example of FIPS 180-2.
func TestDigest(t *testing.T) {
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	s := digest.New()
	io.WriteString(s, "a")
	io.WriteString(s, "bc")
	r, err := digest.Reader(iotest.OneByteReader(strings.NewReader("abc")))
	for _, got := range []string{digest.Of("abc"), digest.Of([]byte("abc")), s.Hex(), r} {
		if got != abc || err != nil {
			t.Errorf("the digest is %s, %v", got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := digest.Reader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}
