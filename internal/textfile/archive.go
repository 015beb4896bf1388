package textfile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Bounds of an archive: a hostile one names more, or unfolds to more.
const (
	maxMembers = 10_000
	maxPlain   = 1 << 40 // bytes of one member
)

// Member is a file in an archive.
type Member struct {
	Name string
	// Open reads it from its beginning. Whoever opened it closes it.
	Open func() (io.ReadCloser, error)
}

// inside marks what an archive complains of as damage of the file.
type inside struct{ io.ReadCloser }

func (i inside) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &CorruptError{Archive, err}
	}
	return n, err
}

// Members are the files in a zip or tar (also one in gzip), in their order; nil
// for what is no archive. Folders and what macOS puts beside files are passed
// over.
func Members(r io.ReaderAt, size int64) ([]Member, error) {
	head := make([]byte, 512)
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipMembers(r, size)
	case isTar(head):
		return tarMembers(func() (io.Reader, error) { return io.NewSectionReader(r, 0, size), nil })
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unpack := func() (io.Reader, error) { return gzip.NewReader(io.NewSectionReader(r, 0, size)) }
		z, err := unpack()
		if err != nil {
			return nil, nil // told by Open
		}
		inner := make([]byte, 512)
		if n, _ := io.ReadFull(z, inner); isTar(inner[:n]) {
			return tarMembers(unpack)
		}
	}
	return nil, nil
}

func isTar(head []byte) bool { return len(head) >= 262 && string(head[257:262]) == "ustar" }

func wanted(name string) bool {
	base := name[strings.LastIndexAny(name, `/\`)+1:]
	return base != "" && !strings.HasPrefix(base, ".") && !strings.Contains(name, "__MACOSX")
}

func zipMembers(r io.ReaderAt, size int64) ([]Member, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("the zip archive is damaged or not whole (%w); copy or make it again", err)
	}
	var list []Member
	for _, f := range z.File {
		if f.FileInfo().IsDir() || !wanted(f.Name) {
			continue
		}
		if len(list) == maxMembers {
			return nil, fmt.Errorf("the archive holds more than %d files; unpack it, and name the logs", maxMembers)
		}
		list = append(list, Member{f.Name, func() (io.ReadCloser, error) {
			if f.UncompressedSize64 > maxPlain {
				return nil, errors.New("it unfolds to more than any log has")
			}
			body, err := f.Open()
			if err != nil {
				return nil, fmt.Errorf("the archive does not open it (%w)", err)
			}
			return inside{body}, nil
		}})
	}
	return list, nil
}

func tarMembers(open func() (io.Reader, error)) ([]Member, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	t := tar.NewReader(r)
	var list []Member
	for at := 0; ; at++ {
		h, err := t.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			if len(list) == 0 {
				return nil, fmt.Errorf("the tar archive is damaged (%w); copy or make it again", err)
			}
			list = append(list, Member{"the rest", func() (io.ReadCloser, error) {
				return nil, fmt.Errorf("the tar archive is damaged or not whole (%w)", err)
			}})
			return list, nil
		}
		if h.Typeflag != tar.TypeReg || !wanted(h.Name) {
			continue
		}
		if len(list) == maxMembers {
			return nil, fmt.Errorf("the archive holds more than %d files; unpack it, and name the logs", maxMembers)
		}
		list = append(list, Member{h.Name, func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			t := tar.NewReader(r)
			for range at + 1 {
				if _, err := t.Next(); err != nil {
					return nil, fmt.Errorf("the tar archive is damaged (%w)", err)
				}
			}
			return inside{io.NopCloser(t)}, nil
		}})
	}
}
