package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

type mappingCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: that of the newest reading of a directory." placeholder:"YYYY-MM"`
	JSON  bool   `name:"json" help:"JSON in place of text."`
}

func (mappingCmd) Help() string {
	return `Shows what does not fit between the directories, tenants.csv, the config, the
rules and the inventories: organizational units without a customer, customers
without a unit (or with one that is empty or misspelt), units beneath another
customer's, groups that do not exist, pools without a host, hosts without a
pool, Microsoft titles that no rule counts, part numbers that are missing. It
reads the store only: collect first. The review workbook has the same on its
sheet Mapping.

Examples:
  splameter mapping
  splameter mapping --month 2026-10 --json`
}

func (c *mappingCmd) Run(ctx context.Context, a *app) error {
	result, err := a.look(ctx, c.Month)
	if err != nil {
		return err
	}
	if c.JSON {
		list := append([]statement.Mapping{}, result.Mapping...)
		return a.json(struct {
			Month   string              `json:"month"`
			Mapping []statement.Mapping `json:"mapping"`
		}{result.Month, list})
	}
	a.printf("%s, %s\n", result.Month, number(len(result.Mapping), "thing to look at", "things to look at"))
	var kind statement.MappingKind
	for i := range result.Mapping {
		m := &result.Mapping[i]
		if m.Kind != kind {
			kind = m.Kind
			a.printf("\n%s\n", strings.ReplaceAll(string(kind), "-", " "))
		}
		a.printf("  %s\n    %s\n    %s\n", clean(m.Subject), clean(m.Message), clean(m.Action))
	}
	return nil
}

type savingsCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: that of the newest reading of a directory." placeholder:"YYYY-MM"`
	JSON  bool   `name:"json" help:"JSON in place of text."`

	Otherwise bool   `help:"What each customer's licences would cost otherwise, by the table that otherwise: of the config names."`
	XLSX      string `name:"xlsx" help:"With --otherwise: write the workbook to this file." placeholder:"FILE"`
}

func (savingsCmd) Help() string {
	return `Shows where less would be owed, computed from the price file: licences of persons
who had no session for months (checks: idle_months), Windows Server Standard
against Datacenter by host and cluster, SQL Server by users against cores and by
host against machines, and a dearer edition that is reachable only because it is
installed. "At most" says that somebody has to find out who needs what. Advice
changes no quantity. The review workbook has the same on its sheet Savings.

Who was not seen is known only of months that were computed, one after the
other, with session logs that have no gap: three such months are needed before
the first advice of that kind.

With --otherwise each customer's lines stand beside what they would cost in the
ways of your own table: own licences, those of a CSP-hoster, another edition. The
assumption of each stands beside it, and nothing is counted by it.

Examples:
  splameter savings
  splameter savings --otherwise --xlsx otherwise.xlsx
  splameter savings --month 2026-10 --json`
}

func (c *savingsCmd) Run(ctx context.Context, a *app) error {
	if c.XLSX != "" && !c.Otherwise {
		return usageError("--xlsx is for --otherwise; the review workbook has the sheet Savings")
	}
	result, err := a.look(ctx, c.Month)
	if err != nil {
		return err
	}
	if c.Otherwise {
		return c.otherwise(ctx, a, result)
	}
	if c.JSON {
		return a.json(struct {
			Month  string             `json:"month"`
			Advice []statement.Advice `json:"advice"`
		}{result.Month, append([]statement.Advice{}, result.Advice...)})
	}
	a.printf("%s, %s\n", result.Month, number(len(result.Advice), "advice", "pieces of advice"))
	a.savings(result.Advice)
	return nil
}

// look counts a month from the store and keeps nothing. A month that was
// approved is counted from what was sealed with it.
func (a *app) look(ctx context.Context, text string) (*statement.Statement, error) {
	s, err := a.begin(ctx, text)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	m := s.Months[0]
	if text == "" {
		if m, err = a.newest(ctx, s.Store, s.Setup); err != nil {
			return nil, err
		}
	}
	d := s.Desk
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	if l.Settled(0) {
		v, err := d.View(ctx, m)
		if err != nil {
			return nil, err
		}
		return v.Statement, nil
	}
	result, _, err := monthend.Compute(ctx, s.Store, s.Setup, m, monthend.Options{Version: programVersion()})
	return result, err
}

// newest is the month of the newest reading of any directory.
func (a *app) newest(ctx context.Context, st store.Store, s *monthend.Setup) (month.Month, error) {
	var m month.Month
	for i := range s.Config.Directories {
		r, ok, err := st.LastReading(ctx, s.Config.Directories[i].Name)
		if err != nil {
			return m, err
		}
		if x := month.Of(r.Taken, s.Config.Provider.Location); ok && (m.IsZero() || x.Number() > m.Number()) {
			m = x
		}
	}
	if m.IsZero() {
		return m, fmt.Errorf("no directory was read yet: run splameter collect first, or name a month with --month")
	}
	return m, nil
}

func (a *app) json(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// number is a count with its noun.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
