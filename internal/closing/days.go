package closing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// DayFigure is what one customer's quantity of one product came to on one day.
type DayFigure struct {
	Day             month.Day
	Product, Tenant string
	Quantity        int
}

// Newest is the latest sealed revision and the digest of its evidence; empty
// where nothing was sealed.
func (l *Life) Newest() (revision int, manifest string) {
	for revision = l.Revision; revision >= 0; revision-- {
		if seal := l.sealOf(revision); seal != nil {
			return revision, seal.Manifest
		}
	}
	return 0, ""
}

// Kept is a revision's result as the store keeps it; store.ErrNone where there
// is none.
func (d *Desk) Kept(ctx context.Context, m month.Month, revision int) (*statement.Statement, error) {
	return d.result(ctx, m.String(), revision)
}

// Days are a sealed month's quantities by day, from its evidence: who and what
// was counted, on each day from the first to the last on which it was seen.
// Sorted by day, product, customer. A month whose names were reduced is
// store.ErrNone, and so is one that was never sealed.
func (d *Desk) Days(ctx context.Context, m month.Month) ([]DayFigure, error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	revision, _ := l.Newest()
	seal := l.sealOf(revision)
	if seal == nil || l.Retained != nil {
		return nil, fmt.Errorf("what %s came to by day is %w", m, store.ErrNone)
	}
	in, err := d.sealedParts(ctx, l.Month, revision, seal)
	if err != nil {
		return nil, err
	}
	defer in.close()
	if err := in.readStatement(); err != nil {
		return nil, err
	}
	var counted struct {
		Persons  []statement.Person
		Machines []statement.Machine
	}
	if err := readJSON(in.pack, countedMember, &counted); err != nil {
		return nil, err
	}
	active := map[string]bool{}
	for i := range in.statement.Products {
		active[in.statement.Products[i].ID] = in.statement.Products[i].Count == statement.CountActive
	}
	sums := map[DayFigure]int{}
	add := func(tenant, product string, first, last month.Day, n int) {
		for day := max(first, m.FirstDay()); day <= min(last, m.LastDay()); day++ {
			sums[DayFigure{Day: day, Product: product, Tenant: tenant}] += n
		}
	}
	for i := range counted.Persons {
		if p := &counted.Persons[i]; p.Excluded == nil && (p.Active || !active[p.Product]) {
			add(p.Tenant, p.Product, p.First, p.Last, p.Units)
		}
	}
	for i := range counted.Machines {
		if x := &counted.Machines[i]; x.Excluded == nil {
			add(x.Tenant, x.Product, x.First, x.Last, x.Packs)
		}
	}
	out := make([]DayFigure, 0, len(sums))
	for k, n := range sums {
		k.Quantity = n
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b DayFigure) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), strings.Compare(a.Product, b.Product), strings.Compare(a.Tenant, b.Tenant))
	})
	return out, nil
}
