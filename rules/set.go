// Package rules turns a month's facts into a statement: who and what is
// counted, under which product, and why. It is a pure function of the facts,
// the rule file, the register and the prices; it knows nothing of sources,
// files or sheets, and reads no clock.
package rules

import (
	"fmt"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Set is a rule file: what is counted, under which part number.
type Set struct {
	Version  string    `yaml:"version"`
	SPUR     string    `yaml:"spur"` // date of the use rights that the rules follow
	Products []Product `yaml:"products"`

	isCatalog bool // what only a provider knows may be left out

	File   string `yaml:"-"`
	Digest string `yaml:"-"` // SHA-256 of the file
}

// Product is one thing that is counted. A product may stand several times
// with dates that do not overlap.
type Product struct {
	ID         string            `yaml:"id"`
	Catalog    string            `yaml:"catalog"` // entry of the built-in catalog that fills what is left out
	Replace    bool              `yaml:"replace"` // what stands here replaces the entry's patterns, and adds not to them
	Name       map[string]string `yaml:"name"`
	PartNumber string            `yaml:"part_number"`
	// PartNumbers are the numbers for tenants of a segment, such as academic.
	PartNumbers map[string]string `yaml:"part_numbers"`
	Alias       string            `yaml:"alias"`
	Unit        statement.Unit    `yaml:"unit"`
	Count       statement.Count   `yaml:"count"` // authorized where it says nothing
	Ground      string            `yaml:"ground"`
	Document    string            `yaml:"document"`
	Family      string            `yaml:"family"`
	Rank        int               `yaml:"rank"`
	Entitled    Entitled          `yaml:"entitled"`
	Requires    []string          `yaml:"requires"`
	With        []string          `yaml:"with"`
	Unless      []string          `yaml:"unless"` // products beside which this one is not due to a person

	Hosts   Hosts   `yaml:"hosts"`
	Pack    int     `yaml:"pack"` // cores in a pack
	Minimum Minimum `yaml:"minimum"`
	// Guests is how many Windows guests one set of a host's cores covers;
	// 0 means one for an edition that is Standard, and no limit for others.
	Guests int `yaml:"guests_per_licence"`

	// AccountsFor are the families of programs that the product is counted for
	// in its own way, such as Exchange by mailboxes: an installed server of the
	// family then is no question.
	AccountsFor []string `yaml:"accounts_for"`

	// OwnLicence says that the product is not rented through SPLA: who can
	// reach it needs a right of the customer's own, told by an exclusion.
	OwnLicence bool `yaml:"own_licence"`

	From  month.OptionalDay `yaml:"from"`
	Until month.OptionalDay `yaml:"until"`
	// MidMonth is MidMonthHigher where an entry may begin or end inside a month, which
	// then counts the dearer of both.
	MidMonth MidMonth `yaml:"mid_month"`
	Source   string   `yaml:"source"` // where number and name come from
	Verify   bool     `yaml:"verify"` // to be checked against the reseller's price file

	// FillIn is, in the catalog, what only the provider knows of a product.
	FillIn string `yaml:"fill_in"`

	Counts       []string `yaml:"counts"`
	DoesNotCount []string `yaml:"does not count"`

	groups, installed, pools Globs
	of, segment              string // of a product of a segment: the one it is of, and the segment
}

// Entitled says what makes a person able to use the product. Any one does.
type Entitled struct {
	Groups     []string   `yaml:"groups"`
	Programs   []Program  `yaml:"programs"`  // programs by what they were recognized as
	Installed  []string   `yaml:"installed"` // patterns of program names; release:ID for a Click-to-Run release id
	Pools      []string   `yaml:"pools"`
	Attributes Attributes `yaml:"attributes"`
	// Clients are patterns of hosts: of a product by device, the devices from
	// which their session logs say that somebody was connected.
	Clients []string `yaml:"clients"`
	// CountedAs says that it counts whom an exclusion names it for, in its
	// column counted_as.
	CountedAs bool `yaml:"counted_as"`
}

// Empty says that nothing entitles.
func (e *Entitled) Empty() bool {
	return len(e.Groups)+len(e.Programs)+len(e.Installed)+len(e.Pools)+len(e.Attributes)+len(e.Clients) == 0 && !e.CountedAs
}

// MidMonth is how a month is counted in which an entry begins or ends.
type MidMonth string

// MidMonthHigher counts it by the entry that makes it dearer.
const MidMonthHigher MidMonth = "higher"

// Hosts says which machines a core product is due for.
type Hosts struct {
	Kind            snapshot.MachineKind `yaml:"kind"`
	OperatingSystem []string             `yaml:"operating_system"`
	SQLEdition      []string             `yaml:"sql_edition"`
	WindowsLicence  []string             `yaml:"windows_licence"` // what the hosts table says of it, such as cis-datacenter
	Names           []string             `yaml:"names"`           // of hosts, as patterns
}

// Empty says that no machine is meant.
func (h *Hosts) Empty() bool {
	return h.Kind == "" && len(h.OperatingSystem)+len(h.SQLEdition)+len(h.WindowsLicence)+len(h.Names) == 0
}

// Minimum is the least number of cores that is due.
type Minimum struct {
	PerProcessor int `yaml:"per_processor"`
	PerMachine   int `yaml:"per_machine"`
}

// Attribute is a directory attribute that entitles by its value, or, without
// any, by being there.
type Attribute struct {
	Name   string // lower case
	Values Globs
}

// Attributes is written as a mapping of names to a pattern, a list of
// patterns, or nothing (presence), or as a list of name=pattern or name.
type Attributes []Attribute

// UnmarshalYAML reads either form.
func (a *Attributes) UnmarshalYAML(n *yaml.Node) error {
	fail := func(n *yaml.Node, s string) error {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %s", n.Line, s)}}
	}
	const form = "attributes are written as name: pattern, name: [patterns], or name: (present), one a line"
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			at := Attribute{Name: strings.ToLower(k.Value)}
			switch v.Kind {
			case yaml.ScalarNode:
				if v.Tag != "!!null" && v.Value != "" && v.Value != "*" {
					at.Values = Globs{NewGlob(v.Value)}
				}
			case yaml.SequenceNode:
				for _, c := range v.Content {
					if c.Kind != yaml.ScalarNode {
						return fail(c, form)
					}
					at.Values = append(at.Values, NewGlob(c.Value))
				}
			default:
				return fail(v, form)
			}
			*a = append(*a, at)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				return fail(c, form)
			}
			name, value, has := strings.Cut(c.Value, "=")
			at := Attribute{Name: strings.ToLower(name)}
			if has && value != "*" {
				at.Values = Globs{NewGlob(value)}
			}
			*a = append(*a, at)
		}
	default:
		return fail(n, form)
	}
	return nil
}

// Label is the product's name in English, else its id.
func (p *Product) Label() string {
	if n := p.Name["en"]; n != "" {
		return n
	}
	return p.ID
}

// In returns the products in force in a month, in file order: of several
// entries with one id the one in force on the first day, else the one that
// begins within the month.
func (s *Set) In(m month.Month) []*Product { return s.in(m, nil) }

// in is In, with the entry that begins within the month for the ids of later.
func (s *Set) in(m month.Month, later map[string]bool) []*Product {
	chosen := map[string]*Product{}
	for i := range s.Products {
		p := &s.Products[i]
		first := month.Within(m.FirstDay(), p.From, p.Until)
		begins := p.begins(m)
		if first && !(later[p.ID] && chosen[p.ID] != nil) || begins && (chosen[p.ID] == nil || later[p.ID]) {
			chosen[p.ID] = p
		}
	}
	var out []*Product
	for i := range s.Products {
		if p := &s.Products[i]; chosen[p.ID] == p {
			out = append(out, p)
		}
	}
	return bySegment(out)
}

// Attributes are the names of all directory attributes that any rule names,
// in lower case, sorted: snapshots must keep them.
func (s *Set) Attributes() []string {
	seen := map[string]bool{}
	var names []string
	for i := range s.Products {
		for _, a := range s.Products[i].Entitled.Attributes {
			if !seen[a.Name] {
				seen[a.Name] = true
				names = append(names, a.Name)
			}
		}
	}
	sort.Strings(names)
	return names
}

// compile prepares the patterns.
func (p *Product) compile() {
	p.groups, p.installed, p.pools = globs(p.Entitled.Groups), globs(p.Entitled.Installed), globs(p.Entitled.Pools)
	for i := range p.Entitled.Programs {
		g := &p.Entitled.Programs[i]
		g.editions, g.years = globs(g.Editions), globs(g.Years)
	}
}
