package setup

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"splameter/internal/diag"
	"splameter/internal/register/prices"
	"splameter/internal/strictyaml"
)

// articles are the part numbers whose title in the reseller's price list says
// plainly that they are that product of the catalog.
func articles(id string, list prices.List) (out []string) {
	all := knownArticles()
	at := slices.IndexFunc(all.Articles, func(a article) bool { return a.Product == id })
	if at < 0 {
		return nil
	}
	for i := range list {
		p := &list[i]
		if p.Title == "" || slices.ContainsFunc(out, func(n string) bool { return strings.EqualFold(n, p.PartNumber) }) {
			continue
		}
		if all.Articles[at].fits(titleWords(p.Title), all.Never) {
			out = append(out, p.PartNumber)
		}
	}
	slices.Sort(out)
	return out
}

// article is what a title must say to be a product, and what it must not.
type article struct {
	Product string `yaml:"product"`
	With    string `yaml:"with"`
	Without string `yaml:"without"`
}

//go:embed articles.yaml
var articlesFile []byte

// articleList is what tells the catalog's products in price lists.
type articleList struct {
	Articles []article         `yaml:"articles"`
	Never    string            `yaml:"never"`
	Spoken   map[string]string `yaml:"spoken"`
}

var knownArticles = sync.OnceValue(func() *articleList {
	l, _ := readArticles()
	return l
})

func readArticles() (*articleList, diag.Faults) {
	l := &articleList{}
	_, faults := strictyaml.Decode("articles.yaml", articlesFile, l)
	return l, faults
}

func (a article) fits(words map[string]bool, never string) bool {
	for _, w := range strings.Fields(a.With) {
		if !words[w] {
			return false
		}
	}
	for _, w := range strings.Fields(a.Without + " " + never) {
		if words[w] {
			return false
		}
	}
	return true
}

// titleWords are the words of an article's title, written out: those that stand
// apart, and those that Microsoft writes as one (SQLSvrStdCore).
func titleWords(title string) map[string]bool {
	out := map[string]bool{}
	say := func(w string) {
		w = strings.ToLower(w)
		for _, s := range strings.Fields(w + " " + knownArticles().Spoken[w]) {
			out[s] = true
		}
	}
	for _, run := range strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		say(run)
		letters := []rune(run)
		from := 0
		for i := 1; i < len(letters); i++ {
			small, capital := unicode.IsLower(letters[i-1]), unicode.IsUpper(letters[i])
			last := capital && unicode.IsUpper(letters[i-1]) && i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if small && capital || last || unicode.IsDigit(letters[i-1]) != unicode.IsDigit(letters[i]) {
				say(string(letters[from:i]))
				from = i
			}
		}
		if from > 0 {
			say(string(letters[from:]))
		}
	}
	return out
}
