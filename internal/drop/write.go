package drop

import (
	"archive/zip"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"splameter/internal/digest"
)

// Writer writes a drop: its members first, then its manifest.
type Writer struct {
	Plain bool // nothing is compressed

	zip   *zip.Writer
	taken time.Time
	files []File
}

// NewWriter begins a drop that stands for a moment.
func NewWriter(w io.Writer, taken time.Time) *Writer {
	return &Writer{zip: zip.NewWriter(w), taken: taken.UTC()}
}

// Add writes one member.
func (w *Writer) Add(name string, r io.Reader) error {
	m, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: w.method(), Modified: w.taken})
	if err != nil {
		return err
	}
	sum := digest.New()
	n, err := io.Copy(io.MultiWriter(m, sum), r)
	if err != nil {
		return err
	}
	w.files = append(w.files, File{Name: name, SHA256: sum.Hex(), Size: n})
	return nil
}

func (w *Writer) method() uint16 {
	if w.Plain {
		return zip.Store
	}
	return zip.Deflate
}

// Close writes the manifest, with the members that were added, and ends the
// drop.
func (w *Writer) Close(m Manifest) error {
	m.Drop, m.Taken, m.Files = Version, w.taken, w.files
	slices.SortFunc(m.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	data, err := json.MarshalIndent(&m, "", "  ")
	if err != nil {
		return err
	}
	f, err := w.zip.CreateHeader(&zip.FileHeader{Name: ManifestName, Method: zip.Deflate, Modified: w.taken})
	if err != nil {
		return err
	}
	if _, err := f.Write(append(data, '\n')); err != nil {
		return err
	}
	return w.zip.Close()
}
