package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/finding"
	"splameter/internal/register"
	"splameter/internal/statement"
)

type questionRow struct {
	*statement.Question
	ID    string
	Few   []string
	More  int
	Where string
	Done  bool // decided since the month was counted
}

type questionGroup struct {
	Kind     statement.QuestionKind
	ID       string
	Rows     []questionRow
	Open     int
	Units    int
	Amount   decimal.Decimal
	Currency string
}

// findingGroup are the findings of one code.
type findingGroup struct {
	Code      string
	Title     string // what the code means
	Severity  statement.Severity
	N, Open   int
	Fresh     int
	Customers int
	Units     int
	Message   string // of the first
	Action    string
	Link      string
	Rows      []findingRow
}

type questionsData struct {
	Groups  []questionGroup
	Decided []questionRow
	More    int
	Find    []findingGroup
	Gaps    []gapRow
	MoreGap int
	Money   bool
	Done    int // open questions that were decided since
}

// questions is what nobody has placed, and what to look at, by cause.
func (s *Server) questions(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	d := questionsData{Money: r.who.role.money()}
	d.Groups, d.Decided = s.questionGroups(r, h)
	if n := len(d.Decided); n > pageSize {
		d.Decided, d.More = d.Decided[:pageSize], n-pageSize
	}
	for i := range h.res.Questions {
		for _, x := range r.set.Decisions {
			if q := &h.res.Questions[i]; q.Open() && strings.EqualFold(x.Key, q.Key) {
				d.Done++
				break
			}
		}
	}
	d.Find = groups(r, h)
	d.Gaps, d.MoreGap = s.gaps(r, h)
	s.show(r, 200, "questions", page{Title: "questions.title", Month: h, Screen: "questions", Data: &d})
	return nil
}

// sameAnswers names the questions that can be decided at once: those of one kind with
// the same answers.
func sameAnswers(q *statement.Question) string {
	id := string(q.Kind)
	for _, a := range q.Answers {
		if a != register.Accepted {
			id += "." + string(a)
		}
	}
	return id
}

func (s *Server) questionGroups(r *request, h *head) (out []questionGroup, decided []questionRow) {
	at := map[string]int{}
	since := map[string]bool{}
	for i := range r.set.Decisions {
		if x := &r.set.Decisions[i]; !x.Until.Set || x.Until.Day >= h.m.LastDay() {
			since[strings.ToLower(x.Key)] = true
		}
	}
	shown := 0
	for i := range h.res.Questions {
		q := &h.res.Questions[i]
		row := questionRow{Question: q, ID: s.hidden("question", q.Key), Few: q.About[:min(5, len(q.About))]}
		row.More = max(q.Count, len(q.About)) - len(row.Few)
		row.Done = since[strings.ToLower(q.Key)]
		if q.Tenant != "" {
			row.Where = r.nameOf(h, q.Tenant)
		}
		if !q.Open() {
			decided = append(decided, row)
			continue
		}
		id := sameAnswers(q)
		n, ok := at[id]
		if !ok {
			n = len(out)
			at[id] = n
			out = append(out, questionGroup{Kind: q.Kind, ID: id})
		}
		g := &out[n]
		g.Open++
		g.Units += q.Units
		if x, err := decimal.NewFromString(q.Amount); err == nil {
			g.Amount, g.Currency = g.Amount.Add(x), q.Currency
		}
		if shown < pageSize || r.FormValue("kind") == id && len(g.Rows) < 10*pageSize {
			g.Rows = append(g.Rows, row)
			shown++
		}
	}
	return out, decided
}

// codeTitle is what a code of findings means, in the page's language; the code
// itself where this version does not know it.
func (l *language) codeTitle(code string) string {
	if c, ok := finding.Find(code); ok {
		return l.told(c.Meaning)
	}
	return code
}

// groups are the findings by code: the gravest first, then the open.
func groups(r *request, h *head) []findingGroup {
	at := map[string]int{}
	var out []findingGroup
	customers := map[string]map[string]bool{}
	for i := range h.res.Findings {
		f := &h.res.Findings[i]
		key := f.Code + "|" + string(f.Severity)
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key], customers[key] = n, map[string]bool{}
			out = append(out, findingGroup{Code: f.Code, Title: r.lang.codeTitle(f.Code), Severity: f.Severity, Message: f.Message, Action: f.Action, Link: h.Base + "/findings/" + f.Code + "?sev=" + string(f.Severity)})
		}
		g := &out[n]
		g.N++
		g.Units += f.Count
		if f.Accepted == "" {
			g.Open++
		}
		if f.New {
			g.Fresh++
		}
		if f.Tenant != "" && !customers[key][f.Tenant] {
			customers[key][f.Tenant] = true
			g.Customers++
		}
	}
	slices.SortStableFunc(out, func(a, b findingGroup) int {
		return cmp.Or(cmp.Compare(severity(a.Severity), severity(b.Severity)), cmp.Compare(b.Open, a.Open), cmp.Compare(a.Code, b.Code))
	})
	return out
}

type findingData struct {
	pager
	Code   string
	Title  string
	Rows   []findingOf
	Review bool
	Open   int // of all of the code
}

type findingOf struct {
	findingRow
	Where, Link string
	What        string // the product
}

// finding lists the findings of one code.
func (s *Server) finding(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	d := findingData{Code: r.PathValue("code"), Title: r.lang.codeTitle(r.PathValue("code")), Review: r.who.role.reviews()}
	find := r.looked()
	var list []findingOf
	for i := range h.res.Findings {
		f := &h.res.Findings[i]
		if f.Code != d.Code || r.FormValue("sev") != "" && string(f.Severity) != r.FormValue("sev") {
			continue
		}
		x := findingOf{findingRow: findingRow{f, s.hidden("finding", f.DecisionKey())}}
		if f.Product != "" {
			x.What = r.product(h, f.Product)
		}
		if f.Tenant != "" {
			x.Where = r.nameOf(h, f.Tenant)
			if h.res.tenants[f.Tenant] != nil {
				x.Link = h.Base + "/c/" + f.Tenant
			}
		}
		if fits(find, f.Subject, f.Message, x.Where) {
			list = append(list, x)
		}
	}
	_, open := closing.Choice{Code: d.Code}.Open(h.res.Statement)
	d.Open = len(open)
	if len(list) == 0 && find == "" {
		return notFound()
	}
	slices.SortStableFunc(list, func(a, b findingOf) int { return cmp.Compare(len(a.Accepted), len(b.Accepted)) })
	d.pager = r.paged(len(list))
	d.Rows = part(d.pager, list)
	s.show(r, 200, "finding", page{Title: "finding.title", Month: h, Screen: "questions", Data: &d})
	return nil
}
