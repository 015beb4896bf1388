package closing

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/report"
)

// seal writes a revision's files, packs them with everything behind them, and
// keeps the seal beside the result. before is the life as the store has it,
// shown the one that the files are to show, next the act that stands for the
// seal.
//
// The order makes every interruption harmless: files and pack are put in place
// each as a whole, and only then does the store say that they are there.
// Until it does, the month is as it was, or the act is pending and is finished
// by whoever comes next.
func (d *Desk) seal(ctx context.Context, m month.Month, before, shown *Life, in *inputs, st *statement.Statement, next statement.Act, final bool) (*Result, error) {
	dir := d.Dir(shown.Month, shown.Revision)
	d.step("write files")
	replaced, err := d.replaced(ctx, shown.Month, shown.Revision)
	if err != nil {
		return nil, err
	}
	written, err := report.Write(ctx, dir, report.Input{Statement: st, Config: in.setup.Config, Register: in.setup.Register,
		Sales: in.setup.Sales, Earlier: in.earlier, Replaced: replaced, Template: in.setup.Template, Month: m, Workers: d.Workers})
	if err != nil {
		return nil, err
	}
	d.step("pack")
	members, err := d.members(shown, in, st, dir, written)
	if err != nil {
		return nil, err
	}
	manifest := evidence.Manifest{Month: shown.Month, Revision: shown.Revision, State: shown.onFiles(), Program: d.Version,
		Inputs: in.digest, Replaces: before.replaces()}
	if manifest.Previous, err = d.previous(ctx, m); err != nil {
		return nil, err
	}
	key, err := d.signKey()
	if err != nil {
		return nil, err
	}
	path := d.Pack(shown.Month, shown.Revision)
	var digest string
	err = atomicfile.Write(path, atomicfile.Normal, func(w io.Writer) error {
		digest, err = evidence.Seal(ctx, w, manifest, members, key)
		in.close() // it may be this file that takes its place: not every system replaces an open one
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("seal the evidence: %w", err)
	}
	d.step("check the pack")
	p, err := evidence.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("what was sealed cannot be read back: %w", err)
	}
	p.Close()
	next.Manifest, next.Inputs, next.Program = digest, in.digest, d.Version
	d.step("record")
	if err := d.Store.Record(ctx, []statement.Act{next}, st, final); err != nil {
		return nil, err
	}
	d.step("done")
	return &Result{Life: before.with(next), Statement: st, Written: written, Pack: path, Manifest: digest}, nil
}

// signKey is the key that packs are signed with; nil where none is configured.
func (d *Desk) signKey() (ed25519.PrivateKey, error) {
	c := d.Setup.Config.Evidence
	secret, err := c.SignKey.Open()
	if err != nil {
		return nil, fmt.Errorf("read the key to sign with: %w", err)
	}
	key, err := evidence.PrivateKey(secret)
	if err != nil {
		return nil, err
	}
	wanted, err := evidence.PublicKey(c.VerifyKey)
	if err == nil && wanted != "" && evidence.Signer(key) != wanted {
		err = errors.New("evidence.sign_key and evidence.verify_key in the config do not belong together: what one signs, the other would refuse")
	}
	return key, err
}

// members are everything that a pack holds.
func (d *Desk) members(l *Life, in *inputs, st *statement.Statement, dir string, written report.Written) ([]evidence.Member, error) {
	members := slices.Clone(in.members)
	for _, path := range written.Paths() {
		name := statementMember
		if path != written.Statement {
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return nil, err
			}
			name = fileFolder + filepath.ToSlash(rel)
		}
		x, err := evidence.FileMember(name, path)
		if err != nil {
			return nil, err
		}
		members = append(members, x)
	}
	counted, err := evidence.Spool("counted.json", func(w io.Writer) error { return writeCounted(w, st) })
	if err != nil {
		return nil, err
	}
	members = append(members, counted)
	for _, x := range []struct {
		name string
		v    any
	}{
		{"coverage.json", st.Coverage}, {"findings.json", st.Findings}, {"acts.json", l.Acts}, {optionsMember, l.decisions()},
	} {
		b, err := indented(x.v)
		if err != nil {
			return nil, err
		}
		members = append(members, evidence.Member{Name: x.name, Data: b})
	}
	for _, a := range l.attachments() {
		b, err := os.ReadFile(d.attached(l.Month, a))
		if err != nil || digest.Of(b) != a.SHA256 {
			return nil, fmt.Errorf("the attachment %s is not in the month's folder as it was handed in; put it back from a backup", a.Name)
		}
		members = append(members, evidence.Member{Name: attachFolder + stored(a), Data: b})
	}
	return members, nil
}

// previous is the latest seal of the latest month before m that has one.
func (d *Desk) previous(ctx context.Context, m month.Month) (*evidence.Link, error) {
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, err
	}
	var link *evidence.Link
	for i := range acts {
		if a := &acts[i]; a.Month < m.String() && a.Manifest != "" {
			link = &evidence.Link{Month: a.Month, Revision: a.Revision, Manifest: a.Manifest}
		}
	}
	return link, nil
}

// maxAttachment bounds what is sealed of a reseller's confirmation.
const maxAttachment = 64 << 20

// stored is what an attachment is called in the month's folder and the pack:
// its digest makes it unique, and of its own name only harmless letters stay.
func stored(a *statement.Attachment) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, a.Name)
	if len(name) > 80 {
		name = name[len(name)-80:]
	}
	return a.SHA256[:16] + "-" + strings.TrimRight(name, ".")
}

func (d *Desk) attached(m string, a *statement.Attachment) string {
	return filepath.Join(d.Setup.Config.Output, m, "attachments", stored(a))
}

// attach copies a file into the month's folder.
func (d *Desk) attach(m, path string) (*statement.Attachment, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the attachment: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxAttachment+1))
	if err == nil && len(b) > maxAttachment {
		err = errors.New("it is larger than 64 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("read the attachment %s: %w", path, err)
	}
	a := &statement.Attachment{Name: filepath.Base(path), SHA256: digest.Of(b), Size: int64(len(b))}
	err = atomicfile.WriteBytes(d.attached(m, a), atomicfile.Normal, b)
	if err != nil {
		return nil, fmt.Errorf("keep the attachment %s: %w", a.Name, err)
	}
	return a, nil
}
