// Package textblock owns what the text forms of session logs share: telling
// which form a file holds, cutting the text into blocks that are parsed on
// several cores and delivered in file order, and the written forms of times
// and ids. It knows nothing of what an event means; the readers (eventxml,
// eventcsv, eventjson) bring the grammar.
package textblock

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"splameter/internal/textfile"
)

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

// headSize is how much of the text is looked at to tell its form.
const headSize = 4 << 10

// Stream is an opened log: reading it gives text, or for EVTX the bytes of the
// log as they are.
type Stream struct {
	*textfile.Text
	Form Form
}

// Head is up to n bytes of the beginning, as long as nothing was read.
func (s *Stream) Head(n int) []byte {
	head, _ := s.Peek(min(n, s.Size()))
	return head
}

// Open opens a log as textfile does, and tells its form.
func Open(r io.Reader) (*Stream, error) {
	t, err := textfile.Open(r, headSize, isEVTX)
	if err != nil {
		return nil, err
	}
	if t.Encoding == textfile.Binary {
		return &Stream{t, EVTX}, nil
	}
	head, _ := t.Peek(headSize) // Open has seen that there is a beginning
	if isNumbered(head) {
		t.Reader = bufio.NewReaderSize(&numbered{in: t.Reader}, t.Reader.Size())
		head, _ = t.Peek(headSize)
	}
	form := Sniff(head)
	if form == CSV || form == Unknown {
		old(t)
	}
	return &Stream{t, form}, nil
}

// pageSize is how much of a text tells in which code page it is.
const pageSize = 64 << 10

// old decodes a table or text in an old code page: its beginning is no UTF-8,
// and where its letters lie tells Windows-1252 from the 850 of a command prompt.
func old(t *textfile.Text) {
	head, _ := t.Peek(min(pageSize, t.Size()))
	if whole(head) || bytes.IndexByte(head, 0) >= 0 || bytes.ContainsFunc(head, isWide) {
		return
	}
	t.Reader = bufio.NewReaderSize(transform.NewReader(t.Reader, textfile.CodePage(head).NewDecoder()), t.Size())
}

// whole says that a text is UTF-8, but for a last character that is cut.
func whole(head []byte) bool {
	for range utf8.UTFMax {
		if utf8.Valid(head) {
			return true
		}
		head = head[:len(head)-1]
	}
	return false
}

// isWide says that a character takes several bytes of UTF-8: a text that has
// one is no code page's, and what is broken in it is damage.
func isWide(r rune) bool { return r >= utf8.RuneSelf && r != utf8.RuneError }

// isNumbered says that a text begins as evtx_dump's does: Record 1, and the
// event on the lines behind it.
func isNumbered(head []byte) bool {
	line, rest, _ := bytes.Cut(head, []byte{'\n'})
	if !isNumber(line) {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && (rest[0] == '<' || rest[0] == '{')
}

func isNumber(line []byte) bool {
	number, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte("Record "))
	if !ok {
		return false
	}
	_, ok = Uint(number)
	return ok
}

// numbered leaves out the lines that number the records. Their ends stay, so
// that lines are counted as they stand in the file.
type numbered struct {
	in   *bufio.Reader
	left []byte
	part bool // left is the middle of a line
}

func (n *numbered) Read(p []byte) (int, error) {
	for len(n.left) == 0 {
		line, err := n.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if !n.part && (isNumber(line) || bytes.HasPrefix(line, []byte("<?xml "))) {
			line = line[len(line)-1:]
		}
		n.part = line[len(line)-1] != '\n'
		n.left = line
	}
	k := copy(p, n.left)
	n.left = n.left[k:]
	return k, nil
}

func isEVTX(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ElfFile\x00")) || bytes.HasPrefix(head, []byte("ElfChnk\x00"))
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
