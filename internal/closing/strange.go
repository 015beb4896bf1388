package closing

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/lazyregexp"
	"splameter/internal/statement"
)

// Strange names the files in a month's folder that are called as sealed ones
// are, and that no seal has: a second pack, another usage report, an annex that
// nobody sealed. Nothing uses them, but a person might.
//
// The workbooks of a revision that was never sealed are nobody's proof, and not
// looked at; a pack beside them is.
func (d *Desk) Strange(ctx context.Context, l *Life) (out []string) {
	if l.Pending {
		return nil // the files are behind, or ahead: the store says so itself
	}
	seals := latestSeals(l.Acts) // those that were withdrawn too: their files stay where they lie
	known := map[string]bool{}
	for revision := range seals {
		pack := d.Pack(l.Month, revision)
		known[pack], known[StampFile(pack)] = true, true
	}
	out = d.strangeIn(filepath.Join(d.Setup.Config.Output, l.Month), known, isPack)
	for _, name := range namesIn(filepath.Join(d.Setup.Config.Output, l.Month)) {
		if revisionFolder().MatchString(name) && !slices.ContainsFunc(l.Acts, func(a statement.Act) bool {
			return a.Revision > 0 && filepath.Base(d.Dir(l.Month, a.Revision)) == name
		}) {
			out = append(out, filepath.Join(d.Setup.Config.Output, l.Month, name))
		}
	}
	for revision, seal := range seals {
		if revision == l.Revision && l.Sealed == nil {
			continue // it was withdrawn, and is worked on anew in the same folder
		}
		p, err := evidence.OpenKnown(ctx, d.Pack(l.Month, revision))
		if err != nil {
			continue // that is told of the pack itself
		}
		dir := d.Dir(l.Month, revision)
		if l.holds(p, seal) == "" {
			known := map[string]bool{filepath.Join(dir, "statement-"+l.Month+".json"): true}
			for _, name := range p.Names(fileFolder) {
				known[filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, fileFolder)))] = true
			}
			out = append(out, d.strangeIn(dir, known, isSealedFile)...)
			out = append(out, d.strangeIn(filepath.Join(dir, annexFolder), known, isAnnex)...)
		}
		p.Close()
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// StrangeMonths names the packs in folders that are called after a month which
// the store does not know.
func (d *Desk) StrangeMonths(known []string) (out []string) {
	for _, name := range namesIn(d.Setup.Config.Output) {
		if monthFolder().MatchString(name) && !slices.Contains(known, name) {
			out = append(out, d.strangeIn(filepath.Join(d.Setup.Config.Output, name), nil, isPack)...)
		}
	}
	return out
}

// AsSealed says of a file in a revision's folder, by its name and digest,
// whether it may be handed out: a file that a seal speaks of is as it was sealed,
// and none that is called like one is there besides. Of a pack only its manifest
// is looked at; Issued and evidence.Open prove the rest.
func (d *Desk) AsSealed(ctx context.Context, l *Life, revision int) func(name, sum string) bool {
	seals := latestSeals(l.Acts)
	if l.Pending {
		return func(string, string) bool { return true }
	}
	whole := map[string]bool{}
	sums := map[string]string{}
	for r, seal := range seals {
		p, err := evidence.OpenKnown(ctx, d.Pack(l.Month, r))
		if err != nil {
			continue
		}
		if l.holds(p, seal) == "" {
			whole[filepath.Base(d.Pack(l.Month, r))] = true
			if r == revision {
				for _, e := range p.Manifest.Members {
					if name, ok := strings.CutPrefix(e.Name, fileFolder); ok {
						sums[name] = e.SHA256
					}
				}
				left := statementMember
				if p.Whole() != nil {
					left = totalsMember // what reducing left of it
				}
				if e := entryOf(&p.Manifest, left); e != nil {
					sums["statement-"+l.Month+".json"] = e.SHA256
				}
			}
		}
		p.Close()
	}
	working := seals[revision] == nil || revision == l.Revision && l.Sealed == nil
	return func(name, sum string) bool {
		if isPack(name) {
			return whole[strings.TrimSuffix(name, ".tst")]
		}
		sealed, ok := sums[name]
		return working || ok && sealed == sum || !ok && !isSealedFile(name)
	}
}

const annexFolder = "annex"

var (
	monthFolder    = lazyregexp.New(`^[0-9]{4}-[0-9]{2}`)
	revisionFolder = lazyregexp.New(`(?i)^revision-[0-9]+`)

	packName   = lazyregexp.New(`(?i)evidence-[0-9]{4}-[0-9]{2}.*\.(zip|tst)$`)
	sealedName = lazyregexp.New(`(?i)(usage-report|review|review-persons|statement|reseller)-[0-9]{4}-[0-9]{2}`)
)

func isPack(name string) bool       { return packName().MatchString(name) }
func isSealedFile(name string) bool { return sealedName().MatchString(name) && !isDraft(name) }

// isDraft says whether a file is a mail's draft, which is made anew from the
// sealed files whenever it is asked for.
func isDraft(name string) bool { return strings.EqualFold(filepath.Ext(name), ".eml") }

func isAnnex(name string) bool { return strings.EqualFold(filepath.Ext(name), ".xlsx") }

// strangeIn are the files of a folder that have a name of a kind and are not
// known.
func (d *Desk) strangeIn(dir string, known map[string]bool, kind func(string) bool) (out []string) {
	for _, name := range namesIn(dir) {
		path := filepath.Join(dir, name)
		if kind(name) && !known[path] && !sameAsKnown(path, known) {
			out = append(out, path)
		}
	}
	return out
}

// sameAsKnown says whether a path is a known one written with other letters, on
// a system that tells no case.
func sameAsKnown(path string, known map[string]bool) bool {
	info, err := os.Stat(path)
	for other := range known {
		if err == nil && strings.EqualFold(other, path) {
			if o, err := os.Stat(other); err == nil && os.SameFile(info, o) {
				return true
			}
		}
	}
	return false
}

// namesIn are the names in a folder, sorted, but for those that are hidden: this
// program's own halves, and the locks of spreadsheet programs.
func namesIn(dir string) (out []string) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(e.Name(), "~$") {
			out = append(out, e.Name())
		}
	}
	return out
}
