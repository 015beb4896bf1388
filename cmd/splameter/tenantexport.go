package main

import (
	"context"
	"path/filepath"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/tenantexport"
	"splameter/report"
)

type tenantExportCmd struct {
	Tenant string `help:"The customer's id." required:"" placeholder:"ID"`
	Out    string `help:"The folder, new or empty. Default: tenant-export/ID in the output folder." placeholder:"DIR" type:"path"`
}

func (tenantExportCmd) Help() string {
	return `Writes everything that is held about one customer, as CSV and as JSON: its
accounts and their memberships, their sessions, the persons counted, quantities,
deliveries, findings and what the tables say. Nothing of another customer is in
it; a text that names one is left out, and says so.

Example:
  splameter tenant-export --tenant bakkerij --out /tmp/bakkerij`
}

func (c *tenantExportCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, "", func(d *closing.Desk, _ month.Month) error {
		c.Tenant = tenantID(d.Setup.Register, c.Tenant)
		e, err := tenantexport.Gather(ctx, d, c.Tenant)
		if err != nil {
			return err
		}
		dir := c.Out
		if dir == "" {
			dir = filepath.Join(d.Setup.Config.Output, "tenant-export", report.SafeName(c.Tenant))
		}
		if err := e.Write(dir); err != nil {
			return err
		}
		for _, t := range e.Tables {
			a.printf("%8d  %s\n", len(t.Rows), t.Name)
		}
		for _, n := range e.Notes {
			a.printf("%s\n", clean(n))
		}
		a.printf("%s\nIt holds personal data: hand it to the customer only.\n", dir)
		return nil
	})
}
