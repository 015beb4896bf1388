package drop

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"splameter/internal/digest"
)

// Bounds on a drop, far above what a host hands in.
const (
	maxMembers  = 64
	maxManifest = 1 << 20
	maxMember   = 8 << 30 // bytes of one member, unfolded: an event log has up to 4 GiB
	smallMember = 64 << 20
	maxRatio    = 100 // how often a member that is not small may be larger than it lies there: event logs are some twenty times
)

// Drop is one file of a host, opened. Close it.
type Drop struct {
	Manifest Manifest
	zip      *zip.ReadCloser
	members  map[string]*zip.File
}

// Open opens a drop and reads its manifest. It is refused where it is cut,
// holds what its manifest does not name or lacks what it names, or claims what
// no host hands in. The members' content is proved by Copy.
func Open(path string) (*Drop, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		if errors.Is(err, zip.ErrFormat) {
			return nil, errors.New("it is no zip file, or it is cut off: copy it again from the host")
		}
		return nil, err
	}
	d := &Drop{zip: z, members: map[string]*zip.File{}}
	if err := d.read(); err != nil {
		z.Close()
		return nil, err
	}
	return d, nil
}

func (d *Drop) read() error {
	if len(d.zip.File) > maxMembers {
		return fmt.Errorf("it has %d members, more than a host hands in", len(d.zip.File))
	}
	for _, f := range d.zip.File {
		if !named(f.Name) {
			return fmt.Errorf("its member %.80q has a name that no drop has", f.Name)
		}
		if d.members[f.Name] != nil {
			return fmt.Errorf("its member %s is there twice", f.Name)
		}
		if f.UncompressedSize64 > maxMember || f.UncompressedSize64 > smallMember && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxRatio {
			return fmt.Errorf("its member %s claims %d bytes, which is not believed: let the host hand in again", f.Name, f.UncompressedSize64)
		}
		d.members[f.Name] = f
	}
	m := d.members[ManifestName]
	if m == nil {
		return fmt.Errorf("it has no %s: it was not made by splameter gather", ManifestName)
	}
	data, err := readMember(m, maxManifest)
	if err != nil {
		return fmt.Errorf("read its %s: %w", ManifestName, err)
	}
	if err := json.Unmarshal(data, &d.Manifest); err != nil {
		return fmt.Errorf("its %s cannot be understood: %w", ManifestName, err)
	}
	if err := d.Manifest.check(); err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, f := range d.Manifest.Files {
		switch m := d.members[f.Name]; {
		case m == nil || f.Name == ManifestName:
			return fmt.Errorf("its manifest names %.80q, which is not there: the drop is not whole", f.Name)
		case uint64(f.Size) != m.UncompressedSize64:
			return fmt.Errorf("its member %s has another size than the manifest says", f.Name)
		}
		listed[f.Name] = true
	}
	for name := range d.members {
		if name != ManifestName && !listed[name] {
			return fmt.Errorf("its member %s is not in its manifest", name)
		}
	}
	for _, c := range d.Manifest.Channels {
		if c.File != "" && !listed[c.File] {
			return fmt.Errorf("its manifest names %.80q for a log, which is not there", c.File)
		}
	}
	return nil
}

// named says whether a member has one of the names that drops have.
func named(name string) bool {
	if name == ManifestName || name == RegistryName {
		return true
	}
	rest, ok := strings.CutPrefix(name, LogFolder)
	return ok && rest != "" && path.Base(rest) == rest && !strings.ContainsAny(rest, `\:`) && !strings.HasPrefix(rest, ".")
}

// Members are the names of what it holds beside the manifest, sorted.
func (d *Drop) Members() []string {
	var out []string
	for _, f := range d.Manifest.Files {
		out = append(out, f.Name)
	}
	slices.Sort(out)
	return out
}

// Copy copies a member to w, and proves that it is what the manifest says.
func (d *Drop) Copy(w io.Writer, name string) error {
	i := slices.IndexFunc(d.Manifest.Files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("it has no member %s", name)
	}
	said := d.Manifest.Files[i]
	r, err := d.members[name].Open()
	if err != nil {
		return err
	}
	defer r.Close()
	sum := digest.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(r, said.Size+1))
	switch {
	case err != nil:
		return fmt.Errorf("its member %s is damaged: %w", name, err)
	case n != said.Size || sum.Hex() != said.SHA256:
		return fmt.Errorf("its member %s is not what the manifest says", name)
	}
	return nil
}

// Close closes the file.
func (d *Drop) Close() error { return d.zip.Close() }

func readMember(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it is larger than %d bytes", most)
	}
	return b, err
}
