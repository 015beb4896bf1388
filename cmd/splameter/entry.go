package main

import (
	"fmt"
	"os"
	"path/filepath"

	"splameter/internal/register"
	"splameter/internal/setup"
)

type excludeCmd struct {
	User     string `help:"Whose accounts: a name or a pattern." xor:"who" placeholder:"GLOB"`
	Group    string `help:"The members of a group." xor:"who" placeholder:"NAME"`
	Host     string `help:"Which machines: a name or a pattern." xor:"who" placeholder:"GLOB"`
	Tenant   string `help:"Of which customer." default:"*" placeholder:"ID"`
	Product  string `help:"For which product." default:"*" placeholder:"ID"`
	Ground   string `help:"The ground, such as admin or customer-owned; docs/licensing.md has them all." required:"" placeholder:"GROUND"`
	Quantity string `help:"How many at most." placeholder:"N"`
	Document string `help:"How it can be proved." placeholder:"TEXT"`
	File     string `help:"The document itself: kept in the folder documents, under its digest." placeholder:"FILE" type:"existingfile"`
	From     string `help:"From when." placeholder:"YYYY-MM-DD"`
	Until    string `help:"Until when." placeholder:"YYYY-MM-DD"`
	writing
}

func (excludeCmd) Help() string {
	return `Shows the row that would stand in exclusions.csv, checks it as the program checks
its tables, and with --write writes it, with who and why in table-changes.csv. The
rest of the file stays. Months that are open or draft take it over when they are
counted again.

Examples:
  splameter exclude --user "adm-*" --ground admin --document "Beheer 2026-01" --until 2027-01-01
  splameter exclude --user j.smit --tenant bakkerij --product office-std --ground customer-owned --file licence.pdf --write --by "C. de Vries" --reason "own licence"`
}

// largestDocument bounds what is kept of a document, in bytes.
const largestDocument = 12 << 20

func (c *excludeCmd) Run(a *app) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	e := setup.Entry{Tenant: c.Tenant, Product: c.Product, Ground: c.Ground, Quantity: c.Quantity, Document: c.Document}
	switch {
	case c.User != "":
		e.Kind, e.Pattern = register.MatchUser, c.User
	case c.Group != "":
		e.Kind, e.Pattern = register.MatchGroup, c.Group
	case c.Host != "":
		e.Kind, e.Pattern = register.MatchHost, c.Host
	default:
		return usageError("say whom it is for with --user, --group or --host")
	}
	if c.From != "" {
		if e.From, err = date("--from", c.From); err != nil {
			return err
		}
	}
	if c.Until != "" {
		if e.Until, err = date("--until", c.Until); err != nil {
			return err
		}
	}
	if c.File != "" {
		info, err := os.Stat(c.File)
		if err != nil {
			return err
		}
		if info.Size() > largestDocument {
			return fmt.Errorf("the document %s is larger than %d MiB", filepath.Base(c.File), largestDocument>>20)
		}
		if e.Data, err = os.ReadFile(c.File); err != nil {
			return err
		}
		e.File = filepath.Base(c.File)
	}
	list, _, err := setup.Exclude(setup.Have{Config: s.Config, Rules: s.Rules, Register: s.Register}, e)
	if err != nil {
		return err
	}
	return a.edit(s, list, c.writing, c)
}

type assignCmd struct {
	Unit   string `arg:"" help:"The organizational unit." placeholder:"OU"`
	Tenant string `help:"The customer's id: one of the table, or a new one with --name." required:"" placeholder:"ID"`
	Name   string `help:"The name of a new customer." placeholder:"NAME"`
	From   string `help:"From when." placeholder:"YYYY-MM-DD"`
	writing
}

func (assignCmd) Help() string {
	return `Shows the row that would stand in tenants.csv, checks it, and with --write writes
it, with who and why in table-changes.csv. splameter mapping lists the units that
are nobody's.

Examples:
  splameter assign "OU=Bakker,OU=Customers,DC=host,DC=example" --tenant bakker --name "Bakker B.V."
  splameter assign "OU=Filiaal,OU=Customers,DC=host,DC=example" --tenant bakker --from 2026-10-01 --write --by "C. de Vries" --reason "took over the branch"`
}

func (c *assignCmd) Run(a *app) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	from, err := date("--from", c.From)
	if err != nil {
		return err
	}
	list, err := setup.Assign(setup.Have{Config: s.Config, Rules: s.Rules, Register: s.Register}, c.Unit, c.Tenant, c.Name, from)
	if err != nil {
		return err
	}
	return a.edit(s, list, c.writing, c)
}
