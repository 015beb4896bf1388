package evidence

import (
	"archive/zip"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"splameter/internal/digest"
)

// The archive's comment: it holds the manifest's digest, and the digest of
// every byte of the archive before its end record.
const (
	commentHead   = "splameter evidence 1 manifest "
	commentMiddle = " archive "
	commentSize   = len(commentHead) + 64 + len(commentMiddle) + 64

	// Behind it, in a pack that is signed, stands the signature of archiveText.
	commentSignature = " signature "
	signatureSize    = 88 // 64 bytes in base64
	signedSize       = commentSize + len(commentSignature) + signatureSize
)

// archiveText is what the signature of an archive signs: it is of no use for
// another manifest, and none of a manifest is of use for it.
func archiveText(manifest, archive string) []byte {
	return []byte("splameter evidence archive " + archive + " of the manifest " + manifest + "\n")
}

// sealedAt is the time of every member: equal input gives equal bytes.
func sealedAt() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// Seal writes a pack and returns its manifest's digest. The manifest's format,
// members and signer are filled in; key may be nil.
func Seal(ctx context.Context, out io.Writer, m Manifest, members []Member, key ed25519.PrivateKey) (string, error) {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	m.Format, m.Members, m.SignedBy, m.ArchiveSigned = Format, nil, Signer(key), key != nil
	total := int64(0)
	seen := map[string]bool{oneName(manifestName): true, oneName(signatureName): true}
	for _, x := range members {
		if err := checkName(x.Name); err != nil {
			return "", fmt.Errorf("seal %s: %w", m.Month, err)
		}
		if seen[oneName(x.Name)] {
			return "", fmt.Errorf("seal %s: two members are called %s", m.Month, x.Name)
		}
		seen[oneName(x.Name)] = true
		total += x.Size()
		m.Members = append(m.Members, Entry{x.Name, x.Size(), x.Digest()})
	}
	if total > maxPack || len(members) > maxMembers {
		return "", fmt.Errorf("seal %s: its %d files come to %d bytes, which is more than one archive holds", m.Month, len(members), total)
	}
	manifest, err := m.encode()
	if err != nil {
		return "", err
	}
	head := []Member{{Name: manifestName, Data: manifest}}
	if key != nil {
		head = append(head, Member{Name: signatureName, Data: []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(key, manifest)) + "\n")})
	}
	w := &endless{out: out, sum: digest.New()}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, press)
	for _, x := range append(head, members...) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := pack(z, &x); err != nil {
			return "", fmt.Errorf("seal %s: %w", m.Month, err)
		}
	}
	digest := digest.Of(manifest)
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("seal %s: %w", m.Month, err)
	}
	if err := w.finish(digest, key); err != nil {
		return "", fmt.Errorf("seal %s: %w", m.Month, err)
	}
	return digest, nil
}

// pack writes a member into an archive.
func pack(z *zip.Writer, x *Member) error {
	h := zip.FileHeader{Name: x.Name, Method: zip.Deflate, Modified: sealedAt()}
	if strings.HasSuffix(x.Name, ".xlsx") || x.Size() < 64 {
		h.Method = zip.Store // pressed already
	}
	if x.pressed != nil && h.Method == zip.Deflate && x.size < math.MaxUint32 {
		return packPressed(z, &h, x)
	}
	f, err := z.CreateHeader(&h)
	if err != nil {
		return err
	}
	r, err := x.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(f, r)
	return err
}

// packPressed writes a member that is pressed already: the same bytes as pack. The
// archive takes such a header as it is, so one that is thrown away fills it in.
func packPressed(z *zip.Writer, h *zip.FileHeader, x *Member) error {
	if _, err := zip.NewWriter(io.Discard).CreateHeader(h); err != nil {
		return err
	}
	h.CRC32, h.CompressedSize64, h.UncompressedSize64 = x.crc, uint64(x.pressed.size), uint64(x.size)
	f, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, x.pressed.reader())
	return err
}

// endSize is the size of an archive's end record without its comment.
const endSize = 22

// endless holds the last bytes of an archive back, so that the comment can
// say what was before them.
type endless struct {
	out  io.Writer
	sum  digest.Sum
	tail []byte
}

func (e *endless) Write(b []byte) (int, error) {
	e.tail = append(e.tail, b...)
	if n := len(e.tail) - endSize; n > 0 {
		e.sum.Write(e.tail[:n])
		if _, err := e.out.Write(e.tail[:n]); err != nil {
			return 0, err
		}
		e.tail = append(e.tail[:0], e.tail[n:]...)
	}
	return len(b), nil
}

// finish writes the end record with the comment.
func (e *endless) finish(manifest string, key ed25519.PrivateKey) error {
	archive := e.sum.Hex()
	comment := commentHead + manifest + commentMiddle + archive
	if key != nil {
		comment += commentSignature + base64.StdEncoding.EncodeToString(ed25519.Sign(key, archiveText(manifest, archive)))
	}
	e.tail[20], e.tail[21] = byte(len(comment)), byte(len(comment)>>8)
	_, err := e.out.Write(append(e.tail, comment...))
	return err
}
