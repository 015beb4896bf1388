package desk

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/finding"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// funcs are what templates may call.
func (l *language) funcs() template.FuncMap {
	return template.FuncMap{
		"t": l.text, "n": l.count, "num": l.number, "signed": l.signed, "money": l.money, "price": l.price, "diff": l.moneySigned,
		"day": l.day, "date": l.date, "stamp": l.stamp, "clock": l.clock, "s": safetext.Line, "code": code, "clip": func(s string) string { return safetext.Clip(safetext.Line(s), 90) },
		"unit": l.words.Unit, "ground": func(g any) string { return l.words.Ground(register.Ground(fmt.Sprint(g))) }, // of a statement or a table
		"sev":    func(s statement.Severity) string { return l.words.Severity(s) },
		"kindof": func(k statement.CoverageKind) string { return l.words.CoverageKind(k) },
		"kind":   func(k statement.QuestionKind) string { return l.words.QuestionKind(k) },
		"told":   l.told, "cause": l.cause, "tenant": l.tenant, "short": func(s string) string { return s[:min(len(s), 12)] },
		"join":  func(list []string, between string) string { return safetext.Line(strings.Join(list, between)) },
		"state": func(s statement.State) string { return l.text("state." + string(s)) }, "role": func(r Role) string { return l.text("role." + string(r)) },
		"monthname": func(h *head) string { return l.words.Month(h.m) }, "month": l.month,
		"column": func(name string) string { return cmp.Or(l.texts["column."+name], safetext.Line(name)) },
		"answer": func(a register.Answer) string { return l.texts["answer."+string(a)] },
		"act":    func(a statement.ActKind) string { return l.text("acted." + string(a)) }, "add": func(a, b int) int { return a + b },
	}
}

// number is 1,234, or 1.234.
func (l *language) number(n int) string { return l.grouped(strconv.Itoa(n), "") }

// grouped parts thousands, and writes the decimals with the language's mark.
func (l *language) grouped(whole, decimals string) string {
	thousand, point := ",", "."
	if l.id == "nl" {
		thousand, point = ".", ","
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousand + whole[i:]
	}
	if decimals != "" {
		whole += point + decimals
	}
	return sign + whole
}

// signed is +3, −2 or 0.
func (l *language) signed(n int) string {
	if n > 0 {
		return "+" + l.number(n)
	}
	return l.number(n)
}

// money is an amount as a decimal; empty where there is none.
func (l *language) money(amount, currency string) string {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return ""
	}
	whole, decimals, _ := strings.Cut(d.StringFixed(2), ".")
	return strings.TrimSpace(safetext.Line(currency) + " " + l.grouped(whole, decimals))
}

// price is a price a unit, with all its decimals and at least two.
func (l *language) price(text string) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return ""
	}
	whole, decimals, _ := strings.Cut(d.StringFixed(max(2, -d.Exponent())), ".")
	return l.grouped(whole, decimals)
}

// moneySigned is a difference of two amounts.
func (l *language) moneySigned(d decimal.Decimal) string {
	whole, decimals, _ := strings.Cut(d.StringFixed(2), ".")
	s := l.grouped(whole, decimals)
	if d.IsPositive() {
		s = "+" + s
	}
	return s
}

// day is 12-10-2026, or 12 Oct 2026.
func (l *language) day(d month.Day) string {
	y, m, dd := d.Civil()
	if l.id == "nl" {
		return fmt.Sprintf("%02d-%02d-%04d", dd, int(m), y)
	}
	return fmt.Sprintf("%d %s %d", dd, m.String()[:3], y)
}

// logTime is how coverage writes moments, in the provider's zone.
const logTime = "2006-01-02 15:04"

// date is a day that stands as YYYY-MM-DD; what is none stays as it is.
func (l *language) date(s string) string {
	if len(s) > 10 {
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			return l.stamp(at)
		}
	}
	if at, err := time.ParseInLocation(logTime, s, l.loc); err == nil {
		return l.stamp(at)
	}
	d, err := month.ParseDay(s)
	if err != nil {
		return safetext.Line(s)
	}
	return l.day(d)
}

// stamp is a moment in the provider's zone.
func (l *language) stamp(at time.Time) string {
	at = at.In(l.loc)
	return l.day(month.DayOf(at, l.loc)) + " " + at.Format("15:04")
}

// clock is the time of a moment alone.
func (l *language) clock(at time.Time) string { return at.In(l.loc).Format("15:04") }

// told is a sentence of the rules, in the page's language.
func (l *language) told(sentence string) string { return safetext.Line(finding.In(l.id, sentence)) }

// cause is why something changed.
func (l *language) cause(c statement.Cause, removed bool) string { return l.words.Cause(c, removed) }

// tenant is a customer's name, or what belongs to none.
func (l *language) tenant(id, name string) string {
	switch id {
	case "-unassigned":
		return l.words.Unassigned()
	case "-shared":
		return l.words.Shared()
	case allTenants:
		return l.text("all.customers")
	}
	if name == "" {
		name = id
	}
	return safetext.Line(name)
}

// month is a month that stands as YYYY-MM, by its name.
func (l *language) month(s string) string {
	m, err := month.Parse(s, l.loc)
	if err != nil {
		return safetext.Line(s)
	}
	return l.words.Month(m)
}

// monthShort is a month's short name and year, such as Oct 26.
func (l *language) monthShort(m month.Month) string {
	name := []rune(l.words.Month(m))
	return string(name[:min(3, len(name))]) + " " + strconv.Itoa(m.Year()%100)
}

// linesData is what the table of lines is made of.
type linesData struct {
	Lines              []lineRow
	Money              bool
	Sums               *sums
	Before             *sums
	Bill, Charged, Why bool // what was invoiced, what was billed, and links to why
}

// gapsData is what the list of gaps is made of.
type gapsData struct {
	Gaps []gapRow
	Act  bool
	Base string
}

// Kinds are the kinds of which several gaps are open, to be accepted together.
func (d gapsData) Kinds() (out []statement.CoverageKind) {
	open := map[statement.CoverageKind]int{}
	for i := range d.Gaps {
		if g := d.Gaps[i].Gap; g.Accepted == "" {
			if open[g.Kind]++; open[g.Kind] == 2 {
				out = append(out, g.Kind)
			}
		}
	}
	return out
}

// code is a line of a file, with the room before it, which says something there.
func code(s string) string {
	line := strings.TrimLeft(s, " ")
	return strings.Repeat(" ", min(len(s)-len(line), 40)) + safetext.Line(line)
}

// helpers are funcs that need no language.
func helpers() template.FuncMap {
	return template.FuncMap{
		"sub1": func(n int) int { return n - 1 }, "neg": func(n int) int { return -n }, "diff2": func(a, b int) int { return a - b }, "tight": func(s string) bool { return len(s) <= 18 }, "lined": safetext.Block,
		"sub":  func(a, b *sums) decimal.Decimal { return a.amount.Sub(b.amount) },
		"tabs": func() []string { return []string{"all", "todo", "small", "quiet", "seen", "changed"} },
		"lines": func(l []lineRow, money bool, now, before *sums, bill, charged, why bool) linesData {
			return linesData{l, money, now, before, bill, charged, why}
		},
		"gaps": func(g []gapRow, act bool, base string) gapsData { return gapsData{g, act, base} },
	}
}
