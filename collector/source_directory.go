package collector

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"splameter/collector/directory"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

func (env *Env) day(t time.Time) month.Day { return month.DayOf(t, env.Config.Provider.Location) }

// directorySource is one directory, live or as exports.
type directorySource struct{ cfg *config.Directory }

func (s *directorySource) Name() string        { return s.cfg.Name }
func (s *directorySource) Kind() snapshot.Kind { return snapshot.KindDirectory }

func (s *directorySource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	if s.cfg.URL != "" {
		return s.live(ctx, env)
	}
	return s.exports(ctx, env)
}

func (s *directorySource) live(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	began := env.Now()
	d, err := directory.ReadLive(ctx, *s.cfg, env.Keep, env.Now, env.Config.Provider.Location, env.Log)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, "", began, err)
	}
	d.Site = env.Config.Site
	if err := env.Store.PutDirectory(ctx, d); err != nil {
		return o, err
	}
	o.Read, o.Facts, o.Notices = 1, len(d.Accounts), len(d.Notes)
	return o, nil
}

// export is one LDIF file with the moment that it stands for.
type export struct {
	path  string
	taken time.Time
}

func (s *directorySource) exports(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	paths, err := files([]string{s.cfg.LDIF})
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, "", env.Now(), err)
	}
	var failed failures
	var list []export
	for _, p := range paths {
		taken, err := directory.DateOf(filepath.Base(p), env.Config.Provider.Location)
		if err != nil {
			failed.add(fmt.Errorf("%s: %w", env.Name(p), err))
			continue
		}
		list = append(list, export{p, taken})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].taken.Before(list[j].taken) })
	for i, x := range list {
		if err := s.export(ctx, env, x, &o); err != nil && failed.add(err) {
			break
		}
		if ctx.Err() != nil {
			return o, ctx.Err()
		}
		if env.Progress != nil {
			env.Progress(s.cfg.Name, int64(i+1), int64(len(list)))
		}
	}
	return o, failed.err()
}

func (s *directorySource) export(ctx context.Context, env *Env, x export, o *Outcome) error {
	name := env.Name(x.path)
	f, err := os.Open(x.path)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, x.path, x.taken, err)
	}
	defer f.Close()
	print, err := fingerprint(f)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, x.path, x.taken, fmt.Errorf("read %s: %w", name, err))
	}
	known, err := env.Store.Known(ctx, s.cfg.Name, name, print)
	if err != nil {
		return err
	}
	if known {
		o.Known++
		return nil
	}
	d, err := directory.ReadLDIF(ctx, f, name, x.taken, *s.cfg, env.Keep, env.Config.Provider.Location)
	if err != nil {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, x.path, x.taken, err)
	}
	d.Site, d.Fingerprint = env.Config.Site, print
	if err := env.Store.PutDirectory(ctx, d); err != nil {
		return err
	}
	o.Read++
	o.Facts += len(d.Accounts)
	o.Notices += len(d.Notes)
	return nil
}
