package eventcsv

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// skipping is the state within a line that is longer than a record may be.
const skipping = 1

// parser implements textblock.Parser; one goroutine uses it.
type parser struct {
	file    string
	opt     *Options
	layout  *layout
	rec     record.Record
	scratch []byte
	s       splitter
	clock   textblock.Clock
	valid   bool // all of the block is UTF-8: no value needs a look
}

// Parse implements textblock.Parser.
func (p *parser) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	data, pos, line := b.Data, 0, b.Line
	p.s.delim = p.layout.delim
	p.valid = utf8.Valid(data)
	damage := func(at int, id uint64, lost int, what string) {
		c.Damaged++
		out.Damaged(record.Damage{File: p.file, Offset: b.Offset + int64(at), Line: line, Record: id, What: what, Lost: lost})
	}
	if b.State == skipping {
		pos = bytes.IndexByte(data, '\n') + 1
		if pos == 0 {
			if b.Last {
				return len(data), 0, c
			}
			return len(data), skipping, c
		}
		line++
	}
	quote := -1 // where the next one stands; behind the data: nowhere
	for pos < len(data) {
		if quote < pos {
			if quote = bytes.IndexByte(data[pos:], '"'); quote < 0 {
				quote = len(data)
			}
			quote += pos
		}
		if n := bytes.IndexByte(data[pos:min(quote, pos+textblock.MaxRecord, len(data))], '\n'); n >= 0 {
			if p.s.plain(data[pos : pos+n]); len(p.s.fields) > 0 {
				p.row(false, &c, out, func(id uint64, lost int, what string) { damage(pos, id, lost, what) }, line)
			}
			pos += n + 1
			line++
			continue
		}
		window := data[pos:min(len(data), pos+textblock.MaxRecord)]
		full := len(window) == textblock.MaxRecord
		end := b.Last && !full
		n, st := p.s.row(window, end)
		if st != whole && (end || full || st == bare) {
			// Whatever the quotes seem to span, only the first line is given
			// up: a stray quote must not take the rows behind it along.
			first := bytes.IndexByte(window, '\n') + 1
			switch {
			case st == bare:
				damage(pos, 0, 1, "a quote stands within a value: the row is not read; double it, or put the value in quotes")
			case first == 0 && end:
				damage(pos, 0, 0, textblock.Incomplete)
			case first == 0:
				damage(pos, 0, 1, "a line is longer than 1 MiB")
			default:
				damage(pos, 0, 1, "a quote is not closed: the row is not read")
			}
			if first == 0 {
				if b.Last && !full {
					return len(data), 0, c
				}
				k := bytes.IndexByte(data[pos:], '\n') + 1
				if k == 0 {
					if b.Last {
						return len(data), 0, c
					}
					return len(data), skipping, c
				}
				first = k
			}
			pos += first
			line++
			continue
		}
		if st != whole {
			return pos, 0, c
		}
		if len(p.s.fields) > 0 {
			last := end && n == len(window) && window[n-1] != '\n'
			p.row(last, &c, out, func(id uint64, lost int, what string) { damage(pos, id, lost, what) }, line)
		}
		if p.s.lines {
			line += bytes.Count(window[:n], []byte{'\n'})
		} else {
			line++
		}
		pos += n
	}
	return len(data), 0, c
}

// row makes a record of the values of a row. last says that the file ends
// with them, without a line end.
func (p *parser) row(last bool, c *textblock.Counts, out record.Handler, damage func(id uint64, lost int, what string), line int) {
	l, f := p.layout, p.s.fields
	if len(f) != len(l.header) {
		if last {
			damage(0, 0, textblock.Incomplete)
			return
		}
		damage(0, 1, fmt.Sprintf("the row has %d values, the header %d columns", len(f), len(l.header)))
		return
	}
	id, ok := textblock.Uint(f[l.at[eventID]])
	if !ok || id > 1<<32-1 {
		if p.isHeader() {
			return // two exports, one behind the other
		}
		damage(0, 1, fmt.Sprintf("the event id %.20q is no number", f[l.at[eventID]]))
		return
	}
	c.Records++
	r := &p.rec
	*r = record.Record{EventID: uint32(id), Fields: r.Fields[:0], Line: line}
	if i := l.at[channel]; i >= 0 {
		r.Channel = trim(f[i])
	}
	if p.opt.Filter != nil && !p.opt.Filter(r.Channel, r.EventID) {
		return
	}
	p.scratch = p.scratch[:0]
	if i := l.at[recordID]; i >= 0 && len(f[i]) > 0 {
		if r.ID, ok = textblock.Uint(f[i]); !ok {
			damage(0, 0, fmt.Sprintf("the record id %.20q is no number", f[i]))
		}
	}
	if what := p.time(); what != "" {
		damage(r.ID, 1, what)
		return
	}
	r.Computer = trim(f[l.at[host]])
	if i := l.at[provider]; i >= 0 {
		r.Provider = trim(f[i])
	}
	if i := l.at[activityID]; i >= 0 {
		p.scratch = textblock.AppendGUID(p.scratch, f[i])
		r.ActivityID = p.scratch
	}
	fields := r.Fields
	for _, i := range l.fields {
		if v := f[i]; len(v) > 0 {
			fields = append(fields, record.Field{Name: l.names[i], Value: v})
		}
	}
	r.Fields = fields
	if i := l.at[text]; i >= 0 && !l.hasUser && message.Known(r.Channel, r.EventID) {
		if r.Fields, ok = message.Fields(r.Fields, r.Channel, r.EventID, f[i]); !ok {
			damage(r.ID, 0, "the event's values stand only in its message, which has not the usual form: who it concerns is unknown")
		}
	}
	if !p.valid && textblock.Clean(r) {
		damage(r.ID, 0, textblock.NotUTF8)
	}
	if r.LocalTime {
		c.Local++
	}
	out.Record(r)
}

// isHeader says whether the row repeats the header.
func (p *parser) isHeader() bool {
	for i, v := range p.s.fields {
		if string(bytes.TrimSpace(v)) != p.layout.header[i] {
			return false
		}
	}
	return true
}

// time reads the row's time into p.rec, or says what is wrong with it.
func (p *parser) time() (what string) {
	l := p.layout
	i, utc := l.at[timeUTC], true
	if i < 0 {
		i, utc = l.at[timeAny], false
	}
	v := p.s.fields[i]
	r := &p.rec
	var offset, ok bool
	if r.Ticks, offset, ok = p.clock.Stamp(v); !ok {
		v = bytes.TrimSpace(v)
		if r.Ticks, offset, ok = textblock.Stamp(v); !ok {
			var ambiguous bool
			if r.Ticks, ambiguous, ok = textblock.Wall(v); ambiguous {
				return fmt.Sprintf("in the time %.40q day and month cannot be told apart: export times as 2026-10-01T05:11:08Z", v)
			}
		}
		if !ok {
			return fmt.Sprintf("the time %.40q is not of a known form: export times as 2026-10-01T05:11:08Z", v)
		}
	}
	if !offset && !utc {
		r.LocalTime = true
		r.Ticks = textblock.InZone(r.Ticks, p.opt.Zone)
	}
	return ""
}

// trim takes blanks off a value, of which nearly none has any.
func trim(v []byte) []byte {
	if n := len(v); n > 0 && v[0] > ' ' && v[n-1] > ' ' {
		return v
	}
	return bytes.TrimSpace(v)
}
