package statement

import (
	"splameter/month"
	"splameter/snapshot"
)

// Person is one person's claim to one product, counted or excluded: the
// answer to "why is this one in the number?".
type Person struct {
	Tenant   string    // id, or register.Unassigned
	Product  string    // product id
	Key      string    // stable over months: the smallest account ID, or the merged attribute
	Name     string    // display name
	Accounts []Account // sorted by ID; those by which the product is reached
	Units    int       // how many persons it counts as: 1, or those behind a shared account
	Excluded *Exclusion
	Via      Basis
	First    month.Day // first and last day on which a snapshot saw the person entitled
	Last     month.Day
	Active   bool
	Session  *Session // the first session seen in the month, where active
}

// Account is one account of a person.
type Account struct {
	ID          string
	Name        string // sAMAccountName
	DisplayName string
	Directory   string // source
	DN          string
}

// Exclusion is why a person or machine is not reported.
type Exclusion struct {
	ID, Ground, Document string
}

// Basis is what entitled a person on the first day.
type Basis struct {
	Kind string // group, pool, installed, attribute, with
	// Path leads from the group that gives access down to the account:
	// group names, each a direct member of the one before.
	Path        []string
	Pool        string
	Host        string
	Application string // the program's name, for installed
	Attribute   string // name=value, for attribute
	Product     string // the product that brings this one, for with
	Directory   string
	Group       snapshot.Evidence // where the last membership of the path was read
	Install     snapshot.Evidence // where the program was read
}

// Session is a session as evidence of use.
type Session struct {
	Host string
	snapshot.Sighting
	Note string // such as: open from an earlier month
}

// Machine is one machine's claim to one core product.
type Machine struct {
	Tenant   string // id, or register.Shared
	Product  string
	Key      string
	Host     string
	Edition  string // what it runs
	Cores    int    // as counted before the minimum
	Minimum  int    // the minimum applied, in cores; 0: none
	Times    int    // how many times the cores are due (guests on Standard); 1 otherwise
	Guests   []string
	Packs    int
	Excluded *Exclusion
	First    month.Day
	Last     month.Day
	Note     string
	At       snapshot.Evidence
}

// Application is one licensable (or recognised and not licensable) program on
// one host.
type Application struct {
	Tenant     string
	Pool       string
	Host       string
	Name       string
	Version    string
	Edition    string
	Product    string // product id of the rule that matched; empty: none
	Reason     string // what it was recognised as, or why it needs no licence
	Licensable bool
	Reach      int // persons who can reach it
	First      month.Day
	Last       month.Day
	At         snapshot.Evidence
}
