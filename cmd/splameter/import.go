package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"splameter/internal/store"
	"splameter/internal/store/handover"
)

type importCmd struct {
	File string `arg:"" help:"The file that splameter export wrote." type:"path"`
}

func (importCmd) Help() string {
	return `Takes over what another site handed over. The file is read to its end and its
digest checked before anything is kept; the same file again changes nothing.

Example:
  splameter import delft-2026-10.handover`
}

func (c *importCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	h, err := handover.Read(ctx, f)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	if len(s.Config.Sites) > 0 && !slices.Contains(s.Config.Sites, h.Site) {
		return fmt.Errorf("import %s: it is of site %s, which the config does not list; add it to sites, if it is one of yours", c.File, h.Site)
	}
	fresh, err := s.Store.(store.Hander).Import(ctx, h)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	a.printf("%s: site %s up to %s, %d readings, %d of them new\n", c.File, h.Site, h.Month, len(h.Readings), fresh)
	return nil
}
