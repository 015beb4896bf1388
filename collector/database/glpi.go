package database

import (
	"context"
	"strings"
)

// The tables of GLPI 10 and 11, as its own installation makes them
// (install/mysql/glpi-empty.sql of github.com/glpi-project/glpi) and its upgrade
// changes them (install/migrations/update_10.0.x_to_11.0.0/virtualmachines.php).
// A computer in the dustbin, and a template of one, is none.
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
const glpiHosts10 = `SELECT c.name AS host, o.name AS os, d.name AS model,
 (SELECT COUNT(*) FROM glpi_items_deviceprocessors p WHERE p.itemtype = 'Computer' AND p.items_id = c.id AND p.is_deleted = 0) AS processors,
 (SELECT SUM(p.nbcores) FROM glpi_items_deviceprocessors p WHERE p.itemtype = 'Computer' AND p.items_id = c.id AND p.is_deleted = 0) AS cores
FROM` + glpiComputers + `JOIN glpi_items_operatingsystems i ON i.itemtype = 'Computer' AND i.items_id = c.id AND i.is_deleted = 0
JOIN glpi_operatingsystems o ON o.id = i.operatingsystems_id LEFT JOIN glpi_computermodels d ON d.id = c.computermodels_id
WHERE` + glpiThere + `AND (o.name LIKE '%Server%' OR EXISTS (SELECT 1 FROM glpi_computervirtualmachines v WHERE v.computers_id = c.id AND v.is_deleted = 0))
ORDER BY c.name, o.name`

const glpiParents10 = `SELECT g.name AS guest, h.name AS host FROM glpi_computervirtualmachines v
JOIN glpi_computers h ON h.id = v.computers_id AND h.is_deleted = 0 JOIN glpi_computers g ON g.is_deleted = 0 AND g.is_template = 0 AND g.uuid <> '' AND g.uuid = v.uuid
WHERE v.is_deleted = 0 ORDER BY g.name, h.name`

// glpi11 puts the virtual machines of a query into the table of GLPI 11, which
// has those of other things than computers too.
func glpi11(query string) string {
	return strings.NewReplacer("glpi_computervirtualmachines", "glpi_itemvirtualmachines",
		"h.id = v.computers_id", "v.itemtype = 'Computer' AND h.id = v.items_id", "v.computers_id = c.id", "v.itemtype = 'Computer' AND v.items_id = c.id").Replace(query)
}

func (r *reading) glpi(ctx context.Context) ([]part, error) {
	hosts, parents := glpiHosts10, glpiParents10
	computers := object{"", "glpi_computers", []string{"id", "name", "is_deleted", "is_template"}}
	items := object{"", "glpi_items_softwareversions", []string{"itemtype", "items_id", "softwareversions_id", "is_deleted"}}
	guests := object{"", "glpi_computervirtualmachines", []string{"computers_id", "uuid", "is_deleted"}}
	guests11 := object{"", "glpi_itemvirtualmachines", []string{"itemtype", "items_id", "uuid", "is_deleted"}}
	newer, err := r.has(ctx, guests11)
	if err != nil {
		return nil, err
	}
	if newer {
		hosts, parents, guests = glpi11(glpiHosts10), glpi11(glpiParents10), guests11
	}
	return []part{
		{name: "software", read: func(ctx context.Context) error { return r.listed(ctx, glpiSoftware) }, needs: []object{computers, items,
			{"", "glpi_softwareversions", []string{"id", "name", "softwares_id"}}, {"", "glpi_softwares", []string{"id", "name", "manufacturers_id"}},
			{"", "glpi_manufacturers", []string{"id", "name"}}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, glpiScans) }, less: "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{items, {"", "glpi_computers", []string{"last_inventory_update"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.modelled(ctx, hosts) }, less: "the machines' hardware is not read; keep a hosts table",
			needs: []object{computers, guests, {"", "glpi_computers", []string{"computermodels_id"}}, {"", "glpi_computermodels", []string{"id", "name"}},
				{"", "glpi_items_operatingsystems", []string{"itemtype", "items_id", "operatingsystems_id", "is_deleted"}}, {"", "glpi_operatingsystems", []string{"id", "name"}},
				{"", "glpi_items_deviceprocessors", []string{"itemtype", "items_id", "nbcores", "is_deleted"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, parents) }, less: lessParents,
			needs: []object{guests, {"", "glpi_computers", []string{"uuid"}}}},
	}, nil
}
