package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/safetext"
	"splameter/internal/tsql"
)

// queryColumns are what the columns of a query may mean, those that it must
// have first.
func queryColumns(part string) (needed, more []string) {
	switch part {
	case "sessions":
		return []string{"host", "user", "start"}, []string{"end", "address", "domain", "id", "sid"}
	case "software":
		return []string{"host", "name"}, []string{"edition", "key", "publisher", "release", "version"}
	}
	return []string{"host"}, []string{"cluster", "cores_per_processor", "id", "kind", "operating_system", "parent", "power",
		"processors", "sql_edition", "tenant", "virtual_cores"}
}

// databases checks the databases that are read.
func (k *checker) databases(seen names) {
	for i := range k.config.Databases {
		d := &k.config.Databases[i]
		at := func(keys ...any) []any { return append([]any{"databases", i}, keys...) }
		if k.name(d.Name, at("name")...) {
			k.unique(seen, d.Name, "source", at("name")...)
		}
		k.reached(d, at)
		if d.Zone != "" {
			k.zone(d.Zone, at("zone")...)
		}
		k.engine(d, at)
		parts := DatabaseParts(d.Preset)
		if parts == nil {
			k.oneOf(d.Preset, []string{"rdcb", "configmgr", "lansweeper", "glpi", "ocs", "fleet", "horizon", "citrix", "query"}, at("preset")...)
			continue
		}
		k.queries(d, at)
		for j, p := range d.Read {
			if d.Preset == "query" {
				k.fault("read chooses the parts of a preset, and here stand queries", "leave it out", at("read")...)
				break
			}
			if !slices.Contains(parts, p) {
				k.fault(fmt.Sprintf("the preset %s has no part %q", d.Preset, safetext.Clip(p, 60)), "write one of "+strings.Join(parts, ", "), at("read", j)...)
			}
		}
	}
}

// engine checks whose server it is, and that the preset is one of it.
func (k *checker) engine(d *Database, at func(...any) []any) {
	if d.Engine != "" {
		k.oneOf(d.Engine, []string{SQLServer, PostgreSQL, MySQL}, at("engine")...)
	}
	of := Database{Preset: d.Preset}
	if d.Preset != "query" && DatabaseParts(d.Preset) != nil && d.EngineName() != of.EngineName() && (d.Preset != "horizon" || d.EngineName() == MySQL) {
		k.fault(fmt.Sprintf("the preset %s is of %s", d.Preset, of.EngineName()), "leave engine out, or write preset: query with queries of your own", at("engine")...)
	}
}

func dialectOf(engine string) tsql.Dialect {
	switch engine {
	case PostgreSQL:
		return tsql.PostgreSQL
	case MySQL:
		return tsql.MySQL
	}
	return tsql.SQLServer
}

// reached checks how the server is reached and logged on to.
func (k *checker) reached(d *Database, at func(...any) []any) {
	if d.Server == "" || strings.ContainsAny(d.Server, "/;?@ ") {
		k.fault("the database has no server, or none that can be reached", `write server: HOST, HOST:PORT or HOST\INSTANCE`, at("server")...)
	}
	if d.Database == "" {
		k.fault("the database has no name on its server", "write database: and its name, such as CM_P01", at("database")...)
	}
	if d.EngineName() != SQLServer && d.User == "" {
		k.fault("nobody is named to log on as", "write user: and password: env:NAME or file:PATH", at("user")...)
	} else if d.User == "" != d.Password.IsZero() {
		k.fault("a user and a password belong together", "write both, or neither on Windows, where splameter's own account logs on", at("user")...)
	}
	if ext := strings.ToLower(filepath.Ext(d.CA)); d.CA != "" && d.EngineName() == SQLServer && ext != ".pem" && ext != ".der" {
		k.fault("the certificate authority's file ends in neither .pem nor .der, and the driver goes by that", "rename a .crt or .cer in PEM to .pem", at("ca")...)
	}
	if d.TrustServerCertificate && d.CA != "" {
		k.fault("the certificate is to be checked against ca, and not to be checked at all", "leave one of the two out", at("trust_server_certificate")...)
	}
	if d.Timeout == 0 {
		k.fault("the timeout is zero", "write one such as 2m", at("timeout")...)
	}
}

func (k *checker) queries(d *Database, at func(...any) []any) {
	all := []struct {
		part  string
		query *Query
	}{{"sessions", &d.Sessions}, {"software", &d.Software}, {"hosts", &d.Hosts}}
	any := false
	for _, q := range all {
		if q.query.SQL == "" {
			if len(q.query.Columns) > 0 {
				k.fault("columns are named of a query that is missing", "write sql: and one SELECT", at(q.part)...)
			}
			continue
		}
		any = true
		if d.Preset != "query" {
			k.fault("a preset has its own queries", "write preset: query, or leave this out", at(q.part)...)
			continue
		}
		if err := tsql.OnlySelectOf(dialectOf(d.EngineName()), q.query.SQL); err != nil {
			what, instead := diag.Split(err.Error())
			k.fault(what, instead, at(q.part, "sql")...)
		}
		needed, more := queryColumns(q.part)
		k.columns(q.query.Columns, at(q.part, "columns")...)
		for ours := range q.query.Columns {
			if !slices.Contains(needed, ours) && !slices.Contains(more, ours) {
				k.fault(fmt.Sprintf("a query of %s has no column %q", q.part, safetext.Clip(ours, 60)), "write one of "+strings.Join(append(needed, more...), ", "), at(q.part, "columns", ours)...)
			}
		}
	}
	if d.Preset == "query" && !any {
		k.fault("the database has no query", "write sessions: {sql: SELECT …}, software: or hosts:", at()...)
	}
}
