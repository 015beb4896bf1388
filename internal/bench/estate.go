package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"splameter/collector/directory/directorytest"
	"splameter/internal/month"
)

// estate is the size of a made-up provider.
type estate struct {
	tenants, users, hosts, programs, exports, events int
	days                                             int // that the events take; 0: the month
	month                                            month.Month
}

// the provider that the goals name, and what an ordinary one is.
var (
	fullEstate  = estate{tenants: 1000, users: 100_000, hosts: 5000, programs: 80, exports: 8, events: 30_000_000}
	dailyEstate = estate{tenants: 300, users: 10_000, hosts: 60, programs: 80, exports: 31, events: 1_000_000}
)

func (e estate) scaled(n int) estate {
	e.tenants, e.users, e.hosts, e.events = e.tenants/n, e.users/n, e.hosts/n, e.events/n
	return e
}

// sparse is an estate with few events for its size, ten an account in a month:
// hardly an event meets a row that is there.
func sparse(n int) estate { return sized(n, 10, 0) }

// fortnight is an estate of the shape that the goals measure counting at: in
// order of time, 100 events an account over two weeks, on 2.3 hosts an account,
// and 14 days of an account on a host. 10 million events are 100,000 accounts.
func fortnight(n int) estate { return sized(n, 100, 14) }

func sized(events, each, days int) estate {
	users := max(100, events/each)
	return estate{tenants: max(1, users/100), users: users, hosts: max(2, users/20), events: events, days: days, month: october()}
}

func october() month.Month {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		loc = time.UTC
	}
	return month.New(2026, time.October, loc)
}

// perTenant is how many hosts a tenant's users work on.
func (e *estate) perTenant() int { return max(1, e.hosts/e.tenants) }

// tenantOf is the tenant under which directorytest.Provider files a user.
func (e *estate) tenantOf(u int) int {
	small, more := e.users/e.tenants, e.users%e.tenants
	if u < more*(small+1) {
		return u / (small + 1)
	}
	return more + (u-more*(small+1))/small
}

// write makes everything that collect and report need, beneath dir.
func (e estate) write(dir string) error {
	for _, d := range []string{"directory", "inventory"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	texts := map[string]string{
		"config.yaml": estateConfig, "rules.yaml": estateRules, "tenants.csv": e.tenantTable(),
		"exclusions.csv": estateExclusions, "prices.csv": estatePrices,
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := e.directories(filepath.Join(dir, "directory")); err != nil {
		return err
	}
	if err := e.inventories(filepath.Join(dir, "inventory")); err != nil {
		return err
	}
	return writeDays(filepath.Join(dir, "events"), e)
}

// directories writes the exports in zstd.
func (e estate) directories(dir string) error {
	return e.eachExport(func(day string, f *directorytest.Forest) error {
		return compressed(filepath.Join(dir, day+".ldif.zst"), func(w io.Writer) error { return directorytest.WriteLDIF(w, f) })
	})
}

// eachExport tells the exports, evenly over the month. From one to the next one
// account in 800 changes: over eight of them, one in a hundred.
func (e estate) eachExport(write func(day string, f *directorytest.Forest) error) error {
	f := directorytest.Provider("hosting.example", "HOSTING", e.tenants, e.users)
	var people []*directorytest.Object
	for i := range f.Objects {
		if o := &f.Objects[i]; o.Kind == directorytest.User {
			people = append(people, o)
		}
	}
	days := e.month.Days()
	for n := range e.exports {
		for i := n; i < len(people) && n > 0; i += 800 {
			people[i].Disabled = !people[i].Disabled
		}
		day := e.month.FirstDay() + month.Day(n*days/e.exports)
		if err := write(day.String(), f); err != nil {
			return err
		}
	}
	return nil
}

func (e estate) inventories(dir string) error {
	day := (e.month.FirstDay() + 14).String()
	err := plain(filepath.Join(dir, "software-"+day+".csv"), func(w *bufio.Writer) {
		fmt.Fprint(w, "host,name,version,publisher\n")
		for h := range e.hosts {
			host := hostName(nil, h)
			for p := range e.programs - 2 {
				fmt.Fprintf(w, "%s,Vendor %d Program %d for Windows,%d.%d.0,Vendor %d Inc.\n", host, p%17, p, p%9, h%7, p%17)
			}
			fmt.Fprintf(w, "%s,Microsoft Office LTSC Standard 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation\n", host)
			fmt.Fprintf(w, "%s,Microsoft Visio Viewer 2016,16.0.4339.1001,Microsoft Corporation\n", host)
		}
	})
	if err != nil {
		return err
	}
	return plain(filepath.Join(dir, "hosts-"+day+".csv"), func(w *bufio.Writer) {
		fmt.Fprint(w, "host,kind,processors,cores_per_processor,virtual_cores,parent,operating_system,sql_edition,tenant\n")
		for h := range e.hosts {
			if h%20 == 0 {
				fmt.Fprintf(w, "HV-%04d,physical,2,16,,,Microsoft Windows Server 2022 Datacenter,,\n", h/20)
			}
			fmt.Fprintf(w, "%s,virtual,,,8,HV-%04d,Microsoft Windows Server 2022 Datacenter,,\n", hostName(nil, h), h/20)
		}
	})
}

func plain(path string, fill func(*bufio.Writer)) error {
	return saved(path, func(w *bufio.Writer) error {
		fill(w)
		return nil
	})
}

func (e *estate) tenantTable() string {
	var b strings.Builder
	b.WriteString("id,name,ou,street,postal_code,city,country,language,named_users\n")
	for t := range e.tenants {
		fmt.Fprintf(&b, "t%04d,Customer %04d B.V.,\"OU=T%04d,OU=Customers,DC=hosting,DC=example\",Street 1,1000 AA,City,NL,nl,yes\n", t, t, t)
	}
	b.WriteString("own,Hosting B.V.,\"OU=Staff,DC=hosting,DC=example\",Street 1,1000 AA,City,NL,nl,\n")
	return b.String()
}

const (
	providerConfig = `provider:
  name: Large Hosting B.V.
  agreement: "S0000000"
  enrollment: "0000000"
  reporter: {name: Licences, email: licences@hosting.example}
  country: NL
  time_zone: Europe/Amsterdam
  language: nl
  currency: EUR
store: sqlite:var/splameter.db
output: out
tenants: tenants.csv
exclusions: exclusions.csv
prices: prices.csv
rules: rules.yaml
directories:
  - {name: hosting, domain: HOSTING, ldif: "directory/*.ldif.zst"}
log: {level: warn}
`
	estateConfig = providerConfig + `person: [employeeID]
coverage: {directory_every: 4d, inventory_every: 31d}
sessions:
  - {name: session-hosts, files: ["events/*"], exported: 2026-11-01}
inventories:
  - {name: estate, software: "inventory/software-*.csv", hosts: "inventory/hosts-*.csv"}
pools:
  - {name: shared, hosts: ["RDSH-*"], users: [RDS-Users]}
`
	estateRules = `version: "2026-01"
products:
  - {id: rds, name: {en: Remote Desktop Services SAL}, part_number: 6WC-00002, unit: user, entitled: {pools: ["*"]}}
  - {id: office-std, name: {en: Office Standard SAL}, part_number: OFF-STD, unit: user, family: office, rank: 1, entitled: {installed: ["Microsoft Office* Standard 20??*"]}, requires: [rds]}
  - {id: office-pro, name: {en: Office Professional Plus SAL}, part_number: OFF-PRO, unit: user, family: office, rank: 2, entitled: {groups: [LIC-Office]}, requires: [rds]}
  - {id: core-cal, name: {en: Core CAL Suite}, part_number: CCAL, unit: user, entitled: {groups: [RDS-Users]}}
  - {id: win-dc, name: {en: Windows Server Datacenter (2 cores)}, part_number: 9EA-00039, unit: core, hosts: {kind: physical, operating_system: ["*Datacenter*"]}, pack: 2, minimum: {per_processor: 8}}
`
	estateExclusions = `id,tenant,product,ground,match,quantity,document,from,until
X1,own,*,admin,group:Main-Group,20,SPLA administrators,2026-01-01,
X2,t0001,office-*,flexible-virtualization,*,1000,MCA 4711,2026-03-01,2026-12-31
`
	estatePrices = `part_number,currency,unit_price,from,until
6WC-00002,EUR,4.19,2025-01-01,2026-12-31
OFF-STD,EUR,16.74,2025-01-01,2026-12-31
OFF-PRO,EUR,20.65,2025-01-01,2026-12-31
CCAL,EUR,3.10,2025-01-01,2026-12-31
9EA-00039,EUR,21.00,2025-01-01,2026-12-31
`
)
