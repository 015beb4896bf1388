package main

// base is the domain's distinguished name, and netBIOS what session logs call it.
const (
	base      = "DC=duinrand,DC=example"
	netBIOS   = "DUINRAND"
	dnsName   = "duinrand.example"
	domainSID = "S-1-5-21-20260901-20261001-20261101"
)

// Where accounts lie.
const (
	tuinderij = "OU=Users,OU=tuinderij,OU=Customers," + base
	notaris   = "OU=Users,OU=notaris,OU=Customers," + base
	harbour   = "OU=Users,OU=harbour,OU=Customers," + base
	ijzer     = "OU=Users,OU=ijzer,OU=Customers," + base
	staff     = "OU=Staff," + base
	loose     = "OU=Loose Ends," + base
	servers   = "OU=Servers," + base
	groupsOU  = "OU=Groups," + base
)

// account is one account over both months. Days are YYYY-MM-DD; a change
// shows in the export of that day, which is made as the day begins.
type account struct {
	name, display, ou string
	employee          string // employeeID
	mailbox           bool
	from              string // first export that holds it; empty: all
	disabledFrom      string // empty: never; the first day: always
	expires           string // the day at whose start the account ends
	moves             string // the day from which it lies in to
	to                string
	system            string // operatingSystem: a computer
}

const always = "2026-09-01"

// accounts stand in the order of their objectGUIDs.
var accounts = []account{
	{name: "a.bloem", display: "Anna Bloem", ou: tuinderij, employee: "T-001", mailbox: true},
	{name: "b.wilg", display: "Bas Wilg", ou: tuinderij, employee: "T-002"},
	{name: "c.roos", display: "Carla Roos", ou: tuinderij, employee: "T-003", disabledFrom: "2026-09-21"},
	{name: "d.linde", display: "Daan Linde", ou: tuinderij, employee: "T-004", from: "2026-10-12"},
	{name: "e.varen", display: "Els Varen", ou: tuinderij, employee: "T-005", disabledFrom: always},
	{name: "f.iep", display: "Femke Iep", ou: tuinderij, employee: "T-006"},
	{name: "f.iep2", display: "Femke Iep (tekenkamer)", ou: tuinderij, employee: "T-006"},
	{name: "g.spar", display: "Gijs Spar", ou: tuinderij, employee: "T-007", mailbox: true},
	{name: "h.akte", display: "Hanna Akte-de Wit", ou: notaris, employee: "N-001", mailbox: true},
	{name: "i.zegel", display: "Ilse Zegel", ou: notaris, employee: "N-002", mailbox: true},
	{name: "j.griffie", display: "Jan Griffie", ou: notaris, employee: "N-003", mailbox: true},
	{name: "svc-scan", display: "Scanner notariskantoor", ou: notaris},
	{name: "k.moes", display: "Karel Moes", ou: tuinderij, employee: "T-008", moves: "2026-10-16", to: notaris},
	{name: "l.buoy", display: "Lucy Buoy", ou: harbour},
	{name: "m.quay", display: "Max Quay", ou: harbour},
	{name: "n.dock", display: "Nell Dock", ou: harbour, expires: "2026-09-15"},
	{name: "o.mast", display: "Olga Mast", ou: harbour},
	{name: "p.staal", display: "Piet Staal", ou: ijzer},
	{name: "q.smid", display: "Quirine Smid", ou: ijzer},
	{name: "r.vijl", display: "Rob Vijl", ou: ijzer},
	{name: "s.klink", display: "Sára Klink", ou: ijzer},
	{name: "t.hamer", display: "Tom Hamer, ZZP", ou: ijzer},
	{name: "werkplaats", display: "Werkplaats (gedeeld)", ou: ijzer},
	{name: "u.beheer", display: "Ursula Beheer", ou: staff},
	{name: "v.systeem", display: "Victor Systeem", ou: staff},
	{name: "w.duin", display: "Wendy Duin", ou: staff},
	{name: "x.los", display: "Xander Los", ou: loose},
	{name: "y.slaap", display: "Yara Slaap", ou: harbour},
	{name: "RDSH-K01$", ou: servers, system: "Windows Server 2022 Datacenter"},
	{name: "RDSH-K02$", ou: servers, system: "Windows Server 2022 Datacenter"},
	{name: "RDSH-T01$", ou: servers, system: "Windows Server 2022 Datacenter"},
	{name: "RDSH-T02$", ou: servers, system: "Windows Server 2022 Datacenter"},
	{name: "PRN-01$", ou: servers, system: "Windows Server 2019 Standard"},
}

// member is one member of a group, from its first export up to the export
// before until; empty ends are open.
type member struct{ name, from, until string }

// group is one group: its members are accounts, other groups or the contact.
type group struct {
	name, ou string
	members  []member
}

func all(names ...string) (list []member) {
	for _, n := range names {
		list = append(list, member{name: n})
	}
	return list
}

var groups = []group{
	// What pools and rules name.
	{"RDS-Kantoor", groupsOU, all("Tuinderij-RDS", "Notaris-RDS", "Harbour-RDS", "IJzer-RDS", "Staff-RDS", "SPLA-Admins", "x.los")},
	{"RDS-Ontwerp", groupsOU, all("IJzer-Ontwerp", "f.iep2", "SPLA-Admins")},
	{"APP-Visio", groupsOU, all("b.wilg", "h.akte")},
	{"APP-Project", groupsOU, append(all("p.staal"), member{name: "q.smid", from: "2026-10-05"})},
	{"LIC-Project-Pro", groupsOU, all("t.hamer")},
	{"SPLA-Admins", groupsOU, all("u.beheer", "v.systeem")},
	{"Staff-RDS", groupsOU, all("w.duin")},
	// The tenants' own, nested in the above.
	{"Tuinderij-RDS", tuinderij, []member{{name: "a.bloem"}, {name: "b.wilg"}, {name: "c.roos", until: "2026-09-21"},
		{name: "d.linde", from: "2026-10-12"}, {name: "e.varen"}, {name: "f.iep"}, {name: "k.moes", until: "2026-10-16"}, {name: "Leverancier Kas"}}},
	{"Notaris-RDS", notaris, append(all("h.akte", "i.zegel", "j.griffie", "svc-scan"), member{name: "k.moes", from: "2026-10-16"})},
	{"Harbour-RDS", harbour, all("Harbour-All", "n.dock")},
	{"Harbour-All", harbour, all("l.buoy", "m.quay", "Harbour-RDS")}, // a circle: the two hold each other
	{"IJzer-RDS", ijzer, all("r.vijl", "s.klink", "werkplaats")},
	{"IJzer-Ontwerp", ijzer, all("p.staal", "q.smid", "r.vijl")},
}

// contact can be a member of a group and signs in nowhere.
const contact = "Leverancier Kas"
