package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/klauspost/compress/flate"

	"splameter/internal/atomicfile"
	"splameter/internal/digest"
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

	// pressed is what the member takes in an archive, where it is kept so, and crc
	// the check sum of what it holds.
	pressed *spool
	crc     uint32
}

// spool is a member as it will stand in an archive, on the disk.
type spool struct {
	*atomicfile.Scratch
	size int64
	sum  string // the digest of what lies there, pressed
	// proved says that it was unfolded to its end since, and is the member.
	proved bool
}

func (p *spool) reader() io.Reader { return io.NewSectionReader(p, 0, p.size) }

// Close lets go of what Spool keeps on the disk.
func (m *Member) Close() {
	if m.pressed != nil {
		_ = m.pressed.Close() // nothing of it is needed any more
	}
}

// CloseAll closes members.
func CloseAll(members []Member) {
	for i := range members {
		members[i].Close()
	}
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
	return &checked{name: m.Name, r: r, sum: digest.New(), left: m.size, digest: m.digest, of: m.pressed}, nil
}

// checked is a member on its way.
type checked struct {
	name   string
	r      io.ReadCloser
	sum    digest.Sum
	left   int64
	digest string
	of     *spool // nil where it is none
}

// Read implements io.Reader.
func (c *checked) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.sum.Write(b[:n])
	if c.left -= int64(n); c.left < 0 || err == io.EOF && (c.left > 0 || c.sum.Hex() != c.digest) {
		return 0, fmt.Errorf("the member %s was changed", c.name)
	}
	if err == io.EOF && c.of != nil {
		c.of.proved = true
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("the member %s cannot be read: %w", c.name, err)
	}
	return n, err
}

// Close implements io.Closer.
func (c *checked) Close() error { return c.r.Close() }

// Spool keeps what fill writes, on the disk of a folder and pressed as it will stand
// in an archive: facts of a hundred thousand accounts take a tenth of their room so,
// and are pressed once. Whoever has the member closes it.
func Spool(dir, name string, fill func(io.Writer) error) (x Member, err error) {
	scratch, err := atomicfile.NewScratch(dir, name)
	if err != nil {
		return Member{}, fmt.Errorf("keep %s: %w", name, err)
	}
	x = Member{Name: name, pressed: &spool{Scratch: scratch}}
	defer func() {
		if err != nil {
			x.Close()
			x, err = Member{}, fmt.Errorf("keep %s: %w", name, err)
		}
	}()
	lies := digest.New()
	kept := bufio.NewWriterSize(&tally{io.MultiWriter(scratch, lies), &x.pressed.size}, 1<<16)
	z, err := press(kept)
	if err != nil {
		return x, err
	}
	sum, crc := digest.New(), crc32.NewIEEE()
	out := bufio.NewWriterSize(&tally{io.MultiWriter(sum, crc, z), &x.size}, 1<<16)
	if err = fill(out); err == nil {
		err = errors.Join(out.Flush(), z.Close(), kept.Flush())
	}
	x.digest, x.crc = sum.Hex(), crc.Sum32()
	p := x.pressed
	p.sum = lies.Hex()
	x.open = func() (io.ReadCloser, error) { return flate.NewReader(bufio.NewReaderSize(p.reader(), 1<<16)), nil }
	return x, err
}

// press is how members are pressed: in half the time that the standard library
// takes for it.
func press(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 6) }

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
