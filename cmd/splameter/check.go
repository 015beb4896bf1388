package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"splameter/collector"
	"splameter/internal/diag"
	"splameter/internal/register/tables"
	"splameter/rules"
)

type checkCmd struct {
	Offline bool `help:"Only the files: do not try the sources."`
}

func (checkCmd) Help() string {
	return `Prints every fault of config, rules and tables at once, as
file:line:col: what is wrong; what to write instead. Then tries every source
for real: whether it can be reached and read, how much it would read, and how
far back its logs go. Nothing is written.

Examples:
  splameter check
  splameter check --offline`
}

func (c *checkCmd) Run(ctx context.Context, a *app) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	if _, faults := tables.Otherwise(s.Config.Otherwise, s.Register.Tenants); len(faults) > 0 { // read by savings alone
		return faults.Err()
	}
	a.printf("%s, its tables and %s: no fault.\n", a.cli.Config, s.Config.Rules)
	a.printf("%d products, %d tenants, %d exclusions, %d prices.\n", len(s.Rules.Products), len(s.Register.Tenants), len(s.Register.Exclusions), len(s.Prices))
	for _, s := range readableByOthers(a.cli.Config, s) {
		a.printf("WARNING: %s.\n", clean(s))
	}
	if ids := withoutPartNumber(s.Rules); len(ids) > 0 {
		return fmt.Errorf("%s: %s no part number: what is counted for it cannot be reported; write part_number from the reseller's price file", s.Config.Rules,
			strings.Join(ids, ", ")+" "+diag.Plural(len(ids), "has", "have"))
	}
	if c.Offline {
		return nil
	}
	log, err := a.logger(s)
	if err != nil {
		return err
	}
	env := &collector.Env{Config: s.Config, Keep: s.Keep(), Now: a.now, Workers: a.workers(), Log: log}
	failed := 0
	err = collector.Probe(ctx, env, func(p collector.Probed) {
		a.printf("\n%s (%s):\n", p.Source, p.Kind)
		for _, l := range p.Lines {
			a.printf("  %s\n", clean(l))
		}
		if p.Err != nil {
			failed++
			for _, e := range flatten(p.Err) {
				a.printf("  FAILED: %s\n", clean(e.Error()))
			}
		}
	})
	if err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of the sources cannot be read as they are configured", failed)
	}
	return nil
}

// withoutPartNumber are the products that could be counted and not reported.
func withoutPartNumber(set *rules.Set) (ids []string) {
	for i := range set.Products {
		if p := &set.Products[i]; strings.TrimSpace(p.PartNumber) == "" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// flatten lists the errors that were joined.
func flatten(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return []error{err}
}
