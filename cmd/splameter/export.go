package main

import (
	"context"
	"fmt"
	"io"

	"splameter/internal/atomicfile"
	"splameter/internal/store"
	"splameter/internal/store/handover"
)

type exportCmd struct {
	Site  string `help:"The site whose facts to hand over; by default the config's." placeholder:"NAME"`
	Month string `help:"Up to which month, as YYYY-MM; by default the month before this one." placeholder:"YYYY-MM"`
	File  string `arg:"" help:"The file to write." type:"path"`
}

func (exportCmd) Help() string {
	return `Writes what this site read, up to the end of a month, into one file, for a
site that has no line to the shared store. The same facts give the same bytes,
and a digest closes them. The file holds names of accounts: send it as you
would send a copy of the directory.

Example:
  splameter export --site delft --month 2026-10 delft-2026-10.handover`
}

func (c *exportCmd) Run(ctx context.Context, a *app) (err error) {
	s, err := a.begin(ctx, c.Month)
	if err != nil {
		return err
	}
	defer s.Close()
	m := s.Months[0]
	site := c.Site
	if site == "" {
		site = s.Config.Site
	}
	if site == "" {
		return usageError("no site is named; give --site NAME, or write site: in the config")
	}
	h, err := s.Store.(store.Hander).Export(ctx, site, m)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(c.File, atomicfile.Private, func(w io.Writer) error { return handover.Write(ctx, w, h) }); err != nil {
		return fmt.Errorf("write the file to hand over: %w", err)
	}
	a.printf("%s: site %s up to %s, %d readings\n", c.File, site, m, len(h.Readings))
	return nil
}
