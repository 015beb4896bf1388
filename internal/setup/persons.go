package setup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"splameter/internal/snapshot"
)

// ground is what an account's name says that it is for: a ground of the
// register; empty where it says nothing.
func ground(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case has("svc", "srv", "service", "sa", "serviceaccount"):
		return "service-account"
	case has("adm", "admin", "administrator", "beheer", "beheerder", "helpdesk"):
		return "admin"
	}
	return ""
}

// besides are what administrators put before or after the name of their
// everyday account, each too short to say so by itself.
var besides = []string{"a", "ad", "da", "ea", "la", "wa", "t0", "t1", "t2", "x", "priv", "su"}

// beside says that a name is that of another account with such a word before or
// after it, as in a-jansen beside jansen, and what all such names share; empty
// where it is none.
func beside(name string, names map[string]bool) (stem string) {
	name = strings.ToLower(name)
	for i, r := range name {
		if r != '-' && r != '_' && r != '.' {
			continue
		}
		before, after := name[:i], name[i+1:]
		switch {
		case slices.Contains(besides, before) && names[after]:
			return name[:i+1] + "*"
		case slices.Contains(besides, after) && names[before]:
			return "*" + name[i:]
		}
	}
	return ""
}

// stemOf is the beginning that names of one kind share, such as adm- of adm-jan.
func stemOf(name string) string {
	if i := strings.IndexAny(name, "-_."); i > 0 {
		return name[:i+1]
	}
	return ""
}

// grounds are the accounts of one customer and ground, by how their names begin.
type grounds struct {
	tenant, ground, match string
	names                 []string
}

// groundsOf are the enabled accounts whose names say their ground, but those
// that are left out.
func groundsOf(d *snapshot.Directory, tenantOf func(string) string, without func(*snapshot.Account) bool) []grounds {
	type kind struct{ tenant, ground, match string }
	found := map[kind][]string{}
	all := map[string]bool{}
	for i := range d.Accounts {
		if a := &d.Accounts[i]; a.Class == snapshot.User {
			all[strings.ToLower(a.Name)] = true
		}
	}
	// Where a stem is also that of accounts beside no other, each stands by its
	// own name.
	type of struct{ tenant, stem string }
	others := map[of]bool{}
	each := func(do func(a *snapshot.Account, g, stem string)) {
		for i := range d.Accounts {
			a := &d.Accounts[i]
			if a.Class != snapshot.User || a.Disabled {
				continue
			}
			if g := ground(a.Name); g != "" {
				stem := ""
				if s := stemOf(a.Name); s != "" && ground(s) == g {
					stem = s + "*"
				}
				do(a, g, stem)
				continue
			}
			if stem := beside(a.Name, all); stem != "" {
				do(a, "admin", stem)
				continue
			}
			do(a, "", "")
		}
	}
	each(func(a *snapshot.Account, g, _ string) {
		if g != "" {
			return
		}
		name := strings.ToLower(a.Name)
		for i, r := range name {
			if r == '-' || r == '_' || r == '.' {
				others[of{tenantOf(a.DN), name[:i+1] + "*"}], others[of{tenantOf(a.DN), "*" + name[i:]}] = true, true
			}
		}
	})
	each(func(a *snapshot.Account, g, stem string) {
		if g == "" || without(a) {
			return
		}
		tenant, match := tenantOf(a.DN), "user:"+a.Name
		if stem != "" && !others[of{tenant, strings.ToLower(stem)}] && (tenant != "" || ground(a.Name) != "") {
			match = "user:" + stem
		}
		k := kind{tenant, g, match}
		found[k] = append(found[k], a.Name)
	})
	var out []grounds
	for k, names := range found {
		slices.Sort(names)
		out = append(out, grounds{k.tenant, k.ground, k.match, names})
	}
	slices.SortFunc(out, func(a, b grounds) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.ground, b.ground), cmp.Compare(a.match, b.match))
	})
	return out
}

var exclusionColumns = []string{"id", "tenant", "product", "ground", "match", "quantity", "document", "from", "until"}

// row is the entry that keeps them out. What shows their ground no source says:
// the document stays empty, and an entry without one is an error until somebody
// fills it.
func (g *grounds) row(id string) map[string]string {
	return map[string]string{"id": id, "tenant": cmp.Or(g.tenant, "*"), "product": "*", "ground": g.ground, "match": g.match, "quantity": strconv.Itoa(len(g.names))}
}

// exclusionsText drafts an entry for each kind of administrators' and service
// accounts.
func exclusionsText(d *snapshot.Directory, t *units) []byte {
	rows := [][]string{append(slices.Clone(exclusionColumns), "x_accounts")}
	for i, g := range groundsOf(d, t.tenantOf, func(*snapshot.Account) bool { return false }) {
		shown := strings.Join(g.names[:min(len(g.names), 8)], "; ")
		if n := len(g.names) - 8; n > 0 {
			shown += fmt.Sprintf("; and %d more", n)
		}
		values := g.row(fmt.Sprintf("X-%d", i+1))
		var row []string
		for _, c := range exclusionColumns {
			row = append(row, values[c])
		}
		rows = append(rows, append(row, shown))
	}
	return table(rows)
}

// personAttributes are where directories keep the number of an employee, which
// several accounts of one person share.
var personAttributes = []string{"employeeID", "employeeNumber"}

// same are accounts of one customer that look like one person.
type same struct {
	tenant, by, value string
	names             []string
}

// sameOf are the accounts with the same employee number, or the same name.
func sameOf(d *snapshot.Directory, t *units) []same {
	type key struct{ tenant, by, value string }
	found := map[key][]string{}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		tenant := t.tenantOf(a.DN)
		if a.Class != snapshot.User || a.Disabled || tenant == "" {
			continue
		}
		add := func(by, value string) {
			if v := strings.TrimSpace(value); v != "" {
				k := key{tenant, by, v}
				found[k] = append(found[k], a.Name)
			}
		}
		for _, by := range personAttributes {
			add(by, a.Attribute(strings.ToLower(by)))
		}
		add("displayName", a.DisplayName)
	}
	var out []same
	for k, list := range found {
		if len(list) > 1 {
			slices.Sort(list)
			out = append(out, same{k.tenant, k.by, k.value, list})
		}
	}
	slices.SortFunc(out, func(a, b same) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.value, b.value))
	})
	return out
}

// personsText lists accounts of one tenant that look like one person.
func personsText(d *snapshot.Directory, t *units) []byte {
	rows := [][]string{{"tenant", "attribute", "value", "count", "accounts"}}
	for _, k := range sameOf(d, t) {
		rows = append(rows, []string{k.tenant, k.by, k.value, strconv.Itoa(len(k.names)), strings.Join(k.names[:min(len(k.names), 8)], "; ")})
	}
	return table(rows)
}
