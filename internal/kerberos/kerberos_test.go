package kerberos

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a KDC says in the words of its protocol, and what somebody can do.
func TestExplain(t *testing.T) {
	for said, want := range map[string]string{
		"[Root cause: KDC_Error] KDC_Error: AS Exchange Error: kerberos error response from KDC: KRB Error: (37) KRB_AP_ERR_SKEW Clock skew too great": "kerberos: the clocks differ by more than five minutes (KRB_AP_ERR_SKEW)",
		"clock skew with KDC too large. Greater than 300 seconds":                                                                                      "kerberos: the clocks differ by more than five minutes (clock skew)",
		"KRB Error: (68) KDC_ERR_WRONG_REALM Reserved for future use":                                                                                  "kerberos: the KDC is of another realm; write the realm of its domain (KDC_ERR_WRONG_REALM)",
		"KRB Error: (7) KDC_ERR_S_PRINCIPAL_UNKNOWN Server not found in Kerberos database":                                                             "kerberos: the directory has no such service name (KDC_ERR_S_PRINCIPAL_UNKNOWN)",
		"something else": "kerberos: something else",
	} {
		if got := Explain(errors.New(said)).Error(); got != want {
			t.Errorf("%s: %s", said, got)
		}
	}
	var r *Refusal
	if !errors.As(Explain(fmt.Errorf("x: %w", errors.New("KDC_ERR_S_PRINCIPAL_UNKNOWN"))), &r) || !r.Unknown() {
		t.Errorf("%+v", r)
	}
}

// Files of keys and tickets that are cut, or none at all, are errors.
func TestBrokenFiles(t *testing.T) {
	a := Account{User: "farm@HOST.EXAMPLE", KDC: "127.0.0.1:1"}
	for _, text := range []string{"", "\x05", "\x05\x04", "\x05\x04\x00\xff\x00\x01", "\x05\x02\x00\x00\x7f\xff", "\x05\x02\x00\x00\x00\x10\x00\x09", strings.Repeat("\xff", 300)} {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tickets, keys := a, a
		tickets.CCache, keys.Keytab = path, path
		for _, x := range []Account{tickets, keys} {
			if c, err := LogOn(x); err == nil {
				c.Destroy()
				t.Errorf("%q: no error", text)
			}
		}
	}
}
