package textblock

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"runtime"
	"strconv"
	"testing"

	"splameter/collector/sessions/record"
)

// rows is a parser of which every line is broken but those that begin with an
// r, which are records with their line as a field.
type rows struct{}

func (rows) Parse(b Block, out record.Handler) (used, state int, c Counts) {
	line := b.Line
	for used < len(b.Data) {
		n := bytes.IndexByte(b.Data[used:], '\n') + 1
		if n == 0 && !b.Last {
			return used, 0, c
		}
		if n == 0 {
			n = len(b.Data) - used
		}
		if b.Data[used] == 'r' {
			c.Records++
			out.Record(&record.Record{Line: line, Fields: []record.Field{{Name: []byte("Row"), Value: b.Data[used : used+n]}}})
		} else {
			c.Damaged++
			out.Damaged(record.Damage{Offset: b.Offset + int64(used), Line: line, What: "line " + strconv.Itoa(line) + " is broken"})
		}
		used += n
		line++
	}
	return used, 0, c
}

// digest is a handler that keeps nothing but a sum of what it was given, and
// how high the heap stood meanwhile.
type digest struct {
	sum  io.Writer
	buf  []byte
	seen int
	peak uint64
}

func (d *digest) note(n int64, s []byte) {
	d.buf = append(strconv.AppendInt(append(d.buf[:0], s...), n, 10), '\n')
	d.sum.Write(d.buf)
	if d.seen++; d.seen%(1<<18) == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		d.peak = max(d.peak, m.HeapSys-m.HeapReleased)
	}
}

func (d *digest) Record(r *record.Record) { d.note(int64(r.Line), r.Fields[0].Value) }
func (d *digest) Damaged(g record.Damage) { d.note(g.Offset, []byte(g.What)) }

// A file of nothing but broken rows takes no more memory on several cores than
// bounded batches do, and says the same as on one. 4 MiB of two bytes a row are
// 2,097,152 damages; a batch that keeps a block of them whole holds 524,288 of
// more than 200 bytes, and four of them take over 400 MiB.
func TestBatchesAreBounded(t *testing.T) {
	const size = 4 << 20
	text := func() io.Reader {
		return io.MultiReader(
			io.LimitReader(&cycle{text: "x\n"}, size),
			io.LimitReader(&cycle{text: "r: a whole row of some length, as they are in a log, with its values, and more\n"}, 1<<20),
			io.LimitReader(&cycle{text: "y\nr\n"}, 1<<20),
		)
	}
	var sums []string
	for _, workers := range []int{1, 2} {
		runtime.GC()
		h := fnv.New64a()
		d := &digest{sum: h}
		c, err := Run(t.Context(), text(), Job{File: "f", Workers: workers, New: func() Parser { return rows{} },
			Cut: func(b []byte) int { return bytes.LastIndexByte(b, '\n') + 1 }}, d)
		if err != nil {
			t.Fatal(err)
		}
		if c.Damaged < size/2 {
			t.Errorf("%d workers: %d damages were counted", workers, c.Damaged)
		}
		if d.peak > 150<<20 {
			t.Errorf("%d workers: the heap came to %d MiB", workers, d.peak>>20)
		}
		sums = append(sums, fmt.Sprintf("%x %+v", h.Sum(nil), c))
	}
	if sums[0] != sums[1] {
		t.Errorf("the outcomes of 1 and 2 workers differ: %q", sums)
	}
}

// cycle is a text that comes again and again.
type cycle struct {
	text string
	at   int
}

func (c *cycle) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		k := copy(p[n:], c.text[c.at:])
		n, c.at = n+k, (c.at+k)%len(c.text)
	}
	return len(p), nil
}
