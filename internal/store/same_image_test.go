package store

import (
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Two hosts made of one image have lists that are the same to the byte, of one
// day: each is read. A copy of a host's own list under another name is not read
// once more.
func TestHostsOfOneImage(t *testing.T) {
	s := openAt(t, t.TempDir()+"/s.db")
	taken := time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC)
	put := func(file, host string) {
		t.Helper()
		v := &snapshot.Inventory{Reading: snapshot.Reading{Source: "estate", Kind: snapshot.KindInventory, Taken: taken, Day: month.Date(2026, 10, 12), File: file, Fingerprint: "aa"},
			Software: []snapshot.HostSoftware{{Host: host, Installs: []snapshot.Install{{Name: "Microsoft Office Standard 2021"}}}}}
		if err := s.PutInventory(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	put("TS1 2026-10-12.csv", "TS1")
	put("TS2 2026-10-12.csv", "TS2")
	put("copy of TS2 2026-10-12.csv", "TS2")
	put("TS2 2026-10-12.csv", "TS2")
	var n, hosts int
	if err := s.db.QueryRow("SELECT COUNT(*) FROM reading").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := s.db.QueryRow("SELECT COUNT(DISTINCT item) FROM observed").Scan(&hosts); err != nil {
		t.Fatal(err)
	}
	if n != 2 || hosts != 2 {
		t.Errorf("%d readings of %d hosts, want 2 of 2", n, hosts)
	}
	if known, err := s.Known(t.Context(), "estate", "TS2 2026-10-12.csv", "aa"); err != nil || !known {
		t.Error(known, err)
	}
}
