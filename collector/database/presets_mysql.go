package database

import (
	"context"
	"fmt"
	"strings"

	"splameter/internal/snapshot"
)

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
