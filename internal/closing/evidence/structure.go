package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
)

// The records of an archive, and the sizes of their fixed parts.
const (
	localMark   = 0x04034b50
	centralMark = 0x02014b50
	dataMark    = 0x08074b50

	localSize   = 30
	centralSize = 46
	dataSize    = 16

	flagUTF8    = 0x800 // of a name
	flagDelayed = 0x8   // the sizes follow the data
)

// stamp is the only thing beside its name that a seal says of a member: the
// time that all have, in the form of package zip.
var stamp = []byte{0x55, 0x54, 5, 0, 1, 0x00, 0xa6, 0xce, 0x12}

var errPackedAnew = errors.New("the archive is not put together as a seal does it: it was packed anew")

// listed is a member as the archive's directory has it.
type listed struct {
	name, extra       []byte
	head              []byte // version, flags, method and time, as a local header has them
	crc, packed, size uint32
	at                int64 // of its local header
}

// checkStructure checks that the archive is nothing but its members: one
// directory right before its end, of each member one local header that says
// what the directory says, nothing before, between or behind them, no comments
// and no modes. Programs that read archives differ in which of two answers they
// take; here there is one.
func checkStructure(r io.ReaderAt, end []byte) error {
	le := binary.LittleEndian
	count, length, at := int(le.Uint16(end[10:])), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if count > maxMembers+2 || length > maxManifest {
		return errPackedAnew
	}
	directory := make([]byte, length)
	if _, err := r.ReadAt(directory, at); err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	var members []listed
	for len(directory) > 0 {
		m, rest, err := readListed(directory)
		if err != nil {
			return err
		}
		members, directory = append(members, m), rest
	}
	if len(members) != count {
		return errPackedAnew
	}
	next := int64(0)
	for i := range members {
		m := &members[i]
		if m.at != next {
			return fmt.Errorf("%w: before the member %.80q is something that its directory does not list", errPackedAnew, m.name)
		}
		var err error
		if next, err = m.checkLocal(r); err != nil {
			return err
		}
	}
	if next != at {
		return fmt.Errorf("%w: behind its last member is something that its directory does not list", errPackedAnew)
	}
	return nil
}

// readListed reads one entry of the directory.
func readListed(b []byte) (m listed, rest []byte, err error) {
	le := binary.LittleEndian
	if len(b) < centralSize || le.Uint32(b) != centralMark {
		return m, nil, errPackedAnew
	}
	name, extra, comment := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	if len(b) < centralSize+name+extra+comment {
		return m, nil, errPackedAnew
	}
	m = listed{head: b[6:16], crc: le.Uint32(b[16:]), packed: le.Uint32(b[20:]), size: le.Uint32(b[24:]), at: int64(le.Uint32(b[42:]))}
	switch by, disk, internal, mode := le.Uint16(b[4:]), le.Uint16(b[34:]), le.Uint16(b[36:]), le.Uint32(b[38:]); {
	case comment != 0:
		return m, nil, fmt.Errorf("%w: a member has a comment", errPackedAnew)
	case by>>8 != 0 || internal != 0 || mode != 0:
		return m, nil, fmt.Errorf("%w: a member has a mode of some system", errPackedAnew)
	case disk != 0:
		return m, nil, errPackedAnew
	}
	b = b[centralSize:]
	m.name, m.extra = b[:name], b[name:name+extra]
	if flags := le.Uint16(m.head[2:]); flags&flagUTF8 == 0 && bytes.ContainsFunc(m.name, func(r rune) bool { return r >= 0x80 }) {
		return m, nil, fmt.Errorf("%w: the member %.80q does not say in which letters it is named", errPackedAnew, m.name)
	}
	if extra > 0 && !bytes.Equal(m.extra, stamp) {
		return m, nil, fmt.Errorf("%w: of the member %.80q more is said than its name and size", errPackedAnew, m.name)
	}
	return m, b[name+extra:], nil
}

// checkLocal checks a member's own header against the directory, and returns
// where the member ends.
func (m *listed) checkLocal(r io.ReaderAt) (int64, error) {
	le := binary.LittleEndian
	b := make([]byte, localSize+len(m.name)+len(m.extra))
	if _, err := r.ReadAt(b, m.at); err != nil {
		return 0, fmt.Errorf("it cannot be read: %w", err)
	}
	flags := le.Uint16(m.head[2:])
	sizes := b[14:26]
	if flags&flagDelayed != 0 {
		if !bytes.Equal(sizes, make([]byte, 12)) {
			return 0, errPackedAnew
		}
		sizes = make([]byte, dataSize)
		if _, err := r.ReadAt(sizes, m.at+int64(len(b))+int64(m.packed)); err != nil {
			return 0, fmt.Errorf("it cannot be read: %w", err)
		}
		if le.Uint32(sizes) != dataMark {
			return 0, errPackedAnew
		}
		sizes = sizes[4:]
	}
	switch {
	case le.Uint32(b) != localMark, flags&^(flagUTF8|flagDelayed) != 0, !bytes.Equal(b[4:14], m.head),
		int(le.Uint16(b[26:])) != len(m.name), int(le.Uint16(b[28:])) != len(m.extra):
		return 0, fmt.Errorf("%w: the member %.80q says of itself another thing than the directory says of it", errPackedAnew, m.name)
	case !bytes.Equal(b[localSize:localSize+len(m.name)], m.name):
		return 0, fmt.Errorf("%w: the member %.80q calls itself otherwise than the directory does", errPackedAnew, m.name)
	case !bytes.Equal(b[localSize+len(m.name):], m.extra):
		return 0, fmt.Errorf("%w: of the member %.80q more is said than its name and size", errPackedAnew, m.name)
	case le.Uint32(sizes) != m.crc, le.Uint32(sizes[4:]) != m.packed, le.Uint32(sizes[8:]) != m.size:
		return 0, fmt.Errorf("%w: the member %.80q says another size than the directory does", errPackedAnew, m.name)
	}
	next := m.at + int64(len(b)) + int64(m.packed)
	if flags&flagDelayed != 0 {
		next += dataSize
	}
	return next, nil
}

// open is the member's content. That nothing stands behind it in the room that
// the member takes is seen at its end.
func open(f *zip.File) (io.ReadCloser, error) {
	if f.Method != zip.Deflate {
		return f.Open()
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	b := bufio.NewReader(raw)
	return &pressed{flate.NewReader(b), b}, nil
}

// pressed is a member on its way out of an archive.
type pressed struct {
	io.ReadCloser
	rest *bufio.Reader
}

// Read implements io.Reader.
func (p *pressed) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	if err == io.EOF {
		if _, more := p.rest.ReadByte(); more != io.EOF {
			return 0, errors.New("there is something behind its end")
		}
	}
	return n, err
}
