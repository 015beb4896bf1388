package statement

import (
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// Person is one person's claim to one product, counted or excluded: the
// answer to "why is this one in the number?".
type Person struct {
	Tenant   string     `json:"tenant"`             // id, or register.Unassigned
	Product  string     `json:"product"`            // product id
	Key      string     `json:"key"`                // stable over months: the smallest account ID, or the merged attribute
	Name     string     `json:"name,omitempty"`     // display name
	Accounts []Account  `json:"accounts,omitempty"` // sorted by ID; those by which the product is reached
	Units    int        `json:"units"`              // how many persons it counts as: 1, or those behind a shared account
	Excluded *Exclusion `json:"excluded,omitempty"`
	Via      Basis      `json:"via"`
	First    month.Day  `json:"first"` // first and last day on which a snapshot saw the person entitled
	Last     month.Day  `json:"last"`
	// Between is the access by which alone the person is counted, where no reading
	// saw any; else nil.
	Between *Between `json:"between,omitempty"`
	Active  bool     `json:"active"`
	Session *Session `json:"session,omitempty"` // the first session seen in the month, where active
	// Idle is for how many months in a row, this one included, the person was
	// counted and not seen, as far as the months' logs are whole.
	Idle int `json:"-"`
}

// Account is one account of a person.
type Account struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name,omitempty"` // sAMAccountName
	DisplayName string `json:"display_name,omitempty"`
	Directory   string `json:"directory,omitempty"` // source
	DN          string `json:"dn,omitempty"`
}

// Exclusion is why a person or machine is not reported.
type Exclusion struct {
	ID       string          `json:"id,omitempty"`
	Ground   register.Ground `json:"ground,omitempty"`
	Document string          `json:"document,omitempty"`
}

// Basis is what entitled a person on the first day. The way is shared by all
// who came by it, which may be a hundred thousand; the two parts of it stand
// apart only so that the JSON keeps its order. Neither is nil in a statement.
type Basis struct {
	*Way
	Group snapshot.Evidence `json:"group,omitzero"` // where the last membership of the path was read
	*Installed
}

// WayKind is by what a product is reached.
type WayKind string

// By what a product is reached.
const (
	ByGroup     WayKind = "group"     // a group that the rule names
	ByPool      WayKind = "pool"      // a pool's own right to log on
	ByInstalled WayKind = "installed" // a program on a host that may be logged on to
	ByAttribute WayKind = "attribute" // an attribute of the account
	ByWith      WayKind = "with"      // another product brings it
	ByMachine   WayKind = "machine"   // of a product that is due for a machine
)

// Way is how a product is reached.
type Way struct {
	Kind WayKind `json:"kind,omitempty"`
	// Path leads from the group that gives access down to the account:
	// group names, each a direct member of the one before.
	Path        []string `json:"path,omitempty"`
	Pool        string   `json:"pool,omitempty"`
	Host        string   `json:"host,omitempty"`
	Application string   `json:"application,omitempty"` // the program's name, for installed
	Attribute   string   `json:"attribute,omitempty"`   // name=value, for attribute
	Product     string   `json:"product,omitempty"`     // the product that brings this one, for with
	Directory   string   `json:"directory,omitempty"`
}

// Installed is the program by which a product is reached.
type Installed struct {
	Install snapshot.Evidence `json:"install,omitzero"` // where it was read
}

// Session is a session as evidence of use.
type Session struct {
	Host string `json:"host,omitempty"`
	snapshot.Sighting
	Note string `json:"note,omitempty"` // such as: open from an earlier month
}

// Machine is one machine's claim to one core product.
type Machine struct {
	Tenant   string            `json:"tenant"` // id, or register.Shared
	Product  string            `json:"product"`
	Key      string            `json:"key"`
	Host     string            `json:"host,omitempty"`
	Edition  string            `json:"edition,omitempty"` // what it runs
	Cores    int               `json:"cores,omitempty"`   // as counted before the minimum
	Minimum  int               `json:"minimum,omitempty"` // the minimum applied, in cores; 0: none
	Times    int               `json:"times,omitempty"`   // how many times the cores are due (guests on Standard); 1 otherwise
	Guests   []string          `json:"guests,omitempty"`
	Packs    int               `json:"packs"`
	Excluded *Exclusion        `json:"excluded,omitempty"`
	First    month.Day         `json:"first"`
	Last     month.Day         `json:"last"`
	Note     string            `json:"note,omitempty"`
	At       snapshot.Evidence `json:"at,omitzero"`
}

// Application is one licensable (or recognised and not licensable) program on
// one host.
type Application struct {
	Tenant     string            `json:"tenant"`
	Pool       string            `json:"pool,omitempty"`
	Host       string            `json:"host,omitempty"`
	Name       string            `json:"name,omitempty"`
	Version    string            `json:"version,omitempty"`
	Edition    string            `json:"edition,omitempty"`
	Product    string            `json:"product"`          // product id of the rule that matched; empty: none
	Reason     string            `json:"reason,omitempty"` // what it was recognised as, or why it needs no licence
	Licensable bool              `json:"licensable,omitempty"`
	Reach      int               `json:"reach"` // persons who can reach it
	First      month.Day         `json:"first"`
	Last       month.Day         `json:"last"`
	At         snapshot.Evidence `json:"at,omitzero"`
}
