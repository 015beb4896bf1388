package database

import (
	"context"
	"strings"
)

// The tables of OCS Inventory (files/ocsbase_new.sql of
// github.com/OCSInventory-NG/OCSInventory-ocsreports). Before its database's
// version 7037 programs stand in one table, softwares, which that version takes
// away (files/update/7037.sql); before 7034 no machine is archived
// (files/update/7034.sql). What is archived is no machine any more, and a group
// of machines is none.
const ocsThere = ` h.ARCHIVE IS NULL AND h.DEVICEID NOT IN ('_SYSTEMGROUP_', '_DOWNLOADGROUP_') `

const ocsSoftware = `SELECT h.NAME AS host, n.NAME AS name, v.VERSION AS version, p.PUBLISHER AS publisher, s.GUID AS code
FROM hardware h JOIN software s ON s.HARDWARE_ID = h.ID JOIN software_name n ON n.ID = s.NAME_ID
LEFT JOIN software_version v ON v.ID = s.VERSION_ID LEFT JOIN software_publisher p ON p.ID = s.PUBLISHER_ID
WHERE` + ocsThere + `ORDER BY h.NAME, n.NAME, v.VERSION, p.PUBLISHER, s.GUID`

// softwares may be there beside the later tables, which are empty then.
const ocsSoftwares = `SELECT h.NAME AS host, s.NAME AS name, s.VERSION AS version, s.PUBLISHER AS publisher, s.GUID AS code
FROM hardware h JOIN softwares s ON s.HARDWARE_ID = h.ID
WHERE` + ocsThere + `ORDER BY h.NAME, s.NAME, s.VERSION, s.PUBLISHER, s.GUID`

const ocsScans = `SELECT h.NAME AS host, h.LASTDATE AS scanned FROM hardware h WHERE` + ocsThere + `
AND EXISTS (SELECT 1 FROM software s WHERE s.HARDWARE_ID = h.ID) ORDER BY h.NAME`

// One row of cpus is one processor.
const ocsHosts = `SELECT h.NAME AS host, h.WORKGROUP AS domain, h.OSNAME AS os, b.SMODEL AS model,
 (SELECT COUNT(*) FROM cpus c WHERE c.HARDWARE_ID = h.ID) AS processors, (SELECT SUM(c.CORES) FROM cpus c WHERE c.HARDWARE_ID = h.ID) AS cores
FROM hardware h LEFT JOIN bios b ON b.HARDWARE_ID = h.ID
WHERE` + ocsThere + `AND (h.OSNAME LIKE '%Server%' OR EXISTS (SELECT 1 FROM virtualmachines m WHERE m.HARDWARE_ID = h.ID)) ORDER BY h.NAME`

const ocsParents = `SELECT g.NAME AS guest, p.NAME AS host FROM virtualmachines m JOIN hardware p ON p.ID = m.HARDWARE_ID AND p.ARCHIVE IS NULL
JOIN hardware g ON g.UUID = m.UUID AND g.UUID <> '' AND g.ARCHIVE IS NULL ORDER BY g.NAME, p.NAME`

func (r *reading) ocs(ctx context.Context) ([]part, error) {
	hardware := object{"", "hardware", []string{"ID", "NAME", "DEVICEID", "ARCHIVE"}}
	guests := object{"", "virtualmachines", []string{"HARDWARE_ID", "UUID"}}
	query, scans := ocsSoftware, ocsScans
	programs := []object{{"", "software", []string{"HARDWARE_ID", "NAME_ID", "PUBLISHER_ID", "VERSION_ID", "GUID"}}, {"", "software_name", []string{"ID", "NAME"}},
		{"", "software_version", []string{"ID", "VERSION"}}, {"", "software_publisher", []string{"ID", "PUBLISHER"}}}
	older := object{"", "softwares", []string{"HARDWARE_ID", "NAME", "VERSION", "PUBLISHER", "GUID"}}
	one, err := r.has(ctx, object{name: older.name})
	if err != nil {
		return nil, err
	}
	same := func(query string) string { return query }
	if one {
		query, scans, programs = ocsSoftwares, strings.Replace(ocsScans, "FROM software s", "FROM softwares s", 1), []object{older}
		archived, err := r.has(ctx, object{"", "hardware", []string{"ARCHIVE"}})
		if err != nil {
			return nil, err
		}
		if !archived {
			hardware.columns = []string{"ID", "NAME", "DEVICEID"}
			same = strings.NewReplacer("h.ARCHIVE IS NULL AND ", "", " AND p.ARCHIVE IS NULL", "", " AND g.ARCHIVE IS NULL", "").Replace
		}
	}
	return []part{
		{name: "software", read: func(ctx context.Context) error { return r.listed(ctx, same(query)) }, needs: append([]object{hardware}, programs...)},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, same(scans)) }, less: "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{{"", "hardware", []string{"LASTDATE"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.modelled(ctx, same(ocsHosts)) }, less: "the machines' hardware is not read; keep a hosts table",
			needs: []object{hardware, guests, {"", "hardware", []string{"WORKGROUP", "OSNAME"}}, {"", "bios", []string{"HARDWARE_ID", "SMODEL"}}, {"", "cpus", []string{"HARDWARE_ID", "CORES"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, same(ocsParents)) }, less: lessParents,
			needs: []object{guests, {"", "hardware", []string{"UUID"}}}},
	}, nil
}
