package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// leastTaken is how many licences an entry must take of a line before the share
// that it takes says anything.
const leastTaken = 3

// checkTaken asks about every entry that takes away without showing why: one
// without a document, one that means everything, one that takes much of a
// product's line, and entries of one document, or of whole customers without a quantity,
// that only together do. Until somebody decides,
// each is an error.
func (e *evaluation) checkTaken() {
	asked := make([]bool, len(e.uses))
	for i := range e.uses {
		u := &e.uses[i]
		if u.units+u.cores == 0 {
			continue
		}
		code, why, most, product := e.suspicious(u)
		if asked[i] = len(why) > 0; !asked[i] {
			continue
		}
		x := u.entry
		e.takesAway(statement.Question{Subject: x.ID, Tenant: tenantOf(x), Product: product, Units: e.licences(u, product),
			State:   strings.Join([]string{x.Tenant, x.Product, string(x.Ground), x.Match.String(), x.Document, quarter(most)}, " "),
			Message: fmt.Sprintf("exclusion %s (%s, %s) %s", x.ID, x.Ground, x.Match, strings.Join(why, " and ")),
			Action:  "let it mean only those for whom the ground was shown and name the document that shows it, or decide that it is right as it stands"},
			code, &snapshot.Evidence{File: e.Config.Exclusions, Line: x.Line})
	}
	for pi, p := range e.products {
		type group struct {
			what    string
			taken   int
			entries []string
		}
		groups := map[string]*group{}
		var order []string
		for i := range e.uses {
			x := e.uses[i].entry
			n := e.licences(&e.uses[i], p.ID)
			if n == 0 || asked[i] {
				continue
			}
			add := func(key, what string) {
				g := groups[key]
				if g == nil {
					g = &group{what: what}
					groups[key] = g
					order = append(order, key)
				}
				g.taken += n
				g.entries = append(g.entries, x.ID)
			}
			add("document "+strings.ToLower(strings.Join(strings.Fields(x.Document), " ")), "all of document "+x.Document)
			if x.Match.Kind == register.MatchAll && !x.Limited {
				add("", "each of a whole customer without a quantity")
			}
		}
		l := &e.st.Lines[pi]
		for _, key := range order {
			g := groups[key]
			share := e.share(l, g.taken)
			if len(g.entries) < 2 || share <= e.Config.Checks.ExclusionsMaxShare || g.taken < leastTaken {
				continue
			}
			e.takesAway(statement.Question{Subject: "exclusions of " + p.ID, Product: p.ID, Units: g.taken, About: g.entries,
				State:   strings.TrimSpace(key + " " + quarter(share)),
				Message: fmt.Sprintf("the exclusions %s, %s, together take %d of %d of %s away, %d %%", strings.Join(g.entries, ", "), g.what, g.taken, l.Quantity+l.Excluded, p.Label(), share),
				Action:  "make sure that each of them is still right, and decide that they are"}, "exclusions-take-much", nil)
		}
	}
}

// suspicious says why an entry that keeps anybody out is asked about, by the
// code of the first reason, and what share of which product's line it takes,
// the largest.
func (e *evaluation) suspicious(u *exclusionUse) (code string, why []string, most int, product string) {
	x := u.entry
	taken := 0
	for pi, p := range e.products {
		n := e.licences(u, p.ID)
		if share := e.share(&e.st.Lines[pi], n); n > 0 && (product == "" || n >= leastTaken && share > most) {
			product, most, taken = p.ID, share, n
		}
	}
	if x.Document == "" {
		code = "exclusion-without-document"
		why = append(why, "names no document")
	}
	if e.everything(u) {
		code = cmp.Or(code, "exclusion-of-everything")
		why = append(why, "means everybody and everything without a limit")
	}
	one := x.Match.Kind == register.MatchHost && u.who.Plain() // a machine by its name: few share a line
	if most > e.Config.Checks.ExclusionsMaxShare && taken >= leastTaken && !one {
		code = cmp.Or(code, "exclusion-takes-much")
		why = append(why, fmt.Sprintf("takes %d of the licences for %s away, %d %%", taken, product, most))
	} else {
		most = 0
	}
	if len(why) > 0 && most == 0 {
		why[len(why)-1] += fmt.Sprintf("; it keeps %d out of the report", u.units+u.cores)
	}
	return code, why, most, product
}

// everything says that an entry means whoever and whatever there is: of all
// tenants, or of one for all products.
func (e *evaluation) everything(u *exclusionUse) bool {
	x := u.entry
	all := x.Match.Kind == register.MatchAll || x.Match.Kind != register.MatchGroup && strings.Trim(x.Match.Pattern, "*") == ""
	return all && !x.Limited && (x.Tenant == "*" || !slices.ContainsFunc(e.products, func(p *Product) bool { return !p.meant(u.product) }))
}

// licences are those of a product that an entry keeps out.
func (e *evaluation) licences(u *exclusionUse, product string) (n int) {
	for k, used := range u.used {
		if k.product == product {
			n += used
		}
	}
	for _, p := range e.products {
		if p.ID == product && p.Unit == statement.UnitCore {
			n /= max(p.Pack, 1)
		}
	}
	return n
}

// share is what part of a line, in per cent, was taken away.
func (e *evaluation) share(l *statement.Line, taken int) int {
	if whole := l.Quantity + l.Excluded; whole > 0 {
		return (100*taken + whole - 1) / whole
	}
	return 0
}

// quarter is the share as a part of a question: a decision about half of a line
// is none about the whole of it.
func quarter(share int) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf("up to %d %%", (share+24)/25*25)
}

// takesAway asks about what takes away, which is an error until it is decided.
func (e *evaluation) takesAway(q statement.Question, code string, at *snapshot.Evidence) {
	q.Kind, q.Assumed = cmp.Or(q.Kind, statement.AskEntry), "what it takes away was not counted"
	e.ask(q)
	if e.answer(q.Kind, q.Subject, q.State) != "" {
		return
	}
	e.finding(statement.Finding{Code: code, Severity: statement.Error, Tenant: q.Tenant, Subject: q.Subject, Product: q.Product, Count: q.Units,
		Message: q.Message, Action: q.Action, At: at})
}
