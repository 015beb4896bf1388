package collector

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"splameter/collector/inventory"
	"splameter/internal/config"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// inventorySource is one set of software and hosts inventories.
type inventorySource struct{ cfg *config.Inventory }

func (s *inventorySource) Name() string        { return s.cfg.Name }
func (s *inventorySource) Kind() snapshot.Kind { return snapshot.KindInventory }

func (s *inventorySource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	var failed failures
	titles, err := env.titles()
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindInventory, "", env.Now(), err)
	}
	for _, set := range []struct {
		globs    config.Globs
		machines bool
	}{{s.cfg.Software, false}, {s.cfg.Hosts, true}} {
		if len(set.globs) == 0 {
			continue
		}
		paths, err := files(set.globs)
		if err != nil {
			failed.add(env.fail(ctx, s.cfg.Name, snapshot.KindInventory, "", env.Now(), err))
			continue
		}
		var groups [][]string
		if !set.machines {
			paths, groups = s.registries(ctx, env, paths)
		}
		for _, g := range groups {
			if err := s.registry(ctx, env, g, titles, &o); err != nil && failed.add(err) {
				return o, failed.err()
			}
		}
		for i, p := range paths {
			if err := s.file(ctx, env, p, set.machines, titles, &o); err != nil && failed.add(err) {
				return o, failed.err()
			}
			if ctx.Err() != nil {
				return o, ctx.Err()
			}
			if env.Progress != nil {
				env.Progress(s.cfg.Name, int64(i+1), int64(len(paths)))
			}
		}
	}
	return o, failed.err()
}

func (s *inventorySource) file(ctx context.Context, env *Env, path string, machines bool, titles *product.Catalog, o *Outcome) error {
	name := env.Name(path)
	taken, err := inventory.DateOf(filepath.Base(path), env.Config.Provider.Location)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindInventory, path, env.Now(), fmt.Errorf("%s: %w", name, err))
	}
	f, err := os.Open(path)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindInventory, path, taken, err)
	}
	defer f.Close()
	print, err := fingerprint(f)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindInventory, path, taken, fmt.Errorf("read %s: %w", name, err))
	}
	known, err := env.Store.Known(ctx, s.cfg.Name, name, print)
	if err != nil {
		return err
	}
	if known {
		o.Known++
		return nil
	}
	opt := inventory.Options{Taken: taken, Loc: env.Config.Provider.Location, Columns: s.cfg.Columns, Titles: titles, Host: inventory.HostOf(path)}
	read := inventory.ReadSoftware
	if machines {
		read = inventory.ReadHosts
	}
	v, err := read(ctx, f, name, opt)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindInventory, path, taken, err)
	}
	return s.keep(ctx, env, v, print, o)
}

// keep puts a reading into the store.
func (s *inventorySource) keep(ctx context.Context, env *Env, v *snapshot.Inventory, print string, o *Outcome) error {
	v.Source, v.Site, v.Fingerprint = s.cfg.Name, env.Config.Site, print
	if err := env.Store.PutInventory(ctx, v); err != nil {
		return err
	}
	o.Read++
	o.Notices += len(v.Notes)
	o.Facts += len(v.Machines)
	for i := range v.Software {
		o.Facts += len(v.Software[i].Installs)
	}
	return nil
}

// titles are what programs are recognized by: the provider's own first.
func (env *Env) titles() (*product.Catalog, error) {
	path := env.Config.Products
	if path == "" {
		return product.Builtin(), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the titles of your own: %w", err)
	}
	titles, faults := product.With([]product.Source{{Name: path, Data: data}})
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return titles, nil
}
