package evidence

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io/fs"
	"strings"
	"testing"

	"splameter/internal/digest"
)

// assemble packs members by a forger's own hand, with an archive digest that
// fits.
func assemble(t *testing.T, manifest string, fill func(z *zip.Writer, w *endless)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := &endless{out: &b, sum: digest.New()}
	z := zip.NewWriter(w)
	fill(z, w)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.finish(manifest, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// raw adds a member whose header is the forger's.
func raw(t *testing.T, z *zip.Writer, h zip.FileHeader, data, behind []byte) {
	t.Helper()
	var packed bytes.Buffer
	f, _ := flate.NewWriter(&packed, 5)
	f.Write(data)
	f.Close()
	packed.Write(behind)
	h.Method, h.CRC32, h.UncompressedSize64, h.CompressedSize64 = zip.Deflate, crc32.ChecksumIEEE(data), uint64(len(data)), uint64(packed.Len())
	w, err := z.CreateRaw(&h)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed.Bytes())
}

// An archive that says two things, of which one program reads the one and
// another the other, or that has room for what nobody lists, is refused though
// its digest fits and every member is as the manifest has it.
func TestStructure(t *testing.T) {
	b, sealed := sample(t, nil)
	whole := unpack(t, b)
	all := func(z *zip.Writer, change func(i int, h *zip.FileHeader) []byte) {
		for i, m := range whole {
			h := zip.FileHeader{Name: m.Name}
			behind := change(i, &h)
			raw(t, z, h, m.Data, behind)
		}
	}
	none := func(int, *zip.FileHeader) []byte { return nil }
	plain := assemble(t, sealed, func(z *zip.Writer, _ *endless) { all(z, none) })
	if _, err := read(plain); err != nil {
		t.Fatalf("the forger's own archive of the unchanged members is refused for another reason: %v", err)
	}
	for what, forged := range map[string][]byte{
		"a comment": assemble(t, sealed, func(z *zip.Writer, _ *endless) {
			all(z, func(i int, h *zip.FileHeader) []byte { h.Comment = strings.Repeat("x", i); return nil })
		}),
		"a mode": assemble(t, sealed, func(z *zip.Writer, _ *endless) {
			all(z, func(i int, h *zip.FileHeader) []byte { h.SetMode(fs.ModeSymlink | 0o777); return nil })
		}),
		"another time": assemble(t, sealed, func(z *zip.Writer, _ *endless) {
			all(z, func(i int, h *zip.FileHeader) []byte {
				h.Extra = []byte{0x55, 0x54, 5, 0, 1, 1, 2, 3, 4}
				return nil
			})
		}),
		"bytes behind a member's end": assemble(t, sealed, func(z *zip.Writer, _ *endless) {
			all(z, func(i int, h *zip.FileHeader) []byte { return bytes.Repeat([]byte("x"), i) })
		}),
		"bytes before the first member": assemble(t, sealed, func(z *zip.Writer, w *endless) {
			w.Write([]byte("#!/bin/sh\n"))
			z.SetOffset(10)
			all(z, none)
		}),
		"a member that is not listed": assemble(t, sealed, func(z *zip.Writer, w *endless) {
			var hidden bytes.Buffer
			other := zip.NewWriter(&hidden)
			raw(t, other, zip.FileHeader{Name: "statement.json"}, []byte(`{"quantity":1}`), nil)
			other.Flush()
			w.Write(hidden.Bytes())
			z.SetOffset(int64(hidden.Len()))
			all(z, none)
		}),
	} {
		words := map[string]string{"a comment": "has a comment", "a mode": "has a mode", "another time": "more is said",
			"bytes behind a member's end": "behind its end", "bytes before the first member": "does not list", "a member that is not listed": "does not list"}[what]
		if _, err := read(forged); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A local header that calls a member otherwise than the directory.
	for _, m := range whole {
		i := bytes.Index(plain, []byte(m.Name))
		c := bytes.Clone(plain)
		c[i] ^= 0x20
		if _, err := read(resum(c)); err == nil || !strings.Contains(err.Error(), "calls itself otherwise") {
			t.Errorf("%s has another name in its own header: %v", m.Name, err)
		}
	}
	// One that says another digest or size of a member.
	for _, m := range whole {
		for _, field := range []int{14, 18, 22} { // CRC, packed, unpacked
			c := bytes.Clone(plain)
			c[bytes.Index(c, []byte(m.Name))-localSize+field] ^= 1
			if _, err := read(resum(c)); err == nil || !strings.Contains(err.Error(), "another size than the directory") {
				t.Errorf("%s has another size in its own header, at %d: %v", m.Name, field, err)
			}
		}
	}
	// A local header that says more of a member than the directory, or otherwise.
	stamped := assemble(t, sealed, func(z *zip.Writer, _ *endless) {
		all(z, func(i int, h *zip.FileHeader) []byte { h.Extra = bytes.Clone(stamp); return nil })
	})
	if _, err := read(stamped); err != nil {
		t.Fatalf("the archive with times as a seal writes them: %v", err)
	}
	for _, m := range whole {
		c := bytes.Clone(stamped)
		c[bytes.Index(c, []byte(m.Name))+len(m.Name)+5] ^= 1
		if _, err := read(resum(c)); err == nil || !strings.Contains(err.Error(), "more is said than its name and size") {
			t.Errorf("%s has another time in its own header: %v", m.Name, err)
		}
	}
	// What cannot be an archive of ours, by its size.
	for _, short := range [][]byte{nil, []byte("PK"), plain[:commentSize]} {
		if _, err := read(short); err == nil || !strings.Contains(err.Error(), "its size is none of a pack") {
			t.Errorf("%d bytes: %v", len(short), err)
		}
	}
	// Two directories: the one at the end counts, and nothing may stand before it.
	at := bytes.Index(plain, []byte("PK\x01\x02"))
	end := len(plain) - endSize - commentSize
	two := append(bytes.Clone(plain[:end]), plain[at:]...)
	off := len(two) - endSize - commentSize
	le := func(b []byte, v int) { b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24) }
	le(two[off+16:], end)
	if _, err := read(resum(two)); err == nil || !strings.Contains(err.Error(), "packed anew") {
		t.Errorf("two directories: %v", err)
	}
}

// resum gives an archive without a signature the digest that fits.
func resum(b []byte) []byte {
	copy(b[len(b)-64:], digest.Of(b[:len(b)-endSize-commentSize]))
	return b
}

// Who cannot sign cannot pack a signed pack anew, though its members and its
// manifest with its signature are as they were; nor move the signature of one
// archive to another, or drop it.
func TestArchiveSignature(t *testing.T) {
	b, sealed := sample(t, key())
	whole := unpack(t, b)
	if _, err := read(forge(t, whole, sealed, key())); err != nil {
		t.Fatalf("the owner's own archive of the unchanged members is refused for another reason: %v", err)
	}
	again := forge(t, whole, sealed)
	if _, err := read(again); err == nil || !strings.Contains(err.Error(), "taken away") {
		t.Errorf("without a signature: %v", err)
	}
	moved := append(bytes.Clone(again), b[len(b)-len(commentSignature)-signatureSize:]...)
	n := signedSize
	moved[len(again)-commentSize-2], moved[len(again)-commentSize-1] = byte(n), byte(n>>8)
	if _, err := read(moved); err == nil || !strings.Contains(err.Error(), "packed anew") {
		t.Errorf("with the signature of another: %v", err)
	}
	c := bytes.Clone(b)
	for i := len(c) - signatureSize; i < len(c); i++ {
		c[i] ^= 1
		if _, err := read(c); err == nil {
			t.Errorf("byte %d of the signature is another, and the pack holds", i)
		}
		c[i] ^= 1
	}
}

// Two names that one system takes for one file are neither sealed nor read: by
// case in any alphabet, and by how an accent is written. A name beyond ASCII
// says in which letters it is written, or programs read it otherwise.
func TestNamesThatAreOneFile(t *testing.T) {
	for _, two := range [][2]string{
		{"caf\u00e9", "cafe\u0301"}, {"CAF\u00c9", "cafe\u0301"}, {"straſe", "STRASE"}, {"\u212aelvin", "kelvin"}, {"Σ", "ς"}, {"a/B", "A/b"},
	} {
		_, err := Seal(t.Context(), &bytes.Buffer{}, Manifest{}, []Member{{Name: two[0]}, {Name: two[1]}}, nil)
		refused(t, two[0], "two members are called", err)
		b, d := sample(t, nil)
		_, err = read(forge(t, append(unpack(t, b), Member{Name: two[0]}, Member{Name: two[1]}), d))
		refused(t, two[0], "is there twice", err)
	}
	if _, err := sealed(t, Member{Name: "café"}, Member{Name: "cafe"}, Member{Name: "ﬁ"}, Member{Name: "fi"}); err != nil {
		t.Errorf("names that differ everywhere: %v", err)
	}
	m := Manifest{Format: Format, Month: "2026-10", State: "draft", Members: []Entry{{"café", 0, digest.Of("")}}}
	text := manifestText(t, m)
	pack := func(unsaid bool) error {
		_, err := read(assemble(t, digest.Of(text), func(z *zip.Writer, _ *endless) {
			raw(t, z, zip.FileHeader{Name: manifestName}, text, nil)
			raw(t, z, zip.FileHeader{Name: "café", NonUTF8: unsaid, Flags: map[bool]uint16{false: flagUTF8}[unsaid]}, nil, nil)
		}))
		return err
	}
	if err := pack(false); err != nil {
		t.Errorf("a name that says its letters: %v", err)
	}
	refused(t, "a name that does not", "in which letters it is named", pack(true))
}

// A signature has one form: bits that decoding passes over are not free.
func TestSignatureHasOneForm(t *testing.T) {
	b, _ := sample(t, key())
	last := len(b) - 3 // of the archive's signature, before its two =
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range 16 { // four bits that are not of the signature
		c := bytes.Clone(b)
		at := strings.IndexByte(alphabet, c[last])
		c[last] = alphabet[at&^15|i]
		if _, err := read(c); (err == nil) != (c[last] == b[last]) {
			t.Errorf("%c for %c: %v", c[last], b[last], err)
		}
	}
}
