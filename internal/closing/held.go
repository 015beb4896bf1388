package closing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
)

// Held holds the months' files against the store: of every revision that was
// sealed the evidence must be there, and be the one whose digest the store
// has. With files, each of the month's files must also be as it was sealed.
// What comes back says what is not; nothing of that is used anywhere.
func (d *Desk) Held(ctx context.Context, l *Life, files bool) []string {
	var out []string
	if l.Pending {
		return nil // the store says itself that the files are behind
	}
	for revision := 0; revision <= l.Revision; revision++ {
		seal := l.sealOf(revision)
		if seal == nil {
			continue
		}
		path := d.Pack(l.Month, revision)
		if !files {
			got, err := evidence.Claimed(path)
			if err != nil {
				out = append(out, err.Error())
				continue
			}
			if got == seal.Manifest {
				continue
			}
			if l.Retained == nil {
				out = append(out, fmt.Sprintf("%s is not the evidence whose digest the store has", path))
				continue
			}
			// What names were taken out of is known by the whole pack's manifest
			// in it, and that must be read.
		}
		p, err := evidence.Open(ctx, path)
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		reduced := p.Whole() != nil && p.Manifest.Reduced.Manifest == seal.Manifest
		switch {
		case p.Digest != seal.Manifest && !reduced:
			out = append(out, fmt.Sprintf("%s is whole, but is not the evidence whose digest the store has", path))
		case reduced && l.Retained == nil:
			out = append(out, fmt.Sprintf("names were taken out of %s, and the store does not say so: splameter retain goes on where it was interrupted, else put the file back from a backup", path))
		case reduced && checkReduced(p) != nil:
			out = append(out, fmt.Sprintf("%s: %v", path, checkReduced(p)))
		case files:
			out = append(out, d.changedFiles(p, l.Month, revision)...)
		}
		p.Close()
	}
	return out
}

// changedFiles are the files in a revision's folder that are not as sealed.
func (d *Desk) changedFiles(p *evidence.Pack, m string, revision int) (out []string) {
	dir := d.Dir(m, revision)
	check := func(name, path string) {
		sum := ""
		b, err := os.ReadFile(path)
		if err == nil {
			sum = digest.Of(b)
		}
		switch e := entryOf(&p.Manifest, name); {
		case errors.Is(err, os.ErrNotExist):
			out = append(out, path+" is gone; it is in the evidence as it was sealed")
		case err != nil:
			out = append(out, err.Error())
		case sum != e.SHA256:
			out = append(out, path+" was changed after it was sealed; it is in the evidence as it was")
		}
	}
	for _, name := range p.Names(fileFolder) {
		check(name, filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, fileFolder))))
	}
	if p.Has(statementMember) {
		check(statementMember, filepath.Join(dir, "statement-"+m+".json"))
	}
	return out
}
