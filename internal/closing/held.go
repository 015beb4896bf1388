package closing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/statement"
)

// Held holds the months' files against the store: of every revision that was
// sealed the evidence must be there, and be the one whose digest the store
// has. With files, each of the month's files must also be as it was sealed, and
// the result that the store keeps must come to the same.
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
		if wrong := l.holds(p, seal); wrong != "" {
			out = append(out, path+" "+wrong)
		} else if files {
			if st, err := d.result(ctx, l.Month, revision); err != nil {
				out = append(out, err.Error())
			} else if wrong := likeSealed(p, st); wrong != "" {
				out = append(out, wrong)
			}
			out = append(out, d.changedFiles(p, l.Month, revision)...)
		}
		p.Close()
	}
	return out
}

// Unlike says where the result that the store keeps of a sealed revision is not what
// its evidence says that it came to; empty where it is, and of a revision without a
// seal. gone says that the evidence is not in its place, as at a site that shares the
// store and did not close the month. It is for what shows results: of the pack it
// reads the manifest, which the store has the digest of, and nothing else.
func (d *Desk) Unlike(ctx context.Context, l *Life, revision int, st *statement.Statement) (wrong string, gone bool) {
	seal := l.sealOf(revision)
	if seal == nil || l.Pending {
		return "", false // the store says itself that the files are behind
	}
	path := d.Pack(l.Month, revision)
	p, err := evidence.OpenKnown(ctx, path)
	if err != nil {
		return err.Error(), errors.Is(err, fs.ErrNotExist)
	}
	defer p.Close()
	if p.Digest != seal.Manifest && (p.Whole() == nil || p.Manifest.Reduced.Manifest != seal.Manifest || l.Retained == nil) {
		return path + " is not the evidence whose digest the store has; put it back from a backup", false
	}
	return likeSealed(p, st), false
}

// holds says what is wrong with a pack that should be a seal's: empty where it is
// that, or what retention left of it. Of a month's last revision the store has
// the digest of the reduced pack; an earlier one's is known by the manifest of the
// whole pack in it.
func (l *Life) holds(p *evidence.Pack, seal *statement.Act) string {
	switch {
	case p.Digest == seal.Manifest:
		return ""
	case p.Whole() == nil || p.Manifest.Reduced.Manifest != seal.Manifest:
		return "is whole, but is not the evidence whose digest the store has; put it back from a backup"
	case l.Retained == nil:
		return "holds no names any more, and the store does not say so: splameter retain goes on where it was interrupted, else put the file back from a backup"
	}
	if err := checkReduced(p); err != nil {
		return "does not hold: " + err.Error()
	}
	return ""
}

// changedFiles are the files in a revision's folder, and what was handed in with
// it, that are not as sealed.
func (d *Desk) changedFiles(p *evidence.Pack, m string, revision int) (out []string) {
	dir := d.Dir(m, revision)
	check := func(name, path string) {
		sum := ""
		b, err := evidence.ReadFile(path)
		if err == nil {
			sum = digest.Of(b)
		}
		switch e := entryOf(&p.Manifest, name); {
		case errors.Is(err, fs.ErrNotExist):
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
	for _, name := range p.Names(attachFolder) {
		check(name, filepath.Join(d.Dir(m, 0), "attachments", strings.TrimPrefix(name, attachFolder)))
	}
	if p.Has(statementMember) {
		check(statementMember, filepath.Join(dir, "statement-"+m+".json"))
	}
	return out
}

// Seal is the digest of the manifest that a revision was sealed with; empty where it
// was not.
func (l *Life) Seal(revision int) string {
	if seal := l.sealOf(revision); seal != nil {
		return seal.Manifest
	}
	return ""
}
