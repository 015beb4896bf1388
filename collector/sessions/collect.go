package sessions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"splameter/collector/forms"
	"splameter/collector/sessions/textblock"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// Job is one collection of a configured source of session logs.
type Job struct {
	Config config.Sessions
	Dir    string         // the config's folder: files beneath it are named from there
	Zone   *time.Location // the provider's
	// Known says whether a file of that name and fingerprint was read before;
	// nil: none was. It is called on one goroutine, in the order of the names.
	Known func(file, fingerprint string) (bool, error)
	// Stated says of files, by path, up to when they hold everything, where
	// the host that wrote the file states it itself. It stands in the place of
	// the config's date.
	Stated  map[string]time.Time
	Workers int // cores to use; less than 1 is 1
	Now     func() time.Time
	// Progress is told, from several goroutines, how many bytes of how many
	// are read. It is a hint; nil: nobody asks.
	Progress func(done, total int64)
	Log      *slog.Logger // nil: none
}

// FileRead is what became of one file.
type FileRead struct {
	File        string // as evidence names it
	Path        string
	Fingerprint string
	// Known says that the file is one that was read before and was not read
	// again. Its logs are still those of a file that was looked at at Until.
	Known    bool
	Until    time.Time // when this collection looked at the file
	Modified time.Time // the file's own time
	Exported time.Time // before which it holds everything, as the config states
	// Cut says that the file ends in a damage: it is whole only as far as its
	// logs say, and no later collection of the same file can tell more.
	Cut     bool
	Form    string // evtx, xml, csv, json
	Size    int64
	Records int // events in the file
	Events  int // of these, the ones of the table of events
	Damaged int
	Notes   []snapshot.Notice
	Err     error // the file could not be read to its end; it is no file that was read
}

// Collect reads the files of a source that are not known yet, and folds them.
// The outcome depends on the files alone, not on their order or on Workers.
//
// A file that cannot be read, or is damaged, makes the reading partial, with a
// notice; what was whole in it is in the result. It is an error if no file
// matches, or none can be read at all: then nothing is known, which is not
// the same as no sessions.
func Collect(ctx context.Context, job Job) (*snapshot.Sessions, []FileRead, error) {
	out, files, f, err := gather(ctx, job)
	if err != nil {
		return nil, files, err
	}
	out.Uses = slices.AppendSeq(make([]snapshot.Use, 0, f.Len()), f.Uses())
	return out, files, nil
}

// CollectRows is Collect without a copy of each row: they stand in Rows, in
// no order.
func CollectRows(ctx context.Context, job Job) (*snapshot.Sessions, []FileRead, error) {
	out, files, f, err := gather(ctx, job)
	if err != nil {
		return nil, files, err
	}
	out.Rows = f.Rows()
	return out, files, nil
}

func gather(ctx context.Context, job Job) (*snapshot.Sessions, []FileRead, *Folder, error) {
	c := &collection{Job: job, now: job.Now().UTC()}
	if err := c.prepare(); err != nil {
		return nil, nil, nil, err
	}
	files, err := c.list(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	f, err := c.read(ctx, files)
	if err != nil {
		return nil, nil, nil, err
	}
	out, files, err := c.result(f, files)
	return out, files, f, err
}

type collection struct {
	Job
	now   time.Time
	local *time.Location // of times without offset
	notes []snapshot.Notice
	done  atomic.Int64
	total int64
}

func (c *collection) prepare() error {
	c.Workers = max(1, c.Workers)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.local = c.Zone
	if c.Config.Zone != "" {
		loc, err := time.LoadLocation(c.Config.Zone)
		if err != nil {
			return fmt.Errorf("collect session logs %s: the zone %q is not known; write it like Europe/Amsterdam", c.Config.Name, c.Config.Zone)
		}
		c.local = loc
	}
	return nil
}

// list finds the files, and tells which of them are known.
func (c *collection) list(ctx context.Context) ([]FileRead, error) {
	var names []string
	for _, pattern := range c.Config.Files {
		found, err := paths.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("collect session logs %s: %w", c.Config.Name, err)
		}
		names = append(names, found...)
		if len(found) == 0 {
			c.notes = append(c.notes, snapshot.Notice{Code: "log-missing", Subject: c.name(pattern),
				Message: fmt.Sprintf("no file matches %s: the logs that should lie there are missing; see to their export, or correct the pattern", c.name(pattern))})
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, fmt.Errorf("collect session logs %s: no file matches %s; this is no month without sessions, it is a month without logs: see to their export, or correct files in the config", c.Config.Name, strings.Join(c.Config.Files, ", "))
	}
	files := make([]FileRead, len(names))
	for i, p := range names {
		r := &files[i]
		r.File, r.Path, r.Until = c.name(p), p, c.now
		if d := c.Config.Exported.Of(p); d.Set {
			r.Exported = d.Day.Start(c.Zone).UTC()
		}
		if t, ok := c.Stated[p]; ok {
			r.Exported = t.UTC()
		}
		if r.Fingerprint, r.Err = Fingerprint(ctx, p); r.Err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.Notes = append(r.Notes, snapshot.Notice{Code: "log-unreadable", Subject: r.File, Message: r.Err.Error(), At: snapshot.Evidence{File: r.File}})
			continue
		}
		if c.Known != nil {
			known, err := c.Known(r.File, r.Fingerprint)
			if err != nil {
				return nil, fmt.Errorf("collect session logs %s: %w", c.Config.Name, err)
			}
			r.Known = known
		}
		if st, err := os.Stat(p); err == nil {
			r.Size, r.Modified = st.Size(), st.ModTime().UTC().Truncate(100)
		}
		if !r.Known {
			c.total += r.Size
		}
	}
	return files, nil
}

// name is how evidence names a file.
func (c *collection) name(path string) string { return paths.Shown(c.Dir, path) }

// read folds the files, the largest first, so that no worker is left alone
// with a large one at the end. Fewer files than workers are parsed by several
// workers each.
func (c *collection) read(ctx context.Context, files []FileRead) (*Folder, error) {
	var todo []*FileRead
	for i := range files {
		if r := &files[i]; !r.Known && r.Err == nil {
			todo = append(todo, r)
		}
	}
	slices.SortStableFunc(todo, func(a, b *FileRead) int { return int(min(1, max(-1, b.Size-a.Size))) })
	workers := min(c.Workers, max(1, len(todo)))
	inFile := 1
	if len(todo) < c.Workers {
		inFile = c.Workers
	}
	var (
		mu      sync.Mutex
		first   = NewFolder(c.Zone)
		idle    = []*Folder{first}
		g, gctx = errgroup.WithContext(ctx)
	)
	g.SetLimit(workers)
	for _, r := range todo {
		g.Go(func() error {
			mu.Lock()
			var f *Folder
			if n := len(idle); n > 0 {
				f, idle = idle[n-1], idle[:n-1]
			}
			mu.Unlock()
			if f == nil {
				f = first.Fork()
			}
			err := c.readFile(gctx, f, r, inFile)
			mu.Lock()
			idle = append(idle, f)
			mu.Unlock()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("collect session logs %s: %w", c.Config.Name, err)
	}
	for _, o := range idle {
		o.release()
	}
	return first, first.Err()
}

func (c *collection) readFile(ctx context.Context, f *Folder, r *FileRead, workers int) error {
	opt := Options{Name: r.File, Zone: c.local, Columns: c.Config.Columns, Workers: workers, Extent: true,
		Dates: textblock.OrderOf(c.Config.Dates), Host: forms.HostOf(r.Path)}
	left := r.Size
	if c.Progress != nil {
		opt.Progress = func(n int64) { // what is read twice counts once
			n = min(n, left)
			left -= n
			c.Progress(c.done.Add(n), c.total)
		}
	}
	if err := readOne(ctx, f, r.Path, opt, r); err != nil {
		return err
	}
	if c.Progress != nil && left > 0 {
		c.Progress(c.done.Add(left), c.total)
	}
	c.Log.Debug("session log read", "source", c.Config.Name, "file", r.File, "form", r.Form, "events", r.Events, "damages", r.Damaged)
	return nil
}

func (c *collection) result(f *Folder, files []FileRead) (*snapshot.Sessions, []FileRead, error) {
	out := &snapshot.Sessions{
		Reading: snapshot.Reading{
			Source: c.Config.Name, Kind: snapshot.KindSessions, Taken: c.now, Day: month.DayOf(c.now, c.Zone),
			Status: snapshot.Complete, Notes: c.notes,
		},
		Logs: f.Logs(),
	}
	var errs []error
	for i := range files {
		r := &files[i]
		out.Notes = append(out.Notes, r.Notes...)
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
		if r.Err != nil || r.Damaged > 0 {
			out.Status = snapshot.Partial
		}
	}
	if len(c.notes) > 0 {
		out.Status = snapshot.Partial
	}
	if len(errs) == len(files) {
		return nil, files, fmt.Errorf("collect session logs %s: none of the files can be read: %w", c.Config.Name, errors.Join(errs...))
	}
	return out, files, nil
}
