package main

import (
	"context"

	"splameter/collector"
	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
)

type closeCmd struct {
	Month     string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	NoCollect bool   `help:"Do not collect before: count what the store has."`
}

func (closeCmd) Help() string {
	return `Collects once more, computes the month, writes its files and seals them with
everything behind them into out/MONTH/evidence-MONTH.zip. The month is a draft
then, and can be closed again until it is approved; after that, only an
amendment changes it. Exits with 3 where the month is incomplete.

Examples:
  splameter close
  splameter close --month 2026-10`
}

func (c *closeCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		l, err := d.Life(ctx, m)
		if err != nil {
			return err
		}
		if !c.NoCollect && (l.State == statement.Open || l.State == statement.Draft) {
			if err := a.lastCollection(ctx, d); err != nil {
				return err
			}
		}
		r, err := d.Close(ctx, m)
		if err != nil {
			return err
		}
		a.summary(r.Statement)
		a.files(r.Written)
		a.printf("\n")
		a.sealed(r)
		if r.Statement.Status != statement.Complete {
			return errIncomplete
		}
		return nil
	})
}

// lastCollection reads every source once more. One that fails is told, and
// leaves a gap in the month where the month needs it.
func (a *app) lastCollection(ctx context.Context, d *closing.Desk) error {
	log, err := a.logger(d.Setup)
	if err != nil {
		return err
	}
	p := a.progress(log)
	defer p.done()
	_, err = collector.Run(ctx, &collector.Env{Store: d.Store, Config: d.Setup.Config, Keep: d.Setup.Keep(), Now: a.now,
		Workers: a.workers(), Log: log, Progress: p.report}, "")
	return err
}
