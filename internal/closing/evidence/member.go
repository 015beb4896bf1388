package evidence

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"splameter/internal/digest"

	"github.com/klauspost/compress/zstd"
)

// Member is one file to be sealed. Of a small one Data is all there is; Spool,
// FileMember and Pack.Member make one whose bytes are not kept in memory as
// they are.
type Member struct {
	Name string // with slashes
	Data []byte

	size   int64
	digest string
	open   func() (io.ReadCloser, error) // nil: Data
}

// Size is in bytes.
func (m *Member) Size() int64 {
	if m.open == nil {
		return int64(len(m.Data))
	}
	return m.size
}

// Digest is the SHA-256 of what the member holds, in hex.
func (m *Member) Digest() string {
	if m.open == nil {
		return digest.Of(m.Data)
	}
	return m.digest
}

// Open reads the member. What it holds is checked on the way: if it is not what
// it was when the member was made, the end of reading is an error.
func (m *Member) Open() (io.ReadCloser, error) {
	if m.open == nil {
		return io.NopCloser(bytes.NewReader(m.Data)), nil
	}
	r, err := m.open()
	if err != nil {
		return nil, fmt.Errorf("the member %s cannot be read: %w", m.Name, err)
	}
	return &checked{name: m.Name, r: r, sum: digest.New(), left: m.size, digest: m.digest}, nil
}

// checked is a member on its way.
type checked struct {
	name   string
	r      io.ReadCloser
	sum    digest.Sum
	left   int64
	digest string
}

// Read implements io.Reader.
func (c *checked) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.sum.Write(b[:n])
	if c.left -= int64(n); c.left < 0 || err == io.EOF && (c.left > 0 || c.sum.Hex() != c.digest) {
		return 0, fmt.Errorf("the member %s was changed", c.name)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("the member %s cannot be read: %w", c.name, err)
	}
	return n, err
}

// Close implements io.Closer.
func (c *checked) Close() error { return c.r.Close() }

// Spool keeps what fill writes, pressed: facts of a hundred thousand accounts
// take a tenth of their room so.
func Spool(name string, fill func(io.Writer) error) (Member, error) {
	var kept bytes.Buffer
	sum, size := digest.New(), int64(0)
	z, err := zstd.NewWriter(&kept, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return Member{}, fmt.Errorf("keep %s: %w", name, err)
	}
	err = fill(&tally{io.MultiWriter(sum, z), &size})
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return Member{}, fmt.Errorf("keep %s: %w", name, err)
	}
	return Member{Name: name, size: size, digest: sum.Hex(), open: func() (io.ReadCloser, error) {
		d, err := zstd.NewReader(bytes.NewReader(kept.Bytes()), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}}, nil
}

// tally counts what is written.
type tally struct {
	out io.Writer
	n   *int64
}

// Write implements io.Writer.
func (t *tally) Write(b []byte) (int, error) {
	n, err := t.out.Write(b)
	*t.n += int64(n)
	return n, err
}

// FileMember is a file that stays where it is until it is sealed.
func FileMember(name, path string) (Member, error) {
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	f, err := open()
	if err != nil {
		return Member{}, err
	}
	defer f.Close()
	sum := digest.New()
	n, err := io.Copy(sum, f)
	return Member{Name: name, size: n, digest: sum.Hex(), open: open}, err
}

// Member is one of the pack's, to be read or sealed again as long as the pack
// is open. It is checked again, since the file may have changed under it.
func (p *Pack) Member(name string) (Member, error) {
	e, ok := p.sizes[name]
	if !ok {
		return Member{}, fmt.Errorf("the pack of %s has no %s", p.Manifest.Month, name)
	}
	return Member{Name: name, size: e.Size, digest: e.SHA256, open: func() (io.ReadCloser, error) { return open(p.entries[name]) }}, nil
}
