// Package directorytest makes directories for tests: a forest described in
// Go, written as LDIF, or loaded into a Samba domain controller of its own on
// loopback, with a proxy that enforces the limits of Windows in front. It
// judges nothing; what a reading should hold is worked out by the tests from
// the forest itself.
package directorytest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"splameter/internal/dn"
)

// Forest is one domain with what is in it, in the order in which it is made.
type Forest struct {
	DNS     string   `json:"dns"`     // such as host1.example
	NetBIOS string   `json:"netbios"` // such as HOST1
	SID     string   `json:"sid"`
	Objects []Object `json:"objects"`
}

// The kinds of objects, by their most derived object class.
const (
	Unit     = "organizationalUnit"
	User     = "user"
	Computer = "computer"
	Contact  = "contact"
	Managed  = "msDS-GroupManagedServiceAccount"
	Group    = "group"
)

// Never is the accountExpires of an account that does not expire. Zero means
// the same.
const Never = "9223372036854775807"

// Object is one object of a forest.
type Object struct {
	Kind       string   `json:"kind"`
	Name       string   `json:"name"`    // common name or unit, without escapes
	In         string   `json:"in"`      // name of the parent, without the domain's part; empty: the domain itself
	Account    string   `json:"account"` // sAMAccountName
	UPN        string   `json:"upn"`
	Display    string   `json:"display"`
	Mail       string   `json:"mail"`
	Disabled   bool     `json:"disabled"`
	Expires    string   `json:"expires"` // as accountExpires holds it; empty: never
	Primary    string   `json:"primary"` // account name of the primary group; empty: Domain Users, or Domain Computers
	System     string   `json:"system"`  // operatingSystem
	Attributes []Pair   `json:"attributes"`
	Password   string   `json:"password"`    // Samba only; empty: none
	MustChange bool     `json:"must_change"` // Samba only: the password must be changed first
	Control    int      `json:"control"`     // Samba only: further bits of userAccountControl
	Members    []string `json:"members"`     // ids of other objects, or sid:S-1-…
}

// Pair is one value of one further attribute.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ID is how a group names a member: by account name, else by name.
func (o *Object) ID() string {
	if o.Account != "" {
		return o.Account
	}
	return o.Name
}

// DN is an object's distinguished name.
func (f *Forest) DN(o *Object) string {
	kind := "CN"
	if o.Kind == Unit {
		kind = "OU"
	}
	name := kind + "=" + dn.Escape(o.Name) + ","
	if o.In != "" {
		name += o.In + ","
	}
	return name + f.Base()
}

// Base is the domain's distinguished name.
func (f *Forest) Base() string { return "DC=" + strings.ReplaceAll(f.DNS, ".", ",DC=") }

// Find is the object with that id, or nil.
func (f *Forest) Find(id string) *Object {
	for i := range f.Objects {
		if f.Objects[i].ID() == id {
			return &f.Objects[i]
		}
	}
	return nil
}

func (f *Forest) add(o Object) { f.Objects = append(f.Objects, o) }

// FileTime is a moment as accountExpires holds it.
func FileTime(t time.Time) string {
	return strconv.FormatInt((t.Unix()+11644473600)*1e7+int64(t.Nanosecond())/100, 10)
}

// The names that go wrong. Each is a person of some tenant of Provider.
var oddNames = []string{
	"Peters, Sanne", "#1 Verkoop", `Jan "de Lange" Smit`, "Bakker + Zoon", `back\slash`, "<k>;=l", "a/b",
	"Zoë Çelik", "İpek Yılmaz", "ipek Yilmaz", "Łukasz Kowalski", "山田 太郎", "Noor 🌷", "Ó Súilleabháin",
	" spatie ", "OU=geen,DC=echt",
}

// Provider is a hosting provider's domain with that many users over that many
// tenants, in the proportions of a real one: a few groups a tenant nested in
// the provider's own, and everything that a counter may stumble over. The
// same arguments give the same forest.
func Provider(dns, netbios string, tenants, users int) *Forest {
	f := &Forest{DNS: dns, NetBIOS: netbios, SID: "S-1-5-21-1-2-3"}
	f.add(Object{Kind: Unit, Name: "Customers"})
	f.add(Object{Kind: Unit, Name: "Groups"})
	f.add(Object{Kind: Unit, Name: "Servers"})
	f.add(Object{Kind: Unit, Name: "Staff"})
	var rds, office []string
	all := make([]string, 0, users)
	n := 0
	for t := range tenants {
		ou := fmt.Sprintf("OU=T%04d,OU=Customers", t)
		f.add(Object{Kind: Unit, Name: fmt.Sprintf("T%04d", t), In: "OU=Customers"})
		f.add(Object{Kind: Unit, Name: "Users", In: ou})
		var own []string
		share := users/tenants + bit(t < users%tenants)
		for range share {
			u := person(n, "OU=Users,"+ou, f.DNS)
			own = append(own, u.Account)
			f.add(u)
			n++
		}
		all = append(all, own...)
		group := fmt.Sprintf("T%04d-RDS", t)
		f.add(Object{Kind: Group, Name: group, In: ou, Account: group, Members: own})
		rds = append(rds, group)
		half := fmt.Sprintf("T%04d-Office", t)
		f.add(Object{Kind: Group, Name: half, In: ou, Account: half, Members: own[:len(own)/2]})
		office = append(office, half)
	}
	f.add(Object{Kind: Group, Name: "RDS-Users", In: "OU=Groups", Account: "RDS-Users", Members: rds})
	f.add(Object{Kind: Group, Name: "LIC-Office", In: "OU=Groups", Account: "LIC-Office", Members: office})
	f.add(Object{Kind: Group, Name: "Everybody", In: "OU=Groups", Account: "Everybody", Members: all})
	oddities(f, all)
	return f
}

// person is the n-th user.
func person(n int, in, domain string) Object {
	account := fmt.Sprintf("u%06d", n)
	name := fmt.Sprintf("Jansen, Jan %06d", n)
	if n < len(oddNames) {
		name = oddNames[n]
	}
	u := Object{
		Kind: User, Name: name, In: in, Account: account, UPN: account + "@" + domain, Display: strings.TrimSpace(name),
		Mail: account + "@mail." + domain, Disabled: n%17 == 3,
		Attributes: []Pair{{"employeeID", strconv.Itoa(100000 + n)}},
	}
	switch n % 11 {
	case 1:
		u.Expires = "0"
	case 2:
		u.Expires = FileTime(time.Date(2020, 2, 29, 22, 0, 0, 0, time.UTC)) // past
	case 3:
		u.Expires = FileTime(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	case 4:
		u.Attributes = nil
	}
	if n%13 == 5 {
		u.Attributes = append(u.Attributes, Pair{"department", "Zürich, \"Öst\""})
	}
	return u
}

// oddities adds what is neither a plain user nor a plain group.
func oddities(f *Forest, users []string) {
	f.add(Object{Kind: Group, Name: "Main Group", In: "OU=Groups", Account: "Main-Group"})
	f.add(Object{Kind: User, Name: "Only Primary", In: "OU=Staff", Account: "primary1", UPN: "primary1@" + f.DNS, Primary: "Main-Group"})
	f.add(Object{Kind: Contact, Name: "Contact, C.", In: "OU=Staff", Mail: "c@elsewhere.example", Display: "Contact, C."})
	f.add(Object{Kind: Computer, Name: "RDSH-01", In: "OU=Servers", Account: "RDSH-01$", System: "Windows Server 2022 Standard"})
	f.add(Object{Kind: Computer, Name: "PC-01", In: "OU=Servers", Account: "PC-01$", System: "Windows 11 Enterprise", Disabled: true})
	f.add(Object{Kind: Managed, Name: "gmsa1", In: "OU=Servers", Account: "gmsa1$"})
	f.add(Object{Kind: Group, Name: "Empty", In: "OU=Groups", Account: "Empty"})
	f.add(Object{Kind: Group, Name: "Mixed", In: "OU=Groups", Account: "Mixed", Members: []string{
		"RDSH-01$", "gmsa1$", "Contact, C.", "primary1", "sid:S-1-5-21-9-8-7-1001", users[0],
	}})
	// A ring of three, and a chain twenty deep, with a user at its bottom.
	for i := range 3 {
		name := fmt.Sprintf("Ring-%d", i)
		f.add(Object{Kind: Group, Name: name, In: "OU=Groups", Account: name, Members: []string{fmt.Sprintf("Ring-%d", (i+1)%3)}})
	}
	for i := range 20 {
		name, below := fmt.Sprintf("Chain-%02d", i), fmt.Sprintf("Chain-%02d", i+1)
		if i == 19 {
			below = users[len(users)-1]
		}
		f.add(Object{Kind: Group, Name: name, In: "OU=Groups", Account: name, Members: []string{below}})
	}
	f.add(Object{Kind: Group, Name: "Haken, (groep) \\ met #", In: "OU=Groups", Account: "Haken", Members: []string{"Ring-0", "Empty"}})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
