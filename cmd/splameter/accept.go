package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
)

type acceptCmd struct {
	Month   string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Gap     string `help:"The gap's key, as splameter status --month shows it." required:"" xor:"what" placeholder:"KEY"`
	Finding string `help:"In its place: the key of a finding, as splameter status --month or the review shows it." required:"" xor:"what" placeholder:"KEY"`
	Code    string `help:"In its place: all open findings of a code. Shows them first." required:"" xor:"what" placeholder:"CODE"`
	Kind    string `help:"In its place: all open gaps of a kind: directory, sessions, inventory, machines, site, unit, group, attribute or persons. Shows them first." required:"" xor:"what" placeholder:"KIND"`
	Tenant  string `help:"With --code or --kind: only those of this tenant." placeholder:"ID"`
	Yes     bool   `help:"With --code or --kind: accept what was shown."`
	By      string `help:"Who accepts it." required:"" placeholder:"NAME"`
	Reason  string `help:"Why nothing is lost by it, or why it cannot be corrected." required:"" placeholder:"TEXT"`
}

func (acceptCmd) Help() string {
	return `Accepts one gap of a month, so that the month can be approved although something
was not read; or one finding, for this month alone, so that the month can be
approved although the finding says error. (What holds for several months stands
in the decisions of the config.) The acceptance stands in the review workbook
and in the evidence, and in nothing that leaves the house. It changes no number.

With --code or --kind all that are open now are accepted together, of one tenant
or of all: each by its own key, so that nothing that comes later, or next month,
is among them. What that covers is shown; nothing is accepted without --yes.

Examples:
  splameter status --month 2026-10
  splameter accept --month 2026-10 --gap sessions:session-hosts/rdsh-a03 --by "C. de Vries" --reason "host was switched off all month, ticket 123"
  splameter accept --month 2026-10 --finding "price-missing||rds|rds|190" --by "C. de Vries" --reason "new price follows on the 12th"
  splameter accept --month 2026-10 --code disabled-in-group --tenant bakkerij --by "C. de Vries" --reason "leavers of the take-over" --yes`
}

func (c *acceptCmd) Run(ctx context.Context, a *app) error {
	together := c.Code != "" || c.Kind != ""
	if !together && (c.Tenant != "" || c.Yes) {
		return usageError("--tenant and --yes belong to --code or --kind; a key says by itself whose it is")
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		who := closing.Act{By: c.By, Reason: c.Reason}
		if together {
			return c.together(ctx, a, d, m, who)
		}
		accept, key := d.Accept, c.Gap
		if c.Finding != "" {
			accept, key = d.AcceptFinding, c.Finding
		}
		r, err := accept(ctx, m, key, who)
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}

// together shows all that a code or kind means, and accepts them when told to.
func (c *acceptCmd) together(ctx context.Context, a *app, d *closing.Desk, m month.Month, who closing.Act) error {
	t, err := d.Issued(ctx, m, false)
	if err != nil {
		return err
	}
	defer t.Close()
	choice := closing.Choice{Code: c.Code, Kind: statement.CoverageKind(strings.ToLower(c.Kind))}
	if c.Kind != "" && !slices.Contains(statement.CoverageKinds(), choice.Kind) {
		return usageError(fmt.Sprintf("no gap has the kind %s; kinds are %s", clean(c.Kind), strings.Trim(fmt.Sprint(statement.CoverageKinds()), "[]")))
	}
	if c.Tenant != "" {
		choice.Tenant = tenantID(d.Setup.Register, c.Tenant)
	}
	gaps, findings := choice.Open(t.Statement)
	var gapKeys, findingKeys []string
	for _, g := range gaps {
		gapKeys = append(gapKeys, g.Key())
		a.printf("gap %s\n  %s\n", clean(g.Key()), clean(g.Message))
	}
	for _, f := range findings {
		findingKeys = append(findingKeys, f.DecisionKey())
		a.printf("%s %s\n  %s\n", f.Severity, clean(f.DecisionKey()), clean(f.Message))
	}
	n := len(gaps) + len(findings)
	if n == 0 {
		a.printf("%s: nothing of that is open.\n", m)
		return nil
	}
	if !c.Yes {
		a.printf("\n%s: %s would be accepted, each by its key. Nothing was accepted yet: say --yes.\nWhat comes later is not among them.\n", m, number(n, "thing", "things"))
		return nil
	}
	r, err := d.AcceptAll(ctx, m, gapKeys, findingKeys, who)
	if err != nil {
		return err
	}
	a.printf("\n%s accepted.\n", number(n, "thing", "things"))
	if r.Life.State != statement.Open {
		a.sealed(r)
	}
	return nil
}
