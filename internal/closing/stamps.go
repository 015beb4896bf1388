package closing

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/evidence"
	"splameter/internal/closing/stamp"
)

// StampFile is where a pack's time stamp is: beside it.
func StampFile(pack string) string { return pack + ".tst" }

// StampRoots are the authorities whose stamps the config trusts; nil where it
// names none.
func StampRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authorities whose time stamps are trusted: %w", err)
	}
	roots, err := stamp.Roots(b)
	if err != nil {
		return nil, fmt.Errorf("read the authorities whose time stamps are trusted, %s: %w", file, err)
	}
	return roots, nil
}

// ReadStamp checks the stamp beside a pack. Without one it is fs.ErrNotExist.
func ReadStamp(path string, p *evidence.Pack, roots *x509.CertPool) (*stamp.Stamp, error) {
	b, err := evidence.ReadFile(StampFile(path))
	if err != nil {
		return nil, err
	}
	return CheckStamp(StampFile(path), b, p, roots)
}

// CheckStamp checks a stamp on a pack: on its manifest, or where it was reduced,
// on that of the pack it was made of. One on a seal that the pack replaced is
// none on the pack: fs.ErrNotExist.
func CheckStamp(name string, b []byte, p *evidence.Pack, roots *x509.CertPool) (*stamp.Stamp, error) {
	s, err := stamp.Check(b, p.Digest, roots)
	if err != nil && p.Whole() != nil {
		s, err = stamp.Check(b, p.Manifest.Reduced.Manifest, roots)
	}
	if err == nil {
		return s, nil
	}
	for _, d := range p.Manifest.Replaces { // it was sealed again, and not stamped again yet
		if _, err := stamp.Check(b, d, nil); err == nil {
			return nil, fs.ErrNotExist
		}
	}
	return nil, fmt.Errorf("the time stamp %s does not hold: %w", name, err)
}

// Stamped says of the latest seal of each revision of a month whether it is
// time-stamped: a sentence each, none where no authority is configured and
// nothing was stamped.
func (d *Desk) Stamped(l *Life) (out []string) {
	roots, err := StampRoots(d.Setup.Config.Evidence.TimestampRoots)
	if err != nil {
		return []string{err.Error()}
	}
	for revision := 0; revision <= l.Revision; revision++ {
		seal := l.sealOf(revision)
		if seal == nil || l.Retained != nil {
			continue
		}
		b, err := evidence.ReadFile(StampFile(d.Pack(l.Month, revision)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if d.Setup.Config.Evidence.TimestampURL != "" {
				out = append(out, fmt.Sprintf("revision %d is not time-stamped yet: the agent asks again, or splameter timestamp does", revision))
			}
			continue
		case err != nil:
			out = append(out, err.Error())
			continue
		}
		s, err := stamp.Check(b, seal.Manifest, roots)
		switch {
		case err != nil:
			out = append(out, fmt.Sprintf("revision %d is not time-stamped as it was sealed last: %v", revision, err))
		case s.Trusted:
			out = append(out, fmt.Sprintf("revision %d is time-stamped at %s by %s", revision, s.At.Format("2006-01-02 15:04:05Z"), s.Authority))
		default:
			out = append(out, fmt.Sprintf("revision %d is time-stamped at %s by %s, which is not among evidence.timestamp_roots", revision, s.At.Format("2006-01-02 15:04:05Z"), s.Authority))
		}
	}
	return out
}

// Stamp gets time stamps for every sealed revision that has none on its latest
// seal, and returns how many. Without an authority in the config it does
// nothing. What an authority does not answer now can be asked for again.
func (d *Desk) Stamp(ctx context.Context) (n int, err error) {
	url := d.Setup.Config.Evidence.TimestampURL
	if url == "" {
		return 0, nil
	}
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return 0, err
	}
	var failed []error
	for i := 0; i < len(acts); {
		j := i
		for j < len(acts) && acts[j].Month == acts[i].Month {
			j++
		}
		l := LifeOf(acts[i].Month, acts[i:j])
		i = j
		if l.Retained != nil {
			continue
		}
		for revision := 0; revision <= l.Revision; revision++ {
			seal := l.sealOf(revision)
			if seal == nil {
				continue
			}
			path := d.Pack(l.Month, revision)
			if claimed, err := evidence.Claimed(path); err != nil || claimed != seal.Manifest {
				continue // status names it
			}
			if b, err := evidence.ReadFile(StampFile(path)); err == nil {
				if _, err := stamp.Check(b, seal.Manifest, nil); err == nil {
					continue
				}
			}
			token, err := stamp.Ask(ctx, url, seal.Manifest)
			if err == nil {
				err = atomicfile.WriteBytes(StampFile(path), atomicfile.Normal, token)
			}
			if err != nil {
				if ctx.Err() != nil {
					return n, ctx.Err()
				}
				failed = append(failed, fmt.Errorf("stamp %s revision %d: %w", l.Month, revision, err))
				continue
			}
			n++
		}
	}
	return n, errors.Join(failed...)
}

// Carried is a stamp that a pack carries on a seal that it replaces.
type Carried struct {
	*stamp.Stamp
	Manifest string // of that seal
}

// SameIn says whether that seal was of the same inputs and quantities as the
// pack says of itself.
func (c *Carried) SameIn(p *evidence.Pack) bool {
	m := p.Replaced(c.Manifest)
	return m != nil && m.Inputs == p.Manifest.Inputs && m.Quantities == p.Manifest.Quantities && m.Quantities != ""
}

// CarriedStamps checks the stamps that a pack carries on seals that it
// replaces.
func CarriedStamps(p *evidence.Pack, roots *x509.CertPool) (out []Carried, err error) {
	for _, d := range p.Manifest.Replaces {
		name := evidence.ReplacedFolder + d + ".tst"
		if !p.Has(name) {
			continue
		}
		b, err := p.Read(name)
		if err != nil {
			return nil, err
		}
		s, err := stamp.Check(b, d, roots)
		if err != nil {
			return nil, fmt.Errorf("the time stamp %s in the pack does not hold: %w", name, err)
		}
		out = append(out, Carried{s, d})
	}
	return out, nil
}

// stampOn is the stamp beside a pack, where there is one that holds.
func stampOn(path string, p *evidence.Pack) ([]byte, bool) {
	b, err := evidence.ReadFile(StampFile(path))
	if err != nil {
		return nil, false
	}
	_, err = CheckStamp(path, b, p, nil)
	return b, err == nil
}

// carriedStamp is the stamp on a pack that is about to be replaced, as a member
// of the one that replaces it; nothing where there is none that holds.
func carriedStamp(path string, p *evidence.Pack) []evidence.Member {
	b, ok := stampOn(path, p)
	if !ok {
		return nil
	}
	return []evidence.Member{{Name: evidence.ReplacedFolder + p.Digest + ".tst", Data: b}}
}
