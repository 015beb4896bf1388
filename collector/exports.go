package collector

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"splameter/collector/directory"
	"splameter/internal/snapshot"
)

// inTurn reads exports into the store, in the order of their moments. While one is
// stored the next is read, and the one after it gets its fingerprint: two readings
// are in memory at most. What the store is asked and given, it is asked and given
// here, one thing after the other. A reading of very many accounts is stored before
// the next is read: two of them, and what storing takes, would be too much memory.
func (s *directorySource) inTurn(ctx context.Context, env *Env, list []export, again map[string]bool, o *Outcome, failed *failures) error {
	behind, stop := context.WithCancel(ctx)
	opened := make(chan *openedExport)
	go func() {
		defer close(opened)
		for _, x := range list {
			p := open(env, x)
			select {
			case opened <- p:
			case <-behind.Done():
				p.close()
				return
			}
		}
	}()
	var before *openedExport
	defer func() {
		stop()
		before.close()
		for p := range opened {
			p.close()
		}
	}()
	done := 0
	put := func(p *openedExport) (more bool, err error) {
		if err := s.export(ctx, env, p, again[p.name], o); err != nil && failed.add(err) {
			return false, failed.err()
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if done++; env.Progress != nil {
			env.Progress(s.cfg.Name, int64(done), int64(len(list)))
		}
		return true, nil
	}
	print := "" // of the newest that was read
	series := directory.NewSeries(*s.cfg, env.Keep, env.Config.Provider.Location)
	for p := range opened {
		if p.lost == nil {
			p.known, p.err = env.Store.Known(ctx, s.cfg.Name, p.name, p.print)
		}
		if before != nil {
			if before.wait(); before.d != nil {
				print = before.print
			}
		}
		was := before
		if was != nil && was.d != nil && len(was.d.Accounts) > together {
			if more, err := put(was); !more {
				p.close()
				return err
			}
			was = nil
		}
		before = p
		if p.lost == nil && p.err == nil && (!p.known || again[p.name]) {
			p.since = print
			p.read(behind, series)
		}
		if was != nil {
			if more, err := put(was); !more {
				return err
			}
		}
	}
	if before != nil {
		if more, err := put(before); !more {
			return err
		}
	}
	return failed.err()
}

// together is up to how many accounts one reading may be stored while another is
// read. With two cores that saves 3 to 4 % of the wall time of a month of exports
// (BenchmarkMonthOfExports, with none together); taking over what stands as it did
// saves three quarters of it.
const together = 40_000

// openedExport is an export on its way into the store.
type openedExport struct {
	export
	name  string
	file  *os.File
	print string
	since string // the fingerprint of the one that was read before
	known bool   // to the store
	lost  error  // it cannot be opened or read at all
	err   error  // the store could not be asked

	ready   chan struct{} // closed when it was read; nil: it is not to be read
	d       *snapshot.Directory
	damaged error
}

func open(env *Env, x export) *openedExport {
	p := &openedExport{export: x, name: env.Name(x.path)}
	if p.file, p.lost = os.Open(x.path); p.lost != nil {
		return p
	}
	if p.print, p.lost = fingerprint(p.file); p.lost != nil {
		p.lost = fmt.Errorf("read %s: %w", p.name, p.lost)
	}
	return p
}

// read begins to read it.
func (p *openedExport) read(ctx context.Context, series *directory.Series) {
	p.ready = make(chan struct{})
	go func() {
		defer close(p.ready)
		p.d, p.damaged = series.Read(ctx, p.file, p.name, p.taken)
	}()
}

// wait waits until it is read.
func (p *openedExport) wait() {
	if p.ready != nil {
		<-p.ready
	}
}

func (p *openedExport) close() {
	if p == nil {
		return
	}
	p.wait()
	if p.file != nil {
		_ = p.file.Close()
	}
}

// export puts one export into the store.
func (s *directorySource) export(ctx context.Context, env *Env, p *openedExport, again bool, o *Outcome) error {
	defer p.close()
	fail := func(err error) error {
		return env.fail(ctx, s.cfg.Name, snapshot.KindDirectory, p.path, p.taken, err)
	}
	switch {
	case p.lost != nil:
		return fail(p.lost)
	case p.err != nil:
		return p.err
	case p.known && !again:
		o.Known++
		return nil
	}
	p.wait()
	if p.damaged != nil {
		return fail(noLDIF(p.path, p.name, p.damaged))
	}
	d := p.d
	d.Site, d.Fingerprint = env.Config.Site, p.print
	if d.Since != nil {
		d.Since.Fingerprint = p.since
	}
	if !p.known { // one that was taken before stays what it was
		if err := s.back(ctx, env, d, func(ids []string) (map[string]time.Time, error) {
			if _, err := p.file.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
			return directory.TouchedInLDIF(p.file, ids)
		}); err != nil {
			return fail(fmt.Errorf("read directory export %s: %w", p.name, err))
		}
	}
	if err := env.Store.PutDirectory(ctx, d); err != nil {
		return err
	}
	o.Read++
	o.Facts += len(d.Accounts)
	o.Notices += len(d.Notes)
	return nil
}
