package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"splameter/internal/filelock"
)

// Locker lets exactly one of several splameters do something, such as closing
// a month. Every store is one.
type Locker interface {
	// Lock takes the named lock, or says that another process or another
	// caller holds it: then ok is false, and err nil. release gives it back,
	// and may be called once. The lock of a process that dies is free again.
	Lock(ctx context.Context, name string) (release func() error, ok bool, err error)
}

var _ Locker = (*database)(nil)

// Lock implements Locker. With SQL Server it is a lock of the application on
// a connection of its own, so that it ends with that connection; with SQLite
// a lock of the system on a file beside the store's.
func (s *database) Lock(ctx context.Context, name string) (func() error, bool, error) {
	if !schemaForm.MatchString(name) {
		return nil, false, fmt.Errorf("a lock is called %q; a name has letters, digits and _ only", name)
	}
	if s.dialect.name == "sqlserver" {
		resource := "splameter " + name + " " + s.dialect.schema
		conn, err := s.lockedConn(ctx, resource, "Exclusive", time.Second)
		if errors.Is(err, ErrInUse) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, s.explain("take the lock "+name+" of", err)
		}
		return func() error { return unlock(ctx, conn, resource) }, true, nil
	}
	if s.dialect.name == "postgres" {
		release, ok, err := s.lockPostgres(ctx, name)
		if err != nil {
			return nil, false, s.explain("take the lock "+name+" of", err)
		}
		return release, ok, nil
	}
	path, err := filepath.Abs(s.place)
	if err != nil {
		return nil, false, fmt.Errorf("take the lock %s: %w", name, err)
	}
	l, ok, err := filelock.Take(path + "." + name + ".lock")
	if err != nil {
		return nil, false, fmt.Errorf("take the lock %s: %w", name, err)
	}
	if !ok {
		return nil, false, nil
	}
	return l.Release, true, nil
}
