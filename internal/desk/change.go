package desk

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"splameter/internal/digest"
	"splameter/internal/edits"
	"splameter/internal/safetext"
)

// changeData is the page that shows what becomes of files before they are
// written, and asks who and why.
type changeData struct {
	Title  string // a key of the texts
	Of     string // what it is about, foreign
	Back   string
	Action string // where the form goes
	Fields []field
	Says   []string
	Files  []changedFile
	More   int // lines that are not shown

	By, Reason, Request, Digest string
	Problem, Faults             string
	Changed                     bool
}

type field struct{ Name, Value string }

type changedFile struct {
	Name  string
	Hunks []edits.Hunk
}

// mostChanged is how many lines of a difference a page shows.
const mostChanged = 400

// change shows what edits make of files, and writes them when it is sent again
// with who and why. What was filled in is sent along, so that the edits are made
// anew of what the files hold then; where they have become others since they
// were shown, they are shown again.
func (s *Server) changeFiles(r *request, d *changeData, list []edits.Edit) error {
	d.By, d.Reason = cleaned(cmp.Or(r.PostFormValue("by"), r.who.by())), safetext.Line(safetext.Clip(r.PostFormValue("reason"), 2000))
	d.Request = cmp.Or(cleaned(r.PostFormValue("request")), opaque())
	done, err := edits.Done(r.set.Config, list, d.Request)
	if err != nil {
		return err
	}
	if done != nil { // the form was sent twice
		return r.to(d.Back)
	}
	for name, values := range r.PostForm {
		if slices.Contains([]string{"by", "reason", "request", "digest", "sure"}, name) {
			continue
		}
		for _, v := range values {
			d.Fields = append(d.Fields, field{name, v})
		}
	}
	slices.SortFunc(d.Fields, func(a, b field) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	show := func(status int) error {
		s.show(r, status, "change", page{Title: d.Title, Data: d})
		return nil
	}
	sum, lines := "", 0
	for i := range list {
		e := &list[i]
		sum += e.Path + " " + e.Before() + " " + digest.Of(e.Is) + "\n"
		f := changedFile{Name: e.Name()}
		for _, h := range e.Hunks() {
			n := len(h.Was) + len(h.Is)
			if lines += n; lines > mostChanged {
				d.More += n
				continue
			}
			f.Hunks = append(f.Hunks, h)
		}
		d.Files = append(d.Files, f)
	}
	d.Digest = digest.Of(sum)[:16]
	if lines == 0 {
		d.Problem, d.Files = r.lang.text("edit.same"), nil
		return show(http.StatusUnprocessableEntity)
	}
	if d.Faults, err = edits.Check(r.set.Config, list); err != nil {
		return err
	}
	switch {
	case d.Faults != "":
		return show(http.StatusUnprocessableEntity)
	case r.PostFormValue("sure") == "":
		return show(http.StatusOK)
	case r.PostFormValue("digest") != d.Digest:
		d.Changed = true
		return show(http.StatusConflict)
	case d.By == "":
		d.Problem = r.lang.text("act.noby")
		return show(http.StatusUnprocessableEntity)
	case d.Reason == "":
		d.Problem = r.lang.text("act.noreason")
		return show(http.StatusUnprocessableEntity)
	}
	r.who.call(d.By)
	err = edits.Write(r.set.Config, list, edits.Who{At: s.opt.Now(), Account: r.who.account, By: d.By, Reason: d.Reason, Request: d.Request})
	if errors.Is(err, edits.ErrChanged) {
		d.Changed = true
		return show(http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return r.to(d.Back)
}
