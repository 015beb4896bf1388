package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/digest"
)

// ReplacedFolder holds the manifests of the packs that a pack replaces, each
// under its digest, with its signature where it had one.
const ReplacedFolder = "replaced/"

// decodeManifest reads a manifest's only form.
func decodeManifest(b []byte) (*Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("it is not written as a seal writes it: it was changed")
	}
	return &m, nil
}

// Carry are the members that a pack must hold which replaces this one: its
// manifest and those that it carries itself.
func (p *Pack) Carry() ([]Member, error) {
	b, err := p.Manifest.encode()
	if err != nil {
		return nil, err
	}
	out := []Member{{Name: ReplacedFolder + p.Digest + ".json", Data: b}}
	if f := p.entries[signatureName]; f != nil {
		b, err := readMember(f, 1<<10)
		if err != nil {
			return nil, err
		}
		out = append(out, Member{Name: ReplacedFolder + p.Digest + ".sig", Data: b})
	}
	for _, name := range p.Names(ReplacedFolder) {
		b, err := p.Read(name)
		if err != nil {
			return nil, err
		}
		out = append(out, Member{Name: name, Data: b})
	}
	return out, nil
}

// ErrUnproved says that a step in a chain is not refuted, and not proved.
var ErrUnproved = errors.New("this step is not proved")

// HeldBy checks that the seal which another pack names is this pack, or one
// that this pack replaced by acts alone: then the pack carries that seal's
// manifest, was counted from the same inputs, and comes to the same quantities.
// That a pack says to replace another proves nothing by itself: anybody can
// write it. direct says that the pack is the very seal; else it must be
// counted again, since only then its own word on inputs and quantities holds.
func (p *Pack) HeldBy(l Link) (direct bool, err error) {
	m := &p.Manifest
	if l.Month != m.Month || l.Revision != m.Revision {
		return false, fmt.Errorf("revision %d of %s is not revision %d of %s", m.Revision, m.Month, l.Revision, l.Month)
	}
	if l.Manifest == p.Digest || p.whole != nil && l.Manifest == m.Reduced.Manifest {
		return true, nil
	}
	if !slices.Contains(m.Replaces, l.Manifest) {
		return false, fmt.Errorf("it is neither the seal %s nor one that replaced it", l.Manifest)
	}
	if p.whole != nil { // what it was made of replaced it: the whole pack carried the manifest, or none has it
		m = p.whole
	}
	old := p.replaced[l.Manifest]
	switch {
	case old == nil && m.Format == 1:
		return false, fmt.Errorf("it says that it replaces the seal %s, and the version that sealed it took no manifest along by which that could be followed: %w", l.Manifest, ErrUnproved)
	case old == nil:
		return false, fmt.Errorf("it says that it replaces the seal %s and does not carry its manifest: its own word proves nothing", l.Manifest)
	case old.Revision != m.Revision:
		return false, fmt.Errorf("the seal %s that it replaces is of another revision", l.Manifest)
	case old.Inputs != m.Inputs:
		return false, fmt.Errorf("it was counted from other facts, tables, rules or settings than the seal %s", l.Manifest)
	case old.Quantities == "":
		return false, fmt.Errorf("the seal %s was made by a version that kept no digest of its quantities: %w", l.Manifest, ErrUnproved)
	case old.Quantities != m.Quantities:
		return false, fmt.Errorf("it comes to other quantities or amounts than the seal %s", l.Manifest)
	}
	return false, nil
}

// Replaced is the manifest of a pack that this one replaces; nil where it does
// not carry it.
func (p *Pack) Replaced(sum string) *Manifest { return p.replaced[sum] }

// checkReplaced checks the manifests that the pack carries of those that it
// replaces: each is what its digest says, is of the same month, signed where it
// says so, and names before it exactly those that stand before it here.
func (p *Pack) checkReplaced() error {
	p.replaced = map[string]*Manifest{}
	beside := map[string]bool{} // signatures and time stamps
	for _, name := range p.Names(ReplacedFolder) {
		sum, ok := strings.CutSuffix(strings.TrimPrefix(name, ReplacedFolder), ".json")
		if !ok {
			beside[name] = true
			continue
		}
		at := slices.Index(p.Manifest.Replaces, sum)
		if at < 0 {
			return fmt.Errorf("it carries the manifest %s, which it does not say to replace", name)
		}
		b, err := p.Read(name)
		if err != nil {
			return err
		}
		if digest.Of(b) != sum {
			return fmt.Errorf("the manifest %s that it carries has another digest", name)
		}
		m, err := decodeManifest(b)
		if err != nil {
			return fmt.Errorf("the manifest %s that it carries: %w", name, err)
		}
		if m.Month != p.Manifest.Month || m.Revision > p.Manifest.Revision {
			return fmt.Errorf("the manifest %s that it carries is of another month", name)
		}
		if !slices.Equal(m.Replaces, p.Manifest.Replaces[:at]) {
			return fmt.Errorf("the manifest %s that it carries does not replace those that stand before it", name)
		}
		sig := ReplacedFolder + sum + ".sig"
		if err := p.checkKept(m, b, sig); err != nil {
			return fmt.Errorf("the manifest %s that it carries: %w", name, err)
		}
		p.replaced[sum] = m
	}
	for name := range beside {
		of := strings.TrimPrefix(name, ReplacedFolder)
		sum, signature := strings.CutSuffix(of, ".sig")
		if !signature {
			sum = strings.TrimSuffix(of, ".tst")
		}
		if sum == of || p.replaced[sum] == nil {
			return fmt.Errorf("it has %s, which belongs to no manifest that it carries", name)
		}
	}
	return nil
}

// checkKept checks the signature that was kept of a manifest in another pack.
func (p *Pack) checkKept(m *Manifest, text []byte, member string) error {
	if m.SignedBy == "" {
		if p.Has(member) {
			return errors.New("it has a signature, and names no signer: it was added")
		}
		return nil
	}
	if !p.Has(member) {
		return errors.New("its signature was taken away")
	}
	sig, err := p.Read(member)
	if err != nil {
		return err
	}
	return verifySignature(m.SignedBy, text, sig)
}
