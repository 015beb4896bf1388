package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"splameter/collector/database"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// databaseSource is one SQL Server database, read live. It may yield sessions
// and an inventory both; they are two readings of one moment.
type databaseSource struct{ cfg *config.Database }

func (s *databaseSource) Name() string { return s.cfg.Name }

// Kind is that of the part without which a month is incomplete.
func (s *databaseSource) Kind() snapshot.Kind {
	if s.cfg.Reads("software") || s.cfg.Reads("hosts") {
		return snapshot.KindInventory
	}
	return snapshot.KindSessions
}

func (s *databaseSource) read(ctx context.Context, env *Env) (*database.Result, error) {
	return database.Read(ctx, *s.cfg, database.Options{Now: env.Now, Zone: env.Config.Provider.Location,
		Pools: env.Config.Pools, Stale: env.Config.Coverage.InventoryEvery, Log: env.Log})
}

// Collect keeps what was read only when all of it was.
func (s *databaseSource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	began := env.Now()
	r, err := s.read(ctx, env)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, s.Kind(), "", began, err)
	}
	var errs []error
	if v := r.Inventory; v != nil {
		v.Site = env.Config.Site
		o.Facts += len(v.Machines)
		for i := range v.Software {
			o.Facts += len(v.Software[i].Installs)
		}
		o.Notices += len(v.Notes)
		errs = append(errs, env.Store.PutInventory(ctx, v))
	}
	if v := r.Sessions; v != nil {
		v.Site = env.Config.Site
		o.Facts += len(v.Uses)
		o.Notices += len(v.Notes)
		errs = append(errs, env.Store.PutSessions(ctx, v, nil))
	}
	if err := errors.Join(errs...); err != nil {
		return o, err
	}
	o.Read = 1
	return o, nil
}

// Probe reads the database whole, and shows the pools that it knows as a
// beginning of the config's.
func (s *databaseSource) Probe(ctx context.Context, env *Env) ([]string, error) {
	r, err := s.read(ctx, env)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("%d rows of %s/%s read; nothing but SELECT was sent", r.Rows, s.cfg.Server, s.cfg.Database)}
	if v := r.Inventory; v != nil {
		n := 0
		for i := range v.Software {
			n += len(v.Software[i].Installs)
		}
		lines = append(lines, fmt.Sprintf("%d programs on %d hosts, %d machines", n, len(v.Software), len(v.Machines)))
		lines = notes(lines, v.Notes)
	}
	if v := r.Sessions; v != nil {
		lines = append(lines, fmt.Sprintf("sessions of %d users by host and month", len(v.Uses)))
		lines = notes(lines, v.Notes)
	}
	return append(lines, poolLines(r.Pools)...), nil
}

func notes(lines []string, all []snapshot.Notice) []string {
	for _, n := range all {
		lines = append(lines, n.Message)
	}
	return lines
}

// poolLines are the broker's pools in the form of the config. Their groups
// are in no column that is documented, so the user fills them in.
func poolLines(pools []database.Pool) []string {
	if len(pools) == 0 {
		return nil
	}
	lines := []string{"the broker's pools, to begin the config's with (it does not tell their groups in a documented way: fill in users)", "pools:"}
	for _, p := range pools {
		hosts := "["
		for i, h := range p.Hosts {
			if i > 0 {
				hosts += ", "
			}
			hosts += strconv.Quote(snapshot.HostKey(h))
		}
		lines = append(lines, fmt.Sprintf("- name: pool-%d", p.ID), "  hosts: "+hosts+"]", "  users: []")
		for _, a := range p.Properties {
			lines = append(lines, fmt.Sprintf("  # %s: %s", a.Name, a.Value))
		}
	}
	return lines
}
