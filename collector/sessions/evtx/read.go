package evtx

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

// runChunks is how many neighbouring chunks are read and decoded together:
// few enough to stay in the processor's cache, and to bound what one batch of
// a hostile file can hold.
const runChunks = 4

// run is a row of chunks that lie side by side in the file.
type run struct {
	slots []slot
	off   int64
	size  int
}

// runs cuts the ordered slots into rows of neighbours.
func runs(slots []slot, size int64, yield func(run) bool) {
	for len(slots) > 0 {
		n := 1
		for n < len(slots) && n < runChunks && slots[n].index == slots[n-1].index+1 {
			n++
		}
		off := fileHeaderSize + int64(slots[0].index)*chunkSize
		if !yield(run{slots[:n], off, int(min(int64(n)*chunkSize, size-off))}) {
			return
		}
		slots = slots[n:]
	}
}

// load reads a run and decodes it into b.
func (d *decoder) load(r io.ReaderAt, buf []byte, u run, b *batch) error {
	b.reset()
	p := buf[:u.size]
	if err := readAt(r, p, u.off); err != nil {
		return err
	}
	for i, s := range u.slots {
		at := i * chunkSize
		if s.state == holdsNothing {
			b.emptySlot(u.off+int64(at), 1)
			continue
		}
		d.chunk(p[at:min(at+chunkSize, len(p))], u.off+int64(at), b)
	}
	return nil
}

func readSerial(ctx context.Context, r io.ReaderAt, size int64, slots []slot, opt Options, dl *delivery) error {
	var (
		d   = newDecoder(opt.Filter)
		buf = make([]byte, min(runChunks*chunkSize, size))
		b   batch
		err error
	)
	runs(slots, size, func(u run) bool {
		if err = ctx.Err(); err == nil {
			err = d.load(r, buf, u, &b)
		}
		if err == nil {
			dl.batch(&b)
		}
		return err == nil
	})
	return err
}

// task is a run on its way through a worker; done is closed when its batch is
// filled.
type task struct {
	run   run
	batch *batch
	done  chan struct{}
}

// readParallel decodes on opt.Workers goroutines and delivers on the caller's,
// in order. The free batches bound how far the workers run ahead.
func readParallel(ctx context.Context, r io.ReaderAt, size int64, slots []slot, opt Options, dl *delivery) error {
	var (
		g, gctx = errgroup.WithContext(ctx)
		ahead   = opt.Workers + 2
		work    = make(chan *task)
		order   = make(chan *task, ahead)
		free    = make(chan *batch, ahead)
	)
	for range ahead {
		free <- new(batch)
	}
	g.Go(func() error {
		defer close(work)
		defer close(order)
		var err error
		runs(slots, size, func(u run) bool {
			t := &task{run: u, done: make(chan struct{})}
			select {
			case t.batch = <-free:
			case <-gctx.Done():
				err = gctx.Err()
				return false
			}
			order <- t // never blocks: there are no more tasks than batches
			select {
			case work <- t:
			case <-gctx.Done():
				err = gctx.Err()
				return false
			}
			return true
		})
		return err
	})
	for range opt.Workers {
		g.Go(func() error {
			d := newDecoder(opt.Filter)
			buf := make([]byte, min(runChunks*chunkSize, size))
			for t := range work {
				if err := d.load(r, buf, t.run, t.batch); err != nil {
					return err
				}
				close(t.done)
			}
			return nil
		})
	}
	for t := range order {
		select {
		case <-t.done:
		case <-gctx.Done():
			if err := g.Wait(); err != nil {
				return err
			}
			return ctx.Err() // ended from outside when all was decoded, but not delivered
		}
		dl.batch(t.batch)
		free <- t.batch
	}
	return g.Wait()
}
