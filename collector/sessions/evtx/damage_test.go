package evtx

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"splameter/collector/sessions/evtx/evtxtest"
)

var le = binary.LittleEndian

// chunkOf is the n-th chunk of a log, to be changed in place.
func chunkOf(log []byte, n int) []byte { return log[4096+n*65536:][:65536] }

// recordAt is the offset of the n-th record in a chunk.
func recordAt(chunk []byte, n int) int {
	at := 512
	for range n {
		at += int(le.Uint32(chunk[at+4:]))
	}
	return at
}

func recordsIn(chunk []byte) int {
	n := 0
	walk(chunk, 512, int(le.Uint32(chunk[48:])), func(int, int) { n++ })
	return n
}

// Each kind of damage loses what it hits, is told with its place, and leaves
// the rest of the file alone. The log has 3 or more chunks; the second is hit.
func TestDamageIsLocal(t *testing.T) {
	events := take(lsm(700), false)
	whole := evtxtest.Log(events, evtxtest.Options{})
	second := chunkOf(whole, 1)
	n0, n1 := recordsIn(chunkOf(whole, 0)), recordsIn(second)
	if len(whole) < 4096+4*65536 || n1 < 50 {
		t.Fatalf("the log is too small: %d bytes, %d records in its second chunk", len(whole), n1)
	}
	first1 := uint64(n0 + 1) // the first record of the second chunk
	const base = 4096 + 65536

	for _, c := range []struct {
		name    string
		change  func(log, chunk []byte) []byte
		missing []uint64 // records that are not read
		offset  int64    // of the first damage
		lost    int      // that it names
		what    string
	}{
		{"signature", func(log, c []byte) []byte { c[0] = 'X'; return log }, nil, base, 0, "does not begin with ElfChnk; its records have the right checksum"},
		{"signature and data", func(log, c []byte) []byte { c[0] = 'X'; c[700]++; return log }, span(first1, n1), base, n1, "no chunk"},
		{"header", func(log, c []byte) []byte { c[9]++; return log }, nil, base, 0, "checksum of the chunk's header"},
		{"checksum of the records", func(log, c []byte) []byte { c[52]++; evtxtest.Seal(c); return log }, nil, base, 0, "checksum of the chunk's records"},
		{"free space outside", func(log, c []byte) []byte { le.PutUint32(c[48:], 1<<31); return log }, nil, base, 0, "end outside"},
		{"record of size zero", func(log, c []byte) []byte {
			le.PutUint32(c[recordAt(c, 9)+4:], 0)
			evtxtest.SealRecords(c)
			return log
		}, span(first1+9, 1), base + int64(recordAt(second, 9)), 1, "no record"},
		{"copy of the size", func(log, c []byte) []byte {
			c[recordAt(c, 10)-1] = 9
			evtxtest.SealRecords(c)
			return log
		}, span(first1+9, 1), base + int64(recordAt(second, 9)), 1, "no record"},
		{"the last record's signature", func(log, c []byte) []byte {
			c[recordAt(c, n1-1)] = 0
			evtxtest.SealRecords(c)
			return log
		}, span(first1+uint64(n1)-1, 1), base + int64(recordAt(second, n1-1)), 1, "cannot be followed"},
		{"zeros", func(log, c []byte) []byte { clear(c); return log }, span(first1, n1), base, 0, "all zero"},
		{"cut off in a record", func(log, c []byte) []byte { return log[:base+recordAt(c, 30)+100] }, append(span(first1+30, n1-30), span(first1+uint64(n1), 700-n0-n1)...), base + int64(recordAt(second, 30)), n1 - 30, "cut off inside this chunk"},
		{"cut off in a header", func(log, c []byte) []byte { return log[:base+100] }, span(first1, 700-n0), base, 0, "cut off inside the header"},
		{"cut off between chunks", func(log, c []byte) []byte { return log[:base] }, span(first1, 700-n0), base, 0, "are there; copy the log again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := bytes.Clone(whole)
			log = c.change(log, chunkOf(log, 1))
			var want []uint64
			for id := uint64(1); id <= 700; id++ {
				if !slices.Contains(c.missing, id) {
					want = append(want, id)
				}
			}
			check := func(way string, g gatherer) {
				t.Helper()
				var got []uint64
				for _, r := range g.records {
					got = append(got, r.ID)
				}
				if !slices.Equal(want, got) {
					t.Errorf("%s: read %d records, want %d", way, len(got), len(want))
				}
				if len(g.damages) == 0 {
					t.Fatalf("%s: no damage told", way)
				}
				d := g.damages[0]
				if d.Offset != c.offset || d.Lost != c.lost || !strings.Contains(d.What, c.what) || d.File == "" {
					t.Errorf("%s: damage %+v, want offset %d, lost %d, %q", way, d, c.offset, c.lost, c.what)
				}
			}
			for _, workers := range []int{1, 2} {
				g, _ := gather(t, log, Options{Workers: workers})
				check("read", g)
			}
			var g gatherer
			if _, err := ReadStream(t.Context(), bytes.NewReader(log), "x", Options{}, &g); err != nil {
				t.Fatal(err)
			}
			check("as a stream", g)
		})
	}
}

func span(first uint64, n int) []uint64 {
	var ids []uint64
	for i := range n {
		ids = append(ids, first+uint64(i))
	}
	return ids
}

// nextIs makes the file's header tell of another next record.
func nextIs(log []byte, id uint64) {
	le.PutUint64(log[24:], id)
	le.PutUint32(log[124:], crc32.ChecksumIEEE(log[:120]))
}

// The last chunk of a log lies in zeros, as chunks do that are allocated ahead:
// the header's next record tells what is lost. That of a live log tells of an
// earlier moment, and says nothing.
func TestZerosAtTheEnd(t *testing.T) {
	log := evtxtest.Log(take(lsm(1000), false), evtxtest.Options{})
	last := len(log)/chunkSize - 1
	first := le.Uint64(chunkOf(log, last)[chunkHeaderSize+8:])
	clear(chunkOf(log, last))
	g, info := gather(t, log, Options{})
	if want := int(1000 - first + 1); len(g.damages) != 1 || g.damages[0].Lost != want || g.damages[0].GoesOn || info.Last.ID != first-1 {
		t.Errorf("%+v, last record %d; want %d lost behind %d", g.damages, info.Last.ID, want, first-1)
	}
	nextIs(log, 7)
	if g, _ := gather(t, log, Options{}); len(g.damages) != 0 {
		t.Errorf("%+v", g.damages)
	}
}

// What lies behind the free-space offset is from earlier use of the chunk,
// however whole it looks: here the last ten records.
func TestSlackIsNoEvidence(t *testing.T) {
	log := evtxtest.Log(take(lsm(100), false), evtxtest.Options{})
	c := chunkOf(log, 0)
	n := recordsIn(c)
	le.PutUint32(c[48:], uint32(recordAt(c, n-10)))
	evtxtest.SealRecords(c)
	nextIs(log, 91)
	g, info := gather(t, log, Options{})
	if info.Records != 90 || len(g.records) != 90 || len(g.damages) != 0 {
		t.Errorf("%+v, %d records, %v; want 90 of %d", info, len(g.records), g.damages, n)
	}
	// With an offset that cannot be true, older records behind newer ones end the chunk.
	log = evtxtest.Log(take(lsm(100), false), evtxtest.Options{})
	c = chunkOf(log, 0)
	for i := n - 10; i < n; i++ {
		le.PutUint64(c[recordAt(c, i)+8:], uint64(i-60))
	}
	le.PutUint32(c[48:], 3)
	evtxtest.Seal(c)
	g, info = gather(t, log, Options{})
	if info.Records != 90 || len(g.records) != 90 || len(g.damages) == 0 {
		t.Errorf("with a wrong offset: %+v, %d records, %v", info, len(g.records), g.damages)
	}
}

func TestNoLog(t *testing.T) {
	for _, b := range []string{"", "ElfFil", "not a log at all, but long enough to hold a header"} {
		var g gatherer
		if _, err := Read(t.Context(), strings.NewReader(b), int64(len(b)), "x.evtx", Options{}, &g); err == nil || !strings.Contains(err.Error(), "not a Windows event log") {
			t.Errorf("%q: %v", b, err)
		}
	}
	log := evtxtest.Log(take(lsm(5), false), evtxtest.Options{})
	if !Sniff(log) || Sniff(log[1:]) || Sniff(nil) {
		t.Error("Sniff")
	}
	for _, n := range []int{100, 4000, 4096} { // only the header, or less
		g, info := gather(t, log[:n], Options{})
		if len(g.records) != 0 || info.Damaged == 0 {
			t.Errorf("cut at %d: %+v, %v", n, info, g.damages)
		}
	}
	log[100]++ // in the file's header
	g, _ := gather(t, log, Options{})
	if len(g.records) != 5 || len(g.damages) != 1 {
		t.Errorf("header: %d records, %v", len(g.records), g.damages)
	}
}

// failing returns its error after so many bytes.
type failing struct {
	log []byte
	at  int64
	err error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.at {
		return 0, f.err
	}
	return copy(p, f.log[off:]), nil
}

func TestReadErrors(t *testing.T) {
	log := evtxtest.Log(take(lsm(2000), false), evtxtest.Options{})
	bad := errors.New("the disk is on fire")
	for _, workers := range []int{1, 2} {
		var g gatherer
		if _, err := Read(t.Context(), failing{log, 4096 + 5*65536, bad}, int64(len(log)), "x", Options{Workers: workers}, &g); !errors.Is(err, bad) {
			t.Errorf("%d workers: %v", workers, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var n atomic.Int32 // the filter is called by all workers
		_, err := Read(ctx, bytes.NewReader(log), int64(len(log)), "x", Options{Workers: workers, Filter: func([]byte, uint32) bool {
			if n.Add(1) == 300 && workers == 1 {
				cancel()
			}
			return true
		}}, &g)
		cancel()
		if workers == 1 && !errors.Is(err, context.Canceled) || workers == 2 && err != nil {
			t.Errorf("%d workers: %v", workers, err)
		}
		if _, err := Read(ctx, bytes.NewReader(log), int64(len(log)), "x", Options{Workers: workers}, &g); !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers, cancelled before: %v", workers, err)
		}
	}
	// A compressed log whose stream breaks off: what came before is whole.
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(log)
	w.Close()
	for _, cut := range []int{z.Len() / 2, z.Len() - 9} {
		r, err := gzip.NewReader(bytes.NewReader(z.Bytes()[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		var g gatherer
		info, err := ReadStream(t.Context(), r, "x.gz", Options{}, &g)
		if err != nil || info.Damaged == 0 || len(g.records) == 0 {
			t.Errorf("cut at %d of %d: %v %+v, %d records", cut, z.Len(), err, info, len(g.records))
		}
	}
	var g gatherer
	_, err := ReadStream(t.Context(), io.MultiReader(bytes.NewReader(log[:4096+65536+60000]), iotestErr{bad}), "x", Options{}, &g)
	if !errors.Is(err, bad) || len(g.records) < recordsIn(chunkOf(log, 0)) {
		t.Errorf("stream: %v, %d records", err, len(g.records))
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }
