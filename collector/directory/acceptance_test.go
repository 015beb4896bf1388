package directory

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/repotest"
)

// The acceptance month's first export, counted with grep and by eye: 222
// users, 18 groups, 300 lines of member, and the domain HOSTING.
func TestAcceptanceExports(t *testing.T) {
	dir := repotest.Shared(t, "acceptance", "october", "directory")
	files, err := filepath.Glob(filepath.Join(dir, "*.ldif"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no exports in %s: %v", dir, err)
	}
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		taken, err := DateOf(file, loc)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ReadLDIF(t.Context(), f, filepath.Base(file), taken, config.Directory{Name: "hosting", Domain: "HOSTING"}, []string{"employeeid"}, loc)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if d.Day.String()+".ldif" != filepath.Base(file) {
			t.Errorf("%s stands for %s", file, d.Day)
		}
		if len(d.Notes) > 0 {
			t.Errorf("%s: unexpected notices %v", file, d.Notes)
		}
		if d.Domain != "HOSTING" || d.DNS != "hosting.example" || d.SID != "S-1-5-21-1004336348-1177238915-682003330" {
			t.Errorf("%s: domain %q %q %q", file, d.Domain, d.DNS, d.SID)
		}
		if filepath.Base(file) != "2026-10-01.ldif" {
			continue
		}
		if len(d.Accounts) != 222 || len(d.Groups) != 18 || len(d.Members) != 300 {
			t.Errorf("%d accounts, %d groups, %d members; want 222, 18, 300", len(d.Accounts), len(d.Groups), len(d.Members))
		}
	}
}
