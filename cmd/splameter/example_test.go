package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"splameter/internal/repotest"
	"splameter/internal/statement"
)

// figures are a statement's lines as text, one a product and tenant: quantity,
// active, excluded, and against last month what was added and removed. The
// report's own lines stand under "all", with the amount.
func figures(st *statement.Statement) []string {
	var out []string
	for _, t := range st.Tenants {
		for _, l := range t.Lines {
			out = append(out, figure(t.ID, &l))
		}
	}
	for _, l := range st.Lines {
		if l.Quantity > 0 {
			out = append(out, figure("all", &l)+" "+l.Amount)
		}
	}
	sort.Strings(out)
	return out
}

func figure(tenant string, l *statement.Line) string {
	s := fmt.Sprintf("%s %s %d %da %dx", tenant, l.Product, l.Quantity, l.Active, l.Excluded)
	if l.Compared {
		s += fmt.Sprintf(" +%d -%d", l.Added, l.Removed)
	}
	return s
}

// findings are a statement's findings as text: severity, code, tenant,
// subject, count.
func findings(st *statement.Statement) []string {
	var out []string
	for _, f := range st.Findings {
		out = append(out, fmt.Sprintf("%s %s %s %s %d", f.Severity, f.Code, f.Tenant, f.Subject, f.Count))
	}
	sort.Strings(out)
	return out
}

func sorted(lines string) []string {
	var out []string
	for l := range strings.SplitSeq(lines, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	sort.Strings(out)
	return out
}

// What the example must yield, as testdata/README.md works it out person by
// person.
var exampleTruth = map[string]struct{ figures, findings string }{
	"2026-09": {`
		tuinderij rds 5 4a 0x
		tuinderij office-std 4 3a 0x
		tuinderij office-pro 1 1a 0x
		tuinderij visio-std 1 1a 0x
		tuinderij exchange-std-plus 2 1a 0x
		notaris rds 3 2a 1x
		notaris office-std 0 0a 4x
		notaris visio-std 1 1a 0x
		notaris exchange-std-plus 3 2a 0x
		notaris sql-std 2 0a 0x
		harbour rds 3 2a 0x
		harbour office-std 0 0a 3x
		ijzer rds 8 6a 0x
		ijzer office-std 5 4a 0x
		ijzer office-pro 3 2a 0x
		ijzer project-pro 2 1a 0x
		ijzer sql-std 2 0a 2x
		duinrand rds 1 1a 2x
		duinrand office-std 1 1a 0x
		duinrand office-pro 0 0a 2x
		-unassigned rds 1 1a 0x
		-unassigned office-std 1 1a 0x
		-shared win-dc 18 0a 0x
		-shared win-std 8 0a 0x
		all rds 21 16a 3x 86.10
		all office-std 11 9a 7x 165.00
		all office-pro 4 3a 2x 80.00
		all visio-std 2 2a 0x 19.00
		all project-pro 2 1a 0x 50.50
		all exchange-std-plus 5 3a 0x 16.67
		all win-dc 18 0a 0x 720.00
		all win-std 8 0a 0x 48.00
		all sql-std 4 0a 2x 600.00`, `
		high no-tenant  x.los 0
		high product-pair ijzer t.hamer 0
		medium own-licence-and-volume-office harbour X-HAR/kantoor 3
		medium own-licence-and-volume-office notaris X-NOT/kantoor 3
		high restriction-without-document  ontwerp/project-pro 3
		medium right-ends-soon harbour X-HAR 3
		low disabled-in-group tuinderij e.varen 0
		low sql-below-four-cores notaris SQL-02 0`},
	"2026-10": {`
		tuinderij rds 4 4a 0x +1 -2
		tuinderij office-std 3 3a 0x +1 -2
		tuinderij office-pro 1 1a 0x +0 -0
		tuinderij visio-std 1 1a 0x +0 -0
		tuinderij exchange-std-plus 2 1a 0x +0 -0
		notaris rds 4 3a 1x +1 -0
		notaris office-std 1 1a 4x +1 -0
		notaris visio-std 1 1a 0x +0 -0
		notaris exchange-std-plus 3 2a 0x +0 -0
		notaris sql-std 2 0a 0x +0 -0
		harbour rds 2 2a 0x +0 -1
		harbour office-std 2 2a 0x +2 -0
		ijzer rds 8 7a 0x +0 -0
		ijzer office-std 5 4a 0x +0 -0
		ijzer office-pro 3 3a 0x +0 -0
		ijzer project-pro 3 2a 0x +1 -0
		ijzer sql-std 3 0a 2x +1 -0
		duinrand rds 1 1a 2x +0 -0
		duinrand office-std 1 1a 0x +0 -0
		duinrand office-pro 0 0a 2x +0 -0
		-unassigned rds 1 0a 0x +0 -0
		-unassigned office-std 1 0a 0x +0 -0
		-shared win-dc 18 0a 0x +0 -0
		-shared win-std 8 0a 0x +0 -0
		all rds 20 17a 3x +2 -3 82.00
		all office-std 13 11a 4x +4 -2 195.00
		all office-pro 4 4a 2x +0 -0 80.00
		all visio-std 2 2a 0x +0 -0 19.00
		all project-pro 3 2a 0x +1 -0 75.75
		all exchange-std-plus 5 3a 0x +0 -0 16.67
		all win-dc 18 0a 0x +0 -0 720.00
		all win-std 8 0a 0x +0 -0 48.00
		all sql-std 5 0a 2x +1 -0 750.00`, `
		high exclusion-expired harbour X-HAR 2
		high exclusion-over-quantity notaris X-NOT 1
		high no-tenant  x.los 0
		high product-pair ijzer t.hamer 0
		high session-without-entitlement harbour o.mast 0
		medium own-licence-and-volume-office notaris X-NOT/kantoor 3
		high restriction-without-document  ontwerp/project-pro 2
		medium right-ends-soon notaris X-NOT 3
		low disabled-in-group tuinderij e.varen 0
		low sql-below-four-cores notaris SQL-02 0`},
}

// exampleFiles are what a month leaves behind.
var exampleFiles = []string{"annex/duinrand-M.xlsx", "annex/harbour-M.xlsx", "annex/ijzer-M.xlsx", "annex/notaris-M.xlsx",
	"annex/partner-kompas-M.xlsx", "annex/tuinderij-M.xlsx", "review-M.xlsx", "statement-M.json", "usage-report-M.xlsx"}

// The shipped example, collected and reported as the README has it, with one
// worker and with two, gives the figures worked out by hand; a second run of
// both commands gives the same bytes.
func TestExample(t *testing.T) {
	var first map[string]string
	for _, workers := range []string{"1", "2"} {
		dir := copyExample(t)
		for round := range 2 {
			config := filepath.Join(dir, "config.yaml")
			mustRun(t, exitComplete, "--config", config, "--workers", workers, "collect")
			for _, month := range []string{"2026-09", "2026-10"} {
				mustRun(t, exitComplete, "--config", config, "--workers", workers, "report", "--month", month)
				st := readStatement(t, dir, month)
				if diff := cmp.Diff(sorted(exampleTruth[month].figures), figures(st)); diff != "" {
					t.Errorf("%s, %s workers: figures (-want +got):\n%s", month, workers, diff)
				}
				if diff := cmp.Diff(sorted(exampleTruth[month].findings), findings(st)); diff != "" {
					t.Errorf("%s, %s workers: findings (-want +got):\n%s", month, workers, diff)
				}
			}
			got := contents(t, filepath.Join(dir, "out"))
			if first == nil {
				first = got
				var want, have []string
				for _, f := range exampleFiles {
					for _, m := range []string{"2026-09", "2026-10"} {
						want = append(want, m+"/"+strings.ReplaceAll(f, "M", m))
					}
				}
				for f := range got {
					have = append(have, f)
				}
				sort.Strings(want)
				sort.Strings(have)
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("files (-want +got):\n%s", diff)
				}
				continue
			}
			for name, data := range first {
				if got[name] != data {
					t.Errorf("%s workers, round %d: %s has other bytes than before", workers, round, name)
				}
			}
			if len(got) != len(first) {
				t.Errorf("%s workers, round %d: %d files, before there were %d", workers, round, len(got), len(first))
			}
		}
	}
}

// What leaves the house holds nobody's business but the reader's: the usage
// report no customer and no person, an annex no other customer, no purchase
// price, and persons only where that customer asked for them.
func TestExampleKeepsEachToItself(t *testing.T) {
	dir := copyExample(t)
	config := filepath.Join(dir, "config.yaml")
	mustRun(t, exitComplete, "--config", config, "collect")
	mustRun(t, exitComplete, "--config", config, "report", "--month", "2026-10")
	text := func(name string) string {
		t.Helper()
		s, err := workbookText(filepath.Join(dir, "out", "2026-10", name))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	customers := map[string]string{"tuinderij": "Tuinderij De Kas", "notaris": "Notariskantoor Van der Plas", "harbour": "Harbour Lights", "ijzer": "IJzerwerf"}
	persons := []string{"Daan Linde", "d.linde", "Karel Moes", "k.moes", "Lucy Buoy", "l.buoy", "q.smid", "werkplaats", "w.duin", "x.los", "svc-scan"}
	const purchase = "3.333" // what a mailbox costs the provider
	absent := func(name, text string, words ...string) {
		t.Helper()
		for _, w := range words {
			if strings.Contains(text, w) {
				t.Errorf("%s holds %q", name, w)
			}
		}
	}
	usage := text("usage-report-2026-10.xlsx")
	absent("the usage report", usage, append(persons, purchase, "tuinderij", "notaris", "harbour", "ijzer", "kompas", "Kompas")...)
	for _, name := range customers {
		absent("the usage report", usage, name)
	}
	for id, own := range customers {
		annex := text("annex/" + id + "-2026-10.xlsx")
		if !strings.Contains(annex, own) {
			t.Errorf("the annex of %s does not name it", id)
		}
		absent("the annex of "+id, annex, purchase)
		for other, name := range customers {
			if other != id {
				absent("the annex of "+id, annex, name, "OU="+other)
			}
		}
		if id == "notaris" { // asked for its users: who they are, and nobody else's
			for _, p := range []string{"Hanna Akte-de Wit", "k.moes"} {
				if !strings.Contains(annex, p) {
					t.Errorf("the annex of notaris, which asked for names, does not name %s", p)
				}
			}
			absent("the annex of notaris", annex, "d.linde", "l.buoy", "q.smid", "w.duin", "x.los")
			continue
		}
		absent("the annex of "+id, annex, persons[:6]...)
		absent("the annex of "+id, annex, "q.smid", "w.duin", "x.los", "svc-scan")
	}
	partner := text("annex/partner-kompas-2026-10.xlsx")
	for _, name := range []string{"Harbour Lights", "IJzerwerf"} {
		if !strings.Contains(partner, name) {
			t.Errorf("the partner's workbook lacks %s", name)
		}
	}
	absent("the partner's workbook", partner, purchase, "Tuinderij", "Notariskantoor")
	// The review is the provider's own, with names and prices.
	review := text("review-2026-10.xlsx")
	for _, word := range []string{"Karel Moes", "Tuinderij De Kas", "RDSH-K01", "X-NOT"} {
		if !strings.Contains(review, word) {
			t.Errorf("the review does not hold %q", word)
		}
	}
}

// The generator writes what is shipped: nobody corrected an input by hand. What
// is compressed is compared by what it holds, since a newer library may pack
// it otherwise.
func TestExampleIsWhatTheGeneratorWrites(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command to run the generator with")
	}
	root, made := repotest.Root(t), t.TempDir()
	cmd := exec.CommandContext(t.Context(), goTool, "run", "./testdata/generate", made)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go run ./testdata/generate: %v\n%s", err, out)
	}
	for _, folder := range []string{"directory", "sessions", "inventory"} {
		want, got := contents(t, filepath.Join(root, "testdata", folder)), contents(t, filepath.Join(made, folder))
		if len(got) == 0 || len(want) != len(got) {
			t.Errorf("%s: %d files are shipped and %d were made", folder, len(want), len(got))
		}
		for name, data := range want {
			if unpacked(t, name, data) != unpacked(t, name, got[name]) {
				t.Errorf("%s/%s is not what the generator writes; run go run ./testdata/generate and look at what changes", folder, name)
			}
		}
	}
}

func unpacked(t testing.TB, name, data string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(data)
	var err error
	switch filepath.Ext(name) {
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".zst":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
