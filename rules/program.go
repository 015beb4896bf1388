package rules

import (
	"slices"
	"strings"

	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// Program is an installed program as it was recognized: in whatever language
// its name is, of whatever year.
type Program struct {
	Family   string   `yaml:"family"`   // as the files of internal/product, or the provider's own, name it
	Editions []string `yaml:"editions"` // patterns; none: any
	Years    []string `yaml:"years"`    // patterns; none: any
	Channels []string `yaml:"channels"` // volume, retail, subscription, unknown; none: any but subscription

	editions, years Globs
}

// matches says whether a title is such a program.
func (g *Program) matches(what *product.Recognition) bool {
	switch {
	case g.Family != string(what.Family), len(g.Years) > 0 && !g.years.Match(what.Year), len(g.Editions) > 0 && !g.editions.Match(what.Edition):
		return false
	case what.Channel == product.Subscription:
		return slices.Contains(g.Channels, string(product.Subscription)) || what.Family == product.M365Apps && len(g.Channels) == 0
	case !what.Licensable && what.Question == "":
		return false
	}
	return len(g.Channels) == 0 || slices.Contains(g.Channels, string(what.Channel))
}

// matchTitle says whether a title is the product: by what it was recognized
// as, or by a pattern of its name or release id. Name and release are in lower
// case.
func (p *Product) matchTitle(what *product.Recognition, name, release string) bool {
	for i := range p.Entitled.Programs {
		if p.Entitled.Programs[i].matches(what) {
			return true
		}
	}
	for _, g := range p.installed {
		if rel, ok := strings.CutPrefix(g.folded, "release:"); ok {
			if release != "" && (Glob{rel, rel, !strings.ContainsAny(rel, "*?")}).matchFolded(release) {
				return true
			}
			continue
		}
		if g.matchFolded(name) {
			return true
		}
	}
	return false
}

// titled are the products that a title is; unstated says that its edition is
// not told, and that it is counted as the dearest of its family meanwhile.
func titled(products []*Product, what *product.Recognition, in *snapshot.Install) (list []*Product, unstated bool) {
	name, release := strings.ToLower(strings.TrimSpace(in.Name)), strings.ToLower(in.Release)
	for _, p := range products {
		if p.of == "" && p.matchTitle(what, name, release) {
			list = append(list, p)
		}
	}
	if len(list) > 0 || !what.Licensable || what.Edition != "" || what.Engine {
		return list, false
	}
	var dearest *Product
	for _, p := range products {
		of := slices.ContainsFunc(p.Entitled.Programs, func(g Program) bool { return g.Family == string(what.Family) })
		if of && (dearest == nil || p.Rank > dearest.Rank) {
			dearest = p
		}
	}
	if dearest == nil {
		return nil, false
	}
	return []*Product{dearest}, true
}
