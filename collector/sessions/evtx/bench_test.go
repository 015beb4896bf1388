package evtx

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
)

// benchEvents gives logs of some 70 MB: beyond any cache, small enough for a
// laptop. SPLAMETER_BENCH_EVTX names another LocalSessionManager log to read.
const benchEvents = 120_000

func benchLog(b *testing.B, security bool) string {
	b.Helper()
	if path := os.Getenv("SPLAMETER_BENCH_EVTX"); path != "" && !security {
		return path
	}
	m := evtxtest.Made{Events: benchEvents, Users: 400, Seed: 1, Host: "RDSH-A01.hosting.example", Start: start, Step: 1e8}
	path := filepath.Join(b.TempDir(), "bench.evtx")
	seq := m.LocalSessions()
	if security {
		seq = m.SecurityLog()
	}
	if _, err := evtxtest.Write(path, seq, evtxtest.Options{}); err != nil {
		b.Fatal(err)
	}
	return path
}

func benchBytes(b *testing.B) []byte {
	b.Helper()
	log, err := os.ReadFile(benchLog(b, false))
	if err != nil {
		b.Fatal(err)
	}
	return log
}

// counter uses what a caller would look at first.
type counter struct{ records, bytes int }

func (c *counter) Record(r *record.Record) {
	c.records++
	for i := range r.Fields {
		c.bytes += len(r.Fields[i].Value)
	}
}

func (c *counter) Damaged(record.Damage) {}

func benchRead(b *testing.B, path string, workers int) {
	f, size := openLog(b, path)
	b.SetBytes(size)
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		var c counter
		info, err := Read(context.Background(), f, size, "bench.evtx", Options{Filter: sessionsOnly, Workers: workers}, &c)
		if err != nil || info.Damaged != 0 || c.records == 0 {
			b.Fatal(err, info, c)
		}
		events += info.Records
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkLSM(b *testing.B) {
	log := benchLog(b, false)
	b.Run("workers=1", func(b *testing.B) { benchRead(b, log, 1) })
	b.Run("workers=2", func(b *testing.B) { benchRead(b, log, 2) })
}

func BenchmarkSecurity(b *testing.B) {
	log := benchLog(b, true)
	b.Run("workers=1", func(b *testing.B) { benchRead(b, log, 1) })
	b.Run("workers=2", func(b *testing.B) { benchRead(b, log, 2) })
}

// BenchmarkSHA256 is the yardstick: the same bytes, hashed.
func BenchmarkSHA256(b *testing.B) {
	log := benchBytes(b)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		sha256.Sum256(log)
	}
}

// BenchmarkWalk is the limit: chunks and records with their checksums, nothing decoded.
func BenchmarkWalk(b *testing.B) {
	log := benchBytes(b)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		n := 0
		for at := fileHeaderSize; at < len(log); at += chunkSize {
			c := log[at : at+chunkSize]
			free := int(binary.LittleEndian.Uint32(c[48:]))
			if crc32.ChecksumIEEE(c[chunkHeaderSize:free]) != binary.LittleEndian.Uint32(c[52:]) || !readChunkHeader(c).sound {
				b.Fatal("a checksum is wrong")
			}
			walk(c, chunkHeaderSize, free, func(int, int) { n++ })
		}
		if n == 0 {
			b.Fatal("no records")
		}
	}
}
