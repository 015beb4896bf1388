package product

import (
	"fmt"
	"slices"

	"splameter/internal/diag"
	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
	"splameter/internal/strictyaml"
)

// A File is one family of products as recognition knows it: names, ids and
// codes, and what each of them is. Those of the program lie in data/; a
// provider adds files of his own.
type File struct {
	Family  Family  `yaml:"family"` // of every entry that names none
	Title   string  `yaml:"title"`  // how the English name of a product begins
	Source  string  `yaml:"source"` // where names, ids and codes come from
	Entries []Entry `yaml:"entries"`
}

// Entry is one kind of title.
type Entry struct {
	ID     string `yaml:"id"`
	Family Family `yaml:"family"`
	Title  string `yaml:"title"`
	// Is says what such a title is: licensable, free, part (of another
	// product, which is licensed), subscription (a licence of the customer's
	// own), or ask (only a person can tell).
	Is  TitleKind `yaml:"is"`
	Why string    `yaml:"why"` // why it is free or a part, or what is to be asked

	Edition string   `yaml:"edition"` // of every title of the entry; else the one that its name tells
	Year    string   `yaml:"year"`    // likewise
	Except  []Except `yaml:"except"`  // editions or years that are something else
	Retail  bool     `yaml:"retail"`  // it is sold in retail only
	// RetailEditions are those, of the ones that names tell.
	RetailEditions []string `yaml:"retail_editions"`

	// Engine says that such a title is a server engine: machines are licensed
	// for it by their edition. NeedsEngine says of a part that it is licensed
	// with the engine of that family on the same machine, and needs a licence
	// of its own on a machine without.
	Engine      bool   `yaml:"engine"`
	NeedsEngine Family `yaml:"needs_engine"`

	// ShowsSetup says that a title of the entry tells what a setup of that
	// family put there, so that an engine beside it would be told too.
	ShowsSetup Family `yaml:"shows_setup"`

	// Last says that the entry is tried only where no other fits.
	Last bool `yaml:"last"`

	Names    []string `yaml:"names"`    // patterns of display names
	Releases []string `yaml:"releases"` // beginnings of Click-to-Run release ids and license families, without year and channel
	Codes    []string `yaml:"codes"`    // PPPP of Office product codes {BRMMmmmm-PPPP-LLLL-p000-D000000FF1CE}
	Keys     []string `yaml:"keys"`     // what follows Office16. in the uninstall key of an Office of the MSI kind
	Products []string `yaml:"msi"`      // whole product codes of Windows Installer
	// KeyChannel is the channel that such a key tells: volume, if nothing else
	// is written.
	KeyChannel Channel `yaml:"key_channel"`
	// LanguageParts says that the same PPPP with a language is a translation.
	LanguageParts bool `yaml:"language_parts"`

	Matches      []Sample `yaml:"matches"`        // titles that must be this
	DoesNotMatch []string `yaml:"does not match"` // titles that must not
	Source       string   `yaml:"source"`

	patterns []*pattern
	order    int
}

// Except is what an entry's title is where it tells one of these editions, or
// of these years ("": none); the first that fits.
type Except struct {
	Editions []string  `yaml:"editions"`
	Years    []string  `yaml:"years"`
	Is       TitleKind `yaml:"is"`
	Why      string    `yaml:"why"`
	// SetupOf says that the row stands there for an engine of the family as
	// for its tools alone, and does not tell which.
	SetupOf Family `yaml:"setup_of"`
}

func (x *Except) fits(edition, year string) bool {
	return (x.Editions == nil || slices.Contains(x.Editions, edition)) && (x.Years == nil || slices.Contains(x.Years, year))
}

// Sample is a title that must be recognized, with what must come out.
type Sample string

// TitleKind is what a title shows.
type TitleKind string

// The kinds of titles, the dearest first: what two entries make differently
// of one title is settled for the dearer.
var kinds = [...]TitleKind{isLicensable, isAsk, isSubscription, isPart, isFree}

const (
	isLicensable   TitleKind = "licensable"
	isAsk          TitleKind = "ask"
	isSubscription TitleKind = "subscription"
	isPart         TitleKind = "part"
	isFree         TitleKind = "free"
)

// parse reads one file and finds what its words cannot mean. The samples are
// tried when every file is there.
func (v *vocabulary) parse(name string, data []byte) (*File, *strictyaml.Doc, diag.Faults) {
	f := &File{}
	doc, faults := strictyaml.Decode(name, data, f)
	if len(faults) > 0 {
		return f, doc, faults
	}
	fault := func(what, instead string, path ...any) { faults = append(faults, doc.Fault(what, instead, path...)) }
	if len(f.Entries) == 0 {
		fault("the file has no entry", "list titles under entries:", "entries")
	}
	seen := map[string]bool{}
	for i := range f.Entries {
		e := &f.Entries[i]
		at := func(key ...any) []any { return append([]any{"entries", i}, key...) }
		if e.ID == "" {
			fault("an entry has no id", "give it a short one, such as office-standard", at()...)
		} else if seen[e.ID] {
			fault(fmt.Sprintf("two entries have the id %s", e.ID), "give each its own", at("id")...)
		}
		seen[e.ID] = true
		if e.Family == "" {
			e.Family = f.Family
		}
		if e.Title == "" {
			e.Title = f.Title
		}
		if e.Source == "" {
			e.Source = f.Source
		}
		if !slices.Contains(kinds[:], e.Is) {
			fault(fmt.Sprintf("%q is no kind of title", safetext.Clip(string(e.Is), 40)), "write is: with one of "+diag.Listed(kinds[:]), at("is")...)
		}
		switch {
		case e.Why == "" && (e.Is == isFree || e.Is == isPart):
			fault(fmt.Sprintf("entry %s needs no licence and does not say why", e.ID), "add why:", at()...)
		case e.Why == "" && e.Is == isAsk:
			fault(fmt.Sprintf("entry %s is to be asked and does not say what", e.ID), "add why: with what licence it takes", at()...)
		}
		if (e.Is == isLicensable || e.Is == isSubscription) && (e.Family == "" || e.Title == "") {
			fault(fmt.Sprintf("entry %s needs a licence and has no family or title", e.ID), "write family: and title: in the file or the entry", at()...)
		}
		if e.Source == "" {
			fault(fmt.Sprintf("entry %s does not say where it comes from", e.ID), "add source: to the file or the entry", at()...)
		}
		for j, x := range e.Except {
			if !slices.Contains(kinds[:], x.Is) || x.Editions == nil && x.Years == nil || x.Why == "" {
				fault(fmt.Sprintf("an exception of entry %s is not told in full", e.ID), "write editions: or years:, is: and why:", at("except", j)...)
			}
		}
		switch e.KeyChannel {
		case "", Volume, Retail:
		default:
			fault(fmt.Sprintf("%q is no channel of a key", safetext.Clip(string(e.KeyChannel), 40)), "write volume or retail", at("key_channel")...)
		}
		if len(e.Names)+len(e.Releases)+len(e.Codes)+len(e.Keys)+len(e.Products) == 0 {
			fault(fmt.Sprintf("entry %s matches nothing", e.ID), "add names:, releases:, codes:, keys: or msi:", at()...)
		}
		for j, n := range e.Names {
			p, err := v.pattern(n)
			if err != nil {
				what, instead := diag.Split(err.Error())
				fault(fmt.Sprintf("the pattern %q cannot be read: %s", safetext.Clip(n, 80), what), instead, at("names", j)...)
				continue
			}
			e.patterns = append(e.patterns, p)
		}
		for j, c := range e.Codes {
			if !codePart().MatchString(c) {
				fault(fmt.Sprintf("%q is no product of an Office product code", safetext.Clip(c, 40)), "write the four digits that stand second, in quotes", at("codes", j)...)
			}
		}
		for j, c := range e.Products {
			if !wholeCode().MatchString(c) {
				fault(fmt.Sprintf("%q is no product code", safetext.Clip(c, 40)), "write it whole and in braces", at("msi", j)...)
			}
		}
		for j, r := range e.Releases {
			if !releaseStem().MatchString(r) {
				fault(fmt.Sprintf("%q is no beginning of a release id", safetext.Clip(r, 40)), "write its letters and digits", at("releases", j)...)
			}
		}
	}
	return f, doc, faults
}

var (
	codePart    = lazyregexp.New(`^[0-9A-F]{4}$`)
	wholeCode   = lazyregexp.New(`^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$`)
	releaseStem = lazyregexp.New(`^[A-Za-z0-9]+$`)
)
