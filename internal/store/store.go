// Package store keeps what was read and what was computed: snapshots as spans
// of unchanged facts rather than as a copy a day, session evidence folded by
// month, and the results of months. It hands a month's facts to the rules and
// knows nothing of licences, of files or of servers; SQLite is its first home,
// and the SQL is kept such that a second dialect can stand beside it.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Store is where readings go and where a month's facts come from. Every Put
// is one transaction: when it returns an error, or the process dies in it,
// nothing of it is in the store. A reading of a source that is another site's
// is a *SiteError. All methods may be called from several
// goroutines.
type Store interface {
	Life
	Post
	Hosts

	Close() error

	// Known says whether this very content of this file of a source was
	// read completely before. An empty fingerprint is never known.
	Known(ctx context.Context, source, file, fingerprint string) (bool, error)

	// NewerReadings is how many readings of a month were kept after that revision of
	// it was counted; none where it was not.
	NewerReadings(ctx context.Context, m month.Month, revision int) (int, error)

	// Readings are the readings of a source with from <= Taken < until,
	// failed ones too, sorted by source, time; an empty source means all.
	Readings(ctx context.Context, source string, from, until time.Time) ([]snapshot.Reading, error)

	// LastReading is the source's newest reading that did not fail, by the
	// moment it stands for; false where there is none.
	LastReading(ctx context.Context, source string) (snapshot.Reading, bool, error)

	// PutDirectory adds a complete reading of a directory. Readings may
	// arrive in any order of their times. The same export again changes
	// nothing, unless it keeps attributes that it did not keep before: then it
	// takes its own place. Another one for the same moment is a *ConflictError.
	PutDirectory(ctx context.Context, d *snapshot.Directory) error

	// Returned are the accounts of a reading that the readings before it showed as
	// gone, of the last MetadataDays; sorted by ID.
	Returned(ctx context.Context, d *snapshot.Directory) ([]snapshot.Returned, error)

	// Told is what a directory's readings before a moment told of changes, of the
	// last MetadataDays; never nil.
	Told(ctx context.Context, source string, at time.Time) (*snapshot.Told, error)

	// PutEvents adds what domain controllers' logs told of a directory. The same
	// again changes nothing, nor does the order.
	PutEvents(ctx context.Context, directory string, events []snapshot.Event) error

	// PutInventory adds a reading of hosts or machines. Each host is a
	// series of its own: one that the reading does not name was not read.
	// The same export again changes nothing; a host that another file
	// describes otherwise at the same moment is a *ConflictError.
	PutInventory(ctx context.Context, v *snapshot.Inventory) error

	// PutSessions merges what session logs told. Merging is idempotent and
	// does not depend on order. files are now fully read: Known knows them.
	PutSessions(ctx context.Context, v *snapshot.Sessions, files []File) error

	// PutFailure keeps the record of a reading that failed.
	PutFailure(ctx context.Context, r snapshot.Reading) error

	// Facts is everything known of one month. The month's location must be
	// the store's. The session readings in it are those taken in the month
	// and those whose logs reach into it and that were taken later.
	Facts(ctx context.Context, m month.Month) (*snapshot.Facts, error)

	// FactsAbout is the part of Facts that tells of somebody. asks is given
	// what was read but for the uses, and says which of these are asked for, by
	// host, user and SID; the months before have no part in what it answers.
	FactsAbout(ctx context.Context, m month.Month, asks func(*snapshot.Facts) func(*snapshot.Use) bool) (*About, error)

	// PutResult keeps the latest computed result of the statement's month,
	// revision and test flag, in place of an earlier one. One that Record
	// made final stays: then it is ErrFinal.
	PutResult(ctx context.Context, s *statement.Statement) error

	// Result is the JSON of a month's result that is no test, or an error
	// that wraps ErrNone.
	Result(ctx context.Context, month string, revision int) ([]byte, error)

	// Earlier is what is known of the up to n months before m, oldest
	// first: the highest revision of the computed result, never a test,
	// else what was imported. Only the month directly before m has Counted
	// and Findings.
	Earlier(ctx context.Context, m month.Month, n int) ([]statement.Earlier, error)

	// PutHistory keeps months imported from before splameter; file is where
	// they came from. A month imported again is replaced.
	PutHistory(ctx context.Context, file string, months []statement.Earlier) error

	// Months are the months (YYYY-MM) with any reading or result, ascending.
	Months(ctx context.Context) ([]string, error)
}

// File is one file of session logs that was read completely.
type File struct {
	Source      string
	Name        string // as configured, as in Evidence.File
	Fingerprint string // SHA-256 of the content
	// Until is when a file that was read before was looked at and found
	// unchanged; Modified and Exported are then what snapshot.Log says of it.
	// Zero says nothing.
	Until, Modified, Exported time.Time
}

// Options are what a store must know to be opened.
type Options struct {
	// Location is the provider's time zone. It is recorded when the store is
	// made, since days and months were assigned in it; a store cannot be
	// opened with another.
	Location *time.Location
	// Now is the clock; it stamps when something was written, and decides
	// nothing. Nil means time.Now.
	Now func() time.Time
	// Wait is how long to wait for another process that is writing before
	// ErrInUse. Zero means 4 seconds; with a server a minute, since several
	// sites share it.
	Wait time.Duration
	// Password is the one of the user in a shared store's address.
	Password string
}

// What a caller may branch on.
var (
	// ErrInUse: another process holds the store.
	ErrInUse = errors.New("in use by another splameter")
	// ErrDamaged: the file is no splameter store, or is damaged.
	ErrDamaged = errors.New("no splameter store, or damaged")
	// ErrNewer: the store was written by a newer splameter.
	ErrNewer = errors.New("written by a newer splameter")
	// ErrZone: the store was made in another time zone.
	ErrZone = errors.New("made in another time zone")
	// ErrNone: there is no such result.
	ErrNone = errors.New("not in the store")
)

// ConflictError says that two files claim the same moment of a source.
type ConflictError struct {
	Source      string
	Subject     string // the host or machine; empty: the whole directory
	Taken       time.Time
	Kept, Other string // the file in the store, and the one refused
}

func (e *ConflictError) Error() string {
	what := "source " + e.Source
	if e.Subject != "" {
		what += ", " + e.Subject
	}
	if e.Kept == e.Other && e.Kept != "" {
		return fmt.Sprintf("%s: %s was read before, without a fault, and holds something else now; what it said then was kept: put that file back, and give what is new a name with a later day or time",
			what, e.Kept)
	}
	do := "correct the date of one of them, or take it away"
	if e.Subject != "" {
		do += "; where they are parts of one list, write the rows of both into one file, under one line of headings, and take the other away"
	}
	return fmt.Sprintf("%s: %s and %s both claim to be the state at %s, and differ; the first was kept; %s",
		what, named(e.Kept), named(e.Other), e.Taken.UTC().Format(time.RFC3339), do)
}

// SiteError says that a reading is of a source whose readings are another
// site's: two sources of one name would be taken for one, of which each site
// tells half.
type SiteError struct{ Source, Here, Other string }

func (e *SiteError) Error() string {
	return fmt.Sprintf("source %s is one of site %s, and site %s reads one of the same name; nothing of it was kept: give sources of different sites different names, and leave a site that you renamed its old name under site:",
		e.Source, e.Here, e.Other)
}

// named is a reading's file for a message; a live reading has none.
func named(file string) string {
	if file == "" {
		return "a live reading"
	}
	return file
}

// Open opens a store, making it where there is none: sqlite:PATH, with its
// folder; postgres://USER@SERVER/DATABASE or sqlserver://USER@SERVER?database=NAME,
// in a schema of a database that is there.
func Open(ctx context.Context, dsn string, opt Options) (Store, error) {
	if opt.Location == nil {
		return nil, errors.New("open the store: no time zone given")
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	kind, path, ok := strings.Cut(dsn, ":")
	if opt.Wait == 0 {
		opt.Wait = 4 * time.Second
		if kind == "sqlserver" || kind == "postgres" {
			opt.Wait = time.Minute
		}
	}
	switch {
	case ok && kind == "sqlite" && path != "":
		return openSQLite(ctx, path, opt)
	case ok && kind == "sqlserver":
		return openSQLServer(ctx, dsn, opt)
	case ok && kind == "postgres":
		return openPostgres(ctx, dsn, opt)
	}
	return nil, fmt.Errorf("open the store: %q is no store; write sqlite:PATH, such as sqlite:var/splameter.db, postgres://USER@SERVER/DATABASE, or sqlserver://USER@SERVER?database=NAME", kind)
}
