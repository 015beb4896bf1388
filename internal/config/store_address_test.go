package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// An address in a variable is held to what one in the config is, and is not
// shown; what is sealed names the variable, not what it held.
func TestStoreAddress(t *testing.T) {
	dir := t.TempDir()
	c, faults := Parse(filepath.Join(dir, "c.yaml"), []byte(small+"store: env:TEST_STORE\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, x := range []struct{ held, want, refused string }{
		{"sqlite:var/s.db", "sqlite:" + filepath.Join(dir, "var", "s.db"), ""},
		{"postgres://u@h/d", "postgres://u@h/d", ""},
		{"", "", "the variable TEST_STORE, which is not set"},
		{"var/s.db", "", "in the variable TEST_STORE, the store is neither a file nor a server"},
		{"postgres://u:hunter2@h/d", "", "a password stands in the store's address"},
	} {
		t.Setenv("TEST_STORE", x.held)
		got, err := c.StoreAddress()
		if got != x.want || (err == nil) != (x.refused == "") || err != nil && (!strings.Contains(err.Error(), x.refused) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%q: %q, %v", x.held, got, err)
		}
	}
	if b, err := c.Masked(); err != nil || !strings.Contains(string(b), "store: env:TEST_STORE\n") {
		t.Error(err, string(b))
	}
}
