package store

import (
	"context"
	"database/sql"
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
	// caller holds it: then ok is false, and err nil. The lock of a process
	// that dies is free again.
	Lock(ctx context.Context, name string) (held *Held, ok bool, err error)
}

// Held is a lock that is held.
type Held struct {
	lost    chan struct{}
	release func() error
}

// Lost is closed when the lock was lost, with its connection: another may
// have it now. nil: it cannot be lost while the process lives.
func (h *Held) Lost() <-chan struct{} { return h.lost }

// Release gives the lock back. It may be called once.
func (h *Held) Release() error { return h.release() }

// A holder looks every lockLook whether its connection still answers, and
// believes so for lockWait at most. The server ends the session of a machine
// that vanished in about as long: so two hold a lock for half a minute at most.
const (
	lockLook = 10 * time.Second
	lockWait = 10 * time.Second
)

// watched is a lock that a connection holds.
func watched(conn *sql.Conn, release func() error, look, wait time.Duration) *Held {
	h := &Held{lost: make(chan struct{})}
	stop, stopped := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop.Done():
				return
			case <-time.After(look):
			}
			asked, cancel := context.WithTimeout(stop, wait)
			_, err := conn.ExecContext(asked, "SELECT 1")
			cancel()
			if err != nil && stop.Err() == nil {
				close(h.lost)
				return
			}
		}
	}()
	h.release = func() error {
		stopped()
		<-done
		return release()
	}
	return h
}

var _ Locker = (*database)(nil)

// Lock implements Locker. With SQL Server it is a lock of the application on
// a connection of its own, so that it ends with that connection; with SQLite
// a lock of the system on a file beside the store's.
func (s *database) Lock(ctx context.Context, name string) (*Held, bool, error) {
	if !schemaForm().MatchString(name) {
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
		return watched(conn, func() error { return unlock(ctx, conn, resource) }, lockLook, lockWait), true, nil
	}
	if s.dialect.name == "postgres" {
		held, ok, err := s.lockPostgres(ctx, name)
		if err != nil {
			return nil, false, s.explain("take the lock "+name+" of", err)
		}
		return held, ok, nil
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
	return &Held{release: l.Release}, true, nil
}
