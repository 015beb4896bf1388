package snapshot

import "time"

// Directory is one complete reading of one directory. A reading that failed
// half-way is never one.
type Directory struct {
	Reading
	Domain   string // NetBIOS name that session logs use, such as HOSTING
	DNS      string // DNS name, such as hosting.example
	SID      string // the domain's SID
	Accounts []Account
	Groups   []Group
	Members  []Member // sorted by Group, then Key; no doubles
	// Units are the organizational units that the reading saw, sorted by ID. A
	// source that tells none at all, such as an export of users and groups
	// alone, proves nothing about them.
	Units []Unit
	// Changes are the last changes that the directory tells of memberships and of
	// accounts, sorted as Before does, and Deleted the accounts that were deleted
	// lately, sorted by ID. Both are empty where they were not asked for, or the
	// reader may not see them; Reading.Metadata tells which.
	Changes []Change
	Deleted []Deleted
	// Since says in what the reading differs from an earlier one of the directory,
	// where whoever read both knows it: a store that has that one need not compare
	// all. nil: nobody compared.
	Since *Since
}

// Since is what of a reading is not as an earlier one had it. It tells nothing of
// Changes and Deleted: where either reading has some, there is no Since.
type Since struct {
	Taken       time.Time // of the earlier one
	Fingerprint string    // and its fingerprint; empty: it is not known which it was
	// The places, in the reading's own lists, of all that the earlier one did not have,
	// or had otherwise, and perhaps of some that are as they were.
	Accounts, Groups, Members, Units []int32
	// What the earlier one had, and this one has not.
	GoneAccounts, GoneGroups, GoneUnits []string
	GoneMembers                         []Member
}

// Unit is one organizational unit, as one snapshot saw it.
type Unit struct {
	ID   string // objectGUID, as for an account; where the source does not tell it, "ou:" and the name as package dn writes it
	DN   string
	Made time.Time // whenCreated; zero: not told
	Line int
}

// Class is what kind of object an account is.
type Class uint8

// The classes. Only a User can be a person.
const (
	User           Class = iota
	ServiceAccount       // group or standalone managed service account
	Computer
	Contact
)

func (c Class) String() string {
	return [...]string{"user", "service-account", "computer", "contact"}[c&3]
}

// Account is one directory object that can sign in (or, for a Contact, that
// can at least be a member), as one snapshot saw it.
type Account struct {
	ID           string // objectGUID as 8-4-4-4-12 in lower case: the account's identity
	SID          string
	Class        Class
	Name         string // sAMAccountName
	UPN          string
	DisplayName  string
	Mail         string
	DN           string
	PrimaryGroup string // SID of the primary group, which member never names
	Disabled     bool
	Expires      time.Time // zero: never
	// Server says that a computer account runs a server operating system;
	// System is what the directory says it runs.
	Server bool
	System string
	// Attributes are the further attributes that the config or a rule names,
	// sorted by name in lower case, then by value.
	Attributes []Attribute
	Line       int // where the entry begins in an export; 0 for a live directory
}

// HostName is the attribute in which a directory keeps a computer's full name,
// as readings keep it.
const HostName = "dnshostname"

// Attribute is one value of one named attribute.
type Attribute struct {
	Name  string // lower case
	Value string
}

// Attribute returns the first value of a named attribute (lower case), or "".
func (a *Account) Attribute(name string) string {
	for _, x := range a.Attributes {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// ExpiredAt says whether the account had expired at that moment.
func (a *Account) ExpiredAt(t time.Time) bool { return !a.Expires.IsZero() && !a.Expires.After(t) }

// Group is one group, as one snapshot saw it.
type Group struct {
	ID   string // objectGUID, as for an account
	SID  string
	Name string // sAMAccountName, or the common name where there is none
	DN   string
	// Type is groupType; 0 where the source does not tell it.
	Type int32
	Line int
}

// Distribution says that the group is a mail list: Windows puts it into no
// token, so that being in it gives access to nothing. A group whose type is
// not known is none.
func (g *Group) Distribution() bool { return g.Type > 0 }

// What a member's key begins with where it is no ID.
const (
	KeySID    = "sid:"    // a foreign security principal or a well-known one, by its SID
	KeyDN     = "dn:"     // a name that nothing in the same reading answers to
	KeyObject = "object:" // an object that was seen, and is no account and no group
)

// Member is one direct membership: the group by its ID, and the member by a
// key: the ID of an account or group of the same directory, or one of the
// forms above.
type Member struct {
	Group string
	Key   string
	Line  int
}
