// Package ldif reads the text form of a directory, RFC 2849, as a stream of
// lines with a meaning. It owns folding, base64, encodings and the signs that
// an export was cut; what the attributes mean it leaves to its caller.
package ldif

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"splameter/internal/safetext"
	"splameter/internal/textfile"
)

const (
	bufferSize = 64 << 10
	// maxLine bounds one attribute with its value, unfolded.
	maxLine = 16 << 20
	// keepRoom is how large a buffer stays from one value to the next.
	keepRoom = 1 << 20
)

// Kind is what an item says.
type Kind uint8

// The kinds of items. An entry is one Begin, its attributes, and one End.
const (
	Begin Kind = iota
	Attribute
	End
)

// Item is one line with a meaning. Its bytes are good until the next call of
// Next.
type Item struct {
	Kind    Kind
	Line    int    // where it begins, from 1
	Name    []byte // of an Attribute, in lower case, without options
	Options []byte // what follows the name's semicolon, in lower case
	Value   []byte // of an Attribute; of a Begin the distinguished name
}

// ErrCut is wrapped by every error that says an export is not whole.
var ErrCut = errors.New("the export is not whole")

// Error is a fault at a place in an export.
type Error struct {
	Line int
	Text string
	cut  bool
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Unwrap is ErrCut where the export is not whole.
func (e *Error) Unwrap() error {
	if e.cut {
		return ErrCut
	}
	return nil
}

// Reader reads one complete export.
type Reader struct {
	in    lines
	done  func()
	state state

	item    Item
	value   []byte // decoded base64
	count   int    // entries that ended
	search  bool   // ldapsearch announced a closing line
	records bool   // ldbsearch announced one
	closed  bool   // the closing line came
	tallied int    // entries that a closing line has counted
	next    ahead  // the entry that Ahead looked at
	adds    bool   // the open entry has changetype: add
	allAdd  bool   // so did the first
}

type state uint8

const (
	between state = iota // no entry is open
	within               // an entry is open
	trailer              // lines that a tool writes after the entries
	ended
)

// NewReader reads an export from r, plain or in gzip or zstd, in UTF-8 or
// UTF-16. Close frees what it holds; it does not close r.
func NewReader(r io.Reader) (*Reader, error) {
	in, err := textfile.Open(r, bufferSize, nil)
	if err != nil {
		return nil, cut(1, err.Error())
	}
	return &Reader{in: newLines(in), done: func() { _ = in.Close() }}, nil
}

// Another reads another export, with the room that this reader came to need. This
// one is closed.
func (r *Reader) Another(from io.Reader) (*Reader, error) {
	in, err := textfile.Open(from, bufferSize, nil)
	if err != nil {
		return nil, cut(1, err.Error())
	}
	room := r.in.r
	room.Reset(in)
	return &Reader{in: lines{r: room, below: in}, done: func() { _ = in.Close() }}, nil
}

// Close frees what the reader holds.
func (r *Reader) Close() { r.done() }

// Entries is how many entries were read to their end.
func (r *Reader) Entries() int { return r.count }

// Next returns the next item, or io.EOF after the last one of an export that
// is whole as far as an export can show it.
func (r *Reader) Next() (*Item, error) {
	for {
		line, number, err := r.in.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return r.end(number)
			}
			return nil, err
		}
		switch {
		case len(line) == 0:
			was := r.state
			r.state = between
			if was == within {
				if r.count == 0 {
					r.allAdd = r.adds
				} else if r.adds != r.allAdd {
					return nil, fault(number, "entries with and without changetype: add stand in one file; it is put together from several, export once")
				}
				r.count++
				r.item = Item{Kind: End, Line: number}
				return &r.item, nil
			}
			continue
		case line[0] == '#':
			r.next.spoilt = true
			if err := r.comment(line, number); err != nil {
				return nil, err
			}
			continue
		case line[0] == '-' && len(line) == 1:
			return nil, notExport(number)
		}
		it, err := r.attribute(line, number)
		if err != nil {
			return nil, err
		}
		if it != nil {
			return it, nil
		}
	}
}

// end judges how the file ends. An entry is over when an empty line says so;
// every exporter writes one after the last entry too, so a file without it
// was cut, even where the cut fell between two lines.
func (r *Reader) end(line int) (*Item, error) {
	switch {
	case r.in.unended:
		return nil, cut(line, "the file ends in the middle of a line")
	case r.state == within:
		return nil, cut(line, "the file ends within an entry, without the empty line that ends one; if the file is whole, add an empty line at its end")
	case r.search && !r.closed:
		return nil, cut(line, "the file lacks the closing lines of ldapsearch (# numEntries)")
	case r.records && !r.closed:
		return nil, cut(line, "the file lacks the closing line of ldbsearch (# returned … records)")
	}
	r.state = ended
	return nil, io.EOF
}

// attribute reads one line that is neither empty nor a comment. It returns no
// item for the lines that are no part of an entry.
func (r *Reader) attribute(line []byte, number int) (*Item, error) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return nil, fault(number, "an attribute's name and a colon should stand here, as in cn: name; is this an LDIF file?")
	}
	name := lower(line[:colon])
	var options []byte
	if i := bytes.IndexByte(name, ';'); i >= 0 {
		name, options = name[:i], name[i+1:]
	}
	for _, c := range name {
		if !inName[c] {
			return nil, fault(number, "what stands before the colon is no attribute's name; is this an LDIF file?")
		}
	}
	if len(name) == 0 {
		return nil, fault(number, "no attribute's name stands before the colon")
	}
	value, err := r.decode(line[colon+1:], number)
	if err != nil {
		return nil, err
	}
	if r.state == between {
		return r.begin(name, value, number)
	}
	if r.state == trailer {
		return nil, r.trailing(name, value, number)
	}
	switch string(name) {
	case "dn":
		return nil, fault(number, "a second dn stands in one entry; an empty line must end the entry before it")
	case "changetype":
		// ldifde writes changetype: add over every entry of an export.
		if r.adds || !bytes.EqualFold(bytes.TrimSpace(value), []byte("add")) {
			return nil, notExport(number)
		}
		r.adds = true
		return nil, nil
	case "control":
		return nil, notExport(number)
	}
	r.item = Item{Kind: Attribute, Line: number, Name: name, Options: options, Value: value}
	return &r.item, nil
}

// begin reads the first line of a paragraph.
func (r *Reader) begin(name, value []byte, number int) (*Item, error) {
	switch string(name) {
	case "dn":
		if !utf8.Valid(value) {
			return nil, fault(number, "the distinguished name is not UTF-8")
		}
		r.state, r.adds = within, false
		r.item = Item{Kind: Begin, Line: number, Value: value}
		return &r.item, nil
	case "version":
		if r.count > 0 || string(value) != "1" {
			return nil, fault(number, "only version: 1, at the top, is known")
		}
		return nil, nil
	case "search", "result", "ref":
		// What ldapsearch and ldbsearch write after the entries, and the
		// references to other servers, which are never followed.
		r.state = trailer
		return nil, r.trailing(name, value, number)
	}
	return nil, fault(number, "an entry must begin with dn:")
}

func (r *Reader) trailing(name, value []byte, number int) error {
	if string(name) == "result" {
		return result(value, number)
	}
	return nil
}

// result judges the line with which a server ended its answer. A server that
// stops at its limit says so here, and only here.
func result(value []byte, number int) error {
	if !bytes.HasPrefix(value, []byte("0 ")) && string(value) != "0" {
		return cut(number, "the server ended its answer with "+strconv.QuoteToASCII(safetext.Brief(string(value)))+"; search in pages (ldapsearch -E pr=1000/noprompt)")
	}
	return nil
}

// comment looks for what the exporting tools say of their own completeness.
func (r *Reader) comment(line []byte, number int) error {
	text := bytes.TrimSpace(line[1:])
	switch {
	case string(text) == "extended LDIF":
		r.search = true
	case string(text) == "record 1":
		r.records = true
	case bytes.HasPrefix(text, []byte("result: ")):
		return result(text[len("result: "):], number)
	case bytes.HasPrefix(text, []byte("numEntries: ")):
		r.closed = true
		return r.tally(text[len("numEntries: "):], number)
	case bytes.HasPrefix(text, []byte("returned ")) && bytes.HasSuffix(text, []byte(" records")):
		r.closed = true
	case r.records && bytes.HasSuffix(text, []byte(" entries")):
		return r.tally(bytes.TrimSuffix(text, []byte(" entries")), number)
	}
	return nil
}

// tally compares the tool's own count with the entries that were read.
func (r *Reader) tally(digits []byte, number int) error {
	n, err := strconv.Atoi(string(digits))
	have := r.count - r.tallied
	if err == nil && n != have && r.state != within {
		return cut(number, fmt.Sprintf("the closing line counts %d entries, but %d are in the file", n, have))
	}
	r.tallied = r.count
	return nil
}

// decode reads what follows a colon: text, base64 after a second colon, or
// the address of a file after <, which is never opened.
func (r *Reader) decode(v []byte, number int) ([]byte, error) {
	if len(v) == 0 {
		return v, nil
	}
	switch v[0] {
	case '<':
		return nil, fault(number, "the value stands in another file (:<), which is not opened; export values as text or base64")
	case ':':
		v = bytes.Trim(v[1:], " ")
		n := base64.StdEncoding.DecodedLen(len(v))
		if cap(r.value) < n || cap(r.value) > keepRoom && n < keepRoom {
			r.value = make([]byte, max(n, 1024))
		}
		n, err := base64.StdEncoding.Decode(r.value[:cap(r.value)], v)
		if err != nil {
			return nil, fault(number, "the value after the two colons is no whole base64")
		}
		return r.value[:n], nil
	}
	for len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	return v, nil
}

// inName are the bytes that an attribute's name is made of, in lower case.
var inName = func() (in [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyz0123456789-._") {
		in[c] = true
	}
	return in
}()

func lower(b []byte) []byte {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

func fault(line int, text string) error { return &Error{Line: line, Text: text} }

func cut(line int, text string) error {
	return &Error{Line: line, Text: ErrCut.Error() + ": " + text, cut: true}
}

func notExport(line int) error {
	return fault(line, "this file holds changes (changetype), not a complete export; export the entries themselves, with ldapsearch or ldifde")
}
