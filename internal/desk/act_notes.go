package desk

import (
	"net/http"
	"strings"

	"splameter/internal/safetext"
)

// tick says that a customer was looked at as it stands, or was not.
func (s *Server) tick(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	// What was seen is what the page showed: where that is no longer so, the
	// customer is shown anew instead.
	if state := r.PostFormValue("state"); state != h.Token {
		return r.to(h.Base + "/c/" + t.ID)
	}
	n := note{At: s.opt.Now(), Account: r.who.account, By: r.who.Called(), Tenant: t.ID, Kind: noteSeen, State: h.res.stateOf(t)}
	if r.PostFormValue("not") != "" {
		n.Kind, n.State = noteUnseen, ""
	}
	if err := s.addNote(r, h, n); err != nil {
		return err
	}
	return r.to(back(r, h))
}

// tickable are the lists of customers that can be ticked as a whole: nothing in
// them asks for a person.
var tickable = map[string]func(*customerRow) bool{
	"quiet": func(x *customerRow) bool { return x.Quiet },
	"small": func(x *customerRow) bool { return x.Small },
}

// tickAll says that all customers of such a list were looked at as they stand.
func (s *Server) tickAll(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	show := r.PathValue("show")
	fits := tickable[show]
	if fits == nil {
		return notFound()
	}
	if r.PostFormValue("state") != h.Token { // it shows others now
		return r.to(h.Base + "/customers?show=" + show)
	}
	rows, err := s.customerRows(r, h)
	if err != nil {
		return err
	}
	var list []note
	for i := range rows {
		if x := &rows[i]; fits(x) && x.Seen == nil {
			list = append(list, note{At: s.opt.Now(), Account: r.who.account, By: r.who.Called(), Tenant: x.ID, Kind: noteSeen, State: h.res.stateOf(h.res.tenants[x.ID])})
		}
	}
	if err := s.addNote(r, h, list...); err != nil {
		return err
	}
	return r.to(h.Base + "/customers?show=todo")
}

// writeNote keeps a note about a customer.
func (s *Server) writeNote(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	text := safetext.Line(safetext.Clip(strings.TrimSpace(r.PostFormValue("text")), 2000))
	if text == "" {
		return &problem{status: http.StatusUnprocessableEntity, text: "act.noreason"}
	}
	list, err := s.notes(r, h)
	if err != nil {
		return err
	}
	if old := list.written(t.ID); len(old) > 0 && old[len(old)-1].Text == safetext.Cell(text) { // the form was sent twice
		return r.to(h.Base + "/c/" + t.ID + "#notes")
	}
	if err := s.addNote(r, h, note{At: s.opt.Now(), Account: r.who.account, By: r.who.Called(), Tenant: t.ID, Kind: noteText, Text: text}); err != nil {
		return err
	}
	return r.to(h.Base + "/c/" + t.ID + "#notes")
}
