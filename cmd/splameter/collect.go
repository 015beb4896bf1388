package main

import (
	"context"
	"errors"
	"fmt"

	"splameter/collector"
	"splameter/internal/diag"
)

type collectCmd struct {
	Source string `help:"Only this source, by its name in the config." placeholder:"NAME"`
}

func (collectCmd) Help() string {
	return `Reads what is not yet in the store: directories, session logs, inventories.
A source that fails does not hold up the others; its day is a gap, and the
report says so. Exits with 3 where something could not be read, with 1 where
nothing could.

Examples:
  splameter collect
  splameter collect --source session-hosts
  splameter --config /etc/splameter/config.yaml collect`
}

func (c *collectCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	p := a.progress(s.Log)
	env := &collector.Env{Store: s.Store, Config: s.Config, Keep: s.Keep(), Now: a.now, Workers: a.workers(), Log: s.Log, Progress: p.report}
	outcomes, err := collector.Run(ctx, env, c.Source)
	p.done()
	if err != nil {
		return err
	}
	failed, got := 0, 0
	for _, o := range outcomes {
		got += o.Read + o.Known
		a.printf("%s: %d new, %d known, %s\n", o.Source, o.Read, o.Known, diag.Several(o.Notices, "notice"))
		if o.Err == nil {
			continue
		}
		for _, e := range flatten(o.Err) {
			failed++
			fmt.Fprintf(a.stderr, "splameter: %s: %s\n", o.Source, clean(e.Error()))
		}
	}
	switch {
	case failed == 0:
		return nil
	case got == 0:
		return errors.New("nothing could be read")
	}
	fmt.Fprintln(a.stderr, "splameter: the rest was read; what failed is a gap until it is corrected and collected again")
	return errIncomplete
}
