package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"splameter/collector"
	"splameter/internal/closing/monthend"
	"splameter/internal/diag"
	"splameter/internal/register/tables"
	"splameter/internal/store"
	"splameter/rules"
)

type checkCmd struct {
	Offline bool `help:"Only the files: try neither the store nor the sources."`
}

func (checkCmd) Help() string {
	return `Prints every fault of config, rules and tables at once, as
file:line:col: what is wrong; what to write instead. Then opens the store (what
version it is of, which rights the login lacks) and tries every source for
real: whether it can be reached and read, how much it would read, and how far
back its logs go. Nothing is written.

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
	failed, noStore := 0, false
	a.printf("\nthe store:\n")
	lines, err := c.store(ctx, a, s)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, l := range lines {
		a.printf("  %s\n", clean(l))
	}
	if noStore = err != nil; noStore {
		a.printf("  FAILED: %s\n", clean(err.Error()))
	}
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
	switch {
	case noStore && failed > 0:
		return fmt.Errorf("the store cannot be used, and %d of the sources cannot be read, as they are configured", failed)
	case noStore:
		return errors.New("the store cannot be used as it is configured")
	case failed > 0:
		return fmt.Errorf("%d of the sources cannot be read as they are configured", failed)
	}
	return nil
}

// store looks at the store, and makes none.
func (c *checkCmd) store(ctx context.Context, a *app, s *monthend.Setup) ([]string, error) {
	address, opt, err := a.storeAt(s)
	if err != nil {
		return nil, err
	}
	return store.Probe(ctx, address, opt)
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

// flatten lists the errors that were joined, at whatever depth. One that says
// why by several others, or that stands for one alone, is one.
func flatten(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		joined, ok := e.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var texts []string
		for _, part := range joined.Unwrap() {
			texts = append(texts, part.Error())
		}
		if len(texts) > 1 && e.Error() == strings.Join(texts, "\n") {
			return joined.Unwrap()
		}
	}
	return []error{err}
}
