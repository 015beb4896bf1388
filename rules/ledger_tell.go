package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/diag"
	"splameter/internal/statement"
)

// leastDrop is how many units one cause must take of a line before the share
// that it takes says anything.
const leastDrop = 3

// drop is what one cause took away.
type drop struct {
	cause
	units    int
	products map[string]int
	tenants  map[string]int
	much     bool // more than anybody need not look at
}

// tell asks about every decrease that nothing explains, and about each cause
// that took much of a line.
func (l *ledger) tell() {
	byCause := map[string]*drop{}
	byLine := map[[2]string]map[string]int{} // tenant and product → cause → units
	var order []string
	for i := range l.units {
		u := &l.units[i]
		n := u.Was - u.Is
		if n <= 0 {
			continue
		}
		switch u.what {
		case statement.CauseMoved, statement.CauseOther, statement.CauseCorrection:
			continue // counted elsewhere, or decided by hand
		}
		k := string(u.what) + "\x00" + u.detail
		if u.sure {
			k = string(u.what) // seen on each of them: the detail is each one's own
		}
		d := byCause[k]
		if d == nil {
			d = &drop{cause: u.cause, products: map[string]int{}, tenants: map[string]int{}}
			byCause[k] = d
			order = append(order, k)
		}
		d.units += n
		d.products[u.Product] += n
		d.tenants[u.Tenant] += n
		at := [2]string{u.Tenant, u.Product}
		if byLine[at] == nil {
			byLine[at] = map[string]int{}
		}
		byLine[at][k] += n
	}
	var lines [][2]string
	for at := range byLine {
		lines = append(lines, at)
	}
	slices.SortFunc(lines, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	previous := map[[2]string]int{}
	for _, q := range l.last.Quantities {
		previous[[2]string{q.Tenant, q.Product}] += q.Quantity
		previous[[2]string{"", q.Product}] += q.Quantity
	}
	look := l.e.Config.Checks.DecreaseLook
	for _, k := range order {
		d := byCause[k]
		for product, n := range d.products {
			was := previous[[2]string{"", product}]
			d.much = d.much || n >= leastDrop && percent(n, was) > look || !d.sure && n >= was
		}
	}
	for _, at := range lines {
		for k, n := range byLine[at] {
			d := byCause[k]
			d.much = d.much || n >= leastDrop && percent(n, previous[at]) > look
		}
	}
	for _, k := range order {
		switch d := byCause[k]; {
		case d.what == statement.CauseUnexplained:
			l.askUnexplained(d)
		case d.much:
			l.askMuch(d)
		}
	}
	for _, at := range lines { // each customer's, by name
		var keys []string
		for k := range byLine[at] {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			l.finding(byCause[k], at[0], at[1], byLine[at][k], previous[at])
		}
	}
}

// question is the question about one decrease. It is about this month's: the
// same cause next month is another.
func (l *ledger) question(d *drop) statement.Question {
	q := statement.Question{Kind: statement.AskDrop, Subject: d.named(), State: fmt.Sprintf("%s %d", l.e.st.Month, d.units), Count: len(d.tenants), Units: d.units,
		Assumed: "what is not counted any more was left out"}
	for t := range d.tenants {
		q.About = append(q.About, t)
	}
	if len(d.tenants) == 1 {
		q.Tenant = q.About[0]
	}
	products := d.list()
	if len(products) == 1 {
		q.Product = products[0]
		return q
	}
	sum, currency := decimal.Zero, ""
	for _, p := range products {
		w, c, ok := l.e.worth(p, d.products[p])
		if !ok || currency != "" && c != currency {
			return q
		}
		sum, currency = sum.Add(w), c
	}
	q.Amount, q.Currency = sum.StringFixed(2), currency
	return q
}

func (d *drop) list() []string {
	var out []string
	for p := range d.products {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// named is a cause as a subject.
func (d *drop) named() string {
	switch {
	case d.what == statement.CauseUnexplained:
		return d.detail
	case d.detail == "" || d.sure:
		return string(d.what)
	}
	return string(d.what) + " " + d.detail
}

func (l *ledger) askUnexplained(d *drop) {
	q := l.question(d)
	q.Message = fmt.Sprintf("%s of %s that %s counted %s not counted any more, and nothing that was read explains it; nearest lies: %s",
		diag.Several(d.units, "licence"), strings.Join(d.list(), ", "), l.last.Month, diag.Plural(d.units, "is", "are"), d.detail)
	q.Action = "read what is missing again and compute the month anew; or decide that it is so, with the reason"
	l.e.ask(q)
}

// askMuch asks about a cause that took much, unless it was seen on each person
// or machine itself: then it is told, and there is nothing to ask.
func (l *ledger) askMuch(d *drop) {
	if d.sure {
		return
	}
	q := l.question(d)
	q.Message = fmt.Sprintf("one cause took %s of %s away since %s: %s; what was lost from a reading looks the same as what is gone",
		diag.Several(d.units, "licence"), strings.Join(d.list(), ", "), l.last.Month, causeText(d.what, d.detail))
	q.Action = "make sure that it is so: look at what was read; then decide it, with the reason"
	l.e.ask(q)
}

// finding tells a customer's part of a decrease until it is decided.
func (l *ledger) finding(d *drop, tenant, product string, n, was int) {
	e := l.e
	f := statement.Finding{Code: "decrease-by-one-cause", Severity: statement.High, Tenant: tenant, Subject: d.named(), Product: product, Count: n,
		Message: fmt.Sprintf("%s: %d of the %d licences for %s that %s counted went by one cause: %s", nameOr(tenant, "all"), n, was, product, l.last.Month, causeText(d.what, d.detail)),
		Action:  "make sure that it is so; the sheet Changes shows who and what"}
	if d.what == statement.CauseUnexplained {
		f.Code, f.Severity = "unexplained-decrease", statement.Error
		worth := ""
		if w, c, ok := e.worth(product, n); ok {
			worth = fmt.Sprintf(" (%s %s)", c, w.StringFixed(2))
		}
		f.Message = fmt.Sprintf("%s: %d of the %d licences for %s that %s counted are not counted any more%s, and nothing that was read explains it; nearest lies: %s",
			nameOr(tenant, "all"), n, was, product, l.last.Month, worth, d.detail)
		f.Action = "read what is missing again and compute the month anew; or answer the question, with the reason"
	} else if !d.much || n < leastDrop && n < was || percent(n, was) <= e.Config.Checks.DecreaseLook {
		return
	} else if p := l.product(product); d.sure && (n < leastDrop || p != nil && p.Unit == statement.UnitCore) { // of machines each is a thing of its own
		return
	}
	q := l.question(d)
	if (d.what == statement.CauseUnexplained || !d.sure) && e.answer(q.Kind, q.Subject, q.State) != "" {
		return
	}
	e.finding(f)
}

// worth is what units of a product cost a month, where that is known.
func (e *evaluation) worth(product string, units int) (decimal.Decimal, string, bool) {
	for i := range e.st.Lines {
		if l := &e.st.Lines[i]; l.Product == product && l.UnitPrice != "" {
			p, err := decimal.NewFromString(l.UnitPrice)
			return p.Mul(decimal.NewFromInt(int64(units))), l.Currency, err == nil
		}
	}
	return decimal.Zero, "", false
}

// causeText is a cause in words.
func causeText(c statement.Cause, detail string) string {
	text := map[statement.Cause]string{
		statement.CauseDisabled: "the accounts were disabled", statement.CauseExpired: "the accounts expired",
		statement.CauseDeleted: "the accounts are in no reading any more", statement.CauseNoPerson: "the accounts are none of persons any more",
		statement.CauseGroup: "out of the group", statement.CauseAttribute: "an attribute that counts is gone",
		statement.CauseSamePerson: "several accounts became one person", statement.CauseExcluded: "excluded by the register",
		statement.CauseShared: "shared accounts are used by fewer", statement.CauseInactive: "not active", statement.CauseRestricted: "restricted in a pool",
		statement.CauseProgram: "the program is gone", statement.CauseRetired: "retired", statement.CauseCores: "fewer cores",
		statement.CauseEdition: "another edition", statement.CauseLicence: "a licence of the machine's own", statement.CauseGuests: "fewer guests",
		statement.CauseConfig: "the config changed", statement.CauseRule: "the rule file changed",
	}[c]
	if text == "" {
		text = string(c)
	}
	if detail == "" {
		return text
	}
	return text + ": " + detail
}

// tellImported asks about quantities that fell against a month of which only
// the quantities are known: there is nobody to look for.
func (e *evaluation) tellImported(last *statement.Earlier) {
	for i := range e.st.Lines {
		line := &e.st.Lines[i]
		if !line.Compared || line.Removed <= 0 {
			continue
		}
		q := statement.Question{Kind: statement.AskDrop, Subject: line.Product + " against the imported " + last.Month, State: fmt.Sprintf("%d", line.Removed),
			Product: line.Product, Count: line.Removed, Units: line.Removed, Assumed: "what this month's facts count",
			Message: fmt.Sprintf("%s of %s fewer than the imported %s says (%d then, %d now), and of that month nobody is known by name", diag.Several(line.Removed, "licence"), line.Product, last.Month, line.Previous, line.Quantity),
			Action:  "find out whom the old way counted and this one does not, customer by customer; then decide it, with the reason"}
		shown := map[string]bool{}
		for ti := range e.st.Tenants {
			t := &e.st.Tenants[ti]
			shown[t.ID] = true
			for _, x := range t.Lines {
				if x.Product == line.Product && x.Removed > 0 {
					q.About = append(q.About, fmt.Sprintf("%s: %d, now %d", t.ID, x.Previous, x.Quantity))
				}
			}
		}
		for _, x := range last.Quantities {
			if x.Tenant != "" && !shown[x.Tenant] && (x.Product == line.Product || x.Product == "" && x.PartNumber == line.PartNumber) && x.Quantity > 0 {
				q.About = append(q.About, fmt.Sprintf("%s: %d, now nothing", x.Tenant, x.Quantity))
			}
		}
		e.askImported(q)
	}
	e.tellUnknownParts(last)
}

func (e *evaluation) askImported(q statement.Question) {
	e.ask(q)
	if e.answer(q.Kind, q.Subject, q.State) == "" {
		e.finding(statement.Finding{Code: "unexplained-decrease", Severity: statement.Error, Subject: q.Subject, Product: q.Product, Count: q.Units, Message: q.Message, Action: q.Action})
	}
}

// tellUnknownParts asks about quantities of an imported month whose part number no
// rule of this month counts: no line could tell that they are gone.
func (e *evaluation) tellUnknownParts(last *statement.Earlier) {
	known, units, about := map[string]bool{}, map[string]int{}, map[string][]string{}
	for _, p := range e.products {
		known[p.PartNumber] = true
	}
	for _, x := range last.Quantities {
		if x.Product == "" && !known[x.PartNumber] && x.Quantity > 0 {
			units[x.PartNumber] += x.Quantity
			about[x.PartNumber] = append(about[x.PartNumber], fmt.Sprintf("%s: %d", nameOr(x.Tenant, "all"), x.Quantity))
		}
	}
	for _, part := range slices.Sorted(maps.Keys(units)) {
		e.askImported(statement.Question{Kind: statement.AskDrop, Subject: part + " of the imported " + last.Month, State: fmt.Sprintf("%d", units[part]),
			About: about[part], Count: units[part], Units: units[part], Assumed: "nothing was counted under it",
			Message: fmt.Sprintf("the imported %s says %d of part number %s, and no rule of this month counts under that number", last.Month, units[part], part),
			Action:  "write the number into the rules where a product has it; or decide that it is not reported any more, with the reason"})
	}
}
