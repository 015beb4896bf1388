package inventory

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"splameter/collector/forms"
	"splameter/internal/textfile"
)

// input is a file as lines of UTF-8, whatever its compression and encoding.
type input struct {
	ctx   context.Context
	notes *notices
	r     io.Reader // the file itself
	*textfile.Text
	wide bool // decoded from UTF-16: a replacement character is damage

	member string // the file in an archive that this is

	line  int // of the line that next returned last
	size  int64
	buf   []byte
	back  []heldLine // lines given back, next first
	ended error      // what ended the reading; io.EOF or a failure

	ansiLine, ansiCount int              // lines that were not UTF-8
	page                *charmap.Charmap // what they were taken as
}

func open(ctx context.Context, r io.Reader, notes *notices) (*input, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	head := bufio.NewReaderSize(r, 4<<10)
	whole, member := r, ""
	if magic, _ := head.Peek(4); string(magic) == "PK\x03\x04" {
		text, name, err := unfold(head)
		if err != nil {
			return nil, err
		}
		member = name
		whole, r = nil, bytes.NewReader(text) // how large the file is, says nothing of it
	} else {
		r = head
	}
	t, err := textfile.Open(r, forms.HeadSize, nil)
	if err != nil {
		var corrupt *textfile.CorruptError
		if errors.As(err, &corrupt) {
			return nil, fmt.Errorf("it cannot be unpacked from the start: %w; copy or export it again", err)
		}
		return nil, err
	}
	in := &input{ctx: ctx, notes: notes, r: whole, Text: t, wide: t.Encoding != textfile.UTF8, member: member}
	if head := in.peek(); !utf8.Valid(head) && bytes.ContainsFunc(head, func(r rune) bool { return r == utf8.RuneError }) {
		in.page = textfile.CodePage(head)
	}
	return in, nil
}

// pageName is what a code page is called.
func pageName(page *charmap.Charmap) string {
	if page == charmap.CodePage850 {
		return "code page 850, as a command prompt writes it"
	}
	return "Windows-1252"
}

// peek is the beginning of the text, for telling the form.
func (in *input) peek() []byte {
	head, _ := in.Peek(forms.HeadSize)
	return head
}

// failure is why the input ended, if not by its end: the source could not be
// read, the file is too large, or the context ended.
func (in *input) failure() error {
	switch {
	case in.ended == nil || in.ended == io.EOF:
		return nil
	}
	return in.ended
}

// nothing is why no text could be read at all.
func (in *input) nothing() error {
	for in.next() != nil {
	}
	if err := in.failure(); err != nil {
		return err
	}
	if in.notes.count[CodeDamaged] > 0 {
		return errors.New("its compression is damaged from the start; copy or export it again")
	}
	return errEmpty
}

// next returns the next line without its end, valid until the next call; nil
// at the end. A line that is too long is a notice, and left out.
func (in *input) next() []byte {
	if n := len(in.back); n > 0 {
		held := in.back[0]
		in.back = in.back[1:]
		in.line = held.line
		return held.text
	}
	for in.ended == nil {
		if in.line&1023 == 0 {
			if err := in.ctx.Err(); err != nil {
				in.ended = err
				break
			}
		}
		b, tooLong, err := in.readLine()
		if err != nil {
			in.end(err)
			if len(b) == 0 {
				break
			}
		}
		in.line++
		if in.size > maxText {
			in.ended = fmt.Errorf("it holds more than %d MiB of text; split the export", maxText>>20)
			break
		}
		if tooLong {
			in.notes.damage(in.line, "line longer than %d KiB: left out", maxLine>>10)
			continue
		}
		return in.decoded(b)
	}
	return nil
}

// readLine reads up to a line feed. The bytes are valid until the next call.
func (in *input) readLine() (b []byte, tooLong bool, err error) {
	b, err = in.ReadSlice('\n')
	in.size += int64(len(b))
	if err == bufio.ErrBufferFull {
		in.buf = append(in.buf[:0], b...)
		for err == bufio.ErrBufferFull && in.size <= maxText {
			b, err = in.ReadSlice('\n')
			in.size += int64(len(b))
			if len(in.buf)+len(b) > maxLine {
				tooLong = true
				continue
			}
			in.buf = append(in.buf, b...)
		}
		b = in.buf
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	if b == nil {
		b = []byte{}
	}
	return b, tooLong, err
}

// end notes how the text ended. Damaged compression loses only what follows.
func (in *input) end(err error) {
	var corrupt *textfile.CorruptError
	switch {
	case err == io.EOF:
		in.ended = io.EOF
	case err == bufio.ErrBufferFull: // given up within a line, for size
	case errors.As(err, &corrupt):
		in.ended = io.EOF
		in.notes.damage(in.line+1, "%v; copy or export it again", err)
	default:
		in.ended = err
	}
}

// decoded makes sure of UTF-8. A line that is none is taken as of the code page
// that the beginning of the text, or the first such line, proves.
func (in *input) decoded(b []byte) []byte {
	if in.wide {
		if bytes.ContainsRune(b, utf8.RuneError) {
			in.notes.damage(in.line, "text that is not valid UTF-16: characters are lost in this line")
		}
		return b
	}
	if utf8.Valid(b) {
		return b
	}
	if in.ansiCount++; in.ansiCount == 1 {
		in.ansiLine = in.line
		if in.page == nil {
			in.page = textfile.CodePage(b)
		}
	}
	out, err := in.page.NewDecoder().Bytes(b)
	if err != nil { // cannot be: every byte has a character
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}

// heldLine is a line with its place, kept beyond the next reading.
type heldLine struct {
	text []byte
	line int
}

// giveBack returns lines that were read ahead, the oldest first, to be read
// again.
func (in *input) giveBack(lines []heldLine) {
	in.back = append(append([]heldLine{}, lines...), in.back...)
}

// done says the last of it: notices that cover the whole file, and whether
// the reading must be given up.
func (in *input) done() error {
	if in.ansiCount > 0 {
		in.notes.add(CodeEncoding, "", in.ansiLine,
			"%d lines are not UTF-8 and were taken as %s; export as UTF-8 to be sure of names with accents", in.ansiCount, pageName(in.page))
		in.ansiCount = 0
	}
	return in.failure()
}

var errTooMany = errors.New("too many rows")

func tooManyRows() error {
	return fmt.Errorf("%w: more than %d; split the export", errTooMany, maxRows)
}
