package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/deliver"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/paths"
	"splameter/internal/register"
	"splameter/internal/store"
	"splameter/report"
)

type annexCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Tenant string `help:"Whose annex." required:"" placeholder:"ID"`
	Named  bool   `help:"List the users by name." required:""`
	By     string `help:"Who asks for it." required:"" placeholder:"NAME"`
	Reason string `help:"Why the names are needed." required:"" placeholder:"TEXT"`
}

func (annexCmd) Help() string {
	return `Makes one copy of a customer's annex that lists its users, for a dispute, in the
month's folder named. That it was made, by whom and why, is kept for ever. A
month that was closed is shown as it was sealed.

Example:
  splameter annex --month 2026-10 --tenant bakkerij --named --by "C. de Vries" --reason "customer disputes 3 users, ticket 4711"`
}

func (c *annexCmd) Run(ctx context.Context, a *app) error {
	if strings.TrimSpace(c.By) == "" || strings.TrimSpace(c.Reason) == "" {
		return usageError("a copy with names needs a name and a reason: write --by and --reason")
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		c.Tenant = tenantID(d.Setup.Register, c.Tenant)
		if c.Tenant == register.Unassigned || c.Tenant == register.Shared {
			return usageError("what belongs to no customer has no annex")
		}
		in, err := d.View(ctx, m)
		if err != nil {
			return err
		}
		w, err := report.New(*in)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := w.Annex(ctx, &b, c.Tenant, report.AnnexOptions{Named: true}); err != nil {
			return err
		}
		at := a.now().UTC().Truncate(time.Second)
		name := filepath.Join("named", report.SafeName(c.Tenant)+"-"+m.String()+"-named-"+at.Format("20060102T150405Z")+".xlsx")
		path := filepath.Join(d.Dir(m.String(), in.Statement.Revision), name)
		// Recorded first: no copy is made that nobody knows of.
		err = deliver.Record(ctx, d.Store, store.Delivery{Month: m.String(), Revision: in.Statement.Revision, Action: store.DeliveryNamed, Tenant: c.Tenant,
			At: at, By: c.By, Account: account(), Reason: c.Reason, Document: w.DocumentNumber(c.Tenant), File: paths.Shown("", name), SHA256: digest.Of(b.Bytes())})
		if err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(path, atomicfile.Private, b.Bytes()); err != nil {
			return fmt.Errorf("write the named copy: %w", err)
		}
		a.printf("%s\nIt names persons: send it to the agreed contact only. That it was made is kept.\n", path)
		return nil
	})
}
