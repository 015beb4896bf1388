package desk

import (
	"context"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/lazyregexp"
	"splameter/internal/statement"
	"splameter/report"
)

func askApprove(_ *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Draft); err != nil || h.res == nil {
		return err
	}
	x := h.res.sums[allTenants]
	f.Attest = r.lang.text("act.approve.attest", r.lang.words.Month(h.m), r.lang.number(x.users), r.lang.number(x.packs), r.lang.money(x.Amount(), x.currency))
	if x.users == 0 && x.packs == 0 {
		f.Attest = r.lang.text("act.approve.zero", r.lang.words.Month(h.m))
	}
	f.Says = []string{r.lang.text("act.approve.says")}
	if h.Gaps+h.Open+h.Errors > 0 {
		f.Says = append(f.Says, r.lang.text("act.approve.open", r.lang.count("gap", h.Gaps), r.lang.count("question", h.Open), r.lang.count("error", h.Errors)))
	}
	high := 0
	for i := range h.res.Findings {
		if x := &h.res.Findings[i]; x.Severity == statement.High && x.Accepted == "" {
			high++
		}
	}
	if high > 0 {
		f.Says = append(f.Says, r.lang.text("act.approve.high", r.lang.number(high)))
	}
	if blank := r.unsaid(); len(blank) > 0 {
		f.Says = append(f.Says, r.lang.text("act.approve.unsaid", strings.Join(blank, ", ")))
	}
	if r.set.Config.FourEyes {
		f.Says = append(f.Says, r.lang.text("act.foureyes", r.who.account))
	}
	f.AskReason, f.Back = true, h.Base+"/sign"
	return nil
}

// unsaid is what the usage report has a line for, and the config does not say.
func (r *request) unsaid() (out []string) {
	p := &r.set.Config.Provider
	for _, x := range []field{{"agreement", p.Agreement}, {"enrollment", p.Enrollment}, {"reporter.name", p.Reporter.Name}} {
		if strings.TrimSpace(x.Value) == "" {
			out = append(out, r.lang.text("setup.p."+x.Name))
		}
	}
	return out
}

func readApprove(_ *Server, r *request, h *head, f *form) (doing, error) {
	who := closing.Act{By: f.By, Reason: f.Reason}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		res, err := d.Approve(ctx, h.m, who)
		if err != nil {
			return "", err
		}
		return r.lang.where(res), nil
	}, nil
}

func askSubmit(_ *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Approved); err != nil || h.res == nil {
		return err
	}
	f.AskSubmit, f.AskReason, f.Back = true, true, h.Base+"/sign"
	f.Reference, f.On = cleaned(r.PostFormValue("reference")), strings.TrimSpace(r.PostFormValue("on"))
	at := map[string]int{}
	for i := range h.res.Lines {
		l := &h.res.Lines[i]
		key := l.PartNumber
		if key == "" {
			key = "(" + l.Product + ")"
		}
		n, ok := at[key]
		if !ok {
			n = len(f.Parts)
			at[key] = n
			f.Parts = append(f.Parts, typedPart{Part: key, Name: r.product(h, l.Product), Typed: strings.TrimSpace(r.PostFormValue("part:" + key))})
		}
		f.Parts[n].Approved += l.Quantity
	}
	f.Says = []string{r.lang.text("act.submit.says"), r.lang.text("act.submit.stays")}
	if h.life.Approval != nil {
		f.Says = append(f.Says, r.lang.text("act.submit.approved", h.life.Approval.By, h.life.Approval.Account))
	}
	if r.set.Config.FourEyes {
		f.Says = append(f.Says, r.lang.text("act.foureyes", r.who.account))
	}
	return nil
}

func readSubmit(_ *Server, r *request, h *head, f *form) (doing, error) {
	on, err := textDate(f.On)
	if err != nil {
		return nil, err
	}
	x := closing.Submission{Act: closing.Act{By: f.By, Reason: f.Reason}, Reference: f.Reference, On: on}
	wrong := false
	for i := range f.Parts {
		p := &f.Parts[i]
		if p.Typed == "" {
			continue
		}
		n, err := strconv.Atoi(thousands.Replace(p.Typed))
		if p.Wrong = err != nil || n != p.Approved; p.Wrong {
			wrong = true
			continue
		}
		x.Typed = append(x.Typed, statement.PartQuantity{PartNumber: p.Part, Quantity: n})
	}
	if wrong {
		return nil, &problem{text: "act.submit.wrong"}
	}
	if len(x.Typed) > 0 {
		for i := range f.Parts {
			if f.Parts[i].Typed == "" && f.Parts[i].Approved != 0 {
				f.Parts[i].Wrong, wrong = true, true
			}
		}
		if wrong {
			return nil, &problem{text: "act.submit.missing"}
		}
	}
	name, data, err := uploaded(r, "attach")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ *job, d *closing.Desk) (said string, err error) {
		err = attached(name, data, func(file string) error {
			x.Attach = file
			res, err := d.Submit(ctx, h.m, x)
			if err == nil {
				said = r.lang.where(res)
			}
			return err
		})
		return said, err
	}, nil
}

// uploaded is a file that was sent with a form; no name where there is none.
func uploaded(r *request, field string) (name string, data []byte, err error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[field]) == 0 {
		return "", nil, nil
	}
	head := r.MultipartForm.File[field][0]
	if head.Size == 0 {
		return "", nil, nil
	}
	file, err := head.Open()
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	data = make([]byte, head.Size)
	if _, err := file.ReadAt(data, 0); err != nil {
		return "", nil, err
	}
	ext := filepath.Ext(head.Filename)
	stem := strings.TrimSuffix(filepath.Base(head.Filename), ext)
	if !plainExt().MatchString(ext) { // SafeName keeps no name that begins with a point
		ext = report.SafeName(ext)
	}
	return report.SafeName(stem) + ext, data, nil
}

// thousands takes the marks out that a portal puts between thousands: a quantity
// is a whole number.
var thousands = strings.NewReplacer(",", "", ".", "", " ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "")

var plainExt = lazyregexp.New(`^\.[A-Za-z0-9]{1,8}$`)

func askAmend(_ *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Approved, statement.Submitted); err != nil {
		return err
	}
	f.AskReason, f.NeedReason, f.AskToday = true, true, true
	f.Today = r.PostFormValue("today") != ""
	f.Says = []string{r.lang.text("act.amend.says"), r.lang.text("act.amend.next")}
	f.Back = "/m/" + h.Month
	return nil
}

func readAmend(_ *Server, r *request, h *head, f *form) (doing, error) {
	who, today := closing.Act{By: f.By, Reason: f.Reason}, f.Today
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		l, err := d.Amend(ctx, h.m, who, today)
		if err != nil {
			return "", err
		}
		return r.lang.standing(l), nil
	}, nil
}

// askUndo is for a revision that is withdrawn, and an approval that is.
func askUndo(_ *Server, r *request, h *head, f *form) error {
	states := []statement.State{statement.Approved}
	if f.Act == actWithdraw {
		states = []statement.State{statement.Open, statement.Draft}
	}
	if err := stands(h, states...); err != nil {
		return err
	}
	if f.Act == actWithdraw && h.Rev == 0 {
		return &problem{status: http.StatusConflict, text: "problem.state"}
	}
	f.AskReason, f.NeedReason = true, true
	f.Says = []string{r.lang.text("act." + string(f.Act) + ".says")}
	f.Back = "/m/" + h.Month
	return nil
}

func readUndo(_ *Server, r *request, h *head, f *form) (doing, error) {
	who, reopen := closing.Act{By: f.By, Reason: f.Reason}, f.Act == actReopen
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		if reopen {
			res, err := d.Reopen(ctx, h.m, who)
			if err != nil {
				return "", err
			}
			return r.lang.where(res), nil
		}
		l, err := d.Withdraw(ctx, h.m, who)
		if err != nil {
			return "", err
		}
		return r.lang.standing(l), nil
	}, nil
}

// signData is the screen on which a month is approved and handed in.
type signData struct {
	Steps          []step
	Parts          []typedPart
	Sums           *sums
	Files          []fileRow
	Approval       *statement.Act
	Submission     *statement.Act
	FourEyes       bool
	Signs          bool
	Next, NextLink string
	AtMost         string
	Zero           bool
	MailServer     bool // mails can be sent
	Drafts         int  // of mails to customers, to be fetched
}

type step struct {
	Text string
	Done bool
	By   *statement.Act
}

// sign is what is still open, who signed, and what comes next.
func (s *Server) sign(r *request) error {
	h, err := s.at(r)
	if err != nil {
		return err
	}
	d := signData{MailServer: r.set.Config.Mail.Server != "", FourEyes: r.set.Config.FourEyes, Signs: r.who.role.signs()}
	var closed *statement.Act
	for i := range h.life.Live() {
		a := &h.life.Live()[i]
		if a.Revision != h.Rev {
			continue
		}
		switch a.Action {
		case statement.ActClose:
			closed = a
		case statement.ActApprove:
			d.Approval = a
		case statement.ActReopen:
			d.Approval = nil
		case statement.ActSubmit:
			d.Submission = a
		}
	}
	d.Steps = []step{{"step.close", closed != nil, closed}, {"step.approve", d.Approval != nil, d.Approval}, {"step.submit", d.Submission != nil, d.Submission}}
	if h.res != nil {
		d.Sums = h.res.sums[allTenants]
		d.Zero = d.Sums.users == 0 && d.Sums.packs == 0
		if h.res.atMost.IsPositive() {
			d.AtMost = h.res.atMost.StringFixed(2)
		}
		for i := range h.res.Lines {
			if l := &h.res.Lines[i]; l.Quantity > 0 {
				d.Parts = append(d.Parts, typedPart{Part: l.PartNumber, Name: r.product(h, l.Product), Approved: l.Quantity})
			}
		}
		for _, f := range s.files(r, h) {
			if strings.HasPrefix(f.Name, "usage-report") || strings.HasPrefix(f.Name, "reseller") || strings.HasPrefix(f.Name, "evidence") {
				d.Files = append(d.Files, f)
			}
		}
	}
	drafts, err := s.mailDrafts(r, h)
	if err != nil {
		return err
	}
	d.Drafts = len(drafts)
	d.Next, d.NextLink = next(h, h.m, dayOf(s.opt.Now(), s.loc))
	if !mayAct(r.who.role, d.Next) || h.Rev != h.Latest {
		d.NextLink = ""
	}
	s.show(r, 200, "sign", page{Title: "sign.title", Month: h, Screen: "sign", Data: &d})
	return nil
}
