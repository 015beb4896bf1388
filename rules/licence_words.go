package rules

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"splameter/internal/strictyaml"
)

//go:embed catalog/groups.yaml
var groupWordsFile []byte

// groupWords are the words by which a group's name shows a product.
type groupWords struct {
	Words []struct {
		Word     string   `yaml:"word"`
		Products []string `yaml:"products"`
		Plain    bool     `yaml:"plain"`
	} `yaml:"words"`
	Beside []string `yaml:"beside"`
	Not    []string `yaml:"not"`

	texts []string // each word, without blanks
	globs []Globs  // its products
}

var licenceWords = sync.OnceValue(func() *groupWords {
	g := &groupWords{}
	strictyaml.Decode("catalog/groups.yaml", groupWordsFile, g)
	for i := range g.Words {
		g.texts = append(g.texts, strings.ReplaceAll(g.Words[i].Word, " ", ""))
		g.globs = append(g.globs, globs(g.Words[i].Products))
	}
	return g
})

// wordsOf takes a group's name apart: at what is no letter and no digit, before
// a capital that follows a small letter, and around numbers. "LIC_OfficePro2019"
// is lic, office, pro and 2019; "O365" stays one word.
func wordsOf(name string) (out []string) {
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			out = append(out, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	last := rune(0)
	letters := 0
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			end()
			letters, last = 0, 0
			continue
		case unicode.IsUpper(c) && unicode.IsLower(last), unicode.IsLetter(c) && unicode.IsDigit(last), unicode.IsDigit(c) && unicode.IsLetter(last) && letters > 1:
			end()
			letters = 0
		}
		if unicode.IsLetter(c) {
			letters++
		}
		b.WriteRune(c)
		last = c
	}
	end()
	return out
}

// shown is what a group's name shows: products by patterns, and an edition, or
// part of one, where it says one.
type shown struct {
	products Globs
	edition  string
}

// countedBy says that who is counted for a product is counted for what the name
// shows.
func (s *shown) countedBy(p *Product) bool {
	if !s.products.Match(p.ID) && (p.Family == "" || !s.products.Match(p.Family)) && (p.Catalog == "" || !s.products.Match(p.Catalog)) {
		return false
	}
	if s.edition == "" {
		return true
	}
	is := editionOf(wordsOf(p.ID + " " + p.Catalog + " " + p.Name["en"]))
	return is == s.edition || is == enterprise
}

// The editions above a standard one that names tell, the higher after the lower.
const (
	professional = "pro"
	enterprise   = "ent"
)

// editionOf is the highest edition that words say, word by word: Project is no
// professional edition, and a client no enterprise.
func editionOf(words []string) (edition string) {
	for _, w := range words {
		switch w {
		case "pro", "prof", "professional", "professioneel", "professionnel", "profesional", "profissional", "professionale", "plus", "proplus":
			if edition == "" {
				edition = professional
			}
		case "ent", "enterprise", "entreprise":
			edition = enterprise
		}
	}
	return edition
}

// products are those that a group's name shows; none where it shows none. mine
// are words that name the tenants.
func (g *groupWords) products(name string, mine map[string]bool) (out shown) {
	words := wordsOf(name)
	out.edition = editionOf(words)
	best := -1
	for i, text := range g.texts {
		at, end := indexOf(words, text)
		if at < 0 || best >= 0 && len(g.Words[i].Word) <= len(g.Words[best].Word) {
			continue
		}
		beside := slices.Concat(words[:at], words[end:])
		if slices.ContainsFunc(beside, g.not) || slices.ContainsFunc(words[at:end], g.not) && len(beside) == 0 {
			continue // those who run it; or, as SQL Server by itself, the machines
		}
		if g.Words[i].Plain && !g.onlyBeside(beside, mine) {
			continue
		}
		best = i
	}
	if best >= 0 {
		out.products = g.globs[best]
	}
	return out
}

func (g *groupWords) not(word string) bool { return slices.Contains(g.Not, word) }

func (g *groupWords) onlyBeside(words []string, mine map[string]bool) bool {
	for _, w := range words {
		if !slices.Contains(g.Beside, w) && !mine[w] && strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return true
}

// indexOf is where some of the words, one after the other, make up a text, and
// where they end; -1 where none do. So SharePoint is "sharepoint" and two words.
func indexOf(words []string, text string) (at, end int) {
	for at := range words {
		rest := text
		for i, w := range words[at:] {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, w); !ok {
				break
			}
			if rest == "" {
				return at, at + i + 1
			}
		}
	}
	return -1, 0
}
