package tables

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
)

// show is a cell as a fault shows it.
func show(s string) string { return strconv.Quote(safetext.Clip(s, 60)) }

// date reads a cell that may be empty.
func (r row) date(name string) month.OptionalDay {
	var d month.OptionalDay
	if v := r.get(name); v != "" {
		var what, instead string
		var ok bool
		if d, what, instead, ok = r.t.dialect.day(v); !ok {
			r.fault(name, what, instead)
		}
	}
	return d
}

// period reads two dates, both inclusive.
func (r row) period(fromName, untilName string) (from, until month.OptionalDay) {
	from, until = r.date(fromName), r.date(untilName)
	if from.Set && until.Set && until.Day < from.Day {
		r.fault(untilName, fmt.Sprintf("the period ends on %s, before it begins on %s", until.Day, from.Day), "write a date that is not before "+fromName)
	}
	return from, until
}

// filled is a cell that must hold something.
func (r row) filled(name, what string) string {
	v := r.get(name)
	if v == "" {
		r.fault(name, what+" is missing", "write it in the column "+name)
	}
	return v
}

// yes reads yes or no in English or Dutch; an empty cell is no.
func (r row) yes(name string) bool {
	v := r.get(name)
	switch strings.ToLower(v) {
	case "", "no", "n", "nee", "nein", "non", "false", "0", "onwaar", "falsch", "faux":
		return false
	case "yes", "y", "ja", "j", "true", "1", "x", "waar", "oui", "wahr", "vrai":
		return true
	}
	r.fault(name, show(v)+" is neither yes nor no", "write yes, or leave it empty")
	return false
}

// language reads nl or en; empty is left to the provider's.
func (r row) language(name string) string {
	v := strings.ToLower(r.get(name))
	if v != "" && v != "nl" && v != "en" {
		r.fault(name, show(r.get(name))+" is no language that splameter writes", "write nl or en, or leave it empty for the provider's own")
		return ""
	}
	return v
}

// country reads an ISO 3166 code of two letters.
func (r row) country(name string) string {
	v := strings.ToUpper(r.get(name))
	if v != "" && (len(v) != 2 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		r.fault(name, show(r.get(name))+" is no country", "write its two letters, such as NL")
	}
	return v
}

func (r row) currency(name string) string {
	v := strings.ToUpper(r.get(name))
	if len(v) != 3 || strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		r.fault(name, show(r.get(name))+" is no currency", "write its three letters, such as EUR")
	}
	return v
}

// email reads one address. It becomes the header of a mail.
func (r row) email(name string) string {
	v := r.get(name)
	local, domain, ok := strings.Cut(v, "@")
	if v != "" && (!ok || local == "" || domain == "" || strings.ContainsAny(v, " \t\r\n,;<>\"") || strings.Contains(domain, "@")) {
		r.fault(name, show(v)+" is no e-mail address", "write one address, such as name@customer.example")
	}
	return v
}

// Nothing but digits and a point: no sign, no exponent, no separator of
// thousands. Twelve digits bound what arithmetic costs.
var price = lazyregexp.New(`^[0-9]{1,12}(\.[0-9]{1,8})?$`)

// price reads a price, in the table's dialect: 1,234 is two different prices,
// and which of them is meant another price of the table proves, or nobody.
func (r row) price(name string) (decimal.Decimal, bool) {
	v := r.get(name)
	if v == "" {
		r.fault(name, "the price is missing", "write digits and a point, such as 4.19")
		return decimal.Decimal{}, false
	}
	d, what, instead := r.t.dialect.amount(v)
	if what != "" {
		r.fault(name, what, instead)
		return decimal.Decimal{}, false
	}
	return d, true
}

// number reads a whole number from 0 on.
func (r row) number(name string) (n int, given bool) {
	v := r.get(name)
	if v == "" {
		return 0, false
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1_000_000_000 || strconv.Itoa(n) != v {
		r.fault(name, show(v)+" is no whole number from 0 on", "write digits only, such as 12")
		return 0, true
	}
	return n, true
}

// id reads an id that stands in file names.
func (r row) id(name, what string) string {
	v := r.filled(name, what)
	if v != "" {
		if err := config.CheckName(v); err != nil {
			w, instead := diag.Split(err.Error())
			r.fault(name, fmt.Sprintf("%s %s %s", what, show(v), w), instead)
		}
	}
	return v
}

// ids knows the tenants, to tell a slip of the pen in another table. A nil one
// knows nothing and objects to nothing.
type ids struct {
	known map[string]bool
	names []string
}

func idsOf(tenants []register.Tenant) *ids {
	s := &ids{known: make(map[string]bool, len(tenants))}
	for _, t := range tenants {
		s.known[t.ID] = true
		s.names = append(s.names, t.ID)
	}
	return s
}

// tenant reads a tenant's id, or one of the other values that may stand there.
func (r row) tenant(name string, tenants *ids, or ...string) string {
	v := r.get(name)
	for _, o := range or {
		if v == o {
			return v
		}
	}
	if v == "" {
		r.fault(name, "the tenant is missing", "write its id"+alternatively(or))
		return v
	}
	if tenants == nil || tenants.known[v] || r.t.full() {
		return v
	}
	instead := "write an id from the tenants table" + alternatively(or)
	if near, ok := diag.Nearest(v, tenants.names); ok {
		instead = fmt.Sprintf("did you mean %q?", near)
	}
	r.fault(name, "there is no tenant "+show(v), instead)
	return v
}

func alternatively(or []string) string {
	for _, o := range or {
		if o == "*" {
			return ", or * for all"
		}
	}
	return ""
}
