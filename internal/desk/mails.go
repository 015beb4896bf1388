package desk

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"

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

// madeAgain are the drafts of a revision's mails by their names, made anew of the
// sealed annexes: what lies in the folder may have been written over, and a
// mail goes out by whoever was handed it.
func (s *Server) madeAgain(r *request, h *head) (map[string][]byte, error) {
	names, err := s.mailDrafts(r, h)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	t, letters, err := lettersOf(r.Context(), s.desk(r), h, "")
	if err != nil {
		return nil, err
	}
	defer t.Close()
	out := map[string][]byte{}
	for _, l := range letters {
		if t.Revision == h.Rev && slices.Contains(names, l.EML()) {
			if out[l.EML()], err = l.Unsent(s.opt.Now()); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// usageMail is the draft of the mail with which a usage report goes out, made
// anew of what was sealed; nil where there is none of that name.
func (s *Server) usageMail(r *request, h *head, name string) ([]byte, error) {
	t, err := s.desk(r).Issued(r.Context(), h.m, true)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if t.Revision != h.Rev {
		return nil, nil
	}
	letters, err := deliver.UsageLetters(t, r.set.Config, deliver.UsageOrder{At: s.opt.Now()})
	if err != nil {
		return nil, err
	}
	for _, l := range letters {
		if l.EML() == name {
			return l.Unsent(s.opt.Now())
		}
	}
	return nil, nil
}

// mailOf hands out one draft, by its name.
func (s *Server) mailOf(r *request, h *head, name string) error {
	drafts, err := s.madeAgain(r, h)
	if err != nil {
		return err
	}
	b, ok := drafts[name]
	if !ok {
		return &problem{status: http.StatusNotFound, text: "problem.nodraft"}
	}
	return r.download(name, b)
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
	drafts, err := s.madeAgain(r, h)
	if err != nil {
		return err
	}
	if len(drafts) == 0 {
		return &problem{status: http.StatusNotFound, text: "problem.nodraft"}
	}
	out := r.attach("mails-" + h.Month + ".zip")
	if err := zipped(out, drafts); err != nil {
		// Half of it was sent: the browser shall see that it is not whole.
		s.opt.Log.Error("the drafts of mails cannot be handed out", "month", h.Month, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// zipped writes files as one, by their names.
func zipped(out io.Writer, files map[string][]byte) error {
	z := zip.NewWriter(out)
	for _, n := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(n)
		if err != nil {
			return err
		}
		if _, err := w.Write(files[n]); err != nil {
			return err
		}
	}
	return z.Close()
}
