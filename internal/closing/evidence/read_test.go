package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/digest"
)

// tape is a file of which each reading is told, and may fail.
type tape struct {
	b     []byte
	reads int
	most  int // bytes asked for at once
	fail  func(at int64) error
}

func (f *tape) ReadAt(b []byte, at int64) (int, error) {
	f.reads++
	f.most = max(f.most, len(b))
	if f.fail != nil {
		if err := f.fail(at); err != nil {
			return 0, err
		}
	}
	return bytes.NewReader(f.b).ReadAt(b, at)
}

// countdown is a context that ends after it was asked so often.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A disk that fails says so, wherever in a pack; what is larger than a pack is
// not read; and reading ends when it is asked to, at once.
func TestReadingThatFails(t *testing.T) {
	var b bytes.Buffer
	if _, err := Seal(t.Context(), &b, Manifest{Month: "2026-10"}, []Member{{Name: "a.xlsx", Data: bytes.Repeat([]byte("0123456789"), 200_000)}}, nil); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	size := int64(len(whole))
	bad := errors.New("bad sector")
	for _, c := range []struct {
		from, until int64
		words       string
	}{{0, 1, "it cannot be read: bad sector"}, {size - 400, size, "bad sector"}, {size / 2, size/2 + 1, "it cannot be read: bad sector"}} {
		f := &tape{b: whole, fail: func(at int64) error {
			if at <= c.until && c.from < at+1<<16 && (at >= c.from || c.from < size-400) {
				return bad
			}
			return nil
		}}
		if _, err := Read(t.Context(), f, size); !errors.Is(err, bad) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("from %d: %v", c.from, err)
		}
	}
	f := &tape{b: whole}
	_, err := Read(t.Context(), f, maxPack+1)
	refused(t, "too large", "its size is none of a pack", err)
	if f.reads > 0 {
		t.Error("what is too large was read")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, f, size); !errors.Is(err, context.Canceled) || f.reads > 4 {
		t.Errorf("%v, after %d readings", err, f.reads)
	}
	asked := &countdown{t.Context(), 1 << 30}
	if _, err := Read(asked, f, size); err != nil {
		t.Fatal(err)
	}
	n := 1<<30 - asked.left
	for left := range n {
		if _, err := Read(&countdown{t.Context(), left}, f, size); err != context.Canceled { //nolint:errorlint // nothing may be wrapped around it
			t.Fatalf("it was asked to end after %d of %d: %v", left, n, err)
		}
	}
	_, err = Open(t.Context(), t.TempDir())
	refused(t, "a folder", "it is no file", err)
}

// The file changes under the open pack, so that a pressed member unpacks to
// another text: it is refused, or is what it was.
func TestPressedMemberThatChanges(t *testing.T) {
	b, _ := sample(t, nil)
	path := filepath.Join(t.TempDir(), "pack.zip")
	const name = "inputs/rules.yaml"
	for i := bytes.Index(b, []byte(name)) + len(name); i < bytes.Index(b, []byte(name))+len(name)+40; i++ {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		was, err := p.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		c := bytes.Clone(b)
		c[i] ^= 0x10
		if err := os.WriteFile(path, c, 0o600); err != nil {
			t.Fatal(err)
		}
		if now, err := p.Read(name); err == nil && !bytes.Equal(now, was) || err != nil && now != nil {
			t.Errorf("byte %d was changed, and it reads %q, %v", i, now, err)
		}
		p.Close()
	}
}

// A member pressed in a way that a seal does not use is damaged, and no fault of
// the program.
func TestPressedOtherwise(t *testing.T) {
	m := Manifest{Format: Format, Month: "2026-10", Members: []Entry{{"a", 1, digest.Of("x")}}}
	text := manifestText(t, m)
	_, err := read(assemble(t, digest.Of(text), func(z *zip.Writer, _ *endless) {
		raw(t, z, zip.FileHeader{Name: manifestName}, text, nil)
		w, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: 12, UncompressedSize64: 1, CompressedSize64: 1})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "x")
	}))
	refused(t, "bzip2", "the member a is damaged", err)
	m.Members[0].Size = 1 << 20
	text = manifestText(t, m)
	_, err = read(assemble(t, digest.Of(text), func(z *zip.Writer, _ *endless) {
		raw(t, z, zip.FileHeader{Name: manifestName}, text, nil)
		garbage := []byte("this was never pressed")
		w, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Deflate, UncompressedSize64: 1 << 20, CompressedSize64: uint64(len(garbage))})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(garbage)
	}))
	refused(t, "garbage", "the member a is damaged", err)
}

// What one archive cannot hold is not sealed: by its bytes, before any is read,
// and by its members.
func TestMoreThanAnArchiveHolds(t *testing.T) {
	unread := func() (io.ReadCloser, error) { return nil, errors.New("it was read") }
	_, err := sealed(t, Member{Name: "a", size: maxPack + 1, digest: digest.Of("a"), open: unread})
	refused(t, "too many bytes", "which is more than one archive holds", err)
	many := make([]Member, maxMembers+1)
	for i := range many {
		many[i].Name = fmt.Sprint(i)
	}
	_, err = sealed(t, many...)
	refused(t, "too many members", "which is more than one archive holds", err)
}

// endlessly is a file that grows while it is read.
type endlessly struct{ read int }

func (e *endlessly) Read(b []byte) (int, error) { e.read += len(b); return len(b), nil }
func (e *endlessly) Close() error               { return nil }

// A member whose file grows for ever is refused as soon as it is longer than it
// was; one that cannot be read says why.
func TestMemberThatGrows(t *testing.T) {
	e := &endlessly{}
	m := Member{Name: "a", size: 3, digest: digest.Of("abc"), open: func() (io.ReadCloser, error) { return e, nil }}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.CopyN(io.Discard, r, 1<<30)
	refused(t, "one that grows", "the member a was changed", err)
	if e.read > 1<<20 {
		t.Errorf("%d bytes were read of a member of 3", e.read)
	}
	m.open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("a"), &failing{})), nil
	}
	if r, err = m.Open(); err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, r)
	refused(t, "one that cannot be read", "the member a cannot be read: bad sector", err)
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errors.New("bad sector") }
