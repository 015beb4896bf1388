package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// act is one thing that can be done to a month on the page. Each shows first
// what it will change, and is done by the call that its command makes.
type act struct {
	name  actName
	roles roles
	// ask fills in what the page says and asks for; it refuses what the month
	// is in no state for.
	ask func(*Server, *request, *head, *form) error
	// read takes what was filled in, and gives what is to be done.
	read func(*Server, *request, *head, *form) (func(ctx context.Context, j *job, d *closing.Desk) (string, error), error)
}

// actName is an act as its page's address and its texts name it.
type actName string

// The acts.
const (
	actAcceptGap     actName = "accept-gap"
	actAcceptFinding actName = "accept-finding"
	actDecide        actName = "decide"
	actCorrect       actName = "correct"
	actCollect       actName = "collect"
	actCount         actName = "report"
	actClose         actName = "close"
	actApprove       actName = "approve"
	actSubmit        actName = "submit"
	actAmend         actName = "amend"
	actWithdraw      actName = "withdraw"
	actReopen        actName = "reopen"
	actDrafts        actName = "drafts"
	actSend          actName = "send"
	actConfirm       actName = "confirm"
	actReportMail    actName = "report-mail"
	actInvoice       actName = "invoice"
	actBilled        actName = "billed"
)

// acts are all of them.
func acts() []act {
	review, sign := all(Reviewer, Approver), all(Approver)
	return []act{
		{actAcceptGap, review, askGap, readGap},
		{actAcceptFinding, review, askFinding, readFinding},
		{actDecide, review, askDecide, readDecide},
		{actCorrect, review, askCorrect, readCorrect},
		{actCollect, review, askCollect, readCollect},
		{actCount, review, askCount, readCount},
		{actClose, review, askCount, readCount},
		{actApprove, sign, askApprove, readApprove},
		{actSubmit, sign, askSubmit, readSubmit},
		{actAmend, review, askAmend, readAmend},
		{actWithdraw, review, askUndo, readUndo},
		{actReopen, sign, askUndo, readUndo},
		{actDrafts, review, askDeliver, readDeliver},
		{actSend, review, askDeliver, readDeliver},
		{actConfirm, review, askConfirm, readConfirm},
		{actReportMail, review, askReportMail, readReportMail},
		{actInvoice, review, askInvoice, readInvoice},
		{actBilled, review, askBilled, readBilled},
	}
}

// form is the page of an act: what it will change, and what it asks for.
type form struct {
	Act    actName
	Of     string // the opaque id of what it is about
	Kind   string // or of which kind are all that it is about
	Back   string
	About  []string // what it is about, as it is called
	Says   []string // what will change, in the page's language
	Files  []string // which files are written
	Button string

	By, Reason                      string
	AskReason                       bool
	NeedReason                      bool
	AskBy                           bool
	Answers                         []register.Answer
	Answer                          register.Answer
	AskUntil                        bool
	Until                           string
	AskToday                        bool
	Today                           bool
	Tenants                         []choice
	Products                        []choice
	Codes                           []string
	Tenant, Product, Code, Quantity string
	AskSubmit                       bool
	AskFile                         bool
	AskBook                         string // a key of the texts: which files are asked for
	AskBookDay, Several             bool   // an invoice's day; and whether they may be several
	Entered, Further                bool   // something was entered before, and this stands beside it
	Headings                        string // which column of a list has which heading
	Reference, On                   string
	Parts                           []typedPart
	Attest                          string

	Request string
	State   string // of the month when the page was made
	Acts    int    // how many acts it had then

	Problem string
	Since   []statement.Act // what was done since
	Changed bool

	questions []*statement.Question
	findings  []*statement.Finding
	gaps      []*statement.Gap
}

type choice struct{ ID, Name string }

// typedPart is one cell of the reseller's portal.
type typedPart struct {
	Part, Name string
	Approved   int
	Typed      string
	Wrong      bool
}

// actRoutes are the addresses of the acts.
func (s *Server) actRoutes() []route {
	var out []route
	for _, a := range acts() {
		path := "/m/{month}/{rev}/do/" + string(a.name)
		out = append(out,
			route{pattern: "GET " + path, roles: a.roles, handle: func(r *request) error { return s.actPage(r, &a) }},
			route{pattern: "POST " + path, roles: a.roles, handle: func(r *request) error { return s.actDone(r, &a) }})
	}
	return out
}

// asked prepares the form of an act.
func (s *Server) asked(r *request, a *act) (*head, *form, error) {
	h, err := s.at(r)
	if err != nil {
		return nil, nil, err
	}
	if h.Rev != h.Latest {
		return h, nil, &problem{status: http.StatusConflict, text: "problem.notlatest"}
	}
	f := &form{Act: a.name, Of: r.FormValue("of"), Kind: r.FormValue("kind"), Back: h.Base, By: r.who.by(), Button: "act." + string(a.name) + ".go", AskBy: true,
		Request: opaque(), State: h.Token, Acts: len(h.life.Acts), Reason: r.PostFormValue("reason")}
	if r.Method == http.MethodPost {
		f.By = cleaned(r.PostFormValue("by"))
	}
	return h, f, a.ask(s, r, h, f)
}

// actPage shows what an act will change.
func (s *Server) actPage(r *request, a *act) error {
	h, f, err := s.asked(r, a)
	if err != nil {
		return err
	}
	s.showForm(r, h, f, http.StatusOK)
	return nil
}

func (s *Server) showForm(r *request, h *head, f *form, status int) {
	s.show(r, status, "act", page{Title: "act." + string(f.Act), Month: h, Screen: "act", Data: f})
}

// actDone does it.
func (s *Server) actDone(r *request, a *act) error {
	if err := r.ParseMultipartForm(mostUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	id := cmp.Or(cleaned(r.PostFormValue("request")), opaque())
	if j := s.begun(id); j != nil { // the form was sent twice
		return r.to("/job/" + j.ID)
	}
	h, f, err := s.asked(r, a)
	if err != nil {
		return err
	}
	again := func(status int, text string) error {
		f.Problem = text
		s.showForm(r, h, f, status)
		return nil
	}
	do, err := a.read(s, r, h, f)
	var p *problem
	switch {
	case errors.As(err, &p) && p.text != "":
		return again(http.StatusUnprocessableEntity, r.lang.text(p.text))
	case err != nil:
		return again(http.StatusUnprocessableEntity, err.Error())
	case f.AskBy && f.By == "":
		return again(http.StatusUnprocessableEntity, r.lang.text("act.noby"))
	case f.NeedReason && strings.TrimSpace(f.Reason) == "":
		return again(http.StatusUnprocessableEntity, r.lang.text("act.noreason"))
	}
	if state := r.PostFormValue("state"); state != h.Token {
		n, _ := strconv.Atoi(r.PostFormValue("acts"))
		f.Changed = true
		for i := range h.life.Acts {
			if i >= n && h.life.Acts[i].Action != statement.ActSeal {
				f.Since = append(f.Since, h.life.Acts[i])
			}
		}
		s.showForm(r, h, f, http.StatusConflict)
		return nil
	}
	if f.AskBy {
		r.who.call(f.By)
	}
	d := s.desk(r)
	d.Request = id
	j := s.start(r, id, "act."+string(a.name), h.Month, f.Back, func(ctx context.Context, j *job) (string, error) {
		d.Step = j.at
		return do(ctx, j, d)
	})
	if failed := s.soon(r, j); failed != nil {
		return again(http.StatusConflict, failed.Error())
	}
	return r.to("/job/" + j.ID)
}

// cleaned is a line that somebody typed.
func cleaned(text string) string { return safetext.Line(safetext.Clip(text, 200)) }

// textDate reads a day that somebody typed; empty is none.
func textDate(text string) (d month.OptionalDay, err error) {
	if text = strings.TrimSpace(text); text == "" {
		return d, nil
	}
	if d.UnmarshalText([]byte(text)) != nil {
		return d, &problem{text: "act.nodate"}
	}
	return d, nil
}

// back is where an act leads afterwards, if it was given.
func back(r *request, h *head) string {
	u, err := url.Parse(local(r.FormValue("back")))
	if err != nil || !strings.HasPrefix(u.Path, "/m/") {
		return h.Base
	}
	return u.String()
}

// standing is where a month stands, in a few words.
func (l *language) standing(life *closing.Life) string {
	out := l.month(life.Month) + ": " + l.text("state."+string(life.State))
	if life.Revision > 0 {
		out += ", " + l.text("revision", life.Revision)
	}
	return out
}

// where says what an act left, in a few words.
func (l *language) where(res *closing.Result) string {
	out := l.standing(res.Life)
	if res.Note != "" {
		out += "\n" + res.Note
	}
	if res.Pack != "" {
		out += "\n" + res.Pack + "\nSHA-256 " + res.Manifest
	}
	return out
}
