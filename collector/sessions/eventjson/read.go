// Package eventjson reads Windows events from JSON: Winlogbeat 7 and later,
// the flat Winlogbeat 6, NXLog, and Get-WinEvent through ConvertTo-Json; as
// lines, as an array, or as objects one after the other. It owns where each of
// them puts the parts of an event, and leaves the event's meaning to package
// sessions.
//
// A walker goes over each object once, follows the nesting (a key counts only
// in the object where it belongs) and decodes no value that is not asked for.
// Most objects of a file differ from an earlier one in their values alone:
// those are read by its layout, which is compared byte for byte.
package eventjson

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"splameter/collector/forms"
	"splameter/collector/sessions/embedded"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// Options of a reading. The zero value wants all events, on one core.
type Options struct {
	Filter  record.Filter // which events are wanted; called from several goroutines if Workers > 1
	Workers int           // cores to parse on; less than 2 parses as it reads

	// Zone is that of times without offset: NXLog's EventTime is local time
	// of the collector. If it is nil, such times are read as UTC, and the
	// file gets one damage that says so.
	Zone *time.Location

	// Order, Dates and Form are as eventcsv's.
	Order textblock.Order
	Dates *textblock.Dates
	Form  *forms.Form
	// Polled is as eventcsv's.
	Polled int64
}

// Info is what a reading saw.
type Info struct {
	Records    int // events seen, wanted or not
	Damaged    int // damages reported
	Foreign    int // whole objects that are no Windows event
	LocalTimes int // wanted events whose time had no offset
}

// Read reads all objects of r, which is text as textblock.Open gives it, and
// calls h in file order, never concurrently, whatever opt.Workers is.
//
// Fields are: of Winlogbeat, the leaves of user_data (without xml_name) or
// event_data; of NXLog, the members that are not its own; of Get-WinEvent, the
// Properties under the names that the event's template gives them. Where the
// values of a LocalSessionManager event or of 1149 stand only in the rendered
// text (NXLog, Get-WinEvent without Properties), package message reads it, and
// the logging account (AccountName, UserID) is not taken for the user. A
// number keeps the form it is written in.
//
// A broken object is lost alone and reported; reading goes on with the next
// line that begins an object. The error is that of ctx or of r.
func Read(ctx context.Context, r io.Reader, name string, opt Options, h record.Handler) (Info, error) {
	c, err := textblock.Run(ctx, unwrapped(r), textblock.Job{
		File:    name,
		Workers: opt.Workers,
		New: func() textblock.Parser {
			return &parser{file: name, opt: opt, form: namesOf(opt.Form)}
		},
		Cut: cut,
	}, h)
	info := Info{Records: c.Records, Damaged: c.Damaged, Foreign: c.Foreign, LocalTimes: c.Local}
	if err != nil {
		return info, err
	}
	whole := func(what string) {
		h.Damaged(record.Damage{File: name, Offset: -1, What: what})
		info.Damaged++
	}
	if c.Local > 0 && opt.Zone == nil {
		whole(fmt.Sprintf("%d events have a time without offset, and no zone is given for this source: read as UTC; name the zone of the collector that wrote the file", c.Local))
	}
	if c.Records == 0 && c.Foreign > 0 && opt.Form != nil { // else the caller says what it is
		whole(fmt.Sprintf("none of the %d objects is a Windows event in a form that is known (Winlogbeat, NXLog, Get-WinEvent)", c.Foreign))
	}
	return info, nil
}

// cut ends a block at its last line end.
func cut(data []byte) int { return bytes.LastIndexByte(data, '\n') + 1 }

// The state between two blocks, as bits; from columnBit on, the column that
// resync has to find.
const (
	inLine    = 1 << iota // within a line that is passed over
	resync                // looking for the next line that begins an object
	midLine               // behind an object, on its line
	columnBit             // times the column
)

// maxColumn is how far an object may be indented for its column to count.
const maxColumn = 4096

// parser implements textblock.Parser; one goroutine uses it.
type parser struct {
	file    string
	opt     Options
	rec     record.Record
	scratch []byte // texts of the object at hand that are not pieces of it
	unknown bool   // one of them has an escape that JSON does not know
	lines   lineCount
	w       walker
	walked  found  // what w found
	f       *found // of the object at hand: walked, or a layout's
	layouts layouts
	clock   textblock.Clock

	form     *names // of the file, or of the last object that was no form of its own
	flat     flat
	gathered gathered
	embedded *embedded.Reader

	walkOnly bool // for tests: the walker reads every object
}

// Parse implements textblock.Parser.
func (p *parser) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	p.lines = lineCount{0, b.Line}
	used, state, c = p.parse(b, out)
	c.Lines = p.lines.to(b.Data, used) - b.Line
	return used, state, c
}

func (p *parser) parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	data, pos := b.Data, 0
	damage := func(at int, id uint64, lost int, what string) {
		c.Damaged++
		out.Damaged(record.Damage{File: p.file, Offset: b.Offset + int64(at), Line: p.lines.to(data, at), Record: id, What: what, Lost: lost})
	}
	if b.State&(inLine|resync) != 0 {
		if pos, state = next(data, 0, b.State, b.Last); state != 0 {
			return pos, state, c
		}
	}
	zeros := textblock.HasZeros(data)
	lineEnd := -1 // of the line at pos, where known
	for {
		for pos < len(data) && between[data[pos]] {
			pos++
		}
		if pos == len(data) {
			return pos, stateAt(data, pos, b.State), c
		}
		if data[pos] != '{' {
			if bytes.HasPrefix(data[pos:], []byte(mark)) {
				pos += len(mark)
				continue
			}
			if !b.Last && len(data)-pos < len(mark) && string(data[pos:]) == mark[:len(data)-pos] {
				return pos, stateAt(data, pos, b.State), c
			}
			damage(pos, 0, 0, "text that belongs to no object: the line is not read")
			if pos, state = next(data, pos, inLine, b.Last); state != 0 {
				return pos, state, c
			}
			continue
		}
		p.lines.to(data, pos)
		limit := min(len(data), pos+textblock.MaxRecord)
		full := limit-pos == textblock.MaxRecord
		if n := p.known(data, pos, limit, b.State); n > 0 && !(zeros && textblock.HasZeros(data[pos:pos+n])) {
			p.send(pos, n, &c, out, damage, data)
			pos += n
			continue
		}
		if lineEnd <= pos {
			if lineEnd = bytes.IndexByte(data[pos:], '\n'); lineEnd < 0 {
				lineEnd = len(data)
			} else {
				lineEnd += pos
			}
		}
		// Most objects stand on one line: then nothing beyond it is looked
		// at, and a line that is cut off cannot reach into the next.
		end := min(lineEnd, limit)
		n := p.object(data[pos:end], false)
		if n == more && end == lineEnd && lineEnd < limit {
			until, open := extent(data, pos, limit, indent(data, pos, b.State))
			if until > lineEnd+1 {
				n = p.object(data[pos:until], true)
			}
			if n == more && !open {
				n = p.w.broken("another object begins before this one is closed")
			}
		}
		if n > 0 && zeros && textblock.HasZeros(data[pos:pos+n]) {
			n = p.w.broken(textblock.Zeros)
		}
		switch {
		case n > 0:
			p.learn(data, pos, n, b.State)
			p.send(pos, n, &c, out, damage, data)
			pos += n
			if pos <= lineEnd {
				p.lines.at = pos // no line ends in it
			}
			continue
		case n == more && !full && !b.Last:
			// The line is kept from its beginning, for the column.
			start := pos - indent(data, pos, b.State)
			return start, stateAt(data, start, b.State), c
		case n == more && !full:
			damage(pos, 0, 0, textblock.Incomplete)
			return len(data), 0, c
		case n == more:
			damage(pos, 0, 1, "an object is longer than 1 MiB or is not closed")
		default:
			damage(pos, 0, 1, "the object is damaged: "+p.w.what)
		}
		// What stands on the same line behind a broken object cannot be told
		// from its inside: on with the next line that begins an object.
		column := indent(data, pos, b.State)
		if pos, state = next(data, pos, inLine|resync|column*columnBit, b.Last); state != 0 {
			return pos, state, c
		}
	}
}

// mark is a byte-order mark, in the middle where files were joined.
const mark = "\xef\xbb\xbf"

// between are the bytes that may stand between objects.
var between = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, '[': true, ']': true}

// next passes over what state says and returns where reading goes on, or, if
// data does not reach that far, how much is used and a state that is not 0.
func next(data []byte, pos, state int, last bool) (int, int) {
	column := state / columnBit
	for {
		if state&inLine != 0 {
			n := bytes.IndexByte(data[pos:], '\n') + 1
			if n == 0 {
				if last {
					return len(data), 0
				}
				return len(data), state
			}
			pos += n
		}
		state &^= inLine
		if state&resync == 0 {
			return pos, 0
		}
		i, blanks := lineHead(data, pos, len(data))
		if i == len(data) {
			if last {
				return i, 0
			}
			if blanks <= maxColumn {
				return pos, state
			}
			return i, state | inLine
		}
		if data[i] == '{' && blanks <= column {
			return pos, 0
		}
		state |= inLine
	}
}

// lineHead passes over the blanks, and one comma, with which the line at pos
// begins. A comma is not counted among the blanks.
func lineHead(data []byte, pos, limit int) (i, blanks int) {
	comma := false
	for i = pos; i < limit; i++ {
		switch c := data[i]; {
		case c == ' ' || c == '\t':
			blanks++
		case c == ',' && !comma:
			comma = true
		default:
			return i, blanks
		}
	}
	return i, blanks
}

// indent is how many blanks stand between the beginning of the line and pos;
// 0 if something else stands there.
func indent(data []byte, pos, state int) int {
	i := pos
	for i > 0 && pos-i <= maxColumn && (data[i-1] == ' ' || data[i-1] == '\t') {
		i--
	}
	if i == 0 && state&midLine != 0 || i > 0 && data[i-1] != '\n' {
		return 0
	}
	return pos - i
}

// stateAt is the state if a block is used up to pos.
func stateAt(data []byte, pos, before int) int {
	if pos == 0 {
		return before & midLine
	}
	if data[pos-1] == '\n' {
		return 0
	}
	return midLine
}

// extent finds where the object at pos must end at the latest: at the next
// line that begins an object and is indented no further. open says that no
// such line is there before limit.
func extent(data []byte, pos, limit, column int) (end int, open bool) {
	for at := pos; ; {
		n := bytes.IndexByte(data[at:limit], '\n')
		if n < 0 {
			return limit, true
		}
		at += n + 1
		if i, blanks := lineHead(data, at, limit); i < limit && blanks <= column && data[i] == '{' {
			return at, false
		}
	}
}

// lineCount counts the lines up to a place that only moves forward.
type lineCount struct {
	at   int
	line int
}

func (l *lineCount) to(data []byte, at int) int {
	if at > l.at {
		l.line += bytes.Count(data[l.at:at], []byte{'\n'})
		l.at = at
	}
	return l.line
}
