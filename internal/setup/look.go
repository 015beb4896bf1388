package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// look reads the hosts over the network, and the drops that they handed in.
// One that cannot be read is a note.
func (s *Seen) look(ctx context.Context, opt Options, env Env, loc *time.Location) error {
	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location = opt.Dir, loc
	from := &collector.Env{Config: &cfg, Now: env.Now, Workers: env.Workers, Log: env.Log}
	if len(opt.Hosts) > 0 {
		d := s.hostsFrom()
		cfg.Directories = []config.Directory{d.live}
		h := config.DefaultHosts()
		h.Name, h.Directory, h.Units, h.User = hostsName, d.live.Name, opt.Hosts, opt.hostsUser()
		var err error
		if h.Password, err = config.NewSecret(opt.hostsPassword()); err != nil {
			return fmt.Errorf("--hosts-password: %w", err)
		}
		got, err := collector.LookAtHosts(ctx, from, &h)
		if err != nil {
			return err
		}
		s.add(got)
	}
	if opt.Drops != "" {
		got, err := collector.LookAtDrops(ctx, from, &config.Drops{Name: dropsName, Files: []string{filepath.Join(opt.Drops, "*.zip")}})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.Notes = append(s.Notes, "the hosts' drops could not be read: "+err.Error())
			return nil
		}
		s.add(got)
	}
	return nil
}

// hostsFrom is the live directory that tells of the hosts.
func (s *Seen) hostsFrom() *From {
	return &s.From[slices.IndexFunc(s.From, func(f From) bool { return f.Export == "" })]
}

// add takes what some hosts told.
func (s *Seen) add(l *collector.Looked) {
	s.install(l.Software)
	s.Machines = append(s.Machines, l.Machines...)
	s.Notes = append(s.Notes, l.Unread...)
	switch {
	case s.Sessions == nil:
		s.Sessions = l.Sessions
	case l.Sessions != nil:
		s.Sessions.Uses = append(append([]snapshot.Use{}, s.Sessions.Uses...), l.Sessions.Uses...)
	}
}

// The names of the sources that are drafted.
const (
	hostsName = "farm"
	dropsName = "handed-in"
)

func (o *Options) hostsUser() string {
	return cmp.Or(o.HostsUser, of(o.Users, 0))
}

func (o *Options) hostsPassword() string {
	return cmp.Or(o.HostsPassword, of(o.Password, 0))
}

// check refuses what contradicts itself, before anything is read.
func (o *Options) check() error {
	lives := o.lives()
	for _, l := range []struct {
		flag string
		n    int
	}{{"--user", len(o.Users)}, {"--password", len(o.Password)}, {"--server-name", len(o.Servers)}} {
		if l.n > 1 && l.n != lives {
			return fmt.Errorf("%s is given %d times, and --directory names %d live directories: give it once for all, or once for each in the same order", l.flag, l.n, lives)
		}
	}
	switch {
	case len(o.Hosts) == 0:
		return nil
	case lives == 0:
		return errors.New("--hosts reads the computers of a live directory; exports of it do not do: give --directory ldaps://SERVER")
	case lives > 1:
		return errors.New("--hosts reads the computers of one live directory; give that one alone, and add the other under directories: and hosts: in config.yaml afterwards")
	case strings.HasPrefix(o.HostsPassword, "plain:"):
		return errors.New("the password for the hosts is not given on the command line: give --hosts-password env:NAME or file:PATH")
	case (o.HostsUser == "") != (o.HostsPassword == ""):
		return errors.New("--hosts-user and --hosts-password belong together; without both the directory's are taken")
	}
	return nil
}

// hostsText is what the config says of hosts that are read by themselves.
func hostsText(line func(key, value, comment string), opt Options, directory string) {
	if opt.Drops != "" {
		line("", "", "")
		line("drops:", "", "what hosts hand in by themselves: splameter gather, docs/hosts.md")
		line("  - name:", dropsName, "")
		line("    files:", "["+quoted(shown(opt.Dir, filepath.Join(opt.Drops, "*.zip")))+"]", "")
	}
	if len(opt.Hosts) == 0 {
		return
	}
	line("", "", "")
	line("hosts:", "", "read over the network one by one: docs/hosts.md")
	line("  - name:", hostsName, "")
	line("    directory:", directory, "its enabled computers")
	units := make([]string, len(opt.Hosts))
	for i, u := range opt.Hosts {
		units[i] = quoted(u)
	}
	line("    units:", "["+strings.Join(units, ", ")+"]", "beneath these units")
	line("    user:", quoted(opt.hostsUser()), "")
	line("    password:", quoted(secretPlace(opt.Dir, opt.hostsPassword())), "")
}

// secretPlace is where a secret stands, as the config names it.
func secretPlace(dir, s string) string {
	if path, ok := strings.CutPrefix(s, "file:"); ok {
		return "file:" + shown(dir, path)
	}
	return s
}
