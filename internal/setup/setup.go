// Package setup makes a first config of a provider's own sources: it reads
// each once and drafts the config and its tables, for a person to correct. It
// invents nothing: what the sources do not say stays empty. It keeps nothing
// and counts nothing; what the drafts mean belongs to the packages that read
// them.
package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/directory"
	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/internal/atomicfile"
	"splameter/internal/config"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// Options are what somebody knows on the first day.
type Options struct {
	Dir       string   // the folder that the files go to
	Directory string   // ldaps://…, ldap://… or a pattern of LDIF exports
	Base      []string // the units beneath which the customers' own units lie; empty: they are looked for
	CA        string   // these four for a live directory
	Server    string
	User      string
	Password  string   // env:NAME or file:PATH
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
	Directory *snapshot.Directory
	Export    string // the export that was read; empty: live
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
	s := &Seen{}
	var err error
	if isURL(opt.Directory) {
		s.Directory, err = readLive(ctx, opt, env, loc)
	} else {
		s.Directory, s.Export, err = readExport(ctx, opt.Directory, loc)
	}
	if err != nil {
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
	return s, s.look(ctx, opt, env, loc)
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "ldap://") || strings.HasPrefix(s, "ldaps://")
}

func readLive(ctx context.Context, opt Options, env Env, loc *time.Location) (*snapshot.Directory, error) {
	c, err := live(opt)
	if err != nil {
		return nil, err
	}
	return directory.ReadLive(ctx, c, attributes(), nil, env.Now, loc, env.Log)
}

// live is the directory as the config will have it.
func live(opt Options) (config.Directory, error) {
	c := config.DefaultDirectory()
	c.Name, c.URL, c.CA, c.ServerName, c.Bind.User = "directory", config.URLs{opt.Directory}, opt.CA, opt.Server, opt.User
	if strings.HasPrefix(opt.Password, "plain:") || opt.Password == "" {
		return c, errors.New("the password of the directory is needed, and not on the command line: give --password env:NAME or file:PATH")
	}
	var err error
	if c.Bind.Password, err = config.NewSecret(opt.Password); err != nil {
		return c, fmt.Errorf("--password: %w", err)
	}
	return c, nil
}

// readExport reads the newest of the exports.
func readExport(ctx context.Context, pattern string, loc *time.Location) (*snapshot.Directory, string, error) {
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		return nil, "", fmt.Errorf("%s is a folder; give a pattern of the LDIF files in it, in quotes, such as \"%s\"", pattern, filepath.Join(pattern, "*.ldif*"))
	}
	found, err := paths.Glob(pattern)
	if err != nil || len(found) == 0 {
		return nil, "", fmt.Errorf("no export matches %s; give an address such as ldaps://dc1.host.example, or a pattern of LDIF files in quotes", pattern)
	}
	var newest string
	var taken time.Time
	var fault error
	for _, p := range found {
		t, err := directory.DateOf(filepath.Base(p), loc)
		if err != nil {
			fault = err
			continue
		}
		if newest == "" || t.After(taken) {
			newest, taken = p, t
		}
	}
	if newest == "" {
		return nil, "", fault
	}
	f, err := os.Open(newest)
	if err != nil {
		return nil, "", fmt.Errorf("read the directory: %w", err)
	}
	defer f.Close()
	d, err := directory.ReadLDIF(ctx, f, newest, taken, config.Directory{Name: "directory"}, attributes(), loc)
	return d, newest, err
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
