package closing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/paths"
	"splameter/internal/product"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/report"
	"splameter/rules"
)

// Again is what counting a pack again came to, where nothing is wrong.
type Again struct {
	// Program is the version that sealed the pack, where it is another than
	// the one that counted it again; empty where they are the same.
	Program string
	// Other are the members that came out with other bytes, and still say the
	// same: only of another version's pack.
	Other []string
	// Doubts say what another version's pack has otherwise than this program
	// makes it. No quantity and no amount is among them.
	Doubts []string
}

// Recompute counts a pack's sealed facts again, makes everything anew that a
// seal makes of them, and compares all of it with what the pack holds: each
// member, byte for byte. version is that of the program which does it: a pack
// that another version sealed may have other bytes, and is compared value by
// value and cell by cell.
//
// What is left are the facts themselves, the tables, rules and config that
// they are counted with, and who decided what: nothing in a pack can prove
// these.
func Recompute(ctx context.Context, p *evidence.Pack, version string) (*Again, error) {
	if p.Manifest.Reduced != nil {
		return nil, fmt.Errorf("the pack of %s was reduced when the time for keeping names was over: its facts are gone, and cannot be counted again", p.Manifest.Month)
	}
	if strings.HasPrefix(p.Manifest.State, auditState) {
		what := "unpack it, and verify the evidence of each month in it with --recompute"
		if p.Manifest.State != auditState {
			what = "ask for one without masks, or for the months' own evidence"
		}
		return nil, fmt.Errorf("this is an auditor's pack of %s, which cannot be counted again as it is; %s", p.Manifest.Month, what)
	}
	in, err := read(p)
	if err != nil {
		return nil, err
	}
	var acts []statement.Act
	if err := readJSON(p, actsMember, &acts); err != nil {
		return nil, err
	}
	l := LifeOf(p.Manifest.Month, acts)
	in.statement = in.statement.Totals() // of its numbers; the rest is compared as it is written
	r := &recount{pack: p, in: in, month: in.facts.Month, version: version, out: &Again{}, expected: map[string]bool{factsMember: true}}
	if p.Manifest.Program != version {
		r.out.Program = p.Manifest.Program
	}
	for _, f := range []func() error{
		r.inputs,
		func() error { return checkActs(p, l) },
		func() error { return r.checkDecisions(l) },
		func() error { return r.count(ctx, l) },
		func() error { return r.checkInvoices(l) },
		func() error { return r.files(ctx, l) },
		func() error { return r.attachments(l) },
		r.rest,
	} {
		if err := f(); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// readJSON reads one member that is JSON.
func readJSON(p *evidence.Pack, name string, to any) error {
	b, err := p.Read(name)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		return fmt.Errorf("the sealed %s of %s cannot be read: %w", name, p.Manifest.Month, err)
	}
	return nil
}

// recount is a pack being counted again.
type recount struct {
	pack     *evidence.Pack
	in       *inputs // without the facts, once they were counted for the last time
	month    month.Month
	version  string // of this program
	st       *statement.Statement
	out      *Again
	expected map[string]bool // members that were looked at

	otherTitles bool // programs were recognized by another list than this version's
}

func (r *recount) failed(name, format string, args ...any) error {
	return fmt.Errorf("the sealed facts of %s, counted again, do not give the sealed %s: %s; it was made by splameter %s",
		r.pack.Manifest.Month, name, safetext.Clip(fmt.Sprintf(format, args...), 2000), safetext.Clip(r.pack.Manifest.Program, 80))
}

// compare holds a member against what it must be.
func (r *recount) compare(name string, want []byte) error {
	r.expected[name] = true
	if !r.pack.Has(name) {
		if name == totalsMember && r.pack.Manifest.Format == 1 {
			return nil // the first format had none
		}
		return r.failed(name, "the pack does not have it")
	}
	if e := entryOf(&r.pack.Manifest, name); e.SHA256 == digest.Of(want) { // as it was found when the pack was opened
		return nil
	}
	got, err := r.pack.Read(name)
	if err != nil {
		return err
	}
	compare := diffJSON
	if strings.HasSuffix(name, ".xlsx") {
		compare = diffBook
	} else if strings.HasSuffix(name, ".csv") {
		compare = diffText
	}
	diff, err := compare(got, want)
	if err != nil {
		return r.failed(name, "it cannot be compared: %v", err)
	}
	if r.out.Program == "" {
		if len(diff) == 0 {
			diff = []string{"it says the same in other bytes"}
		}
		return r.failed(name, "%s", strings.Join(diff, "; "))
	}
	if len(diff) == 0 {
		r.out.Other = append(r.out.Other, name)
	} else {
		r.out.Doubts = append(r.out.Doubts, fmt.Sprintf("%s, sealed by splameter %s: %s", name, safetext.Clip(r.out.Program, 80), safetext.Clip(strings.Join(diff, "; "), 1000)))
	}
	return nil
}

// inputs checks that the inputs hold nothing but what is read from them, where
// this program wrote them, and that the built-in lists are the program's own.
func (r *recount) inputs() error {
	titles := entryOf(&r.pack.Manifest, inputFolder+monthend.TitlesFile) // nil where sealed before titles were
	r.otherTitles = titles != nil && titles.SHA256 != digest.Of(product.Files())
	if r.in.made.Program != r.version {
		return nil
	}
	facts := digest.New()
	if err := evidence.EncodeFacts(facts, r.in.facts); err != nil {
		return err
	}
	earlier, err := indented(r.in.earlier)
	if err != nil {
		return err
	}
	made, err := indented(r.in.made)
	if err != nil {
		return err
	}
	own := map[string]string{factsMember: facts.Hex(), earlierMember: digest.Of(earlier),
		madeMember: digest.Of(made), inputFolder + monthend.CatalogFile: digest.Of(rules.CatalogFile())}
	if r.otherTitles && r.pack.Manifest.Revision == 0 { // an amendment keeps those of what it amends
		own[inputFolder+monthend.TitlesFile] = digest.Of(product.Files())
	}
	for name, sum := range own {
		if e := entryOf(&r.pack.Manifest, name); e == nil || e.SHA256 != sum {
			return fmt.Errorf("the member %s in the pack of %s is not written as a seal writes it: it was changed", name, r.pack.Manifest.Month)
		}
	}
	return nil
}

// count counts, and compares the statement and all that shows it in parts.
func (r *recount) count(ctx context.Context, l *Life) error {
	count := r.in.lastly
	if r.otherTitles { // they are counted once more, by other titles
		count = r.in.evaluate
	}
	var err error
	if r.st, err = count(ctx, l); err != nil {
		return err
	}
	var lines []string
	for _, x := range Compare(r.in.statement, r.st) {
		lines = append(lines, fmt.Sprintf("%s: sealed %d, counted again %d", x.PartNumber, x.Was, x.Is))
	}
	again := quantitiesDigest(r.st)
	if len(lines) == 0 && quantitiesDigest(r.in.statement) != again {
		lines = []string{"by part number the quantities are the same, and an amount, an exclusion or a tenant's own quantity is not"}
	}
	if len(lines) > 0 {
		return r.failed(statementMember, "%s", strings.Join(lines, "; "))
	}
	if q := r.pack.Manifest.Quantities; q != again && (q != "" || r.pack.Manifest.Format > 1) {
		return fmt.Errorf("the manifest of %s has another digest of its quantities than they have", r.pack.Manifest.Month)
	}
	if err := r.ownTitles(ctx, l); err != nil {
		return err
	}
	want, err := statementJSON(r.st)
	if err != nil {
		return err
	}
	if err := r.compare(statementMember, want); err != nil {
		return err
	}
	views, err := viewMembers(l, r.st)
	if err != nil {
		return err
	}
	for i := range views {
		if err := r.compare(views[i].Name, views[i].Data); err != nil {
			return err
		}
	}
	return r.counted()
}

// counted compares the list of who was counted, which is the largest thing of a
// month: by its digest first, so that it need not be held.
func (r *recount) counted() error {
	sum := digest.New()
	if err := writeCounted(sum, r.st); err != nil {
		return err
	}
	if e := entryOf(&r.pack.Manifest, countedMember); e != nil && e.SHA256 == sum.Hex() {
		r.expected[countedMember] = true
		return nil
	}
	var b bytes.Buffer
	if err := writeCounted(&b, r.st); err != nil {
		return err
	}
	return r.compare(countedMember, b.Bytes())
}

// ownTitles counts once more with what this version recognizes programs by,
// where the pack holds another list: no other version's list can be proved here,
// and one that calls a program free would lower a number.
func (r *recount) ownTitles(ctx context.Context, l *Life) error {
	if !r.otherTitles {
		return nil
	}
	const other = "installed programs were recognized by a list that is not this version's"
	in := *r.in
	if in.setup = r.in.setup.OwnTitles(); in.setup == nil {
		r.out.Doubts = append(r.out.Doubts, other+", and this version's own does not go with the provider's titles")
		return nil
	}
	r.in.facts = nil
	st, err := in.lastly(ctx, l)
	if err != nil {
		return err
	}
	if quantitiesDigest(st) == quantitiesDigest(r.st) {
		return nil
	}
	what := []string{"by tenant it would be otherwise"}
	if lines := Compare(r.st, st); len(lines) > 0 {
		what = nil
		for _, x := range lines {
			what = append(what, fmt.Sprintf("%s would be %d where %d was sealed", x.PartNumber, x.Is, x.Was))
		}
	}
	r.out.Doubts = append(r.out.Doubts, fmt.Sprintf("%s; by this version's own, %s", other, safetext.Clip(strings.Join(what, "; "), 1000)))
	return nil
}

// files makes every workbook anew, and compares them.
func (r *recount) files(ctx context.Context, l *Life) error {
	in := report.Input{Statement: r.st, Config: r.in.setup.Config, Register: r.in.setup.Register, Sales: r.in.setup.Sales,
		Earlier: r.in.earlier, Anchor: r.pack.Manifest.Anchor(), Templates: r.in.setup.Templates, Acts: l.Acts, Decisions: r.in.setup.Decisions, Month: r.month, Workers: runtime.GOMAXPROCS(0)}
	if r.pack.Manifest.Revision > 0 {
		if r.pack.Has(replacedMember) {
			r.expected[replacedMember] = true
			in.Replaced = &statement.Statement{}
			if err := readJSON(r.pack, replacedMember, in.Replaced); err != nil {
				return err
			}
			if err := r.checkReplaced(in.Replaced); err != nil {
				return err
			}
		} else if r.pack.Manifest.Format == 1 {
			r.out.Doubts = append(r.out.Doubts, fmt.Sprintf("%s revision %d: the version that sealed it did not take along what it replaces, so its workbooks were not compared", r.pack.Manifest.Month, r.pack.Manifest.Revision))
			for _, name := range r.pack.Names(fileFolder) {
				r.expected[name] = true
			}
			return nil
		} else {
			r.out.Doubts = append(r.out.Doubts, fmt.Sprintf("%s revision %d: it does not hold the statement of the revision that it replaces, so its workbooks do not say what was amended", r.pack.Manifest.Month, r.pack.Manifest.Revision))
		}
	}
	dir, err := os.MkdirTemp("", "splameter-recount-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	written, err := report.Write(ctx, dir, in)
	if err != nil {
		return err
	}
	for _, path := range written.Paths() {
		if path == written.Statement {
			continue
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := fileFolder + paths.Shown("", rel)
		if path == written.Persons && r.out.Program != "" && !r.pack.Has(name) { // an earlier version had them in the review alone
			continue
		}
		if same, err := r.sameFile(name, path); err != nil || same {
			if err != nil {
				return err
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := r.compare(name, want); err != nil {
			return err
		}
	}
	return nil
}

// sameFile says that a file is a member as the manifest has it, without holding
// either: those of a large month are tens of megabytes.
func (r *recount) sameFile(name, path string) (bool, error) {
	e := entryOf(&r.pack.Manifest, name)
	if e == nil {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	sum, err := digest.Reader(f)
	if err != nil || sum != e.SHA256 {
		return false, err
	}
	r.expected[name] = true
	return true, nil
}

// checkReplaced holds the statement of the revision before against the
// manifests of that revision which the pack carries.
func (r *recount) checkReplaced(st *statement.Statement) error {
	m := &r.pack.Manifest
	for i := len(m.Replaces) - 1; i >= 0; i-- {
		old := r.pack.Replaced(m.Replaces[i])
		if old == nil || old.Revision != m.Revision-1 {
			continue
		}
		if st.Month != m.Month || st.Revision != old.Revision || old.Quantities != "" && old.Quantities != quantitiesDigest(st) {
			return fmt.Errorf("the pack of %s holds, as the statement that it replaces, another than was sealed", m.Month)
		}
		return nil
	}
	if m.Format > 1 {
		r.out.Doubts = append(r.out.Doubts, fmt.Sprintf("%s revision %d: it does not carry the manifest of the revision that it replaces, so what its annexes show of that one was taken from the pack itself", m.Month, m.Revision))
	}
	return nil
}

// rest refuses members that nobody looked at: what is counted from is held by
// its own digest, what is carried was checked when the pack was opened.
func (r *recount) rest() error {
	known := map[string]bool{}
	for _, name := range r.in.setup.Sealed {
		known[inputFolder+name] = true
	}
	for _, name := range r.pack.Names("") {
		if name == earlierMember || name == madeMember || known[name] || r.expected[name] || strings.HasPrefix(name, evidence.ReplacedFolder) {
			continue
		}
		return fmt.Errorf("the pack of %s has the member %s, which no seal makes of what it holds", r.pack.Manifest.Month, name)
	}
	return nil
}
