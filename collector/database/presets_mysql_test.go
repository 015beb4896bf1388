package database_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/mariatest"
	"splameter/internal/snapshot"
)

// The presets on a real server, with the tables as their products make them,
// as far as they are read. In each: RDSH-01, a virtual machine of host HV-1
// (GLPI, OCS), has Office; HV-1 is physical, of 2 processors with 16 cores;
// OLD-1 is deleted, or archived, or no Windows.
func TestMySQLPresets(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s := mariatest.Start(t)
	for preset, x := range map[string]struct {
		preset        string // empty: that of the name
		tables        string
		hosts, cores  string
		parent, noted string
	}{
		"glpi": {tables: glpiTables,
			hosts: "HV-1 RDSH-01", cores: "HV-1 2x16 RDSH-01 v8", parent: "HV-1", noted: "host HV-1 was last scanned on 2026-08-01"},
		"glpi11": {preset: "glpi", tables: glpi11Tables,
			hosts: "HV-1 RDSH-01", cores: "HV-1 2x16 RDSH-01 v8", parent: "HV-1", noted: "host HV-1 was last scanned on 2026-08-01"},
		"ocs7036": {preset: "ocs", tables: ocs7036Tables,
			hosts: "HV-1 RDSH-01", cores: "HV-1 2x16 RDSH-01 v8", parent: "HV-1", noted: "host HV-1 was last scanned on 2026-08-01"},
		"ocs7033": {preset: "ocs", tables: ocs7033Tables,
			hosts: "HV-1 RDSH-01", cores: "HV-1 2x16 RDSH-01 v8", parent: "HV-1", noted: "host HV-1 was last scanned on 2026-08-01"},
		"ocs": {tables: ocsTables,
			hosts: "HV-1 RDSH-01", cores: "HV-1 2x16 RDSH-01 v8", parent: "HV-1", noted: "host HV-1 was last scanned on 2026-08-01"},
		"fleet": {tables: `
CREATE TABLE hosts (id INT UNSIGNED, hostname VARCHAR(255), platform VARCHAR(255), os_version VARCHAR(255), hardware_model VARCHAR(255), cpu_physical_cores INT);
CREATE TABLE host_software (host_id INT UNSIGNED, software_id BIGINT UNSIGNED); CREATE TABLE software (id BIGINT UNSIGNED, name VARCHAR(255), version VARCHAR(255), vendor VARCHAR(114));
CREATE TABLE host_seen_times (host_id INT UNSIGNED, seen_time TIMESTAMP NULL);
INSERT INTO hosts VALUES (1,'RDSH-01','windows','Windows Server 2022 Standard','VMware7,1',8),(2,'HV-1','windows','Windows Server 2022 Datacenter','PowerEdge R650',32),(3,'OLD-1','ubuntu','Ubuntu 24.04','x',4);
INSERT INTO software VALUES (1,'Microsoft Office Standard 2021','16.0','Microsoft Corporation'),(2,'Agent','1','');
INSERT INTO host_software VALUES (1,1),(2,2),(3,1); INSERT INTO host_seen_times VALUES (1,'2026-11-01 04:00'),(2,'2026-08-01 04:00');`,
			hosts: "HV-1 RDSH-01", cores: "HV-1 0x0 RDSH-01 v8", noted: "host HV-1 was last scanned on 2026-08-01"},
	} {
		t.Run(preset, func(t *testing.T) {
			s.Database(preset)
			d := source(t, "", preset, s.Addr, preset, s.CA)
			if x.preset != "" {
				d.Preset = x.preset
			}
			s.SQL(preset, "GRANT SELECT ON "+preset+".* TO "+preset+"@'%'; CREATE TABLE unrelated (id INT);")
			if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), "or the login may not see it") || !strings.Contains(err.Error(), d.Preset) {
				t.Errorf("none of its tables is there: %v", err)
			}
			s.SQL(preset, x.tables)
			r, err := read(t, d)
			if err != nil {
				t.Fatal(err)
			}
			var hosts, cores []string
			for _, h := range r.Inventory.Software {
				hosts = append(hosts, h.Host)
				for _, in := range h.Installs {
					if (in.Name == "Agent") != (h.Host == "HV-1") || in.Name != "Agent" && (in.Publisher != "Microsoft Corporation" || in.Version != "16.0") {
						t.Errorf("%s: %+v", h.Host, in)
					}
				}
			}
			for _, m := range r.Inventory.Machines {
				cores = append(cores, m.Host, shape(m))
				if m.Host == "RDSH-01" && m.Parent != x.parent {
					t.Errorf("%s runs on %q, want %q", m.Host, m.Parent, x.parent)
				}
			}
			if got := strings.Join(hosts, " "); got != x.hosts {
				t.Errorf("programs of %s, want %s", got, x.hosts)
			}
			if got := strings.Join(cores, " "); got != x.cores {
				t.Errorf("machines %s, want %s", got, x.cores)
			}
			found := false
			for _, n := range r.Inventory.Notes {
				found = found || strings.Contains(n.Message, x.noted)
			}
			if !found {
				t.Errorf("%q is not told: %+v", x.noted, r.Inventory.Notes)
			}
		})
	}
}

const glpiTables = `
CREATE TABLE glpi_computers (id INT UNSIGNED, name VARCHAR(255), uuid VARCHAR(255), computermodels_id INT UNSIGNED, is_deleted TINYINT, is_template TINYINT, last_inventory_update TIMESTAMP NULL);
CREATE TABLE glpi_computermodels (id INT UNSIGNED, name VARCHAR(255));
CREATE TABLE glpi_items_softwareversions (id INT UNSIGNED, items_id INT UNSIGNED, itemtype VARCHAR(100), softwareversions_id INT UNSIGNED, is_deleted TINYINT);
CREATE TABLE glpi_softwareversions (id INT UNSIGNED, softwares_id INT UNSIGNED, name VARCHAR(255));
CREATE TABLE glpi_softwares (id INT UNSIGNED, name VARCHAR(255), manufacturers_id INT UNSIGNED);
CREATE TABLE glpi_manufacturers (id INT UNSIGNED, name VARCHAR(255));
CREATE TABLE glpi_items_operatingsystems (id INT UNSIGNED, items_id INT UNSIGNED, itemtype VARCHAR(255), operatingsystems_id INT UNSIGNED, is_deleted TINYINT);
CREATE TABLE glpi_operatingsystems (id INT UNSIGNED, name VARCHAR(255));
CREATE TABLE glpi_items_deviceprocessors (id INT UNSIGNED, items_id INT UNSIGNED, itemtype VARCHAR(255), nbcores INT, nbthreads INT, is_deleted TINYINT);
CREATE TABLE glpi_computervirtualmachines (id INT UNSIGNED, computers_id INT UNSIGNED, name VARCHAR(255), uuid VARCHAR(255), is_deleted TINYINT);
INSERT INTO glpi_computers VALUES (1,'RDSH-01','u-1',1,0,0,'2026-11-01 04:00'),(2,'HV-1','u-2',2,0,0,'2026-08-01 04:00'),(3,'OLD-1','u-3',1,1,0,NULL);
INSERT INTO glpi_computermodels VALUES (1,'VMware Virtual Platform'),(2,'PowerEdge R650');
INSERT INTO glpi_softwares VALUES (1,'Microsoft Office Standard 2021',1),(2,'Agent',0); INSERT INTO glpi_manufacturers VALUES (1,'Microsoft Corporation');
INSERT INTO glpi_softwareversions VALUES (1,1,'16.0'),(2,2,'1');
INSERT INTO glpi_items_softwareversions VALUES (1,1,'Computer',1,0),(2,2,'Computer',2,0),(3,3,'Computer',1,0),(4,2,'Phone',1,0),(5,2,'Computer',1,1);
INSERT INTO glpi_operatingsystems VALUES (1,'Windows Server 2022 Standard'),(2,'Debian GNU/Linux');
INSERT INTO glpi_items_operatingsystems VALUES (1,1,'Computer',1,0),(2,2,'Computer',2,0),(3,3,'Computer',1,0);
INSERT INTO glpi_items_deviceprocessors VALUES (1,1,'Computer',8,8,0),(2,2,'Computer',16,32,0),(3,2,'Computer',16,32,0),(4,2,'Computer',16,32,1);
INSERT INTO glpi_computervirtualmachines VALUES (1,2,'rdsh','u-1',0);`

// GLPI 11 has the virtual machines of all things in one table.
var glpi11Tables = strings.NewReplacer("glpi_computervirtualmachines (id INT UNSIGNED, computers_id", "glpi_itemvirtualmachines (id INT UNSIGNED, itemtype VARCHAR(255), items_id",
	"glpi_computervirtualmachines VALUES (1,2,'rdsh','u-1',0)", "glpi_itemvirtualmachines VALUES (1,'Computer',2,'rdsh','u-1',0),(2,'Phone',1,'rdsh','u-1',0)").Replace(glpiTables)

const ocsTables = `
CREATE TABLE hardware (ID INT, DEVICEID VARCHAR(255), NAME VARCHAR(255), WORKGROUP VARCHAR(255), OSNAME VARCHAR(255), UUID VARCHAR(255), LASTDATE DATETIME, ARCHIVE INT);
CREATE TABLE bios (HARDWARE_ID INT, SMODEL VARCHAR(255)); CREATE TABLE cpus (ID INT, HARDWARE_ID INT, CORES INT);
CREATE TABLE software (ID BIGINT, HARDWARE_ID INT, NAME_ID INT, PUBLISHER_ID INT, VERSION_ID INT, GUID VARCHAR(255));
CREATE TABLE software_name (ID INT, NAME VARCHAR(255)); CREATE TABLE software_version (ID INT, VERSION VARCHAR(255)); CREATE TABLE software_publisher (ID INT, PUBLISHER VARCHAR(255));
CREATE TABLE virtualmachines (ID INT, HARDWARE_ID INT, NAME VARCHAR(255), UUID VARCHAR(255));
INSERT INTO hardware VALUES (1,'a','RDSH-01','HOSTING','Microsoft Windows Server 2022 Standard','u-1','2026-11-01 04:00',NULL),(2,'b','HV-1','','Proxmox VE','u-2','2026-08-01 04:00',NULL),
 (3,'c','OLD-1','HOSTING','Microsoft Windows Server 2012','u-3',NULL,1),(4,'_SYSTEMGROUP_','servers',NULL,NULL,NULL,NULL,NULL);
INSERT INTO bios VALUES (1,'VMware7,1'),(2,'PowerEdge R650'); INSERT INTO cpus VALUES (1,1,8),(2,2,16),(3,2,16);
INSERT INTO software_name VALUES (1,'Microsoft Office Standard 2021'),(2,'Agent'); INSERT INTO software_version VALUES (1,'16.0'); INSERT INTO software_publisher VALUES (1,'Microsoft Corporation');
INSERT INTO software VALUES (1,1,1,1,1,'{90160000-0012-0000-1000-0000000FF1CE}'),(2,2,2,9,9,NULL),(3,3,1,1,1,NULL);
INSERT INTO virtualmachines VALUES (1,2,'rdsh','u-1');`

// Between 7034 and 7036 programs are in softwares, and the tables of later
// versions there and empty; before 7034 there are neither these nor an archive.
var (
	ocs7036Tables = regexp.MustCompile(`(?m)^INSERT INTO software.*$`).ReplaceAllString(ocsTables, "") + softwares
	ocs7033Tables = regexp.MustCompile(`(?m)^(INSERT INTO|CREATE TABLE) software.*$`).ReplaceAllString(
		strings.NewReplacer(", LASTDATE DATETIME, ARCHIVE INT", ", LASTDATE DATETIME", "'2026-11-01 04:00',NULL)", "'2026-11-01 04:00')", "'2026-08-01 04:00',NULL)", "'2026-08-01 04:00')",
			"(3,'c','OLD-1','HOSTING','Microsoft Windows Server 2012','u-3',NULL,1),", "", ",NULL,NULL,NULL,NULL,NULL)", ",NULL,NULL,NULL,NULL)").Replace(ocsTables), "") +
		strings.Replace(softwares, ",(3,3,'Microsoft Office Standard 2021','16.0','Microsoft Corporation',NULL)", "", 1)
)

const softwares = `
CREATE TABLE softwares (ID INT, HARDWARE_ID INT, NAME VARCHAR(255), VERSION VARCHAR(255), PUBLISHER VARCHAR(255), GUID VARCHAR(255));
INSERT INTO softwares VALUES (1,1,'Microsoft Office Standard 2021','16.0','Microsoft Corporation','{90160000-0012-0000-1000-0000000FF1CE}'),(2,2,'Agent',NULL,NULL,NULL),(3,3,'Microsoft Office Standard 2021','16.0','Microsoft Corporation',NULL);`

func shape(m snapshot.Machine) string {
	if m.Kind == snapshot.Virtual {
		return "v" + strconv.Itoa(m.VirtualCores)
	}
	return strconv.Itoa(m.Processors) + "x" + strconv.Itoa(m.CoresPerProcessor)
}
