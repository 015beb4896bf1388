package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"splameter/internal/diag"
	"splameter/internal/digest"
	"splameter/internal/product"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/strictyaml"
)

// Parse reads a rule file. All faults are reported at once; the set is usable
// only where there are none.
func Parse(file string, data []byte) (*Set, diag.Faults) { return parse(&Set{File: file}, data) }

func parse(s *Set, data []byte) (*Set, diag.Faults) {
	file := s.File
	doc, faults := strictyaml.Decode(file, data, s)
	if len(faults) > 0 && len(s.Products) == 0 {
		return s, faults
	}
	s.Digest = digest.Of(data)
	faults = append(faults, s.fill(doc)...)
	for i := range s.Products {
		s.Products[i].compile()
	}
	faults = append(faults, s.check(doc)...)
	faults = append(faults, s.examples(doc)...)
	return s, faults
}

// fill takes from the catalog what a product leaves out.
func (s *Set) fill(doc *strictyaml.Doc) (faults diag.Faults) {
	for i := range s.Products {
		p := &s.Products[i]
		if p.Catalog == "" {
			continue
		}
		c, ok := Catalog().product(p.Catalog)
		if !ok {
			what := fmt.Sprintf("the catalog has no product %q", p.Catalog)
			instead := "write one of: " + strings.Join(Catalog().ids(), ", ")
			if near, ok := diag.Nearest(p.Catalog, Catalog().ids()); ok {
				instead = fmt.Sprintf("did you mean %q?", near)
			}
			faults = append(faults, doc.Fault(what, instead, "products", i, "catalog"))
			continue
		}
		p.inherit(c)
	}
	for i := range s.Products {
		if p := &s.Products[i]; p.Catalog != "" && !doc.Has("products", i, "unless") {
			p.Unless = s.needless(p)
		}
	}
	return faults
}

// needless is what of an entry's unless: holds in this file: the products that
// it counts, and that only where a lower one of the family is left to those
// who are not counted for this one.
func (s *Set) needless(p *Product) (out []string) {
	lower := slices.ContainsFunc(s.Products, func(q Product) bool { return q.Family == p.Family && q.Rank < p.Rank && len(q.Unless) == 0 })
	for _, id := range p.Unless {
		if lower && slices.ContainsFunc(s.Products, func(q Product) bool { return q.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// set fills what is empty.
func set[T ~string](dst *T, v T) {
	if *dst == "" {
		*dst = v
	}
}

// inherit fills what is empty. Patterns of who is entitled and which machines
// are meant are added to, unless the product replaces them.
func (p *Product) inherit(c *Product) {
	set(&p.ID, c.ID)
	p.Verify = p.Verify || c.Verify && p.PartNumber == "" // a number of the provider's own needs no checking of ours
	set(&p.PartNumber, c.PartNumber)
	set(&p.Unit, c.Unit)
	set(&p.Family, c.Family)
	set(&p.Source, c.Source)
	set(&p.FillIn, c.FillIn)
	if p.Name == nil {
		p.Name = c.Name
	}
	if p.Rank == 0 {
		p.Rank = c.Rank
	}
	if !p.Replace {
		e, from := &p.Entitled, &c.Entitled
		e.Groups, e.Programs, e.Installed = added(e.Groups, from.Groups), slices.Concat(e.Programs, from.Programs), added(e.Installed, from.Installed)
		e.Pools, e.Attributes = added(e.Pools, from.Pools), slices.Concat(e.Attributes, from.Attributes)
		e.Clients = added(e.Clients, from.Clients)
		h := &p.Hosts
		set(&h.Kind, c.Hosts.Kind)
		h.OperatingSystem, h.SQLEdition = added(h.OperatingSystem, c.Hosts.OperatingSystem), added(h.SQLEdition, c.Hosts.SQLEdition)
		h.WindowsLicence, h.Names = added(h.WindowsLicence, c.Hosts.WindowsLicence), added(h.Names, c.Hosts.Names)
	}
	p.AccountsFor = added(p.AccountsFor, c.AccountsFor)
	if p.Requires == nil {
		p.Requires = c.Requires
	}
	if p.With == nil {
		p.With = c.With
	}
	if p.Unless == nil {
		p.Unless = c.Unless
	}
	if p.Pack == 0 {
		p.Pack = c.Pack
	}
	if p.Minimum.PerProcessor == 0 {
		p.Minimum.PerProcessor = c.Minimum.PerProcessor
	}
	if p.Minimum.PerMachine == 0 {
		p.Minimum.PerMachine = c.Minimum.PerMachine
	}
	if p.Guests == 0 {
		p.Guests = c.Guests
	}
	p.OwnLicence = p.OwnLicence || c.OwnLicence
}

// added are the provider's own, and then those of the catalog that are others.
func added(own, more []string) []string {
	out := slices.Clip(own)
	for _, m := range more {
		if !slices.Contains(own, m) {
			out = append(out, m)
		}
	}
	return out
}

// check finds what the words say but cannot mean.
func (s *Set) check(doc *strictyaml.Doc) (faults diag.Faults) {
	fault := func(what, instead string, path ...any) { faults = append(faults, doc.Fault(what, instead, path...)) }
	if len(s.Products) == 0 {
		fault("no product is named", "list what is counted under products:", "products")
	}
	ids, brought := map[string]bool{}, map[string]bool{}
	for i := range s.Products {
		if s.Products[i].ID != "" {
			ids[s.Products[i].ID] = true
		}
		for _, id := range s.Products[i].With {
			brought[id] = true
		}
	}
	for i := range s.Products {
		p := &s.Products[i]
		at := func(key ...any) []any { return append([]any{"products", i}, key...) }
		if _, ok := Catalog().product(p.Catalog); p.Catalog != "" && !ok {
			continue // told by fill
		}
		if p.ID == "" {
			fault("a product has no id", "give it a short one, such as rds or office-std", at()...)
			continue
		}
		if strings.ContainsAny(p.ID, "*?\\/\"'") || strings.HasPrefix(p.ID, "-") || strings.ContainsFunc(p.ID, func(r rune) bool { return !unicode.IsPrint(r) }) {
			fault(fmt.Sprintf("the id %q has characters that an id may not have", safetext.Clip(p.ID, 40)), "use letters, digits and hyphens", at("id")...)
		}
		for j := range s.Products[:i] {
			if q := &s.Products[j]; q.ID == p.ID && overlaps(p, q) {
				fault(fmt.Sprintf("product %s is named twice for the same days", p.ID), "give each a from and an until that do not overlap", at("id")...)
			}
		}
		switch p.Unit {
		case statement.UnitUser:
			if !p.Hosts.Empty() {
				fault(fmt.Sprintf("product %s counts users and names hosts", p.ID), "move what entitles to entitled:, or write unit: core", at("hosts")...)
			}
			if p.Entitled.Empty() && p.FillIn != "" && s.isCatalog {
				break
			}
			if p.Entitled.Empty() && p.FillIn != "" {
				fault(fmt.Sprintf("product %s entitles nobody: %s", p.ID, p.FillIn), "write it under entitled:", at()...)
			} else if p.Entitled.Empty() && !brought[p.ID] {
				fault(fmt.Sprintf("product %s entitles nobody", p.ID), "say who can use it under entitled: groups, installed, pools or attributes", at()...)
			}
			if p.Pack != 0 || p.Minimum != (Minimum{}) {
				fault(fmt.Sprintf("product %s counts users and has a pack or a minimum", p.ID), "leave them out, or write unit: core", at("unit")...)
			}
		case statement.UnitCore:
			if !p.Entitled.Empty() {
				fault(fmt.Sprintf("product %s counts cores and names who is entitled", p.ID), "say which machines under hosts:, or write unit: user", at("entitled")...)
			}
			if p.FillIn != "" && len(p.Hosts.Names)+len(p.Hosts.OperatingSystem)+len(p.Hosts.SQLEdition)+len(p.Hosts.WindowsLicence) == 0 && !s.isCatalog {
				fault(fmt.Sprintf("product %s does not say which machines: %s", p.ID, p.FillIn), "write it under hosts:", at()...)
			} else if p.Hosts.Empty() {
				fault(fmt.Sprintf("product %s counts cores of no machine", p.ID), "say which under hosts: kind, operating_system or sql_edition", at()...)
			}
			if p.Pack == 0 {
				p.Pack = 2
			}
			if p.Pack < 0 || p.Minimum.PerMachine < 0 || p.Minimum.PerProcessor < 0 || p.Guests < 0 {
				fault(fmt.Sprintf("product %s has a negative number", p.ID), "write a whole number above zero", at()...)
			}
			if k := p.Hosts.Kind; k != "" && !slices.Contains(snapshot.MachineKinds(), k) {
				fault(fmt.Sprintf("%q is no kind of machine", k), "write physical or virtual", at("hosts", "kind")...)
			}
		case statement.UnitDevice:
			others := p.Entitled
			others.Groups, others.Clients = nil, nil
			if len(p.Entitled.Groups)+len(p.Entitled.Clients) == 0 || !others.Empty() || !p.Hosts.Empty() {
				fault(fmt.Sprintf("product %s counts devices, which only groups of computers and the clients in session logs tell", p.ID), "write entitled: {groups: [...]} or {clients: [hosts]}, and nothing else there or under hosts:", at("entitled")...)
			}
			if p.Family != "" || p.Rank != 0 || len(p.With)+len(p.Unless)+len(p.Requires) > 0 || p.Count == statement.CountActive {
				fault(fmt.Sprintf("product %s counts devices and says what holds for users alone", p.ID), "leave family, rank, requires, with, unless and count out", at("unit")...)
			}
		case "":
			fault(fmt.Sprintf("product %s has no unit", p.ID), "write unit: user, device or core", at()...)
		default:
			fault(fmt.Sprintf("%q is no unit", p.Unit), "write user, device or core", at("unit")...)
		}
		if len(p.Entitled.Clients) > 0 && p.Unit == statement.UnitUser {
			fault(fmt.Sprintf("product %s counts users, and clients are devices", p.ID), "write unit: device, or leave clients: out", at("entitled", "clients")...)
		}
		switch p.Count {
		case "":
			p.Count = statement.CountAuthorized
		case statement.CountAuthorized:
		case statement.CountActive:
			if p.Ground == "" || p.Document == "" {
				fault(fmt.Sprintf("product %s counts active users and does not say why it may", p.ID), "add ground: and document:, or write count: authorized", at("count")...)
			}
		default:
			fault(fmt.Sprintf("%q is no way of counting", p.Count), "write authorized or active", at("count")...)
		}
		for j, id := range p.Requires {
			if !ids[id] {
				fault(fmt.Sprintf("product %s requires %q, which no rule counts", p.ID, id), "name a product of this file", at("requires", j)...)
			}
		}
		for j, id := range p.With {
			if !ids[id] || id == p.ID {
				fault(fmt.Sprintf("product %s comes with %q, which no other rule counts", p.ID, id), "name another product of this file", at("with", j)...)
			}
		}
		if len(p.Unless) > 0 && p.Family != "" && !slices.ContainsFunc(s.Products, func(q Product) bool { return q.Family == p.Family && q.Rank < p.Rank && len(q.Unless) == 0 }) {
			fault(fmt.Sprintf("whoever has %s would be counted for nothing of the family %s", strings.Join(p.Unless, " or "), p.Family), "add the lower product of the family, which is due then, or leave family: out", at("unless")...)
		}
		for j, id := range p.Unless {
			k := slices.IndexFunc(s.Products, func(q Product) bool { return q.ID == id })
			switch {
			case k < 0 || id == p.ID:
				fault(fmt.Sprintf("product %s is not due beside %q, which no other rule counts", p.ID, id), "name another product of this file", at("unless", j)...)
			case s.Products[k].Unit != statement.UnitUser || p.Unit != statement.UnitUser:
				fault(fmt.Sprintf("product %s is not due beside %s, and not both count users", p.ID, id), "name products with unit: user", at("unless", j)...)
			case len(s.Products[k].Unless) > 0:
				fault(fmt.Sprintf("product %s is not due beside %s, which has an unless: of its own", p.ID, id), "name the products that decide", at("unless", j)...)
			case p.Family != "" && s.Products[k].Family == p.Family:
				fault(fmt.Sprintf("product %s is not due beside %s of its own family, of which only the highest is counted anyway", p.ID, id), "leave it out", at("unless", j)...)
			}
		}
		for segment, number := range p.PartNumbers {
			switch {
			case segment == "" || strings.Trim(segment, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
				fault(fmt.Sprintf("%q is no segment", safetext.Clip(segment, 40)), "write it as in tenants.csv, in small letters, digits and hyphens", at("part_numbers")...)
			case number == "":
				fault(fmt.Sprintf("product %s has no number for segment %s", p.ID, segment), "write the number, or leave the segment out", at("part_numbers")...)
			}
		}
		for lang := range p.Name {
			if lang != "en" && lang != "nl" {
				fault(fmt.Sprintf("product %s has a name in %q", p.ID, lang), "names are in en and nl", at("name")...)
			}
		}
		if p.MidMonth != "" && p.MidMonth != MidMonthHigher {
			fault(fmt.Sprintf("%q is no way to count a month with two entries", safetext.Clip(string(p.MidMonth), 40)), "write higher, or leave it out", at("mid_month")...)
		}
		if p.From.Set && p.Until.Set && p.Until.Day < p.From.Day {
			fault(fmt.Sprintf("product %s ends before it begins", p.ID), "write an until on or after its from", at("until")...)
		}
	}
	return faults
}

func overlaps(p, q *Product) bool {
	return !(p.Until.Set && q.From.Set && p.Until.Day < q.From.Day) && !(q.Until.Set && p.From.Set && q.Until.Day < p.From.Day)
}

// examples runs each product's own samples.
func (s *Set) examples(doc *strictyaml.Doc) (faults diag.Faults) {
	for i := range s.Products {
		p := &s.Products[i]
		for j, ex := range p.Counts {
			if !p.fits(ex) {
				faults = append(faults, doc.Fault(fmt.Sprintf("product %s should count %q, and its patterns do not", p.ID, safetext.Clip(ex, 80)),
					"correct the patterns or the example", "products", i, "counts", j))
			}
		}
		for j, ex := range p.DoesNotCount {
			if p.fits(ex) {
				faults = append(faults, doc.Fault(fmt.Sprintf("product %s should not count %q, and its patterns do", p.ID, safetext.Clip(ex, 80)),
					"correct the patterns or the example", "products", i, "does not count", j))
			}
		}
	}
	return faults
}

// fits says whether an example counts: a program's name, or group:NAME,
// pool:NAME, release:ID, os:NAME, sql:EDITION, attribute:NAME=VALUE.
func (p *Product) fits(example string) bool {
	kind, rest, ok := strings.Cut(example, ":")
	if ok {
		switch kind {
		case "group":
			return p.groups.Match(rest)
		case "pool":
			return p.pools.Match(rest)
		case "release":
			return p.matchProgram("", rest)
		case "os":
			return len(p.Hosts.OperatingSystem) > 0 && globs(p.Hosts.OperatingSystem).Match(rest)
		case "sql":
			return p.matchSQL(rest)
		case "attribute":
			name, value, _ := strings.Cut(rest, "=")
			for _, a := range p.Entitled.Attributes {
				if strings.EqualFold(a.Name, name) && value != "" && (len(a.Values) == 0 || a.Values.Match(value)) {
					return true
				}
			}
			return false
		}
	}
	return p.matchProgram(example, "")
}

// matchProgram says whether a program of Microsoft's of that name and release
// id is the product.
func (p *Product) matchProgram(name, release string) bool {
	what := product.Recognize(name, "", "Microsoft Corporation", "", release, "")
	return p.matchTitle(&what, strings.ToLower(strings.TrimSpace(name)), strings.ToLower(release))
}
