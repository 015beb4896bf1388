package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/config"
	"splameter/internal/lazyregexp"
	"splameter/internal/snapshot"
)

// The event database of Horizon (VMware, now Omnissa), of SQL Server or
// PostgreSQL: docs.omnissa.com/Horizon-Administration-V2606/EventDatabaseTablesandSchemas
// describes its tables, whose names begin with a prefix of the provider's own, and
// docs.vmware.com/en/VMware-Horizon/2012/horizon-console-administration/GUID-4C046EA3-45E5-47DA-A5BB-C8ACD6E52682.html
// what agents tell: who logged on to a machine, came back to it, left it and
// logged off, and that a machine started or shut down.
const (
	horizonEvents = "event_historical"
	horizonData   = "event_data_historical"
)

// horizonNames are the tables that are there, with their columns, spelled as
// they are: which letters are capitals differs between the engines.
const horizonNames = `SELECT TABLE_SCHEMA AS schema_name, TABLE_NAME AS object_name, COLUMN_NAME AS column_name FROM INFORMATION_SCHEMA.COLUMNS
WHERE LOWER(TABLE_NAME) LIKE '%event_historical' OR LOWER(TABLE_NAME) LIKE '%event_data_historical'`

// plainName is what a name may be that stands in a query.
var plainName = lazyregexp.New(`^\w{1,128}$`)

func (r *reading) horizon(ctx context.Context) ([]part, error) {
	query, err := r.horizonQuery(ctx)
	if err != nil {
		return nil, err
	}
	return []part{{name: "sessions", read: func(ctx context.Context) error { return r.horizonSessions(ctx, query) }}}, nil
}

func (r *reading) horizonQuery(ctx context.Context) (string, error) {
	open, end := "[", "]"
	if r.cfg.EngineName() == config.PostgreSQL {
		open, end = `"`, `"`
	}
	var columns map[string]map[string]string // of a table as it is written, by name in small letters
	var tables map[string]string             // a table as it is written, by name in small letters
	err := r.c.each(ctx, horizonNames, nil, time.UTC, func() func(*row) error {
		columns, tables = map[string]map[string]string{}, map[string]string{}
		return func(x *row) error {
			schema, table, column := x.text("schema_name"), x.text("object_name"), x.text("column_name")
			if !plainName().MatchString(schema) || !plainName().MatchString(table) || !plainName().MatchString(column) || len(columns) > 1000 {
				return nil
			}
			as := open + schema + end + "." + open + table + end
			tables[strings.ToLower(schema+"."+table)] = as
			if columns[as] == nil {
				columns[as] = map[string]string{}
			}
			columns[as][strings.ToLower(column)] = open + column + end
			return nil
		}
	})
	if err != nil {
		return "", err
	}
	var prefixes []string
	for name := range tables {
		if prefix, ok := strings.CutSuffix(name, horizonData); ok && tables[prefix+horizonEvents] != "" {
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes)
	switch len(prefixes) {
	case 0:
		return "", fmt.Errorf("database %s of %s has no tables %s and %s, with a prefix or without, or the login may not see them; grant the login SELECT on both, or check that this is Horizon's event database",
			r.cfg.Database, r.cfg.Server, horizonEvents, horizonData)
	case 1:
	default:
		return "", fmt.Errorf("database %s of %s has the events of several installations (%s): grant the login SELECT on the tables of one, and make a login for each", r.cfg.Database, r.cfg.Server, strings.Join(prefixes, ", "))
	}
	events, data := tables[prefixes[0]+horizonEvents], tables[prefixes[0]+horizonData]
	var missing error
	col := func(table, alias, name string) string {
		as := columns[table][strings.ToLower(name)]
		if as == "" {
			missing = errors.Join(missing, fmt.Errorf("column %s of %s is not there, or the login may not see it", name, table))
		}
		return alias + "." + as
	}
	value := func(alias, name string) string {
		return fmt.Sprintf("LEFT JOIN %s %s ON %s = %s AND %s = '%s'", data, alias, col(data, alias, "EventID"), col(events, "e", "EventID"), col(data, alias, "Name"), name)
	}
	query := fmt.Sprintf(`SELECT %s AS id, %s AS kind, %s AS at, %s AS sid, %s AS usr, %s AS host
FROM %s e %s %s
WHERE %s IN ('AGENT_CONNECTED', 'AGENT_RECONNECTED', 'AGENT_DISCONNECTED', 'AGENT_ENDED', 'AGENT_STARTUP', 'AGENT_SHUTDOWN')
ORDER BY %s, %s`, col(events, "e", "EventID"), col(events, "e", "EventType"), col(events, "e", "Time"), col(events, "e", "UserSID"), col(data, "u", "StrValue"), col(data, "m", "StrValue"),
		events, value("u", "UserDisplayName"), value("m", "MachineName"), col(events, "e", "EventType"), col(events, "e", "Time"), col(events, "e", "EventID"))
	return query, missing
}

// horizonSession is one that is open, as the events up to now tell.
type horizonSession struct {
	row             int
	host, user, sid string
	start           time.Time
}

// horizonSessions folds events into sessions. Who disconnects stays logged on;
// what nobody logged off ends where its machine starts or shuts down, and else
// is still open.
func (r *reading) horizonSessions(ctx context.Context, query string) error {
	before := r.notes.mark()
	var u *uses
	var open map[string]map[string]*horizonSession // by host and user
	err := r.c.each(ctx, query, nil, r.zone, func() func(*row) error {
		r.notes.back(before)
		u, open = r.newUses(true), map[string]map[string]*horizonSession{}
		return func(x *row) error { return r.horizonEvent(u, open, x) }
	})
	if err != nil {
		return err
	}
	var left []*horizonSession
	for _, of := range open {
		for _, s := range of {
			left = append(left, s)
		}
	}
	slices.SortFunc(left, func(a, b *horizonSession) int { return a.row - b.row })
	for _, s := range left {
		if err := u.add(s.row, s.host, s.user, s.sid, s.start, time.Time{}); err != nil {
			return err
		}
	}
	r.uses = u
	return nil
}

func (r *reading) horizonEvent(u *uses, open map[string]map[string]*horizonSession, x *row) error {
	at, ok := x.moment("at")
	if !ok || at.IsZero() {
		r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the events has no time; it is left out", x.number))
		return nil
	}
	n := x.number
	if id, ok := x.integer("id"); ok && id > 0 && id <= 1<<53 {
		n = int(id)
	}
	host, kind := x.text("host"), x.text("kind")
	key := snapshot.HostKey(host)
	if kind == "AGENT_STARTUP" || kind == "AGENT_SHUTDOWN" {
		var gone []*horizonSession
		for _, s := range open[key] {
			gone = append(gone, s)
		}
		slices.SortFunc(gone, func(a, b *horizonSession) int { return a.row - b.row })
		delete(open, key)
		for _, s := range gone {
			if err := u.add(s.row, s.host, s.user, s.sid, s.start, at); err != nil {
				return err
			}
		}
		return nil
	}
	user, sid := x.text("usr"), x.sid("sid")
	who := strings.ToLower(sid)
	if who == "" {
		who = strings.ToLower(user)
	}
	s := open[key][who]
	if s == nil {
		s = &horizonSession{n, host, user, sid, at}
		if key == "" || who == "" { // noted by what takes it
			return u.add(s.row, s.host, s.user, s.sid, at, at)
		}
	}
	if kind == "AGENT_ENDED" {
		delete(open[key], who)
		return u.add(s.row, s.host, s.user, s.sid, s.start, at)
	}
	if open[key] == nil {
		open[key] = map[string]*horizonSession{}
	}
	open[key][who] = s
	return nil
}
