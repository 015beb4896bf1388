package database

import (
	"context"
	"fmt"
	"strings"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/snapshot"
)

// queries are those of the config.
func (r *reading) queries() []part {
	return []part{
		{name: "sessions", read: r.freeSessions},
		{name: "software", read: r.freeSoftware},
		{name: "hosts", read: r.freeHosts},
	}
}

// columns finds what the query calls our columns; one that is needed and not
// there ends the reading.
func columns(q config.Query, x *row, needed ...string) (func(string) string, error) {
	theirs := func(ours string) string {
		if t := q.Columns[ours]; t != "" {
			return strings.ToLower(t)
		}
		return ours
	}
	for _, ours := range needed {
		if _, ok := x.at[theirs(ours)]; !ok {
			return nil, fmt.Errorf("the query yields no column %q for %s; its columns are %s: name the right one under columns", theirs(ours), ours, strings.Join(x.names, ", "))
		}
	}
	for ours := range q.Columns {
		if _, ok := x.at[theirs(ours)]; !ok {
			return nil, fmt.Errorf("the query yields no column %q for %s; its columns are %s: name the right one under columns", theirs(ours), ours, strings.Join(x.names, ", "))
		}
	}
	return theirs, nil
}

func (r *reading) freeSessions(ctx context.Context) error {
	before := r.notes.mark()
	q := r.cfg.Sessions
	var u *uses
	console := 0
	err := r.c.each(ctx, q.SQL, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		u, console = r.newUses(true), 0
		var col func(string) string
		return func(x *row) (err error) {
			if col == nil {
				if col, err = columns(q, x, "host", "user", "start"); err != nil {
					return err
				}
			}
			switch strings.ToLower(x.text(col("address"))) {
			case "local", "console", "-", "lokaal":
				console++
				return nil
			}
			start, ok := x.moment(col("start"))
			if !ok || start.IsZero() {
				r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the sessions has no time of beginning; it is left out", x.number))
				return nil
			}
			end, ok := x.moment(col("end"))
			if !ok {
				r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the sessions ends at no time; the day of its beginning is counted", x.number))
				end = start
			}
			n := x.number
			if id, ok := x.integer(col("id")); ok && id > 0 && id <= 1<<53 {
				n = int(id)
			}
			return u.add(n, x.text(col("host")), account(x.text(col("domain")), x.text(col("user"))), x.sid(col("sid")), start, end)
		}
	})
	if err != nil {
		return err
	}
	if console > 0 {
		r.notes.add("session-console", r.file, 0, fmt.Sprintf("%d rows are of sessions at the console, which are none of tenants; they are left out", console))
	}
	r.uses = u
	return nil
}

func (r *reading) freeSoftware(ctx context.Context) error {
	q := r.cfg.Software
	var col func(string) string
	var err error
	err2 := r.software(ctx, q.SQL, func(x *row) (string, snapshot.Install) {
		if col == nil && err == nil {
			col, err = columns(q, x, "host", "name")
		}
		if err != nil {
			return "", snapshot.Install{Line: x.number}
		}
		return x.text(col("host")), snapshot.Install{Name: x.text(col("name")), Version: x.text(col("version")), Publisher: x.text(col("publisher")),
			Key: x.text(col("key")), Release: x.text(col("release")), Edition: x.text(col("edition")), Line: x.number}
	})
	if err != nil {
		return err
	}
	return err2
}

func (r *reading) freeHosts(ctx context.Context) error {
	before := r.notes.mark()
	q := r.cfg.Hosts
	var all []machine
	err := r.c.each(ctx, q.SQL, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		all = []machine{}
		var col func(string) string
		return func(x *row) (err error) {
			if col == nil {
				if col, err = columns(q, x, "host"); err != nil {
					return err
				}
			}
			m := snapshot.Machine{Line: x.number, Host: x.text(col("host")), ID: x.text(col("id")), Parent: x.text(col("parent")), OperatingSystem: x.text(col("operating_system")),
				SQLEdition: x.text(col("sql_edition")), Cluster: x.text(col("cluster")), Tenant: x.text(col("tenant"))}
			if m.Host == "" {
				r.notes.add("inventory-damaged", r.file, x.number, fmt.Sprintf("row %d of the machines names no host; it is left out", x.number))
				return nil
			}
			if len(all) >= maxCells {
				return fmt.Errorf("there are more than %d machines: that is no inventory", maxCells)
			}
			m.Kind = word(r, x, col("kind"), m.Host, snapshot.MachineKinds())
			m.Power = word(r, x, col("power"), m.Host, snapshot.Powers())
			m.Processors = r.count(x, col("processors"), m.Host)
			m.CoresPerProcessor = r.count(x, col("cores_per_processor"), m.Host)
			m.VirtualCores = r.count(x, col("virtual_cores"), m.Host)
			all = append(all, machine{Machine: m})
			return nil
		}
	})
	r.machines = all
	return err
}

func word[T ~string](r *reading, x *row, name, host string, known []T) T {
	s := x.text(name)
	w, ok := diag.Word(s, known)
	if !ok && s != "" {
		r.notes.add("machine-unreadable", host, x.number, fmt.Sprintf("%s of host %s is none of %s: it is taken as unknown", name, host, diag.Listed(known)))
	}
	return w
}

func (r *reading) count(x *row, name, host string) int {
	n, ok := x.integer(name)
	if ok && n >= 0 && n <= 1<<16 {
		return int(n)
	}
	if x.value(name) != nil {
		r.notes.add("machine-unreadable", host, x.number, fmt.Sprintf("%s of host %s is no number of cores: it is taken as unknown", name, host))
	}
	return 0
}
