package desk

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"splameter/internal/month"
	"splameter/internal/safetext"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// find keeps what is looked for, and goes back to the list: what is typed may
// be a name, and stands in no address.
func (s *Server) find(r *request) error {
	to, err := url.Parse(local(r.PostFormValue("to")))
	if err != nil {
		return r.to("/")
	}
	q := to.Query()
	q.Del("f")
	q.Del("p")
	if text := strings.TrimSpace(safetext.Clip(r.PostFormValue("q"), 200)); text != "" {
		q.Set("f", r.who.keep(text))
	}
	to.RawQuery = q.Encode()
	return r.to(to.String())
}

// pager is which part of a list is shown.
type pager struct {
	Find               string // what is looked for
	Here               string // the address without page and filter
	Page, Pages        int
	Total, First, Last int // rows that fit, and which of them are shown, from 1
	Prev, Next         string
}

// paged is the part of a list of n rows that an address asks for.
func (r *request) paged(n int) pager {
	p := pager{Find: r.looked(), Total: n, Pages: max((n+pageSize-1)/pageSize, 1)}
	p.Page, _ = strconv.Atoi(r.FormValue("p"))
	p.Page = min(max(p.Page, 1), p.Pages)
	p.First, p.Last = min((p.Page-1)*pageSize+1, n), min(p.Page*pageSize, n)
	at := func(page int) string {
		q := r.URL.Query()
		q.Set("p", strconv.Itoa(page))
		return r.URL.Path + "?" + q.Encode()
	}
	if p.Page > 1 {
		p.Prev = at(p.Page - 1)
	}
	if p.Page < p.Pages {
		p.Next = at(p.Page + 1)
	}
	q := r.URL.Query()
	q.Del("p")
	q.Del("f")
	p.Here = r.URL.Path
	if len(q) > 0 {
		p.Here += "?" + q.Encode()
	}
	return p
}

// looked is what is looked for.
func (r *request) looked() string { return r.who.found(r.FormValue("f")) }

// part is the part of a list that a pager shows.
func part[T any](p pager, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list[p.First-1 : p.Last]
}

// fits says whether all words that are looked for stand in one of the texts.
func fits(find string, texts ...string) bool {
	whole := strings.ToLower(strings.Join(texts, "\n"))
	return fitsAll(words(find), whole)
}

func words(find string) []string { return strings.Fields(strings.ToLower(find)) }

// fitsAll says the same of words and a text in lower case.
func fitsAll(words []string, text string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func dayOf(at time.Time, loc *time.Location) month.Day { return month.DayOf(at, loc) }
