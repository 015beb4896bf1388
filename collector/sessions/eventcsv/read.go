// Package eventcsv reads session events from tables with a header line: what
// Export-Csv and other exports write. It finds columns by their names and owns
// the grammar of rows; what an event means is left to package sessions.
package eventcsv

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"splameter/collector/forms"
	"splameter/collector/sessions/embedded"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// Options of a reading. The zero value wants all events, on one core, and
// knows the usual names of columns.
type Options struct {
	Filter  record.Filter // which events are wanted; called from several goroutines if Workers > 1
	Workers int           // cores to parse on; less than 2 parses as it reads

	// Zone is that of times without offset. If it is nil, such times are
	// read as UTC, and the file gets one damage that says so. Columns called
	// UtcTime or SystemTime are UTC in any case.
	Zone *time.Location

	// Order is that of day and month in times that have neither first in four
	// digits, as Dates found it.
	Order textblock.Order
	// Dates, where it is given, is told of every such time, and the reading
	// hands over nothing.
	Dates *textblock.Dates
	// Form is what the file was found to be; nil: a table whose columns have
	// the usual names.
	Form *forms.Form
	// Host is the computer of a form that names none.
	Host string
	// Polled is when a table was polled of which no column says so, in ticks of
	// the clock on the wall; 0: not known.
	Polled int64

	// Columns gives own names of columns: from the name used here (TimeCreated,
	// Computer, Channel, EventID, EventRecordID, Provider, ActivityID, Message,
	// or the name of a field, such as User, SessionID or Address) to the one in
	// the header.
	Columns map[string]string
}

// Info is what a reading saw.
type Info struct {
	Records    int // events seen, wanted or not
	Damaged    int // damages reported
	LocalTimes int // wanted events whose time had no offset
}

// headSize bounds the header line and what may stand before it.
const headSize = 128 << 10

// Read reads all rows of r, which is text as textblock.Open gives it, and
// calls h in file order, never concurrently, whatever opt.Workers is.
//
// The delimiter is the comma, semicolon or tab, whichever the header has most
// of. Rows follow encoding/csv: quotes, doubled quotes, line ends in quotes. A
// row with another number of values than the header, a stray quote or a time
// that cannot be read is lost alone and reported. Columns that are no part of
// record.Record become fields under canonical name or header; an empty value
// makes no field. Times are textblock.Stamp's or, where only one reading is
// possible, textblock.Wall's. Where the file has no User column but rendered
// text, package message reads that. The error is that of ctx or of r.
func Read(ctx context.Context, r io.Reader, name string, opt Options, h record.Handler) (Info, error) {
	br := bufio.NewReaderSize(r, headSize)
	head, err := br.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return Info{}, fmt.Errorf("read %s: %w", name, err)
	}
	damage := func(line int, what string) (Info, error) {
		h.Damaged(record.Damage{File: name, Line: line, What: what})
		return Info{Damaged: 1}, nil
	}
	lay, used, what := readHeader(head, &opt)
	line := 1 + bytes.Count(head[:used], []byte{'\n'})
	if what != "" {
		return damage(max(1, line-1), what) // line is where the rows begin
	}
	if used == 0 {
		return Info{}, nil // an empty file
	}
	if _, err := br.Discard(used); err != nil {
		return Info{}, fmt.Errorf("read %s: %w", name, err)
	}
	if lay.broken {
		h.Damaged(record.Damage{File: name, Line: max(1, line-1), What: "the name of a column is not UTF-8; what could not be read was replaced: export the log as UTF-8 or UTF-16"})
	}
	c, err := textblock.Run(ctx, br, textblock.Job{
		File:    name,
		Workers: opt.Workers,
		New: func() textblock.Parser {
			return &parser{file: name, opt: &opt, layout: lay, embedded: embedded.NewReader(name, opt.Filter)}
		},
		Cut:    func(data []byte) int { return bytes.LastIndexByte(data, '\n') + 1 },
		Offset: int64(used),
		Line:   line,
	}, h)
	info := Info{Records: c.Records, Damaged: c.Damaged, LocalTimes: c.Local}
	if lay.broken {
		info.Damaged++
	}
	if c.Local > 0 && opt.Zone == nil && err == nil {
		h.Damaged(record.Damage{File: name, Offset: -1, What: fmt.Sprintf("%d events have a time without offset, and no zone is given for this source: read as UTC; name the zone of the machine that wrote the file", c.Local)})
		info.Damaged++
	}
	return info, err
}
