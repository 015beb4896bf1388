package setup

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"splameter/collector/directory"
	"splameter/collector/sessions"
	"splameter/internal/config"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// ReadConfigured reads the sources that a config names, each once, as Read does
// those of a first day. What cannot be read is a note, but that no directory can
// be read is an error.
func ReadConfigured(ctx context.Context, c *config.Config, env Env) (*Seen, error) {
	s := &Seen{Directory: &snapshot.Directory{}}
	loc := c.Provider.Location
	read := 0
	var last error
	for i := range c.Directories {
		d, err := readDirectory(ctx, &c.Directories[i], env, loc)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			last = err
			s.Notes = append(s.Notes, c.Directories[i].Name+": "+err.Error())
			continue
		}
		read++
		s.merge(d)
	}
	if read == 0 {
		return nil, cmp.Or(last, errors.New("the config names no directory"))
	}
	for i := range c.Sessions {
		got, _, err := sessions.Collect(ctx, sessions.Job{Config: c.Sessions[i], Dir: c.Dir, Zone: loc, Workers: env.Workers, Now: env.Now, Log: env.Log})
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			s.Notes = append(s.Notes, c.Sessions[i].Name+": "+err.Error())
		case s.Sessions == nil:
			s.Sessions = got
		default:
			s.Sessions.Uses = append(s.Sessions.Uses, got.Uses...)
		}
	}
	for i := range c.Inventories {
		found, err := paths.GlobAll(slices.Concat(c.Inventories[i].Software, c.Inventories[i].Hosts))
		if err != nil {
			s.Notes = append(s.Notes, c.Inventories[i].Name+": "+err.Error())
			continue
		}
		folders := map[string][]string{}
		var order []string
		for _, p := range found {
			dir := filepath.Dir(p)
			if folders[dir] == nil {
				order = append(order, dir)
			}
			folders[dir] = append(folders[dir], filepath.Base(p))
		}
		for _, dir := range order {
			if err := s.files(ctx, dir, folders[dir], loc); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if s.Loose, err = looseIn(ctx, c, loc); err != nil {
		return nil, err
	}
	return s, nil
}

func readDirectory(ctx context.Context, c *config.Directory, env Env, loc *time.Location) (*snapshot.Directory, error) {
	if len(c.URL) > 0 {
		return directory.ReadLive(ctx, *c, attributes(), nil, env.Now, loc, env.Log)
	}
	d, _, err := readExport(ctx, c.LDIF, loc)
	return d, err
}
