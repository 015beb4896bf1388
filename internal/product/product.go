// Package product is noun and verb for what an installed program is: Office,
// Visio and Project with edition and year, the SQL Server engine with its
// edition, Microsoft 365 Apps, and the many rows that need no licence of
// their own. It knows names and ids, and nothing of prices, counts or part
// numbers.
//
// Names, ids and codes are those of Microsoft's own lists: product ids of the
// Office Deployment Tool, the description of the numbering scheme of Office
// product codes (KB 2786054 for 2013, and its like for other years), and
// names as uninstall keys show them.
package product

import "strings"

// Family is a kind of product.
type Family string

// The families. Only some of them need a licence of the provider's.
const (
	Office        Family = "office"         // a suite
	OfficeApp     Family = "office-app"     // one program of the suite, on its own
	Visio         Family = "visio"          //
	Project       Family = "project"        //
	M365Apps      Family = "m365-apps"      // subscription: the customer's own licence and hosting right, never SPLA Office
	AccessRuntime Family = "access-runtime" // free
	SQLServer     Family = "sql-server"     // the engine, or one of its parts
	Exchange      Family = "exchange-server"
	SharePoint    Family = "sharepoint-server"
	ProjectServer Family = "project-server"
	Skype         Family = "skype-server"
	VisualStudio  Family = "visual-studio"
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
	Year    string  // 2010 to 2024; empty: not stated, and never taken from version 16.0
	Channel Channel // empty for anything but Office, Visio and Project
	// Licensable says that the row by itself shows a product that somebody
	// must hold a licence for, from the provider or of their own.
	Licensable bool
	Engine     bool // a database engine of SQL Server, of any edition
	Microsoft  bool
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

// Recognize tells what a row is, from what the inventory knows of it; any of
// the values may be empty. The release id, or the license family, decides
// first, then the product code, then the uninstall key's own name, and the
// display name last, since it is translated.
func Recognize(name, version, publisher, key, release, edition string) Recognition {
	if release != "" {
		if r, ok := fromReleases(release, version, name); ok {
			return r
		}
	}
	if key != "" {
		r, ok := fromCode(key)
		if !ok {
			r, ok = fromKey(key, version, name)
		}
		if ok {
			// Some codes stand for every edition of their year.
			if r.Licensable && r.Edition == "" {
				if ed := editionOf(foldName(name)); ed != "" {
					return named(r.Family, ed, r.Year, r.Channel)
				}
			}
			return r
		}
	}
	if edition != "" {
		if r, ok := fromEngine(name, version, key, edition); ok {
			return r
		}
	}
	return fromName(name, version, publisher)
}

// named gives a product of the Office families its English name and the
// sentence that goes with it.
func named(f Family, edition, year string, ch Channel) Recognition {
	r := Recognition{Family: f, Edition: edition, Year: year, Channel: ch, Licensable: true, Microsoft: true}
	title := "Microsoft Office"
	switch f {
	case Visio:
		title = "Microsoft Visio"
	case Project:
		title = "Microsoft Project"
	case OfficeApp:
		title = "Microsoft"
	}
	r.Name = title
	for _, part := range []string{edition, year} {
		if part != "" {
			r.Name += " " + part
		}
	}
	var b strings.Builder
	b.WriteString(r.Name)
	switch {
	case edition == "" && year == "":
		b.WriteString(": edition and year not stated, ask")
	case edition == "":
		b.WriteString(": edition not stated, ask")
	case year == "":
		b.WriteString(": year not stated")
	}
	switch {
	case ch == Retail && soldRetailOnly(edition):
		b.WriteString("; a retail edition: it may not be hosted for customers")
	case ch == Retail:
		b.WriteString("; a retail id: on a session host it must be replaced by the volume edition")
	case ch == Volume:
		b.WriteString("; volume")
	case soldRetailOnly(edition):
		b.WriteString("; an edition that is sold in retail only: it may not be hosted for customers")
	}
	r.Reason = b.String()
	return r
}

// soldRetailOnly says that no volume edition of that name exists.
func soldRetailOnly(edition string) bool {
	switch edition {
	case "Home and Business", "Home and Student", "Home", "Personal", "Small Business", "Professional Academic", "Starter":
		return true
	}
	return false
}

// free is a row that needs no licence by itself, and why.
func free(f Family, reason string) Recognition {
	return Recognition{Family: f, Microsoft: true, Reason: reason}
}

// subscribed is a program of Microsoft 365: no SPLA licence covers it.
func subscribed(f Family, edition string) Recognition {
	name := "Microsoft 365 Apps"
	switch f {
	case Visio:
		name = "Microsoft Visio, subscription"
	case Project:
		name = "Microsoft Project, subscription"
	}
	if edition != "" && f == M365Apps {
		name += " (" + edition + ")"
	}
	return Recognition{Name: name, Family: f, Edition: edition, Channel: Subscription, Microsoft: true,
		Reason: name + ": a subscription, not licensed under SPLA; every user needs a licence of the customer's own, with the right to be hosted"}
}
