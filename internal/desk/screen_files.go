package desk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"splameter/internal/digest"
)

type fileRow struct {
	Name, Digest string
	Size         int64
	Link         string
}

// files are the revision's files with their digests, but for those that are not
// as they were sealed, or are called so and never were: nobody is handed those.
func (s *Server) files(r *request, h *head) (out []fileRow) {
	dir := s.desk(r).Dir(h.Month, h.Rev)
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	asSealed := s.desk(r).AsSealed(r.Context(), h.life, h.Rev)
	for _, e := range names {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch filepath.Ext(e.Name()) {
		case ".xlsx", ".json", ".zip", ".csv", ".pdf", ".eml":
		default:
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		row := fileRow{e.Name(), digest.Of(b), int64(len(b)), h.Base + "/file/" + e.Name()}
		if !asSealed(row.Name, row.Digest) {
			row.Link = ""
		}
		out = append(out, row)
	}
	return out
}

// file hands out one of the revision's files.
func (s *Server) file(r *request) error {
	h, err := s.at(r)
	if err != nil {
		return err
	}
	for _, f := range s.files(r, h) {
		if f.Name != r.PathValue("name") {
			continue
		}
		if f.Link == "" {
			break
		}
		if filepath.Ext(f.Name) == ".eml" {
			b, err := s.usageMail(r, h, f.Name)
			if err != nil {
				return err
			}
			if b == nil {
				break
			}
			return r.download(f.Name, b)
		}
		b, err := os.ReadFile(filepath.Join(s.desk(r).Dir(h.Month, h.Rev), f.Name))
		if errors.Is(err, os.ErrNotExist) || err == nil && digest.Of(b) != f.Digest {
			break
		}
		if err != nil {
			return err
		}
		return r.download(f.Name, b)
	}
	return notFound()
}

// download hands a file to the browser, to be kept and not shown.
func (r *request) download(name string, b []byte) error {
	_, err := r.attach(name).Write(b)
	return err
}

// attach begins such a file; what is written to it is what it holds.
func (r *request) attach(name string) io.Writer {
	r.w.Header().Set("Content-Type", "application/octet-stream")
	r.w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '/' {
			return '-'
		}
		return c
	}, name)+`"`)
	return r.w
}
