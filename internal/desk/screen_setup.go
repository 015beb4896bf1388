package desk

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"splameter/collector"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/setup"
	"splameter/internal/snapshot"
)

// seenSources is what was last tried and seen of the sources, for the set-up screen.
type seenSources struct {
	mu        sync.Mutex
	tried     time.Time
	probed    []collector.Probed
	looked    time.Time
	seen      *setup.Seen
	customers []setup.Customer
	notes     []string

	of        *monthend.Setup // what the proposals were made for
	proposals []setup.Proposal
}

// setupSource is one source as the config has it, without its secrets.
type setupSource struct {
	Name, Where, User string
	Kind              snapshot.Kind
	Probed            *probedSource
}

type probedSource struct {
	Lines  []string
	Failed []string
}

type setupData struct {
	File, Store string
	Provider    []field
	Sources     []setupSource
	Tried       time.Time
	Pools       []config.Pool
	Person      []string
	Tables      []registerRow
	Looked      time.Time
	Notes       []string
	Kinds       []setupKind
	Left        int
	Prices      bool // there are purchase prices; and sales prices
	Sales       bool
}

// setupKind is all that is proposed of one kind.
type setupKind struct {
	Kind     setup.Kind
	Rows     []setup.Proposal
	All      int
	Asks     map[string]bool
	Alone    bool
	Controls []string
	Products []setup.CatalogProduct
	Pools    []string
	Hints    []string
}

// setUp is the screen on which a provider is set up: what is configured, what
// trying the sources says, and what they show that nothing names yet.
func (s *Server) setUp(r *request) error {
	c := r.set.Config
	d := setupData{File: filepath.Base(c.Path), Pools: c.Pools, Person: c.Person, Provider: providerFields(c), Prices: len(r.set.Prices) > 0, Sales: len(r.set.Sales) > 0}
	d.Store, _, _ = strings.Cut(c.Store, ":")
	rows, err := s.registerRows(r)
	if err != nil {
		return err
	}
	d.Tables = rows
	d.Sources = configured(c)
	x := &s.atSetup
	x.mu.Lock()
	d.Tried, d.Looked, d.Notes = x.tried, x.looked, x.notes
	for i := range d.Sources {
		for j := range x.probed {
			if p := &x.probed[j]; p.Source == d.Sources[i].Name && p.Kind == d.Sources[i].Kind {
				d.Sources[i].Probed = &probedSource{Lines: p.Lines, Failed: failures(p.Err)}
			}
		}
	}
	x.mu.Unlock()
	all, err := s.proposals(r)
	if err != nil {
		return err
	}
	d.Left = len(all)
	for _, k := range setup.Kinds() {
		g := setupKind{Kind: k, Alone: k.Alone(), Asks: map[string]bool{}}
		for i := range all {
			if all[i].Kind != k {
				continue
			}
			if g.All++; len(g.Rows) < pageSize {
				g.Rows = append(g.Rows, all[i])
			}
			for _, h := range all[i].Hints {
				if !slices.Contains(g.Hints, h) {
					g.Hints = append(g.Hints, h)
				}
			}
		}
		if g.All == 0 {
			continue
		}
		for _, a := range k.Asks() {
			g.Asks[a] = true
		}
		switch k {
		case setup.Restriction:
			g.Controls = setup.Controls()
		case setup.GroupGives:
			g.Products = setup.Catalog()
			for i := range c.Pools {
				g.Pools = append(g.Pools, c.Pools[i].Name)
			}
		}
		d.Kinds = append(d.Kinds, g)
	}
	s.show(r, http.StatusOK, "setup", page{Title: "setup.title", Screen: "setup", Data: &d})
	return nil
}

// configured are the sources of a config.
func configured(c *config.Config) (out []setupSource) {
	for _, src := range collector.Sources(c) {
		at, account := src.Place(c.Dir)
		out = append(out, setupSource{Name: src.Name(), Kind: src.Kind(), Where: at, User: account})
	}
	return out
}

func failures(err error) (out []string) {
	if err == nil {
		return nil
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			out = append(out, e.Error())
		}
		return out
	}
	return []string{err.Error()}
}

// proposals are what the sources showed when they were last looked at and what
// nothing names now.
func (s *Server) proposals(r *request) ([]setup.Proposal, error) {
	x := &s.atSetup
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seen == nil {
		return nil, nil
	}
	if x.of != r.set {
		list, err := setup.Propose(x.seen, haveOf(r.set), x.customers)
		if err != nil {
			return nil, err
		}
		x.of, x.proposals = r.set, list
	}
	return x.proposals, nil
}

func haveOf(set *monthend.Setup) setup.Have {
	return setup.Have{Config: set.Config, Rules: set.Rules, Register: set.Register, Prices: set.Prices}
}

// setUpTry tries every source, as check does.
func (s *Server) setUpTry(r *request) error {
	set, x := r.set, &s.atSetup
	j := s.start(r, opaque(), "setup.try", "", "/setup#sources", func(ctx context.Context, j *job) (string, error) {
		var list []collector.Probed
		env := &collector.Env{Config: set.Config, Keep: set.Keep(), Now: s.opt.Now, Workers: max(s.opt.Workers, 1), Log: s.opt.Log}
		err := collector.Probe(ctx, env, func(p collector.Probed) {
			list = append(list, p)
			j.at(p.Source)
		})
		if err != nil {
			return "", err
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		x.probed, x.tried = list, s.opt.Now()
		return "", nil
	})
	return s.going(r, j, "/setup#sources")
}

// setUpLook reads every source once, as init does.
func (s *Server) setUpLook(r *request) error {
	if err := r.ParseMultipartForm(mostUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	name, data, err := uploaded(r, "customers")
	if err != nil {
		return err
	}
	set, x := r.set, &s.atSetup
	var customers []setup.Customer
	if name != "" {
		if customers, err = setup.ParseCustomers(name, data); err != nil {
			return &problem{status: http.StatusUnprocessableEntity, text: "setup.crm.bad", detail: err.Error(), back: "/setup#proposals"}
		}
	}
	j := s.start(r, opaque(), "setup.look", "", "/setup#proposals", func(ctx context.Context, _ *job) (string, error) {
		seen, err := setup.ReadConfigured(ctx, set.Config, setup.Env{Now: s.opt.Now, Workers: max(s.opt.Workers, 1), Log: s.opt.Log})
		if err != nil {
			return "", err
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if customers != nil || x.customers == nil {
			x.customers = customers
		}
		x.seen, x.looked, x.notes, x.of = seen, s.opt.Now(), seen.Notes, nil
		return "", nil
	})
	return s.going(r, j, "/setup#proposals")
}

// going leads to where a job's result stands, or to the job while it runs.
func (s *Server) going(r *request, j *job, to string) error {
	if s.soon(r, j) == nil {
		select {
		case <-j.done:
			return r.to(to)
		default:
		}
	}
	return r.to("/job/" + j.ID)
}
