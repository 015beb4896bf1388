// Package api is the interface by which other programs read what the store and
// the sealed months hold: months, lines, customers' lines, gaps, coverage, and
// figures by day. It only reads, counts nothing, and names no person. Who asks
// is known by a token, of which the config has the digest alone.
package api

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/store"
)

// Prefix is where the interface stands.
const Prefix = "/api/v1/"

// Options are what the interface needs.
type Options struct {
	Store store.Store
	// Setup is the config with its tables, as they are now.
	Setup   func() (*monthend.Setup, error)
	Now     func() time.Time
	Log     *slog.Logger
	Version string
}

// Server is the interface.
type Server struct {
	opt    Options
	routes []route
	spec   []byte
	days   dayCache
}

// New makes the interface.
func New(opt Options) *Server {
	s := &Server{opt: opt}
	s.routes = s.table()
	s.spec = s.describe()
	return s
}

// The roles. A viewer sees every customer's quantities and no money, an account
// manager those of their own customers and no money, a reviewer what is paid as
// well.
const (
	viewer         = "viewer"
	accountManager = "account-manager"
	reviewer       = "reviewer"
)

// route is one address. whole says that it shows all customers together, which
// an account manager may not see.
type route struct {
	path, id, summary string
	whole             bool
	params            []param
	answer            any // of what type it is
	handle            func(*call) (any, error)
}

// param is one parameter of an address.
type param struct {
	name, in, about, pattern string
	required                 bool
}

var (
	inMonth   = param{"month", "path", "The usage month, as YYYY-MM.", `^\d{4}-\d{2}$`, true}
	inRev     = param{"revision", "query", "A revision of the month; the latest where it is left out.", `^\d{1,4}$`, false}
	inFrom    = param{"from", "query", "The first month, as YYYY-MM.", `^\d{4}-\d{2}$`, true}
	inUntil   = param{"until", "query", "The last month, as YYYY-MM.", `^\d{4}-\d{2}$`, true}
	ofTenants = param{"customer", "query", "The id of one customer; all that the token may see where it is left out.", "", false}
)

// table is every address.
func (s *Server) table() []route {
	const m = Prefix + "months/{month}"
	return []route{
		{Prefix + "months", "months", "Every month that is known, oldest first", false, nil, Months{}, s.months},
		{m, "month", "One month with its lines", true, []param{inMonth, inRev}, MonthLines{}, s.month},
		{m + "/customers", "customers", "Each customer's lines in one month", false, []param{inMonth, inRev, ofTenants}, MonthCustomers{}, s.customers},
		{m + "/gaps", "gaps", "What of one month was not read", true, []param{inMonth, inRev}, MonthGaps{}, s.gaps},
		{m + "/coverage", "coverage", "What of one month was read, and on which days", true, []param{inMonth, inRev}, MonthCoverage{}, s.coverage},
		{m + "/tie-out", "tieOut", "What of one month was reported, invoiced and billed", true, []param{inMonth, inRev}, MonthTieOut{}, s.tieOut},
		{m + "/days", "days", "The quantities of one sealed month by day", false, []param{inMonth, ofTenants}, MonthDays{}, s.byDay},
		{Prefix + "lines", "lines", "The lines of several months, for charts", true, []param{inFrom, inUntil}, Lines{}, s.lines},
	}
}

// call is one request by a token that is known.
type call struct {
	*http.Request
	token *config.Token
	desk  *closing.Desk
	loc   *time.Location
}

// money says whether what the provider pays is shown.
func (c *call) money() bool { return c.token.Role == reviewer }

// sees says whether a customer's figures are shown.
func (c *call) sees(tenant string) bool {
	return c.token.Role != accountManager || slices.Contains(c.token.Customers, tenant)
}

// refusal is an answer that is none.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, text string) error { return &refusal{status, text} }

// Problem is what is answered in place of what was asked for.
type Problem struct {
	Error string `json:"error" about:"What is wrong, and what to do."`
}

// Handler is the interface as an http.Handler, for everything beneath Prefix.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.spec)
	})
	for i := range s.routes {
		mux.Handle("GET "+s.routes[i].path, s.guarded(&s.routes[i]))
	}
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			s.answer(w, http.StatusMethodNotAllowed, Problem{"this interface only reads: ask with GET"})
			return
		}
		s.answer(w, http.StatusNotFound, Problem{"there is nothing here; " + Prefix + "openapi.json says what there is"})
	})
	return mux
}

// guarded asks for the token, and whether it may.
func (s *Server) guarded(x *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set, err := s.opt.Setup()
		if err != nil {
			s.opt.Log.Error("the interface cannot read the config", "error", err)
			s.answer(w, http.StatusInternalServerError, Problem{"the config cannot be read any more; the log says why"})
			return
		}
		token := s.known(set.Config, r)
		if token == nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="splameter"`)
			s.answer(w, http.StatusUnauthorized, Problem{"no token that is known came along: send Authorization: Bearer and a token whose digest stands in the config"})
			return
		}
		c := &call{r, token, &closing.Desk{Store: s.opt.Store, Setup: set, Now: s.opt.Now, Version: s.opt.Version}, set.Config.Provider.Location}
		var out any
		if x.whole && token.Role == accountManager {
			err = refuse(http.StatusForbidden, "this token sees its own customers alone: ask for customers or days")
		} else {
			out, err = x.handle(c)
		}
		s.opt.Log.Debug("interface", "route", x.path, "token", token.Name)
		var no *refusal
		switch {
		case err == nil:
			s.answer(w, http.StatusOK, out)
		case errors.As(err, &no):
			s.answer(w, no.status, Problem{no.text})
		case errors.Is(err, context.Canceled):
		default:
			s.opt.Log.Error("the interface could not answer", "route", x.path, "error", err)
			s.answer(w, http.StatusInternalServerError, Problem{"the answer could not be made; the log says why"})
		}
	})
}

// known is the token of a request; nil where there is none that is taken today.
// Every digest is compared, and none faster than another.
func (s *Server) known(cfg *config.Config, r *http.Request) *config.Token {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || len(text) < 16 || len(text) > 512 {
		return nil
	}
	mine := []byte(digest.Of(text))
	var found *config.Token
	for i := range cfg.API.Tokens {
		t := &cfg.API.Tokens[i]
		if subtle.ConstantTimeCompare(mine, []byte(t.SHA256)) == 1 {
			found = t
		}
	}
	if found != nil && found.Until.Set && found.Until.Day < month.DayOf(s.opt.Now(), cfg.Provider.Location) {
		return nil
	}
	return found
}

func (s *Server) answer(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // of our own types
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
