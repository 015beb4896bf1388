package main

import (
	"context"
	"fmt"

	"splameter/internal/agent"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/report"
)

type precloseCmd struct {
	Month string `help:"The month that runs, as YYYY-MM. Default: the present one." placeholder:"YYYY-MM"`
}

func (precloseCmd) Help() string {
	return `Lists what can still be done before the month ends, so that the next one drops:
accounts without a session for some months, disabled accounts that are still in
a group that gives access, and exclusions about to end, with the money where
prices are known. Whoever had access this month still counts this month. Writes
out/MONTH/preclose-MONTH.xlsx as well. It names persons, and changes nothing.

Examples:
  splameter preclose
  splameter preclose --month 2026-10`
}

func (c *precloseCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	m := month.Of(a.now(), s.Config.Provider.Location)
	if c.Month != "" {
		if m, err = a.month(s.Setup, c.Month); err != nil {
			return err
		}
	}
	today := min(month.DayOf(a.now(), s.Config.Provider.Location), m.LastDay())
	l, in, err := agent.Preclose(ctx, s.Store, s.Setup, m, today, monthend.Options{Version: programVersion(), Workers: a.workers()})
	if err != nil {
		return err
	}
	read := false
	for _, x := range in.Statement.Coverage.Sources {
		read = read || x.Kind == statement.CoverageDirectory && len(x.Days) > 0
	}
	if !read {
		return fmt.Errorf("no directory was read in %s: who could be disabled is not known; collect first with splameter collect, or name another month with --month", m)
	}
	w, err := report.New(in)
	if err != nil {
		return err
	}
	path, err := report.WritePreclose(ctx, s.Dir(m, false), in, l)
	if err != nil {
		return err
	}
	a.printf("%s\n%s\n", w.PrecloseText(l, true), path)
	return nil
}
