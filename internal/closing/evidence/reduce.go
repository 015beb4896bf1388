package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"splameter/internal/digest"
)

// The members of a reduced pack that prove the pack it was made of.
const (
	sealedManifest  = "sealed-manifest.json"
	sealedSignature = "sealed-manifest.sig"
)

// Reduction says that members were taken out of a pack, since the time for
// which names are kept is over. The manifest of the whole pack is among the
// members: it still has the digest of everything that was taken out.
type Reduction struct {
	Manifest string `json:"manifest"` // SHA-256 of the whole pack's
	Program  string `json:"program"`  // version that reduced it
}

// Reduce writes the pack without the members that keep refuses, and with some
// more. What it was stays provable: its manifest goes along.
func (p *Pack) Reduce(ctx context.Context, out io.Writer, keep func(name string) bool, more []Member, program string, key ed25519.PrivateKey) (string, error) {
	if p.Manifest.Reduced != nil {
		return "", fmt.Errorf("the pack of %s was reduced before", p.Manifest.Month)
	}
	members := slices.Clone(more)
	for _, e := range p.Manifest.Members {
		if !keep(e.Name) {
			continue
		}
		x, err := p.Member(e.Name)
		if err != nil {
			return "", err
		}
		members = append(members, x)
	}
	whole, err := p.Manifest.encode()
	if err != nil {
		return "", err
	}
	members = append(members, Member{Name: sealedManifest, Data: whole})
	if f := p.entries[signatureName]; f != nil {
		b, err := readMember(f, 1<<10)
		if err != nil {
			return "", err
		}
		members = append(members, Member{Name: sealedSignature, Data: b})
	}
	m := p.Manifest
	m.Replaces = append(slices.Clone(m.Replaces), p.Digest)
	m.Reduced = &Reduction{Manifest: p.Digest, Program: program}
	return Seal(ctx, out, m, members, key)
}

// checkReduced checks that a reduced pack's members are those of the pack that
// it was made of.
func (p *Pack) checkReduced() error {
	r := p.Manifest.Reduced
	if r == nil {
		return nil
	}
	b, err := p.Read(sealedManifest)
	if err != nil {
		return err
	}
	whole, err := decodeManifest(b)
	if err != nil || digest.Of(b) != r.Manifest {
		return errors.New("it was reduced, and the manifest in it is not that of the pack it was made of")
	}
	if err := p.checkKept(whole, b, sealedSignature); err != nil {
		return fmt.Errorf("it was reduced, and of the manifest of the pack that it was made of: %w", err)
	}
	if whole.Month != p.Manifest.Month || whole.Revision != p.Manifest.Revision || whole.Inputs != p.Manifest.Inputs || whole.State != p.Manifest.State {
		return errors.New("it was reduced, and the manifest in it is of another month")
	}
	// What reducing changes aside, it says what the whole pack said: what it
	// came to, what it follows and who made it are not for whoever reduces it.
	m := p.Manifest
	m.Format, m.SignedBy, m.ArchiveSigned, m.Members = whole.Format, whole.SignedBy, whole.ArchiveSigned, whole.Members
	m.Replaces, m.Reduced = whole.Replaces, nil
	if said, err := m.encode(); err != nil || !bytes.Equal(said, b) {
		return errors.New("it was reduced, and says otherwise than the pack it was made of what that came to, what it follows or by what it was made")
	}
	p.whole = whole
	var wrong []error
	for _, e := range whole.Members {
		if kept, ok := p.sizes[e.Name]; ok && kept != e {
			wrong = append(wrong, fmt.Errorf("the member %s is not what it was in the whole pack", e.Name))
		}
	}
	if n := len(p.Manifest.Replaces); n == 0 || p.Manifest.Replaces[n-1] != r.Manifest || !slices.Equal(p.Manifest.Replaces[:n-1], whole.Replaces) {
		return errors.New("it was reduced, and does not replace the pack it was made of")
	}
	return errors.Join(wrong...)
}

// OfReduction says whether a member is what reducing a pack put into it.
func OfReduction(name string) bool { return name == sealedManifest || name == sealedSignature }

// Whole is the manifest of the pack that a reduced one was made of; nil for one
// that was not reduced.
func (p *Pack) Whole() *Manifest { return p.whole }
