package rules

import (
	"fmt"
	"strings"

	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// matchSQL says whether an edition is one that the rule names.
func (p *Product) matchSQL(edition string) bool {
	gs := globs(p.Hosts.SQLEdition)
	return edition != "" && (gs.Match(edition) || gs.Match(product.SQLEdition(edition)))
}

// due says whether a rule is due for a machine.
func (p *Product) due(m *machine) bool {
	if p.Hosts.Kind != "" && p.Hosts.Kind != m.kind {
		return false
	}
	if len(p.Hosts.Names) > 0 && !globs(p.Hosts.Names).Match(m.host) && !globs(p.Hosts.Names).Match(snapshot.HostKey(m.host)) {
		return false
	}
	if len(p.Hosts.WindowsLicence) > 0 && !globs(p.Hosts.WindowsLicence).Match(string(m.windowsLicence)) {
		return false
	}
	if len(p.Hosts.SQLEdition) > 0 {
		if !p.matchSQL(m.sql) {
			return false
		}
		if m.sqlCovered {
			return false
		}
	}
	if len(p.Hosts.OperatingSystem) > 0 {
		return p.matchSystem(m)
	}
	return true
}

// matchSystem compares the operating system; for a physical host what the
// hosts table says of its licence comes first, and a host without Windows and
// without a Windows guest owes none.
func (p *Product) matchSystem(m *machine) bool {
	gs := globs(p.Hosts.OperatingSystem)
	if m.kind != snapshot.Physical || m.windowsLicence == "" {
		return gs.Match(m.os)
	}
	if !product.IsWindows(m.os) && len(m.guests) == 0 {
		return false
	}
	if m.windowsLicence != snapshot.WindowsDatacenter && m.windowsLicence != snapshot.WindowsStandard {
		return false
	}
	if product.WindowsEdition(m.os) == m.windowsLicence {
		return gs.Match(m.os)
	}
	for _, version := range []string{"", "2012 ", "2012 R2 ", "2016 ", "2019 ", "2022 ", "2025 "} {
		if gs.Match("Microsoft Windows Server " + version + editionName(m.windowsLicence)) {
			return true
		}
	}
	return false
}

// editionName is an edition as Windows Server's own name has it.
func editionName(l snapshot.WindowsLicence) string {
	return strings.ToUpper(string(l[:1])) + string(l[1:])
}

// owesNone is a machine that owes no Windows Server.
const owesNone snapshot.WindowsLicence = "none"

// windowsDue says which edition of Windows Server a physical host owes:
// datacenter, standard, customer, owesNone, or "" where nobody knows.
func (m *machine) windowsDue() snapshot.WindowsLicence {
	if m.kind != snapshot.Physical || len(m.guests) == 0 && (!product.IsWindows(m.os) || product.IsWindowsClient(m.os)) {
		return owesNone
	}
	switch m.windowsLicence {
	case snapshot.WindowsDatacenter, snapshot.WindowsStandard, snapshot.WindowsCustomer:
		return m.windowsLicence
	case snapshot.WindowsCISDatacenter:
		return snapshot.WindowsDatacenter
	case snapshot.WindowsCISStandard:
		return snapshot.WindowsStandard
	}
	return product.WindowsEdition(m.os)
}

// count is what a rule yields for a machine.
func (p *Product) count(m *machine) statement.Machine {
	out := statement.Machine{Tenant: nameOr(m.tenant, register.Shared), Product: p.ID, Key: m.key, Host: m.host,
		Cores: m.cores, Times: 1, First: m.first, Last: m.last, At: m.at}
	out.Edition = m.os
	if len(p.Hosts.SQLEdition) > 0 {
		out.Edition = "SQL Server " + product.SQLEdition(m.sql)
	}
	least := p.Minimum.PerMachine
	if m.kind == snapshot.Physical {
		least = max(least, p.Minimum.PerProcessor*max(m.processors, 1))
	}
	cores := m.cores
	if cores < least {
		cores, out.Minimum = least, least
	}
	if per := p.guestsCovered(m); per > 0 {
		out.Guests = m.guests
		out.Times = max(1, (len(m.guests)+per-1)/per)
		if out.Times > 1 {
			out.Note = fmt.Sprintf("Standard: the host's cores are due %d times for %d Windows guests", out.Times, len(m.guests))
		}
	}
	pack := max(p.Pack, 1)
	out.Packs = (cores*out.Times + pack - 1) / pack // rounded up once a host
	return out
}

// guestsCovered is how many Windows guests one set of cores covers; 0: the
// rule does not ask.
func (p *Product) guestsCovered(m *machine) int {
	if m.kind != snapshot.Physical || len(p.Hosts.OperatingSystem)+len(p.Hosts.WindowsLicence) == 0 && p.Guests == 0 {
		return 0
	}
	if p.Guests > 0 {
		return p.Guests
	}
	if m.windowsDue() == snapshot.WindowsStandard {
		return 1
	}
	return 0
}

// countMachines yields what every core product is due for, exclusions by host
// applied in file order.
func (e *evaluation) countMachines() {
	e.countDevices()
	for _, p := range e.products {
		if p.Unit != statement.UnitCore {
			continue
		}
		for _, m := range e.machines {
			if p.due(m) && p.countsTenant(e.Register, m.tenant) {
				c := p.count(m)
				if !e.knownTenant(c.Tenant) {
					c.Tenant = register.Shared
				}
				e.st.Machines = append(e.st.Machines, c)
			}
		}
	}
	e.excludeMachines()
}
