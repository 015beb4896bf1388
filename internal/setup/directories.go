package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/directory"
	"splameter/internal/config"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// From is one directory that was read.
type From struct {
	Name   string // as the config calls it
	At     string // its address, or the pattern of its exports
	Export string // the export that was read; empty: live
	DNS    string
	Domain string // its NetBIOS name
	ByLogs bool   // which it and no directory told, but the names in the logs

	live     config.Directory
	password string          // where the live one's stands
	account  map[string]bool // the names of its accounts, in lower case
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "ldap://") || strings.HasPrefix(s, "ldaps://")
}

// directories reads each of the directories once.
func (s *Seen) directories(ctx context.Context, opt Options, env Env, loc *time.Location) error {
	nth := 0
	for _, at := range opt.Directories {
		if !isURL(at) {
			if err := s.exports(ctx, at, loc); err != nil {
				return err
			}
			continue
		}
		c, err := live(opt, at, nth)
		if err != nil {
			return err
		}
		f := From{At: at, live: c, password: of(opt.Password, nth)}
		nth++
		d, err := directory.ReadLive(ctx, c, attributes(), nil, env.Now, loc, env.Log)
		if err != nil {
			return err
		}
		if err := s.from(f, d); err != nil {
			return err
		}
	}
	return nil
}

// from takes one directory to the others.
func (s *Seen) from(f From, d *snapshot.Directory) error {
	f.DNS, f.Domain, f.account = d.DNS, d.Domain, map[string]bool{}
	for i := range d.Accounts {
		if a := &d.Accounts[i]; a.Class == snapshot.User {
			f.account[strings.ToLower(a.Name)] = true
		}
	}
	for i := range s.From {
		if s.From[i].DNS == f.DNS && f.DNS != "" {
			return fmt.Errorf("%s and %s are both of the domain %s; give each domain once", s.From[i].At, f.At, f.DNS)
		}
	}
	f.Name = strings.ToLower(strings.SplitN(d.DNS, ".", 2)[0])
	if config.CheckName(f.Name) != nil {
		f.Name = "directory"
	}
	for n, first := 2, f.Name; slices.ContainsFunc(s.From, func(x From) bool { return x.Name == f.Name }); n++ {
		f.Name = fmt.Sprintf("%s-%d", first, n)
	}
	s.From = append(s.From, f)
	s.merge(d)
	return nil
}

// merge takes what a directory holds to what others hold.
func (s *Seen) merge(d *snapshot.Directory) {
	all := s.Directory
	all.DNS, all.Domain = cmp.Or(all.DNS, d.DNS), cmp.Or(all.Domain, d.Domain)
	all.Accounts, all.Groups, all.Members = append(all.Accounts, d.Accounts...), append(all.Groups, d.Groups...), append(all.Members, d.Members...)
}

// live is the nth live directory as the config will have it.
func live(opt Options, at string, nth int) (config.Directory, error) {
	c := config.DefaultDirectory()
	c.Name, c.URL, c.CA, c.ServerName, c.Bind.User = "directory", config.URLs{at}, opt.CA, of(opt.Servers, nth), of(opt.Users, nth)
	password := of(opt.Password, nth)
	if strings.HasPrefix(password, "plain:") || password == "" {
		return c, errors.New("the password of the directory is needed, and not on the command line: give --password env:NAME or file:PATH")
	}
	var err error
	if c.Bind.Password, err = config.NewSecret(password); err != nil {
		return c, fmt.Errorf("--password: %w", err)
	}
	return c, nil
}

// of is the nth of a list, or the one that stands for all.
func of(list []string, n int) string {
	if len(list) == 1 {
		n = 0
	}
	if n >= len(list) {
		return ""
	}
	return list[n]
}

// lives says how many of the directories are live.
func (o *Options) lives() (n int) {
	for _, d := range o.Directories {
		if isURL(d) {
			n++
		}
	}
	return n
}

// mostKinds is how many kinds of names a pattern may find and still be looked
// at for several domains: where each name has a time of its own, there are as
// many kinds as files.
const mostKinds = 10

// exports reads the newest export that a pattern finds. Where files whose names
// differ by more than their dates are of several domains, each is a directory.
func (s *Seen) exports(ctx context.Context, pattern string, loc *time.Location) error {
	patterns := kindsOf(pattern, loc)
	if len(patterns) < 2 || len(patterns) > mostKinds {
		patterns = []string{pattern}
	}
	type one struct {
		f From
		d *snapshot.Directory
	}
	var read []one
	domains := map[string]bool{}
	for _, p := range patterns {
		d, export, err := readExport(ctx, p, loc)
		if err != nil {
			return err
		}
		domains[d.DNS] = true
		read = append(read, one{From{At: p, Export: export}, d})
	}
	if len(read) > 1 && len(domains) == 1 {
		d, export, err := readExport(ctx, pattern, loc)
		if err != nil {
			return err
		}
		read = []one{{From{At: pattern, Export: export}, d}}
	}
	for _, r := range read {
		if err := s.from(r.f, r.d); err != nil {
			return err
		}
	}
	return nil
}

// kindsOf are the patterns of the files that a pattern finds, a star in place of
// the date of each.
func kindsOf(pattern string, loc *time.Location) (out []string) {
	found, err := paths.Glob(pattern)
	if err != nil {
		return nil
	}
	for _, p := range found {
		t, err := directory.DateOf(filepath.Base(p), loc)
		if err != nil {
			continue
		}
		kind := filepath.Join(filepath.Dir(p), starred(filepath.Base(p), t))
		if !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
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

// nameDomains finds the NetBIOS name of each directory that did not tell it: the
// one under which most names in the session logs are accounts of that directory
// and of no other so much.
func (s *Seen) nameDomains() {
	if s.Sessions == nil {
		return
	}
	names := map[string]map[string]bool{} // domain to the names seen under it
	for i := range s.Sessions.Uses {
		domain, name, ok := strings.Cut(s.Sessions.Uses[i].User, `\`)
		if !ok || strings.Contains(domain, ".") {
			continue
		}
		if names[domain] == nil {
			names[domain] = map[string]bool{}
		}
		names[domain][strings.ToLower(name)] = true
	}
	for i := range s.From {
		if s.From[i].Domain != "" {
			delete(names, strings.ToLower(s.From[i].Domain))
		}
	}
	hits := func(domain string, f *From) (n int) {
		for name := range names[domain] {
			if f.account[name] {
				n++
			}
		}
		return n
	}
	for i := range s.From {
		f := &s.From[i]
		if f.Domain != "" {
			continue
		}
		best, most, doubt := "", 0, false
		for domain := range names {
			n := hits(domain, f)
			if 2*n <= len(names[domain]) || slices.ContainsFunc(s.From, func(o From) bool { return o.Name != f.Name && hits(domain, &o) >= n }) {
				continue
			}
			doubt = n == most || doubt && n < most
			if n > most {
				best, most = domain, n
			}
		}
		if best != "" && !doubt {
			f.Domain, f.ByLogs = strings.ToUpper(best), true
		}
	}
}
