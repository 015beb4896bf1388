package textblock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"splameter/collector/sessions/record"
	"splameter/internal/textfile"
)

// MaxRecord is the longest record that is read, in bytes of UTF-8. What is
// longer is damage: no event of Windows comes near it (64 KiB).
const MaxRecord = 1 << 20

// blockSize is what one core parses at a time.
const blockSize = 256 << 10

// Incomplete is the What of a record that the end of the file cuts off.
const Incomplete = "the last record is not complete (the file may still be written)"

// NotUTF8 is the What of a record whose values are not UTF-8.
const NotUTF8 = "a value is not UTF-8; what could not be read was replaced: export the log as UTF-8 or UTF-16"

// Zeros is the What of a record that has zero bytes in it. A file system fills
// with them what it had no time to write, over the end of one record and the
// beginning of another: what looks like one record may be two.
const Zeros = "zero bytes stand in the record, as a computer leaves them that lost its power while it wrote: it is not read"

// HasZeros says whether zero bytes stand in a record.
func HasZeros(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }

// Block is a piece of text to parse.
type Block struct {
	Data   []byte
	Offset int64 // of Data[0] in the text
	Line   int   // 1-based line of Data[0]
	Last   bool  // no text follows
	State  int   // what Parse returned for the text before; 0 at the beginning
}

// Counts says what a parser saw.
type Counts struct {
	Records int // events seen, wanted or not
	Damaged int // damages reported
	Foreign int // whole records that are no Windows event
	Local   int // wanted events with a time of unknown offset

	// Lines are the line ends in what was used of one block, where the parser
	// counted them in passing; 0 where it did not.
	Lines int
}

func (c *Counts) add(d Counts) {
	c.Records += d.Records
	c.Damaged += d.Damaged
	c.Foreign += d.Foreign
	c.Local += d.Local
}

// A Parser reads records out of blocks. It keeps nothing between two calls
// that would change what it finds: all that matters stands in the block.
type Parser interface {
	// Parse sends what b holds to out, in order, and returns how many bytes
	// it used and the state in which the text goes on. What it leaves is the
	// beginning of a record that continues, at most MaxRecord bytes. Of the
	// last block it leaves nothing. What it sends must depend on the text
	// alone, not on where a block ends.
	Parse(b Block, out record.Handler) (used, state int, c Counts)
}

// Job says how Run parses a text.
type Job struct {
	File    string        // for damages
	Workers int           // cores to parse on; less than 2 parses as it reads
	New     func() Parser // one a worker
	// Cut returns the length of the longest beginning of data that seems to
	// end with a record; 0 if none does. It may be wrong, which costs time
	// and nothing else.
	Cut func(data []byte) int
	// Offset and Line say where in the file the text begins.
	Offset int64
	Line   int
	// BlockSize is for tests; 0 means blockSize.
	BlockSize int
}

// Run parses the text of r and calls h in file order, never concurrently. It
// returns an error if the context ends or r cannot be read; damage of the
// file, compression included, goes to h. Where h is a record.BatchHandler, each worker
// has a part of its work done.
func Run(ctx context.Context, r io.Reader, job Job, h record.Handler) (Counts, error) {
	if job.BlockSize == 0 {
		job.BlockSize = blockSize
	}
	if job.Line == 0 {
		job.Line = 1
	}
	var (
		c   Counts
		end place
		err error
	)
	if job.Workers < 2 {
		c, end, err = runAlone(ctx, r, job, h)
	} else {
		c, end, err = runWorkers(ctx, r, job, h)
	}
	var corrupt *textfile.CorruptError
	if errors.As(err, &corrupt) {
		h.Damaged(record.Damage{File: job.File, Offset: end.offset, Line: end.line, What: corrupt.Error()})
		c.Damaged++
		err = nil
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("read %s: %w", job.File, err)
	}
	return c, err
}

// place is where the next block begins.
type place struct {
	offset int64
	line   int
	state  int
}

func (p place) block(data []byte, last bool) Block {
	return Block{Data: data, Offset: p.offset, Line: p.line, Last: last, State: p.state}
}

// pass goes on behind what was used, which has that many line ends; 0 if they
// are not counted yet.
func (p *place) pass(used []byte, state, lines int) {
	if lines == 0 {
		lines = bytes.Count(used, newline)
	}
	p.offset += int64(len(used))
	p.line += lines
	p.state = state
}

var newline = []byte{'\n'}

// firstBlock is how much is read before a file counts as large.
const firstBlock = 64 << 10

// errLeft guards against a parser that never gets on.
var errLeft = errors.New("a record was left that is longer than any may be")

func runAlone(ctx context.Context, r io.Reader, job Job, h record.Handler) (total Counts, at place, err error) {
	at = place{offset: job.Offset, line: job.Line}
	p := job.New()
	// Most files of a folder are small: a full buffer is made only for those
	// that fill the first.
	buf := make([]byte, min(job.BlockSize, firstBlock))
	n := 0
	for {
		if err := ctx.Err(); err != nil {
			return total, at, err
		}
		if n > MaxRecord {
			return total, at, errLeft
		}
		size := min(job.BlockSize, len(buf)-n)
		got, err := readFull(r, buf[n:n+size])
		n += got
		if err == nil && len(buf) < job.BlockSize+MaxRecord {
			buf = append(make([]byte, 0, job.BlockSize+MaxRecord), buf[:n]...)
			buf = buf[:cap(buf)]
			got, err = readFull(r, buf[n:job.BlockSize])
			n += got
		}
		used, state, c := p.Parse(at.block(buf[:n], err != nil), h)
		total.add(c)
		at.pass(buf[:used], state, c.Lines)
		n = copy(buf, buf[used:n])
		if errors.Is(err, io.EOF) {
			return total, at, nil
		}
		if err != nil {
			return total, at, err
		}
	}
}

// readFull fills p unless r ends; unlike io.ReadFull it keeps r's own error.
func readFull(r io.Reader, p []byte) (n int, err error) {
	idle := 0
	for n < len(p) && err == nil {
		var got int
		got, err = r.Read(p[n:])
		n += got
		if got > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			err = io.ErrNoProgress
		}
	}
	if n == len(p) {
		err = nil // it comes back with the next call
	}
	return n, err
}

// task is a block on its way from the reader over a worker to the delivery.
type task struct {
	data  []byte
	at    place
	last  bool
	err   error // why the text ends here, io.EOF included
	used  int
	state int
	c     Counts
	found finds
	done  chan struct{}
}

// runWorkers parses blocks on several cores as if each began at a record. If
// the block before it turns out to reach into a block, that block is parsed
// again, behind what was left: the outcome is that of runAlone. So is a block
// of which a worker found too much to keep until its turn.
func runWorkers(ctx context.Context, r io.Reader, job Job, h record.Handler) (total Counts, at place, err error) {
	ctx, cancel := context.WithCancel(ctx)
	inFlight := job.Workers + 14 // enough that nobody waits for a goroutine to be woken
	free := make(chan *task, inFlight)
	for range inFlight {
		free <- &task{found: newFinds(h)}
	}
	work := make(chan *task, inFlight)
	queue := make(chan *task, inFlight)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		defer close(work)
		defer close(queue)
		readTasks(ctx, r, job, free, func(t *task) {
			queue <- t // never blocks: there are no more tasks than places
			work <- t
		})
	})
	for range job.Workers {
		wg.Go(func() {
			p := job.New()
			for t := range work {
				if ctx.Err() == nil {
					t.found.reset()
					t.used, t.state, t.c = p.Parse(t.at.block(t.data, t.last), &t.found)
				}
				close(t.done)
			}
		})
	}

	at = place{offset: job.Offset, line: job.Line}
	own := job.New()
	var rest, joined []byte // what the block before left, and a buffer to join it
	for t := range queue {
		select {
		case <-t.done:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return total, at, err
		}
		data := t.data
		if len(rest) > 0 || at.state != 0 {
			if len(rest) > MaxRecord {
				return total, at, errLeft
			}
			joined = append(append(joined[:0], rest...), t.data...)
			data = joined
			t.used, t.state, t.c = own.Parse(at.block(data, t.last), h)
		} else if t.found.over {
			t.used, t.state, t.c = own.Parse(at.block(data, t.last), h)
		} else {
			t.found.part.Deliver()
		}
		total.add(t.c)
		at.pass(data[:t.used], t.state, t.c.Lines)
		rest = append(rest[:0], data[t.used:]...)
		if t.last {
			if errors.Is(t.err, io.EOF) {
				return total, at, nil
			}
			return total, at, t.err
		}
		free <- t
	}
	return total, at, ctx.Err()
}

// readTasks cuts the text into blocks and sends each, until the text ends.
func readTasks(ctx context.Context, r io.Reader, job Job, free <-chan *task, send func(*task)) {
	at := place{offset: job.Offset, line: job.Line}
	var carry []byte
	for {
		var t *task
		select {
		case t = <-free:
		case <-ctx.Done():
			return
		}
		t.data = append(t.data[:0], carry...)
		n := len(t.data)
		var got int
		var err error
		if size := firstBlock; at.offset == job.Offset && size < job.BlockSize {
			t.data = append(t.data, make([]byte, size)...)
			got, err = readFull(r, t.data[n:])
			n += got
			t.data = t.data[:n]
		}
		if err == nil {
			size := job.BlockSize - min(n, job.BlockSize-1)
			if cap(t.data) < n+size {
				t.data = append(make([]byte, 0, MaxRecord+job.BlockSize), t.data...)
			}
			got, err = readFull(r, t.data[n:n+size])
			t.data = t.data[:n+got]
		}
		t.last, t.err = err != nil, err
		if !t.last {
			cut := job.Cut(t.data)
			if cut <= 0 || cut < len(t.data)-MaxRecord {
				cut = len(t.data)
			}
			carry = append(carry[:0], t.data[cut:]...)
			t.data = t.data[:cut]
		}
		t.at = at
		at.pass(t.data, 0, 0)
		t.done = make(chan struct{})
		send(t)
		if t.last {
			return
		}
	}
}
