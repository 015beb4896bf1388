// Package setup makes a first config of a provider's own sources: it reads
// each once and drafts the config and its tables, for a person to correct. It
// invents nothing: what the sources do not say stays empty. It keeps nothing
// and counts nothing; what the drafts mean belongs to the packages that read
// them.
package setup

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/internal/atomicfile"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// Options are what somebody knows on the first day.
type Options struct {
	Dir         string   // the folder that the files go to
	Directories []string // each ldaps://…, ldap://… or a pattern of LDIF exports
	Base        []string // the units beneath which the customers' own units lie; empty: they are looked for
	// These four are of live directories: one for all of them, or one for each in
	// the same order.
	CA        string
	Servers   []string
	Users     []string
	Password  []string // env:NAME or file:PATH
	Logs      string   // a folder of session logs; empty: none
	Inventory []string // folders of inventories and hosts tables
	Drops     string   // a folder into which hosts hand in by themselves; empty: none
	// Hosts are units of a live directory whose computers are read over the
	// network; the account is the directory's where none is given.
	Hosts         []string
	HostsUser     string
	HostsPassword string // env:NAME or file:PATH
	Provider      string // its name, where it is known
	TimeZone      string // such as Europe/Amsterdam, where it is known
	Customers     string // a CRM export in CSV; empty: none
	Ready         bool   // the tables stand under the names that the config gives them, so that the desk can go on
}

// Env is what reading needs from around it.
type Env struct {
	Now     func() time.Time
	Workers int
	Log     *slog.Logger
}

// Seen is what the sources showed.
type Seen struct {
	Directory *snapshot.Directory // of all directories together
	From      []From
	Sessions  *snapshot.Sessions
	Software  []snapshot.HostSoftware
	Machines  []snapshot.Machine
	Patterns  []string // of software inventories, by name
	Hosts     []string // of hosts tables
	Loose     []Loose  // files beside the config that no source names
	Notes     []string // what could not be read, and why

	names map[string]string // of accounts by their ids, made when asked for
}

// attributes are kept to suggest what persons and mailboxes may be known by.
func attributes() []string {
	list := []string{"msexchmailboxguid"}
	for _, a := range personAttributes {
		list = append(list, strings.ToLower(a))
	}
	return list
}

// Read reads each source once. A directory that cannot be read is an error;
// logs and inventories that cannot are a note, since the drafts are of use
// without.
func Read(ctx context.Context, opt Options, env Env) (*Seen, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	loc := time.UTC
	if opt.TimeZone != "" {
		l, err := time.LoadLocation(opt.TimeZone)
		if err != nil || strings.EqualFold(opt.TimeZone, "local") {
			return nil, fmt.Errorf("%q is no time zone; write one such as Europe/Amsterdam", opt.TimeZone)
		}
		loc = l
	}
	s := &Seen{Directory: &snapshot.Directory{}}
	var err error
	if err := s.directories(ctx, opt, env, loc); err != nil {
		return nil, err
	}
	if opt.Logs != "" {
		s.Sessions, _, err = sessions.Collect(ctx, sessions.Job{Config: config.Sessions{Name: "session-hosts", Files: []string{filepath.Join(opt.Logs, "*")}},
			Dir: opt.Dir, Zone: loc, Workers: env.Workers, Now: env.Now, Log: env.Log})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			s.Notes = append(s.Notes, "the session logs could not be read: "+err.Error())
			s.Sessions = nil
		}
	}
	for _, folder := range opt.Inventory {
		if err := s.inventories(ctx, folder, loc); err != nil {
			return nil, err
		}
	}
	if err := s.look(ctx, opt, env, loc); err != nil {
		return nil, err
	}
	s.nameDomains()
	return s, nil
}

// inventories reads the newest file of each kind and host.
func (s *Seen) inventories(ctx context.Context, folder string, loc *time.Location) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("read the inventories: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return s.files(ctx, folder, names, loc)
}

// files reads the newest of a folder's files of each kind and host.
func (s *Seen) files(ctx context.Context, folder string, names []string, loc *time.Location) error {
	newest := map[string]string{} // by the name without its date
	var keys []string
	for _, name := range names {
		day, err := inventory.DateOf(name, loc)
		if err != nil {
			s.Notes = append(s.Notes, err.Error())
			continue
		}
		key := starred(name, day)
		if newest[key] == "" {
			keys = append(keys, key)
		}
		newest[key] = max(newest[key], name) // the same but for the date
	}
	slices.Sort(keys)
	for _, key := range keys {
		path := filepath.Join(folder, newest[key])
		v, machines, err := readInventory(ctx, path, loc)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.Notes = append(s.Notes, err.Error())
			continue
		}
		pattern := filepath.Join(folder, key)
		if machines {
			s.Hosts = append(s.Hosts, pattern)
			s.Machines = append(s.Machines, v.Machines...)
			continue
		}
		s.Patterns = append(s.Patterns, pattern)
		s.install(v.Software)
	}
	return nil
}

// install adds programs, of each host together.
func (s *Seen) install(all []snapshot.HostSoftware) {
	for _, h := range all {
		i := slices.IndexFunc(s.Software, func(x snapshot.HostSoftware) bool { return snapshot.HostKey(x.Host) == snapshot.HostKey(h.Host) })
		if i < 0 {
			s.Software = append(s.Software, h)
			continue
		}
		s.Software[i].Installs = append(s.Software[i].Installs, h.Installs...)
	}
}

// readInventory reads a file as what its name says, else as what it can be
// read as.
func readInventory(ctx context.Context, path string, loc *time.Location) (v *snapshot.Inventory, machines bool, err error) {
	name := strings.ToLower(filepath.Base(path))
	machines = strings.HasPrefix(name, "hosts") || strings.HasPrefix(name, "machines")
	read := func(machines bool) (*snapshot.Inventory, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		opt := inventory.Options{Loc: loc, Host: inventory.HostOf(path)}
		if machines {
			return inventory.ReadHosts(ctx, f, path, opt)
		}
		return inventory.ReadSoftware(ctx, f, path, opt)
	}
	if v, err = read(machines); err == nil {
		return v, machines, nil
	}
	if other, second := read(!machines); second == nil {
		return other, !machines, nil
	}
	return nil, machines, err
}

// File is one draft.
type File struct {
	Name string
	Data []byte
}

// Write puts the files into a folder, and overwrites nothing: where one of
// them is there already, none is written.
func Write(dir string, files []File) error {
	var there []string
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.Name)); err == nil {
			there = append(there, f.Name)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("%s: there already, and init overwrites nothing; nothing was written; move it away, or give another folder with --config", strings.Join(there, ", "))
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the folder of the config: %w", err)
	}
	for _, f := range files {
		if err := atomicfile.WriteBytes(filepath.Join(dir, f.Name), atomicfile.Normal, f.Data); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	return nil
}
