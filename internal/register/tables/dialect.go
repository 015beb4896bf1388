package tables

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/lazyregexp"
	"splameter/internal/month"
)

// A dialect is how a table writes dates and numbers: a spreadsheet saves them
// as its country does. What is not proved by the file is not guessed.
type dialect struct {
	dayFirst, monthFirst bool   // a date in the table can only be read so
	dashed               bool   // dates are parted by hyphens
	written              string // the first date of a country's form, for writing others like it
	decimal              byte   // what stands before the decimals; 0: nothing proves it
	both                 [2]string
	sheet                bool // a workbook: numbers and days are kept, not shown
	semicolon            bool
	hyphens              bool // of days parted by hyphens the day stands first
}

// localDate is a date that ends in its year.
var localDate = lazyregexp.New(`^([0-9]{1,2})([-/.])([0-9]{1,2})([-/.])([0-9]{4})(?:[ T]0?0:00(?::00)?)?$`)

// learn takes what a table's cells say of its dates, and those of its price
// columns of their decimals.
func (d *dialect) learn(cells []string, prices []int) {
	for _, c := range cells {
		if len(c) < 8 || len(c) > 20 {
			continue
		}
		if m := localDate().FindStringSubmatch(c); m != nil && m[2] == m[4] {
			if d.written == "" {
				d.written = c
			}
			d.date(m)
		}
	}
	for _, i := range prices {
		if i < len(cells) {
			d.number(cells[i])
		}
	}
}

func (d *dialect) date(m []string) {
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	switch {
	case m[2] == ".":
	case a > 12:
		d.dayFirst = true
	case b > 12:
		d.monthFirst = true
	}
	d.dashed = d.dashed || m[2] == "-"
}

// grouped are thousands parted by one sign, the decimals by the other.
var grouped = map[byte]*regexp.Regexp{
	'.': regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,8})?$`),
	',': regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{3})+(,[0-9]{1,8})?$`),
}

// bare is a number without the signs of money and the blanks between its
// thousands.
func bare(s string) string {
	s = strings.Trim(s, "€$£ \u00a0\u202f")
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "EUR"), "EUR"))
	return strings.NewReplacer("\u00a0", "", "\u202f", "", "’", "").Replace(s)
}

// number takes what one price says of the sign before its decimals.
func (d *dialect) number(s string) {
	v := bare(s)
	points, commas := strings.Count(v, "."), strings.Count(v, ",")
	said := byte(0)
	switch {
	case points > 0 && commas > 0:
		said = '.'
		if strings.LastIndexByte(v, ',') > strings.LastIndexByte(v, '.') {
			said = ','
		}
	case points > 1:
		said = ','
	case commas > 1:
		said = '.'
	case points+commas == 1:
		sign := byte('.')
		if commas == 1 {
			sign = ','
		}
		whole, fraction, _ := strings.Cut(v, string(sign))
		if len(fraction) != 3 || len(whole) > 3 || strings.TrimLeft(whole, "0") == "" {
			said = sign
		}
	}
	switch {
	case said == 0:
	case d.decimal == 0:
		d.decimal, d.both[0] = said, s
	case d.decimal != said && d.both[1] == "":
		d.both[1] = s
	}
}

// amount reads a price, or says what is wrong with it and what to write.
func (d *dialect) amount(s string) (x decimal.Decimal, what, instead string) {
	v := bare(s)
	sign := d.decimal
	const as = "write digits and a point, such as 4.19"
	if d.both[1] != "" && strings.ContainsAny(v, ".,") {
		return x, fmt.Sprintf("in one table stand %s and %s: nothing tells where the decimals begin", show(d.both[0]), show(d.both[1])), "write all prices one way"
	}
	lone := strings.Count(v, ".")+strings.Count(v, ",") == 1
	switch {
	case lone && sign == 0 && (d.sheet || !d.semicolon && strings.Contains(v, ".")):
		sign = '.' // a number as a workbook keeps it, or in the form that this program writes
	case lone && sign == 0:
		whole, fraction, _ := strings.Cut(strings.Replace(v, ",", ".", 1), ".")
		return x, fmt.Sprintf("%s is %s%s or %s.%s, and nothing in the file proves which", show(s), clipDigits(whole), clipDigits(fraction), clipDigits(whole), clipDigits(fraction)), "write two decimals, here or in another row"
	case sign == 0:
		sign = '.'
	}
	other := ","
	if sign == ',' {
		other = "."
	}
	if strings.Contains(v, other) {
		if !grouped[sign].MatchString(v) {
			return x, show(s) + " is no price", as
		}
		v = strings.ReplaceAll(v, other, "")
	}
	v = strings.ReplaceAll(v, ",", ".")
	if d.sheet && plainNumber().MatchString(v) {
		if x, err := decimal.NewFromString(v); err == nil {
			return x.Round(8), "", "" // a workbook keeps 4.19 as 4.1900000000000004
		}
	}
	if !price().MatchString(v) {
		return x, show(s) + " is no price", as
	}
	x, err := decimal.NewFromString(v)
	if err != nil {
		return x, show(s) + " is no price", as
	}
	return x, "", ""
}

func clipDigits(s string) string { return s[:min(len(s), 12)] }

// day reads a date in the table's own form; ok is false for what is none.
func (d *dialect) day(s string) (out month.OptionalDay, what, instead string, ok bool) {
	if d.sheet {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n > 20000 && n < 80000 {
			return month.OptionalDay{Day: month.Date(1899, time.December, 30) + month.Day(int(n)), Set: true}, "", "", true
		}
	}
	if len(s) == 10 && s[4] == '/' && s[7] == '/' {
		s = strings.ReplaceAll(s, "/", "-")
	} else if len(s) > 10 && s[4] == '-' && (strings.HasPrefix(s[10:], " 00:00") || strings.HasPrefix(s[10:], "T00:00")) {
		s = s[:10]
	}
	if m := localDate().FindStringSubmatch(s); m != nil && m[2] == m[4] {
		day, mon := m[1], m[3]
		switch {
		case m[2] == "." || day == mon:
		case d.dayFirst && d.monthFirst:
			return out, "of the table's dates some have the day first and some the month", "write YYYY-MM-DD", false
		case d.dayFirst || !d.monthFirst && m[2] == "-" && (d.semicolon || d.hyphens):
			// No country parts its lists by semicolons, its dates by hyphens, and
			// puts the month first.
		case d.monthFirst:
			day, mon = mon, day
		default:
			return out, show(s) + " may have the day first or the month, and no date in the file proves which", "write it as YYYY-MM-DD", false
		}
		s = fmt.Sprintf("%s-%02s-%02s", m[5], mon, day)
	}
	if err := out.UnmarshalText([]byte(s)); err != nil {
		return out, show(s) + " is no date", "write it as YYYY-MM-DD", false
	}
	return out, "", "", true
}

// writeDay is a day in the form of the table's other dates.
func (d *dialect) writeDay(x month.OptionalDay) string {
	if !x.Set {
		return ""
	}
	m := localDate().FindStringSubmatch(d.written)
	if m == nil {
		return x.Day.String()
	}
	y, mon, day := x.Day.Civil()
	form := "%d"
	if len(m[1]) == 2 && len(m[3]) == 2 && (m[1][0] == '0' || m[3][0] == '0') {
		form = "%02d"
	}
	a, b := fmt.Sprintf(form, day), fmt.Sprintf(form, int(mon))
	if d.monthFirst && m[2] != "." {
		a, b = b, a
	}
	return a + m[2] + b + m[2] + strconv.Itoa(y)
}

// writePrice is a price with the table's sign before its decimals.
func (d *dialect) writePrice(x decimal.Decimal) string {
	s := x.String()
	if d.decimal == ',' {
		if _, fraction, ok := strings.Cut(s, "."); ok && len(fraction) == 3 {
			s += "0" // with three it could be thousands
		}
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}
