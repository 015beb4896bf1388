package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/safetext"
)

// sources checks everything that is collected. Its names are unique over all
// kinds: `collect --source NAME` names one.
func (k *checker) sources() {
	seen, domains := names{}, names{}
	for i := range k.config.Directories {
		d := &k.config.Directories[i]
		at := func(keys ...any) []any { return append([]any{"directories", i}, keys...) }
		if k.name(d.Name, at("name")...) {
			k.unique(seen, d.Name, "source", at("name")...)
		}
		if d.Domain != "" {
			k.unique(domains, d.Domain, "domain", at("domain")...)
		}
		if d.Metadata != "auto" && d.Metadata != "on" && d.Metadata != "off" {
			k.fault(fmt.Sprintf("metadata cannot be %q", safetext.Clip(d.Metadata, 60)), "write auto, on or off", at("metadata")...)
		}
		for j, f := range d.Events {
			k.pattern(f, at("events", j)...)
		}
		switch {
		case len(d.URL) > 0 && d.LDIF != "":
			k.fault("the directory has both a url and an ldif", "keep url to read it live, or ldif to read its exports", at("ldif")...)
		case d.LDIF != "":
			k.pattern(d.LDIF, at("ldif")...)
		case len(d.URL) > 0:
			k.live(d, at)
		default:
			k.fault("the directory has neither a url nor an ldif", "write url: ldaps://SERVER to read it live, or ldif: and a file pattern to read its exports", at()...)
		}
	}
	for i := range k.config.Sessions {
		s := &k.config.Sessions[i]
		if k.name(s.Name, "sessions", i, "name") {
			k.unique(seen, s.Name, "source", "sessions", i, "name")
		}
		if len(s.Files) == 0 {
			k.fault("the session logs have no files", "write files: [logs/*.evtx]", "sessions", i)
		}
		for j, f := range s.Files {
			k.pattern(f, "sessions", i, "files", j)
		}
		if s.Zone != "" {
			k.zone(s.Zone, "sessions", i, "zone")
		}
		k.oneOf(s.Dates, []string{"", "dmy", "mdy", "ymd"}, "sessions", i, "dates")
		k.columns(s.Columns, "sessions", i, "columns")
	}
	for i := range k.config.Drops {
		d := &k.config.Drops[i]
		if k.name(d.Name, "drops", i, "name") {
			k.unique(seen, d.Name, "source", "drops", i, "name")
		}
		if len(d.Files) == 0 {
			k.fault("the drops have no files", "write files: [drops/*.zip]", "drops", i)
		}
		for j, f := range d.Files {
			k.pattern(f, "drops", i, "files", j)
		}
	}
	for i := range k.config.Inventories {
		v := &k.config.Inventories[i]
		if k.name(v.Name, "inventories", i, "name") {
			k.unique(seen, v.Name, "source", "inventories", i, "name")
		}
		if len(v.Software)+len(v.Hosts) == 0 && !k.doc.Has("inventories", i, "software", 0) && !k.doc.Has("inventories", i, "hosts", 0) {
			k.fault("the inventory has neither software nor hosts", "write software: or hosts: and a file pattern", "inventories", i)
		}
		for j, f := range v.Software {
			k.pattern(f, "inventories", i, "software", j)
		}
		for j, f := range v.Hosts {
			k.pattern(f, "inventories", i, "hosts", j)
		}
		k.columns(v.Columns, "inventories", i, "columns")
	}
	k.hosts(seen)
	k.databases(seen)
}

func (k *checker) columns(columns map[string]string, path ...any) {
	for ours, theirs := range columns {
		if theirs == "" {
			k.fault(fmt.Sprintf("the column for %q has no name", safetext.Clip(ours, 60)), "write the file's own name of it", append(path, ours)...)
		}
	}
}

// address checks one address of a directory's server.
func (k *checker) address(address string, path []any, listed bool, i int) {
	if listed {
		path = append(slices.Clone(path), i)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Hostname() == "":
		k.fault("the url is none of a directory", "write ldaps://SERVER, or ldap://SERVER for StartTLS", path...)
	case u.User != nil:
		k.fault("a user stands in the url", "write it under bind: {user: …, password: env:NAME}", path...)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		k.fault("the url goes on after the server", "write the server only, and the place to search under base", path...)
	}
}

// live checks how a directory is reached and logged on to.
func (k *checker) live(d *Directory, at func(...any) []any) {
	for i, address := range d.URL {
		k.address(address, at("url"), len(d.URL) > 1, i)
	}

	if d.PageSize < 1 || d.PageSize > 100_000 {
		k.fault(fmt.Sprintf("page_size cannot be %d", d.PageSize), "write a number from 1 to 100000; 1000 is what Active Directory allows", at("page_size")...)
	}
	if d.Timeout == 0 {
		k.fault("the timeout is zero", "write one such as 2m", at("timeout")...)
	}
	for i, b := range d.Base {
		if !strings.Contains(b, "=") {
			k.fault(fmt.Sprintf("%q is no place in a directory", safetext.Clip(b, 60)), "write a distinguished name such as DC=host,DC=example", at("base", i)...)
		}
	}
	b := &d.Bind
	if b.User == "" {
		k.fault("nobody is named to log on to the directory as", "write bind: {user: …}", at("bind", "user")...)
	}
	switch b.Method {
	case "simple":
		if b.Password.IsZero() { // an empty password is an anonymous logon that succeeds and reads nothing
			k.fault("the logon to the directory has no password", "write bind: {password: env:NAME}, or file:PATH", at("bind", "password")...)
		}
		for key, value := range map[string]string{"realm": b.Realm, "kdc": b.KDC, "keytab": b.Keytab, "spn": b.SPN, "krb5_conf": b.Krb5Conf} {
			if value != "" {
				k.fault(key+" is for Kerberos only", "write method: kerberos, or leave it out", at("bind", key)...)
			}
		}
	case "kerberos":
		if b.Password.IsZero() == (b.Keytab == "") {
			k.fault("Kerberos wants either a password or a keytab", "write one of the two", at("bind")...)
		}
		if b.Realm == "" && !strings.Contains(b.User, "@") {
			k.fault("Kerberos wants a realm", "write realm: HOST.EXAMPLE", at("bind")...)
		}
	default:
		k.oneOf(b.Method, []string{"simple", "kerberos"}, at("bind", "method")...)
	}
}

func (k *checker) pools() {
	pools := k.config.Pools
	for i := range pools {
		p := &pools[i]
		at := func(keys ...any) []any { return append([]any{"pools", i}, keys...) }
		if k.name(p.Name, at("name")...) {
			for j := range pools[:i] {
				// One pool may stand here several times, changed over time.
				if strings.EqualFold(pools[j].Name, p.Name) && month.Overlap(pools[j].From, pools[j].Until, p.From, p.Until) {
					line, _ := k.doc.Pos("pools", j, "name")
					k.fault(fmt.Sprintf("the pool %q stands here again, first on line %d, at the same time", p.Name, line), "give each a name of its own, or a from and until that do not overlap", at("name")...)
					break
				}
			}
		}
		if len(p.Hosts) == 0 {
			k.fault("the pool has no hosts", `write hosts: ["RDSH-A*"]`, at()...)
		}
		if len(p.Users) == 0 {
			k.fault("the pool has no users: nobody would be counted", "write users: and the groups that may log on", at()...)
		}
		k.filled(p.Hosts, "host", at("hosts")...)
		k.filled(p.Users, "group", at("users")...)
		k.period(p.From, p.Until, at("until")...)
		for j := range p.Restrict {
			r := &p.Restrict[j]
			if r.Product == "" {
				k.fault("the restriction has no product", "write product: and its id in the rules", at("restrict", j)...)
			}
			if len(r.Users) == 0 {
				k.fault("the restriction has no users: nobody would be counted", "write users: and the groups that may start the product", at("restrict", j)...)
			}
			k.filled(r.Users, "group", at("restrict", j, "users")...)
			k.period(r.From, r.Until, at("restrict", j, "until")...)
		}
	}
}

func (k *checker) filled(list []string, what string, path ...any) {
	for i, s := range list {
		if strings.TrimSpace(s) == "" {
			k.fault("a "+what+" has no name", "write it, or remove the entry", append(path, i)...)
		}
	}
}
