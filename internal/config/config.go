// Package config is the noun for what a provider configures: one YAML file,
// strict, with its defaults in one place. Reading it is Load's work; what the
// values mean belongs to the packages that act on them.
package config

import (
	"slices"
	"time"

	"splameter/internal/month"
	"splameter/internal/strictyaml"
)

// Config is config.yaml. Relative paths and globs in it are relative to the
// file's folder; Load makes them absolute.
type Config struct {
	Provider Provider `yaml:"provider"`
	Site     string   `yaml:"site"`  // the name of the site that this agent collects for; empty where there is only one
	Sites    []string `yaml:"sites"` // every site whose facts a month needs; empty: only this one

	Store         string `yaml:"store"`          // sqlite:PATH, or postgres://… or sqlserver://… for a shared one, or env:NAME that holds it
	StorePassword Secret `yaml:"store_password"` // of a shared store; its address holds none
	Output        string `yaml:"output"`         // folder for a month's files

	Tenants        string `yaml:"tenants"`         // tenants.csv
	Partners       string `yaml:"resellers"`       // resellers.csv: the provider's customers that resell
	Exclusions     string `yaml:"exclusions"`      // exclusions.csv
	Prices         string `yaml:"prices"`          // purchase prices
	SalesPrices    string `yaml:"sales_prices"`    // prices to tenants
	Otherwise      string `yaml:"otherwise"`       // what licences would cost otherwise; nothing is counted by it, and it is not sealed
	SharedAccounts string `yaml:"shared_accounts"` // accounts that several persons use
	Decisions      string `yaml:"decisions"`       // decisions on findings
	Rules          string `yaml:"rules"`
	Products       string `yaml:"products"` // titles of the provider's own, beside those that the program knows

	// Watch names makers whose titles must be placed too, as Microsoft's must.
	Watch []string `yaml:"watch"`

	// Person names the attributes by which accounts of one tenant are one
	// person; PersonMax is how many accounts may share a value before it is
	// no identity any more.
	Person    []string `yaml:"person"`
	PersonMax int      `yaml:"person_max"`

	// Agreements are further agreements or enrollments: tenants that name one
	// are reported under it, in a usage report of its own (agreements.go).
	Agreements []Agreement `yaml:"agreements"`

	Coverage    Coverage    `yaml:"coverage"`
	Access      Access      `yaml:"access"`
	Directories []Directory `yaml:"directories"`
	Sessions    []Sessions  `yaml:"sessions"`
	Drops       []Drops     `yaml:"drops"`
	Hosts       []Hosts     `yaml:"hosts"`
	Inventories []Inventory `yaml:"inventories"`
	Databases   []Database  `yaml:"databases"`
	Pools       []Pool      `yaml:"pools"`
	Report      Report      `yaml:"report"`
	Checks      Checks      `yaml:"checks"`
	Calendar    Calendar    `yaml:"calendar"`
	FourEyes    bool        `yaml:"four_eyes"` // whether who submits a month must be another than who approved it
	Evidence    Evidence    `yaml:"evidence"`
	Audit       Audit       `yaml:"audit"`
	Agent       Agent       `yaml:"agent"`
	Desk        Desk        `yaml:"desk"`
	API         API         `yaml:"api"`
	Mail        Mail        `yaml:"mail"`
	Log         Log         `yaml:"log"`

	// Path and Dir are the file and its folder; Digest is the SHA-256 of the
	// file with every table that it names. Load sets them.
	Path   string `yaml:"-"`
	Dir    string `yaml:"-"`
	Digest string `yaml:"-"`

	doc *strictyaml.Doc // where everything stands, for faults
}

// Provider is who reports.
type Provider struct {
	Name       string   `yaml:"name"`
	Agreement  string   `yaml:"agreement"`  // SPLA agreement number
	Enrollment string   `yaml:"enrollment"` // enrollment number
	Reporter   Reporter `yaml:"reporter"`
	Reseller   Reseller `yaml:"reseller"` // whom the usage report goes to
	Street     string   `yaml:"street"`
	PostalCode string   `yaml:"postal_code"`
	City       string   `yaml:"city"`
	Country    string   `yaml:"country"`
	TimeZone   string   `yaml:"time_zone"`
	Language   string   `yaml:"language"` // of the provider's own workbooks' labels: nl or en
	Currency   string   `yaml:"currency"`

	// Location is TimeZone, loaded.
	Location *time.Location `yaml:"-"`
}

// Reporter is the person or desk that vouches for the report.
type Reporter struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
}

// Coverage says how often a source must have been read for a month to be
// complete. Days are calendar days in the provider's zone.
type Coverage struct {
	DirectoryEvery Days `yaml:"directory_every"`
	InventoryEvery Days `yaml:"inventory_every"`
	Quiet          Days `yaml:"quiet"` // how long a host may log nothing before it is taken for one that is not heard of
	Late           Days `yaml:"late"`  // how long after the month a log that was not reached may still come
}

// Access says which access counts.
type Access struct {
	// Shortest is how long access between two readings must have lasted to be
	// counted, where its length is known.
	Shortest Duration `yaml:"shortest"`
}

// Directory is one Active Directory domain: live over LDAP, or as exports.
// Exactly one of URL and LDIF is set.
type Directory struct {
	Name   string `yaml:"name"`
	Domain string `yaml:"domain"` // NetBIOS name that session logs use
	DNS    string `yaml:"dns"`    // DNS name; empty: from the base

	LDIF string `yaml:"ldif"` // glob; each file dated by its name

	URL        URLs     `yaml:"url"` // ldaps://dc1.host.example or ldap://… (then StartTLS); of several, the next where one cannot be reached
	Base       []string `yaml:"base"`
	CA         string   `yaml:"ca"`          // PEM file with the certificate authorities to trust; empty: the system's
	ServerName string   `yaml:"server_name"` // name to expect in the certificate; empty: the URL's
	Bind       Bind     `yaml:"bind"`
	PageSize   int      `yaml:"page_size"`
	Timeout    Duration `yaml:"timeout"` // without an answer
	// Metadata says whether what the directory tells of changes is read, so that
	// access between two readings is seen: auto where it is told, on where its
	// absence is to be a finding, or off.
	Metadata string `yaml:"metadata"`
	// Events are copies of the domain controllers' Security logs, which tell who came
	// into a group and left it, and which account was enabled and disabled, and when.
	Events []string `yaml:"events"` // globs
}

// Bind is how to log on to a directory.
type Bind struct {
	Method   string `yaml:"method"` // simple or kerberos
	User     string `yaml:"user"`   // UPN or DOMAIN\user; for Kerberos the principal
	Password Secret `yaml:"password"`
	Realm    string `yaml:"realm"`
	KDC      string `yaml:"kdc"`
	Keytab   string `yaml:"keytab"`
	SPN      string `yaml:"spn"`       // empty: ldap/ and the server name
	Krb5Conf string `yaml:"krb5_conf"` // empty: made from realm and kdc
}

// Sessions is a folder of session logs.
type Sessions struct {
	Name     string            `yaml:"name"`
	Files    []string          `yaml:"files"`    // globs
	Exported Exported          `yaml:"exported"` // files hold everything before a day, unless they are older themselves; empty: up to their last record
	Zone     string            `yaml:"zone"`     // of times without offset; empty: the provider's
	Dates    string            `yaml:"dates"`    // dmy, mdy or ymd, for files that prove none; empty: such a file is refused
	Columns  map[string]string `yaml:"columns"`  // for CSV: our name to the file's
}

// Drops is a folder into which hosts hand in their logs and programs by
// themselves, with splameter gather.
type Drops struct {
	Name  string   `yaml:"name"`
	Files []string `yaml:"files"` // globs
}

// Hosts are session hosts and servers that are read over the network, one by
// one: their logs, and what is installed on them.
type Hosts struct {
	Name      string            `yaml:"name"`
	Names     []string          `yaml:"names"`     // fully qualified
	Directory string            `yaml:"directory"` // one of directories: its enabled computers
	Units     []string          `yaml:"units"`     // beneath which; empty: those that fit the pools' hosts
	User      string            `yaml:"user"`      // NAME@DOMAIN or DOMAIN\NAME; empty: who runs splameter, on Windows
	Password  Secret            `yaml:"password"`
	Method    string            `yaml:"method"`    // ntlm or kerberos
	Realm     string            `yaml:"realm"`     // of Kerberos; empty: the user's domain
	KDC       string            `yaml:"kdc"`       // empty: the name service knows it
	Keytab    string            `yaml:"keytab"`    // in place of the password
	CCache    string            `yaml:"ccache"`    // tickets of somebody who logged on, in place of both
	Krb5Conf  string            `yaml:"krb5_conf"` // empty: made from realm and kdc
	Logs      string            `yaml:"logs"`      // share and folder of the event logs
	Port      int               `yaml:"port"`
	Addresses map[string]string `yaml:"addresses"` // of hosts that the name service does not know, as HOST or HOST:PORT
	Timeout   Duration          `yaml:"timeout"`   // without an answer
	Limit     Duration          `yaml:"limit"`     // for all of one host
	Tries     int               `yaml:"tries"`
	Parallel  int               `yaml:"parallel"` // hosts at once
}

// Inventory is a set of software and hosts inventories.
type Inventory struct {
	Name     string            `yaml:"name"`
	Software Globs             `yaml:"software"` // each file dated by its name
	Hosts    Globs             `yaml:"hosts"`
	Columns  map[string]string `yaml:"columns"`
}

// Database is one database that tells of sessions, software, machines or
// pools: one of the products that splameter knows, or any other whose queries
// stand in the config.
type Database struct {
	Name     string `yaml:"name"`
	Preset   string `yaml:"preset"` // rdcb, configmgr, lansweeper, glpi, ocs, fleet, horizon, citrix, or query
	Engine   string `yaml:"engine"` // sqlserver, postgres, mysql (and MariaDB); empty: the preset's
	Server   string `yaml:"server"` // HOST, HOST:PORT or HOST\INSTANCE
	Database string `yaml:"database"`
	User     string `yaml:"user"` // empty: the Windows account that splameter runs as; SQL Server only
	Password Secret `yaml:"password"`

	CA                     string   `yaml:"ca"`          // file in PEM (.pem) or DER (.der) with the authority to trust; empty: the system's
	ServerName             string   `yaml:"server_name"` // name to expect in the certificate; empty: the server's
	TrustServerCertificate bool     `yaml:"trust_server_certificate"`
	Timeout                Duration `yaml:"timeout"` // without an answer

	Zone string   `yaml:"zone"` // of the database's local times; empty: the provider's
	Read []string `yaml:"read"` // parts of a preset; empty: all that it has

	// The queries of preset query.
	Sessions Query `yaml:"sessions"`
	Software Query `yaml:"software"`
	Hosts    Query `yaml:"hosts"`
}

// Query is one SELECT, and what its columns mean.
type Query struct {
	SQL     string            `yaml:"sql"`
	Columns map[string]string `yaml:"columns"` // our name to the query's, where they differ
}

// ReadsLogs is the name of the first source that session logs come from; empty:
// none does.
func (c *Config) ReadsLogs() string {
	switch {
	case len(c.Sessions) > 0:
		return c.Sessions[0].Name
	case len(c.Drops) > 0:
		return c.Drops[0].Name
	case len(c.Hosts) > 0:
		return c.Hosts[0].Name
	}
	return ""
}

// The engines of databases.
const (
	SQLServer  = "sqlserver"
	PostgreSQL = "postgres"
	MySQL      = "mysql" // and MariaDB
)

// EngineName is whose server it is: as the config says, else that of the preset.
func (d *Database) EngineName() string {
	switch {
	case d.Engine != "":
		return d.Engine
	case slices.Contains([]string{"glpi", "ocs", "fleet"}, d.Preset):
		return MySQL
	}
	return SQLServer
}

// DatabaseParts are the parts that a preset has, sorted; nil for a preset
// that is not known. Those of query are the queries that it may have.
func DatabaseParts(preset string) []string {
	switch preset {
	case "rdcb":
		return []string{"pools", "sessions"}
	case "configmgr", "lansweeper":
		return []string{"hosts", "sessions", "software"}
	case "glpi", "ocs", "fleet":
		return []string{"hosts", "software"}
	case "horizon", "citrix":
		return []string{"sessions"}
	case "query":
		return []string{"hosts", "sessions", "software"}
	}
	return nil
}

// Reads says whether the database is asked for a part.
func (d *Database) Reads(part string) bool {
	if d.Preset == "query" {
		switch part {
		case "sessions":
			return d.Sessions.SQL != ""
		case "software":
			return d.Software.SQL != ""
		case "hosts":
			return d.Hosts.SQL != ""
		}
		return false
	}
	return slices.Contains(DatabaseParts(d.Preset), part) && (len(d.Read) == 0 || slices.Contains(d.Read, part))
}

// Pool is an RDS session collection: hosts, who may log on to them, and what
// is restricted there to fewer.
type Pool struct {
	Name     string            `yaml:"name"`
	Hosts    []string          `yaml:"hosts"` // globs
	Users    []string          `yaml:"users"` // groups
	From     month.OptionalDay `yaml:"from"`
	Until    month.OptionalDay `yaml:"until"`
	Tenant   string            `yaml:"tenant"`
	Restrict []Restrict        `yaml:"restrict"`
}

// Restrict is a product that an enforced control keeps to fewer users.
type Restrict struct {
	Product  string            `yaml:"product"` // id or glob
	Users    []string          `yaml:"users"`
	Control  string            `yaml:"control"` // such as applocker-enforced, application-masking, ntfs; one in audit mode restricts nothing
	Document string            `yaml:"document"`
	From     month.OptionalDay `yaml:"from"`
	Until    month.OptionalDay `yaml:"until"`
}

// Report is how the workbooks are made.
type Report struct {
	Prices     bool   `yaml:"prices"`      // whether the usage report shows purchase prices
	Alias      string `yaml:"alias"`       // which column of the price file holds the reseller's own article
	ShowActive bool   `yaml:"show_active"` // whether annexes show active users
	// PriceChanges says whether an annex states the sales prices that are
	// others than last month's.
	PriceChanges bool    `yaml:"price_changes"`
	History      int     `yaml:"history"` // months in an annex's chart
	Columns      Columns `yaml:"columns"` // the reseller's own form
	Billing      FormCSV `yaml:"billing"` // the lines to bill, as the accounts take them
}

// Checks are the limits of the checks, with the defaults that docs/licensing.md names.
type Checks struct {
	QuantityJump   int `yaml:"quantity_jump"`    // percent against last month that makes a finding
	QuantityFrozen int `yaml:"quantity_frozen"`  // months without any change that make a finding
	RightsEnd      int `yaml:"rights_end"`       // days ahead in which a right's end is announced
	AdminMax       int `yaml:"admin_max"`        // provider's administrators per data centre
	ServerAdminMax int `yaml:"server_admin_max"` // administrators of one server without an RDS SAL
	DemoMax        int `yaml:"demo_max"`         // demonstration users
	TrialDays      int `yaml:"trial_days"`       // days that an evaluation may last
	InternalShare  int `yaml:"internal_share"`   // percent of customers' use that own use may reach
	IdleMonths     int `yaml:"idle_months"`      // months without a session that make advice
	PriceNotice    int `yaml:"price_notice"`     // percent above which a rise of a price lets a customer give notice
	PersonShrink   int `yaml:"directory_shrink"` // percent of accounts lost between snapshots that makes a finding

	ExclusionsMaxShare int `yaml:"exclusions_max_share"` // percent of a product's line that entries may take away undecided
	DecreaseLook       int `yaml:"decrease_look"`        // percent of a line that one cause may take away undecided
	ChangeLook         int `yaml:"change_look"`          // persons that came to or left a customer's line, from where on it stands under those to look at
}

// Log is how the program logs, on standard error.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text or json
}
