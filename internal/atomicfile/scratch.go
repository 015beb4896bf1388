package atomicfile

import (
	"os"
	"path/filepath"
)

// Scratch is a file of one run, for what is too large to be kept in memory. It may
// hold what no one else is to see: it can be opened by nobody else where the system
// lets a file be without a name, and so nothing is left of it however the run ends.
// Elsewhere Close takes it away, and the next one of its name what a killed run left.
type Scratch struct {
	file  *os.File
	named bool
}

// NewScratch makes one on the disk of a folder, which must be there; "" is that of
// temporary files.
func NewScratch(dir, name string) (*Scratch, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	f, err := os.CreateTemp(dir, prefix+short(filepath.Base(name))+"-*"+suffix)
	if err != nil {
		return nil, err
	}
	clear(f.Name(), filepath.Base(name))
	return &Scratch{f, os.Remove(f.Name()) != nil}, nil
}

// Write implements io.Writer.
func (s *Scratch) Write(b []byte) (int, error) { return s.file.Write(b) }

// ReadAt implements io.ReaderAt.
func (s *Scratch) ReadAt(b []byte, at int64) (int, error) { return s.file.ReadAt(b, at) }

// Close ends the use of it; nothing of it is left.
func (s *Scratch) Close() error {
	err := s.file.Close()
	if s.named {
		s.named = false
		if gone := os.Remove(s.file.Name()); gone != nil {
			return gone
		}
	}
	return err
}
