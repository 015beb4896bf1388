package desk

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/digest"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// noteKind is what a note says.
type noteKind string

// The kinds of notes.
const (
	noteSeen   noteKind = "seen"
	noteUnseen noteKind = "unseen"
	noteText   noteKind = "note"
)

// note is one line of review-notes.csv in a revision's folder: what a reviewer
// looked at, and what they wrote about it.
type note struct {
	At      time.Time
	Account string
	By      string
	Tenant  string
	Kind    noteKind
	State   string // what was seen: the digest of the customer's figures
	Text    string
}

// notes are those of one revision, by customer, the newest last.
type notes map[string][]note

var noteColumns = []string{"at", "account", "by", "tenant", "kind", "state", "text"}

func (s *Server) notesFile(r *request, h *head) string {
	return filepath.Join(s.desk(r).Dir(h.Month, h.Rev), "review-notes.csv")
}

// notes reads a revision's notes; none where there is no file.
func (s *Server) notes(r *request, h *head) (notes, error) {
	f, err := os.Open(s.notesFile(r, h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("review-notes.csv of %s cannot be read: %w", h.Month, err)
	}
	out := notes{}
	for i, row := range rows {
		if i == 0 || len(row) < len(noteColumns) {
			continue
		}
		at, err := time.Parse(time.RFC3339, row[0])
		if err != nil {
			continue
		}
		n := note{at, row[1], row[2], row[3], noteKind(row[4]), row[5], row[6]}
		out[n.Tenant] = append(out[n.Tenant], n)
	}
	return out, nil
}

// addNote writes some more.
func (s *Server) addNote(r *request, h *head, list ...note) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	path := s.notesFile(r, h)
	have, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		have, err = []byte(strings.Join(noteColumns, ",")+"\n"), nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	var b strings.Builder
	b.Write(have)
	w := csv.NewWriter(&b)
	for _, n := range list {
		if err := w.Write([]string{n.At.UTC().Format(time.RFC3339), safetext.Cell(n.Account), safetext.Cell(n.By), n.Tenant, string(n.Kind), n.State, safetext.Cell(safetext.Line(n.Text))}); err != nil {
			return err
		}
	}
	w.Flush()
	return atomicfile.WriteBytes(path, atomicfile.Private, []byte(b.String()))
}

// seen is who looked at a customer as it is now; nil where nobody did, or its
// figures or findings are others since.
func (n notes) seen(h *head, t *statement.Tenant) *note {
	list := n[t.ID]
	for i := len(list) - 1; i >= 0; i-- {
		switch list[i].Kind {
		case noteUnseen:
			return nil
		case noteSeen:
			if list[i].State == h.res.stateOf(t) {
				return &list[i]
			}
			return nil
		}
	}
	return nil
}

// written are the notes about a customer that say something.
func (n notes) written(tenant string) (out []note) {
	for _, x := range n[tenant] {
		if x.Kind == noteText {
			out = append(out, x)
		}
	}
	return out
}

// stateOf is a digest of what there is to see of a customer.
func (r *result) stateOf(t *statement.Tenant) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if state, ok := r.states[t.ID]; ok {
		return state
	}
	if r.states == nil {
		r.states = map[string]string{}
	}
	r.states[t.ID] = r.seenOf(t)
	return r.states[t.ID]
}

func (r *result) seenOf(t *statement.Tenant) string {
	var keys []string
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Tenant == t.ID {
			keys = append(keys, f.DecisionKey())
		}
	}
	b, err := json.Marshal(struct {
		Lines      []statement.Line
		Exclusions []statement.ExclusionUse
		Findings   []string
	}{t.Lines, t.Exclusions, keys})
	if err != nil { // these types always encode
		return ""
	}
	return digest.Of(b)[:16]
}
