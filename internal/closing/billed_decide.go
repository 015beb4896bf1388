package closing

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/closing/books"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// article refuses a decision that an article is what nobody knows. It is a part
// number or a product, several of a bundle, or free: no licence at all.
func (d *Desk) article(st *statement.Statement, x *register.Decision) error {
	if x.Decision.Is(register.Free) {
		return nil
	}
	var known []string
	if st != nil {
		for i := range st.Products {
			known = append(known, st.Products[i].ID, st.Products[i].PartNumber)
		}
	}
	for _, p := range d.Setup.Prices {
		known = append(known, p.PartNumber)
	}
	var as []string
	for part := range strings.SplitSeq(string(x.Decision), "+") {
		i := slices.IndexFunc(known, func(k string) bool { return k != "" && strings.EqualFold(k, part) })
		if i < 0 {
			return Misused(fmt.Sprintf("%q is neither a part number of the price list nor a product of the rules%s", safetext.Clip(part, 60), meant(part, known)))
		}
		as = append(as, known[i])
	}
	x.Decision = register.Answer(strings.Join(as, "+"))
	return nil
}

func meant(word string, known []string) string {
	if near, ok := diag.Nearest(word, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// customer refuses a decision that a bill's customer is whom nobody knows. It
// is a tenant, partner:ID, or free: nobody who has licences.
func (d *Desk) customer(st *statement.Statement, x *register.Decision) error {
	if x.Decision.Is(register.Free) {
		return nil
	}
	if st == nil {
		st = &statement.Statement{}
	}
	p := &placer{d, st}
	if id := p.known(string(x.Decision)); id != "" {
		x.Decision = register.Answer(id)
		return nil
	}
	var known []string
	for i := range d.Setup.Register.Tenants {
		known = append(known, d.Setup.Register.Tenants[i].ID)
	}
	for i := range d.Setup.Register.Partners {
		known = append(known, register.PartnerPrefix+d.Setup.Register.Partners[i].ID)
	}
	return Misused(fmt.Sprintf("%q is no customer of the tenants table, and no partner%s", safetext.Clip(string(x.Decision), 60), meant(string(x.Decision), known)))
}

// billedAs refuses an agreement on what is not there, or without an end: what
// is agreed for all months to come would hide whatever comes.
func (d *Desk) billedAs(m month.Month, s *Status, x *register.Decision) error {
	if s.Result == nil {
		return fmt.Errorf("%s was not counted yet: splameter report --month %s does that", m, m)
	}
	parts := strings.Split(x.Key, "|")
	if len(parts) > 3 { // one difference as it is
		bills, _ := s.Billed()
		all := books.Compare(d.Books(m, s.Result, bills)).Differences
		if !slices.ContainsFunc(all, func(o statement.BilledDifference) bool { return o.Key != "" && strings.EqualFold(o.Key, x.Key) }) {
			return fmt.Errorf("%s has no difference %q: splameter tie-out --month %s shows their keys", m, safetext.Clip(x.Key, 200), m)
		}
		if x.Decision != register.Accepted {
			return Misused("a difference is accepted as it is, or not; leave the answer out")
		}
		return nil
	}
	if len(parts) < 3 {
		return Misused(`what is agreed has a key such as "billed|CUSTOMER|PRODUCT"; * stands for all`)
	}
	p := &placer{d, s.Result}
	customer, product := parts[1], parts[2]
	if customer != "*" {
		if customer = p.known(customer); customer == "" {
			return Misused(fmt.Sprintf("%q is no customer of the tenants table, and no partner", safetext.Clip(parts[1], 60)))
		}
	}
	if product != "*" {
		if product = p.product(product); product == "" {
			return Misused(fmt.Sprintf("%q is no product of the rules", safetext.Clip(parts[2], 60)))
		}
	}
	if customer == "*" && product == "*" {
		return Misused("what is agreed names a customer or a product: not everything of everybody")
	}
	if _, ok := books.Agreed(x.Decision); !ok && x.Decision != register.Accepted {
		return Misused(fmt.Sprintf("%q is nothing that can be agreed; write accepted, free, or how many are billed", safetext.Clip(string(x.Decision), 60)))
	}
	if !x.Until.Set {
		return Misused("what is agreed needs its last day: write --until")
	}
	x.Key = register.BilledKey(customer, product)
	return nil
}
