// Command provider makes the exports of a made-up hosting provider of 120
// customers: two months of its directory, its session logs, inventories, a CRM
// export, the reseller's price file and what was reported before. Nothing of
// splameter's own is among them: it is what a provider has on the first day.
// The same seed gives the same bytes.
//
//	go run ./testdata/provider --out polder
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	base      = "DC=polder,DC=example"
	domainSID = "S-1-5-21-1004-2008-3012"
	channel   = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
)

var (
	first = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	last  = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC) // the day after the logs' last
)

// object is one entry of the directory, with the days on which it is what.
type object struct {
	dn, name, display, system, mail, employee string
	n                                         int
	from, off                                 time.Time // made; disabled: zero is never
}

type group struct {
	name    string
	n       int
	members []string
}

type customer struct {
	id, name, ou string
	number       int
	users        []*object
}

type provider struct {
	r         *rand.Rand
	customers []*customer
	accounts  []*object
	groups    []*group
	units     []string
}

func main() {
	out := flag.String("out", "polder", "the folder to write to")
	seed := flag.Uint64("seed", 1, "another seed makes another provider")
	count := flag.Int("customers", 120, "how many customers")
	flag.Parse()
	p := &provider{r: rand.New(rand.NewPCG(*seed, 120))}
	p.people(*count)
	files := map[string][]byte{}
	for day := first; day.Before(last); day = day.AddDate(0, 0, 1) {
		files["directory/"+day.Format(time.DateOnly)+".ldif.gz"] = packed(p.export(day))
	}
	p.estate(files)
	p.logs(files)
	p.office(files)
	for name, data := range files {
		path := filepath.Join(*out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

var (
	places   = strings.Fields("Almere Breda Culemborg Delft Edam Franeker Gouda Haarlem IJmuiden Joure Kampen Leerdam Medemblik Nijkerk Oss Purmerend Raalte Sneek Tiel Urk Venlo Weesp Zeist Zutphen")
	trades   = strings.Fields("Bakkerij Notariskantoor Bouwbedrijf Makelaardij Tandarts Accountants Drukkerij Transport Zorggroep Installaties")
	names    = strings.Fields("Anna Bram Carla Daan Eva Frits Greet Hanna Ivo Jan Karel Lies Max Nora Otto Piet Roos Sem Tess Wim")
	surnames = strings.Fields("Appel Bos Dijk Eik Geel Haan Kuiper Linde Meer Nagel Prins Roos Smit Veen Wilg Zand")
)

// people makes customers, accounts and groups. What is odd about a real
// provider is among it: leavers still in groups, a customer that is suspended,
// administrators, service accounts, persons with two accounts.
func (p *provider) people(count int) {
	p.units = append(p.units, "OU=Klanten,"+base, "OU=Beheer,"+base, "OU=Servers,"+base, "OU=Groepen,"+base)
	all := &group{name: "RDS-Alle"}
	project := &group{name: "LIC-Project-Pro"}
	for i := range count {
		c := &customer{number: 10001 + i}
		c.name = trades[i%len(trades)] + " " + places[(i*7+i/len(trades))%len(places)]
		c.id = fmt.Sprintf("K%03d", i+1)
		c.ou = "OU=" + c.id + " " + c.name + ",OU=Klanten," + base
		p.units = append(p.units, c.ou)
		g := &group{name: "RDS-" + c.id}
		for j := range 4 + p.r.IntN(22) {
			given, sur := names[p.r.IntN(len(names))], surnames[p.r.IntN(len(surnames))]
			o := &object{display: given + " " + sur, name: fmt.Sprintf("%s.%s%d", strings.ToLower(c.id), strings.ToLower(sur), j), from: first}
			o.dn = "CN=" + o.display + " " + strconv.Itoa(j) + "," + c.ou
			o.employee = fmt.Sprintf("%d%03d", c.number, j)
			switch n := p.r.IntN(40); {
			case n == 0:
				o.off = first.AddDate(0, 0, 5+p.r.IntN(20)) // left in September, and stays in the groups
			case n == 1:
				o.from = first.AddDate(0, 1, p.r.IntN(20)) // came in October
			case n == 2 && j > 0:
				o.employee = c.users[j-1].employee // a second account of the one before
			}
			p.add(o)
			c.users = append(c.users, o)
			g.members = append(g.members, o.name)
			if p.r.IntN(25) == 0 {
				project.members = append(project.members, o.name)
			}
		}
		p.groups = append(p.groups, g)
		all.members = append(all.members, g.name)
		p.customers = append(p.customers, c)
	}
	admins := &group{name: "Beheerders"}
	for i := range 5 {
		o := &object{name: fmt.Sprintf("adm-%d", i+1), display: fmt.Sprintf("Beheerder %d", i+1), from: first}
		o.dn = "CN=" + o.display + ",OU=Beheer," + base
		p.add(o)
		admins.members = append(admins.members, o.name)
	}
	for _, n := range []string{"svc-backup", "svc-sql", "svc-scan"} {
		o := &object{name: n, display: n, from: first, dn: "CN=" + n + ",OU=Beheer," + base}
		p.add(o)
		admins.members = append(admins.members, o.name)
	}
	all.members = append(all.members, admins.name)
	for _, h := range machines {
		o := &object{name: h.name + "$", display: h.name, system: h.system, from: first, dn: "CN=" + h.name + ",OU=Servers," + base}
		p.add(o)
	}
	p.groups = append(p.groups, all, project, admins)
	for i, g := range p.groups {
		g.n = i
	}
}

func (p *provider) add(o *object) {
	o.n = len(p.accounts)
	p.accounts = append(p.accounts, o)
}

// machine is one server of the provider.
type machine struct {
	name, system, parent, sql string
	cores                     int
	host                      bool // a session host
}

var machines = []machine{
	{name: "HV-01", system: "Windows Server 2022 Datacenter", cores: 16}, {name: "HV-02", system: "Windows Server 2022 Datacenter", cores: 16},
	{name: "RDSH-01", system: "Windows Server 2022 Standard", parent: "HV-01", cores: 8, host: true}, {name: "RDSH-02", system: "Windows Server 2022 Standard", parent: "HV-01", cores: 8, host: true},
	{name: "RDSH-03", system: "Windows Server 2022 Standard", parent: "HV-02", cores: 8, host: true}, {name: "RDSH-04", system: "Windows Server 2022 Standard", parent: "HV-02", cores: 8, host: true},
	{name: "SQL-01", system: "Windows Server 2022 Standard", parent: "HV-01", sql: "Standard", cores: 4}, {name: "DC-01", system: "Windows Server 2022 Standard", parent: "HV-02", cores: 2},
}

func (p *provider) export(day time.Time) []byte {
	var b bytes.Buffer
	line := func(name, value string) {
		plain := value != "" && !strings.ContainsAny(value[:1], " :<")
		for i := range len(value) {
			plain = plain && value[i] >= ' ' && value[i] <= '~'
		}
		if plain {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		} else {
			fmt.Fprintf(&b, "%s:: %s\n", name, base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	entry := func(dn string, classes ...string) {
		line("dn", dn)
		for _, c := range append([]string{"top"}, classes...) {
			line("objectClass", c)
		}
	}
	line("version", "1")
	b.WriteString("\n")
	entry(base, "domain", "domainDNS")
	line("objectSid", sid(domainSID))
	line("nETBIOSName", "POLDER")
	b.WriteString("\n")
	for i, u := range p.units {
		entry(u, "organizationalUnit")
		line("objectGUID", guid(0xd0, i))
		b.WriteString("\n")
	}
	dns := map[string]string{}
	for _, o := range p.accounts {
		if o.from.After(day) {
			continue
		}
		dns[o.name] = o.dn
		control, primary, classes := 512, 513, []string{"person", "organizationalPerson", "user"}
		if o.system != "" {
			control, primary, classes = 4096, 515, append(classes, "computer")
		}
		if !o.off.IsZero() && !day.Before(o.off) {
			control |= 2
		}
		entry(o.dn, classes...)
		line("objectGUID", guid(0xa0, o.n))
		line("objectSid", sid(fmt.Sprintf("%s-%d", domainSID, 2000+o.n)))
		line("sAMAccountName", o.name)
		line("userAccountControl", strconv.Itoa(control))
		line("primaryGroupID", strconv.Itoa(primary))
		line("accountExpires", "9223372036854775807")
		if o.system != "" {
			line("operatingSystem", o.system)
		} else {
			line("displayName", o.display)
			line("userPrincipalName", o.name+"@polder.example")
		}
		if o.employee != "" {
			line("employeeID", o.employee)
		}
		b.WriteString("\n")
	}
	for _, g := range p.groups {
		dns[g.name] = "CN=" + g.name + ",OU=Groepen," + base
	}
	for _, g := range p.groups {
		entry(dns[g.name], "group")
		line("objectGUID", guid(0xb0, g.n))
		line("objectSid", sid(fmt.Sprintf("%s-%d", domainSID, 1100+g.n)))
		line("sAMAccountName", g.name)
		line("groupType", "-2147483646")
		for _, m := range g.members {
			if dn := dns[m]; dn != "" {
				line("member", dn)
			}
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// estate writes what is installed, and the machines.
func (p *provider) estate(files map[string][]byte) {
	for _, date := range []string{"2026-09-15", "2026-10-15"} {
		rows := [][]string{{"host", "name", "version", "publisher"}}
		add := func(host, name string) { rows = append(rows, []string{host, name, "16.0", "Microsoft Corporation"}) }
		for _, m := range machines {
			if m.host {
				add(m.name, "Microsoft Office LTSC Standard 2021 - nl-nl")
				add(m.name, "Microsoft Office Proofing Tools 2016 - Nederlands")
				rows = append(rows, []string{m.name, "7-Zip 24.08 (x64)", "24.08", "Igor Pavlov"})
			}
			if m.sql != "" {
				add(m.name, "Microsoft SQL Server 2022 (64-bit)")
				add(m.name, "SQL Server 2022 Database Engine Services")
			}
			if !m.host && m.sql == "" {
				rows = append(rows, []string{m.name, "7-Zip 24.08 (x64)", "24.08", "Igor Pavlov"})
			}
		}
		files["inventory/software-"+date+".csv"] = table(rows)
		hosts := [][]string{{"host", "kind", "processors", "cores_per_processor", "virtual_cores", "parent", "operating_system", "sql_edition", "tenant", "windows_licence"}}
		for _, m := range machines {
			if m.parent == "" {
				hosts = append(hosts, []string{m.name, "physical", "2", strconv.Itoa(m.cores / 2), "", "", "Microsoft " + m.system, "", "", ""})
				continue
			}
			hosts = append(hosts, []string{m.name, "virtual", "", "", strconv.Itoa(m.cores), m.parent, "Microsoft " + m.system, m.sql, "", ""})
		}
		files["inventory/hosts-"+date+".csv"] = table(hosts)
	}
}

// logs writes each session host's log, whole from its first record: a beat
// every morning, and everybody's sessions.
func (p *provider) logs(files map[string][]byte) {
	for n, m := range machines {
		if !m.host {
			continue
		}
		rows := [][]string{{"TimeCreated", "Computer", "Channel", "EventID", "User", "SessionID", "Address", "EventRecordID"}}
		record := 0
		event := func(at time.Time, id, session int, user string) {
			record++
			rows = append(rows, []string{at.Format("2006-01-02T15:04:05.0000000Z"), strings.ToLower(m.name) + ".polder.example", channel, strconv.Itoa(id), user, strconv.Itoa(session), "10.0.0.9", strconv.Itoa(record)})
		}
		for day := first; day.Before(last); day = day.AddDate(0, 0, 1) {
			at := day.Add(6 * time.Hour)
			event(at, 21, 2, `POLDER\adm-1`)
			for i, o := range p.accounts {
				working := o.system == "" && !o.from.After(day) && (o.off.IsZero() || day.Before(o.off)) && o.employee != ""
				if working && i%4 == n%4 && (i+day.YearDay())%11 == 0 {
					at = at.Add(7 * time.Second)
					event(at, 21, 3+i, `POLDER\`+o.name)
					event(at.Add(time.Second), 23, 3+i, `POLDER\`+o.name) // whoever never logs off is there next month too
				}
			}
			event(day.Add(23*time.Hour), 23, 2, `POLDER\adm-1`)
		}
		files["logs/"+m.name+".csv"] = table(rows)
	}
}

// office writes what the provider's office has: customers, prices, and what was
// reported before.
func (p *provider) office(files map[string][]byte) {
	crm := [][]string{{"Klantnummer", "Naam", "Straat", "Postcode", "Plaats", "Land", "Contactpersoon", "E-mail"}}
	for i, c := range p.customers {
		crm = append(crm, []string{strconv.Itoa(c.number), c.name, fmt.Sprintf("Dorpsstraat %d", i+1), fmt.Sprintf("%04d AB", 1000+i), places[(i*7+i/len(trades))%len(places)], "NL", names[i%len(names)] + " " + surnames[i%len(surnames)], fmt.Sprintf("licenties@klant%03d.example", i+1)})
	}
	files["crm.csv"] = table(crm)
	files["reseller.csv"] = []byte("Part number;Description;Net price;Currency\n" +
		"6WC-00002;Remote Desktop Services SAL;4,10;EUR\n" +
		"OFF-STD-SAL;Office Standard SAL;15,00;EUR\n" +
		"PRJ-PRO-SAL;Project Professional SAL;25,25;EUR\n" +
		"9EA-00039;Windows Server Datacenter 2 cores;40,00;EUR\n" +
		"9EM-00562;Windows Server Standard 2 cores;6,00;EUR\n" +
		"7NQ-00302;SQL Server Standard 2 cores;150,00;EUR\n")
}

func table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

func packed(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func guid(kind byte, n int) string {
	return string([]byte{0x20, 0x26, 0x12, 0x00, 0x26, 0x20, 0x10, 0x40, 0x80, 0x00, 0xd0, 0x01, kind, byte(n >> 16), byte(n >> 8), byte(n)})
}

func sid(text string) string {
	parts := strings.Split(text, "-")[2:]
	b := []byte{1, byte(len(parts) - 1), 0, 0, 0, 0, 0}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			panic(err)
		}
		if i == 0 {
			b = append(b, byte(n))
			continue
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return string(b)
}
