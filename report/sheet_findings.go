package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/finding"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// severityOrder is worst first.
func severityOrder(s statement.Severity) int {
	return slices.Index([]statement.Severity{statement.Error, statement.High, statement.Medium, statement.Low, statement.Info}, s)
}

// findingGroup are the findings of one cause: of one code, as severe, open or
// accepted alike.
type findingGroup struct {
	code     string
	severity statement.Severity
	accepted bool
	at       []int // places in Statement.Findings
	fresh    int   // how many of them are new
	units    int   // the sum of their counts
}

// findingGroups are the month's findings by cause: what nobody has accepted
// first, the worst first, what is new first, the most first.
func (r *review) findingGroups() []findingGroup {
	st := r.w.Statement
	var out []findingGroup
	type key struct {
		code     string
		severity statement.Severity
		accepted bool
	}
	places := map[key]int{}
	for i := range st.Findings {
		f := &st.Findings[i]
		k := key{f.Code, f.Severity, f.Accepted != ""}
		at, ok := places[k]
		if !ok {
			at = len(out)
			places[k] = at
			out = append(out, findingGroup{code: f.Code, severity: f.Severity, accepted: k.accepted})
		}
		g := &out[at]
		g.at = append(g.at, i)
		g.units += f.Count
		if f.New {
			g.fresh++
		}
	}
	slices.SortStableFunc(out, func(a, b findingGroup) int {
		order := func(v bool) int {
			if v {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(order(a.accepted), order(b.accepted)), cmp.Compare(severityOrder(a.severity), severityOrder(b.severity)),
			cmp.Compare(order(b.fresh > 0), order(a.fresh > 0)), cmp.Compare(len(b.at), len(a.at)), strings.Compare(a.code, b.code))
	})
	for i := range out { // what is new first, the rest as the rules tell it
		slices.SortStableFunc(out[i].at, func(a, b int) int {
			fresh := func(n int) int {
				if st.Findings[n].New {
					return 0
				}
				return 1
			}
			return cmp.Compare(fresh(a), fresh(b))
		})
	}
	return out
}

// groupMessage is what a group of findings says: the one message where there is
// one, else what the code means.
func (r *review) groupMessage(g *findingGroup) string {
	first := &r.w.Statement.Findings[g.at[0]]
	if c, ok := finding.Find(g.code); ok && len(g.at) > 1 {
		return r.said(c.Meaning)
	}
	return r.said(first.Message)
}

// groupAction is what to do about a group: as all of them say it, else as the
// code does.
func (r *review) groupAction(g *findingGroup) string {
	list := r.w.Statement.Findings
	action := list[g.at[0]].Action
	for _, i := range g.at {
		if list[i].Action != action {
			return r.said(finding.Action(g.code))
		}
	}
	return r.said(action)
}

// mostCustomers is how many customers a group of findings names.
const mostCustomers = 6

// groupCustomers names the customers that a group is about.
func (r *review) groupCustomers(g *findingGroup) string {
	var names []string
	seen := map[string]bool{}
	for _, i := range g.at {
		id := r.w.Statement.Findings[i].Tenant
		if id == "" || seen[id] {
			continue
		}
		seen[id] = true
		names = append(names, r.tenantName(id))
	}
	slices.Sort(names)
	if n := len(names); n > mostCustomers {
		return fmt.Sprintf("%d: %s, … +%d", n, strings.Join(names[:mostCustomers], ", "), n-mostCustomers)
	}
	return strings.Join(names, ", ")
}

// findings is the sheet of what a person must look at, by cause, worst first;
// each single finding stands beneath its cause, folded away. What somebody has
// accepted comes last.
func (r *review) findings() table {
	st, x := r.w.Statement, r.words
	groups := r.findingGroups()
	type entry struct {
		group  *findingGroup
		single int // place in Statement.Findings; -1: the group's own row
	}
	var rows []entry
	for i := range groups {
		g := &groups[i]
		if len(g.at) == 1 {
			rows = append(rows, entry{g, g.at[0]})
			continue
		}
		rows = append(rows, entry{g, -1})
		for _, n := range g.at {
			rows = append(rows, entry{g, n})
		}
	}
	return table{
		name: r.sheetName("findings"), print: 11, outline: true,
		columns: []column{
			{x.severity, 10, false}, {x.state, 13, false}, {x.code, 22, false}, {x.findingMany, 12, true}, {r.customer, 26, false}, {r.labels.product, 20, false}, {x.subject, 24, false},
			{x.message, 46, false}, {x.action, 40, false}, {x.accepted, 18, false}, {x.key, 34, false}, {x.count, 10, true}, {x.place, 26, false},
		},
		n: len(rows),
		fill: func(i int, row *row) {
			g, single := rows[i].group, rows[i].single
			name := word(x.severities, g.severity)
			if !g.accepted && (g.severity == statement.Error || g.severity == statement.High) {
				row.warn(name)
			} else {
				row.text(name)
			}
			if single < 0 {
				r.findingGroupRow(row, g)
				return
			}
			f := &st.Findings[single]
			row.folded = len(g.at) > 1
			row.text(r.findingState(f))
			row.long(f.Code)
			if row.folded {
				row.blank()
			} else {
				row.int(1)
			}
			row.long(r.tenantName(f.Tenant))
			if f.Product == "" {
				row.blank()
			} else {
				row.long(r.product(f.Product))
			}
			row.long(f.Subject)
			row.long(r.said(f.Message))
			row.long(r.said(f.Action))
			row.long(f.Accepted)
			row.long(f.DecisionKey())
			row.positive(f.Count)
			if f.At == nil {
				row.blank()
			} else {
				row.long(r.evidence(*f.At))
			}
		},
	}
}

// findingGroupRow is the row of several findings of one cause.
func (r *review) findingGroupRow(row *row, g *findingGroup) {
	x := r.words
	state := r.findingState(&r.w.Statement.Findings[g.at[0]])
	if g.fresh > 0 && g.fresh < len(g.at) {
		state = fmt.Sprintf("%d %s", g.fresh, x.newMany)
	}
	row.text(state)
	row.long(g.code)
	row.put(number(styleBoldInt, len(g.at)))
	row.long(r.groupCustomers(g))
	row.long(r.groupProducts(g))
	row.blank()
	row.long(r.groupMessage(g))
	row.long(r.groupAction(g))
	row.blank()
	row.long(x.openBeneath)
	row.positive(g.units)
	row.blank()
}

// groupProducts names the products that a group is about.
func (r *review) groupProducts(g *findingGroup) string {
	var names []string
	for _, i := range g.at {
		id := r.w.Statement.Findings[i].Product
		if name := r.product(id); id != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 3 {
		return fmt.Sprintf("%s, … +%d", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// findingState says how a finding stands: accepted by somebody, new since last
// month, known from it, or just open, where no month before was counted.
func (r *review) findingState(f *statement.Finding) string {
	a := adviceLabelsFor(r.language)
	switch before := r.w.before(); {
	case f.Accepted != "":
		return a.stateAccepted
	case f.New:
		return a.stateNew
	case before != nil && before.Computed:
		return a.stateKnown
	}
	return a.stateOpen
}

// evidence is where a fact was read.
func (r *review) evidence(e snapshot.Evidence) string {
	if e.File == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(", " + r.words.lineNo + " " + strconv.Itoa(e.Line))
	}
	if e.Record > 0 {
		b.WriteString(", " + r.words.record + " " + strconv.FormatUint(e.Record, 10))
	}
	return b.String()
}
