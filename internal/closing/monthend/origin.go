package monthend

import (
	"fmt"
	"path/filepath"

	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/strictyaml"
	"splameter/rules"
)

// Origin says in which line of the rules, and of the prices, what counts and
// prices a product stands; empty where today's file is another than the one that
// made the month.
func (s *Setup) Origin(made statement.Made, product, part string, m month.Month) (rule, price string) {
	if data, err := readFile(s.Config.Rules); err == nil && digest.Of(data) == made.RulesHash {
		var none struct{}
		doc, _ := strictyaml.Decode(s.Config.Rules, data, &none) // only where things stand
		for i := range s.Rules.Products {
			if line, _ := doc.Pos("products", i); s.Rules.Products[i].ID == product && line > 0 {
				rule = fmt.Sprintf("%s, line %d", filepath.Base(s.Config.Rules), line)
			}
		}
	}
	if sum, err := fileDigest(s.Config.Prices); err == nil && sum == made.PriceHash {
		if p, ok := s.Prices.For(part, m); ok && p.Line > 0 {
			price = fmt.Sprintf("%s, line %d", filepath.Base(s.Config.Prices), p.Line)
			if p.From.Set {
				price += ", from " + p.From.Day.String()
			}
			if p.Until.Set {
				price += " until " + p.Until.Day.String()
			}
		}
	}
	return rule, price
}

// Restriction is a control that keeps a product of a pool to some groups.
type Restriction struct {
	Pool              string
	Groups            []string
	Control, Document string
}

// Restrictions are those by which a product of a month was counted; none where
// today's config is another than the one that made the month.
func (s *Setup) Restrictions(made statement.Made, product string, m month.Month) (out []Restriction) {
	if s.Config.Digest != made.ConfigHash {
		return nil
	}
	for i := range s.Config.Pools {
		p := &s.Config.Pools[i]
		for j := range p.Restrict {
			r := &p.Restrict[j]
			if rules.Enforced(r.Control) && rules.NewGlob(r.Product).Match(product) && month.Overlap(r.From, r.Until, month.OptionalDay{Day: m.FirstDay(), Set: true}, month.OptionalDay{Day: m.LastDay(), Set: true}) {
				out = append(out, Restriction{p.Name, r.Users, r.Control, r.Document})
			}
		}
	}
	return out
}
