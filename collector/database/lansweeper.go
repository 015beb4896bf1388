package database

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/product"
	"splameter/internal/snapshot"
)

const lansweeperSoftware = `SELECT a.AssetName AS host, u.softwareName AS name, s.softwareVersion AS version, u.SoftwarePublisher AS publisher
FROM tblAssets a JOIN tblAssetCustom c ON c.AssetID = a.AssetID AND c.State = 1
JOIN tblSoftware s ON s.AssetID = a.AssetID JOIN tblSoftwareUni u ON u.SoftID = s.softID
ORDER BY a.AssetName, u.softwareName, s.softwareVersion, u.SoftwarePublisher`

const lansweeperScans = `SELECT a.AssetName AS host, a.Lastseen AS scanned FROM tblAssets a JOIN tblAssetCustom c ON c.AssetID = a.AssetID AND c.State = 1
WHERE EXISTS (SELECT 1 FROM tblSoftware s WHERE s.AssetID = a.AssetID) ORDER BY a.AssetName`

const lansweeperHosts = `SELECT a.AssetName AS host, a.Domain AS domain, o.Caption AS system, c.Model AS model,
 (SELECT COUNT(*) FROM tblProcessor p WHERE p.AssetID = a.AssetID) AS processors,
 (SELECT SUM(p.NumberOfCores) FROM tblProcessor p WHERE p.AssetID = a.AssetID) AS cores
FROM tblAssets a JOIN tblAssetCustom c ON c.AssetID = a.AssetID AND c.State = 1
JOIN tblOperatingsystem o ON o.AssetID = a.AssetID WHERE o.Caption LIKE N'%Server%' ORDER BY a.AssetName`

const lansweeperEditions = `SELECT a.AssetName AS host, q.skuName AS edition FROM tblAssets a
JOIN tblAssetCustom c ON c.AssetID = a.AssetID AND c.State = 1 JOIN tblSqlServers q ON q.AssetID = a.AssetID
WHERE q.skuName IS NOT NULL ORDER BY a.AssetName, q.skuName`

// A host's scan tells its guests, and their network cards tell which machines
// they are: a guest's name on its host may be any.
const lansweeperHyperV = `SELECT g.AssetName AS guest, h.AssetName AS host FROM tblHyperVGuest v JOIN TblHyperVGuestNetwork n ON n.HyperVGuestID = v.hypervguestID
JOIN tblAssets g ON g.Mac = n.MacAddress JOIN tblAssets h ON h.AssetID = v.AssetID WHERE n.MacAddress <> '' AND g.AssetID <> h.AssetID ORDER BY g.AssetName, h.AssetName`

const lansweeperVMware = `SELECT g.AssetName AS guest, h.AssetName AS host FROM tblVmwareGuest v JOIN tblVmwareGuestNetwork n ON n.GuestID = v.GuestID
JOIN tblAssets g ON g.Mac = n.MacAddress JOIN tblAssets h ON h.AssetID = v.AssetID WHERE n.MacAddress <> '' AND g.AssetID <> h.AssetID ORDER BY g.AssetName, h.AssetName`

// A logon is recorded when a scan happens to see it: its beginning, no end,
// and not whether it was remote. On a desktop it is somebody at work there,
// so only servers are asked for.
const lansweeperLogons = `SELECT a.AssetName AS host, l.Domain AS domain, l.Username AS usr, l.logontime AS start
FROM tblCPlogoninfo l JOIN tblAssets a ON a.AssetID = l.AssetID JOIN tblOperatingsystem o ON o.AssetID = a.AssetID
WHERE o.Caption LIKE N'%Server%' ORDER BY a.AssetName, l.Domain, l.Username, l.logontime`

func (r *reading) lansweeper() []part {
	asset := object{"dbo", "tblAssets", []string{"AssetID", "AssetName"}}
	custom := object{"dbo", "tblAssetCustom", []string{"AssetID", "State"}}
	system := object{"dbo", "tblOperatingsystem", []string{"AssetID", "Caption"}}
	return []part{
		{name: "software", read: r.lansweeperSoftware, needs: []object{asset, custom,
			{"dbo", "tblSoftware", []string{"AssetID", "softID", "softwareVersion"}},
			{"dbo", "tblSoftwareUni", []string{"SoftID", "softwareName", "SoftwarePublisher"}}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, lansweeperScans) },
			less:  "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{{"dbo", "tblAssets", []string{"Lastseen"}}}},
		{name: "hosts", read: r.lansweeperHosts, less: "the machines' hardware is not read; keep a hosts table", needs: []object{asset, system, {"dbo", "tblAssets", []string{"Domain"}},
			{"dbo", "tblAssetCustom", []string{"AssetID", "State", "Model"}}, {"dbo", "tblProcessor", []string{"AssetID", "NumberOfCores"}}}},
		{name: "hosts", read: r.lansweeperEditions, less: "the editions of SQL Server are not read; keep them in a hosts table", needs: []object{asset, custom,
			{"dbo", "tblSqlServers", []string{"AssetID", "skuName"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, lansweeperHyperV) }, less: "Hyper-V: " + lessParents, needs: []object{asset, {"dbo", "tblAssets", []string{"Mac"}},
			{"dbo", "tblHyperVGuest", []string{"hypervguestID", "AssetID"}}, {"dbo", "TblHyperVGuestNetwork", []string{"HyperVGuestID", "MacAddress"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, lansweeperVMware) }, less: "VMware: " + lessParents, needs: []object{asset, {"dbo", "tblAssets", []string{"Mac"}},
			{"dbo", "tblVmwareGuest", []string{"GuestID", "AssetID"}}, {"dbo", "tblVmwareGuestNetwork", []string{"GuestID", "MacAddress"}}}},
		{name: "sessions", read: r.lansweeperLogons, less: "logons are not read", needs: []object{asset, system,
			{"dbo", "tblCPlogoninfo", []string{"AssetID", "logontime", "Domain", "Username"}}}},
	}
}

func (r *reading) lansweeperSoftware(ctx context.Context) error {
	return r.software(ctx, lansweeperSoftware, func(x *row) (string, snapshot.Install) {
		return x.text("host"), snapshot.Install{Name: x.text("name"), Version: x.text("version"), Publisher: x.text("publisher"), Line: x.number}
	})
}

func (r *reading) lansweeperHosts(ctx context.Context) error {
	return r.hardware(ctx, lansweeperHosts, func(x *row) hardware {
		h := hardware{line: x.number, host: x.text("host"), domain: x.text("domain"), system: x.text("system"), virtual: virtualModel(x.text("model"))}
		h.processors, _ = x.integer("processors")
		h.cores, _ = x.integer("cores")
		return h
	})
}

// lansweeperEditions gives each machine the dearest edition of its engines,
// which is what a machine is counted by, and tells of machines with several.
func (r *reading) lansweeperEditions(ctx context.Context) error {
	before := r.notes.mark()
	editions := map[string][]string{}
	err := r.c.each(ctx, lansweeperEditions, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		clear(editions)
		return func(x *row) error {
			k := snapshot.HostKey(x.text("host"))
			if e := x.text("edition"); k != "" && e != "" && !slices.Contains(editions[k], e) && len(editions[k]) < 100 {
				editions[k] = append(editions[k], e)
			}
			return nil
		}
	})
	if err != nil {
		return err
	}
	for i := range r.machines {
		m := &r.machines[i]
		list := editions[snapshot.HostKey(m.Host)]
		for _, e := range list {
			if m.SQLEdition == "" || dearness(e) > dearness(m.SQLEdition) {
				m.SQLEdition = e
			}
		}
		if len(list) > 1 {
			r.notes.add("sql-editions", m.Host, m.Line, fmt.Sprintf("host %s has several editions of SQL Server (%s); it is counted as %s", m.Host, strings.Join(list, ", "), m.SQLEdition))
		}
	}
	for i := range r.machines {
		delete(editions, snapshot.HostKey(r.machines[i].Host))
	}
	var left []string
	for host := range editions {
		left = append(left, host)
	}
	slices.Sort(left)
	for _, host := range left {
		r.notes.add("sql-editions", host, 0, fmt.Sprintf("host %s has SQL Server (%s), and is not among the servers whose hardware is known; tell its cores in the hosts table", host, strings.Join(editions[host], ", ")))
	}
	return nil
}

// dearness orders editions of SQL Server as a machine is counted by them.
func dearness(edition string) int {
	return slices.Index([]string{"", "Web", "Workgroup", "Standard", "Business Intelligence", "Datacenter", "Enterprise"}, product.SQLEdition(edition))
}

func (r *reading) lansweeperLogons(ctx context.Context) error {
	before := r.notes.mark()
	var u *uses
	err := r.c.each(ctx, lansweeperLogons, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		u = r.newUses(false)
		return func(x *row) error {
			start, ok := x.moment("start")
			if !ok || start.IsZero() {
				r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the logons has no time; it is left out", x.number))
				return nil
			}
			return u.add(x.number, x.text("host"), account(x.text("domain"), x.text("usr")), "", start, start)
		}
	})
	r.uses = u
	return err
}
