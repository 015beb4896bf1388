// Package monthend is the pipeline from the store to a month's files: facts,
// rules, statement, workbooks. Commands and the agent both go this way, so
// that a month comes out the same whoever asks for it.
package monthend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/register/tables"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
	"splameter/rules"
)

// Setup is everything that a provider configured, read and checked.
type Setup struct {
	Config    *config.Config
	Rules     *rules.Set
	Titles    *product.Catalog // what installed programs are recognized by; nil: what the program knows
	Register  *register.Register
	Prices    prices.List
	Sales     prices.Sales
	Decisions []register.Decision
	Templates map[string][]byte // the resellers' own forms, by agreement
	// Sealed are the names of the files that LoadSealed read.
	Sealed []string
	// ownTitles are this version's, where LoadSealed read another version's.
	ownTitles *product.Catalog

	// priceHash is the digest of the price file where the setup was not read
	// from the files that the config names.
	priceHash string
}

// Load reads config, rules and tables, and reports all faults of all of them
// at once. The setup holds what could be read.
func Load(path string) (*Setup, diag.Faults) {
	s := &Setup{}
	cfg, faults := config.Load(path)
	s.Config = cfg
	if len(faults) > 0 && cfg.Rules == "" && cfg.Provider.Name == "" { // nothing of it could be read
		return s, faults
	}
	set, more := LoadRules(cfg.Rules)
	s.Rules = set
	faults = append(faults, more...)
	faults = append(faults, s.loadTitles(nil)...)
	var tf diag.Faults
	s.Register, s.Prices, s.Sales, s.Decisions, tf = tables.LoadAll(cfg)
	faults = append(faults, tf...)
	faults = append(faults, s.loadTemplates()...)
	return s, faults.Sorted()
}

// loadTitles makes ready what programs are recognized by: what the program
// knows (nil), or knew when a month was sealed, and the provider's own. Where it is no
// more than what the program knows, it is made ready by who looks at programs
// first: that takes a sixth of a collect of session logs, which never does.
func (s *Setup) loadTitles(known []byte) diag.Faults {
	var own []product.Source
	s.Titles = nil
	if path := s.Config.Products; path != "" {
		data, err := readFile(path)
		if err != nil {
			what, instead := unreadable("the titles of your own", path, err)
			return diag.Faults{s.Config.Fault(what, instead, "products")}
		}
		own = []product.Source{{Name: path, Data: data}}
	}
	if known == nil {
		if own == nil && len(s.Config.Watch) == 0 {
			return nil
		}
		known = product.Files()
	}
	titles, faults := product.From(known, own)
	if len(faults) == 0 {
		s.Titles = titles.Watch(s.Config.Watch)
	}
	return faults
}

// loadTemplates reads the resellers' own forms.
func (s *Setup) loadTemplates() (faults diag.Faults) {
	for i, a := range s.Config.AllAgreements() {
		place := []any{"report", "columns"}
		if i > 0 {
			place = []any{"agreements", i - 1, "columns"}
		}
		path := a.Columns.Template
		if path == "" {
			continue
		}
		data, err := readFile(path)
		if err != nil {
			what, instead := unreadable("the reseller's form", path, err)
			faults = append(faults, s.Config.Fault(what, instead, append(place, "template")...))
			continue
		}
		if s.Templates == nil {
			s.Templates = map[string][]byte{}
		}
		s.Templates[a.ID] = data
		if err := report.CheckForm(a.Columns.Sheet, data); err != nil {
			what, instead := diag.Split(err.Error())
			faults = append(faults, s.Config.Fault(what, instead, place...))
		}
	}
	return faults
}

// LoadRules reads a rule file, and tells too what in it would change nothing.
func LoadRules(path string) (*rules.Set, diag.Faults) {
	set, data, faults := readRules(path)
	if len(faults) == 0 {
		faults = set.Meaning(data)
	}
	return set, faults
}

func readRules(path string) (*rules.Set, []byte, diag.Faults) {
	if path == "" {
		return nil, nil, diag.Faults{{File: "config.yaml", What: "no rule file is named", Instead: "write rules: and the file's path"}}
	}
	data, err := readFile(path)
	if err != nil {
		what, instead := unreadable("the rule file", path, err)
		return nil, nil, diag.Faults{{File: path, What: what, Instead: instead}}
	}
	set, faults := rules.Parse(path, data)
	return set, data, faults
}

// unreadable says why a file that the config names could not be read, without
// the words by which the system calls the act.
func unreadable(what, path string, err error) (string, string) {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("there is no file %s, which the config names for %s", filepath.Base(path), what), "correct the name in the config, or put the file there"
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return what + " cannot be read: " + err.Error(), "make it readable for the user that splameter runs as, or correct the name in the config"
}

// readFile reads a file that a person wrote, up to a bound.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 16 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("it is larger than 16 MiB")
	}
	return b, err
}

// Keep are the directory attributes that snapshots must hold: those that make
// persons, those that rules and tenants name, the full names of computers, and the
// last logon where it is asked for.
func (s *Setup) Keep() []string {
	keep := append(append([]string{}, s.Config.Person...), s.Rules.Attributes()...)
	keep = append(keep, s.Register.Attributes()...)
	keep = append(keep, snapshot.HostName)
	if s.Config.Agent.Preclose.LastLogon {
		keep = append(keep, "lastlogontimestamp")
	}
	return keep
}

// Options say how a month is to be made.
type Options struct {
	Version string // of the program
	Workers int
	Test    bool
	State   statement.State // of the month; empty: open

	Revision    int
	Reason      string // of the revision
	Corrections []statement.Correction
	// Accepted says which gaps, by their key, were accepted, by whom and why.
	Accepted map[string]string
	// Findings says the same of findings, by the key of their decision.
	Findings map[string]string
	Release  bool // the facts are let go of while they are counted: rules.Input
}

// Compute turns a month of the store into its statement and what it was
// compared with.
func Compute(ctx context.Context, st store.Store, s *Setup, m month.Month, opt Options) (*statement.Statement, []statement.Earlier, error) {
	facts, err := st.Facts(ctx, m)
	if err != nil {
		return nil, nil, fmt.Errorf("read the facts of %s from the store: %w", m, err)
	}
	earlier, err := st.Earlier(ctx, m, 12)
	if err != nil {
		return nil, nil, fmt.Errorf("read the months before %s from the store: %w", m, err)
	}
	in, err := s.input(facts, earlier, opt)
	if err != nil {
		return nil, nil, err
	}
	in.Release = true // nobody else has these facts
	result, err := s.evaluate(ctx, in)
	return result, earlier, err
}

// input is what the rules count from.
func (s *Setup) input(facts *snapshot.Facts, earlier []statement.Earlier, opt Options) (rules.Input, error) {
	priceHash, err := s.priceHash, error(nil)
	if priceHash == "" {
		priceHash, err = fileDigest(s.Config.Prices)
	}
	// Findings name the table as sealed files are named, wherever it stands:
	// the same month gives the same bytes in any folder.
	cfg := *s.Config
	cfg.Exclusions, cfg.SharedAccounts = sealedTable("exclusions"), sealedTable("shared_accounts")
	return rules.Input{
		Facts: facts, Set: s.Rules, Titles: s.Titles, Config: &cfg, Register: s.Register, Prices: s.Prices, Earlier: earlier,
		Decisions: s.Decisions, Corrections: opt.Corrections, Accepted: opt.Accepted, AcceptedFindings: opt.Findings,
		State: opt.State, Revision: opt.Revision, Reason: opt.Reason, Test: opt.Test, Release: opt.Release,
		Made: statement.Made{Version: opt.Version, Rules: s.Rules.Version, RulesHash: s.Rules.Digest,
			ConfigHash: s.Config.Digest, PriceHash: priceHash, TimeZone: s.Config.Provider.TimeZone},
	}, err
}

// Evaluate applies the rules to a month's facts.
func (s *Setup) Evaluate(ctx context.Context, facts *snapshot.Facts, earlier []statement.Earlier, opt Options) (*statement.Statement, error) {
	in, err := s.input(facts, earlier, opt)
	if err != nil {
		return nil, err
	}
	return s.evaluate(ctx, in)
}

func (s *Setup) evaluate(ctx context.Context, in rules.Input) (*statement.Statement, error) {
	result, err := rules.Evaluate(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", in.Facts.Month, err)
	}
	return result, nil
}

func fileDigest(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the price file: %w", err)
	}
	defer f.Close()
	sum, err := digest.Reader(f)
	if err != nil {
		return "", fmt.Errorf("read the price file: %w", err)
	}
	return sum, nil
}

// Dir is where a month's files go.
func (s *Setup) Dir(m month.Month, test bool) string {
	if test {
		return filepath.Join(s.Config.Output, "test", m.String())
	}
	return filepath.Join(s.Config.Output, m.String())
}

// Report computes a month, keeps the result and writes its files.
func Report(ctx context.Context, st store.Store, s *Setup, m month.Month, opt Options) (*statement.Statement, report.Written, error) {
	result, earlier, err := Compute(ctx, st, s, m, opt)
	if err != nil {
		return nil, report.Written{}, err
	}
	written, err := report.Write(ctx, s.Dir(m, opt.Test), report.Input{Statement: result, Config: s.Config, Register: s.Register,
		Sales: s.Sales, Earlier: earlier, Templates: s.Templates, Month: m, Workers: opt.Workers})
	if err != nil {
		return result, written, fmt.Errorf("write the files of %s: %w", m, err)
	}
	if err := st.PutResult(ctx, result); err != nil {
		return result, written, fmt.Errorf("keep the result of %s: %w", m, err)
	}
	return result, written, nil
}

// Explain computes a month and picks out one of its numbers.
func Explain(ctx context.Context, st store.Store, s *Setup, m month.Month, tenant, product, person string, opt Options) (*rules.Explanation, error) {
	facts, err := st.Facts(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("read the facts of %s from the store: %w", m, err)
	}
	earlier, err := st.Earlier(ctx, m, 12)
	if err != nil {
		return nil, fmt.Errorf("read the months before %s from the store: %w", m, err)
	}
	in, err := s.input(facts, earlier, opt)
	if err != nil {
		return nil, err
	}
	return rules.Explain(ctx, in, tenant, product, person)
}
