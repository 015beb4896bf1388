package directorytest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Exports makes up n exports of a directory of some objects, each of the state of one day:
// from one to the next some objects come, go, move, change, swap names or places;
// members are named in several spellings, and some that are nobody. A few exports
// are spoilt. The same source of numbers gives the same exports.
func Exports(r *rand.Rand, n, objects int) [][]byte {
	e := &exports{r: r, base: "DC=x,DC=example"}
	for range max(4, objects) {
		e.come()
	}
	// How the tool that wrote them writes: the same all month, mostly.
	style := r.IntN(16)
	out := make([][]byte, 0, n)
	for range n {
		for range r.IntN(5) {
			e.change()
		}
		if r.IntN(12) == 0 {
			style = r.IntN(16)
		}
		out = append(out, e.text(style))
	}
	return out
}

type exports struct {
	r       *rand.Rand
	base    string
	made    int
	objects []*exported
}

type exported struct {
	kind             string
	n                int // of its GUID and SID
	name, parent     string
	attributes       []string // further lines
	members          []string // lines
	control, primary int
	comment          bool
}

func (e *exports) pick() *exported { return e.objects[e.r.IntN(len(e.objects))] }

func (e *exports) come() {
	e.made++
	o := &exported{n: e.made, name: fmt.Sprintf("n%d", e.made), control: 512, primary: 513, parent: "OU=o" + fmt.Sprint(e.r.IntN(3))}
	o.kind = []string{User, User, User, User, Group, Group, Group, Computer, Unit, Contact, "container", "other-domain", "inetOrgPerson"}[e.r.IntN(13)]
	if o.kind == Unit {
		o.parent = ""
	}
	e.objects = append(e.objects, o)
	if o.kind == Group {
		for range e.r.IntN(8) {
			e.join(o)
		}
	}
}

func (e *exports) dn(o *exported) string {
	name := "CN=" + o.name
	if o.kind == Unit {
		name = "OU=" + o.name
	}
	if o.parent != "" {
		name += "," + o.parent
	}
	return name + "," + e.base
}

func (e *exports) join(g *exported) {
	name := e.dn(e.pick())
	switch e.r.IntN(12) {
	case 0:
		name = strings.ToLower(name)
	case 1:
		name = strings.ReplaceAll(name, ",", ", ")
	case 2:
		name = fmt.Sprintf("CN=S-1-5-21-9-9-9-%d,CN=ForeignSecurityPrincipals,%s", e.r.IntN(3), e.base)
	case 3:
		name = fmt.Sprintf("CN=nobody%d,%s", e.r.IntN(3), e.base)
	}
	line := "member: " + name
	if e.r.IntN(9) == 0 {
		line = "member:: " + base64.StdEncoding.EncodeToString([]byte(name))
	}
	if e.r.IntN(40) == 0 {
		line = "member;range=0-*: " + name
	}
	g.members = slices.Insert(g.members, e.r.IntN(len(g.members)+1), line)
}

func (e *exports) change() {
	r, o := e.r, e.pick()
	switch r.IntN(17) {
	case 0, 1:
		e.come()
	case 2:
		if len(e.objects) > 4 {
			e.objects = slices.DeleteFunc(e.objects, func(x *exported) bool { return x == o })
		}
	case 3:
		o.control ^= 2
	case 4:
		o.attributes = append(o.attributes, fmt.Sprintf("employeeID: %d", r.IntN(4)))
	case 5:
		o.attributes = nil
	case 6:
		o.name += "x"
	case 7:
		o.parent = "OU=o" + fmt.Sprint(r.IntN(3))
	case 8: // made anew under its name
		e.made++
		o.n = e.made
	case 9, 10, 11:
		if o.kind == Group {
			e.join(o)
			if r.IntN(2) == 0 {
				o.members = slices.Delete(o.members, 0, 1)
			}
		}
	case 12:
		i, j := r.IntN(len(e.objects)), r.IntN(len(e.objects))
		e.objects[i], e.objects[j] = e.objects[j], e.objects[i]
	case 13: // two swap what they are
		x := e.pick()
		if x.kind == o.kind {
			o.n, x.n = x.n, o.n
		}
	case 14:
		o.comment = !o.comment
	case 15:
		o.attributes = append(o.attributes, []string{
			fmt.Sprintf("accountExpires: %d", r.IntN(3)), "department;range=0-0: d", "department;lang-nl: e", "mail: a@b.example", "whenChanged: 20261001120000.0Z",
			"isDeleted: TRUE", "msDS-ReplValueMetaData: <broken>", "objectClass: crossRef", "nETBIOSName: NB", "groupType: 2", "operatingSystem: Windows Server 2022",
		}[r.IntN(11)])
	case 16:
		if r.IntN(4) == 0 {
			r.Shuffle(len(e.objects), func(i, j int) { e.objects[i], e.objects[j] = e.objects[j], e.objects[i] })
		}
	}
}

// text writes an export; the bits of style are line breaks of two bytes, ldifde's
// changetype, ldapsearch's comments, ldbsearch's.
func (e *exports) text(style int) []byte {
	r := e.r
	var b strings.Builder
	add := func(line string) { b.WriteString(line + "\n") }
	switch {
	case style&12 == 4:
		add("# extended LDIF\n#\n")
	case style&12 == 0:
		add("version: 1\n")
	}
	add("dn: " + e.base + "\nobjectClass: domainDNS\nnETBIOSName: XX\nobjectSid:: " + exportedSID(e, 0))
	if style&2 > 0 {
		add("changetype: add")
	}
	add("")
	for i, o := range e.objects {
		switch {
		case style&12 == 8:
			add(fmt.Sprintf("# record %d", i+1))
		case style&12 == 4:
			add("# " + o.name + ", x.example")
		}
		add("dn: " + e.dn(o))
		if style&2 > 0 {
			add("changetype: add")
		}
		if o.comment {
			add("# a word within")
		}
		add("objectClass: top")
		guid := make([]byte, 16)
		guid[0], guid[9] = byte(o.n*37), byte(o.n)
		switch o.kind {
		case "other-domain":
			add("objectClass: crossRef\nnETBIOSName: " + o.name + "\nnCName: " + e.base)
		case "container":
			add("objectClass: container")
		case Computer:
			add("objectClass: user\nobjectClass: computer")
		default:
			add("objectClass: " + o.kind)
		}
		if o.kind != "container" && (o.kind != Unit || o.n%2 == 0) {
			add("objectGUID:: " + base64.StdEncoding.EncodeToString(guid))
		}
		switch o.kind {
		case User, Computer, Group, "inetOrgPerson":
			add("objectSid:: " + exportedSID(e, o.n) + "\nsAMAccountName: " + o.name)
		}
		switch o.kind {
		case User, Computer, "inetOrgPerson":
			add(fmt.Sprintf("userAccountControl: %d\nprimaryGroupID: %d", o.control, o.primary))
		}
		for _, line := range o.attributes {
			add(line)
		}
		for _, line := range o.members {
			if len(line) > 30 && i%5 == 0 {
				line = line[:30] + "\n " + line[30:]
			}
			add(line)
		}
		add("")
		if r.IntN(60) == 0 {
			add("\n# between\n folded\n")
		}
		if r.IntN(700) == 0 {
			b.WriteString(b.String()[b.Len()/2:]) // spoilt: a piece of it stands twice
		}
	}
	switch {
	case style&12 == 4:
		add(fmt.Sprintf("# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 1\n# numEntries: %d", len(e.objects)+1))
	case style&12 == 8:
		add(fmt.Sprintf("# returned %d records\n# %d entries\n# 0 referrals", len(e.objects)+1, len(e.objects)+1))
	}
	out := b.String()
	if style&1 > 0 {
		out = strings.ReplaceAll(out, "\n", "\r\n")
	}
	if r.IntN(25) == 0 {
		out = out[:r.IntN(len(out))] // spoilt: cut
	}
	return []byte(out)
}

func exportedSID(e *exports, n int) string {
	sid := "S-1-5-21-1-2-3"
	if n > 0 {
		sid += fmt.Sprintf("-%d", 1000+n)
	}
	return base64.StdEncoding.EncodeToString(sidBytes(sid))
}
