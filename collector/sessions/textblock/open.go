// Package textblock owns what the text forms of session logs share: opening a
// file whatever its compression and encoding, telling which form it holds,
// cutting the text into blocks that are parsed on several cores and delivered
// in file order, and the written forms of times and ids. It knows nothing of
// what an event means; the readers (eventxml, eventcsv, eventjson) bring the
// grammar.
package textblock

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
)

func (c Compression) String() string { return [...]string{"plain", "gzip", "zstd"}[c] }

// Encoding of the decompressed text.
type Encoding uint8

// The encodings that are read; all are handed on as UTF-8 without a mark.
const (
	UTF8 Encoding = iota
	UTF16LE
	UTF16BE
	Binary // an .evtx log: handed on byte for byte
)

func (e Encoding) String() string {
	return [...]string{"UTF-8", "UTF-16 LE", "UTF-16 BE", "binary"}[e]
}

// Form of a session log, by the first characters of its text.
type Form uint8

// The forms of session logs.
const (
	Unknown Form = iota
	Empty        // no text at all
	EVTX         // the binary log of Windows
	XML          // events as wevtutil writes them, or beneath a root element
	JSON         // one object a line, an array, or objects one after the other
	CSV          // a header line and rows
)

func (f Form) String() string {
	return [...]string{"unknown", "empty", "evtx", "xml", "json", "csv"}[f]
}

// maxWindow bounds what a zstd frame may ask us to keep. zstd's levels up to
// 19 stay at 8 MiB; only --ultra and --long go beyond.
const maxWindow = 64 << 20

// headSize is how much of the text is looked at to tell form and encoding.
const headSize = 4 << 10

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

// Stream is an opened file: reading it gives UTF-8 without a byte-order mark,
// or, for Binary, the bytes of the log as they are. Read reports damaged
// compression as *CorruptError after all bytes that are whole.
type Stream struct {
	Compression Compression
	Encoding    Encoding
	Form        Form

	r     io.Reader
	head  *bufio.Reader // where the head can be looked at
	close func()
}

// Head is up to n bytes of the beginning, as long as nothing was read.
func (s *Stream) Head(n int) []byte {
	if s.head == nil {
		return nil
	}
	head, _ := s.head.Peek(min(n, s.head.Size()))
	return head
}

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) { return s.r.Read(p) }

// Close frees the decompressor. It does not close the reader below.
func (s *Stream) Close() error {
	if s.close != nil {
		s.close()
		s.close = nil
	}
	return nil
}

// Open looks at the first bytes of r and undoes compression and encoding as
// the text is read, with memory that does not depend on the input. An error
// is returned only if r cannot be read, or compression is damaged before its
// first byte of text.
func Open(r io.Reader) (*Stream, error) {
	s := &Stream{}
	raw := bufio.NewReaderSize(r, 64<<10)
	magic, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the first bytes: %w", err)
	}
	var body io.Reader = raw
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		s.Compression = Gzip
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, &CorruptError{Gzip, err}
		}
		body = &decompressor{z, Gzip}
	case isZstd(magic):
		s.Compression = Zstd
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, &CorruptError{Zstd, err}
		}
		s.close = z.Close
		body = &decompressor{z, Zstd}
	}
	text := raw
	if s.Compression != Plain {
		text = bufio.NewReaderSize(body, 64<<10)
	}
	head, err := text.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		s.Close()
		return nil, err
	}
	if isEVTX(head) {
		s.Encoding, s.Form, s.r, s.head = Binary, EVTX, text, text
		return s, nil
	}
	mark := 0
	s.Encoding, mark = sniffEncoding(head)
	if _, err := text.Discard(mark); err != nil {
		s.Close()
		return nil, fmt.Errorf("read the first bytes: %w", err)
	}
	s.r = text
	if s.Encoding != UTF8 {
		text = bufio.NewReaderSize(newUTF16(text, s.Encoding == UTF16BE), 64<<10)
		s.r = text
	}
	head, err = text.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		s.Close()
		return nil, err
	}
	s.Form, s.head = Sniff(head), text
	return s, nil
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

func isEVTX(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ElfFile\x00")) || bytes.HasPrefix(head, []byte("ElfChnk\x00"))
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

// Sniff says which form a text has, by its head: some first hundred bytes of
// UTF-8 (or of an .evtx log).
func Sniff(head []byte) Form {
	if isEVTX(head) {
		return EVTX
	}
	head = bytes.TrimPrefix(head, []byte{0xef, 0xbb, 0xbf})
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	if len(trimmed) == 0 {
		return Empty
	}
	switch trimmed[0] {
	case '<':
		return XML
	case '{', '[':
		return JSON
	}
	line := trimmed
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	if bytes.HasPrefix(line, []byte("#TYPE ")) || bytes.HasPrefix(line, []byte("sep=")) {
		return CSV
	}
	if bytes.IndexByte(line, 0) < 0 && bytes.ContainsAny(line, ",;\t") {
		return CSV
	}
	return Unknown
}

// decompressor marks what a decompressor complains of as damage of the file.
type decompressor struct {
	r io.Reader
	c Compression
}

func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &CorruptError{d.c, err}
	}
	return n, err
}
