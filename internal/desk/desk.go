// Package desk is the page on which a month is looked at, understood and
// signed off, served to a browser. It shows what the store and the files hold,
// and acts by the calls that the commands make: it counts nothing, and decides
// nothing about licences. Everything works without script.
package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"splameter/internal/api"
	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/store"
)

// Options are what the desk needs.
type Options struct {
	Store store.Store
	// Load reads config, rules and tables as they are now.
	Load    func() (*monthend.Setup, error)
	Now     func() time.Time
	Log     *slog.Logger
	Version string
	Workers int
	// Hosts are the names with port, such as 127.0.0.1:8417, under which the
	// desk answers; nothing else may call it.
	Hosts []string
	// LogOn lets somebody on by account and password, or is an error that wraps
	// ErrRefused; nil: one-time links alone do.
	LogOn func(ctx context.Context, user, password string) (Person, error)
	// Secure says that it is served with TLS: cookies then say so too.
	Secure bool
}

// Server is the desk.
type Server struct {
	opt     Options
	ctx     context.Context // of the whole desk: what runs on ends with it
	loc     *time.Location
	names   map[string]*language
	key     []byte // by which ids are made opaque: the store's own
	routes  []route
	started time.Time

	setups   setups
	sessions sessions
	results  results
	views    views
	booked   booked
	jobs     jobs
	tries    tries
	atSetup  seenSources
	tables   sync.Mutex // one writes tables and notes at a time
	waiting  sync.WaitGroup
}

// New makes a desk; what it begins ends with ctx.
func New(ctx context.Context, opt Options) (*Server, error) {
	s := &Server{opt: opt, ctx: ctx, started: opt.Now()}
	set, err := s.setup()
	if err != nil {
		return nil, err
	}
	s.loc = set.Config.Provider.Location
	if s.key, err = opt.Store.MaskKey(ctx); err != nil {
		return nil, err
	}
	if s.names, err = languages(s.loc); err != nil {
		return nil, err
	}
	s.sessions.init(opt.Now)
	s.routes = s.table()
	return s, nil
}

// Wait waits until nothing that was begun runs any more.
func (s *Server) Wait() { s.waiting.Wait() }

// Handler is the desk as an http.Handler.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for i := range s.routes {
		mux.Handle(s.routes[i].pattern, s.guarded(&s.routes[i]))
	}
	mux.Handle("/", s.guarded(&route{pattern: "/", roles: all(Roles()...), handle: unknownAddress}))
	mux.Handle(api.Prefix, api.New(api.Options{Store: s.opt.Store, Setup: s.setup, Now: s.opt.Now, Log: s.opt.Log, Version: s.opt.Version}).Handler())
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "refused: the request came from another page", http.StatusForbidden)
	}))
	return s.outer(cross.Handler(mux))
}

// outer is what holds for every answer.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.opt.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		known := false
		for _, host := range s.opt.Hosts {
			known = known || r.Host == host
		}
		if !known {
			http.Error(w, "splameter does not answer under this name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// request is one request by somebody who is logged on.
type request struct {
	*http.Request
	w    http.ResponseWriter
	who  *session
	set  *monthend.Setup
	lang *language
}

// desk is where months are closed and decided on, for the one who asks.
func (s *Server) desk(r *request) *closing.Desk {
	return &closing.Desk{Store: s.opt.Store, Setup: r.set, Now: s.opt.Now, Version: s.opt.Version, Account: r.who.account, Workers: s.opt.Workers}
}

// problem is what a page says in place of what was asked for.
type problem struct {
	status int
	text   string // a key of the texts
	detail string
	back   string // where to go on; empty: where one came from, or the first page
}

func (p *problem) Error() string { return p.text }

// unknownAddress is every address that is none: a page like the others, with a
// way back to the month that was meant, if one was.
func unknownAddress(r *request) error {
	p := &problem{status: http.StatusNotFound, text: "problem.none"}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/m/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		if m, err := month.Parse(name, time.UTC); err == nil {
			p.back = "/m/" + m.String()
		}
	}
	return p
}

func notFound() error { return &problem{status: http.StatusNotFound, text: "problem.none"} }

// guarded asks who it is, and whether they may.
func (s *Server) guarded(x *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		began := s.opt.Now()
		defer func() {
			s.opt.Log.Debug("page", "route", x.pattern, "took", s.opt.Now().Sub(began).Round(time.Millisecond))
		}()
		hr.Body = http.MaxBytesReader(w, hr.Body, mostUpload)
		if x.open != nil {
			x.open(w, hr)
			return
		}
		who := s.sessions.of(hr)
		if who == nil {
			s.loggedOff(w, hr)
			return
		}
		set, err := s.setup()
		if err != nil {
			http.Error(w, "the config cannot be read any more: "+err.Error(), http.StatusInternalServerError)
			return
		}
		r := &request{hr, w, who, set, s.names[who.lang()]}
		switch {
		case !x.roles[who.role]:
			err = &problem{status: http.StatusForbidden, text: "problem.role"}
		default:
			err = x.handle(r)
		}
		if err != nil {
			s.failed(r, err)
		}
	})
}

// failed shows what went wrong.
func (s *Server) failed(r *request, err error) {
	var p *problem
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &p):
	case errors.Is(err, context.Canceled):
		return
	case errors.As(err, &big):
		p = &problem{status: http.StatusRequestEntityTooLarge, text: "problem.large"}
	default:
		p = &problem{status: http.StatusInternalServerError, text: "problem.failed", detail: err.Error()}
	}
	title, back := "problem.title", p.back
	if r.Method != http.MethodGet || strings.Contains(r.URL.Path, "/do/") {
		title = "problem.undone"
	}
	if base := r.PathValue("month"); back == "" && base != "" && r.PathValue("rev") != "" {
		back = "/m/" + base + "/" + r.PathValue("rev")
	}
	s.show(r, p.status, "problem", page{Title: title, Data: struct{ Title, Text, Detail, Back string }{title, p.text, p.detail, local(back)}})
}

// mostUpload is how large a request may be.
const mostUpload = 20 << 20

// opaque is a random id.
func opaque() string { return rand.Text() }
