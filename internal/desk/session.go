package desk

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	idle    = 30 * time.Minute // without a page
	longest = 12 * time.Hour   // of a session
	linkFor = 10 * time.Minute // for which a one-time link is good
	cookie  = "splameter"
)

// Person is who logs on.
type Person struct {
	Account string // of the directory or the operating system: kept beside every act
	Name    string // as acts name them; empty: not known, the page asks
	Role    Role
	Tenants []string // the customers that an account manager sees; other roles see all
}

// session is one logged-on browser.
type session struct {
	account string
	role    Role
	tenants []string
	begun   time.Time

	mu       sync.Mutex
	last     time.Time
	name     string
	language string
	finds    map[string]string // what was looked for, by the id that stands in addresses
	order    []string
}

func (x *session) lang() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.language
}

// by is the name that acts are done in.
func (x *session) by() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.name
}

func (x *session) call(name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.name = name
}

// What templates ask of who is logged on.

// Called is who it is, for the top of the page.
func (x *session) Called() string {
	if n := x.by(); n != "" {
		return n
	}
	return x.account
}

// Is is the role.
func (x *session) Is() Role { return x.role }

// Reads says whether persons may be looked for.
func (x *session) Reads() bool { return x.role.names() }

// Keeps says whether the person reviews.
func (x *session) Keeps() bool { return x.role.reviews() }

// Whole says whether the person sees all customers together.
func (x *session) Whole() bool { return x.role != AccountManager }

// sees says whether a customer is one of those that the person may see.
func (x *session) sees(tenant string) bool {
	return x.role != AccountManager || slices.Contains(x.tenants, tenant)
}

// keep remembers what was looked for, and gives the id for the address.
func (x *session) keep(text string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, t := range x.finds {
		if t == text {
			return id
		}
	}
	id := opaque()[:12]
	x.finds[id] = text
	x.order = append(x.order, id)
	if len(x.order) > 200 {
		delete(x.finds, x.order[0])
		x.order = x.order[1:]
	}
	return id
}

func (x *session) found(id string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.finds[id]
}

// sessions are all logged-on browsers, and the links that were not used yet.
type sessions struct {
	now   func() time.Time
	mu    sync.Mutex
	byID  map[string]*session
	links map[string]link
}

type link struct {
	who  Person
	lang string
	till time.Time
}

func (x *sessions) init(now func() time.Time) {
	x.now, x.byID, x.links = now, map[string]*session{}, map[string]link{}
}

// of is the session of a request; nil where there is none, or it has ended.
func (x *sessions) of(r *http.Request) *session {
	c, err := r.Cookie(cookie)
	if err != nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.byID[c.Value]
	if s == nil {
		return nil
	}
	now := x.now()
	s.mu.Lock()
	over := now.Sub(s.last) > idle || now.Sub(s.begun) > longest
	// The page's own look at whether anything changed is nobody's activity.
	if !over && !strings.HasSuffix(r.URL.Path, "/pulse") {
		s.last = now
	}
	s.mu.Unlock()
	if over {
		delete(x.byID, c.Value)
		return nil
	}
	return s
}

// begin makes a session, and its id.
func (x *sessions) begin(who Person, language string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.now()
	for id, s := range x.byID { // those that ended
		if s.mu.Lock(); now.Sub(s.last) > idle {
			delete(x.byID, id)
		}
		s.mu.Unlock()
	}
	id := opaque() + opaque()
	x.byID[id] = &session{account: who.Account, name: who.Name, role: who.Role, tenants: who.Tenants, begun: now, last: now,
		language: language, finds: map[string]string{}}
	return id
}

func (x *sessions) end(r *http.Request) {
	if c, err := r.Cookie(cookie); err == nil {
		x.mu.Lock()
		delete(x.byID, c.Value)
		x.mu.Unlock()
	}
}

// Link is an address, beneath the desk's, that logs a person on once.
func (s *Server) Link(who Person) string {
	lang := s.own()
	token := opaque() + opaque()
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	s.sessions.links[token] = link{who, lang, s.opt.Now().Add(linkFor)}
	return "/in/" + token
}

// enter takes a one-time link.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	s.sessions.mu.Lock()
	l, ok := s.sessions.links[token]
	delete(s.sessions.links, token)
	s.sessions.mu.Unlock()
	if !ok || s.opt.Now().After(l.till) {
		s.outside(w, http.StatusForbidden, "in.used")
		return
	}
	s.begin(w, r, l.who, l.lang, "/")
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request, who Person, lang, to string) {
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: s.sessions.begin(who, lang), Path: "/", HttpOnly: true, Secure: s.opt.Secure, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// leave logs off.
func (s *Server) leave(r *request) error {
	s.sessions.end(r.Request)
	http.SetCookie(r.w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.opt.Secure, SameSite: http.SameSiteStrictMode})
	s.outside(r.w, http.StatusOK, "in.left")
	return nil
}

// language changes the language of the pages.
func (s *Server) language(r *request) error {
	if l := r.PostFormValue("to"); s.names[l] != nil {
		r.who.mu.Lock()
		r.who.language = l
		r.who.mu.Unlock()
	}
	return r.to(local(r.PostFormValue("back")))
}

// local is an address of the desk itself; anything else becomes its first page.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t ") {
		return "/"
	}
	return path
}

// to sends the browser on.
func (r *request) to(path string) error {
	http.Redirect(r.w, r.Request, path, http.StatusSeeOther)
	return nil
}

// loggedOff is for somebody without a session. A link in a mail comes without
// the cookie, since it comes from elsewhere: the page's own link brings it.
func (s *Server) loggedOff(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "/pulse") {
		http.Error(w, "you are logged off", http.StatusUnauthorized)
		return
	}
	back := ""
	if _, err := r.Cookie(cookie); err != nil || s.opt.LogOn != nil {
		back = local(r.URL.RequestURI())
	}
	text := "in.off"
	if s.opt.LogOn != nil {
		text = "in.please"
	}
	s.logOnPage(w, http.StatusUnauthorized, text, back)
}
