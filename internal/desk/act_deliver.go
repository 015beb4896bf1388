package desk

import (
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/deliver"
	"splameter/internal/statement"
)

// lettersOf is a month's files as they go out, with its letters.
func lettersOf(ctx context.Context, d *closing.Desk, h *head, tenant string) (*closing.Issued, []*deliver.Letter, error) {
	t, err := d.Issued(ctx, h.m, false)
	if err != nil {
		return nil, nil, err
	}
	letters, err := deliver.Of(ctx, d, t)
	if err == nil && tenant != "" {
		letters, err = deliver.Only(letters, []string{tenant})
	}
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, letters, nil
}

// askDeliver is for the mails of a month, or of one customer.
func askDeliver(s *Server, r *request, h *head, f *form) error {
	if h.res == nil {
		return gone(true)
	}
	if f.Of != "" && h.res.tenants[f.Of] == nil {
		return gone(true)
	}
	send := f.Act == actSend
	if send {
		if err := stands(h, statement.Approved, statement.Submitted); err != nil {
			return err
		}
		if r.set.Config.Mail.Server == "" {
			return &problem{status: http.StatusConflict, text: "problem.nomail"}
		}
	} else {
		f.AskBy = false
	}
	f.Back = h.Base + "/sign"
	if f.Of != "" {
		f.Back = h.Base + "/c/" + f.Of
	}
	t, letters, err := lettersOf(r.Context(), s.desk(r), h, f.Of)
	if err != nil {
		return err
	}
	defer t.Close()
	for _, l := range letters {
		if len(f.About) == pageSize && len(letters) > pageSize {
			f.About = append(f.About, r.lang.text("more", r.lang.number(len(letters)-pageSize)))
			break
		}
		to := l.To
		if to == "" {
			to = r.lang.text("act.send.nobody")
		}
		f.About = append(f.About, l.Name+" · "+l.Document+" · "+to)
	}
	f.Says = append(f.Says, r.lang.text("act."+string(f.Act)+".says", r.lang.count("mail", len(letters))))
	return nil
}

// outcomes says what became of letters: how many of each, and by name those about
// which something is left to do.
func (l *language) outcomes(all []deliver.Outcome) string {
	count := map[deliver.State]int{}
	var states []deliver.State
	var left []string
	for i := range all {
		o := &all[i]
		if count[o.State]++; count[o.State] == 1 {
			states = append(states, o.State)
		}
		if o.Open() {
			left = append(left, strings.TrimSpace(l.state(o.State)+": "+o.Name+"  "+o.To+"  "+o.Note))
		}
	}
	var said []string
	for _, s := range states {
		said = append(said, l.state(s)+": "+l.number(count[s]))
	}
	return strings.Join(append(said, left...), "\n")
}

// state is what became of a letter, in words.
func (l *language) state(s deliver.State) string {
	return l.text("act.send.state." + strings.ReplaceAll(string(s), " ", "-"))
}

func readDeliver(_ *Server, r *request, h *head, f *form) (doing, error) {
	order, tenant := deliver.Order{Send: f.Act == actSend, By: f.By, Whole: f.Of == ""}, f.Of
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		t, letters, err := lettersOf(ctx, d, h, tenant)
		if err != nil {
			return "", err
		}
		defer t.Close()
		all, err := order.Do(ctx, d, t, letters)
		return r.lang.outcomes(all), err
	}, nil
}

// askConfirm is for a customer's answer to its annex.
func askConfirm(_ *Server, r *request, h *head, f *form) error {
	if h.res == nil || h.res.tenants[f.Of] == nil {
		return gone(true)
	}
	f.About = []string{r.nameOf(h, f.Of)}
	f.AskReason, f.AskFile, f.Back = true, true, h.Base+"/c/"+f.Of
	f.Says = []string{r.lang.text("act.confirm.says")}
	return nil
}

func readConfirm(_ *Server, r *request, h *head, f *form) (doing, error) {
	name, data, err := uploaded(r, "attach")
	if err != nil {
		return nil, err
	}
	tenant, by, note := f.Of, f.By, f.Reason
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		t, err := d.Issued(ctx, h.m, false)
		if err != nil {
			return "", err
		}
		defer t.Close()
		var said string
		err = attached(name, data, func(file string) error {
			said, err = deliver.Confirm(ctx, d, t, tenant, "", by, note, file)
			return err
		})
		return said, err
	}, nil
}

// askReportMail is for the mail with which the report goes to the reseller.
func askReportMail(_ *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Approved, statement.Submitted); err != nil {
		return err
	}
	f.AskBy = false
	for _, a := range r.set.Config.AllAgreements() {
		to := cmp.Or(a.Reseller.Email, r.lang.text("act.send.nobody"))
		f.About = append(f.About, strings.Join(slices.DeleteFunc([]string{a.Reseller.Name, to, a.Agreement}, func(s string) bool { return s == "" }), " · "))
	}
	f.Says, f.Back = []string{r.lang.text("act.report-mail.says")}, h.Base+"/sign"
	return nil
}

func readReportMail(s *Server, _ *request, h *head, _ *form) (doing, error) {
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		t, err := d.Issued(ctx, h.m, true)
		if err != nil {
			return "", err
		}
		defer t.Close()
		drafts, err := deliver.UsageReports(t, d.Dir(h.Month, t.Revision), d.Setup.Config, deliver.UsageOrder{At: s.opt.Now()})
		return strings.Join(drafts, "\n"), err
	}, nil
}

// attached lets f read what was sent as a file; no name means that none was.
func attached(name string, data []byte, f func(file string) error) error {
	if name == "" {
		return f("")
	}
	dir, err := os.MkdirTemp("", "splameter-desk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, name)
	if err := atomicfile.WriteBytes(file, atomicfile.Private, data); err != nil {
		return err
	}
	return f(file)
}
