package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"

	"splameter/internal/statement"
)

// BenchmarkAnnexes makes 200 annexes with 15 lines, 100 named users, a year of
// history and its chart, and writes them to disk.
func BenchmarkAnnexes(b *testing.B) {
	in := monthOfTenants(b, 200)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			dir := b.TempDir()
			b.ReportAllocs()
			for b.Loop() {
				w := workbooks(b, in)
				var g errgroup.Group
				g.SetLimit(workers)
				for _, id := range w.files.tenantIDs {
					g.Go(func() error {
						var out bytes.Buffer
						if err := w.Annex(b.Context(), &out, id, AnnexOptions{}); err != nil {
							return err
						}
						return os.WriteFile(filepath.Join(dir, id+".xlsx"), out.Bytes(), 0o600)
					})
				}
				if err := g.Wait(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(200*float64(b.N)/b.Elapsed().Seconds(), "annexes/s")
		})
	}
}

// BenchmarkReview makes a review with 300,000 persons.
func BenchmarkReview(b *testing.B) {
	in := fixture(b)
	in.Statement.Persons = statement.Persons{}
	for i := range 300_000 {
		in.Statement.Persons.Add(person("appel", "rds", fmt.Sprintf("Given Surname%06d", i), fmt.Sprintf("user%06d", i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := workbooks(b, in).Review(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
