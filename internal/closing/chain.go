package closing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/month"
)

// The kinds of doubt that a reader may take as they are.
const (
	DoubtMissing    = "missing"    // a month or a revision that a chain should have
	DoubtDoubled    = "doubled"    // two packs of one month and revision
	DoubtReduced    = "reduced"    // names were taken out of a pack
	DoubtUnanchored = "unanchored" // an earlier month that no later pack names
	DoubtSteps      = "steps"      // steps that packs of an earlier version cannot prove
	DoubtVersion    = "version"    // another version makes it otherwise
	DoubtKey        = "key"        // signed by a key that nobody named
	DoubtUnstamped  = "unstamped"  // no stamp by an authority that somebody named
	DoubtAgainst    = "against"    // a file that somebody has reports the same, and names no evidence
)

// Doubts are all kinds of doubt, as they are written.
func Doubts() []string {
	return []string{DoubtMissing, DoubtDoubled, DoubtReduced, DoubtUnanchored, DoubtSteps, DoubtVersion, DoubtKey, DoubtUnstamped, DoubtAgainst}
}

// Doubt is something that the packs given neither prove nor refute.
type Doubt struct {
	Kind string
	What string
}

// Presented is a pack as somebody presents it.
type Presented struct {
	Path  string
	Stamp []byte // beside it in the pack that holds it; nil where it lies in a folder
	*evidence.Pack
}

func (p *Presented) name() string {
	return fmt.Sprintf("%s revision %d (%s)", p.Manifest.Month, p.Manifest.Revision, p.Path)
}

// Chained is what holding packs against each other came to.
type Chained struct {
	Held   []string // what holds, in sentences
	Doubts []Doubt
	Wrong  []error
}

func (c *Chained) doubt(kind, format string, args ...any) {
	c.Doubts = append(c.Doubts, Doubt{kind, fmt.Sprintf(format, args...)})
}

// Chain holds packs against each other. Each month is anchored by what later
// packs say of it, and by nothing that it says of itself: where a later pack
// names a seal, every pack of that month and revision must be that seal, or one
// that can be followed from it step by step. again counts a pack again, which
// such a step needs. from and until, where they are set, are the months that
// must be there.
func Chain(packs []Presented, from, until string, again func(*Presented) error) *Chained {
	c := &Chained{}
	packs = slices.DeleteFunc(slices.Clone(packs), func(p Presented) bool {
		if !IsAudit(p.Pack) {
			return false
		}
		if err := checkAudit(p.Pack); err != nil {
			c.Wrong = append(c.Wrong, fmt.Errorf("%s %w", p.Path, err))
		}
		return true
	})
	slices.SortStableFunc(packs, func(a, b Presented) int {
		return cmp.Or(strings.Compare(a.Manifest.Month, b.Manifest.Month), a.Manifest.Revision-b.Manifest.Revision)
	})
	packs = slices.DeleteFunc(packs, func(p Presented) bool {
		_, err := month.Parse(p.Manifest.Month, nil)
		if err == nil && p.Manifest.Revision < 0 {
			err = fmt.Errorf("there is no revision %d", p.Manifest.Revision)
		}
		if err != nil {
			c.Wrong = append(c.Wrong, fmt.Errorf("%s is of no month: %w", p.Path, err))
		}
		return err != nil
	})
	c.doubled(packs)
	for i := range packs {
		if packs[i].Manifest.Reduced != nil {
			if err := checkReduced(packs[i].Pack); err != nil {
				c.Wrong = append(c.Wrong, fmt.Errorf("%s: %w", packs[i].name(), err))
			}
			c.doubt(DoubtReduced, "%s was reduced when the time for keeping names was over: it holds totals and what was sent, and its facts cannot be counted again", packs[i].name())
		}
	}
	c.months(packs, from, until)
	anchored := map[string]bool{}
	for i := range packs {
		c.follow(packs, &packs[i], anchored, again)
	}
	for i := range packs {
		p := &packs[i]
		if last := packs[len(packs)-1].Manifest.Month; p.Manifest.Month < last && !anchored[key(p.Manifest.Month, p.Manifest.Revision)] {
			c.doubt(DoubtUnanchored, "%s is named by no later pack that is given: nothing but the pack itself says that it was sealed; give the pack of a month that was sealed after it", p.name())
		}
	}
	return c
}

func key(month string, revision int) string { return fmt.Sprintf("%s r%d", month, revision) }

// checkReduced refuses a reduced pack from which more was taken than what names
// persons, or to which something was added.
func checkReduced(p *evidence.Pack) error {
	whole := p.Whole()
	had := map[string]bool{}
	for _, e := range whole.Members {
		had[e.Name] = true
		if !named(e.Name) && !p.Has(e.Name) {
			return fmt.Errorf("it was reduced, and %s, which names nobody, is not in it any more", e.Name)
		}
	}
	for _, name := range p.Names("") {
		if !had[name] && name != totalsMember && !evidence.OfReduction(name) {
			return fmt.Errorf("it was reduced, and holds %s, which the whole pack did not", name)
		}
	}
	if !had[totalsMember] && whole.Format > 1 {
		return errors.New("it was reduced, and its totals were not in the whole pack")
	}
	return nil
}

// doubled looks for packs of one month and revision.
func (c *Chained) doubled(packs []Presented) {
	for i := 1; i < len(packs); i++ {
		a, b := &packs[i-1], &packs[i]
		if a.Manifest.Month == b.Manifest.Month && a.Manifest.Revision == b.Manifest.Revision && a.Digest != b.Digest {
			c.doubt(DoubtDoubled, "two different packs of %s revision %d are given: %s and %s", a.Manifest.Month, a.Manifest.Revision, a.Path, b.Path)
		}
	}
}

// months looks for months that are not there.
func (c *Chained) months(packs []Presented, from, until string) {
	given := map[string]bool{}
	for i := range packs {
		given[packs[i].Manifest.Month] = true
	}
	if len(packs) > 0 {
		if first := packs[0].Manifest.Month; from == "" || first < from {
			from = first
		}
		until = max(until, packs[len(packs)-1].Manifest.Month)
	}
	var missing []string
	for m := from; m != "" && m <= until; m = monthAfter(m) {
		if !given[m] {
			missing = append(missing, m)
		}
	}
	if n := len(missing); n > 0 {
		list := strings.Join(missing[:min(n, 24)], ", ")
		if n > 24 {
			list += fmt.Sprintf(" and %d more", n-24)
		}
		c.doubt(DoubtMissing, "from %s to %s no pack is given of %s", from, until, list)
	}
}

// monthAfter is the month after one that was checked to be one.
func monthAfter(m string) string {
	x, err := month.Parse(m, nil)
	if err != nil {
		return "~"
	}
	return x.Add(1).String()
}

// follow holds what a pack says of earlier ones against those that are given.
func (c *Chained) follow(packs []Presented, p *Presented, anchored map[string]bool, again func(*Presented) error) {
	links := slices.Clone(p.Manifest.Others)
	first := packs[0].Manifest.Month
	if l := p.Manifest.Previous; l != nil {
		links = append(links, *l)
	} else if p.Manifest.Month > first {
		c.doubt(DoubtMissing, "%s starts a chain and follows nothing, though packs of earlier months are given", p.name())
	}
	if r := p.Manifest.Revision; r > 0 {
		if l := p.revisionBefore(packs); l != nil {
			links = append(links, *l)
		} else {
			c.doubt(DoubtSteps, "%s does not carry the manifest of the revision that it replaces", p.name())
		}
	}
	for _, l := range links {
		if l.Month > p.Manifest.Month || l.Month == p.Manifest.Month && l.Revision >= p.Manifest.Revision {
			c.Wrong = append(c.Wrong, fmt.Errorf("%s names %s as a month before it", p.name(), l.Month))
			continue
		}
		found := false
		for i := range packs {
			before := &packs[i]
			if before.Manifest.Month != l.Month || before.Manifest.Revision != l.Revision {
				continue
			}
			found, anchored[key(l.Month, l.Revision)] = true, true
			direct, err := before.HeldBy(l)
			if err == nil && !direct {
				err = again(before)
			}
			if err == nil && p.Manifest.Previous != nil && *p.Manifest.Previous == l {
				c.comparedWith(p, before)
			}
			switch {
			case errors.Is(err, evidence.ErrUnproved):
				c.doubt(DoubtSteps, "the chain from %s to %s cannot be followed: %s", p.name(), before.name(), err)
			case err != nil:
				c.Wrong = append(c.Wrong, fmt.Errorf("the chain is broken: %s follows %s, and what is presented as that is not what it follows: %w", p.name(), before.name(), err))
			case direct:
				c.Held = append(c.Held, fmt.Sprintf("%s names %s: the chain holds", key(p.Manifest.Month, p.Manifest.Revision), key(l.Month, l.Revision)))
			default:
				c.Held = append(c.Held, fmt.Sprintf("%s names a seal that %s replaced by acts alone, on the same facts and quantities: the chain holds", key(p.Manifest.Month, p.Manifest.Revision), key(l.Month, l.Revision)))
			}
		}
		// Of a pack by itself nobody asks for the revision before it.
		if !found && l.Month >= first && len(packs) > 1 {
			c.doubt(DoubtMissing, "%s names revision %d of %s, which is not given", p.name(), l.Revision, l.Month)
		}
	}
}

// revisionBefore is the last seal of the revision before that a pack replaces,
// by the manifests that it carries, or where its version took none along, by
// what is given; nil where neither tells.
func (p *Presented) revisionBefore(packs []Presented) *evidence.Link {
	for i := len(p.Manifest.Replaces) - 1; i >= 0; i-- {
		d := p.Manifest.Replaces[i]
		m := p.Replaced(d)
		for j := range packs {
			if p.Manifest.Format == 1 && packs[j].Digest == d {
				m = &packs[j].Manifest
			}
		}
		if m != nil && m.Revision == p.Manifest.Revision-1 {
			return &evidence.Link{Month: m.Month, Revision: m.Revision, Manifest: d}
		}
	}
	return nil
}
