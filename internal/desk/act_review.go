package desk

import (
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
	for i := range h.res.Coverage.Gaps {
		if g := &h.res.Coverage.Gaps[i]; s.hidden("gap", g.Key()) == f.Of {
			f.gap = g
		}
	}
	if f.gap == nil {
		return gone(true)
	}
	if f.gap.Accepted != "" {
		return &problem{status: http.StatusConflict, text: "problem.accepted"}
	}
	f.About = []string{r.lang.told(f.gap.Message), r.lang.told(f.gap.Action), f.gap.Key()}
	f.Says = []string{r.lang.text("act.gap.says"), r.lang.text("act.gap.left", r.lang.number(h.Gaps-1))}
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

func readGap(_ *Server, _ *request, h *head, f *form) (doing, error) {
	key, who := f.gap.Key(), closing.Act{By: f.By, Reason: f.Reason}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		res, err := d.Accept(ctx, h.m, key, who)
		if err != nil {
			return "", err
		}
		return where(res), nil
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

func askFinding(s *Server, r *request, h *head, f *form) error {
	if err := stands(h, statement.Open, statement.Draft); err != nil || h.res == nil {
		return errors.Join(err, gone(h.res == nil))
	}
	x := s.findingOf(h, f.Of)
	if x == nil {
		return gone(true)
	}
	if x.Accepted != "" {
		return &problem{status: http.StatusConflict, text: "problem.accepted"}
	}
	f.findings = []*statement.Finding{x}
	f.About = []string{r.lang.told(x.Message), r.lang.told(x.Action)}
	f.Says = []string{r.lang.text("act.finding.says")}
	f.AskReason, f.NeedReason = true, true
	f.Back = h.Base + "/questions#findings"
	if x.Tenant != "" && h.res.tenants[x.Tenant] != nil {
		f.Back = h.Base + "/c/" + x.Tenant
	}
	f.resealed(r, h)
	return nil
}

func readFinding(_ *Server, _ *request, h *head, f *form) (doing, error) {
	key, who := f.findings[0].DecisionKey(), closing.Act{By: f.By, Reason: f.Reason}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		res, err := d.AcceptFinding(ctx, h.m, key, who)
		if err != nil {
			return "", err
		}
		return where(res), nil
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
		if q.Open() && (f.Of == s.hidden("question", q.Key) || f.Of == "" && f.Kind == string(q.Kind)) {
			f.questions = append(f.questions, q)
		}
	}
	f.AskReason, f.NeedReason, f.AskUntil, f.Until, f.Back = true, true, true, strings.TrimSpace(r.PostFormValue("until")), h.Base+"/questions"
	if len(f.questions) == 0 {
		x := s.findingOf(h, f.Of)
		if x == nil {
			return gone(true)
		}
		f.findings, f.About = []*statement.Finding{x}, []string{r.lang.told(x.Message), r.lang.told(x.Action)}
		f.Says = []string{r.lang.text("act.decide.finding")}
	}
	units, amount, currency := 0, decimal.Zero, ""
	for i, q := range f.questions {
		if !slices.Equal(q.Answers, f.questions[0].Answers) {
			return &problem{status: http.StatusConflict, text: "problem.unlike"}
		}
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
		if units > 0 {
			f.Says = append(f.Says, r.lang.text("act.decide.cost", r.lang.count("licence", units), r.lang.money(amount.String(), currency)))
		}
	}
	f.Says = append(f.Says, r.lang.text("act.decide.says"))
	f.Files = []string{r.set.Config.Decisions}
	return nil
}

func readDecide(_ *Server, _ *request, h *head, f *form) (doing, error) {
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
		for _, x := range done {
			lines = append(lines, x.Key+": "+string(x.Decision))
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

func readCorrect(_ *Server, _ *request, h *head, f *form) (doing, error) {
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
		return where(res), nil
	}, nil
}

func askCollect(_ *Server, r *request, h *head, f *form) error {
	f.AskBy = false
	for _, src := range collector.Sources(r.set.Config) {
		f.About = append(f.About, src.Name())
	}
	f.Says = []string{r.lang.text("act.collect.says")}
	f.Back = h.Base + "/sources"
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
			return said + where(res), nil
		}
		res, _, err := d.Report(ctx, h.m)
		if err != nil {
			return "", err
		}
		return said + where(res), nil
	}, nil
}
