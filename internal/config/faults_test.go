package config

import (
	"path/filepath"
	"strings"
	"testing"
)

const head = "provider: {name: P, time_zone: UTC}\n"

// One config a kind of fault, each with the exact message. Line 1 is head
// where the text does not begin with a provider of its own.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		// The decoder's, in our values.
		{"unknown key", "tenant: x.csv", `2:1: there is no key "tenant" here; did you mean "tenants"?`},
		{"unknown key in a source", "directories:\n- {name: d, ldif: a, pagesize: 5}", `3:22: there is no key "pagesize" here; did you mean "page_size"?`},
		{"days", "coverage:\n  directory_every: 1", `3:20: "1" is no number of days; write it like 1d or 31d`},
		{"no days", "coverage: {inventory_every: 0d}", `2:29: "0d" is no number of days; write it like 1d or 31d`},
		{"date", "sessions: [{name: s, files: [a], exported: 2026-13-01}]", `2:44: "2026-13-01" is no date; write it as YYYY-MM-DD`},
		{"time span", "directories: [{name: d, url: ldaps://h, timeout: 5, bind: {user: u, password: env:P}}]", `2:50: "5" is no time span; write it like 30s, 5m or 1h30m`},
		{"password", "directories: [{name: d, url: ldaps://h, bind: {user: u, password: hunter2}}]", "2:67: a password does not stand in the config itself; write env:NAME, file:PATH, or plain:PASSWORD if it must"},
		{"password's list", "directories: [{name: d, url: ldaps://h, bind: {user: u, password: [hunter2]}}]", "2:67: here stands a list and not one value; write the value behind the colon, in quotes if it holds [, {, or a colon and a space"},
		{"pattern list", "inventories: [{name: i, software: [[a]]}]", "2:35: a list of file patterns holds something else; write one pattern a line"},

		// The provider.
		{"no name", "provider: {time_zone: UTC}", "1:11: the provider has no name; write provider: {name: …}"},
		{"no zone", "provider: {name: P}", "1:11: the provider has no time zone: it decides when a month begins; write one such as time_zone: Europe/Amsterdam"},
		{"no provider", "site: a", "1:1: the provider has no name; write provider: {name: …}\nc.yaml:1:1: the provider has no time zone: it decides when a month begins; write one such as time_zone: Europe/Amsterdam"},
		{"zone", "provider: {name: P, time_zone: Amsterdam}", `1:32: "Amsterdam" is no time zone; write one such as Europe/Amsterdam or UTC`},
		{"the machine's zone", "provider: {name: P, time_zone: Local}", `1:32: "Local" is no time zone; write one such as Europe/Amsterdam or UTC`},
		{"zone outside", "provider: {name: P, time_zone: ../../etc/passwd}", `1:32: "../../etc/passwd" is no time zone; write one such as Europe/Amsterdam or UTC`},
		{"language", "provider: {name: P, time_zone: UTC, language: de}", `1:47: "de" is no language that splameter knows; write nl or en`},
		{"currency", "provider: {name: P, time_zone: UTC, currency: euro}", `1:47: "euro" is no currency; write its three letters, such as EUR`},
		{"country", "provider: {name: P, time_zone: UTC, country: Holland}", `1:46: "Holland" is no country; write its two letters, such as NL`},

		// Store, limits, log, sites.
		{"store", "store: var/splameter.db", "2:8: the store is neither a file nor a server; write sqlite:PATH, postgres://USER@SERVER/DATABASE, or sqlserver://SERVER?database=NAME"},
		{"store without file", "store: 'sqlite:'", "2:8: the store has no file; write sqlite:PATH, postgres://USER@SERVER/DATABASE, or sqlserver://SERVER?database=NAME"},
		{"store's password", "store: sqlserver://u:hunter2@h?database=d", "2:8: a password stands in the store's address; write it under store_password, as env:NAME or file:PATH"},
		{"store's other password", "store: sqlserver://h?database=d&Password=hunter2", "2:8: a password stands in the store's address; write it under store_password, as env:NAME or file:PATH"},
		{"store's variable", "store: 'env:'", "2:8: the store names no variable; write env:NAME, and the address in that variable"},
		{"limit", "person_max: 0", "2:13: person_max cannot be 0; write a number from 1 to 1000"},
		{"check's limit", "checks: {internal_share: 101}", "2:26: internal_share cannot be 101; write a number from 0 to 100"},
		{"person", "person: [employeeID, EmployeeId]", `2:22: the attribute "EmployeeId" is named here again, first on line 2; give each a name of its own, different in more than upper and lower case`},
		{"persons in one", "person: ['a, b']", `2:10: "a, b" is no attribute of an account; write one attribute an entry, such as [employeeID]`},
		{"deadline", "calendar: {deadline_day: 31}", "2:26: deadline_day cannot be 31; write a number from 1 to 28"},
		{"minimum", "calendar: {minimum_amount: 1e9}", `2:28: "1e9" is no amount; write it like 100 or 100.00, or leave it empty for none`},
		{"minimum's currency", "calendar: {minimum_currency: $}", `2:30: "$" is no currency; write its three letters, such as USD`},
		{"names for too short", "evidence: {keep_named_months: 12}", "2:31: keep_named_months cannot be 12; write a number from 36 to 120"},
		{"key in the open", "evidence: {sign_key: AAAA}", "2:22: a password does not stand in the config itself; write env:NAME, file:PATH, or plain:PASSWORD if it must"},
		{"log level", "log: {level: trace}", `2:14: "trace" is no level that splameter knows; write debug, info, warn or error`},
		{"site", "site: c\nsites: [a, b]", `2:7: the site "c" is not in the list of sites; add it to sites, or correct the name`},
		{"site twice", "sites: [a, A]", `2:12: the site "A" is named here again, first on line 2; give each a name of its own, different in more than upper and lower case`},

		// Sources.
		{"no source's name", "inventories:\n- software: a", "3:3: a name is missing; write name: and a short one, of letters, digits, - and _"},
		{"source's name", "inventories:\n- {name: a/b, software: a}", `3:10: the name "a/b" holds a path separator; use letters, digits, - and _`},
		{"one name for two", "inventories:\n- {name: a, software: a}\nsessions:\n- {name: A, files: [b]}", `3:10: the source "a" is named here again, first on line 5; give each a name of its own, different in more than upper and lower case`},
		{"one domain for two", "directories:\n- {name: a, domain: X, ldif: a}\n- {name: b, domain: x, ldif: b}", `4:21: the domain "x" is named here again, first on line 3; give each a name of its own, different in more than upper and lower case`},
		{"url and ldif", "directories:\n- {name: d, url: ldaps://h, ldif: a}", "3:35: the directory has both a url and an ldif; keep url to read it live, or ldif to read its exports"},
		{"neither", "directories:\n- {name: d}", "3:3: the directory has neither a url nor an ldif; write url: ldaps://SERVER to read it live, or ldif: and a file pattern to read its exports"},
		{"scheme", "directories:\n- {name: d, url: https://h, bind: {user: u, password: env:P}}", "3:18: the url is none of a directory; write ldaps://SERVER, or ldap://SERVER for StartTLS"},
		{"password in the url", "directories:\n- {name: d, url: 'ldaps://u:hunter2@h', bind: {user: u, password: env:P}}", "3:18: a user stands in the url; write it under bind: {user: …, password: env:NAME}"},
		{"url with more", "directories:\n- {name: d, url: 'ldaps://h/DC=x', bind: {user: u, password: env:P}}", "3:18: the url goes on after the server; write the server only, and the place to search under base"},
		{"nobody", "directories:\n- {name: d, url: ldaps://h}", "3:3: nobody is named to log on to the directory as; write bind: {user: …}\nc.yaml:3:3: the logon to the directory has no password; write bind: {password: env:NAME}, or file:PATH"},
		{"kerberos", "directories:\n- {name: d, url: ldaps://h, bind: {method: kerberos, user: u@R}}", "3:35: Kerberos wants either a password or a keytab; write one of the two"},
		{"realm", "directories:\n- {name: d, url: ldaps://h, bind: {method: kerberos, user: u, keytab: k}}", "3:35: Kerberos wants a realm; write realm: HOST.EXAMPLE"},
		{"keytab with ntlm", "hosts:\n- {name: h, names: [a.x], user: u, password: env:P, keytab: k}", "3:61: keytab is for Kerberos only; write method: kerberos, or leave it out"},
		{"kerberos twice", "hosts:\n- {name: h, names: [a.x], user: u@X, method: kerberos, password: env:P, keytab: k}", "3:46: Kerberos wants a password, a keytab or a ccache; write one of the three"},
		{"kerberos of no realm", "hosts:\n- {name: h, names: [a.x], user: u, method: kerberos, keytab: k}", "3:33: Kerberos wants an account and its realm; write user: NAME@HOST.EXAMPLE"},
		{"keytab with simple", "directories:\n- {name: d, url: ldaps://h, bind: {user: u, password: env:P, keytab: k}}", "3:70: keytab is for Kerberos only; write method: kerberos, or leave it out"},
		{"method", "directories:\n- {name: d, url: ldaps://h, bind: {method: ntlm, user: u, password: env:P}}", `3:44: "ntlm" is no method that splameter knows; write simple or kerberos`},
		{"base", "directories:\n- {name: d, url: ldaps://h, base: [host.example], bind: {user: u, password: env:P}}", `3:36: "host.example" is no place in a directory; write a distinguished name such as DC=host,DC=example`},
		{"page size", "directories:\n- {name: d, url: ldaps://h, page_size: 0, bind: {user: u, password: env:P}}", "3:40: page_size cannot be 0; write a number from 1 to 100000; 1000 is what Active Directory allows"},
		{"no files", "sessions:\n- {name: s}", "3:3: the session logs have no files; write files: [logs/*.evtx]"},
		{"pattern", "sessions:\n- {name: s, files: ['logs/[a']}", `3:21: "logs/[a" is no file pattern; write one such as logs/*.evtx, and close each [`},
		{"sessions' zone", "sessions:\n- {name: s, files: [a], zone: CEST!}", `3:31: "CEST!" is no time zone; write one such as Europe/Amsterdam or UTC`},
		{"column", "sessions:\n- {name: s, files: [a], columns: {host: ''}}", `3:41: the column for "host" has no name; write the file's own name of it`},
		{"empty inventory", "inventories:\n- {name: i}", "3:3: the inventory has neither software nor hosts; write software: or hosts: and a file pattern"},

		// Databases.
		{"preset", "databases:\n- {name: d, preset: sccm, server: h, database: d, user: u, password: env:P}", `3:21: "sccm" is no preset that splameter knows; write rdcb, configmgr, lansweeper, glpi, ocs, fleet, horizon, citrix or query`},
		{"database's server", "databases:\n- {name: d, preset: rdcb, server: 'u:p@h', database: d, user: u, password: env:P}", `3:35: the database has no server, or none that can be reached; write server: HOST, HOST:PORT or HOST\INSTANCE`},
		{"database's name", "databases:\n- {name: d, preset: rdcb, server: h, user: u, password: env:P}", `3:3: the database has no name on its server; write database: and its name, such as CM_P01`},
		{"half a login", "databases:\n- {name: d, preset: rdcb, server: h, database: d, user: u}", `3:57: a user and a password belong together; write both, or neither on Windows, where splameter's own account logs on`},
		{"certificate's form", "databases:\n- {name: d, preset: rdcb, server: h, database: d, ca: a.crt}", `3:55: the certificate authority's file ends in neither .pem nor .der, and the driver goes by that; rename a .crt or .cer in PEM to .pem`},
		{"trust and check", "databases:\n- {name: d, preset: rdcb, server: h, database: d, ca: a.pem, trust_server_certificate: true}", `3:88: the certificate is to be checked against ca, and not to be checked at all; leave one of the two out`},
		{"part", "databases:\n- {name: d, preset: rdcb, server: h, database: d, read: [software]}", `3:58: the preset rdcb has no part "software"; write one of pools, sessions`},
		{"preset with a query", "databases:\n- {name: d, preset: rdcb, server: h, database: d, sessions: {sql: SELECT 1}}", `3:61: a preset has its own queries; write preset: query, or leave this out`},
		{"engine", "databases:\n- {name: d, preset: query, engine: oracle, server: h, database: d, user: u, password: env:P, hosts: {sql: SELECT 1}}", `3:36: "oracle" is no engine that splameter knows; write sqlserver, postgres or mysql`},
		{"preset of another engine", "databases:\n- {name: d, preset: glpi, engine: postgres, server: h, database: d, user: u, password: env:P}", `3:35: the preset glpi is of mysql; leave engine out, or write preset: query with queries of your own`},
		{"nobody logs on", "databases:\n- {name: d, preset: ocs, server: h, database: d}", `3:3: nobody is named to log on as; write user: and password: env:NAME or file:PATH`},
		{"no select of MySQL", "databases:\n- {name: d, preset: query, engine: mysql, server: h, database: d, user: u, password: env:P, hosts: {sql: SELECT 1 INTO OUTFILE 'x'}}", `3:106: the query holds INTO; only reading is allowed: write one SELECT, and put a column of that name in ` + "`backquotes`"},
		{"no query", "databases:\n- {name: d, preset: query, server: h, database: d}", `3:3: the database has no query; write sessions: {sql: SELECT …}, software: or hosts:`},
		{"no select", "databases:\n- {name: d, preset: query, server: h, database: d, hosts: {sql: SELECT 1 DROP TABLE t}}", `3:65: the query holds DROP; only reading is allowed: write one SELECT, and put a column of that name in [brackets]`},
		{"query's column", "databases:\n- {name: d, preset: query, server: h, database: d, sessions: {sql: SELECT 1, columns: {name: x}}}", `3:94: a query of sessions has no column "name"; write one of host, user, start, end, address, domain, id, sid`},

		// Pools.
		{"pool without hosts", "pools:\n- {name: p, users: [u]}", `3:3: the pool has no hosts; write hosts: ["RDSH-A*"]`},
		{"pool without users", "pools:\n- {name: p, hosts: [h]}", "3:3: the pool has no users: nobody would be counted; write users: and the groups that may log on"},
		{"empty group", "pools:\n- {name: p, hosts: [h], users: [u, '']}", "3:36: a group has no name; write it, or remove the entry"},
		{"pool's period", "pools:\n- {name: p, hosts: [h], users: [u], from: 2026-02-01, until: 2026-01-31}", "3:62: the period ends on 2026-01-31, before it begins on 2026-02-01; write an until that is not before from"},
		{"pool twice", "pools:\n- {name: p, hosts: [h], users: [u], until: 2026-01-31}\n- {name: P, hosts: [h], users: [u], from: 2026-01-31}", `4:10: the pool "P" stands here again, first on line 3, at the same time; give each a name of its own, or a from and until that do not overlap`},
		{"restriction", "pools:\n- name: p\n  hosts: [h]\n  users: [u]\n  restrict:\n  - control: ntfs", "7:5: the restriction has no product; write product: and its id in the rules\nc.yaml:7:5: the restriction has no users: nobody would be counted; write users: and the groups that may start the product"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.yaml
			if !strings.HasPrefix(text, "provider") && c.name != "no provider" {
				text = head + text
			}
			_, faults := Parse("c.yaml", []byte(text+"\n"))
			if got := faults.Error(); got != "c.yaml:"+c.want {
				t.Errorf("got  %s\nwant c.yaml:%s", got, c.want)
			}
		})
	}
}

// A pool that changed is two entries whose periods do not meet.
func TestPoolOverTime(t *testing.T) {
	_, faults := Parse("c.yaml", []byte(head+"pools:\n- {name: p, hosts: [h], users: [u], until: 2026-01-31}\n- {name: p, hosts: [h], users: [v], from: 2026-02-01}\n"))
	if len(faults) > 0 {
		t.Error(faults)
	}
}

// What cannot be read at all is one fault, and not also all that is missing.
func TestUnreadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	c, faults := Load(path)
	if want := path + ": there is no such config; give its place with --config, or draft one with splameter init"; c == nil || faults.Error() != want {
		t.Error(faults)
	}
	for text, want := range map[string]string{
		"":                     ":1:1: the file is empty; write at least one key",
		"provider: {name: P\n": ":1:1: a bracket is opened and not closed, or a comma is missing; close the bracket, and put commas between its entries",
	} {
		write(t, path, text)
		if _, faults := Load(path); faults.Error() != path+want {
			t.Error(faults)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"alfa", ""}, {"Alfa & Zn. (Lisse)", ""}, {"één-2_b", ""}, {"7up", ""}, {"console", ""}, {"com10", ""},
		{"", "does not begin with a letter or a digit; begin it with one"},
		{"..", "does not begin with a letter or a digit; begin it with one"},
		{"=cmd", "does not begin with a letter or a digit; begin it with one"},
		{`a\b`, "holds a path separator; use letters, digits, - and _"},
		{"a:b", "holds a character that no file name may hold; use letters, digits, - and _"},
		{"a\tb", "holds a character that cannot be seen; use letters, digits, - and _"},
		{"a\u200bb", "holds a character that cannot be seen; use letters, digits, - and _"},
		{"a.", "ends in a dot or a space; leave that out"},
		{"Com1", "is the name of a device on Windows; choose another"},
		{"nul .x", "is the name of a device on Windows; choose another"},
		// Windows takes these digits for 1 to 3; ⁴ it does not.
		{"COM¹", "is the name of a device on Windows; choose another"},
		{"lpt³.txt", "is the name of a device on Windows; choose another"},
		{"conin$", "is the name of a device on Windows; choose another"},
		{"CONOUT$.log", "is the name of a device on Windows; choose another"},
		{"COM⁴", ""}, {"comlpt1", ""}, {"com", ""}, {"conin", ""},
		{strings.Repeat("a", 101), "is longer than 100 bytes; shorten it"},
	} {
		got := ""
		if err := CheckName(c.name); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}
