package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"splameter/collector/directory"
	"splameter/collector/forms"
	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/month"
)

// Probe of a directory connects and looks, or reads the newest export whole.
func (s *directorySource) Probe(ctx context.Context, env *Env) ([]string, error) {
	if len(s.cfg.URL) > 0 {
		r, err := directory.Probe(ctx, *s.cfg, env.Keep)
		return r.Sentences, err
	}
	paths, err := files([]string{s.cfg.LDIF})
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("%d exports match %s", len(paths), s.cfg.LDIF)}
	var errs []error
	var first, last month.Day
	for i, p := range paths {
		taken, err := directory.DateOf(filepath.Base(p), env.Config.Provider.Location)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", env.Name(p), err))
			continue
		}
		if err := env.come(p, taken); err != nil {
			errs = append(errs, err)
		}
		if d := env.day(taken); i == 0 || d < first {
			first = d
		}
		last = max(last, env.day(taken))
	}
	if last > 0 {
		lines = append(lines, fmt.Sprintf("they reach from %s to %s", first, last))
	}
	newest := paths[len(paths)-1]
	f, err := os.Open(newest)
	if err != nil {
		return lines, errors.Join(append(errs, err)...)
	}
	defer f.Close()
	taken, err := directory.DateOf(filepath.Base(newest), env.Config.Provider.Location)
	if err != nil {
		return lines, errors.Join(errs...)
	}
	d, err := directory.ReadLDIF(ctx, f, env.Name(newest), taken, *s.cfg, env.Keep, env.Config.Provider.Location)
	if err != nil {
		return lines, errors.Join(append(errs, noLDIF(newest, env.Name(newest), err))...)
	}
	lines = append(lines, fmt.Sprintf("%s holds %d accounts, %d groups and %d memberships of domain %s", env.Name(newest), len(d.Accounts), len(d.Groups), len(d.Members), d.Domain))
	for _, n := range d.Notes {
		lines = append(lines, n.Message)
	}
	return lines, errors.Join(errs...)
}

// come refuses a file whose name dates it in times to come: it would stand for days
// that nobody has seen.
func (e *Env) come(path string, taken time.Time) error {
	if e.day(taken) <= e.day(e.Now())+1 {
		return nil
	}
	return fmt.Errorf("%s: its name says that it is of %s, and that day is to come; give it the date of its export", e.Name(path), e.day(taken))
}

// extents keeps how far back each host's log goes.
type extents struct {
	damaged int
	hosts   map[string]*extent
	order   []string
}

type extent struct{ first, last int64 }

func (x *extents) Record(r *record.Record) {
	k := string(r.Computer) + ", " + string(r.Channel)
	e := x.hosts[k]
	if e == nil {
		e = &extent{first: r.Ticks, last: r.Ticks}
		x.hosts[k] = e
		x.order = append(x.order, k)
	}
	e.first, e.last = min(e.first, r.Ticks), max(e.last, r.Ticks)
}

func (x *extents) Damaged(record.Damage) { x.damaged++ }

// Probe of session logs reads every file and says how far back each host's
// log goes.
func (s *sessionSource) Probe(ctx context.Context, env *Env) ([]string, error) {
	paths, err := files(s.cfg.Files)
	if err != nil {
		return nil, err
	}
	var lines []string
	var errs []error
	var bytes int64
	for _, p := range paths {
		x := &extents{hosts: map[string]*extent{}}
		info, err := sessions.ReadFile(ctx, p, sessions.Options{Name: env.Name(p), Zone: env.Config.Provider.Location, Columns: s.cfg.Columns, Workers: env.Workers, Extent: true,
			Dates: textblock.OrderOf(s.cfg.Dates), Host: forms.HostOf(p)}, x)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", env.Name(p), err))
			continue
		}
		bytes += info.Size
		note := ""
		if d := s.cfg.Exported.Of(p); d.Set && d.Day > env.day(env.Now())+1 {
			errs = append(errs, fmt.Errorf("%s: exported says that it holds everything before %s, and that day is to come: no file holds what has not happened; write up to when the file was exported", env.Name(p), d.Day))
		}
		if x.damaged > 0 {
			note = fmt.Sprintf(", %d damages", x.damaged)
		}
		lines = append(lines, fmt.Sprintf("%s: %d events%s", env.Name(p), info.Records, note))
		for _, k := range x.order {
			e := x.hosts[k]
			lines = append(lines, fmt.Sprintf("  %s: from %s to %s", k, record.FromTicks(e.first).Format("2006-01-02 15:04Z"), record.FromTicks(e.last).Format("2006-01-02 15:04Z")))
		}
	}
	lines = append([]string{fmt.Sprintf("%d files, %.1f MB", len(paths), float64(bytes)/1e6)}, lines...)
	return lines, errors.Join(errs...)
}

// Probe of inventories reads the newest file of each kind whole.
func (s *inventorySource) Probe(ctx context.Context, env *Env) ([]string, error) {
	var lines []string
	var errs []error
	for _, set := range []struct {
		globs    config.Globs
		machines bool
		what     string
	}{{s.cfg.Software, false, "software"}, {s.cfg.Hosts, true, "hosts"}} {
		if len(set.globs) == 0 {
			continue
		}
		paths, err := files(set.globs)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %d files", set.what, len(paths)))
		for _, p := range paths {
			if taken, err := inventory.DateOf(filepath.Base(p), env.Config.Provider.Location); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", env.Name(p), err))
			} else if err := env.come(p, taken); err != nil {
				errs = append(errs, err)
			}
		}
		line, err := probeInventory(ctx, env, paths[len(paths)-1], s.cfg.Columns, set.machines)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		lines = append(lines, line)
	}
	return lines, errors.Join(errs...)
}

func probeInventory(ctx context.Context, env *Env, path string, columns map[string]string, machines bool) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	opt := inventory.Options{Loc: env.Config.Provider.Location, Columns: columns, Host: inventory.HostOf(path)}
	if machines {
		v, err := inventory.ReadHosts(ctx, f, env.Name(path), opt)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s holds %s, %s", env.Name(path), diag.Several(len(v.Machines), "machine"), diag.Several(len(v.Notes), "notice")), nil
	}
	v, err := inventory.ReadSoftware(ctx, f, env.Name(path), opt)
	if err != nil {
		return "", err
	}
	n := 0
	for i := range v.Software {
		n += len(v.Software[i].Installs)
	}
	return fmt.Sprintf("%s holds %s on %s, %s", env.Name(path), diag.Several(n, "program"), diag.Several(len(v.Software), "host"), diag.Several(len(v.Notes), "notice")), nil
}
