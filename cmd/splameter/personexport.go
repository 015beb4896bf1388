package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/tenantexport"
)

type personExportCmd struct {
	Person string `help:"An account's name, address, SID or id." required:"" placeholder:"NAME"`
	Out    string `help:"The folder, new or empty." required:"" placeholder:"DIR" type:"path"`
}

func (personExportCmd) Help() string {
	return `Writes everything that is held about one person, for a data subject's request,
as CSV and as JSON: the accounts that are called so, their memberships and
sessions, for what the person was counted, what was decided under that name,
the rows of the tables that name the person, and the mails that went there.
A person with several accounts is asked for by each; a name that several have is
refused, since they may be several persons. Texts of others are in it:
look at them before it is handed out.

Example:
  splameter person-export --person k.molenaar --out /tmp/molenaar`
}

func (c *personExportCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, "", func(d *closing.Desk, _ month.Month) error {
		e, err := tenantexport.GatherPerson(ctx, d, c.Person)
		if err != nil {
			return err
		}
		found := 0
		for _, t := range e.Tables {
			found += len(t.Rows)
		}
		if found == 0 {
			a.printf("Nothing is held about %s; ask by another of the person's names, addresses or ids.\n", clean(c.Person))
			return nil
		}
		if err := e.Write(c.Out); err != nil {
			return err
		}
		for _, t := range e.Tables {
			a.printf("%8d  %s\n", len(t.Rows), t.Name)
		}
		for _, n := range e.Notes {
			a.printf("%s\n", clean(n))
		}
		a.printf("%s\nIt holds personal data: hand it to that person only.\n", c.Out)
		return nil
	})
}
