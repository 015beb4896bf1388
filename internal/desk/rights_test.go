package desk

import (
	"strings"
	"testing"
	"time"

	"splameter/internal/pgtest"
	"splameter/internal/repotest"
	"splameter/internal/store"
)

// Whoever works at the desk needs no more than the agent's login of docs/store.md:
// with it a month goes from draft to submitted and amended.
func TestMonthToTheEndByLeastRights(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	c.SetUp(repotest.Root(t), func(owner string) {
		s, err := store.Open(t.Context(), owner, store.Options{Location: zone, Password: pgtest.Password})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
	t.Setenv("TEST_STORE_PASSWORD", pgtest.Password)
	monthToTheEnd(t, func(path string, b []byte) []byte {
		if b = broken(path, b); path != "config.yaml" {
			return b
		}
		text := string(b)
		for from, to := range map[string]string{"\nstore: sqlite:var/splameter.db ": "\nstore: '" + c.DSN("splameter_agent", "splameter", "") + "' ",
			"\nstore_password: \"\"": "\nstore_password: env:TEST_STORE_PASSWORD"} {
			if !strings.Contains(text, from) {
				t.Fatalf("config.yaml has no %q", from)
			}
			text = strings.Replace(text, from, to, 1)
		}
		return []byte(text)
	})
	if n := c.SQL("splameter", "SELECT COUNT(*) FROM splameter.act WHERE action = 'submit'"); n == "0" {
		t.Error("nothing of it is in the store")
	}
}
