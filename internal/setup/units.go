package setup

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// unit is a container of the directory with the user accounts in it.
type unit struct {
	key, name, dn             string
	ou                        bool
	direct                    int // user accounts in it itself
	accounts, enabled         int // beneath it at any depth
	children                  []*unit
	id                        string // of the draft's line; empty: it has none
	outside, internal, placed bool
}

// units is the tree of containers with user accounts.
type units struct {
	by    map[string]*unit
	roots []*unit
	lines []*unit // those with a line, in order
}

// unitsOf builds the tree from where the accounts lie: the directory is read
// without its units, so that an empty one does not show.
func unitsOf(d *snapshot.Directory, base []string) (*units, error) {
	t := &units{by: map[string]*unit{}}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		if a.Class != snapshot.User {
			continue
		}
		first := true
		for name := parentName(a.DN); name != ""; name = parentName(name) {
			u := t.unit(name)
			if u == nil {
				break
			}
			if first {
				u.direct++
				first = false
			}
			u.accounts++
			if !a.Disabled {
				u.enabled++
			}
		}
	}
	for _, u := range t.by {
		slices.SortFunc(u.children, func(a, b *unit) int { return cmp.Compare(a.key, b.key) })
	}
	slices.SortFunc(t.roots, func(a, b *unit) int { return cmp.Compare(a.key, b.key) })
	bases := map[string]bool{}
	for _, b := range base {
		key, err := dn.Key(b)
		if err != nil {
			return nil, fmt.Errorf("--base %s is no distinguished name; write it like OU=Customers,DC=host,DC=example", b)
		}
		if t.by[key] == nil {
			return nil, fmt.Errorf("--base %s holds no user account; compare it with the directory", b)
		}
		bases[key] = true
	}
	for _, r := range t.roots {
		t.place(r, bases)
	}
	t.name()
	return t, nil
}

// unit is the container of that name, with those above it.
func (t *units) unit(name string) *unit {
	key, err := dn.Key(name)
	if err != nil {
		return nil
	}
	if u := t.by[key]; u != nil {
		return u
	}
	kind, _ := dn.Leaf(key)
	u := &unit{key: key, dn: name, ou: kind == "ou", name: leafName(name)}
	t.by[key] = u
	if up := parentName(name); up != "" {
		if p := t.unit(up); p != nil {
			p.children = append(p.children, u)
			return u
		}
	}
	t.roots = append(t.roots, u)
	return u
}

// place decides which units get a line. With bases, those right beneath them,
// and every other unit marked as outside; without, a unit that holds no
// account itself but several units that do is taken for a folder of customers.
func (t *units) place(u *unit, bases map[string]bool) {
	if bases[u.key] {
		for _, c := range u.children {
			if c.ou {
				t.line(c, false)
			}
		}
		if u.direct > 0 {
			t.line(u, false)
		}
		return
	}
	holds := false
	for b := range bases {
		holds = holds || dn.Under(b, u.key)
	}
	inner := 0
	for _, c := range u.children {
		if c.ou {
			inner++
		}
	}
	switch {
	case !u.ou, holds, len(bases) == 0 && u.direct == 0 && inner > 1:
		for _, c := range u.children {
			t.place(c, bases)
		}
	default:
		t.line(u, len(bases) > 0)
	}
}

func (t *units) line(u *unit, outside bool) {
	u.placed, u.outside = true, outside
	u.internal = looksInternal(u.name)
	t.lines = append(t.lines, u)
}

// looksInternal says that a unit's name is one that providers give to their
// own people and accounts.
func looksInternal(name string) bool {
	return hasWord(name, []string{"staff", "admin", "admins", "beheer", "beheerders", "medewerkers", "personeel", "employees", "internal", "intern", "service", "services", "serviceaccounts", "it", "ict", "provider"})
}

// looksSuspended says that a name, or a status, is one that providers give to
// customers that are cut off.
func looksSuspended(name string) bool {
	return hasWord(name, []string{"suspended", "suspend", "suspension", "opgeschort", "geblokkeerd", "geblokeerd", "blocked", "wanbetaler", "wanbetalers", "gesperrt", "inactief", "inactive", "inaktiv", "opgezegd", "beeindigd", "stopgezet", "terminated", "cancelled", "canceled", "closed", "ended"})
}

func hasWord(name string, list []string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
}

// name gives each line an id made of the unit's name.
func (t *units) name() {
	used := map[string]bool{}
	for _, u := range t.lines {
		id := strings.Trim(strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				return r
			case unicode.Is(unicode.Mn, r): // the mark of a letter: ü is u
				return -1
			}
			return '-'
		}, norm.NFKD.String(strings.ReplaceAll(strings.ToLower(u.name), "ß", "ss"))), "-")
		for strings.Contains(id, "--") {
			id = strings.ReplaceAll(id, "--", "-")
		}
		if id == "" || len(id) > 60 || config.CheckName(id) != nil {
			id = "tenant"
		}
		for n, first := 2, id; used[id]; n++ {
			id = fmt.Sprintf("%s-%d", first, n)
		}
		used[id] = true
		u.id = id
	}
}

// join gives one id to the units of one customer: those that one row of the CRM
// export means, and the provider's own units of one name in several domains.
func (t *units) join(customers []Customer) {
	first := map[string]string{}
	for _, u := range t.lines {
		key := ""
		switch c, _ := customerOf(customers, u.name); {
		case c != nil:
			key = "customer " + cmp.Or(c.number, folded(c.name))
		case u.internal:
			key = "own " + folded(u.name)
		default:
			continue
		}
		if first[key] == "" {
			first[key] = u.id
		}
		u.id = first[key]
	}
}

// tenantOf is the id of the deepest line above a name; empty: none.
func (t *units) tenantOf(name string) string {
	key, err := dn.Key(name)
	for err == nil && key != "" {
		if u := t.by[key]; u != nil && u.id != "" {
			return u.id
		}
		key = dn.Parent(key)
	}
	return ""
}

// parentName is a distinguished name without its first part, as written.
func parentName(name string) string {
	if i := partEnd(name); i < len(name) {
		return name[i+1:]
	}
	return ""
}

// leafName is the value of the first part, without its escapes where that is
// simple.
func leafName(name string) string {
	_, v, _ := strings.Cut(name[:partEnd(name)], "=")
	if !strings.Contains(v, `\`) {
		return v
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i++
		}
		b.WriteByte(v[i])
	}
	return strings.ToValidUTF8(b.String(), "")
}

// partEnd is where the first part of a name ends: at a comma that is not
// escaped.
func partEnd(name string) int {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case ',':
			return i
		}
	}
	return len(name)
}
