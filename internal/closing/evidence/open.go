package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"splameter/internal/digest"
)

// Pack is an open pack whose every byte was checked.
type Pack struct {
	Manifest Manifest
	Digest   string // of the manifest
	Signed   bool   // with the key that the manifest names

	file    io.Closer
	entries map[string]*zip.File
	sizes   map[string]Entry
}

// Close ends the use of the pack.
func (p *Pack) Close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// Open opens a pack and checks everything that it can prove by itself: that
// the archive is whole and as it was written, that its members are exactly
// those of the manifest, and the signature where the manifest names a signer.
// It needs nothing but the file, and writes nothing.
func Open(ctx context.Context, path string) (*Pack, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the evidence: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	var p *Pack
	if err == nil {
		p, err = Read(ctx, f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("the evidence %s does not hold: %w", path, err)
	}
	p.file = f
	return p, nil
}

// Read is Open for what is already open.
func Read(ctx context.Context, r io.ReaderAt, size int64) (*Pack, error) {
	manifest, err := checkArchive(ctx, r, size)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("the archive cannot be read: %w", err)
	}
	p := &Pack{entries: map[string]*zip.File{}, sizes: map[string]Entry{}}
	if len(z.File) > maxMembers+2 {
		return nil, fmt.Errorf("it has %d members, more than a pack can have", len(z.File))
	}
	folded := map[string]bool{}
	var total uint64
	for _, f := range z.File {
		if err := checkName(f.Name); err != nil {
			return nil, err
		}
		key := strings.ToLower(f.Name)
		if folded[key] {
			return nil, fmt.Errorf("the member %s is there twice", f.Name)
		}
		folded[key] = true
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxPack || total > 64<<20+300*uint64(size) {
			return nil, errors.New("its members unfold to far more than a pack holds")
		}
		p.entries[f.Name] = f
	}
	if err := p.readManifest(manifest); err != nil {
		return nil, err
	}
	if err := p.checkMembers(ctx); err != nil {
		return nil, err
	}
	return p, p.checkReduced()
}

// checkArchive checks the bytes of the archive against its comment, and
// returns the manifest's digest from there.
func checkArchive(ctx context.Context, r io.ReaderAt, size int64) (string, error) {
	end := size - endSize - int64(commentSize)
	if size > maxPack || end < 0 {
		return "", errors.New("its size is none of a pack: it was cut off, or is something else")
	}
	tail := make([]byte, size-end)
	if _, err := r.ReadAt(tail, end); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	le := binary.LittleEndian
	comment := string(tail[endSize:])
	if le.Uint32(tail) != 0x06054b50 || le.Uint32(tail[4:]) != 0 || le.Uint16(tail[8:]) != le.Uint16(tail[10:]) ||
		int64(le.Uint32(tail[12:]))+int64(le.Uint32(tail[16:])) != end || int(le.Uint16(tail[20:])) != commentSize ||
		!strings.HasPrefix(comment, commentHead) || comment[len(commentHead)+64:len(commentHead)+64+len(commentMiddle)] != commentMiddle {
		return "", errors.New("the archive does not end as a seal ends it: it was cut off, or packed anew")
	}
	manifest, archive := comment[len(commentHead):len(commentHead)+64], comment[commentSize-64:]
	sum := digest.New()
	buf := make([]byte, 1<<16)
	for at := int64(0); at < end; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		b := buf[:min(int64(len(buf)), end-at)]
		if _, err := r.ReadAt(b, at); err != nil {
			return "", fmt.Errorf("it cannot be read: %w", err)
		}
		sum.Write(b)
	}
	if sum.Hex() != archive {
		return "", errors.New("the archive was changed after it was sealed: its bytes have another digest")
	}
	return manifest, nil
}

// readManifest reads the manifest and checks its digest and signature.
func (p *Pack) readManifest(want string) error {
	f := p.entries[manifestName]
	if f == nil {
		return errors.New("it has no manifest")
	}
	b, err := readMember(f, maxManifest)
	if err != nil {
		return err
	}
	if p.Digest = digest.Of(b); p.Digest != want {
		return errors.New("the manifest was changed: its digest is another than the seal's")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p.Manifest); err != nil {
		return fmt.Errorf("the manifest cannot be read: %w", err)
	}
	if p.Manifest.Format != Format {
		return fmt.Errorf("it has format %d, and this program knows format %d; use a newer splameter", p.Manifest.Format, Format)
	}
	if again, err := p.Manifest.encode(); err != nil || !bytes.Equal(again, b) {
		return errors.New("the manifest is not written as a seal writes it: it was changed")
	}
	return p.checkSignature(b)
}

func (p *Pack) checkSignature(manifest []byte) error {
	f := p.entries[signatureName]
	switch {
	case f == nil && p.Manifest.SignedBy == "":
		return nil
	case f == nil:
		return errors.New("its signature was taken away: the manifest says that it was signed")
	case p.Manifest.SignedBy == "":
		return errors.New("it has a signature, and the manifest names no signer: it was added")
	}
	b, err := readMember(f, 1<<10)
	if err != nil {
		return err
	}
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(string(b), "\n"))
	key, err2 := base64.StdEncoding.DecodeString(p.Manifest.SignedBy)
	if err != nil || err2 != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, manifest, sig) {
		return errors.New("its signature is not one of the manifest by the key that it names")
	}
	p.Signed = true
	return nil
}

// checkMembers checks that the members are those of the manifest, each
// unchanged. It tells all that is wrong.
func (p *Pack) checkMembers(ctx context.Context) error {
	var wrong []error
	add := func(format string, args ...any) {
		if len(wrong) < 20 {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	last := ""
	for _, e := range p.Manifest.Members {
		if e.Name <= last {
			return errors.New("the manifest's members are not in order: it was changed")
		}
		last = e.Name
		p.sizes[e.Name] = e
		f := p.entries[e.Name]
		if f == nil {
			add("the member %s is missing", e.Name)
			continue
		}
		sum, n, err := digestMember(ctx, f, e.Size)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			add("the member %s is damaged: %w", e.Name, err)
		case n != e.Size || sum != e.SHA256:
			add("the member %s was changed", e.Name)
		}
	}
	for name := range p.entries {
		if _, ok := p.sizes[name]; !ok && name != manifestName && name != signatureName {
			add("the member %s was added: the manifest does not have it", name)
		}
	}
	return errors.Join(wrong...)
}

func digestMember(ctx context.Context, f *zip.File, size int64) (string, int64, error) {
	r, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	sum := digest.New()
	n := int64(0)
	for n <= size { // one byte too many is enough to know
		if err := ctx.Err(); err != nil {
			return "", n, err
		}
		k, err := io.CopyN(sum, r, min(1<<20, size+1-n))
		n += k
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", n, err
		}
	}
	return sum.Hex(), n, nil
}

func readMember(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("the member %s cannot be read: %w", f.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the member %s cannot be read: %w", f.Name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("the member %s is larger than %d bytes", f.Name, limit)
	}
	return b, nil
}

// Has says whether the pack has a member.
func (p *Pack) Has(name string) bool {
	_, ok := p.sizes[name]
	return ok
}

// Names are the members beneath a folder such as inputs/, sorted; all where
// it is empty.
func (p *Pack) Names(folder string) []string {
	var out []string
	for _, e := range p.Manifest.Members {
		if strings.HasPrefix(e.Name, folder) {
			out = append(out, e.Name)
		}
	}
	return out
}

// Read returns one member. It is checked again, since the file may have
// changed under the open pack.
func (p *Pack) Read(name string) ([]byte, error) {
	e, ok := p.sizes[name]
	if !ok {
		return nil, fmt.Errorf("the pack of %s has no %s", p.Manifest.Month, name)
	}
	b, err := readMember(p.entries[name], e.Size)
	if err == nil && digest.Of(b) != e.SHA256 {
		err = fmt.Errorf("the member %s was changed", name)
	}
	return b, err
}

// CheckChain checks that p follows before: that the seal which its manifest
// names is before's own, or one that before replaced.
func (p *Pack) CheckChain(before *Pack) error {
	l := p.Manifest.Previous
	if l == nil {
		return fmt.Errorf("the pack of %s starts the chain and follows nothing", p.Manifest.Month)
	}
	m := &before.Manifest
	if l.Month != m.Month {
		return fmt.Errorf("the pack of %s follows %s, not %s", p.Manifest.Month, l.Month, m.Month)
	}
	if l.Manifest == before.Digest {
		return nil
	}
	for _, old := range m.Replaces {
		if old == l.Manifest {
			return nil
		}
	}
	return fmt.Errorf("the chain is broken: the pack of %s follows a seal of %s that is neither the one given nor one that it replaced", p.Manifest.Month, m.Month)
}
