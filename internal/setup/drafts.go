package setup

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/config"
	"splameter/internal/paths"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// Names of the files that init writes.
const (
	ConfigFile     = "config.yaml"
	TenantsFile    = "tenants.draft.csv"
	GroupsFile     = "groups.draft.csv"
	TitlesFile     = "software.draft.csv"
	PoolsFile      = "pools.draft.yaml"
	RulesFile      = "rules.draft.yaml"
	PricesFile     = "prices.draft.csv"
	ExclusionsFile = "exclusions.draft.csv"
	PersonsFile    = "persons.draft.csv"
)

// Drafts are the files to be corrected. The same sources give the same bytes.
func Drafts(s *Seen, opt Options) ([]File, error) {
	t, err := unitsOf(s.Directory, opt.Base)
	if err != nil {
		return nil, err
	}
	customers, err := ReadCustomers(opt.Customers)
	if err != nil {
		return nil, err
	}
	t.join(customers)
	groups, titles := peopledGroups(s.Directory, t), s.titles()
	pools := s.pools(titles)
	if opt.Ready {
		return []File{
			{ConfigFile, configText(s, opt)},
			{"tenants.csv", tenantsText(t, customers, true)},
			{"rules.yaml", rulesText(s, titles, pools, groups)},
			{"exclusions.csv", []byte(strings.Join(exclusionColumns, ",") + "\n")},
			{"prices.csv", []byte(pricesHead)},
			{"decisions.csv", []byte("key,code,tenant,subject,decision,by,reason,until\n")},
		}, nil
	}
	return []File{
		{ConfigFile, configText(s, opt)},
		{TenantsFile, tenantsText(t, customers, false)},
		{GroupsFile, groupsText(groups)},
		{TitlesFile, titlesText(titles)},
		{PoolsFile, poolsText(pools, groups, titles)},
		{RulesFile, rulesText(s, titles, pools, groups)},
		{ExclusionsFile, exclusionsText(s.Directory, t)},
		{PersonsFile, personsText(s.Directory, t)},
		{PricesFile, []byte(pricesHead)},
	}, nil
}

const pricesHead = "part_number,currency,unit_price,alias,from,until\n"

func table(rows [][]string) []byte {
	for _, r := range rows[1:] {
		for i, c := range r { // names are foreign, and a spreadsheet takes these for formulas
			r[i] = safetext.Cell(c)
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a buffer takes every write
	return b.Bytes()
}

// tenantColumns are those of tenants.csv that a draft fills.
var tenantColumns = []string{"id", "name", "ou", "reseller", "number", "street", "postal_code", "city", "country", "contact", "email", "reference", "language", "internal", "named_users", "suspended_from", "from", "until"}

// tenantRow is a unit as a row of tenants.csv.
func tenantRow(u *unit, customers []Customer) map[string]string {
	row := map[string]string{"id": u.id, "name": u.name, "ou": u.dn}
	if c, _ := customerOf(customers, u.name); c != nil {
		row["name"], row["number"], row["street"], row["postal_code"], row["city"], row["country"], row["contact"], row["email"], row["language"] = c.name, c.number, c.street, c.postal, c.city, c.country, c.contact, c.email, c.language
	}
	return row
}

// tenantsText has the columns of tenants.csv, and columns that begin with x_,
// which are for the eye. Ready for use, it says who is the provider's own and
// has no columns for the eye.
func tenantsText(t *units, customers []Customer, ready bool) []byte {
	rows := [][]string{slices.Clone(tenantColumns)}
	if !ready {
		rows[0] = append(rows[0], "x_accounts", "x_enabled", "x_looks_internal", "x_looks_suspended", "x_note")
	}
	written := map[string]bool{}
	for _, u := range t.lines {
		internal, suspended, note := "", "", ""
		if u.internal {
			internal = "yes"
		}
		switch {
		case u.outside:
			note = "outside of the bases"
		case u.direct > 0 && slices.ContainsFunc(u.children, func(c *unit) bool { return c.placed }):
			note = "accounts that lie beside the customers' units"
		}
		c, how := customerOf(customers, u.name)
		switch {
		case c != nil:
			note = strings.TrimPrefix(note+"; the CRM export by its "+how, "; ")
		case len(customers) > 0 && !u.internal:
			note = strings.TrimPrefix(note+"; "+cmp.Or(how, "not in the CRM export"), "; ")
		}
		switch {
		case looksSuspended(u.name):
			suspended = "by its name"
		case c != nil && looksSuspended(c.status):
			suspended = "the CRM export says " + c.status
		case u.accounts > 0 && u.enabled == 0 && !u.internal:
			suspended = "every account is disabled"
		}
		values := tenantRow(u, customers)
		if ready {
			values["internal"] = internal
		}
		if written[u.id] { // a customer of several units is described once
			values = map[string]string{"id": u.id, "ou": u.dn}
			note = strings.TrimPrefix(note+"; another unit of "+u.id, "; ")
		}
		written[u.id] = true
		var row []string
		for _, c := range tenantColumns {
			row = append(row, values[c])
		}
		if !ready {
			row = append(row, strconv.Itoa(u.accounts), strconv.Itoa(u.enabled), internal, suspended, note)
		}
		rows = append(rows, row)
	}
	return table(rows)
}

func groupsText(groups []peopledGroup) []byte {
	rows := [][]string{{"group", "members", "enabled", "tenants", "suggested_product", "looks_like_a_licence"}}
	for i := range groups {
		c := &groups[i]
		tenants := strings.Join(c.tenants[:min(len(c.tenants), 8)], "; ")
		if n := len(c.tenants) - 8; n > 0 {
			tenants += fmt.Sprintf("; and %d more", n)
		}
		looks := ""
		if looksLicence(c.group.Name) {
			looks = "yes"
		}
		rows = append(rows, []string{c.group.Name, strconv.Itoa(len(c.members)), strconv.Itoa(c.enabled), tenants, suggested(c.group.Name), looks})
	}
	return table(rows)
}

func titlesText(titles []title) []byte {
	rows := [][]string{{"title", "hosts", "on", "rule", "needs_licence", "recognised_as"}}
	for i := range titles {
		t := &titles[i]
		on := strings.Join(t.hosts[:min(len(t.hosts), 8)], "; ")
		if n := len(t.hosts) - 8; n > 0 {
			on += fmt.Sprintf("; and %d more", n)
		}
		needs := ""
		if t.what.Licensable {
			needs = "yes"
		}
		rows = append(rows, []string{t.install.Name, strconv.Itoa(len(t.hosts)), on, strings.Join(t.rules, "; "), needs, t.what.Reason})
	}
	return table(rows)
}

func poolsText(pools []pool, groups []peopledGroup, titles []title) []byte {
	var b bytes.Buffer
	b.WriteString("# Put what is right of this into config.yaml, in place of its line pools: [].\n" +
		"# A pool is an RDS session collection: its hosts, and the groups that may log on\n" +
		"# to them. Who may log on stands in the collection's settings, and in no source\n" +
		"# that was read: fill users yourself. Everyone in those groups is counted.\n")
	if len(pools) == 0 {
		b.WriteString("# No host was seen that somebody logged on to.\npools: []\n")
		return b.Bytes()
	}
	b.WriteString("pools:\n")
	for i := range pools {
		p := &pools[i]
		fmt.Fprintf(&b, "  - name: %s\n    hosts: [%s]  # %s\n    users: []\n", quoted(poolName(p.stem, i)), quoted(p.pattern()), strings.Join(p.hosts[:min(len(p.hosts), 10)], ", "))
		if len(p.seen) == 0 {
			b.WriteString("    # nobody was seen in a session on them\n")
		} else {
			fmt.Fprintf(&b, "    # %d names were seen in sessions on them, %d of them accounts of this directory\n", len(p.seen), len(p.users))
			for _, h := range p.holding(groups) {
				fmt.Fprintf(&b, "    # %s\n", safetext.Line(fmt.Sprintf("%s holds %d of them, and %d accounts in all", h.name, h.has, h.size)))
			}
		}
		for _, r := range p.restrictions(groups, titles) {
			fmt.Fprintf(&b, "    # by its name group %s may be all that is let at %s here: where a control keeps everybody else out, and its proof is kept,\n    # restrict: [{product: %s, users: [%s], control: \"\", document: \"\"}]\n",
				safetext.Line(r.group), safetext.Line(r.product), quoted(r.product), safetext.Line(quoted(r.group)))
		}
	}
	return b.Bytes()
}

// poolName makes a stem the name of a pool.
func poolName(stem string, i int) string {
	n := strings.ToLower(strings.Trim(stem, "-_. "))
	if config.CheckName(n) != nil {
		return fmt.Sprintf("pool-%d", i+1)
	}
	return n
}

// rulesText names the catalog's products that something of the estate fits.
func rulesText(s *Seen, titles []title, pools []pool, groups []peopledGroup) []byte {
	why := map[string][]string{}
	if len(pools) > 0 {
		why["rds"] = []string{"everyone who may log on to a pool"}
	}
	var rest []string
	for i := range titles {
		t := &titles[i]
		for _, id := range t.rules {
			why[id] = append(why[id], t.install.Name)
		}
		if len(t.rules) == 0 && t.what.Licensable && !t.what.Engine {
			rest = append(rest, t.install.Name)
		}
	}
	mailboxes := 0
	for i := range s.Directory.Accounts {
		if s.Directory.Accounts[i].Attribute("msexchmailboxguid") != "" {
			mailboxes++
		}
	}
	if mailboxes > 0 {
		why["exchange-std-plus"] = []string{fmt.Sprintf("%d accounts have a mailbox", mailboxes)}
	}
	for id, hosts := range s.due() {
		why[id] = append(why[id], "for "+strings.Join(hosts[:min(len(hosts), 8)], ", "))
	}
	// Groups whose name speaks of a licence give it; that of the right to log on
	// is the pool's.
	given := map[string][]string{}
	for i := range groups {
		if id := suggested(groups[i].group.Name); id != "" && id != "rds" && groups[i].enabled > 0 {
			given[id] = append(given[id], groups[i].group.Name)
			why[id] = append(why[id], fmt.Sprintf("group %s holds %d enabled accounts", groups[i].group.Name, groups[i].enabled))
		}
	}
	var b bytes.Buffer
	b.WriteString("# What is counted. Each line takes a product of the built-in catalog; what you\n" +
		"# write beneath it takes precedence. Check every part number against your\n" +
		"# reseller's price file: where the catalog has none, fill it in.\n" +
		"version: \"draft\"\nproducts:\n")
	n := 0
	for i := range rules.Catalog().Products {
		p := &rules.Catalog().Products[i]
		reasons := why[p.ID]
		if len(reasons) == 0 {
			continue
		}
		n++
		fmt.Fprintf(&b, "  - catalog: %s  # %s\n", p.ID, safetext.Line(strings.Join(reasons[:min(len(reasons), 4)], "; ")))
		if p.PartNumber == "" {
			b.WriteString("    part_number: \"\"  # as the reseller's price file has it\n")
		}
		if list := given[p.ID]; len(list) > 0 {
			for i := range list {
				list[i] = quoted(list[i])
			}
			fmt.Fprintf(&b, "    # where membership of this group is what gives the licence, remove the # (it replaces the catalog's own rule)\n    # entitled: {groups: [%s]}\n", safetext.Line(strings.Join(list, ", ")))
		}
	}
	if n == 0 {
		b.WriteString("  - catalog: rds  # nothing was seen that a product of the catalog fits\n")
	}
	for i := range groups {
		if g := &groups[i]; g.enabled > 0 && suggested(g.group.Name) == "" && looksLicence(g.group.Name) {
			fmt.Fprintf(&b, "# Group %s looks as though it gave a licence, and its name does not say which: %d enabled accounts\n", safetext.Line(g.group.Name), g.enabled)
		}
	}
	for _, name := range rest {
		fmt.Fprintf(&b, "# No product of the catalog fits, and it needs a licence: %s\n", safetext.Line(name))
	}
	return b.Bytes()
}

// quoted is a foreign text as a YAML string.
func quoted(s string) string { return strconv.Quote(s) }

// shown is a path as the config has it: beneath its folder where it lies
// there.
func shown(dir, path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	base, err := filepath.Abs(dir)
	if err != nil {
		return path
	}
	return paths.Shown(base, abs)
}

// employees is how many user accounts have an employee number.
func employees(d *snapshot.Directory) (with, all int) {
	for i := range d.Accounts {
		if a := &d.Accounts[i]; a.Class == snapshot.User {
			all++
			if slices.ContainsFunc(personAttributes, func(by string) bool { return a.Attribute(strings.ToLower(by)) != "" }) {
				with++
			}
		}
	}
	return with, all
}

func itoa(n int) string { return strconv.Itoa(n) }
