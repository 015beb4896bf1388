package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/collector"
	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

type doing = func(ctx context.Context, j *job, d *closing.Desk) (string, error)

// stands refuses an act on a month in another state.
func stands(h *head, states ...statement.State) error {
	if !slices.Contains(states, h.State) {
		return &problem{status: http.StatusConflict, text: "problem.state"}
	}
	return nil
}

func askGap(s *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Open, statement.Draft); err != nil || h.res == nil {
		return errors.Join(err, gone(h.res == nil))
	}
	if f.Kind != "" {
		f.gaps, _ = closing.Choice{Kind: statement.CoverageKind(f.Kind)}.Open(h.res.Statement)
	}
	for i := range h.res.Coverage.Gaps {
		if g := &h.res.Coverage.Gaps[i]; f.Kind == "" && s.hidden("gap", g.Key()) == f.Of {
			f.gaps = []*statement.Gap{g}
		}
	}
	if len(f.gaps) == 0 {
		return gone(true)
	}
	if f.gaps[0].Accepted != "" {
		return &problem{status: http.StatusConflict, text: "problem.accepted"}
	}
	for _, g := range f.gaps {
		f.about(r, len(f.gaps), r.lang.told(g.Message)+" · "+r.lang.told(g.Action)+" · "+g.Key())
	}
	f.Says = []string{r.lang.text("act.gap.says"), r.lang.text("act.gap.left", r.lang.number(h.Gaps-len(f.gaps)))}
	f.AskReason, f.NeedReason, f.Back = true, true, h.Base+"#gaps"
	f.resealed(r, h)
	return nil
}

// gone is the error for what is not there any more.
func gone(yes bool) error {
	if yes {
		return &problem{status: http.StatusNotFound, text: "problem.gone"}
	}
	return nil
}

// resealed says which files an act on a draft writes.
func (f *form) resealed(r *request, h *head) {
	if h.State == statement.Open {
		f.Says = append(f.Says, r.lang.text("act.open"))
		return
	}
	f.Says = append(f.Says, r.lang.text("act.reseal"))
}

func readGap(_ *Server, r *request, h *head, f *form) (doing, error) {
	var keys []string
	for _, g := range f.gaps {
		keys = append(keys, g.Key())
	}
	who := closing.Act{By: f.By, Reason: f.Reason}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		var res *closing.Result
		var err error
		if len(keys) == 1 {
			res, err = d.Accept(ctx, h.m, keys[0], who)
		} else {
			res, err = d.AcceptAll(ctx, h.m, keys, nil, who)
		}
		if err != nil {
			return "", err
		}
		return r.lang.where(res), nil
	}, nil
}

// findingOf is the finding that a form is about.
func (s *Server) findingOf(h *head, of string) *statement.Finding {
	for i := range h.res.Findings {
		if f := &h.res.Findings[i]; s.hidden("finding", f.DecisionKey()) == of {
			return f
		}
	}
	return nil
}

// ofCode begins the kind of a form that is about all open findings of a code.
const ofCode = "code:"

// findingsOf are those that a form is about: one, or all of a code that nobody
// accepted.
func (s *Server) findingsOf(r *request, h *head, f *form) error {
	if code, ok := strings.CutPrefix(f.Kind, ofCode); ok {
		_, f.findings = closing.Choice{Code: code}.Open(h.res.Statement)
	} else if x := s.findingOf(h, f.Of); x != nil {
		f.findings = []*statement.Finding{x}
	}
	if len(f.findings) == 0 {
		return gone(true)
	}
	if f.findings[0].Accepted != "" {
		return &problem{status: http.StatusConflict, text: "problem.accepted"}
	}
	for _, x := range f.findings {
		text := r.lang.told(x.Message)
		if x.Product != "" {
			text += " · " + r.product(h, x.Product)
		}
		f.about(r, len(f.findings), text+" · "+r.lang.told(x.Action))
	}
	return nil
}

// about is one more thing that a form is about, as far as there is room for all.
func (f *form) about(r *request, all int, text string) {
	switch {
	case len(f.About) < pageSize:
		f.About = append(f.About, text)
	case len(f.About) == pageSize:
		f.About = append(f.About, r.lang.text("more", r.lang.number(all-pageSize)))
	}
}

func askFinding(s *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Open, statement.Draft); err != nil || h.res == nil {
		return errors.Join(err, gone(h.res == nil))
	}
	if err := s.findingsOf(r, h, f); err != nil {
		return err
	}
	f.Says = []string{r.lang.text("act.finding.says")}
	f.AskReason, f.NeedReason = true, true
	f.Back = h.Base + "/questions#findings"
	if x := f.findings[0]; len(f.findings) == 1 && x.Tenant != "" && h.res.tenants[x.Tenant] != nil {
		f.Back = h.Base + "/c/" + x.Tenant
	}
	f.resealed(r, h)
	return nil
}

func readFinding(_ *Server, r *request, h *head, f *form) (doing, error) {
	var keys []string
	for _, x := range f.findings {
		keys = append(keys, x.DecisionKey())
	}
	who := closing.Act{By: f.By, Reason: f.Reason}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		var res *closing.Result
		var err error
		if len(keys) == 1 {
			res, err = d.AcceptFinding(ctx, h.m, keys[0], who)
		} else {
			res, err = d.AcceptAll(ctx, h.m, nil, keys, who)
		}
		if err != nil {
			return "", err
		}
		return r.lang.where(res), nil
	}, nil
}

func askDecide(s *Server, r *request, h *head, f *form) error {
	if h.res == nil {
		return gone(true)
	}
	if r.set.Config.Decisions == "" {
		return &problem{status: http.StatusConflict, text: "problem.nodecisions"}
	}
	for i := range h.res.Questions {
		q := &h.res.Questions[i]
		if q.Open() && (f.Of == s.hidden("question", q.Key) || f.Of == "" && f.Kind == sameAnswers(q)) {
			f.questions = append(f.questions, q)
		}
	}
	f.AskReason, f.NeedReason, f.AskUntil, f.Until, f.Back = true, true, true, strings.TrimSpace(r.PostFormValue("until")), h.Base+"/questions"
	if len(f.questions) == 0 {
		if err := s.findingsOf(r, h, f); err != nil {
			return err
		}
		f.Says = []string{r.lang.text("act.decide.finding")}
	}
	units, amount, currency := 0, decimal.Zero, ""
	for i, q := range f.questions {
		if i < pageSize {
			f.About = append(f.About, r.lang.told(q.Message))
		}
		units += q.Units
		if d, err := decimal.NewFromString(q.Amount); err == nil {
			amount, currency = amount.Add(d), q.Currency
		}
	}
	if len(f.questions) > 0 {
		f.Answers, f.Answer = slices.Clone(f.questions[0].Answers), register.Answer(r.PostFormValue("answer"))
		if !slices.Contains(f.Answers, register.Accepted) {
			f.Answers = append(f.Answers, register.Accepted)
		}
		f.Says = append(f.Says, r.lang.count("question", len(f.questions)))
		switch {
		case units > 0 && amount.IsZero(): // nothing of it has a price
			f.Says = append(f.Says, r.lang.text("act.decide.units", r.lang.count("licence", units)))
		case units > 0:
			f.Says = append(f.Says, r.lang.text("act.decide.cost", r.lang.count("licence", units), r.lang.money(amount.String(), currency)))
		}
	}
	f.Says = append(f.Says, r.lang.text("act.decide.says"))
	f.Files = []string{r.set.Config.Decisions}
	return nil
}

// mostTold is how many answers are told one by one of those that were written.
const mostTold = 10

func readDecide(_ *Server, r *request, h *head, f *form) (doing, error) {
	until, err := textDate(f.Until)
	if err != nil {
		return nil, err
	}
	if len(f.questions) > 0 && !slices.Contains(f.Answers, f.Answer) {
		return nil, &problem{text: "act.noanswer"}
	}
	var list []register.Decision
	for _, q := range f.questions {
		list = append(list, register.Decision{Key: q.Key, Decision: f.Answer, By: f.By, Reason: f.Reason, Until: until})
	}
	for _, x := range f.findings {
		list = append(list, register.Decision{Key: x.DecisionKey(), By: f.By, Reason: f.Reason, Until: until})
	}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		if err := closing.MakeTable(d.Setup.Config); err != nil {
			return "", err
		}
		done, err := d.Answer(ctx, h.m, list)
		if err != nil {
			return "", err
		}
		var lines []string
		for i, x := range done {
			if i == mostTold {
				lines = append(lines, r.lang.text("more", r.lang.number(len(done)-mostTold)))
				break
			}
			lines = append(lines, x.Key+": "+cmp.Or(r.lang.texts["answer."+string(x.Decision)], string(x.Decision)))
		}
		return strings.Join(lines, "\n"), nil
	}, nil
}

func askCorrect(_ *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Open, statement.Draft); err != nil || h.res == nil {
		return errors.Join(err, gone(h.res == nil))
	}
	for i := range h.res.Tenants {
		t := &h.res.Tenants[i]
		f.Tenants = append(f.Tenants, choice{t.ID, r.nameOf(h, t.ID)})
	}
	for i := range h.res.Products {
		f.Products = append(f.Products, choice{h.res.Products[i].ID, h.res.Products[i].Label(r.lang.id)})
	}
	f.Codes = statement.CorrectionCodes()
	f.Tenant, f.Product, f.Code, f.Quantity = r.PostFormValue("tenant"), r.PostFormValue("product"), r.PostFormValue("code"), strings.TrimSpace(r.PostFormValue("quantity"))
	if f.Tenant == "" {
		f.Tenant = f.Of
	}
	f.AskReason, f.NeedReason = true, true
	f.Says = []string{r.lang.text("act.correct.says")}
	f.resealed(r, h)
	return nil
}

func readCorrect(_ *Server, r *request, h *head, f *form) (doing, error) {
	x, err := statement.ParseCorrection(f.Quantity)
	if err != nil {
		return nil, &problem{text: "act.noquantity"}
	}
	x.Tenant, x.Product, x.Code, x.Reason, x.By = f.Tenant, f.Product, f.Code, f.Reason, f.By
	if h.res.tenants[f.Tenant] != nil {
		f.Back = h.Base + "/c/" + f.Tenant
	}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		res, err := d.Correct(ctx, h.m, x)
		if err != nil {
			return "", err
		}
		return r.lang.where(res), nil
	}, nil
}

func askCollect(_ *Server, r *request, h *head, f *form) error {
	f.AskBy = false
	for _, src := range collector.Sources(r.set.Config) {
		f.About = append(f.About, src.Name())
	}
	f.Says = []string{r.lang.text("act.collect.says")}
	f.Back = h.Base + "/sources"
	if h.res == nil { // what was read is mostly of other months
		f.Back = "/"
	}
	return nil
}

func readCollect(s *Server, r *request, _ *head, _ *form) (doing, error) {
	return func(ctx context.Context, j *job, d *closing.Desk) (string, error) {
		return s.collect(ctx, j, d, r.lang)
	}, nil
}

// collect reads every source once more, and says what came of it.
func (s *Server) collect(ctx context.Context, j *job, d *closing.Desk, lang *language) (string, error) {
	outcomes, err := collector.Run(ctx, &collector.Env{Store: d.Store, Config: d.Setup.Config, Keep: d.Setup.Keep(), Now: d.Now, Workers: max(d.Workers, 1), Log: s.opt.Log,
		Progress: func(source string, done, total int64) {
			j.at(source + " " + strconv.FormatInt(done, 10) + "/" + strconv.FormatInt(total, 10))
		}}, "")
	if err != nil {
		return "", err
	}
	var said []string
	var failed []error
	for _, o := range outcomes {
		said = append(said, o.Source+": "+lang.text("collected", lang.number(o.Read), lang.number(o.Known)))
		if o.Err != nil {
			said = append(said, o.Source+": "+o.Err.Error())
			failed = append(failed, o.Err)
		}
	}
	if len(failed) > 0 && len(failed) == len(outcomes) {
		return "", errors.Join(failed...)
	}
	return strings.Join(said, "\n"), nil
}

func askCount(s *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Open, statement.Draft); err != nil {
		return err
	}
	f.AskBy = false
	if f.Act == actCount && h.State == statement.Open {
		f.Says = []string{r.lang.text("act.report.says"), r.lang.text("act.report.files")}
		return nil
	}
	f.Says = []string{r.lang.text("act.close.says"), r.lang.text("act.close.seals")}
	if month.DayOf(s.opt.Now(), h.m.Location()) <= h.m.LastDay() {
		f.Says = append(f.Says, r.lang.text("act.close.running"))
	}
	return nil
}

func readCount(s *Server, r *request, h *head, f *form) (doing, error) {
	closes := f.Act == actClose || h.State == statement.Draft
	collects := f.Act == actClose
	return func(ctx context.Context, j *job, d *closing.Desk) (string, error) {
		said := ""
		if collects {
			var err error
			if said, err = s.collect(ctx, j, d, r.lang); err != nil && ctx.Err() != nil {
				return "", err
			}
			said += "\n"
		}
		if closes {
			res, err := d.Close(ctx, h.m)
			if err != nil {
				return "", err
			}
			return said + r.lang.where(res), nil
		}
		res, _, err := d.Report(ctx, h.m)
		if err != nil {
			return "", err
		}
		return said + r.lang.where(res), nil
	}, nil
}
