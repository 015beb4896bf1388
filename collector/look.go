package collector

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/internal/config"
	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/snapshot"
)

// Looked is what hosts told when they were looked at once, before there is a
// store to keep it in.
type Looked struct {
	Sessions *snapshot.Sessions // nil: no log was read
	Software []snapshot.HostSoftware
	Machines []snapshot.Machine
	Unread   []string // hosts and drops that could not be read, and why
}

// LookAtHosts reads the session log and the programs of each host of one entry
// of hosts.
func LookAtHosts(ctx context.Context, env *Env, cfg *config.Hosts) (*Looked, error) {
	s := newHostSource(cfg)
	names, err := s.list(ctx, env)
	if err != nil {
		return nil, err
	}
	r := &round{s: s, env: env, gate: &gate{}, channels: gather.Channels()[:1]}
	if r.account, err = s.credentials(); err != nil {
		return nil, err
	}
	defer r.account.close()
	work, err := os.MkdirTemp("", "splameter-look-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder for hosts: %w", err)
	}
	defer os.RemoveAll(work)
	var mu sync.Mutex
	var all []handed
	var unread []string
	var g errgroup.Group
	g.SetLimit(cfg.Parallel)
	for _, n := range names {
		g.Go(func() error {
			h, err := r.read(ctx, n, &snapshot.HostState{}, work)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				unread = append(unread, fmt.Sprintf("%s: %v", n, err))
				return nil
			}
			all = append(all, *h)
			return nil
		})
	}
	_ = g.Wait()
	return look(ctx, env, work, all, unread)
}

// LookAtDrops reads the drops of one entry of drops, of each host its last.
func LookAtDrops(ctx context.Context, env *Env, cfg *config.Drops) (*Looked, error) {
	paths, err := files(cfg.Files)
	if err != nil {
		return nil, err
	}
	last := map[string]handed{}
	var unread []string
	for _, p := range paths {
		d, err := drop.Open(p)
		if err != nil {
			unread = append(unread, fmt.Sprintf("%s: %v", env.Name(p), err))
			continue
		}
		if m := d.Manifest; m.Taken.After(last[m.Host].manifest.Taken) {
			last[m.Host] = handed{path: p, name: env.Name(p), manifest: m}
		}
		d.Close()
	}
	work, err := os.MkdirTemp("", "splameter-look-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder for drops: %w", err)
	}
	defer os.RemoveAll(work)
	var all []handed
	for _, h := range last {
		if err := h.unpack(work, env.Now()); err != nil {
			unread = append(unread, fmt.Sprintf("%s: %v", h.name, err))
			continue
		}
		all = append(all, h)
	}
	return look(ctx, env, work, all, unread)
}

// look reads what some hosts handed over.
func look(ctx context.Context, env *Env, work string, all []handed, unread []string) (*Looked, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	slices.SortFunc(all, func(x, y handed) int { return strings.Compare(x.name, y.name) })
	out := &Looked{Unread: unread}
	job := sessions.Job{Config: config.Sessions{Name: "hosts"}, Dir: work, Zone: env.Config.Provider.Location, Workers: env.Workers, Now: env.Now, Log: env.Log}
	for i := range all {
		h := &all[i]
		for _, p := range h.logs {
			job.Config.Files = append(job.Config.Files, escaped(p))
		}
		v, err := env.software(ctx, h)
		if err != nil {
			out.Unread = append(out.Unread, fmt.Sprintf("what is installed on %s: %v", h.manifest.Host, err))
			continue
		}
		if v != nil {
			out.Software, out.Machines = append(out.Software, v.Software...), append(out.Machines, v.Machines...)
		}
	}
	slices.Sort(out.Unread)
	if len(job.Config.Files) == 0 {
		return out, nil
	}
	var err error
	out.Sessions, _, err = sessions.Collect(ctx, job)
	if err != nil && ctx.Err() == nil {
		out.Sessions, out.Unread = nil, append(out.Unread, err.Error())
		err = nil
	}
	return out, err
}

// software is what a host's registry says is installed, and what the host
// knows of its own hardware; nil where it handed over none.
func (env *Env) software(ctx context.Context, h *handed) (*snapshot.Inventory, error) {
	m := &h.manifest
	if m.RegistryError != "" {
		return nil, fmt.Errorf("%s", m.RegistryError)
	}
	if h.registry == "" {
		return nil, nil
	}
	f, err := os.Open(h.registry)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	titles, err := env.titles()
	if err != nil {
		return nil, err
	}
	v, err := inventory.ReadSoftware(ctx, f, h.name+"/"+drop.RegistryName, inventory.Options{Taken: h.taken, Loc: env.Config.Provider.Location, Titles: titles, Host: m.Host})
	if err != nil {
		return nil, err
	}
	for i := range v.Software { // the registry knows the short name only
		v.Software[i].Host = m.Host
	}
	v.Machines = []snapshot.Machine{machineOf(m)}
	return v, nil
}
