package rules

import (
	"context"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// changing are the ids of products of which an entry with mid_month: higher
// begins inside the month, after one that is in force on its first day.
func (s *Set) changing(m month.Month) (ids []string) {
	for i := range s.Products {
		p := &s.Products[i]
		if p.MidMonth != MidMonthHigher || !p.begins(m) {
			continue
		}
		for k := range s.Products {
			if q := &s.Products[k]; q.ID == p.ID && month.Within(m.FirstDay(), q.From, q.Until) {
				ids = append(ids, p.ID)
			}
		}
	}
	return ids
}

// begins says that an entry begins inside the month, not with it.
func (p *Product) begins(m month.Month) bool {
	return p.From.Set && p.From.Day > m.FirstDay() && p.From.Day <= m.LastDay()
}

// dearer counts the month with either entry of each product that changes
// inside it, and says of which the later one costs more: by amount, or by
// quantity where a price is not known.
func dearer(ctx context.Context, in *Input, ids []string) (map[string]bool, error) {
	later := map[string]bool{}
	count := func(id string) (amount decimal.Decimal, priced bool, quantity int, err error) {
		x := *in
		x.Release, x.later = false, later
		e, err := evaluate(ctx, &x)
		if err != nil {
			return amount, false, 0, err
		}
		for i := range e.st.Lines {
			if l := &e.st.Lines[i]; l.Product == id {
				quantity = l.Quantity
				amount, err = decimal.NewFromString(l.Amount)
				return amount, err == nil, quantity, nil
			}
		}
		return amount, false, 0, nil
	}
	for _, id := range ids {
		a1, p1, q1, err := count(id)
		if err != nil {
			return nil, err
		}
		later[id] = true
		a2, p2, q2, err := count(id)
		if err != nil {
			return nil, err
		}
		if p1 && p2 && !a2.GreaterThan(a1) || !(p1 && p2) && q2 <= q1 {
			delete(later, id)
		}
	}
	return later, nil
}
