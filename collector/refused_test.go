package collector_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// full is a store whose disk is full after so many readings.
type full struct {
	store.Store
	room int
	said int // how often
}

func (f *full) put() error {
	if f.room--; f.room >= 0 {
		return nil
	}
	f.said++
	return errors.New("the disk is full")
}

func (f *full) PutDirectory(context.Context, *snapshot.Directory) error { return f.put() }
func (f *full) PutInventory(context.Context, *snapshot.Inventory) error { return f.put() }
func (f *full) PutSessions(context.Context, *snapshot.Sessions, []store.File) error {
	return f.put()
}

// A store that takes nothing more is told once a source, not once for each of
// the example's 61 exports and 7 inventories, and is not asked for each; and
// what it did not take is not new. Two files are as far as one has to go to see
// that the fault is not the file's.
func TestStoreThatTakesNothing(t *testing.T) {
	cfg, faults := config.Load(filepath.Join("..", "config.yaml"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: cfg.Provider.Location})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	for source, want := range map[string]struct{ room, read, said int }{
		"duinrand":      {room: 3, read: 3, said: 2},
		"estate":        {room: 1, read: 1, said: 2},
		"session-hosts": {room: 0, read: 0, said: 1},
	} {
		f := &full{Store: st, room: want.room}
		env := &collector.Env{Store: f, Config: cfg, Now: time.Now, Workers: 1, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		out, err := collector.Run(t.Context(), env, source)
		if err != nil || len(out) != 1 {
			t.Fatal(out, err)
		}
		if o := out[0]; o.Err == nil || o.Err.Error() != "the disk is full" || o.Read != want.read || f.said != want.said {
			t.Errorf("%s: %d new, asked %d times, error %q; want %d, %d and it told once", source, o.Read, f.said, o.Err, want.read, want.said)
		}
	}
}
