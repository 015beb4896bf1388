package closing

import (
	"cmp"
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
	"splameter/internal/paths"
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
	manifest := evidence.Manifest{Month: shown.Month, Revision: shown.Revision, State: string(shown.onFiles()), Program: d.Version,
		Inputs: in.digest, Replaces: before.replaces(), Quantities: quantitiesDigest(st)}
	d.step("write files")
	replaced, err := d.replaced(ctx, shown.Month, shown.Revision)
	if err != nil {
		return nil, err
	}
	written, err := report.Write(ctx, dir, report.Input{Statement: st, Config: in.setup.Config, Register: in.setup.Register,
		Sales: in.setup.Sales, Earlier: in.earlier, Replaced: replaced, Anchor: manifest.Anchor(), Templates: in.setup.Templates, Acts: shown.Acts, Decisions: in.setup.Decisions, Month: m, Workers: d.Workers})
	if err != nil {
		return nil, err
	}
	d.step("pack")
	members, err := d.members(shown, in, st, dir, written)
	defer evidence.CloseAll(members)
	if err != nil {
		return nil, err
	}
	more, err := d.replacedStatement(replaced)
	if err != nil {
		return nil, err
	}
	carried, note, err := d.carried(ctx, before, in)
	if err != nil {
		return nil, err
	}
	members = slices.Concat(members, more, carried)
	if manifest.Previous, manifest.Others, err = d.previous(ctx, m); err != nil {
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
	p, err := evidence.OpenSealed(ctx, path, members)
	if err != nil {
		return nil, fmt.Errorf("what was sealed cannot be read back: %w", err)
	}
	p.Close()
	next.Manifest, next.Inputs, next.Program = digest, in.digest, d.Version
	d.step("record")
	result := st
	if before.reseals() { // what was submitted stays in the store as it is
		result, final = nil, false
	}
	if err := d.Store.Record(ctx, []statement.Act{next}, result, final); err != nil {
		return nil, err
	}
	d.step("done")
	return &Result{Life: before.with(next), Statement: st, Written: written, Pack: path, Manifest: digest, Note: note}, nil
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

// members are everything that a pack holds; also where an error comes back, those
// that are to be closed.
func (d *Desk) members(l *Life, in *inputs, st *statement.Statement, dir string, written report.Written) ([]evidence.Member, error) {
	members := slices.Clone(in.members)
	for _, path := range written.Paths() {
		name := statementMember
		if path != written.Statement {
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return nil, err
			}
			name = fileFolder + paths.Shown("", rel)
		}
		x, err := evidence.FileMember(name, path)
		if err != nil {
			return nil, err
		}
		members = append(members, x)
	}
	views, err := viewMembers(l, st)
	if err != nil {
		return nil, err
	}
	counted, err := evidence.Spool(d.Setup.Config.Output, countedMember, func(w io.Writer) error { return writeCounted(w, st) })
	if err != nil {
		return nil, err
	}
	members = append(append(members, counted), views...)
	for _, a := range l.attachments() {
		b, err := os.ReadFile(d.attached(l.Month, a))
		if err != nil || digest.Of(b) != a.SHA256 {
			return members, fmt.Errorf("the attachment %s is not in the month's folder as it was handed in; put it back from a backup", a.Name)
		}
		members = append(members, evidence.Member{Name: attachFolder + stored(a), Data: b})
	}
	return members, nil
}

// viewMembers are the members that show a statement and a life in parts, but for
// who was counted, which is large.
func viewMembers(l *Life, st *statement.Statement) ([]evidence.Member, error) {
	totals, err := statementJSON(st.Totals())
	if err != nil {
		return nil, err
	}
	members := []evidence.Member{{Name: totalsMember, Data: totals}}
	for _, x := range []struct {
		name string
		v    any
	}{
		{coverageMember, st.Coverage}, {findingsMember, st.Findings}, {actsMember, l.Acts}, {optionsMember, l.decisions()},
	} {
		b, err := indented(x.v)
		if err != nil {
			return nil, err
		}
		members = append(members, evidence.Member{Name: x.name, Data: b})
	}
	return members, nil
}

// quantitiesDigest is one digest of what a month came to: every quantity and
// amount of its lines, and of every tenant's.
func quantitiesDigest(st *statement.Statement) string {
	var b strings.Builder
	line := func(tenant string, l *statement.Line) {
		fmt.Fprintf(&b, "%q %q %q %d %d %q %q\n", tenant, l.Product, l.PartNumber, l.Quantity, l.Excluded, l.Amount, l.Currency)
	}
	for i := range st.Lines {
		line("", &st.Lines[i])
	}
	for i := range st.Tenants {
		for j := range st.Tenants[i].Lines {
			line(st.Tenants[i].ID, &st.Tenants[i].Lines[j])
		}
	}
	return digest.Of(b.String())
}

// carried are the manifests that the next seal of a revision carries: of the
// latest seal before it, and what that one carries. The note says why there are
// none where there should be some.
func (d *Desk) carried(ctx context.Context, before *Life, in *inputs) (members []evidence.Member, note string, err error) {
	replaces := before.replaces()
	if len(replaces) == 0 {
		return nil, "", nil
	}
	last := replaces[len(replaces)-1]
	p := in.pack
	revision := before.Revision
	for i := range before.Acts { // also one of a revision that was withdrawn
		if a := &before.Acts[i]; a.Manifest == last {
			revision = a.Revision
		}
	}
	path := d.Pack(before.Month, revision)
	if p == nil || p.Digest != last {
		if p, err = evidence.Open(ctx, path); err != nil || p.Digest != last {
			if p != nil {
				p.Close()
			}
			return nil, fmt.Sprintf("the evidence sealed before, %s, was not in its place any more: its manifest could not be taken along", last[:min(16, len(last))]), nil
		}
		defer p.Close()
	}
	members, err = p.Carry()
	return append(members, carriedStamp(path, p)...), "", err
}

// replacedStatement is the sealed statement of the revision before, as a member.
func (d *Desk) replacedStatement(st *statement.Statement) ([]evidence.Member, error) {
	if st == nil {
		return nil, nil
	}
	b, err := statementJSON(st)
	return []evidence.Member{{Name: replacedMember, Data: b}}, err
}

// previous is the latest seal of the latest month before m that has one, and
// others are those of all other revisions of months before m.
func (d *Desk) previous(ctx context.Context, m month.Month) (link *evidence.Link, others []evidence.Link, err error) {
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	from := m.Add(-anchored).String()
	for i := range acts {
		a := &acts[i]
		if a.Month >= m.String() || a.Month < from || a.Manifest == "" {
			continue
		}
		l := evidence.Link{Month: a.Month, Revision: a.Revision, Manifest: a.Manifest}
		at := slices.IndexFunc(others, func(o evidence.Link) bool { return o.Month == l.Month && o.Revision == l.Revision })
		if at < 0 {
			others = append(others, l)
		} else {
			others[at] = l
		}
		if link == nil || l.Month > link.Month || l.Month == link.Month && l.Revision >= link.Revision {
			link = &l
		}
	}
	slices.SortFunc(others, func(a, b evidence.Link) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), a.Revision-b.Revision)
	})
	if link != nil {
		others = slices.DeleteFunc(others, func(o evidence.Link) bool { return o == *link })
	}
	return link, others, nil
}

// anchored is how many months before it a month's evidence names.
const anchored = 48

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
	b, err := readAttachment(path)
	if err != nil {
		return nil, err
	}
	return d.attachData(m, filepath.Base(path), b)
}

// readAttachment reads a file that is to be kept.
func readAttachment(path string) ([]byte, error) {
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
	return b, nil
}

// attachData keeps a file in the month's folder.
func (d *Desk) attachData(m, name string, b []byte) (*statement.Attachment, error) {
	a := &statement.Attachment{Name: name, SHA256: digest.Of(b), Size: int64(len(b))}
	if err := atomicfile.WriteBytes(d.attached(m, a), atomicfile.Normal, b); err != nil {
		return nil, fmt.Errorf("keep the attachment %s: %w", a.Name, err)
	}
	return a, nil
}
