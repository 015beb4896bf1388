package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/rules"
)

// Replayed is what a month came to, and what it would have come to.
type Replayed struct {
	Month    string
	Revision int
	Sealed   bool // from sealed evidence; else from the store, with today's settings
	Complete bool
	Lines    []ReplayLine // by part number
	Skipped  []string     // corrections by hand that the other rules have no line for
}

// ReplayLine is one part number. An amount that is not known is nil.
type ReplayLine struct {
	PartNumber, Products, Currency string
	Old, New                       int
	OldAmount, NewAmount           *decimal.Decimal
}

// Replay counts a month with other rules, other prices, or both; nil means
// those of the month itself. It keeps and writes nothing. A month of which
// nothing is known is store.ErrNone.
func (d *Desk) Replay(ctx context.Context, m month.Month, set *rules.Set, list prices.List) (*Replayed, error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	if l.Retained != nil {
		return nil, fmt.Errorf("%s cannot be counted again: the facts about its persons were reduced to counts", m)
	}
	out := &Replayed{Month: m.String(), Revision: l.Revision}
	in, err := d.lastInputs(ctx, m, l, out)
	if err != nil {
		return nil, err
	}
	defer in.close()
	dec := l.decisions()
	old := in.statement
	if old == nil {
		if old, err = in.count(ctx, dec); err != nil {
			return nil, fmt.Errorf("replay %s as it was: %w", m, err)
		}
	}
	other := *in.setup
	if set != nil {
		other.Rules = set
		dec.Corrections = slices.DeleteFunc(dec.Corrections, func(c statement.Correction) bool {
			lost := !slices.ContainsFunc(set.In(m), func(p *rules.Product) bool { return p.ID == c.Product })
			if lost {
				out.Skipped = append(out.Skipped, fmt.Sprintf("%s of %s", c.Product, c.Tenant))
			}
			return lost
		})
	}
	if list != nil {
		other.Prices = list
	}
	again := *in
	again.setup = &other
	is, err := again.count(ctx, dec)
	if err != nil {
		return nil, fmt.Errorf("replay %s with the other rules or prices: %w", m, err)
	}
	out.Complete = is.Status == statement.Complete
	out.Lines = replayLines(old, is)
	return out, nil
}

// lastInputs are those of the month's latest seal, else the store's.
func (d *Desk) lastInputs(ctx context.Context, m month.Month, l *Life, out *Replayed) (*inputs, error) {
	revision, seal := l.Revision, l.Sealed
	if seal == nil {
		revision, seal = revision-1, l.Before
	}
	if seal != nil {
		out.Sealed, out.Revision = true, revision
		return d.sealed(ctx, l.Month, revision, seal)
	}
	months, err := d.Store.Months(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(months, m.String()) {
		return nil, fmt.Errorf("%s is %w", m, store.ErrNone)
	}
	return d.gather(ctx, m, l)
}

// replayLines adds both sides up by part number.
func replayLines(old, is *statement.Statement) []ReplayLine {
	a, b := byPart(old.Lines), byPart(is.Lines)
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []ReplayLine
	for _, k := range keys {
		names := append(slices.Clone(a[k].products), b[k].products...)
		slices.Sort(names)
		x := ReplayLine{PartNumber: k, Products: strings.Join(slices.Compact(names), ", "), Old: a[k].quantity, New: b[k].quantity}
		x.OldAmount, x.Currency = amountOf(old.Lines, k)
		var currency string
		x.NewAmount, currency = amountOf(is.Lines, k)
		if x.Currency == "" {
			x.Currency = currency
		} else if currency != "" && currency != x.Currency {
			x.Currency += "/" + currency
		}
		if x.Old != 0 || x.New != 0 {
			out = append(out, x)
		}
	}
	return out
}

// amountOf is what a part number costs; nil where a price is missing.
func amountOf(lines []statement.Line, key string) (*decimal.Decimal, string) {
	sum, currency := decimal.Zero, ""
	for i := range lines {
		l := &lines[i]
		if l.PartNumber != key && "("+l.Product+")" != key || l.Quantity == 0 {
			continue
		}
		v, err := decimal.NewFromString(l.Amount)
		if err != nil || currency != "" && currency != l.Currency {
			return nil, ""
		}
		sum, currency = sum.Add(v), l.Currency
	}
	return &sum, currency
}

// ErrNothing: a replay with nothing else than what was.
var ErrNothing = errors.New("nothing is given to replay with: write --rules, --prices or both")
