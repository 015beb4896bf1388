package main

import (
	"context"
	"fmt"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

type correctCmd struct {
	Month    string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Tenant   string `help:"The tenant's id, or unassigned or shared." required:"" placeholder:"ID"`
	Product  string `help:"The product's id in the rules." required:"" placeholder:"ID"`
	Quantity string `help:"+N or -N to add or take away, =N to set." required:"" placeholder:"±N|=N"`
	Code     string `help:"The kind of reason: reseller-instruction, contract-term, data-missing, counted-twice, audit-outcome or other." required:"" placeholder:"CODE"`
	Reason   string `help:"The reason itself." required:"" placeholder:"TEXT"`
	By       string `help:"Who corrects it." required:"" placeholder:"NAME"`
}

func (correctCmd) Help() string {
	return `Changes one quantity of a month by hand, before it is approved. The line is
marked as manual in the statement and the review, with a finding that says why;
customers still add up to the report.

Examples:
  splameter correct --month 2026-10 --tenant bakkerij --product rds --quantity=-2 --code counted-twice --reason "twins, ticket 99" --by "C. de Vries"
  splameter correct --month 2026-10 --tenant bakkerij --product rds --quantity "=12" --code data-missing --reason "as in September" --by "C. de Vries"`
}

func (c *correctCmd) Run(ctx context.Context, a *app) error {
	x, err := statement.ParseCorrection(c.Quantity)
	if err != nil {
		return usageError(fmt.Sprintf("--quantity: %q is no correction; write +N, -N or =N", safetext.Clip(c.Quantity, 40)))
	}
	x.Tenant, x.Product, x.Code, x.Reason, x.By = c.Tenant, c.Product, c.Code, c.Reason, c.By
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		x.Tenant = tenantID(d.Setup.Register, x.Tenant)
		r, err := d.Correct(ctx, m, x)
		if err != nil {
			return err
		}
		for i := range r.Statement.Tenants {
			for _, l := range r.Statement.Tenants[i].Lines {
				if t := &r.Statement.Tenants[i]; t.ID == x.Tenant && l.Product == x.Product {
					a.printf("%s of %s: %d, of which %+d by hand (%s)\n", clean(l.Product), clean(t.ID), l.Quantity, l.Correction, l.Manual)
				}
			}
		}
		a.sealed(r)
		return nil
	})
}
