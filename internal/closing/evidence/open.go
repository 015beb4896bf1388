package evidence

import (
	"archive/zip"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

	replaced map[string]*Manifest // by digest: those that it carries
	whole    *Manifest            // of the pack that this one was reduced from
}

// Close ends the use of the pack.
func (p *Pack) Close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// OpenKnown opens a pack whose manifest's digest is known from elsewhere. What
// is read of it is checked against that manifest, byte by byte; what is not
// read is not looked at. Open proves the whole of a pack, and takes as long as
// reading all of it.
func OpenKnown(ctx context.Context, path string) (*Pack, error) {
	return openFile(ctx, path, false, nil)
}

// Open opens a pack and checks everything that it can prove by itself: that
// the archive is whole and as it was written, that its members are exactly
// those of the manifest, and the signature where the manifest names a signer.
// It needs nothing but the file, and writes nothing.
func Open(ctx context.Context, path string) (*Pack, error) { return openFile(ctx, path, true, nil) }

// OpenSealed is Open for what these members were sealed into just now. One that was
// read to its end since it was pressed is not unfolded again where the file has it
// in the same pressed bytes: what they unfold to is known.
func OpenSealed(ctx context.Context, path string, members []Member) (*Pack, error) {
	known := map[string]*Member{}
	for i := range members {
		if x := &members[i]; x.pressed != nil && x.pressed.proved {
			known[x.Name] = x
		}
	}
	return openFile(ctx, path, true, known)
}

func openFile(ctx context.Context, path string, whole bool, known map[string]*Member) (*Pack, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	p, err := readPack(ctx, f, size, whole, known)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("the evidence %s does not hold: %w", path, err)
	}
	p.file = f
	return p, nil
}

// Read is Open for what is already open.
func Read(ctx context.Context, r io.ReaderAt, size int64) (*Pack, error) {
	return readPack(ctx, r, size, true, nil)
}

func readPack(ctx context.Context, r io.ReaderAt, size int64, whole bool, known map[string]*Member) (*Pack, error) {
	record, end, err := readEnding(r, size)
	if err == nil && whole {
		err = checkArchive(ctx, r, record, end)
	}
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("the archive cannot be read: %w", err)
	}
	p := &Pack{entries: map[string]*zip.File{}, sizes: map[string]Entry{}}
	folded := map[string]bool{}
	var total uint64
	for _, f := range z.File {
		if err := checkName(f.Name); err != nil {
			return nil, err
		}
		key := oneName(f.Name)
		if folded[key] {
			return nil, fmt.Errorf("the member %s is there twice", f.Name)
		}
		folded[key] = true
		if total += f.UncompressedSize64; total > 64<<20+300*uint64(size) {
			return nil, errors.New("its members unfold to far more than a pack holds")
		}
		p.entries[f.Name] = f
	}
	if err := p.readManifest(end); err != nil {
		return nil, err
	}
	if err := p.checkMembers(ctx, whole, known); err != nil {
		return nil, err
	}
	if err := p.checkReduced(); err != nil {
		return nil, err
	}
	return p, p.checkReplaced()
}

// ending is what the end of an archive says of it.
type ending struct {
	manifest, archive string // digests
	signature         string // of archiveText; empty where there is none
	at                int64  // where the end record begins
}

// readEnding reads the end record and the comment, and what both say. A comment
// with a signature is longer.
func readEnding(r io.ReaderAt, size int64) (record []byte, e ending, err error) {
	le := binary.LittleEndian
	for _, length := range []int{commentSize, signedSize} {
		end := size - endSize - int64(length)
		if size > maxPack || end < 0 {
			return nil, e, errors.New("its size is none of a pack: it was cut off, or is something else")
		}
		tail := make([]byte, size-end)
		if _, err := r.ReadAt(tail, end); err != nil && !errors.Is(err, io.EOF) {
			return nil, e, err
		}
		if le.Uint32(tail) != 0x06054b50 || le.Uint32(tail[4:]) != 0 || le.Uint16(tail[8:]) != le.Uint16(tail[10:]) ||
			int64(le.Uint32(tail[12:]))+int64(le.Uint32(tail[16:])) != end || int(le.Uint16(tail[20:])) != length {
			continue
		}
		c := string(tail[endSize:])
		var ok bool
		if c, ok = strings.CutPrefix(c, commentHead); !ok {
			continue
		}
		e.manifest, c = c[:64], c[64:]
		if c, ok = strings.CutPrefix(c, commentMiddle); !ok {
			continue
		}
		e.archive, c = c[:64], c[64:]
		if e.signature, ok = strings.CutPrefix(c, commentSignature); !ok && c != "" {
			continue
		}
		e.at = end
		return tail[:endSize], e, nil
	}
	return nil, e, errors.New("the archive does not end as a seal ends it: it was cut off, or packed anew")
}

// checkArchive checks the bytes of the archive against its end.
func checkArchive(ctx context.Context, r io.ReaderAt, record []byte, e ending) error {
	sum := digest.New()
	buf := make([]byte, 1<<16)
	for at := int64(0); at < e.at; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(int64(len(buf)), e.at-at)]
		if _, err := r.ReadAt(b, at); err != nil {
			return fmt.Errorf("it cannot be read: %w", err)
		}
		sum.Write(b)
	}
	if sum.Hex() != e.archive {
		return errors.New("the archive was changed after it was sealed: its bytes have another digest")
	}
	return checkStructure(r, record)
}

// readManifest reads the manifest and checks its digest and signature.
func (p *Pack) readManifest(want ending) error {
	f := p.entries[manifestName]
	if f == nil {
		return errors.New("it has no manifest")
	}
	b, err := readMember(f, maxManifest)
	if err != nil {
		return err
	}
	if p.Digest = digest.Of(b); p.Digest != want.manifest {
		return errors.New("the manifest was changed: its digest is another than the seal's")
	}
	var of struct{ Format int } // a later one may hold what this program does not know
	if json.Unmarshal(b, &of) == nil && (of.Format < 1 || of.Format > Format) {
		return fmt.Errorf("it has format %d, and this program knows formats up to %d; use a newer splameter", of.Format, Format)
	}
	m, err := decodeManifest(b)
	if err != nil {
		return fmt.Errorf("the manifest: %w", err)
	}
	p.Manifest = *m
	return errors.Join(p.checkSignature(b), p.checkArchiveSignature(want))
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
	if err := verifySignature(p.Manifest.SignedBy, manifest, b); err != nil {
		return err
	}
	p.Signed = true
	return nil
}

// checkArchiveSignature checks the signature of the archive itself: that of the
// manifest holds the members, and not how they are put together.
func (p *Pack) checkArchiveSignature(e ending) error {
	switch {
	case e.signature == "" && !p.Manifest.ArchiveSigned:
		return nil
	case e.signature == "":
		return errors.New("the signature of its archive was taken away: the manifest says that it was signed")
	case !p.Manifest.ArchiveSigned:
		return errors.New("it has a signature of its archive, and the manifest knows of none: it was added")
	}
	if verifySignature(p.Manifest.SignedBy, archiveText(e.manifest, e.archive), []byte(e.signature)) != nil {
		return errors.New("the signature of its archive is not one by the key that the manifest names: it was packed anew")
	}
	return nil
}

// verifySignature checks a signature in the form of manifest.sig.
func verifySignature(signer string, text, sig []byte) error {
	strict := base64.StdEncoding.Strict() // of a signature there is one form
	s, err := strict.DecodeString(strings.TrimSuffix(string(sig), "\n"))
	key, err2 := strict.DecodeString(signer)
	if err != nil || err2 != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, text, s) {
		return errors.New("its signature is not one of the manifest by the key that it names")
	}
	return nil
}

// checkMembers checks that the members are those of the manifest, and with whole
// that each is unchanged. It tells all that is wrong.
func (p *Pack) checkMembers(ctx context.Context, whole bool, known map[string]*Member) error {
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
		if !whole || known[e.Name].is(f, e) {
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

// is says whether an archive has a member in the bytes that it was pressed to, and a
// manifest says of it what it is.
func (m *Member) is(f *zip.File, e Entry) bool {
	if m == nil || e.Size != m.size || e.SHA256 != m.digest || f.Method != zip.Deflate || f.CRC32 != m.crc {
		return false
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return false
	}
	sum, err := digest.Reader(raw)
	return err == nil && sum == m.pressed.sum
}

func digestMember(ctx context.Context, f *zip.File, size int64) (string, int64, error) {
	r, err := open(f)
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
	r, err := open(f)
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
	if err != nil {
		return nil, err
	}
	if digest.Of(b) != e.SHA256 {
		return nil, fmt.Errorf("the member %s was changed", name)
	}
	return b, nil
}
