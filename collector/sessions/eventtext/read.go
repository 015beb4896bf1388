// Package eventtext reads session logs that are text for people: what wevtutil
// prints with /f:text, and the tables of quser (query user). It goes by the
// order of lines and the shape of values and never by words, which are in the
// machine's language.
package eventtext

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// Options are as those of eventcsv.
type Options struct {
	Filter record.Filter
	Zone   *time.Location
	Order  textblock.Order
	Dates  *textblock.Dates
	Host   string // of a table, which names none
	Polled int64  // when a table was polled, in ticks of the clock on the wall, where nothing in it says so; 0: not known
}

// Info is what a reading saw.
type Info struct {
	Records    int
	Damaged    int
	LocalTimes int
}

// maxText bounds the text of one event.
const maxText = textblock.MaxRecord

type reader struct {
	ctx  context.Context
	in   *bufio.Reader
	name string
	opt  Options
	h    record.Handler
	info Info
	line int
	rec  record.Record
}

// Read reads the form of that id: wevtutil-text or quser.
func Read(ctx context.Context, r io.Reader, form, name string, opt Options, h record.Handler) (Info, error) {
	x := &reader{ctx: ctx, in: bufio.NewReaderSize(r, 64<<10), name: name, opt: opt, h: h}
	var err error
	if form == "quser" {
		err = x.polls()
	} else {
		err = x.events()
	}
	return x.info, err
}

// next is the next line without its end; nil at the end of the text. What is
// longer than an event may be is cut.
func (x *reader) next() ([]byte, error) {
	if x.line&1023 == 0 {
		if err := x.ctx.Err(); err != nil {
			return nil, err
		}
	}
	var long []byte
	for {
		b, err := x.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if len(long) < maxText {
				long = append(long, b...)
			}
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("read %s: %w", x.name, err)
		case err != nil && len(b) == 0 && long == nil:
			return nil, nil
		}
		x.line++
		if long != nil {
			b = append(long, b...)
		}
		return bytes.TrimRight(b, "\r\n"), nil
	}
}

func (x *reader) damage(line int, what string) {
	x.info.Damaged++
	x.h.Damaged(record.Damage{File: x.name, Offset: -1, Line: line, What: what, GoesOn: true})
}

// time reads a time into the record.
func (x *reader) time(at []byte, line int) bool {
	r := &x.rec
	var offset, ok bool
	at = bytes.TrimSpace(at)
	if r.Ticks, offset, ok = textblock.Stamp(at); !ok {
		if x.opt.Dates != nil && x.opt.Dates.See(at, line) {
			return true
		}
		r.Ticks, _, _, ok = textblock.Wall(at, x.opt.Order)
	}
	if ok && !offset {
		r.LocalTime = true
		r.Ticks = textblock.InZone(r.Ticks, x.opt.Zone)
	}
	return ok
}

// send hands the record on.
func (x *reader) send() {
	if x.opt.Dates != nil {
		return
	}
	if x.rec.LocalTime {
		x.info.LocalTimes++
	}
	textblock.Clean(&x.rec)
	x.h.Record(&x.rec)
}

// The lines of an event that wevtutil prints, in their order, after Event[0]:
// log, source, date, event id, task, level, opcode, keyword, user, user name,
// computer, description.
const (
	atLog = iota
	atSource
	atDate
	atID
	atComputer    = 10
	atDescription = 11
)

// events reads what wevtutil prints.
func (x *reader) events() error {
	var head [atDescription + 1][]byte
	var text []byte
	n, began := -1, 0
	flush := func() {
		if n >= 0 {
			x.event(&head, n, text, began)
		}
		text, n = text[:0], -1
	}
	for {
		line, err := x.next()
		if err != nil {
			return err
		}
		if line == nil {
			flush()
			return nil
		}
		if isEvent(line) {
			flush()
			n, began = 0, x.line
			head = [atDescription + 1][]byte{}
			continue
		}
		switch {
		case n < 0:
			if len(bytes.TrimSpace(line)) > 0 {
				x.damage(x.line, "text that belongs to no event: the line is not read")
			}
		case n <= atDescription:
			_, value, _ := bytes.Cut(line, []byte{':'})
			head[n] = bytes.Clone(bytes.TrimSpace(value))
			if n == atDescription && len(head[n]) > 0 {
				text = append(append(text, head[n]...), '\n')
			}
			n++
		case len(text) < maxText:
			text = append(append(text, line...), '\n')
		}
	}
}

// isEvent says that a line begins an event: Event[0] or Event[0]:
func isEvent(line []byte) bool {
	i := bytes.IndexByte(line, '[')
	if i < 1 || i > 20 {
		return false
	}
	rest := bytes.TrimSuffix(bytes.TrimSpace(line[i+1:]), []byte{':'})
	if len(rest) < 2 || rest[len(rest)-1] != ']' {
		return false
	}
	_, ok := textblock.Uint(rest[:len(rest)-1])
	return ok && bytes.IndexByte(line[:i], ':') < 0 && line[0] > ' '
}

func (x *reader) event(head *[atDescription + 1][]byte, n int, text []byte, line int) {
	id, ok := textblock.Uint(head[atID])
	if n <= atComputer || !ok || id > 1<<32-1 {
		x.info.Records++
		x.damage(line, "the event is not whole, or its lines are not in the order in which wevtutil prints them")
		return
	}
	x.info.Records++
	r := &x.rec
	*r = record.Record{Fields: r.Fields[:0], EventID: uint32(id), Channel: head[atLog], Provider: head[atSource], Computer: head[atComputer], Line: line}
	if x.opt.Filter != nil && !x.opt.Filter(r.Channel, r.EventID) {
		return
	}
	if !x.time(head[atDate], line) {
		x.damage(line, fmt.Sprintf("the event's time %.40q is not of a known form", head[atDate]))
		return
	}
	if message.Known(r.Channel, r.EventID) {
		if r.Fields, ok = message.Fields(r.Fields, r.Channel, r.EventID, bytes.TrimLeft(text, "\r\n ")); !ok && x.opt.Dates == nil {
			x.damage(line, "the event's values stand only in its message, which has not the usual form: who it concerns is unknown")
		}
	}
	x.send()
}

// PollChannel is what the tables of quser, and those like them, are called
// among the channels of Windows: sessions that were seen at a time.
const PollChannel = "Sessions seen"

// The events of a poll.
const (
	SeenRemote  = 1 // in a session over the network
	SeenLeft    = 2 // in a session that was left, and not ended
	SeenConsole = 3
)

// polls reads the tables of quser, each after the time at which it was made.
// A row has the user, the session's name where it is not left, its number, its
// state, how long nothing was typed, and since when it is there.
func (x *reader) polls() error {
	polled, local := x.opt.Polled, true
	if polled != 0 {
		polled = textblock.InZone(polled, x.opt.Zone)
	}
	for {
		line, err := x.next()
		if err != nil {
			return err
		}
		if line == nil {
			return nil
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 || Header(text) {
			continue
		}
		x.rec.LocalTime, x.rec.Ticks = false, 0
		if text[0]-'0' <= 9 && x.time(text, x.line) { // when the next table was made
			polled, local = x.rec.Ticks, x.rec.LocalTime
			continue
		}
		row, ok := rowOf(text)
		if !ok && bytes.IndexByte(text, '*') > 0 && !bytes.Contains(text, []byte("  ")) {
			continue // "No User exists for *", in whatever language: nobody was there
		}
		if !ok {
			x.damage(x.line, fmt.Sprintf("a line that is no row of the table: %.60q", text))
			continue
		}
		x.info.Records++
		if x.opt.Dates != nil {
			continue
		}
		if polled == 0 {
			x.damage(x.line, textblock.NotPolled)
			continue
		}
		if x.opt.Host == "" {
			x.damage(x.line, "nothing says of which host the table is: name the file after it, such as quser-RDSH-A01-2026-10-05T0811.txt")
			continue
		}
		r := &x.rec
		*r = record.Record{Fields: r.Fields[:0], EventID: row.event, Channel: []byte(PollChannel), Computer: []byte(x.opt.Host), Line: x.line, Ticks: polled, LocalTime: local}
		r.Fields = append(r.Fields, record.Field{Name: []byte("User"), Value: []byte(row.user)}, record.Field{Name: []byte("SessionID"), Value: []byte(row.id)})
		x.send()
	}
}

// Header says that a line is the heading of such a table: several words in
// capitals and no number, in whatever language.
func Header(line []byte) bool {
	return !bytes.ContainsAny(line, "0123456789#") && len(bytes.Fields(line)) >= 5 && bytes.Equal(line, bytes.ToUpper(line))
}

type pollRow struct {
	user, id string
	event    uint32
}

func rowOf(line []byte) (r pollRow, ok bool) {
	words := strings.Fields(strings.TrimPrefix(string(line), ">"))
	at := -1
	for i := 1; i < len(words) && i <= 2; i++ {
		if _, number := textblock.Uint([]byte(words[i])); number {
			at = i
			break
		}
	}
	if at < 0 || len(words) < at+4 {
		return r, false
	}
	r = pollRow{user: words[0], id: words[at], event: SeenLeft}
	if at == 2 {
		r.event = SeenRemote
		if !strings.ContainsAny(words[1], "#-") { // RDP-Tcp#3, ICA-TCP#1; the console's name is translated
			r.event = SeenConsole
		}
	}
	return r, true
}
