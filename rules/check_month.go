package rules

import (
	"fmt"
	"slices"
	"sort"

	"splameter/internal/finding"
	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkPrices looks at part numbers and prices (docs/licensing.md 6.2, check 26): the
// agreement is reported by part number, and one that the reseller's file does
// not have cannot be reported.
func checkPrices(e *evaluation) {
	for i := range e.st.Lines {
		l := &e.st.Lines[i]
		if l.Quantity == 0 {
			continue
		}
		say := func(code string, sev statement.Severity, message, action string) {
			e.finding(statement.Finding{Code: code, Severity: sev, Subject: l.Product, Product: l.Product, Count: l.Quantity, Message: message, Action: action})
		}
		switch {
		case l.PartNumber == "":
			say("part-number-missing", statement.Error, fmt.Sprintf("%s has a quantity of %d and no part number", l.Product, l.Quantity), "fill part_number in the rule file from the reseller's price file")
		case len(e.Prices) == 0 && e.Config.Prices == "": // there is no price file to be in
		case !e.Prices.Knows(l.PartNumber):
			action := "check the part number with the reseller, or import its price"
			if p, ok := e.Prices.ByAlias(l.PartNumber); ok {
				action = fmt.Sprintf("it is the reseller's own article for %s: write that part number into the rule file", p.PartNumber)
			}
			say("part-number-not-in-prices", statement.Error, fmt.Sprintf("part number %s of %s is not in the price file", l.PartNumber, l.Product), action)
		case l.UnitPrice == "": // known at other dates, and not in the month's list
			say("price-missing", statement.Error, fmt.Sprintf("part number %s of %s has no price for %s", l.PartNumber, l.Product, e.w.m), "import the reseller's price file of the month")
		}
		if price, ok := e.Prices.For(l.PartNumber, e.w.m); ok {
			e.midMonth(l, price)
		}
	}
	for _, p := range e.products {
		if p.Verify {
			for i := range e.st.Lines {
				if l := &e.st.Lines[i]; l.Product == p.ID && l.Quantity > 0 && !e.Prices.Knows(p.PartNumber) && p.PartNumber != "" {
					e.finding(statement.Finding{Code: "part-number-unverified", Severity: statement.Medium, Subject: p.ID, Product: p.ID,
						Message: fmt.Sprintf("part number %s of %s comes from public sources (%s) and was not checked against a price file", p.PartNumber, p.ID, p.Source), Action: "check it with the reseller"})
				}
			}
		}
	}
}

// midMonth tells of a price that begins within the month: the month is priced
// at what was in force on its first day.
func (e *evaluation) midMonth(l *statement.Line, now prices.Price) {
	for _, p := range e.Prices {
		if p.PartNumber == now.PartNumber && p.From.Set && p.From.Day > e.w.m.FirstDay() && p.From.Day <= e.w.m.LastDay() && !p.Unit.Equal(now.Unit) {
			e.finding(statement.Finding{Code: "price-changes-in-month", Severity: statement.Medium, Subject: l.Product, Product: l.Product,
				Message: fmt.Sprintf("the price of %s changes on %s; the month is priced as on its first day", l.PartNumber, p.From.Day), Action: "ask the reseller which price the month is invoiced at"})
		}
	}
}

// checkQuantities compares with earlier months (docs/licensing.md 6.2, checks 23, 24).
func checkQuantities(e *evaluation) {
	for ti := range e.st.Tenants {
		t := &e.st.Tenants[ti]
		for i := range t.Lines {
			l := &t.Lines[i]
			if l.Compared && l.Previous > 0 && !l.Unread {
				change := 100 * (l.Quantity - l.Previous) / l.Previous
				if change < 0 {
					change = -change
				}
				if d := l.Quantity - l.Previous; change >= e.Config.Checks.QuantityJump && (d > 2 || d < -2) {
					e.finding(statement.Finding{Code: "quantity-jump", Severity: statement.Medium, Tenant: t.ID, Subject: l.Product, Product: l.Product, Count: d,
						Message: fmt.Sprintf("%s went from %d to %d, by %d %%", l.Product, l.Previous, l.Quantity, change), Action: "make sure that the change is real; the sheet Changes shows who came and went"})
				}
			}
			if n := e.frozen(t, l); n >= e.Config.Checks.QuantityFrozen && l.Quantity > 2 {
				e.finding(statement.Finding{Code: "quantity-frozen", Severity: statement.Low, Tenant: t.ID, Subject: l.Product, Product: l.Product, Count: l.Quantity,
					Message: fmt.Sprintf("%s has been %d for %d months", l.Product, l.Quantity, n+1), Action: "make sure that leavers are still reported"})
			}
		}
	}
	e.internalShare()
	e.withoutRule()
}

// withoutRule finds what was counted last month under a product that no rule
// names any more: nothing of this month says that it is gone.
func (e *evaluation) withoutRule() {
	n := len(e.Earlier)
	if n == 0 || e.Earlier[n-1].Month != e.st.Made.Previous {
		return
	}
	named, counted := map[string]bool{}, map[string]int{}
	for i := range e.st.Products {
		named[e.st.Products[i].ID] = true
	}
	var ids []string
	for _, q := range e.Earlier[n-1].Quantities {
		if q.Product == "" || named[q.Product] || q.Quantity <= 0 {
			continue
		}
		if counted[q.Product] == 0 {
			ids = append(ids, q.Product)
		}
		counted[q.Product] += q.Quantity
	}
	for _, id := range ids {
		e.finding(statement.Finding{Code: "product-without-rule", Severity: statement.High, Subject: id, Count: counted[id],
			Message: fmt.Sprintf("%s had a quantity of %d last month, and no rule names it any more: nothing was counted for it", id, counted[id]),
			Action:  "put its rule back; if the product is gone, give the rule an until, so that each customer sees the change"})
	}
}

// frozen is for how many months before this one a quantity was the same.
func (e *evaluation) frozen(t *statement.Tenant, l *statement.Line) int {
	n := 0
	for i := len(t.History) - 1; i >= 0 && t.History[i].Quantities[l.Product] == l.Quantity; i-- {
		n++
	}
	return n
}

func (e *evaluation) internalShare() {
	for i := range e.st.Lines {
		l := &e.st.Lines[i]
		own := 0
		for ti := range e.st.Tenants {
			if t := &e.st.Tenants[ti]; t.Internal {
				for _, x := range t.Lines {
					if x.Product == l.Product {
						own += x.Quantity
					}
				}
			}
		}
		if customers := l.Quantity - own; own > 0 && 100*own >= e.Config.Checks.InternalShare*customers {
			e.finding(statement.Finding{Code: "internal-use-high", Severity: statement.High, Subject: l.Product, Product: l.Product, Count: own,
				Message: fmt.Sprintf("the provider's own use of %s is %d against %d by customers; it must stay below %d %%", l.Product, own, customers, e.Config.Checks.InternalShare), Action: "buy the provider's own licences in another programme"})
		}
	}
}

// checkReadings turns what the sources noticed, and readings that failed, into
// findings (docs/licensing.md 6.2, check 27).
func checkReadings(e *evaluation) {
	type key struct{ code, source string }
	counts := map[key]int{}
	type same struct {
		key
		subject, message string
	}
	told := map[same]bool{} // what each day's reading says again is one finding
	last, sound := lastSaid(e.Facts.Readings), e.soundLogs()
	for i := range e.Facts.Readings {
		r := &e.Facts.Readings[i]
		if r.Status == snapshot.Failed {
			k := key{"reading-failed", r.Source}
			if counts[k]++; counts[k] <= 31 {
				what := "its cause was not kept"
				if len(r.Notes) > 0 {
					what = r.Notes[0].Message
				}
				action := "repair the cause and collect again; the day stays a gap if no other reading covers it"
				if r.Day > e.w.m.LastDay() {
					action = "repair the cause and collect again: nothing was read of it since the month ended"
				}
				e.finding(statement.Finding{Code: "reading-failed", Severity: statement.High, Subject: r.Source + " " + r.Day.String(),
					Message: fmt.Sprintf("%s could not be read on %s: %s", r.Source, r.Day, what), Action: action})
			}
			continue
		}
		if e.readAgain(i) {
			continue
		}
		for _, n := range r.Notes {
			if n.Code == "log-mended" || n.Code == "host-read" || last.over(i, r.Source, n) {
				continue
			}
			k := key{n.Code, r.Source}
			if told[same{k, n.Subject, n.Message}] {
				continue
			}
			told[same{k, n.Subject, n.Message}] = true
			if counts[k]++; counts[k] > 200 { // the rest is told as a number
				continue
			}
			at := n.At
			f := statement.Finding{Code: n.Code, Severity: noticeSeverity(&n, sound), Subject: nameOr(n.Subject, r.Source), Message: n.Message, Action: finding.Action(n.Code)}
			if at != (snapshot.Evidence{}) {
				f.At = &at
			}
			e.finding(f)
		}
	}
	var keys []key
	for k, n := range counts {
		if n > 200 {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].source < keys[j].source || keys[i].source == keys[j].source && keys[i].code < keys[j].code
	})
	for _, k := range keys {
		e.finding(statement.Finding{Code: k.code, Severity: finding.Severity(k.code), Subject: k.source, Count: counts[k],
			Message: fmt.Sprintf("%s has %d of these; only the first 200 are listed", k.source, counts[k]), Action: finding.Action(k.code)})
	}
	e.checkShrink()
	e.checkLogs()
}

// said is by which reading something was said last of a source's file: what
// is wrong with it (of a damaged log, each time it is read), or, without a
// message, that it was read whole.
type said map[saidKey]int

type saidKey struct{ source, file, message string }

func lastSaid(readings []snapshot.Reading) said {
	out := said{}
	for i := range readings {
		for _, n := range readings[i].Notes {
			switch n.Code {
			case "log-mended", "host-read":
				out[saidKey{readings[i].Source, n.At.File, ""}] = i
			case "log-damaged", "log-unreadable", "host-unread":
				out[saidKey{readings[i].Source, n.At.File, n.Message}] = i
			case "log-wraps":
				out[saidKey{readings[i].Source, n.Subject, n.Code}] = i
			}
		}
	}
	return out
}

// over says that what reading i said of a log is said again by a later one, or
// that the log was read whole since.
func (s said) over(i int, source string, n snapshot.Notice) bool {
	if n.Code == "log-wraps" { // told as it is now
		return s[saidKey{source, n.Subject, n.Code}] > i
	}
	if n.Code != "log-damaged" && n.Code != "log-unreadable" && n.Code != "host-unread" {
		return false
	}
	mended, ok := s[saidKey{source, n.At.File, ""}]
	return ok && mended > i || s[saidKey{source, n.At.File, n.Message}] > i
}

// checkShrink finds a directory that lost many accounts between two readings:
// more likely rights or a base that changed than so many leavers.
func (e *evaluation) checkShrink() {
	for di := range e.w.dirs {
		d := e.w.dirs[di].dir
		counts := make([]int, len(d.Taken)+1)
		for _, s := range d.Accounts.All() {
			counts[s.First]++
			counts[s.Last+1]--
		}
		n, day := 0, month.Day(0)
		if b := d.Before; b != nil { // the last reading before, whichever month it was in
			n, day = len(b.Accounts), b.Day
			for _, s := range d.Accounts.All() {
				if _, fresh := slices.BinarySearch(b.New, s.ID); s.First == 0 && !fresh {
					n++
				}
			}
		}
		for i := range d.Taken {
			before, was := n, day
			if day = d.Taken[i].Day; i == 0 {
				n = 0
			}
			n += counts[i]
			if before >= 20 && 100*(before-n) >= e.Config.Checks.PersonShrink*before {
				e.finding(statement.Finding{Code: "directory-shrank", Severity: statement.Error, Subject: d.Source + " " + d.Taken[i].Day.String(), Count: before - n,
					Message: fmt.Sprintf("directory %s had %d accounts on %s and %d on %s", d.Source, before, was, n, d.Taken[i].Day),
					Action:  "make sure that the reader's rights and the base are what they were; who was seen before is still counted for this month"})
			}
		}
	}
}

// checkLogs finds logs that were cleared.
func (e *evaluation) checkLogs() {
	for i := range e.Facts.Logs.Len() {
		l := e.Facts.Logs.At(i)
		if !l.Cleared.IsZero() && e.w.m.Contains(l.Cleared) {
			e.finding(statement.Finding{Code: "log-cleared", Severity: statement.High, Subject: l.Host + "/" + l.Channel,
				Message: fmt.Sprintf("the %s log of host %s was cleared on %s", l.Channel, l.Host, month.DayOf(l.Cleared, e.w.m.Location())), Action: finding.Action("log-cleared"), At: &snapshot.Evidence{File: l.File}})
		}
	}
}

// checkCounting says where a rule counts active persons: the number beside it
// is what an auditor would ask for.
func checkCounting(e *evaluation) {
	for i, p := range e.products { // the first lines are theirs, in this order
		l := &e.st.Lines[i]
		if p.Count != statement.CountActive {
			continue
		}
		e.finding(statement.Finding{Code: "counts-active", Severity: statement.High, Subject: p.ID, Product: p.ID, Count: l.Authorized - l.Quantity,
			Message: fmt.Sprintf("%s is reported by active persons: %d, while %d were authorized; ground: %s, document: %s", p.Label(), l.Quantity, l.Authorized, p.Ground, p.Document),
			Action:  "be sure that the agreement allows it; the default is the persons authorized"})
	}
}
