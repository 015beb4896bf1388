// Package register is the noun for what the provider keeps by hand: tenants,
// partners, exclusions, shared accounts, decisions. It reads no files (package
// tables does) and counts nothing (package rules does).
package register

import (
	"splameter/internal/month"
)

// The ids under which what belongs to no tenant is shown. No tenant may have
// them: a tenant's id begins with a letter or a digit.
const (
	Unassigned = "-unassigned" // persons without a tenant
	Shared     = "-shared"     // machines without one
)

// Tenant is one end customer, or the provider itself.
type Tenant struct {
	ID        string
	Name      string
	OUs       []OU   // organizational units that are the tenant's
	Signs     []Sign // by what else its accounts are known
	Partner   string // id of the partner it belongs to (column reseller); empty: the provider's own customer
	Number    string // customer number
	Street    string
	Postal    string
	City      string
	Country   string
	Contact   string
	Email     string
	Ref       string // the customer's own reference
	Language  string // of its annex: nl or en
	Internal  bool
	Segment   string // such as academic, for part numbers of its own
	Agreement string // id of the agreement that it is reported under; empty: the provider's own
	// TermsSigned is when the customer signed the end-user terms that SPLA asks
	// for, and TermsDocument where that can be seen.
	TermsSigned   month.OptionalDay
	TermsDocument string
	Named         bool // whether its annex lists the users
	// Suspended says between which days the customer is suspended.
	SuspendedFrom, SuspendedUntil month.OptionalDay
	Line                          int
}

// OU is one organizational unit of a tenant, dated.
type OU struct {
	DN          string
	From, Until month.OptionalDay
	Line        int
}

// Sign is what a tenant's accounts are known by where that is no unit, dated.
type Sign struct {
	Kind        SignKind
	Name        string // the attribute's
	Value       string // the group, the attribute's value, or the UPN's suffix
	From, Until month.OptionalDay
	Line        int
}

// SignKind is what sort of sign it is; as its column in the tenants table.
type SignKind string

// The kinds of signs.
const (
	SignGroup     SignKind = "group"
	SignAttribute SignKind = "attribute"
	SignSuffix    SignKind = "upn_suffix"
)

// String is the sign in a word, for messages.
func (s *Sign) String() string {
	if s.Kind == SignAttribute {
		return s.Name + "=" + s.Value
	}
	return string(s.Kind) + " " + s.Value
}

// Attributes are the attributes that tenants are known by.
func (r *Register) Attributes() []string {
	var out []string
	for i := range r.Tenants {
		for _, s := range r.Tenants[i].Signs {
			if s.Kind == SignAttribute {
				out = append(out, s.Name)
			}
		}
	}
	return out
}

// Partner is a customer of the provider that resells to organizations.
type Partner struct {
	ID, Name, Street, Postal, City, Country, Contact, Email, Language string
	AnnexTo                                                           AnnexTo // whom its organizations' annexes are for
	SuspendedFrom, SuspendedUntil                                     month.OptionalDay
	Line                                                              int
}

// AnnexTo is whom the annexes of a partner's organizations are for. A table that does not
// say means both: each organization's own workbook, and one of all for the
// partner.
type AnnexTo string

// Whom they may be for.
const (
	AnnexToPartner  AnnexTo = "partner"
	AnnexToCustomer AnnexTo = "customer"
	AnnexToBoth     AnnexTo = "both"
)

// Ground is why something is not reported.
type Ground string

// The grounds that an exclusion may state.
const (
	Admin           Ground = "admin"
	Service         Ground = "service-account"
	Demo            Ground = "demo"
	Evaluation      Ground = "evaluation"
	CustomerOwned   Ground = "customer-owned"
	FlexibleVirtual Ground = "flexible-virtualization"
	LicenseMobility Ground = "license-mobility"
	PassiveNode     Ground = "passive-node"
	Recovery        Ground = "disaster-recovery"
	ProviderTest    Ground = "provider-test"
)

// Grounds are all grounds, in the order in which help shows them.
func Grounds() []Ground {
	return []Ground{Admin, Service, Demo, Evaluation, CustomerOwned, FlexibleVirtual, LicenseMobility, PassiveNode, Recovery, ProviderTest}
}

// TakesPersons says that the ground is about persons, or about what a customer
// owns of either kind.
func (g Ground) TakesPersons() bool { return g != PassiveNode && g != Recovery }

// TakesMachines says that the ground is about machines, or about what a
// customer owns of either kind. An administrator's entry takes no machine away.
func (g Ground) TakesMachines() bool {
	switch g {
	case Admin, Service, Demo:
		return false
	}
	return true
}

// Exclusion is one entry of the register of what is not reported.
type Exclusion struct {
	ID       string
	Tenant   string // id, or * for all
	Product  string // glob over product ids
	Ground   Ground
	Match    Match
	Quantity int  // distinct persons, or cores for hosts
	Limited  bool // whether Quantity limits
	// CountedAs is the product that whom the entry takes out is counted for
	// instead, such as a SAL for SA; empty: none.
	CountedAs   string
	Site        string // the data centre that administrators belong to; empty: the one there is
	Document    string
	From, Until month.OptionalDay
	Line        int
}

// Match is whom or what an exclusion is for.
type Match struct {
	Kind    MatchKind
	Pattern string // glob for user and host, a group's name for group
}

// MatchKind is how an exclusion matches.
type MatchKind string

// The kinds of a match.
const (
	MatchAll   MatchKind = "*"
	MatchUser  MatchKind = "user"
	MatchGroup MatchKind = "group"
	MatchHost  MatchKind = "host"
)

func (m Match) String() string {
	if m.Kind == MatchAll {
		return "*"
	}
	return string(m.Kind) + ":" + m.Pattern
}

// Covers says whether the entry is in force on a day.
func (e *Exclusion) Covers(d month.Day) bool { return month.Within(d, e.From, e.Until) }

// SharedAccount is an account that several persons use: it counts as the
// persons behind it.
type SharedAccount struct {
	Tenant      string   // id, or * for any
	Account     string   // sAMAccountName
	Persons     int      // how many persons use it
	IDs         []string // their values of the person attribute, where known: they merge with their own accounts
	Document    string
	From, Until month.OptionalDay
	Line        int
}

// PartnerPrefix stands before a partner's id where customers are listed.
const PartnerPrefix = "partner:"

// Register is all tables together.
type Register struct {
	Tenants    []Tenant // in file order
	Partners   []Partner
	Exclusions []Exclusion // in file order, which is the order in which they apply
	Shared     []SharedAccount
}

// Tenant returns the tenant with that id, or nil.
func (r *Register) Tenant(id string) *Tenant {
	for i := range r.Tenants {
		if r.Tenants[i].ID == id {
			return &r.Tenants[i]
		}
	}
	return nil
}

// Partner returns the partner with that id, or nil.
func (r *Register) Partner(id string) *Partner {
	for i := range r.Partners {
		if r.Partners[i].ID == id {
			return &r.Partners[i]
		}
	}
	return nil
}
