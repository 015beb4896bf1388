// Package database reads databases that providers have, of SQL Server,
// PostgreSQL, MySQL and MariaDB: the Remote Desktop connection broker's,
// Configuration Manager's, Lansweeper's, GLPI's, OCS Inventory's and Fleet's, the
// sessions of Horizon and Citrix, and any other by queries of the config. It sends nothing but SELECT, and hands
// over a reading only when all of it was read; what the rows mean for a licence
// is left to the rules.
package database

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Options are what a reading needs besides its config.
type Options struct {
	Now   func() time.Time
	Zone  *time.Location // the provider's
	Pools []config.Pool  // to tell hosts of the broker that no pool names
	Stale config.Days    // a host that was scanned longer ago is told of; 0: never
	Log   *slog.Logger   // nil: none
}

// Result is one complete reading of a database. What it was not asked for is
// nil.
type Result struct {
	Sessions  *snapshot.Sessions
	Inventory *snapshot.Inventory
	Pools     []Pool
	Rows      int // of all queries together
}

// Pool is a session collection as the connection broker knows it. Which group
// may log on, and what is published, stands in no column that is documented,
// so it is not here: the properties are the broker's own words.
type Pool struct {
	ID         int64
	Hosts      []string // sorted
	Properties []snapshot.Attribute
}

// Bounds on one reading, far above any real estate.
const (
	maxRows  = 50_000_000
	maxCells = 4_000_000 // users by host and month; programs
	maxText  = 4096      // bytes of one value that is believed
)

// Read reads a database whole. An error means that nothing of it may be
// used.
func Read(ctx context.Context, cfg config.Database, opt Options) (*Result, error) {
	r, err := begin(cfg, opt)
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", cfg.Name, err)
	}
	defer r.c.close()
	if err := r.read(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("read database %s: %w", cfg.Name, err)
	}
	return r.result(), nil
}

// reading is one reading in progress.
type reading struct {
	cfg   config.Database
	opt   Options
	c     *client
	zone  *time.Location // of the database's local times
	taken time.Time
	file  string // what evidence calls the database
	notes notices

	scanned map[string]month.Day // when each host was scanned last, by HostKey; 0: not told; nil: the database tells of none

	uses     *uses
	programs *programs
	machines []machine
	pools    []Pool
}

func begin(cfg config.Database, opt Options) (*reading, error) {
	r, err := newReading(cfg, opt)
	if err == nil {
		r.c, err = open(cfg)
	}
	return r, err
}

func newReading(cfg config.Database, opt Options) (*reading, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	r := &reading{cfg: cfg, opt: opt, zone: opt.Zone, taken: opt.Now().UTC().Truncate(100)}
	r.file = strings.TrimSpace(cfg.Server + "/" + cfg.Database + " " + cfg.Preset)
	if cfg.Zone != "" {
		loc, err := time.LoadLocation(cfg.Zone)
		if err != nil {
			return nil, fmt.Errorf("the zone %q is not known; write it like Europe/Amsterdam", cfg.Zone)
		}
		r.zone = loc
	}
	return r, nil
}

// read runs the preset. Each part begins afresh when it is tried again, so
// nothing of a broken try stays.
func (r *reading) read(ctx context.Context) error {
	if err := r.c.logon(ctx); err != nil {
		return err
	}
	parts, err := r.parts(ctx)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if !r.cfg.Reads(p.name) {
			continue
		}
		ok, err := r.there(ctx, p)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := p.read(ctx); err != nil {
			return err
		}
		r.opt.Log.Debug("part read", "source", r.cfg.Name, "part", p.name, "rows", r.c.rows)
	}
	return nil
}

// part is something that a preset reads.
type part struct {
	name  string // as under read: in the config
	needs []object
	// less says what is missing without it; empty: then there is no reading.
	less string
	read func(context.Context) error
}

// object is a table or view with the columns that are read.
type object struct {
	schema, name string
	columns      []string
}

func (r *reading) parts(ctx context.Context) ([]part, error) {
	switch r.cfg.Preset {
	case "rdcb":
		return r.broker(), nil
	case "configmgr":
		return r.configmgr(), nil
	case "lansweeper":
		return r.lansweeper(), nil
	case "glpi":
		return r.glpi(ctx)
	case "ocs":
		return r.ocs(ctx)
	case "fleet":
		return r.fleet(), nil
	case "horizon":
		return r.horizon(ctx)
	case "citrix":
		return r.citrix(ctx)
	}
	return r.queries(), nil
}

func (r *reading) result() *Result {
	out := &Result{Pools: r.pools, Rows: r.c.rows}
	head := func(kind snapshot.Kind) snapshot.Reading {
		return snapshot.Reading{Source: r.cfg.Name, Kind: kind, Taken: r.taken, Day: month.DayOf(r.taken, r.opt.Zone),
			Status: snapshot.Complete, File: r.file}
	}
	machines := r.settle()
	notes := r.notes.list(r.file)
	if r.programs != nil || r.machines != nil {
		v := &snapshot.Inventory{Reading: head(snapshot.KindInventory), Machines: machines}
		if r.programs != nil {
			v.Software = r.programs.finish()
			v.Scans = r.oldScans(v)
		}
		v.Notes, notes = notes, nil
		out.Inventory = v
	}
	if r.uses != nil {
		v := &snapshot.Sessions{Reading: head(snapshot.KindSessions)}
		v.Uses, v.Logs = r.uses.finish(r.taken)
		v.Notes = notes
		out.Sessions = v
	}
	return out
}
