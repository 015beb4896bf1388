package ldif

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

// maxWindow bounds what a zstd file may make the reader remember.
const maxWindow = 64 << 20

// open undoes what an export may be wrapped in: gzip or zstd, told by the
// first bytes and not by the file's name, and within it UTF-16, as ldifde -u
// writes.
func open(r io.Reader) (io.Reader, func(), error) {
	br := bufio.NewReaderSize(r, bufferSize)
	head, err := br.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	done := func() {}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, fmt.Errorf("the file is not whole gzip: %w", err)
		}
		br = bufio.NewReaderSize(named{z, "gzip"}, bufferSize)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, nil, fmt.Errorf("the file is not whole zstd: %w", err)
		}
		done = z.Close
		br = bufio.NewReaderSize(named{z, "zstd"}, bufferSize)
	}
	head, err = br.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		done()
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = br.Discard(3) // peeked, so there
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		d := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		return d.Reader(br), done, nil
	}
	return br, done, nil
}

// named says which wrapping was damaged.
type named struct {
	r    io.Reader
	form string
}

func (n named) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the %s file is cut or damaged: %w", n.form, err)
	}
	return k, err
}
