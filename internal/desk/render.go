package desk

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"time"

	"splameter/report"
)

//go:embed ui
var ui embed.FS

// language is the pages in one language.
type language struct {
	id    string
	texts map[string]string
	words report.Words
	pages *template.Template
	loc   *time.Location
}

// readTexts reads the texts of the pages: one table, a column a language.
func readTexts() (map[string]map[string]string, error) {
	b, err := ui.ReadFile("ui/texts.csv")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the texts of the pages cannot be read: %w", err)
	}
	out := map[string]map[string]string{}
	for i, name := range rows[0][1:] {
		out[name] = map[string]string{}
		for _, row := range rows[1:] {
			out[name][row[0]] = row[i+1]
		}
	}
	return out, nil
}

func languages(loc *time.Location) (map[string]*language, error) {
	texts, err := readTexts()
	if err != nil {
		return nil, err
	}
	out := map[string]*language{}
	for id, t := range texts {
		l := &language{id: id, texts: t, words: report.WordsIn(id), loc: loc}
		if l.pages, err = template.New("").Funcs(l.funcs()).Funcs(helpers()).ParseFS(ui, "ui/*.html"); err != nil {
			return nil, err
		}
		out[id] = l
	}
	return out, nil
}

// text is a text of the pages, with its values filled in.
func (l *language) text(key string, args ...any) string {
	t, ok := l.texts[key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}

// count is a number of things: "1 gap", "3 gaps".
func (l *language) count(key string, n int) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return l.number(n) + " " + l.text(key+form)
}

// page is what every page has.
type page struct {
	Title   string // a key of the texts
	Heading string // in its place, what is foreign
	Month   *head  // the month that the page is about
	Screen  string // which of the month's screens it is
	Data    any
	Refresh int // seconds after which the browser looks again; 0: never

	// Set by show.
	Lang    string
	Here    string
	Who     *session
	Notices []notice
	Faults  string
}

// notice is a line at the top.
type notice struct {
	Text string // in the page's language
	Link string
	To   string // what the link says
}

// show writes a page.
func (s *Server) show(r *request, status int, name string, p page) {
	p.Lang, p.Who = r.lang.id, r.who
	p.Here = local(r.URL.RequestURI())
	if r.Method != http.MethodGet {
		p.Here = "/"
		if p.Month != nil {
			p.Here = p.Month.Base
		}
	}
	p.Faults = s.setups.faults()
	var b bytes.Buffer
	if err := r.lang.pages.ExecuteTemplate(&b, name+".html", &p); err != nil {
		s.opt.Log.Error("a page cannot be made", "page", name, "error", err)
		http.Error(r.w, "this page cannot be made; the log says why", http.StatusInternalServerError)
		return
	}
	r.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.w.WriteHeader(status)
	_, _ = r.w.Write(b.Bytes()) // to a browser that may have gone
}

// outside is a page for somebody who is not logged on.
func (s *Server) outside(w http.ResponseWriter, status int, text string) {
	s.logOnPage(w, status, text, "")
}

func (s *Server) logOnPage(w http.ResponseWriter, status int, text, back string) {
	l := s.names[s.own()]
	var b bytes.Buffer
	err := l.pages.ExecuteTemplate(&b, "logon.html", struct {
		Lang, Text, Back string
		Asks             bool
	}{l.id, text, back, s.opt.LogOn != nil})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// asset serves the style sheet and the script.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}[path.Ext(name)]
	b, err := ui.ReadFile("ui/" + name)
	if err != nil || kind == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b)
}

// keys tells the keys.
func (s *Server) keys(r *request) error {
	s.show(r, http.StatusOK, "keys", page{Title: "keys.title"})
	return nil
}
