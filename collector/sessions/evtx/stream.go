package evtx

import (
	"context"
	"errors"
	"fmt"
	"io"

	"splameter/collector/sessions/record"
)

// ReadStream reads a log of which only a stream exists, as inside a compressed
// file, one chunk at a time. Records come in the order of the file: nothing is
// sorted, so in a log that went round the newest may come before the oldest.
// Everything else is as in Read; opt.Workers is not used.
//
// A stream that breaks off with io.ErrUnexpectedEOF is a log that is cut off.
// After any other error, what had been read whole is delivered first.
func ReadStream(ctx context.Context, r io.Reader, name string, opt Options, h record.Handler) (Info, error) {
	d := &delivery{name: name, h: h}
	head := make([]byte, fileHeaderSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !ends(err) {
		return d.info, fmt.Errorf("read the header of event log %s: %w", name, err)
	}
	if err := d.fileHeader(head[:n]); err != nil {
		return d.info, err
	}
	var (
		dec   = newDecoder(opt.Filter)
		buf   = make([]byte, chunkSize)
		b     batch
		off   = int64(n)
		empty int64 // all-zero slots so far, told of only if a chunk follows
	)
	for err == nil {
		if err := ctx.Err(); err != nil {
			return d.info, fmt.Errorf("read event log %s: %w", name, err)
		}
		n, err = io.ReadFull(r, buf)
		if n == 0 {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				d.damage(record.Damage{Offset: off, What: "the stream breaks off here, between two chunks; whatever followed is missing"})
			}
			break
		}
		b.reset()
		if allZero(buf[:n]) {
			empty++
		} else {
			if empty > 0 {
				b.emptySlot(off-empty*chunkSize, empty)
				empty = 0
			}
			dec.chunk(buf[:n], off, &b)
			d.batch(&b)
		}
		off += int64(n)
	}
	if !ends(err) {
		return d.info, fmt.Errorf("read event log %s: after %d bytes: %w", name, off, err)
	}
	d.slots(off)
	return d.info, nil
}

// ends tells whether a stream is at its end, be it an early one.
func ends(err error) bool { return err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) }
