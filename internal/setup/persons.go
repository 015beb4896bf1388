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

// stemOf is the beginning that names of one kind share, such as adm- of adm-jan.
func stemOf(name string) string {
	if i := strings.IndexAny(name, "-_."); i > 0 {
		return name[:i+1]
	}
	return ""
}

// exclusionsText drafts an entry for each kind of administrators' and service
// accounts. What shows their ground no source says: the document stays empty,
// and an entry without one is an error until somebody fills it.
func exclusionsText(d *snapshot.Directory, t *units) []byte {
	type kind struct{ tenant, ground, match string }
	found := map[kind][]string{}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		if a.Class != snapshot.User || a.Disabled {
			continue
		}
		g := ground(a.Name)
		if g == "" {
			continue
		}
		match := "user:" + a.Name
		if s := stemOf(a.Name); s != "" && ground(s) == g {
			match = "user:" + s + "*"
		}
		k := kind{t.tenantOf(a.DN), g, match}
		found[k] = append(found[k], a.Name)
	}
	var keys []kind
	for k := range found {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.ground, b.ground), cmp.Compare(a.match, b.match))
	})
	rows := [][]string{{"id", "tenant", "product", "ground", "match", "quantity", "document", "from", "until", "x_accounts"}}
	for i, k := range keys {
		names := found[k]
		slices.Sort(names)
		tenant := k.tenant
		if tenant == "" {
			tenant = "*"
		}
		shown := strings.Join(names[:min(len(names), 8)], "; ")
		if n := len(names) - 8; n > 0 {
			shown += fmt.Sprintf("; and %d more", n)
		}
		rows = append(rows, []string{fmt.Sprintf("X-%d", i+1), tenant, "*", k.ground, k.match, strconv.Itoa(len(names)), "", "", "", shown})
	}
	return table(rows)
}

// personsText lists accounts of one tenant that look like one person: by the
// same employee number, or by the same name.
func personsText(d *snapshot.Directory, t *units) []byte {
	type same struct{ tenant, by, value string }
	found := map[same][]string{}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		tenant := t.tenantOf(a.DN)
		if a.Class != snapshot.User || a.Disabled || tenant == "" {
			continue
		}
		for _, x := range [][2]string{{"employeeID", a.Attribute("employeeid")}, {"displayName", a.DisplayName}} {
			if v := strings.TrimSpace(x[1]); v != "" {
				k := same{tenant, x[0], v}
				found[k] = append(found[k], a.Name)
			}
		}
	}
	var keys []same
	for k, list := range found {
		if len(list) > 1 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b same) int {
		return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.value, b.value))
	})
	rows := [][]string{{"tenant", "attribute", "value", "count", "accounts"}}
	for _, k := range keys {
		list := found[k]
		slices.Sort(list)
		rows = append(rows, []string{k.tenant, k.by, k.value, strconv.Itoa(len(list)), strings.Join(list[:min(len(list), 8)], "; ")})
	}
	return table(rows)
}
