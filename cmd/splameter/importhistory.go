package main

import (
	"context"
	"path/filepath"
	"strings"

	"splameter/internal/closing/monthend"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
)

type importHistoryCmd struct {
	File string `arg:"" help:"A CSV file with the columns month, tenant, part_number, quantity." type:"existingfile"`
}

func (importHistoryCmd) Help() string {
	return `Takes in the quantities of months that were submitted before splameter, so that
the first month here is compared with something, and a customer's first annex
does not say that everything is new. They are marked as not computed wherever
they show, and feed changes, jumps and charts.

month is YYYY-MM. tenant is an id of tenants.csv, -unassigned for customers that
are gone, or empty in all rows of a month of which only the total is known: then
annexes show no last month. part_number is Microsoft's, or the reseller's own
article where the price file knows it.

A month that splameter computed is never replaced: then nothing of the file is
taken in. A month imported before is replaced, and said so.

Examples:
  splameter import-history submitted-2025.csv`
}

func (c *importHistoryCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	months, unknown, faults := tables.History(c.File, s.Register.Tenants, partNames(s.Setup))
	if err := faults.Err(); err != nil {
		return err
	}
	if len(months) == 0 {
		return diag.Fault{File: c.File, What: "the file holds no row", Instead: "write a line for each month, tenant and part number"}
	}
	loc := s.Config.Provider.Location
	first, err := month.Parse(months[0].Month, loc)
	if err != nil {
		return err
	}
	last, err := month.Parse(months[len(months)-1].Month, loc)
	if err != nil {
		return err
	}
	known, err := s.Store.Earlier(ctx, last.Add(1), last.Number()-first.Number()+1)
	if err != nil {
		return err
	}
	have := map[string]statement.Earlier{}
	for _, e := range known {
		have[e.Month] = e
	}
	for _, e := range months {
		if have[e.Month].Computed {
			faults = append(faults, diag.Fault{File: c.File, What: e.Month + " was computed by splameter, and is never replaced by an import", Instead: "take its rows out of the file"})
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if err := s.Store.PutHistory(ctx, filepath.Base(c.File), months); err != nil {
		return err
	}
	for _, e := range months {
		sum, how := 0, "in total, not by tenant"
		for _, q := range e.Quantities {
			sum += q.Quantity
			if q.Tenant != "" {
				how = "by tenant"
			}
		}
		note := ""
		if _, ok := have[e.Month]; ok {
			note = "; it was imported before, and is replaced"
		}
		a.printf("%s: %s, %d licences, %s%s\n", e.Month, number(len(e.Quantities), "row", "rows"), sum, how, note)
	}
	if len(unknown) > 0 {
		a.printf("No rule has the part number %s: what was reported under it shows nowhere until one does.\n", clean(strings.Join(unknown, ", ")))
	}
	return nil
}

// partNames knows the part numbers of the rules, and the reseller's articles
// for them.
func partNames(s *monthend.Setup) tables.PartNames {
	return func(written string) (string, bool) {
		if p, ok := s.Prices.ByAlias(written); ok {
			written = p.PartNumber
		}
		for i := range s.Rules.Products {
			p := &s.Rules.Products[i]
			if p.PartNumber != "" && (strings.EqualFold(p.PartNumber, written) || p.Alias != "" && strings.EqualFold(p.Alias, written)) {
				return p.PartNumber, true
			}
		}
		return written, s.Prices.Knows(written)
	}
}
