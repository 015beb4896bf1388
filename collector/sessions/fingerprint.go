package sessions

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"splameter/internal/digest"
)

const (
	wholeUpTo  = 1 << 20  // smaller files are hashed whole
	edge       = 64 << 10 // of the beginning and the end
	sampleSize = 4 << 10
	samples    = 16
	evtxHead   = 4096  // of an event log, before its chunks
	evtxChunk  = 65536 // each begins with its counts and checksums
	evtxPeek   = 512
)

// Fingerprint tells cheaply whether a log is one that was read before: the
// SHA-256 of its size with its first and last 64 KiB, 16 samples between
// them, and, of an event log, the head of each chunk, which holds the chunk's
// checksums. Files up to 1 MiB are hashed whole.
//
// It does not see a change that keeps the size of a text file above 1 MiB and
// falls between the samples: logs grow, or are written anew. Of an event log,
// which Windows lays out ahead and then fills, it sees every record.
func Fingerprint(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open the session log: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("open the session log: %w", err)
	}
	s, err := fingerprint(ctx, f, st.Size())
	if err != nil {
		return "", fmt.Errorf("read the session log %s: %w", path, err)
	}
	return s, nil
}

func fingerprint(ctx context.Context, r io.ReaderAt, size int64) (string, error) {
	sum := digest.New()
	_ = binary.Write(sum, binary.LittleEndian, size) // a hash takes everything
	buf := make([]byte, edge)
	add := func(off, n int64) error {
		for n > 0 {
			p := buf[:min(n, edge)]
			got, err := r.ReadAt(p, off)
			sum.Write(p[:got])
			if got < len(p) {
				if err == io.EOF { // the file was cut meanwhile: another one, next time
					return nil
				}
				return err
			}
			off, n = off+int64(got), n-int64(got)
		}
		return nil
	}
	if size <= wholeUpTo {
		if err := add(0, size); err != nil {
			return "", err
		}
		return sum.Hex(), nil
	}
	if err := add(0, edge); err != nil {
		return "", err
	}
	if bytes.HasPrefix(buf, []byte("ElfFile\x00")) {
		for off := int64(evtxHead); off+evtxPeek <= size; off += evtxChunk {
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			if err := add(off, evtxPeek); err != nil {
				return "", err
			}
		}
	}
	step := (size - 2*edge) / (samples + 1)
	for i := range int64(samples) {
		if err := add(edge+(i+1)*step, sampleSize); err != nil {
			return "", err
		}
	}
	if err := add(size-edge, edge); err != nil {
		return "", err
	}
	return sum.Hex(), nil
}
