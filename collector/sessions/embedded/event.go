package embedded

import (
	"bytes"

	"splameter/collector/sessions/eventxml"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// Reader reads whole events that stand as text in a row of something else. One
// goroutine uses it.
type Reader struct {
	filter record.Filter
	xml    *eventxml.Single
	rec    record.Record
}

// NewReader is a Reader for a file.
func NewReader(file string, filter record.Filter) *Reader {
	return &Reader{filter: filter, xml: eventxml.NewSingle(file, filter)}
}

// Around is what the row around a raw event says of it.
type Around struct {
	Host   []byte
	Ticks  int64 // 0: not known
	Local  bool  // Ticks is of a time without offset
	Offset int64
	Line   int
}

// Read sends the event in raw to out. ok is false for a text that is no event
// in a known form; a record that is only unwanted is counted all the same.
func (r *Reader) Read(raw []byte, a Around, out record.Handler) (c textblock.Counts, ok bool) {
	text := bytes.TrimSpace(raw)
	if bytes.HasPrefix(text, []byte("<")) {
		c = r.xml.Read(text, a.Offset, a.Line, out)
		return c, c.Records > 0 || c.Damaged > 0
	}
	return r.lines(text, a, out)
}

// lines reads the classic form of Splunk's Windows inputs: a time, NAME=VALUE
// lines, and the message as the last value. The time is not read, since the
// row around it has it with its offset. User is the logging account.
func (r *Reader) lines(text []byte, a Around, out record.Handler) (c textblock.Counts, ok bool) {
	rec := &r.rec
	*rec = record.Record{Fields: rec.Fields[:0], Line: a.Line, Ticks: a.Ticks, LocalTime: a.Local}
	var rendered []byte
	seen := false
	for rest := text; len(rest) > 0; {
		line, next, _ := bytes.Cut(rest, []byte{'\n'})
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r"), []byte{'='})
		if found && string(name) == "Message" {
			rendered = rest[len("Message="):]
			break
		}
		rest = next
		if !found {
			continue
		}
		switch value = bytes.TrimSpace(value); string(name) {
		case "LogName":
			rec.Channel = value
		case "SourceName":
			rec.Provider = value
		case "ComputerName":
			rec.Computer = value
		case "RecordNumber":
			rec.ID, _ = textblock.Uint(value)
		case "EventCode":
			n, number := textblock.Uint(value)
			if !number || n > 1<<32-1 {
				return c, false
			}
			rec.EventID, seen = uint32(n), true
		}
	}
	if !seen || rec.Ticks == 0 {
		return c, false
	}
	if len(rec.Computer) == 0 {
		rec.Computer = a.Host
	}
	c.Records++
	if r.filter != nil && !r.filter(rec.Channel, rec.EventID) {
		return c, true
	}
	if rec.LocalTime {
		c.Local++
	}
	rec.Fields, _ = message.Fields(rec.Fields, rec.Channel, rec.EventID, rendered) // what it does not tell is counted as nobody's
	out.Record(rec)
	return c, true
}
