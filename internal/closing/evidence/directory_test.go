package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// directoryOf is where an archive without a signature has its directory, and
// where its end record begins.
func directoryOf(b []byte) (at, end int) {
	end = len(b) - endSize - commentSize
	return int(binary.LittleEndian.Uint32(b[end+16:])), end
}

// Each field of the directory that could say something which a seal does not is
// written otherwise, in an archive whose digest fits: it is refused for that,
// before any other program's reading of it counts.
func TestDirectorysFields(t *testing.T) {
	b, sealed := sample(t, nil)
	whole := unpack(t, b)
	plain := assemble(t, sealed, func(z *zip.Writer, _ *endless) {
		for _, m := range whole {
			raw(t, z, zip.FileHeader{Name: m.Name}, m.Data, nil)
		}
	})
	at, end := directoryOf(plain)
	le := binary.LittleEndian
	anew := errPackedAnew.Error()
	// last is where the directory's last entry begins.
	last := bytes.LastIndex(plain[:end], []byte("PK\x01\x02"))
	for _, c := range []struct {
		what   string
		change func(b []byte) []byte
		words  string
	}{
		{"as it was", func(b []byte) []byte { return b }, ""},
		{"made on another system", func(b []byte) []byte { b[at+5] = 3; return b }, anew + ": a member has a mode"},
		{"an internal attribute", func(b []byte) []byte { b[at+36] = 1; return b }, anew + ": a member has a mode"},
		{"an external attribute", func(b []byte) []byte { b[at+38] = 1; return b }, anew + ": a member has a mode"},
		{"on another disk", func(b []byte) []byte { b[at+34] = 1; return b }, anew},
		{"another mark", func(b []byte) []byte { b[at] = 'Q'; return b }, anew},
		{"a name beyond the directory", func(b []byte) []byte { le.PutUint16(b[last+28:], 1<<15); return b }, anew},
		{"one member fewer than it counts", func(b []byte) []byte {
			n := le.Uint16(b[end+8:]) + 1
			le.PutUint16(b[end+8:], n)
			le.PutUint16(b[end+10:], n)
			return b
		}, anew},
		{"the beginning of a further entry", func(b []byte) []byte {
			more := []byte("PK\x01\x02x")
			b = append(append(bytes.Clone(b[:end]), more...), b[end:]...)
			le.PutUint32(b[end+len(more)+12:], uint32(end-at+len(more)))
			return b
		}, anew},
	} {
		_, err := read(resum(c.change(bytes.Clone(plain))))
		if c.words == "" && err == nil {
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.words) || c.words == anew && err.Error() != anew {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	// Of a member's own header, each field that the directory has too; and of what
	// follows a member whose size is told behind it, as a seal does.
	delayed := bytes.Clone(b)
	behind := bytes.Index(delayed, []byte("PK\x07\x08"))
	for _, c := range []struct {
		what  string
		in    []byte
		at    int
		by    byte
		words string
	}{
		{"its mark", plain, 0, 1, "says of itself another thing"}, {"its version", plain, 4, 1, "says of itself another thing"}, {"its way of pressing", plain, 8, 1, "says of itself another thing"},
		{"its time", plain, 10, 1, "says of itself another thing"}, {"its name's length", plain, 27, 1, "says of itself another thing"}, {"its extra's length", plain, 29, 1, "says of itself another thing"},
		{"a CRC before the data", delayed, 14, 1, anew}, {"a size before the data", delayed, 18, 1, anew}, {"the mark behind the data", delayed, behind, 1, anew}, {"the CRC behind the data", delayed, behind + 4, 1, "says another size"},
	} {
		x := bytes.Clone(c.in)
		x[c.at] ^= c.by
		_, err := read(resum(x))
		if err == nil || !strings.Contains(err.Error(), c.words) || c.words == anew && err.Error() != anew {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	// Encrypted, says the directory, and so does the member.
	x := bytes.Clone(plain)
	x[6], x[at+8] = 1, 1
	_, err := read(resum(x))
	refused(t, "encrypted", "says of itself another thing", err)

	bad := errors.New("bad sector")
	first := localSize + int(le.Uint16(b[26:])) + int(le.Uint16(b[28:]))
	for _, off := range []int{0, behind} { // a header, and what is behind the data
		n := 0
		_, err := Read(t.Context(), &tape{b: b, fail: func(from int64) error {
			if n++; n > 2 && (from == 0 && off == 0 || off > 0 && int(from) > first && int(from) <= off) {
				return bad
			}
			return nil
		}}, int64(len(b)))
		if !errors.Is(err, bad) {
			t.Errorf("the disk fails at %d: %v", off, err)
		}
	}
	f := &tape{b: plain, fail: func(from int64) error {
		if from == int64(at) {
			return bad
		}
		return nil
	}}
	_, err = Read(t.Context(), f, int64(len(plain)))
	if !errors.Is(err, bad) {
		t.Errorf("the directory is where the disk fails: %v", err)
	}
}

// More members than a pack has, and a directory larger than a pack's, are
// refused before they are taken into memory.
func TestDirectoryThatIsTooLarge(t *testing.T) {
	_, sealed := sample(t, nil)
	many := assemble(t, sealed, func(z *zip.Writer, _ *endless) {
		for i := range maxMembers + 3 {
			if _, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	_, err := read(many)
	refused(t, "too many members", errPackedAnew.Error(), err)

	large := make([]byte, maxManifest+1, maxManifest+1+endSize+commentSize)
	end := make([]byte, endSize)
	binary.LittleEndian.PutUint32(end, 0x06054b50)
	binary.LittleEndian.PutUint32(end[12:], maxManifest+1)
	binary.LittleEndian.PutUint16(end[20:], uint16(commentSize))
	large = append(large, end...)
	large = append(large, commentHead+strings.Repeat("0", 64)+commentMiddle+strings.Repeat("0", 64)...)
	f := &tape{b: resum(large)}
	_, err = Read(t.Context(), f, int64(len(large)))
	refused(t, "a large directory", errPackedAnew.Error(), err)
	if f.most > 1<<20 {
		t.Errorf("%d bytes were read at once", f.most)
	}
}

// full is a disk with so much room.
type full struct{ room int }

func (d *full) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errors.New("no room")
	}
	return len(b), nil
}

// However much room a disk has that is not enough, sealing says so; and it ends
// when it is asked to.
func TestSealWithoutRoom(t *testing.T) {
	b, _ := sample(t, nil)
	seal := func(ctx context.Context, w io.Writer) error {
		_, err := Seal(ctx, w, Manifest{Month: "2026-10", State: "draft", Program: "test", Inputs: "aa"}, []Member{
			{Name: "statement.json", Data: []byte(`{"month":"2026-10"}`)}, {Name: "inputs/rules.yaml", Data: []byte(strings.Repeat("products:\n", 30))}, {Name: "empty"},
		}, nil)
		return err
	}
	for room := range b {
		if err := seal(t.Context(), &full{room}); err == nil {
			t.Fatalf("a pack of %d bytes was sealed into %d", len(b), room)
		}
	}
	if err := seal(t.Context(), &full{len(b)}); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := seal(ctx, &full{len(b)}); !errors.Is(err, context.Canceled) {
		t.Errorf("asked to end: %v", err)
	}
}
