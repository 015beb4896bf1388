package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/register"

	"golang.org/x/sync/errgroup"
)

// Written says which files a month got.
type Written struct {
	Statement, Usage, Review string
	Persons                  string   // of a large month, beside the review; else empty
	Annexes                  []string // sorted
	Partners                 []string // sorted
	Forms                    []string // the reseller's own, sorted
	Removed                  []string // annexes of an earlier run that nobody gets any more
}

// Paths are all files written.
func (w Written) Paths() []string {
	first := []string{w.Statement, w.Usage, w.Review}
	if w.Persons != "" {
		first = append(first, w.Persons)
	}
	return slices.Concat(first, w.Annexes, w.Partners, w.Forms)
}

// fileNames are the names of a month's files, beneath its folder.
type fileNames struct {
	statement, usage, review, persons string
	tenants, partners                 map[string]string // by id; those that get one
	tenantIDs, partnerIDs             []string          // in the order of the statement
}

const annexFolder = "annex"

// nameFiles gives every tenant that is told anything, and every partner, its
// file. Names are given to all tenants of the register first, in its order, so
// that a tenant's file is called the same in every month.
func (w *Workbooks) nameFiles() fileNames {
	m := w.Month.String()
	n := fileNames{
		statement: "statement-" + m + ".json", usage: "usage-report-" + m + ".xlsx", review: "review-" + m + ".xlsx", persons: "review-persons-" + m + ".csv",
		tenants: map[string]string{}, partners: map[string]string{},
	}
	var given names
	stems := map[string]string{}
	stem := func(prefix, id string) string {
		if s, ok := stems[prefix+"\x00"+id]; ok {
			return s
		}
		s := given.give(prefix, id)
		stems[prefix+"\x00"+id] = s
		return s
	}
	for i := range w.Register.Tenants {
		stem("", w.Register.Tenants[i].ID)
	}
	for i := range w.Statement.Tenants {
		t := &w.Statement.Tenants[i]
		s := stem("", t.ID)
		if !w.getsAnnex(t) {
			continue
		}
		to, partner := register.AnnexToBoth, w.partnerOf(t)
		if partner != "" {
			if p := w.partner(partner); p.AnnexTo != "" {
				to = p.AnnexTo
			}
		}
		if to != register.AnnexToPartner {
			n.tenants[t.ID] = filepath.Join(annexFolder, s+"-"+m+".xlsx")
			n.tenantIDs = append(n.tenantIDs, t.ID)
		}
		if partner != "" && to != register.AnnexToCustomer && n.partners[partner] == "" {
			n.partners[partner] = "later"
			n.partnerIDs = append(n.partnerIDs, partner)
		}
	}
	for i := range w.Register.Partners {
		stem("partner-", w.Register.Partners[i].ID)
	}
	for _, id := range n.partnerIDs {
		n.partners[id] = filepath.Join(annexFolder, stem("partner-", id)+"-"+m+".xlsx")
	}
	return n
}

// AnnexPath is where beneath the month's folder a tenant's annex is; empty
// where it gets none.
func (w *Workbooks) AnnexPath(tenant string) string { return w.files.tenants[tenant] }

// Recipients are the tenants and the partners that get a workbook, in the order of
// the statement.
func (w *Workbooks) Recipients() (tenants, partners []string) {
	return w.files.tenantIDs, w.files.partnerIDs
}

// DocumentNumber is by which an annex, or a partner's workbook, is known.
func (w *Workbooks) DocumentNumber(id string) string { return w.documentNumber(id) }

// ReplacedDocument is the number of the document that a tenant's annex
// replaces; empty where it replaces none.
func (w *Workbooks) ReplacedDocument(tenant string) string {
	if t := w.tenants[tenant]; t != nil {
		return w.replacedDocument(t)
	}
	return ""
}

// MonthName is the month in a language: October 2026.
func (w *Workbooks) MonthName(language string) string { return w.look(language).monthName(w.Month) }

// PartnerPath is the same for a partner's workbook.
func (w *Workbooks) PartnerPath(partner string) string { return w.files.partners[partner] }

// Write makes all of a month's files in dir, each beside its target and then
// renamed, so that a reader meets the old file or the new, never half of one.
// Annexes that an earlier run made for a tenant or partner that gets none any
// more are removed; files of anybody else are left alone.
func Write(ctx context.Context, dir string, in Input) (Written, error) {
	w, err := New(in)
	if err != nil {
		return Written{}, err
	}
	return w.Write(ctx, dir)
}

// Write is the same for workbooks already prepared.
func (w *Workbooks) Write(ctx context.Context, dir string) (Written, error) {
	var out Written
	annexes := filepath.Join(dir, annexFolder)
	var folders [2]*atomicfile.Folder
	for i, d := range []string{dir, annexes} {
		f, err := atomicfile.OpenFolder(d)
		if err != nil {
			return out, fmt.Errorf("make the folder for %s: %w", w.Month, err)
		}
		folders[i] = f
	}
	given := ctx // the group ends its own
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(w.Workers, 1))
	job := func(name string, make func(context.Context, io.Writer) error) string {
		path := filepath.Join(dir, name)
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			in, name := folders[0], name
			if filepath.Dir(name) == annexFolder {
				in, name = folders[1], filepath.Base(name)
			}
			return in.Write(name, atomicfile.Normal, func(f io.Writer) error { return make(ctx, f) })
		})
		return path
	}
	// The largest first: it decides how long the rest has to wait.
	out.Review = job(w.files.review, w.Review)
	if w.besides() {
		out.Persons = job(w.files.persons, w.PersonsCSV)
	} else if err := os.Remove(filepath.Join(dir, w.files.persons)); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a run with more
		return out, fmt.Errorf("tidy the files of %s: %w", w.Month, err)
	}
	out.Statement = job(w.files.statement, func(_ context.Context, f io.Writer) error { return StatementJSON(f, w.Statement) })
	out.Usage = job(w.files.usage, w.UsageReport)
	var agreements []string
	if w.several() {
		for _, a := range w.UsageReports() {
			agreements = append(agreements, job(a.Name+".xlsx", func(ctx context.Context, f io.Writer) error { return w.AgreementReport(ctx, f, a.Agreement) }))
		}
	}
	for _, id := range w.files.tenantIDs {
		out.Annexes = append(out.Annexes, job(w.files.tenants[id], func(ctx context.Context, f io.Writer) error { return w.Annex(ctx, f, id, AnnexOptions{}) }))
	}
	for _, id := range w.files.partnerIDs {
		out.Partners = append(out.Partners, job(w.files.partners[id], func(ctx context.Context, f io.Writer) error { return w.PartnerWorkbook(ctx, f, id) }))
	}
	if err := g.Wait(); err != nil {
		return Written{}, fmt.Errorf("write the files of %s: %w", w.Month, err)
	}
	// Last: where the form cannot take the month, all else is there to see why.
	forms, err := w.writeForms(given, dir)
	out.Forms = append(forms, agreements...)
	slices.Sort(out.Forms)
	if err != nil {
		return out, fmt.Errorf("fill in the reseller's form for %s: %w", w.Month, err)
	}
	slices.Sort(out.Annexes)
	slices.Sort(out.Partners)
	if out.Removed, err = w.removeStale(annexes, out.Paths(), isAnnex); err != nil {
		return out, fmt.Errorf("tidy the annexes of %s: %w", w.Month, err)
	}
	ended, err := w.removeStale(dir, out.Paths(), isAgreement)
	if err != nil {
		return out, fmt.Errorf("tidy the usage reports of %s: %w", w.Month, err)
	}
	out.Removed = append(out.Removed, ended...)
	folders[1].Sync()
	folders[0].Sync()
	return out, nil
}

// writeForms fills in the reseller's forms that the config asks for. One of an
// earlier run is never left standing beside newer numbers.
func (w *Workbooks) writeForms(ctx context.Context, dir string) ([]string, error) {
	var out []string
	var errs []error
	type file struct {
		name string
		make func(context.Context, io.Writer) error
	}
	var files []file
	for _, f := range w.forms() {
		for _, name := range w.formFiles(&f.agreement) {
			write := f.workbook
			if strings.HasSuffix(name, ".csv") {
				write = f.csv
			}
			files = append(files, file{name, write})
		}
	}
	if c := &w.Config.Report.Columns; w.several() && c.Wanted() { // of a run before there were several
		for _, ext := range []string{".csv", ".xlsx"} {
			if err := os.Remove(filepath.Join(dir, "reseller-"+w.Month.String()+ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		if err := atomicfile.Write(path, atomicfile.Normal, func(b io.Writer) error { return f.make(ctx, b) }); err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, path)
	}
	return out, errors.Join(errs...)
}
