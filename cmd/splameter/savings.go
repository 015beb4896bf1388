package main

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/statement"
)

// savings prints advice by its kind, the kind that saves most first, each with
// what it saves together, and at the end all of it: what is certain, and what
// is so at most.
func (a *app) savings(list []statement.Advice) {
	type group struct {
		code  statement.AdviceCode
		all   []*statement.Advice
		saves savingSums
	}
	var groups []*group
	var all savingSums
	for i := range list {
		v := &list[i]
		at := slices.IndexFunc(groups, func(g *group) bool { return g.code == v.Code })
		if at < 0 {
			at = len(groups)
			groups = append(groups, &group{code: v.Code})
		}
		groups[at].all = append(groups[at].all, v)
		groups[at].saves.add(v)
		all.add(v)
	}
	slices.SortStableFunc(groups, func(x, y *group) int { return y.saves.most().Cmp(x.saves.most()) })
	for _, g := range groups {
		a.printf("\n%s: %s, %s\n", g.code, number(len(g.all), "advice", "pieces of advice"), g.saves.text())
		for _, v := range g.all {
			saves := "what it saves is not known: a price is missing"
			if v.Saves != "" {
				saves = "saves " + v.Money + " " + v.Saves + " a month (" + v.Then + " in place of " + v.Now + ")"
				if v.AtMost {
					saves = "at most: " + saves
				}
			}
			a.printf("\n  %s: %s\n    %s\n    %s\n", clean(v.Tenant), clean(v.Message), saves, clean(v.Action))
			if len(v.Names) > 0 {
				a.printf("    %s\n", clean(strings.Join(v.Names, ", ")))
			}
		}
	}
	if len(list) > 0 {
		a.printf("\nAll together: %s\n", all.text())
	}
}

// savingSums are sums of savings by currency.
type savingSums struct {
	order         []string
	sure, at      map[string]decimal.Decimal
	unknown, some int
}

func (t *savingSums) add(v *statement.Advice) {
	d, err := decimal.NewFromString(v.Saves)
	if err != nil {
		t.unknown++
		return
	}
	if t.sure == nil {
		t.sure, t.at = map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	}
	if !slices.Contains(t.order, v.Money) {
		t.order = append(t.order, v.Money)
		slices.Sort(t.order)
	}
	t.some++
	if v.AtMost {
		t.at[v.Money] = t.at[v.Money].Add(d)
	} else {
		t.sure[v.Money] = t.sure[v.Money].Add(d)
	}
}

// most is what a kind may save in all currencies: only to put kinds in order.
func (t *savingSums) most() decimal.Decimal {
	sum := decimal.Zero
	for _, c := range t.order {
		sum = sum.Add(t.sure[c]).Add(t.at[c])
	}
	return sum
}

func (t *savingSums) text() string {
	var parts []string
	for _, c := range t.order {
		if d := t.sure[c]; !d.IsZero() {
			parts = append(parts, "saves "+c+" "+d.StringFixed(2)+" a month for certain")
		}
		if d := t.at[c]; !d.IsZero() {
			parts = append(parts, "at most "+c+" "+d.StringFixed(2)+" a month")
		}
	}
	if t.unknown > 0 {
		parts = append(parts, number(t.unknown, "saving is", "savings are")+" not known")
	}
	if len(parts) == 0 {
		return "saves nothing"
	}
	return strings.Join(parts, ", ")
}
