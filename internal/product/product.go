// Package product is noun and verb for what an installed program is: Office,
// Visio and Project with edition and year, the SQL Server engine with its
// edition, Microsoft 365 Apps, other products that need a licence, and the
// many rows that need none of their own. It knows names and ids, and nothing
// of prices, counts or part numbers.
//
// What is known stands in the files of data/, one a family, and in those that
// a provider adds; the code knows only how ids and codes are built, and how a
// name is compared. A title of Microsoft's that no entry places is a question
// and never free.
package product

import "strings"

// Family is a kind of product.
type Family string

// The families that the code speaks of; the files name more.
const (
	Office    Family = "office"     // a suite
	OfficeApp Family = "office-app" // one program of the suite, on its own
	Visio     Family = "visio"      //
	Project   Family = "project"    //
	M365Apps  Family = "m365-apps"  // subscription: the customer's own licence and hosting right, never SPLA Office
	SQLServer Family = "sql-server" // the engine, or one of its parts
)

// Channel is how a program was licensed.
type Channel string

// The channels. A retail id on a session host is wrong under SPLA.
const (
	Volume       Channel = "volume"
	Retail       Channel = "retail"
	Subscription Channel = "subscription"
	Unknown      Channel = "unknown"
)

// Recognition is what a row of an inventory was found to be.
type Recognition struct {
	// Name is the product's English name, such as Microsoft Office
	// Professional Plus 2019, whatever the language of the row; empty where
	// the row is but a part, a tool or no product of Microsoft's.
	Name    string
	Family  Family  // empty: none that is known here
	Edition string  // Standard, Professional Plus, Enterprise …; empty: not stated
	Year    string  // 2003 to 2025; empty: not stated, and never taken from version 16.0
	Channel Channel // empty for anything but Office, Visio and Project
	// Licensable says that the row by itself shows a product that somebody
	// must hold a licence for, from the provider or of their own.
	Licensable bool
	Engine     bool // a server engine, of any edition
	// NeedsEngine is the family of the engine that a part is licensed with,
	// where it needs a licence of its own on a machine without that engine.
	NeedsEngine Family
	// SetupOf is the family of the engine that a setup's row may stand for,
	// where no other row of the machine shows what was set up.
	SetupOf    Family
	ShowsSetup Family // whose setup the row shows
	Microsoft  bool
	Entry      string // id of the entry that placed it; empty: none
	// Question is what a person must tell of a title that is neither known to
	// need a licence nor known to need none; else empty.
	Question string
	// Reason is why it needs no licence, or what is to be asked or known; an
	// English sentence, never empty.
	Reason string
}

// Identity is equal for rows that show one product on one host: the suite's
// row in every language, its hidden entry with the product code, and its
// licence. It is empty where nothing is licensable. Rows that tell less than
// others (no edition, no year) have an identity of their own: see Resolve.
func (r Recognition) Identity() string {
	if !r.Licensable {
		return ""
	}
	return string(r.Family) + "|" + strings.ToLower(r.Edition) + "|" + r.Year
}

// Resolve says, of the rows of one host, which row stands for which: the
// index of the first row that tells the same product, with edition and year
// where any row has them. A row without an edition beside one with (the
// engine's uninstall entry beside the instance in the registry, were it but
// Express) is explained by that one and needs no licence again. Rows that
// show no product stand for themselves.
func Resolve(rows []Recognition) []int {
	type told struct {
		family        Family
		engine        bool
		edition, year string // empty: whichever
	}
	best := map[told]int{}
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = i
		if !r.Licensable && !r.Engine {
			continue
		}
		for _, k := range [...]told{
			{r.Family, r.Engine, r.Edition, r.Year}, {r.Family, r.Engine, r.Edition, ""},
			{r.Family, r.Engine, "", r.Year}, {r.Family, r.Engine, "", ""},
		} {
			if j, ok := best[k]; !ok || known(r) > known(rows[j]) {
				best[k] = i
			}
		}
	}
	for i, r := range rows {
		if r.Licensable || r.Engine {
			out[i] = best[told{r.Family, r.Engine, r.Edition, r.Year}]
		}
	}
	return out
}

// known is how much a row tells.
func known(r Recognition) (n int) {
	if r.Edition != "" {
		n += 2
	}
	if r.Year != "" {
		n++
	}
	return n
}

// Recognize is the built-in catalog's Recognize.
func Recognize(name, version, publisher, key, release, edition string) Recognition {
	return Builtin().Recognize(name, version, publisher, key, release, edition)
}
