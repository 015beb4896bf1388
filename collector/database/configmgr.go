package database

import (
	"context"
	"fmt"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Both registries, of 32 and of 64 bits: one alone loses programs.
const configmgrSoftware = `SELECT s.Netbios_Name0 AS host, p.DisplayName0 AS name, p.Version0 AS version, p.Publisher0 AS publisher, p.ProdID0 AS prodid, p.arch AS arch
FROM v_R_System s JOIN (
 SELECT ResourceID, DisplayName0, Version0, Publisher0, ProdID0, 32 AS arch FROM v_GS_ADD_REMOVE_PROGRAMS
 UNION ALL
 SELECT ResourceID, DisplayName0, Version0, Publisher0, ProdID0, 64 FROM v_GS_ADD_REMOVE_PROGRAMS_64) p ON p.ResourceID = s.ResourceID
WHERE COALESCE(s.Obsolete0, 0) = 0 AND COALESCE(s.Decommissioned0, 0) = 0 AND p.DisplayName0 <> N''
ORDER BY s.Netbios_Name0, p.DisplayName0, p.Version0, p.arch, p.ProdID0`

const configmgrScans = `SELECT s.Netbios_Name0 AS host, w.LastHWScan AS scanned FROM v_R_System s JOIN v_GS_WORKSTATION_STATUS w ON w.ResourceID = s.ResourceID
WHERE COALESCE(s.Obsolete0, 0) = 0 AND COALESCE(s.Decommissioned0, 0) = 0 ORDER BY s.Netbios_Name0`

// One row of v_GS_PROCESSOR is one processor.
const configmgrHosts = `SELECT s.Netbios_Name0 AS host, s.Resource_Domain_OR_Workgr0 AS domain, s.Is_Virtual_Machine0 AS virtual, o.Caption0 AS system,
 (SELECT COUNT(*) FROM v_GS_PROCESSOR c WHERE c.ResourceID = s.ResourceID) AS processors,
 (SELECT SUM(c.NumberOfCores0) FROM v_GS_PROCESSOR c WHERE c.ResourceID = s.ResourceID) AS cores
FROM v_R_System s JOIN v_GS_OPERATING_SYSTEM o ON o.ResourceID = s.ResourceID
WHERE COALESCE(s.Obsolete0, 0) = 0 AND COALESCE(s.Decommissioned0, 0) = 0 AND o.Caption0 LIKE N'%Server%' ORDER BY s.Netbios_Name0`

// The client of a guest of Hyper-V reads the name of its host there.
const configmgrParents = `SELECT s.Netbios_Name0 AS guest, v.PhysicalHostName0 AS host FROM v_GS_VIRTUAL_MACHINE v JOIN v_R_System s ON s.ResourceID = v.ResourceID
WHERE COALESCE(s.Obsolete0, 0) = 0 AND COALESCE(s.Decommissioned0, 0) = 0 AND v.PhysicalHostName0 <> N'' ORDER BY s.Netbios_Name0, v.PhysicalHostName0`

const configmgrMetering = `SELECT r.Netbios_Name0 AS host, mu.FullName AS usr, m.TimeKey AS timekey, SUM(m.TSUsageCount) AS tscount, MAX(m.LastUsage) AS lastusage
FROM v_MonthlyUsageSummary m JOIN v_MeteredUser mu ON mu.MeteredUserID = m.MeteredUserID JOIN v_R_System r ON r.ResourceID = m.ResourceID
WHERE m.TSUsageCount > 0 GROUP BY r.Netbios_Name0, mu.FullName, m.TimeKey ORDER BY r.Netbios_Name0, mu.FullName, m.TimeKey`

func (r *reading) configmgr() []part {
	system := object{"dbo", "v_R_System", []string{"ResourceID", "Netbios_Name0", "Obsolete0", "Decommissioned0"}}
	programs := []string{"ResourceID", "DisplayName0", "Version0", "Publisher0", "ProdID0"}
	return []part{
		{name: "software", read: r.configmgrSoftware, needs: []object{system, {"dbo", "v_GS_ADD_REMOVE_PROGRAMS", programs}, {"dbo", "v_GS_ADD_REMOVE_PROGRAMS_64", programs}}},
		{name: "software", read: func(ctx context.Context) error { return r.scans(ctx, configmgrScans) },
			less:  "a host that has not been scanned for long cannot be told from one that was",
			needs: []object{{"dbo", "v_GS_WORKSTATION_STATUS", []string{"ResourceID", "LastHWScan"}}}},
		{name: "hosts", read: r.configmgrHosts, less: "the machines' hardware is not read; switch on the inventory of these classes, or keep a hosts table",
			needs: []object{{"dbo", "v_R_System", append([]string{"Resource_Domain_OR_Workgr0", "Is_Virtual_Machine0"}, system.columns...)},
				{"dbo", "v_GS_OPERATING_SYSTEM", []string{"ResourceID", "Caption0"}}, {"dbo", "v_GS_PROCESSOR", []string{"ResourceID", "NumberOfCores0"}}}},
		{name: "hosts", read: func(ctx context.Context) error { return r.parents(ctx, configmgrParents) }, less: lessParents,
			needs: []object{system, {"dbo", "v_GS_VIRTUAL_MACHINE", []string{"ResourceID", "PhysicalHostName0"}}}},
		{name: "sessions", read: r.configmgrMetering, less: "use over terminal services is not read; software metering has to be on for it",
			needs: []object{{"dbo", "v_MonthlyUsageSummary", []string{"MeteredUserID", "ResourceID", "TimeKey", "TSUsageCount", "LastUsage"}},
				{"dbo", "v_MeteredUser", []string{"MeteredUserID", "FullName"}}, {"dbo", "v_R_System", []string{"ResourceID", "Netbios_Name0"}}}},
	}
}

func (r *reading) configmgrSoftware(ctx context.Context) error {
	return r.software(ctx, configmgrSoftware, func(x *row) (string, snapshot.Install) {
		return x.text("host"), snapshot.Install{Name: x.text("name"), Version: x.text("version"), Publisher: x.text("publisher"), Key: x.text("prodid"), Line: x.number}
	})
}

// software reads a list of programs.
func (r *reading) software(ctx context.Context, query string, of func(*row) (string, snapshot.Install)) error {
	before := r.notes.mark()
	var p *programs
	err := r.c.each(ctx, query, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		p = r.newPrograms()
		return func(x *row) error { return p.add(of(x)) }
	})
	if err == nil && len(p.hosts) == 0 {
		return fmt.Errorf("database %s of %s lists no program at all: that is no estate without software but a reading that saw nothing; check the login's rights, and that inventories arrive there",
			r.cfg.Database, r.cfg.Server)
	}
	r.programs = p
	return err
}

// scans tells of hosts whose list is old: it may have been right once.
func (r *reading) scans(ctx context.Context, query string) error {
	before := r.notes.mark()
	return r.c.each(ctx, query, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		r.scanned = map[string]month.Day{}
		return func(x *row) error {
			t, ok := x.moment("scanned")
			ok = ok && !t.IsZero()
			host := x.text("host")
			if key := snapshot.HostKey(host); key != "" {
				day := month.Day(0)
				if ok {
					day = month.DayOf(t, r.opt.Zone)
				}
				r.scanned[key] = max(r.scanned[key], day)
			}
			switch {
			case r.opt.Stale == 0 || host == "":
			case !ok:
				r.notes.add("inventory-stale", host, x.number, fmt.Sprintf("%s does not say when host %s was last scanned; see that its agent works", r.file, host))
			case int(month.DayOf(r.taken, r.opt.Zone)-month.DayOf(t, r.opt.Zone)) > int(r.opt.Stale):
				r.notes.add("inventory-stale", host, x.number, fmt.Sprintf("host %s was last scanned on %s: its programs are those of then; see that its agent works, or remove the host if it is gone",
					host, month.DayOf(t, r.opt.Zone)))
			}
			return nil
		}
	})
}

func (r *reading) configmgrHosts(ctx context.Context) error {
	return r.hardware(ctx, configmgrHosts, func(x *row) hardware {
		h := hardware{line: x.number, host: x.text("host"), domain: x.text("domain"), system: x.text("system"), virtual: -1}
		if v, ok := x.integer("virtual"); ok {
			h.virtual = int(v & 1)
		}
		h.processors, _ = x.integer("processors")
		h.cores, _ = x.integer("cores")
		return h
	})
}

// hardware reads a list of machines.
func (r *reading) hardware(ctx context.Context, query string, of func(*row) hardware) error {
	before := r.notes.mark()
	var all []machine
	err := r.c.each(ctx, query, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		all = []machine{}
		return func(x *row) error {
			h := of(x)
			if h.host == "" {
				r.notes.add("inventory-damaged", r.file, x.number, fmt.Sprintf("row %d of the machines names no host; it is left out", x.number))
				return nil
			}
			if len(all) >= maxCells {
				return fmt.Errorf("there are more than %d machines: that is no inventory", maxCells)
			}
			all = append(all, machine{r.machine(h), h.domain})
			return nil
		}
	})
	r.machines = all
	return err
}

// configmgrMetering counts who used a program over terminal services. The
// summary tells the month for certain, and the day of the last use only.
func (r *reading) configmgrMetering(ctx context.Context) error {
	before := r.notes.mark()
	var u *uses
	err := r.c.each(ctx, configmgrMetering, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		u = r.newUses(false)
		return func(x *row) error {
			key, ok := x.integer("timekey")
			year, number := int(key/100), time.Month(key%100)
			if !ok || year < 1990 || year >= 2300 || number < 1 || number > 12 {
				r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d of the metered use has a TimeKey that is no month; it is left out", x.number))
				return nil
			}
			m := month.New(year, number, r.opt.Zone)
			last, ok := x.moment("lastusage")
			if !ok || last.IsZero() || !m.Contains(last) {
				if m.Start().After(r.taken) {
					r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d of the metered use is of a month that is to come; it is left out", x.number))
					return nil
				}
				r.notes.add("session-odd", r.file, x.number, fmt.Sprintf("row %d of the metered use tells its month and no day of it; it is filed under the first", x.number))
				last = m.Start()
			}
			return u.add(x.number, x.text("host"), x.text("usr"), "", last, last)
		}
	})
	r.uses = u
	return err
}
