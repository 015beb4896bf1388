// Package statement is the noun for a month's result: lines, what stands
// behind them, findings, coverage, and the versions of everything that made
// it. The rules make it; the reports are views of it and compute nothing.
package statement

import (
	"slices"
	"strconv"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// Status says whether everything that the month needs was read.
type Status string

// The two ends of a month's coverage.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete"
)

// Statement is the result of one month. Its JSON is a public interface: it
// may grow.
type Statement struct {
	Month    string   `json:"month"` // YYYY-MM
	Status   Status   `json:"status"`
	Revision int      `json:"revision"` // 0: the first; each amendment adds one
	State    State    `json:"state"`
	Test     bool     `json:"test,omitempty"`
	Reason   string   `json:"reason,omitempty"` // why the month was amended
	Lines    []Line   `json:"lines"`
	Tenants  []Tenant `json:"tenants"`

	Findings []Finding `json:"findings"`
	// Questions are what was met and nobody has placed, the dearest first.
	Questions []Question `json:"questions"`
	Coverage  Coverage   `json:"coverage"`
	Made      Made       `json:"made"`

	// Products describes the products of the month, in the order of the rules.
	Products []Product `json:"products"`

	// What follows stands behind the lines. It names persons and is in no
	// JSON of the statement: reports for the licensing manager, explain and
	// the evidence show it.
	Persons      Persons       `json:"-"`
	Machines     []Machine     `json:"-"`
	Applications []Application `json:"-"`
	// Moves are who and what is counted otherwise than in the month before.
	Moves []Move `json:"-"`
	// Advice and Mapping count nothing: they are for the provider's eyes.
	Advice  []Advice  `json:"-"`
	Mapping []Mapping `json:"-"`
	// Basis is the SHA-256 of the three, so that the statement pins them.
	Basis string `json:"basis"`
}

// Unread says of a line, the statement's or a tenant's, that what could have
// given it a quantity was not read all month: it is not zero, it is not known.
// Statements of earlier versions do not say so of a line; there it is one of
// which nothing at all was read.
func (s *Statement) Unread(l *Line) bool {
	if l.Unread {
		return true
	}
	if l.Quantity != 0 || l.Excluded != 0 {
		return false
	}
	for i := range s.Coverage.Sources {
		c := &s.Coverage.Sources[i]
		if (c.Kind == CoverageDirectory) == (l.Unit != UnitCore) && c.Kind != CoverageSessions && len(c.Days) > 0 {
			return false
		}
	}
	return true
}

// Answered says that somebody answered for every gap of the month: what it
// counts then holds, its zeros too.
func (s *Statement) Answered() bool {
	return !slices.ContainsFunc(s.Coverage.Gaps, func(g Gap) bool { return g.Accepted == "" })
}

// Unit is what a product is counted by.
type Unit string

// The units.
const (
	UnitUser   Unit = "user"
	UnitDevice Unit = "device"
	UnitCore   Unit = "core"
)

// Count is which of the entitled persons a product counts.
type Count string

// Which of them.
const (
	CountAuthorized Count = "authorized" // all; also where nothing is said
	CountActive     Count = "active"     // those with a session in the month
)

// Product is what a line counts.
type Product struct {
	ID         string            `json:"id"`
	Name       map[string]string `json:"name"` // by language
	PartNumber string            `json:"part_number"`
	Alias      string            `json:"alias,omitempty"` // the reseller's own article
	Unit       Unit              `json:"unit"`
	Family     string            `json:"family,omitempty"`
	Rank       int               `json:"rank,omitempty"`
	Count      Count             `json:"count,omitempty"`
	Ground     string            `json:"ground,omitempty"`
	Document   string            `json:"document,omitempty"`
}

// Label is the product's name in a language, else in English, else its id.
func (p *Product) Label(language string) string {
	for _, l := range []string{language, "en"} {
		if n := p.Name[l]; n != "" {
			return n
		}
	}
	return p.ID
}

// Line is one product's quantity.
type Line struct {
	Product    string `json:"product"`
	PartNumber string `json:"part_number"`
	Unit       Unit   `json:"unit"`
	Quantity   int    `json:"quantity"`             // what is reported: persons, or packs
	Active     int    `json:"active"`               // the persons among them with a session in the month
	Excluded   int    `json:"excluded"`             // persons, or packs, that an exclusion kept out
	Between    int    `json:"between,omitempty"`    // the persons among them by access between two readings alone
	Authorized int    `json:"authorized,omitempty"` // where the rule counts active: the persons authorized
	UnitPrice  string `json:"unit_price,omitempty"` // decimal; empty: not known
	Currency   string `json:"currency,omitempty"`
	Amount     string `json:"amount,omitempty"`     // decimal, two places; empty: not known
	Unread     bool   `json:"unread,omitempty"`     // no zero: what could have given a quantity was not read
	Manual     string `json:"manual,omitempty"`     // the reason codes of corrections made by hand
	Correction int    `json:"correction,omitempty"` // what they changed the quantity by

	// Against the month before. Compared is false where there is none: then
	// the three say nothing.
	Compared bool `json:"compared"`
	Previous int  `json:"previous,omitempty"`
	Added    int  `json:"added,omitempty"`   // persons or packs that were not counted then
	Removed  int  `json:"removed,omitempty"` // that were counted then and are not now
	// Changes tell by cause what was added and removed.
	Changes []Change `json:"changes,omitempty"`
}

// Tenant is one tenant's part of the month.
type Tenant struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Partner  string `json:"partner,omitempty"`
	Internal bool   `json:"internal"`
	Lines    []Line `json:"lines"` // every product with a quantity, an exclusion or a change
	// Exclusions are the tenant's register entries in force in the month.
	Exclusions []ExclusionUse `json:"exclusions,omitempty"`
	// History are the tenant's quantities of earlier months, oldest first,
	// at most twelve, this month not included.
	History []History `json:"history,omitempty"`
}

// History is one earlier month's quantities by product.
type History struct {
	Month      string         `json:"month"`
	Quantities map[string]int `json:"quantities"`
	Computed   bool           `json:"computed"` // false: imported from before splameter
	// Unread are the products that the month counted none of because nothing
	// was read: their quantities are not known.
	Unread []string `json:"unread,omitempty"`
}

// ExclusionUse is how much of an exclusion a tenant used in the month.
type ExclusionUse struct {
	ID       string          `json:"id"`
	Product  string          `json:"product"` // product id
	Ground   register.Ground `json:"ground"`
	Document string          `json:"document"`
	Until    string          `json:"until,omitempty"`
	Allowed  int             `json:"allowed"` // -1: no limit
	Used     int             `json:"used"`    // persons, or cores
}

// Severity is how much a finding matters.
type Severity string

// The severities, worst first.
const (
	Error  Severity = "error"  // the report must not go out like this
	High   Severity = "high"   // money or compliance is at stake
	Medium Severity = "medium" // look at it this month
	Low    Severity = "low"    // clean up
	Info   Severity = "info"   // good to know
)

// ThisMonth says whether it is to be looked at before the month goes out: what
// is graver than a clean-up.
func (s Severity) ThisMonth() bool { return s == Error || s == High || s == Medium }

// Finding is something that a person must look at.
type Finding struct {
	Code     string             `json:"code"`
	Severity Severity           `json:"severity"`
	Tenant   string             `json:"tenant"` // id; empty: of no tenant
	Subject  string             `json:"subject"`
	Message  string             `json:"message"` // what is the case
	Action   string             `json:"action"`  // what to do about it
	Product  string             `json:"product,omitempty"`
	Count    int                `json:"count,omitempty"` // licences or things concerned
	At       *snapshot.Evidence `json:"at,omitempty"`
	Accepted string             `json:"accepted,omitempty"` // the decision that accepts it
	New      bool               `json:"new,omitempty"`      // not among last month's
}

// Key is stable over months: the same thing about the same subject.
func (f *Finding) Key() string { return f.Code + "|" + f.Tenant + "|" + f.Product + "|" + f.Subject }

// DecisionKey is the key by which a decision accepts the finding as it is: it
// changes with the finding's number.
func (f *Finding) DecisionKey() string {
	if f.Count == 0 {
		return f.Key()
	}
	return f.Key() + "|" + strconv.Itoa(f.Count)
}

// Coverage says what was read on which days.
type Coverage struct {
	Sources []SourceCoverage `json:"sources"`
	Gaps    []Gap            `json:"gaps"`
}

// SourceCoverage is one source's, or one host's, days.
type SourceCoverage struct {
	Source string       `json:"source"`
	Kind   CoverageKind `json:"kind"`
	Site   string       `json:"site,omitempty"`
	Host   string       `json:"host,omitempty"`
	Days   []month.Day  `json:"days,omitempty"` // read on
	From   string       `json:"from,omitempty"` // logs: covered from, RFC 3339
	Until  string       `json:"until,omitempty"`
	Note   string       `json:"note,omitempty"`
}

// CoverageKind is what was read, or is missing: a kind of source, or what one of
// them should have shown.
type CoverageKind string

// The kinds of coverage.
const (
	CoverageDirectory              = CoverageKind(snapshot.KindDirectory)
	CoverageSessions               = CoverageKind(snapshot.KindSessions)
	CoverageInventory              = CoverageKind(snapshot.KindInventory)
	CoverageMachines  CoverageKind = "machines"  // facts of machines
	CoverageSite      CoverageKind = "site"      // a site that handed nothing over
	CoverageUnit      CoverageKind = "unit"      // an organizational unit of a tenant
	CoverageGroup     CoverageKind = "group"     // a group that gives licences
	CoverageAttribute CoverageKind = "attribute" // an attribute that rules or tenants are known by
	CoveragePersons   CoverageKind = "persons"   // persons of a tenant who were there before
)

// CoverageKinds are all kinds, in the order in which help shows them.
func CoverageKinds() []CoverageKind {
	return []CoverageKind{CoverageDirectory, CoverageSessions, CoverageInventory, CoverageMachines, CoverageSite, CoverageUnit, CoverageGroup, CoverageAttribute, CoveragePersons}
}

// Gap is something that the month needs and that was not read. It leaves the
// month incomplete, by name.
type Gap struct {
	Source   string       `json:"source"`
	Kind     CoverageKind `json:"kind"`
	Site     string       `json:"site,omitempty"`
	Host     string       `json:"host,omitempty"`
	Tenant   string       `json:"tenant,omitempty"`
	File     string       `json:"file,omitempty"` // where it is one file that was not read whole
	From     string       `json:"from,omitempty"` // days, or instants for logs
	Until    string       `json:"until,omitempty"`
	Message  string       `json:"message"`
	Action   string       `json:"action"`
	Open     string       `json:"open,omitempty"`     // of a log that was not reached: the last day on which it is still awaited
	Accepted string       `json:"accepted,omitempty"` // who accepted it and why
}

// Key names the gap in acceptances.
func (g *Gap) Key() string {
	k := string(g.Kind) + ":" + g.Source
	if g.Host != "" {
		k += "/" + g.Host
	}
	if g.Tenant != "" {
		k += "/" + g.Tenant
	}
	if g.File != "" {
		k += "#" + g.File
	}
	if g.From != "" {
		k += "@" + g.From
	}
	return k
}

// Made says what made the statement.
type Made struct {
	Version    string `json:"version"` // of the program
	Rules      string `json:"rules"`   // version of the rule file
	RulesHash  string `json:"rules_sha256"`
	ConfigHash string `json:"config_sha256"`
	PriceHash  string `json:"prices_sha256"`
	TimeZone   string `json:"time_zone"`
	Previous   string `json:"previous,omitempty"` // the month that the changes are against
}
