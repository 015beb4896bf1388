package config

import (
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// kind is what a path in the config is.
type kind int

const (
	plain kind = iota
	glob
	store
)

// eachPath replaces every path in the config: the one list of them.
func (c *Config) eachPath(f func(kind, string) string) {
	set := func(k kind, ps ...*string) {
		for _, p := range ps {
			*p = f(k, *p)
		}
	}
	list := func(globs []string) {
		for i := range globs {
			set(glob, &globs[i])
		}
	}
	set(store, &c.Store)
	set(plain, &c.Output, &c.Tenants, &c.Partners, &c.Exclusions, &c.Prices, &c.SalesPrices, &c.Otherwise, &c.SharedAccounts, &c.Decisions, &c.Rules, &c.Products)
	secret := func(s *Secret) { s.resolve(func(p string) string { return f(plain, p) }) }
	secret(&c.StorePassword)
	secret(&c.Evidence.SignKey)
	secret(&c.Mail.Password)
	set(plain, &c.Desk.Cert, &c.Desk.Key, &c.Mail.CA, &c.Evidence.TimestampRoots, &c.Report.Columns.Template)
	for i := range c.Agreements {
		set(plain, &c.Agreements[i].Columns.Template)
	}
	for i := range c.Directories {
		d := &c.Directories[i]
		set(glob, &d.LDIF)
		list(d.Events)
		set(plain, &d.CA, &d.Bind.Keytab, &d.Bind.Krb5Conf)
		secret(&d.Bind.Password)
	}
	for i := range c.Databases {
		set(plain, &c.Databases[i].CA)
		secret(&c.Databases[i].Password)
	}
	for i := range c.Hosts {
		h := &c.Hosts[i]
		set(plain, &h.Keytab, &h.CCache, &h.Krb5Conf)
		secret(&h.Password)
	}
	for i := range c.Sessions {
		list(c.Sessions[i].Files)
	}
	for i := range c.Drops {
		list(c.Drops[i].Files)
	}
	for i := range c.Inventories {
		list(c.Inventories[i].Software)
		list(c.Inventories[i].Hosts)
	}
}

// Masked is the config with its defaults filled in as YAML, for evidence:
// secrets in clear text are masked, and paths beneath the config's folder are
// relative again, so that Parse reads it in another place.
func (c *Config) Masked() ([]byte, error) {
	m := *c
	m.Agreements = slices.Clone(c.Agreements)
	m.Directories = slices.Clone(c.Directories)
	for i := range m.Directories {
		m.Directories[i].Events = slices.Clone(m.Directories[i].Events)
	}
	m.Databases = slices.Clone(c.Databases)
	m.Hosts = slices.Clone(c.Hosts)
	m.Sessions = slices.Clone(c.Sessions)
	for i := range m.Sessions {
		m.Sessions[i].Files = slices.Clone(m.Sessions[i].Files)
	}
	m.Drops = slices.Clone(c.Drops)
	for i := range m.Drops {
		m.Drops[i].Files = slices.Clone(m.Drops[i].Files)
	}
	m.Inventories = slices.Clone(c.Inventories)
	for i := range m.Inventories {
		m.Inventories[i].Software = slices.Clone(m.Inventories[i].Software)
		m.Inventories[i].Hosts = slices.Clone(m.Inventories[i].Hosts)
	}
	m.eachPath(func(k kind, p string) string {
		prefix, dir := "", c.Dir
		switch k {
		case store:
			prefix = "sqlite:"
		case glob:
			dir = escapeGlob(dir)
		}
		if !strings.HasSuffix(dir, string(os.PathSeparator)) {
			dir += string(os.PathSeparator)
		}
		if rest, ok := strings.CutPrefix(p, prefix+dir); ok && c.Dir != "" {
			return prefix + strings.ReplaceAll(rest, string(os.PathSeparator), "/")
		}
		return p
	})
	return yaml.Marshal(&m)
}
