package desk

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"splameter/internal/deliver"
)

// mailDrafts are the names of the drafts of mails that lie in a revision's
// folder. Whoever meets a desk that is served from another machine has no other
// way to them.
func (s *Server) mailDrafts(r *request, h *head) ([]string, error) {
	entries, err := os.ReadDir(deliver.Folder(s.desk(r).Dir(h.Month, h.Rev)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() && filepath.Ext(e.Name()) == ".eml" {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// mailOf hands out one draft, by its name.
func (s *Server) mailOf(r *request, h *head, name string) error {
	names, err := s.mailDrafts(r, h)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != name {
			continue
		}
		b, err := os.ReadFile(filepath.Join(deliver.Folder(s.desk(r).Dir(h.Month, h.Rev)), n))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return err
		}
		return r.download(n, b)
	}
	return &problem{status: http.StatusNotFound, text: "problem.nodraft"}
}

// mail hands out the draft of the mail with which one customer's annex goes out.
func (s *Server) mail(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	file, _, _, err := s.annexOf(r, h, t)
	if err != nil {
		return err
	}
	return s.mailOf(r, h, deliver.DraftName(file))
}

// mails hands out all drafts of a month in one file.
func (s *Server) mails(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	names, err := s.mailDrafts(r, h)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return &problem{status: http.StatusNotFound, text: "problem.nodraft"}
	}
	folder := deliver.Folder(s.desk(r).Dir(h.Month, h.Rev))
	out := r.attach("mails-" + h.Month + ".zip")
	if err := zipped(out, folder, names); err != nil {
		// Half of it was sent: the browser shall see that it is not whole.
		s.opt.Log.Error("the drafts of mails cannot be handed out", "month", h.Month, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// zipped writes files of a folder as one; one that was taken away meanwhile is
// left out.
func zipped(out io.Writer, folder string, names []string) error {
	z := zip.NewWriter(out)
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(folder, n))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		w, err := z.Create(n)
		if err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return z.Close()
}
