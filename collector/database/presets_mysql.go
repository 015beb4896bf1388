package database

import (
	"context"
	"fmt"
	"strings"

	"splameter/internal/snapshot"
)

// The tables of GLPI 10 and 11, as its own installation makes them
// (install/mysql/glpi-empty.sql of github.com/glpi-project/glpi). A computer in
// the dustbin, and a template of one, is none.
const glpiComputers = ` glpi_computers c `

const glpiThere = ` c.is_deleted = 0 AND c.is_template = 0 `

const glpiSoftware = `SELECT c.name AS host, s.name AS name, v.name AS version, m.name AS publisher
FROM` + glpiComputers + `JOIN glpi_items_softwareversions i ON i.itemtype = 'Computer' AND i.items_id = c.id AND i.is_deleted = 0
JOIN glpi_softwareversions v ON v.id = i.softwareversions_id JOIN glpi_softwares s ON s.id = v.softwares_id
LEFT JOIN glpi_manufacturers m ON m.id = s.manufacturers_id
WHERE` + glpiThere + `ORDER BY c.name, s.name, v.name, m.name`

const glpiScans = `SELECT c.name AS host, c.last_inventory_update AS scanned FROM` + glpiComputers + `WHERE` + glpiThere + `
AND EXISTS (SELECT 1 FROM glpi_items_softwareversions i WHERE i.itemtype = 'Computer' AND i.items_id = c.id) ORDER BY c.name`

// One row of glpi_items_deviceprocessors is one processor.
const glpiHosts = `SELECT c.name AS host, o.name AS os, d.name AS model,
 (SELECT COUNT(*) FROM glpi_items_deviceprocessors p WHERE p.itemtype = 'Computer' AND p.items_id = c.id AND p.is_deleted = 0) AS processors,
 (SELECT SUM(p.nbcores) FROM glpi_items_deviceprocessors p WHERE p.itemtype = 'Computer' AND p.items_id = c.id AND p.is_deleted = 0) AS cores
FROM` + glpiComputers + `JOIN glpi_items_operatingsystems i ON i.itemtype = 'Computer' AND i.items_id = c.id AND i.is_deleted = 0
JOIN glpi_operatingsystems o ON o.id = i.operatingsystems_id LEFT JOIN glpi_computermodels d ON d.id = c.computermodels_id
WHERE` + glpiThere + `AND (o.name LIKE '%Server%' OR EXISTS (SELECT 1 FROM glpi_computervirtualmachines v WHERE v.computers_id = c.id AND v.is_deleted = 0))
ORDER BY c.name, o.name`

const glpiParents = `SELECT g.name AS guest, h.name AS host FROM glpi_computervirtualmachines v
JOIN glpi_computers h ON h.id = v.computers_id AND h.is_deleted = 0 JOIN glpi_computers g ON g.is_deleted = 0 AND g.is_template = 0 AND g.uuid <> '' AND g.uuid = v.uuid
WHERE v.is_deleted = 0 ORDER BY g.name, h.name`

func (r *reading) glpi() []part {
	computers := object{"", "glpi_computers", []string{"id", "name", "is_deleted", "is_template"}}
	items := object{"", "glpi_items_softwareversions", []string{"itemtype", "items_id", "softwareversions_id", "is_deleted"}}
	guests := object{"", "glpi_computervirtualmachines", []string{"computers_id", "uuid", "is_deleted"}}
	return []part{
		{name: "software", read: func(ctx context.Context) error { return r.listed(ctx, glpiSoftware) }, needs: []object{computers, items,
			{"", "glpi_softwareversions", []string{"id", "name", "softwares_id"}}, {"", "glpi_softwares", []string{"id", "name", "manufacturers_id"}},
			{"", "glpi_manufacturers", []string{"id", "name"}}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, glpiScans) }, less: "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{items, {"", "glpi_computers", []string{"last_inventory_update"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.modelled(ctx, glpiHosts) }, less: "the machines' hardware is not read; keep a hosts table",
			needs: []object{computers, guests, {"", "glpi_computers", []string{"computermodels_id"}}, {"", "glpi_computermodels", []string{"id", "name"}},
				{"", "glpi_items_operatingsystems", []string{"itemtype", "items_id", "operatingsystems_id", "is_deleted"}}, {"", "glpi_operatingsystems", []string{"id", "name"}},
				{"", "glpi_items_deviceprocessors", []string{"itemtype", "items_id", "nbcores", "is_deleted"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, glpiParents) }, less: lessParents,
			needs: []object{guests, {"", "glpi_computers", []string{"uuid"}}}},
	}
}

// The tables of OCS Inventory since programs stand in tables of names, versions
// and publishers (files/ocsbase_new.sql of
// github.com/OCSInventory-NG/OCSInventory-ocsreports). What is archived is no
// machine any more, and a group of machines is none.
const ocsThere = ` h.ARCHIVE IS NULL AND h.DEVICEID NOT IN ('_SYSTEMGROUP_', '_DOWNLOADGROUP_') `

const ocsSoftware = `SELECT h.NAME AS host, n.NAME AS name, v.VERSION AS version, p.PUBLISHER AS publisher, s.GUID AS code
FROM hardware h JOIN software s ON s.HARDWARE_ID = h.ID JOIN software_name n ON n.ID = s.NAME_ID
LEFT JOIN software_version v ON v.ID = s.VERSION_ID LEFT JOIN software_publisher p ON p.ID = s.PUBLISHER_ID
WHERE` + ocsThere + `ORDER BY h.NAME, n.NAME, v.VERSION, p.PUBLISHER, s.GUID`

const ocsScans = `SELECT h.NAME AS host, h.LASTDATE AS scanned FROM hardware h WHERE` + ocsThere + `
AND EXISTS (SELECT 1 FROM software s WHERE s.HARDWARE_ID = h.ID) ORDER BY h.NAME`

// One row of cpus is one processor.
const ocsHosts = `SELECT h.NAME AS host, h.WORKGROUP AS domain, h.OSNAME AS os, b.SMODEL AS model,
 (SELECT COUNT(*) FROM cpus c WHERE c.HARDWARE_ID = h.ID) AS processors, (SELECT SUM(c.CORES) FROM cpus c WHERE c.HARDWARE_ID = h.ID) AS cores
FROM hardware h LEFT JOIN bios b ON b.HARDWARE_ID = h.ID
WHERE` + ocsThere + `AND (h.OSNAME LIKE '%Server%' OR EXISTS (SELECT 1 FROM virtualmachines m WHERE m.HARDWARE_ID = h.ID)) ORDER BY h.NAME`

const ocsParents = `SELECT g.NAME AS guest, p.NAME AS host FROM virtualmachines m JOIN hardware p ON p.ID = m.HARDWARE_ID AND p.ARCHIVE IS NULL
JOIN hardware g ON g.UUID = m.UUID AND g.UUID <> '' AND g.ARCHIVE IS NULL ORDER BY g.NAME, p.NAME`

func (r *reading) ocs() []part {
	hardware := object{"", "hardware", []string{"ID", "NAME", "DEVICEID", "ARCHIVE"}}
	guests := object{"", "virtualmachines", []string{"HARDWARE_ID", "UUID"}}
	return []part{
		{name: "software", read: func(ctx context.Context) error { return r.listed(ctx, ocsSoftware) }, needs: []object{hardware,
			{"", "software", []string{"HARDWARE_ID", "NAME_ID", "PUBLISHER_ID", "VERSION_ID", "GUID"}}, {"", "software_name", []string{"ID", "NAME"}},
			{"", "software_version", []string{"ID", "VERSION"}}, {"", "software_publisher", []string{"ID", "PUBLISHER"}}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, ocsScans) }, less: "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{{"", "hardware", []string{"LASTDATE"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.modelled(ctx, ocsHosts) }, less: "the machines' hardware is not read; keep a hosts table",
			needs: []object{hardware, guests, {"", "hardware", []string{"WORKGROUP", "OSNAME"}}, {"", "bios", []string{"HARDWARE_ID", "SMODEL"}}, {"", "cpus", []string{"HARDWARE_ID", "CORES"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, ocsParents) }, less: lessParents,
			needs: []object{guests, {"", "hardware", []string{"UUID"}}}},
	}
}

// The tables of Fleet (server/datastore/mysql/schema.sql of
// github.com/fleetdm/fleet). It knows the cores of a machine, and not in how
// many processors they are.
const fleetSoftware = `SELECT h.hostname AS host, s.name AS name, s.version AS version, s.vendor AS publisher
FROM hosts h JOIN host_software i ON i.host_id = h.id JOIN software s ON s.id = i.software_id
WHERE h.platform = 'windows' ORDER BY h.hostname, s.name, s.version, s.vendor`

const fleetScans = `SELECT h.hostname AS host, t.seen_time AS scanned FROM hosts h JOIN host_seen_times t ON t.host_id = h.id
WHERE h.platform = 'windows' ORDER BY h.hostname`

const fleetHosts = `SELECT h.hostname AS host, h.os_version AS os, h.hardware_model AS model, 0 AS processors, h.cpu_physical_cores AS cores
FROM hosts h WHERE h.platform = 'windows' AND h.os_version LIKE '%Server%' ORDER BY h.hostname`

func (r *reading) fleet() []part {
	hosts := object{"", "hosts", []string{"id", "hostname", "platform"}}
	return []part{
		{name: "software", read: func(ctx context.Context) error { return r.listed(ctx, fleetSoftware) }, needs: []object{hosts,
			{"", "host_software", []string{"host_id", "software_id"}}, {"", "software", []string{"id", "name", "version", "vendor"}}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, fleetScans) }, less: "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{{"", "host_seen_times", []string{"host_id", "seen_time"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.modelled(ctx, fleetHosts) }, less: "the machines' hardware is not read; keep a hosts table",
			needs: []object{hosts, {"", "hosts", []string{"os_version", "hardware_model", "cpu_physical_cores"}}}},
	}
}

// listed reads a list of programs by host, name, version, publisher and code.
func (r *reading) listed(ctx context.Context, query string) error {
	return r.software(ctx, query, func(x *row) (string, snapshot.Install) {
		return x.text("host"), snapshot.Install{Name: x.text("name"), Version: x.text("version"), Publisher: x.text("publisher"), Key: x.text("code"), Line: x.number}
	})
}

// modelled reads a list of machines whose model tells whether they are virtual.
func (r *reading) modelled(ctx context.Context, query string) error {
	return r.hardware(ctx, query, func(x *row) hardware {
		h := hardware{line: x.number, host: x.text("host"), domain: x.text("domain"), system: x.text("os"), virtual: virtualModel(x.text("model"))}
		h.processors, _ = x.integer("processors")
		h.cores, _ = x.integer("cores")
		return h
	})
}

const lessParents = "on which host a virtual machine runs is not read; keep a hosts table, or collect an export of the hypervisor (RVTools, Hyper-V, PowerCLI, Proxmox), which joins by name"

// parents gives each machine the host that it runs on. One that several hosts
// say they run (it was moved, and not every host was scanned since) is told,
// and has none.
func (r *reading) parents(ctx context.Context, query string) error {
	before := r.notes.mark()
	var of map[string]string
	var moved map[string]int
	err := r.c.each(ctx, query, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		of, moved = map[string]string{}, map[string]int{}
		return func(x *row) error {
			guest, host := snapshot.HostKey(x.text("guest")), x.text("host")
			if guest == "" || host == "" || len(of) >= maxCells {
				return nil
			}
			if was, ok := of[guest]; ok && snapshot.HostKey(was) != snapshot.HostKey(host) {
				moved[guest] = x.number
			}
			of[guest] = host
			return nil
		}
	})
	if err != nil {
		return err
	}
	domains := map[string]string{} // of each name; one in several is several machines
	several := map[string]bool{}
	for i := range r.machines {
		key, domain := snapshot.HostKey(r.machines[i].Host), strings.ToLower(r.machines[i].domain)
		if was, ok := domains[key]; ok && was != domain {
			several[key] = true
		}
		domains[key] = domain
	}
	for i := range r.machines {
		m := &r.machines[i]
		key := snapshot.HostKey(m.Host)
		if several[key] {
			continue
		}
		if line, ok := moved[key]; ok {
			r.notes.add("machine-unreadable", m.Host, line, fmt.Sprintf("several hosts of %s say that they run %s: which one does is not known; tell it in the hosts table", r.file, m.Host))
			continue
		}
		if of[key] != "" {
			m.Parent = of[key]
		}
	}
	return nil
}
