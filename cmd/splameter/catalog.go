package main

import (
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/rules"
)

type catalogCmd struct {
	List catalogListCmd `cmd:"" default:"1" help:"List every product of the built-in list (the default)."`
	Show catalogShowCmd `cmd:"" help:"Print a product as it could stand in a rule file."`
}

type catalogListCmd struct{}

func (catalogListCmd) Help() string {
	return `Lists the products that a rule file may take with catalog: ID, with part
number, whom or what each counts, what it needs besides, and how sure that is.
Needs no config.

Example:
  splameter catalog`
}

func (catalogListCmd) Run(a *app) error {
	a.printf("%-20s %-10s %-5s %s\n", "id", "part no.", "unit", "product")
	for _, l := range rules.CatalogLines() {
		a.printf("%-20s %-10s %-5s %s\n", l.ID, l.PartNumber, l.Unit, l.Name)
		a.printf("%20s counted for: %s\n", "", l.Matches)
		if l.Requires != "" {
			a.printf("%20s besides: %s\n", "", l.Requires)
		}
		a.printf("%20s source: %s (%s)\n", "", l.Source, l.Sure)
	}
	return nil
}

type catalogShowCmd struct {
	ID string `arg:"" help:"The product's id."`
}

func (catalogShowCmd) Help() string {
	return `Prints one product with every key, as it could stand under products: in a
rule file. Needs no config.

Example:
  splameter catalog show exchange-std-plus`
}

func (c *catalogShowCmd) Run(a *app) error {
	text, ok := rules.CatalogStanza(c.ID)
	if !ok {
		var ids []string
		for _, l := range rules.CatalogLines() {
			ids = append(ids, l.ID)
		}
		hint := "write one of " + strings.Join(ids, ", ")
		if near, ok := diag.Nearest(c.ID, ids); ok {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return usageError(fmt.Sprintf("the catalog has no product %q; %s", c.ID, hint))
	}
	a.printf("%s", text)
	return nil
}
