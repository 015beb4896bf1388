package rules

import (
	"fmt"
	"strings"

	"splameter/internal/statement"
)

// CatalogLine is one product of the built-in list as people look at it.
type CatalogLine struct {
	ID, Name, PartNumber string
	Unit                 statement.Unit
	Matches              string // who or what is counted
	Requires             string // what must be held besides
	Source               string
	Sure                 string // how sure number and name are
}

// CatalogLines are the products of the built-in list, in its order.
func CatalogLines() []CatalogLine {
	c := Catalog()
	out := make([]CatalogLine, len(c.Products))
	for i := range c.Products {
		p := &c.Products[i]
		out[i] = CatalogLine{ID: p.ID, Name: p.Label(), PartNumber: p.PartNumber, Unit: p.Unit, Matches: p.described(), Requires: p.besides(), Source: p.Source, Sure: "checked"}
		switch {
		case p.PartNumber == "":
			out[i].PartNumber, out[i].Sure = "fill in", "no source gives its number"
		case p.Verify:
			out[i].Sure = "check against the price file"
		}
	}
	return out
}

// described says in words who or what a product is counted for.
func (p *Product) described() string {
	var parts []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+" "+strings.Join(list, ", "))
		}
	}
	add("members of", p.Entitled.Groups)
	for _, g := range p.Entitled.Programs {
		what := "who reaches " + g.Family
		for _, list := range [][]string{g.Editions, g.Years, g.Channels} {
			if len(list) > 0 {
				what += " " + strings.Join(list, " or ")
			}
		}
		parts = append(parts, what)
	}
	add("who reaches programs named", p.Entitled.Installed)
	for _, a := range p.Entitled.Attributes {
		parts = append(parts, "accounts with "+a.Name)
	}
	switch {
	case len(p.Entitled.Pools) == 1 && p.Entitled.Pools[0] == "*":
		parts = append(parts, "who may log on to a session host")
	default:
		add("who may log on to pools", p.Entitled.Pools)
	}
	if p.Unit == statement.UnitCore {
		kind := string(p.Hosts.Kind)
		if kind != "" {
			kind += " "
		}
		add(kind+"machines with", p.Hosts.OperatingSystem)
		add(kind+"machines with SQL Server", p.Hosts.SQLEdition)
		add(kind+"machines whose windows_licence is", p.Hosts.WindowsLicence)
		add(kind+"machines named", p.Hosts.Names)
	}
	if p.FillIn != "" {
		parts = append(parts, "fill in: "+p.FillIn)
	}
	return strings.Join(parts, "; ")
}

// besides says in words what stands beside a product.
func (p *Product) besides() string {
	var parts []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			parts = append(parts, what+strings.Join(list, ", "))
		}
	}
	add("", p.Requires)
	add("brings ", p.With)
	add("not beside ", p.Unless)
	return strings.Join(parts, "; ")
}

// CatalogStanza is a product of the built-in list as it stands there, for a
// rule file; ok is false where there is none of that id.
func CatalogStanza(id string) (text string, ok bool) {
	var b strings.Builder
	for line := range strings.Lines(string(catalogFile)) {
		if strings.HasPrefix(line, "  - id: ") {
			ok = strings.TrimSpace(strings.TrimPrefix(line, "  - id: ")) == id
		}
		if ok {
			b.WriteString(line)
		}
	}
	return b.String(), b.Len() > 0
}

// CatalogDoc is docs/catalog.md, which a test holds against this.
func CatalogDoc() string {
	var b strings.Builder
	b.WriteString(`# What the catalog holds

Made from the program by ` + "`go test ./rules -run TestCatalogDoc -update`" + `; do not edit it.
A rule file takes a product with ` + "`- catalog: ID`" + `; ` + "`splameter catalog show ID`" + ` prints
all of it. A part number that no public source gives is not here: fill in
your reseller's.

| id | product | part number | counted for | besides | how sure |
|---|---|---|---|---|---|
`)
	cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	for _, l := range CatalogLines() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", l.ID, cell(l.Name), l.PartNumber, cell(l.Matches), cell(l.Requires), l.Sure)
	}
	b.WriteString("\n## Sources\n\n")
	for _, l := range CatalogLines() {
		fmt.Fprintf(&b, "- %s: %s\n", l.ID, l.Source)
	}
	return b.String()
}
