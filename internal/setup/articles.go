package setup

import (
	"slices"
	"strings"
	"unicode"

	"splameter/internal/register/prices"
)

// articles are the part numbers whose title in the reseller's price list says
// plainly that they are that product of the catalog.
func articles(id string, list prices.List) (out []string) {
	s, ok := articleWords[id]
	if !ok {
		return nil
	}
	for i := range list {
		p := &list[i]
		if p.Title == "" || slices.ContainsFunc(out, func(n string) bool { return strings.EqualFold(n, p.PartNumber) }) {
			continue
		}
		if s.fits(titleWords(p.Title)) {
			out = append(out, p.PartNumber)
		}
	}
	slices.Sort(out)
	return out
}

// article is what a title must say, and what it must not.
type article struct{ with, without string }

// articleWords tell the catalog's products in price lists, in the words that
// titleWords makes of a title.
var articleWords = map[string]article{
	"rds":                {"remote desktop", "core"},
	"office-std":         {"office standard", "core professional mac online"},
	"office-pro":         {"office professional", "core standard mac online"},
	"visio-std":          {"visio standard", "core professional"},
	"visio-pro":          {"visio professional", "core standard"},
	"project-std":        {"project standard", "core professional"},
	"project-pro":        {"project professional", "core standard"},
	"exchange-basic":     {"exchange basic", "core"},
	"exchange-std":       {"exchange standard", "core plus"},
	"exchange-std-plus":  {"exchange standard plus", "core"},
	"exchange-ent":       {"exchange enterprise", "core plus"},
	"exchange-ent-plus":  {"exchange enterprise plus", "core"},
	"sharepoint-std":     {"sharepoint standard", "core"},
	"sharepoint-ent":     {"sharepoint enterprise", "core"},
	"skype-std":          {"skype standard", "core plus"},
	"skype-ent":          {"skype enterprise", "core plus"},
	"project-server":     {"project server sal", "core professional standard"},
	"productivity-suite": {"productivity suite", "core"},
	"sql-std-sal":        {"sql standard sal", "core"},
	"sql-web":            {"sql web core", "sal"},
	"sql-std":            {"sql standard core", "sal"},
	"sql-ent":            {"sql enterprise core", "sal"},
	"win-dc":             {"windows server datacenter core", "sal system suite infrastructure"},
	"win-std":            {"windows server standard core", "sal system suite infrastructure"},
	"cis-dc":             {"infrastructure datacenter core", ""},
	"cis-std":            {"infrastructure standard core", ""},
	"system-center-dc":   {"system center datacenter core", "infrastructure"},
	"system-center-std":  {"system center standard core", "infrastructure"},
}

// never are words of articles that the catalog's products are not: licences of
// devices, of other programmes, and packs of another size.
const never = "device academic government charity education student trial upgrade eight sixteen"

func (a article) fits(words map[string]bool) bool {
	for _, w := range strings.Fields(a.with) {
		if !words[w] {
			return false
		}
	}
	for _, w := range strings.Fields(a.without + " " + never) {
		if words[w] {
			return false
		}
	}
	return true
}

// spoken are the words that price lists shorten, in Microsoft's way and in
// others.
var spoken = map[string]string{
	"std": "standard", "pro": "professional", "prof": "professional", "proplus": "professional",
	"svr": "server", "srv": "server", "srvr": "server", "win": "windows", "rmt": "remote", "dsktp": "desktop", "rds": "remote desktop",
	"prjct": "project", "proj": "project", "exchg": "exchange", "exch": "exchange", "ent": "enterprise", "dc": "datacenter", "dtacntr": "datacenter", "datactr": "datacenter",
	"cis": "infrastructure", "infrastr": "infrastructure", "infrstrctr": "infrastructure", "sys": "system", "ctr": "center", "cntr": "center", "ste": "suite", "productivityste": "productivity suite",
	"cores": "core", "sqlsvr": "sql server", "winsvr": "windows server", "extern": "remote", "bureaublad": "desktop",
	"dvc": "device", "apparaat": "device", "acad": "academic", "acdmc": "academic", "edu": "education", "gov": "government", "gvt": "government", "onderwijs": "education", "upg": "upgrade",
	"8lic": "eight", "16lic": "sixteen", "8": "eight", "16": "sixteen",
}

// titleWords are the words of an article's title, written out: those that stand
// apart, and those that Microsoft writes as one (SQLSvrStdCore).
func titleWords(title string) map[string]bool {
	out := map[string]bool{}
	say := func(w string) {
		w = strings.ToLower(w)
		for _, s := range strings.Fields(w + " " + spoken[w]) {
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
