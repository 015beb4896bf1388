package product

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"

	"splameter/internal/diag"
	"splameter/internal/safetext"
	"splameter/internal/strictyaml"
)

//go:embed data/*.yaml
var data embed.FS

// Catalog is every title that is known, made ready to look up.
type Catalog struct {
	v       *vocabulary
	entries []*Entry // in the order of the files; a provider's own stand first

	byWord   map[string][]candidate // patterns by a word that their titles have
	always   []candidate            // patterns that no word leads to
	releases map[string]*Entry      // by the beginning of a release id
	stems    []string               // of those, the longest first
	codes    map[string]*Entry      // PPPP
	keys     map[string]*Entry      // upper case
	products map[string]*Entry      // whole product codes, upper case
	watch    []string               // makers whose unknown titles are asked too, folded
	own      int                    // how many entries are a provider's
}

// candidate is a pattern and whose it is.
type candidate struct {
	entry   *Entry
	pattern *pattern
}

// vocabulary is what titles of every family are made of.
type vocabulary struct {
	neutral   map[string]bool
	bit       map[string]bool
	languages map[string]bool
	editions  []phrase            // the longest first
	byFirst   map[string][]phrase // by their first word, likewise
}

func (v *vocabulary) bits(w string) bool { return v.bit[w] }

// phrase is the words of an edition in one language.
type phrase struct {
	words   []string
	edition string
}

func (p *phrase) at(words []string, i int) bool {
	if i+len(p.words) > len(words) {
		return false
	}
	for k, w := range p.words {
		if !like(w, words[i+k]) {
			return false
		}
	}
	return true
}

// vocabularyFile is data/words.yaml.
type vocabularyFile struct {
	Neutral   []string            `yaml:"neutral"`
	Bit       []string            `yaml:"bit"`
	Languages []string            `yaml:"languages"`
	Editions  map[string][]string `yaml:"editions"`
}

const wordsFile = "data/words.yaml"

func readVocabulary(text string) (*vocabulary, diag.Faults) {
	if text == "" {
		return nil, diag.Faults{{File: wordsFile, What: "it is not there"}}
	}
	var f vocabularyFile
	_, faults := strictyaml.Decode(wordsFile, []byte(text), &f)
	v := &vocabulary{neutral: map[string]bool{}, bit: map[string]bool{}, languages: map[string]bool{}}
	for _, w := range f.Neutral {
		v.neutral[foldText(w)] = true
	}
	for _, w := range f.Bit {
		v.bit[foldText(w)] = true
	}
	for _, w := range f.Languages {
		v.languages[strings.Join(split(w), " ")] = true
	}
	for edition, phrases := range f.Editions {
		for _, p := range phrases {
			v.editions = append(v.editions, phrase{split(p), edition})
		}
	}
	slices.SortFunc(v.editions, func(a, b phrase) int {
		return cmp.Or(cmp.Compare(len(b.words), len(a.words)), slices.Compare(a.words, b.words))
	})
	v.byFirst = map[string][]phrase{}
	for _, p := range v.editions {
		v.byFirst[p.words[0]] = append(v.byFirst[p.words[0]], p)
	}
	return v, faults
}

// editionsAt are the editions that a word may begin.
func (v *vocabulary) editionsAt(word string) []phrase {
	if strings.ContainsRune(word, lost) {
		return v.editions
	}
	return v.byFirst[word]
}

// Builtin is what the program knows. Its tests read it and try its samples, so
// that it has no faults.
var Builtin = sync.OnceValue(func() *Catalog {
	c, _, _ := assemble(builtinFiles(), nil)
	return c
})

// Source is one file of a provider's own entries.
type Source struct {
	Name string
	Data []byte
}

// With is what the program knows, and before it what a provider's files say.
// Every fault is reported; the catalog is usable only where there is none.
func With(files []Source) (*Catalog, diag.Faults) {
	if len(files) == 0 {
		return Builtin(), nil
	}
	return build(builtinFiles(), files)
}

// placed is an entry and where it stands.
type placed struct {
	e    *Entry
	doc  *strictyaml.Doc
	path []any
}

// build assembles a catalog and tries the samples: the provider's, for he may
// place a title of ours in his own way; ours where he has none.
func build(builtin map[string]string, own []Source) (*Catalog, diag.Faults) {
	c, tried, faults := assemble(builtin, own)
	if len(faults) > 0 {
		return c, faults
	}
	for _, p := range tried {
		faults = append(faults, c.samples(p.e, p.doc, p.path)...)
	}
	return c, faults
}

// assemble reads the files and makes their entries ready; tried are those whose
// samples count.
func assemble(builtin map[string]string, own []Source) (c *Catalog, tried []placed, faults diag.Faults) {
	v, faults := readVocabulary(builtin[wordsFile])
	if v == nil {
		return nil, nil, faults
	}
	c = &Catalog{v: v, byWord: map[string][]candidate{}, releases: map[string]*Entry{}, codes: map[string]*Entry{},
		keys: map[string]*Entry{}, products: map[string]*Entry{}}
	files := slices.Clone(own)
	for _, name := range slices.Sorted(maps.Keys(builtin)) {
		if name != wordsFile {
			files = append(files, Source{name, []byte(builtin[name])})
		}
	}
	ids := map[string]placed{}
	for n, s := range files {
		f, doc, more := v.parse(s.Name, s.Data)
		faults = append(faults, more...)
		for i := range f.Entries {
			e := &f.Entries[i]
			e.order = len(c.entries)
			here := placed{e, doc, []any{"entries", i}}
			if first, ok := ids[e.ID]; ok && e.ID != "" {
				faults = append(faults, first.doc.Fault(fmt.Sprintf("the id %s stands twice, here and in %s", e.ID, s.Name), "give it another", first.path...))
			} else {
				ids[e.ID] = here
			}
			c.entries = append(c.entries, e)
			if n < len(own) || len(own) == 0 {
				tried = append(tried, here)
			}
		}
		if n == len(own)-1 {
			c.own = len(c.entries)
		}
	}
	for _, e := range c.entries {
		c.add(e)
	}
	sort.Slice(c.stems, func(i, j int) bool {
		return len(c.stems[i]) > len(c.stems[j]) || len(c.stems[i]) == len(c.stems[j]) && c.stems[i] < c.stems[j]
	})
	return c, tried, faults
}

// add makes an entry ready; of two that name one id or code, the first stays.
func (c *Catalog) add(e *Entry) {
	for _, p := range e.patterns {
		if p.keys == nil {
			c.always = append(c.always, candidate{e, p})
		}
		for _, k := range p.keys {
			c.byWord[k] = append(c.byWord[k], candidate{e, p})
		}
	}
	put := func(m map[string]*Entry, key string) bool {
		if m[key] != nil {
			return false
		}
		m[key] = e
		return true
	}
	for _, r := range e.Releases {
		if r = strings.ToLower(r); put(c.releases, r) {
			c.stems = append(c.stems, r)
		}
	}
	for _, code := range e.Codes {
		put(c.codes, code)
	}
	for _, k := range e.Keys {
		put(c.keys, strings.ToUpper(k))
	}
	for _, p := range e.Products {
		put(c.products, strings.ToUpper(p))
	}
}

// Watch is the catalog that asks the unknown titles of these makers too.
func (c *Catalog) Watch(makers []string) *Catalog {
	if len(makers) == 0 {
		return c
	}
	w := *c
	for _, m := range makers {
		if m = strings.Join(split(m), " "); m != "" {
			w.watch = append(w.watch, m)
		}
	}
	return &w
}

// Entries are all entries, a provider's own first.
func (c *Catalog) Entries() []*Entry { return slices.Clone(c.entries) }

// samples tries an entry's own samples.
func (c *Catalog) samples(e *Entry, doc *strictyaml.Doc, path []any) (faults diag.Faults) {
	at := func(key string, i int) []any { return append(slices.Clone(path), key, i) }
	for i, s := range e.Matches {
		name, want, told := strings.Cut(string(s), " => ")
		got, r := c.sample(name)
		switch {
		case got != e:
			whose := "no entry"
			if got != nil {
				whose = "entry " + got.ID
			}
			faults = append(faults, doc.Fault(fmt.Sprintf("%q should be %s, and is taken by %s", safetext.Clip(name, 80), e.ID, whose), "correct the patterns or the sample", at("matches", i)...))
		case told && strings.TrimSpace(want) != strings.TrimSpace(r.Edition+" "+r.Year):
			faults = append(faults, doc.Fault(fmt.Sprintf("%q should be %s, and is read as %q", safetext.Clip(name, 80), want, strings.TrimSpace(r.Edition+" "+r.Year)), "correct the patterns or the sample", at("matches", i)...))
		}
	}
	for i, name := range e.DoesNotMatch {
		if got, _ := c.sample(name); got == e {
			faults = append(faults, doc.Fault(fmt.Sprintf("%q should not be %s, and is", safetext.Clip(name, 80), e.ID), "correct the patterns or the sample", at("does not match", i)...))
		}
	}
	return faults
}

// sample recognizes a name, release:ID or key:KEY as Microsoft's.
func (c *Catalog) sample(s string) (*Entry, Recognition) {
	kind, rest, _ := strings.Cut(s, ":")
	var r Recognition
	switch kind {
	case "release":
		r = c.Recognize("", "", "", "", rest, "")
	case "key":
		r = c.Recognize("", "", "", rest, "", "")
	default:
		publisher := ""
		if c.own == 0 || !strings.Contains(foldText(s), "microsoft") {
			publisher = "Microsoft Corporation"
		}
		r = c.Recognize(s, "", publisher, "", "", "")
	}
	for _, e := range c.entries {
		if e.ID == r.Entry && e.ID != "" {
			return e, r
		}
	}
	return nil, r
}

// find is the entry that a title fits best, and the edition that it names.
func (c *Catalog) find(t *title, may func(*Entry, *pattern) bool) (best *Entry, edition string, how *pattern) {
	try := func(list []candidate) {
		for _, n := range list {
			if how == n.pattern || best != nil && !better(n, candidate{best, how}, c.own) || !may(n.entry, n.pattern) {
				continue
			}
			if ed, ok := n.pattern.match(c.v, t); ok {
				best, edition, how = n.entry, ed, n.pattern
			}
		}
	}
	for _, w := range t.words {
		try(c.byWord[w])
	}
	try(c.always)
	if t.lost {
		// A word with lost letters leads nowhere: every pattern is tried.
		keys := make([]string, 0, len(c.byWord))
		for k := range c.byWord {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			try(c.byWord[k])
		}
	}
	return best, edition, how
}

// better says which of two patterns that fit tells more: a provider's own
// before the program's; one that accounts for the whole title before one that
// leaves words open, and that before an entry of last resort; more words; then the dearer reading; then the first.
func better(a, b candidate, own int) bool {
	mine, theirs := a.entry.order < own, b.entry.order < own
	if mine != theirs {
		return mine
	}
	whole := func(n candidate) int {
		if n.entry.Last {
			return 2
		}
		return min(n.pattern.free, 1)
	}
	return cmp.Or(
		cmp.Compare(whole(a), whole(b)),
		cmp.Compare(b.pattern.fixed, a.pattern.fixed),
		cmp.Compare(a.pattern.free, b.pattern.free),
		cmp.Compare(slices.Index(kinds[:], a.entry.Is), slices.Index(kinds[:], b.entry.Is)),
		cmp.Compare(a.entry.order, b.entry.order),
	) < 0
}
