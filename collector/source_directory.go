package collector

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"splameter/collector/directory"
	"splameter/collector/forms"
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
	read := s.exports
	if len(s.cfg.URL) > 0 {
		read = s.live
	}
	o, err := read(ctx, env)
	return s.both(ctx, env, o, err)
}

func (s *directorySource) live(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	began := env.Now()
	told, err := env.Store.Told(ctx, s.cfg.Name, began)
	if err != nil {
		return o, err
	}
	d, err := directory.ReadLive(ctx, *s.cfg, env.Keep, told, env.Now, env.Config.Provider.Location, env.Log)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, "", began, err)
	}
	err = s.older(ctx, env, d)
	if err == nil {
		err = s.back(ctx, env, d, func(ids []string) (map[string]time.Time, error) { return directory.Touched(ctx, *s.cfg, ids) })
	}
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

// older refuses a reading of a domain controller that was put back: of one
// invocation the count of changes only grows, so that a smaller one than in the
// reading before is an older state, such as of a restored copy.
func (s *directorySource) older(ctx context.Context, env *Env, d *snapshot.Directory) error {
	now := d.Controller
	if now.Invocation == "" || now.USN == 0 {
		return nil
	}
	readings, err := env.Store.Readings(ctx, s.cfg.Name, d.Taken.AddDate(0, -2, 0), d.Taken)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(readings) {
		was := r.Controller
		if r.Status != snapshot.Complete || was.Invocation != now.Invocation {
			continue
		}
		if now.USN < was.USN {
			return fmt.Errorf("the domain controller %s stands at change %d and stood at %d on %s: it shows an older state, such as a restored copy, and was not read; read another domain controller, or let an administrator look at this one", now.Host, now.USN, was.USN, r.Day)
		}
		return nil
	}
	return nil
}

// back refuses a reading in which known deletions are back: an older state, of a
// controller that was put back by other means than its own count of changes
// tells, or an old export under a new name.
func (s *directorySource) back(ctx context.Context, env *Env, d *snapshot.Directory, touched func(ids []string) (map[string]time.Time, error)) error {
	back, err := env.Store.Returned(ctx, d)
	if err != nil || len(back) == 0 {
		return err
	}
	return directory.Older(back, touched)
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
	var list []export
	var failed failures
	for _, p := range paths {
		taken, err := directory.DateOf(filepath.Base(p), env.Config.Provider.Location)
		if err != nil {
			failed.add(fmt.Errorf("%s: %w", env.Name(p), err))
			continue
		}
		list = append(list, export{p, taken})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].taken.Before(list[j].taken) })
	again, err := s.again(ctx, env, list)
	if err != nil {
		return o, err
	}
	err = s.inTurn(ctx, env, list, again, &o, &failed)
	return o, err
}

// again are the names of the exports that were read without an attribute that
// is now to be kept, and are read again for it: those of the newest one's month
// and the month before. Older months are closed.
func (s *directorySource) again(ctx context.Context, env *Env, list []export) (map[string]bool, error) {
	if len(list) == 0 || len(env.Keep) == 0 {
		return nil, nil
	}
	newest := list[len(list)-1].taken
	from := month.Of(newest, env.Config.Provider.Location).Add(-1).Start()
	readings, err := env.Store.Readings(ctx, s.cfg.Name, from, newest.Add(time.Second))
	out := map[string]bool{}
	for i := range readings {
		r := &readings[i]
		if r.Status == snapshot.Complete && slices.ContainsFunc(env.Keep, func(k string) bool { return !slices.Contains(r.Kept, strings.ToLower(k)) }) {
			out[r.File] = true
		}
	}
	return out, err
}

// noLDIF says what a file is that could not be read as LDIF, where it is
// something else: a table of accounts, a log, an inventory.
func noLDIF(path, name string, err error) error {
	found, e := Identify(path)
	switch {
	case e != nil || found.Shape == forms.LDIF:
		return err
	case found.Form != nil:
		return fmt.Errorf("%s is no directory export but %s; name it where the config names such", name, found.Form.Name)
	case found.Shape == forms.CSV || found.Shape == forms.JSON:
		return fmt.Errorf("%s is no directory export: %s", name, found.Refusal())
	}
	return err
}
