package store

import (
	"database/sql"
	"fmt"
	"strings"
)

// migrations are what made each version of the schema out of the one before;
// the first makes it out of nothing. A store's version is how many of them it
// has seen. They are only ever added to: a released one is never changed.
func migrations() [][]string {
	return [][]string{first(), life(), post(), stretches(), detail(), changes(), hosts(), clients(), events(), rowLocks()}
}

// first is version 1.
//
// A span is a fact of a source and the stretch of time over which it was seen
// unchanged: from first_at, the moment of the first snapshot that saw it, up
// to but not including until_at, the moment of the first snapshot of its
// series that did not, or forever. Its primary key begins with until_at, so
// that what still holds lies together, and what ended before a month is never
// read for it. kind says what a and b are (see span.go).
func first() []string {
	return []string{
		`CREATE TABLE source (id {int} NOT NULL PRIMARY KEY, name {key} NOT NULL)`,
		`CREATE UNIQUE INDEX source_name ON source (name)`,

		// Every text that many rows repeat: object ids, hosts, users, files.
		// name is the text, or where it is too long to be indexed a digest of
		// it, and then long is the text.
		`CREATE TABLE name (id {int} NOT NULL PRIMARY KEY, name {key} NOT NULL, long {blob})`,
		`CREATE UNIQUE INDEX name_name ON name (name)`,

		// Every value, once: what an account is, a host's list of software.
		`CREATE TABLE value (id {int} NOT NULL PRIMARY KEY, digest {key} NOT NULL, body {blob} NOT NULL)`,
		`CREATE UNIQUE INDEX value_digest ON value (digest)`,

		// software and machines are the sets of what an inventory read, where
		// they are large; small ones stand in observed. from_at and until_at
		// are how far the logs of a reading of sessions reach.
		`CREATE TABLE reading (id {int} NOT NULL PRIMARY KEY, source {int} NOT NULL, kind {text} NOT NULL,
			month {int} NOT NULL, taken {int} NOT NULL, day {int} NOT NULL, status {text} NOT NULL,
			site {text} NOT NULL, file_name {text} NOT NULL, fingerprint {key} NOT NULL,
			domain {text} NOT NULL, dns {text} NOT NULL, sid {text} NOT NULL,
			notes {int} NOT NULL, software {int} NOT NULL, machines {int} NOT NULL,
			from_at {int} NOT NULL, until_at {int} NOT NULL, written {int} NOT NULL)`,
		`CREATE INDEX reading_taken ON reading (source, taken)`,
		`CREATE INDEX reading_month ON reading (month, source, taken)`,
		`CREATE INDEX reading_fingerprint ON reading (source, fingerprint)`,
		`CREATE INDEX reading_software ON reading (source, taken) WHERE software > 0`,
		`CREATE INDEX reading_machines ON reading (source, taken) WHERE machines > 0`,
		`CREATE INDEX reading_reach ON reading (until_at) WHERE until_at > 0`,

		`CREATE TABLE observed (reading {int} NOT NULL, kind {int} NOT NULL, item {int} NOT NULL,
			source {int} NOT NULL, taken {int} NOT NULL, PRIMARY KEY (reading, kind, item)){rows}`,
		`CREATE INDEX observed_item ON observed (source, kind, item, taken)`,

		`CREATE TABLE span (source {int} NOT NULL, kind {int} NOT NULL, until_at {int} NOT NULL,
			a {int} NOT NULL, b {int} NOT NULL, first_at {int} NOT NULL, value {int} NOT NULL,
			seen {int} NOT NULL, line {int} NOT NULL, lines {blob},
			PRIMARY KEY (source, kind, until_at, a, b)){rows}`,
		`CREATE INDEX span_fact ON span (a, b)`,

		`CREATE TABLE used (month {int} NOT NULL, host {int} NOT NULL, account {int} NOT NULL,
			days {int} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (month, host, account)){rows}`,
		// The rows of use that alone leave a remote session open at the end of
		// their month: the next months must look at them.
		`CREATE TABLE left_open (month {int} NOT NULL, host {int} NOT NULL, account {int} NOT NULL,
			PRIMARY KEY (month, host, account)){rows}`,

		`CREATE TABLE log (host {int} NOT NULL, channel {int} NOT NULL, file_name {int} NOT NULL,
			from_at {int} NOT NULL, until_at {int} NOT NULL, body {blob} NOT NULL,
			PRIMARY KEY (host, channel, file_name)){rows}`,
		`CREATE INDEX log_reach ON log (until_at)`,

		`CREATE TABLE read_file (source {int} NOT NULL, name {int} NOT NULL, fingerprint {key} NOT NULL,
			PRIMARY KEY (source, name)){rows}`,

		`CREATE TABLE result (month {int} NOT NULL, revision {int} NOT NULL, is_test {int} NOT NULL,
			written {int} NOT NULL, statement {blob} NOT NULL, quantities {blob} NOT NULL,
			counted {blob} NOT NULL, findings {blob} NOT NULL, PRIMARY KEY (month, revision, is_test))`,
		`CREATE TABLE imported (month {int} NOT NULL PRIMARY KEY, file_name {text} NOT NULL,
			written {int} NOT NULL, body {blob} NOT NULL)`,
	}
}

// stretches is the version from which on logs keep their stretches: it changes
// no table, but an older splameter cannot read what is kept.
func stretches() []string { return nil }

// detail is version 5: what a reading says of itself beyond its columns, as
// JSON (see readingDetail); empty where there is nothing.
func detail() []string {
	return []string{`ALTER TABLE reading ADD detail {text} NOT NULL DEFAULT ''`}
}

// changes is version 6, from which on spans tell of changes and of deleted
// accounts too: it changes no table, but an older splameter cannot read them.
func changes() []string { return nil }

// clients is version 8, from which on rows of use name devices: it changes no
// table, but an older splameter cannot read them.
func clients() []string { return nil }

// events is version 9, from which on spans tell of events of domain controllers'
// logs too: it changes no table, but an older splameter cannot read them.
func events() []string { return nil }

// rowLocks is version 10. On SQL Server a writer of many rows keeps to locks of
// rows: a lock of a whole table, into which they else turn, shuts other sites out.
func rowLocks() (all []string) {
	for _, list := range [][]string{first(), life(), post(), hosts()} {
		for _, q := range list {
			if rest, ok := strings.CutPrefix(q, "CREATE TABLE "); ok {
				name, _, _ := strings.Cut(rest, " ")
				all = append(all, "sqlserver: ALTER TABLE "+name+" SET (LOCK_ESCALATION = DISABLE)")
			}
		}
	}
	return all
}

// meta reads a value of the meta table, the only one that every version has.
func (t *tx) meta(name string) (value string, err error) {
	err = t.each(func(r *sql.Rows) error { return r.Scan(&value) }, "SELECT value FROM meta WHERE name = ?", name)
	return value, err
}

func (t *tx) setMeta(name, value string) error {
	n, err := t.changed("UPDATE meta SET value = ? WHERE name = ?", value, name)
	if err == nil && n == 0 {
		err = t.exec("INSERT INTO meta (name, value) VALUES (?, ?)", name, value)
	}
	return err
}

// migrate brings the schema from a version up to the newest.
func (t *tx) migrate(from int) error {
	all := migrations()
	for v := from; v < len(all); v++ {
		for _, q := range all[v] {
			of, only, ok := strings.Cut(q, ": ") // a statement of one database alone
			if ok && of != t.db.dialect.name {
				continue
			} else if ok {
				q = only
			}
			if _, err := t.raw.ExecContext(t.ctx, t.db.dialect.ddl(q)); err != nil {
				return fmt.Errorf("bring its schema to version %d: %w", v+1, err)
			}
		}
	}
	return t.setMeta("schema", fmt.Sprint(len(all)))
}
