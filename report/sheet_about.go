package report

import (
	"fmt"
	"strconv"
	"strings"

	"splameter/internal/statement"
)

// about is the sheet of what made the statement, and of what people did to the
// month: enough to make it again, and to say who answers for it.
func (r *review) about() table {
	st, x := r.w.Statement, r.words
	type fact struct {
		what, value string
		text        bool // a sentence, where else it is an identifier
	}
	var facts []fact
	id := func(what, value string) { facts = append(facts, fact{what, value, false}) }
	say := func(what, value string) { facts = append(facts, fact{what, value, true}) }
	id(r.labels.month, st.Month)
	say(x.status, word(x.statuses, st.Status))
	say(x.state, word(x.states, st.State))
	id(x.revision, strconv.Itoa(st.Revision))
	if st.Reason != "" {
		say(x.reasonOf, st.Reason)
	}
	id(x.against, cmpOr(st.Made.Previous, r.na))
	id(x.zone, st.Made.TimeZone)
	say(r.period, r.w.periodText(r.look))
	if st.Test {
		say(x.test, r.yes)
	}
	for i := range r.w.Acts {
		a := &r.w.Acts[i]
		if told := r.actText(a); told != "" {
			say(word(x.acts, a.Action), told)
		}
	}
	for i := range st.Coverage.Gaps {
		if g := &st.Coverage.Gaps[i]; g.Accepted != "" {
			say(x.acceptedGap, r.said(g.Message)+" – "+g.Accepted)
		}
	}
	id(x.rules, st.Made.Rules)
	id(x.rulesHash, st.Made.RulesHash)
	id(x.configHash, st.Made.ConfigHash)
	id(x.priceHash, st.Made.PriceHash)
	id(x.basis, st.Basis)
	id(x.program, st.Made.Version)
	return table{
		name:    r.sheetName("about"),
		columns: []column{{x.item, 36, false}, {x.value, 100, false}},
		n:       len(facts),
		fill: func(i int, row *row) {
			row.text(facts[i].what)
			if facts[i].text {
				row.long(facts[i].value)
			} else {
				row.id(facts[i].value)
			}
		},
	}
}

// actText is who did what to the month, when and why; empty for what needs no
// telling, as the sealing that every act brings.
func (r *review) actText(a *statement.Act) string {
	x := r.words
	if a.Action == statement.ActSeal {
		return ""
	}
	var parts []string
	add := func(label, value string) {
		if strings.TrimSpace(value) != "" {
			parts = append(parts, strings.TrimSpace(label+" "+value))
		}
	}
	add("", a.At.In(r.w.Month.Location()).Format("2006-01-02 15:04"))
	add(x.actBy, cmpOr(a.By, a.Account))
	add(x.revision, strconv.Itoa(a.Revision))
	add(x.actOn, a.On)
	add(x.actReference, a.Reference)
	add("", a.Gap)
	add("", a.Finding)
	if c := a.Correction; c != nil {
		how := fmt.Sprintf("%+d", c.Quantity)
		if c.Set {
			how = "= " + strconv.Itoa(c.Quantity)
		}
		add("", fmt.Sprintf("%s, %s %s (%s)", r.tenantName(c.Tenant), r.product(c.Product), how, c.Code))
	}
	for i := range a.Differences {
		d := &a.Differences[i]
		add("", fmt.Sprintf("%s %s: %s → %s", d.PartNumber, word(x.invoiced, d.What), cmpOr(d.Submitted, "–"), d.Invoiced))
	}
	add("", a.Reason)
	add("", a.Note)
	return strings.Join(parts, "; ")
}
