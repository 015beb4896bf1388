// Package textfile opens a text that somebody else wrote, whatever its
// compression and encoding, as UTF-8 without a byte-order mark. It owns that
// one way, and the limits that keep a hostile file from taking memory; what
// the text says is for its readers.
package textfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression of a file, found by its first bytes and never by its name.
type Compression uint8

// The compressions that are undone.
const (
	Plain Compression = iota
	Gzip
	Zstd
	Archive // a member of a zip or tar
)

func (c Compression) String() string { return [...]string{"plain", "gzip", "zstd", "archive"}[c] }

// Encoding of the decompressed text.
type Encoding uint8

// The encodings that are read; all are handed on as UTF-8 without a mark.
const (
	UTF8 Encoding = iota
	UTF16LE
	UTF16BE
	Binary // no text: handed on byte for byte
)

func (e Encoding) String() string {
	return [...]string{"UTF-8", "UTF-16 LE", "UTF-16 BE", "binary"}[e]
}

// maxWindow bounds what a zstd frame may ask us to keep. zstd's levels up to
// 19 stay at 8 MiB; only --ultra and --long go beyond.
const maxWindow = 64 << 20

// CorruptError says that compressed data could not be undone any further.
// What came before it is whole.
type CorruptError struct {
	Compression Compression
	Err         error
}

func (e *CorruptError) Error() string {
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("the %s data ends early (the file may still be written): what follows is unknown", e.Compression)
	}
	if errors.Is(e.Err, zstd.ErrWindowSizeExceeded) || errors.Is(e.Err, zstd.ErrDecoderSizeExceeded) {
		return fmt.Sprintf("the zstd data needs more than %d MiB of memory to be undone: compress it with a level up to 19, without --long", maxWindow>>20)
	}
	return fmt.Sprintf("the %s data is damaged (%v): what follows could not be read", e.Compression, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// Text is an opened text: reading it gives UTF-8 without a byte-order mark, or,
// for Binary, the bytes as they are. Read reports damaged compression as
// *CorruptError after all bytes that are whole; an error of the reader below
// comes as it is.
type Text struct {
	*bufio.Reader
	Compression Compression
	Encoding    Encoding

	close func()
}

// Close frees the decompressor. It does not close the reader below.
func (t *Text) Close() error {
	if t.close != nil {
		t.close()
		t.close = nil
	}
	return nil
}

// Open looks at the first bytes of r and undoes compression and encoding as
// the text is read, with memory that does not depend on the input. Of the text
// at least head bytes can be peeked at. binary, if it is not nil, says by such
// a head whether this is no text at all. An error is returned only if r cannot
// be read, or compression is damaged before its first byte of text.
func Open(r io.Reader, head int, binary func(head []byte) bool) (*Text, error) {
	t := &Text{}
	size := max(head, bufferSize)
	below := &source{r: r}
	raw := bufio.NewReaderSize(below, size)
	magic, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the first bytes: %w", err)
	}
	t.Reader = raw
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		t.Compression = Gzip
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, below.cause(Gzip, err)
		}
		t.Reader = bufio.NewReaderSize(&decompressor{z, Gzip, below}, size)
	case isZstd(magic):
		t.Compression = Zstd
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, below.cause(Zstd, err)
		}
		t.close = z.Close
		t.Reader = bufio.NewReaderSize(&decompressor{z, Zstd, below}, size)
	}
	begin, err := t.begin(max(head, 4<<10))
	if err != nil {
		return nil, err
	}
	if binary != nil && binary(begin) {
		t.Encoding = Binary
		return t, nil
	}
	var mark int
	t.Encoding, mark = sniffEncoding(begin)
	_, _ = t.Discard(mark) // peeked, so there
	if t.Encoding == UTF8 {
		return t, nil
	}
	t.Reader = bufio.NewReaderSize(newUTF16(t.Reader, t.Encoding == UTF16BE), size)
	if _, err := t.begin(1); err != nil {
		return nil, err
	}
	return t, nil
}

// bufferSize is how much is read at once.
const bufferSize = 64 << 10

// begin is the head of the text, unless none of it can be read.
func (t *Text) begin(n int) ([]byte, error) {
	head, err := t.Peek(n)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		_ = t.Close()
		return nil, err
	}
	return head, nil
}

func isZstd(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	if b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd {
		return true
	}
	return b[0]&0xf0 == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18 // skippable frame
}

// sniffEncoding tells the encoding by its byte-order mark, or, without one, by
// where the zero bytes of the first characters stand: the forms that are read
// begin with ASCII.
func sniffEncoding(head []byte) (e Encoding, mark int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return UTF8, 3
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return UTF16LE, 2
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return UTF16BE, 2
	}
	n := min(len(head)&^1, 256)
	le, be := 0, 0
	for i := 0; i < n; i += 2 {
		switch {
		case head[i] != 0 && head[i+1] == 0:
			le++
		case head[i] == 0 && head[i+1] != 0:
			be++
		}
	}
	if n >= 2 && head[0] != 0 && le > n/4 {
		return UTF16LE, 0
	}
	if n >= 2 && head[1] != 0 && be > n/4 {
		return UTF16BE, 0
	}
	return UTF8, 0
}

// source remembers whether reading the file itself failed, which is no damage
// of what it holds.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// cause is what a decompressor's complaint means.
func (s *source) cause(c Compression, err error) error {
	if s.err != nil {
		return s.err
	}
	return &CorruptError{c, err}
}

// decompressor marks what a decompressor complains of as damage of the file.
type decompressor struct {
	r     io.Reader
	c     Compression
	below *source
}

func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = d.below.cause(d.c, err)
	}
	return n, err
}
