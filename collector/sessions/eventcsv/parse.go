package eventcsv

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"splameter/collector/sessions/embedded"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
	"splameter/internal/lazyregexp"
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

	embedded *embedded.Reader
	values   [][]byte // of a column that holds several

	// Of the block at hand:
	out    record.Handler
	c      textblock.Counts
	offset int64 // of its first byte in the text
	pos    int   // where the row at hand begins
	line   int
	valid  bool // all of it is UTF-8: no value needs a look
	zeros  bool // zero bytes stand in it
}

// Parse implements textblock.Parser.
func (p *parser) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	p.out, p.c, p.offset, p.pos, p.line = out, textblock.Counts{}, b.Offset, 0, b.Line
	p.s.delim = p.layout.delim
	p.valid, p.zeros = utf8.Valid(b.Data), textblock.HasZeros(b.Data)
	used, state = p.block(b)
	p.c.Lines = p.line - b.Line
	p.out = nil
	return used, state, p.c
}

// block goes through the rows; each line end that it passes counts in p.line.
func (p *parser) block(b textblock.Block) (used, state int) {
	data := b.Data
	if b.State == skipping {
		p.pos = bytes.IndexByte(data, '\n') + 1
		if p.pos == 0 {
			if b.Last {
				return len(data), 0
			}
			return len(data), skipping
		}
		p.line++
	}
	quote := -1 // where the next one stands; behind the data: nowhere
	for p.pos < len(data) {
		if quote < p.pos {
			if quote = bytes.IndexByte(data[p.pos:], '"'); quote < 0 {
				quote = len(data)
			}
			quote += p.pos
		}
		rest := data[p.pos:min(quote, p.pos+textblock.MaxRecord, len(data))]
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			if p.zeros && textblock.HasZeros(rest[:n]) {
				p.damage(0, 1, textblock.Zeros)
			} else if p.s.plain(rest[:n]); len(p.s.fields) > 0 {
				p.row(false)
			}
			p.pos += n + 1
			p.line++
			continue
		}
		window := data[p.pos:min(len(data), p.pos+textblock.MaxRecord)]
		full := len(window) == textblock.MaxRecord
		end := b.Last && !full
		n, st := p.s.row(window, end)
		switch {
		case st == whole:
			if p.zeros && textblock.HasZeros(window[:n]) {
				p.damage(0, 1, textblock.Zeros)
			} else if len(p.s.fields) > 0 {
				p.row(end && n == len(window) && window[n-1] != '\n')
			}
			p.line += bytes.Count(window[:n], newline)
			p.pos += n
		case end || full || st == bare:
			if !p.giveUp(data, window, st, end) {
				if b.Last {
					return len(data), 0
				}
				return len(data), skipping
			}
		default:
			return p.pos, 0
		}
	}
	return len(data), 0
}

var newline = []byte{'\n'}

// giveUp tells of a row that cannot be read, and passes its first line,
// whatever its quotes seem to span: a stray quote must not take the rows behind
// it along. It reports false if the line goes on behind the data.
func (p *parser) giveUp(data, window []byte, st status, end bool) bool {
	first := bytes.IndexByte(window, '\n') + 1
	switch {
	case st == bare:
		p.damage(0, 1, "a quote stands within a value: the row is not read; double it, or put the value in quotes")
	case first == 0 && end:
		p.damage(0, 0, textblock.Incomplete)
	case first == 0:
		p.damage(0, 1, "a line is longer than 1 MiB")
	default:
		p.damage(0, 1, "a quote is not closed: the row is not read")
	}
	if first == 0 {
		if first = bytes.IndexByte(data[p.pos:], '\n') + 1; first == 0 {
			return false
		}
	}
	p.pos += first
	p.line++
	return true
}

// damage tells of something wrong with the row at hand.
func (p *parser) damage(id uint64, lost int, what string) {
	p.c.Damaged++
	p.out.Damaged(record.Damage{File: p.file, Offset: p.offset + int64(p.pos), Line: p.line, Record: id, What: what, Lost: lost})
}

// row makes a record of the values of a row. last says that the file ends
// with them, without a line end.
func (p *parser) row(last bool) {
	l, f := p.layout, p.s.fields
	if len(f) != l.width && !(l.width > len(l.header) && len(f) == len(l.header)) {
		if last {
			p.damage(0, 0, textblock.Incomplete)
			return
		}
		p.damage(0, 1, fmt.Sprintf("the row has %d values, the header %d columns", len(f), len(l.header)))
		return
	}
	if i := l.at[raw]; i >= 0 && (len(bytes.TrimSpace(f[i])) > 0 || !l.columned) {
		p.whole()
		return
	}
	id, ok := uint64(l.event), l.event != 0
	if !ok {
		id, ok = number(f[l.at[eventID]])
	}
	if !ok || id > 1<<32-1 {
		if p.isHeader() {
			return // two exports, one behind the other
		}
		p.damage(0, 1, fmt.Sprintf("the event id %.20q is no number", f[l.at[eventID]]))
		return
	}
	p.c.Records++
	r := &p.rec
	// What is set below is set in every row or in none: making the record anew
	// costs more than all else of it.
	r.EventID, r.Line, r.ID, r.LocalTime = uint32(id), p.line, 0, false
	r.Channel = l.channel
	if i := l.at[channel]; i >= 0 {
		r.Channel = textblock.Trim(f[i])
	}
	if p.opt.Filter != nil && !p.opt.Filter(r.Channel, r.EventID) {
		return
	}
	p.scratch = p.scratch[:0]
	if i := l.at[recordID]; i >= 0 && len(f[i]) > 0 {
		if r.ID, ok = number(f[i]); !ok {
			p.damage(0, 0, fmt.Sprintf("the record id %.20q is no number", f[i]))
		}
	}
	if what := p.time(); what != "" {
		p.damage(r.ID, 1, what)
		return
	}
	if p.opt.Dates != nil {
		return // it is only looked at
	}
	r.Computer = l.host
	if i := l.at[host]; i >= 0 {
		r.Computer = textblock.Trim(f[i])
	}
	if i := l.at[provider]; i >= 0 {
		r.Provider = textblock.Trim(f[i])
	}
	if i := l.at[activityID]; i >= 0 {
		p.scratch = textblock.AppendGUID(p.scratch, f[i])
		r.ActivityID = p.scratch
	}
	fields := slices.Grow(r.Fields[:0], len(l.fields))[:len(l.fields)]
	n := 0
	for _, i := range l.fields {
		if v := f[i]; len(v) > 0 {
			fields[n].Name, fields[n].Value = l.names[i], v
			n++
		}
	}
	r.Fields = fields[:n]
	if l.more {
		p.elsewhere()
	}
	if !p.valid && textblock.Clean(r) {
		p.damage(r.ID, 0, textblock.NotUTF8)
	}
	if r.LocalTime {
		p.c.Local++
	}
	p.out.Record(r)
}

// elsewhere looks for the event's values where the form keeps them: as JSON or
// XML, in their order, in columns that a collector made of them, or, last, in
// the rendered message.
func (p *parser) elsewhere() {
	l, f, r := p.layout, p.s.fields, &p.rec
	channel := r.Channel
	if len(channel) == 0 {
		r.Channel = message.ChannelOf(r.Provider)
		defer func() { r.Channel = channel }()
	}
	if i := l.at[payload]; i >= 0 && len(f[i]) > 0 {
		r.Fields, _ = embedded.Values(r.Fields, f[i])
	}
	if i := l.at[ordered]; i >= 0 && len(f[i]) > 0 && !message.NamesUser(r) {
		if p.values = split(p.values[:0], f[i]); len(p.values) > 1 {
			r.Fields = message.Ordered(r.Fields, r.Channel, r.EventID, p.values)
		}
	}
	for _, x := range l.extras {
		if v := f[x.column]; len(v) > 0 && len(r.Value(string(x.name))) == 0 {
			r.Fields = append(r.Fields, record.Field{Name: x.name, Value: v})
		}
	}
	message.Join(r)
	if i := l.at[text]; i >= 0 && i < len(f) && !l.hasUser && message.Known(r.Channel, r.EventID) && !message.NamesUser(r) {
		var ok bool
		if r.Fields, ok = message.Fields(r.Fields, r.Channel, r.EventID, f[i]); !ok {
			p.damage(r.ID, 0, "the event's values stand only in its message, which has not the usual form: who it concerns is unknown")
		}
	}
}

// split parts values that stand in one column, as Log Parser writes them.
func split(dst [][]byte, v []byte) [][]byte {
	for part := range bytes.SplitSeq(v, []byte{'|'}) {
		dst = append(dst, part)
	}
	return dst
}

// whole reads a row that holds the event itself.
func (p *parser) whole() {
	l, f := p.layout, p.s.fields
	a := embedded.Around{Line: p.line, Offset: p.offset + int64(p.pos)}
	if l.at[timeAny] >= 0 || l.at[timeUTC] >= 0 {
		p.rec.LocalTime = false
		if what := p.time(); what == "" {
			a.Ticks, a.Local = p.rec.Ticks, p.rec.LocalTime
		}
	}
	if p.opt.Dates != nil {
		return
	}
	if i := l.at[host]; i >= 0 {
		a.Host = textblock.Trim(f[i])
	}
	c, ok := p.embedded.Read(f[l.at[raw]], a, p.out)
	p.c.Records += c.Records
	p.c.Damaged += c.Damaged
	p.c.Local += c.Local
	if !ok {
		if len(bytes.TrimSpace(f[l.at[raw]])) == 0 || p.isHeader() {
			return
		}
		p.c.Foreign++
	}
}

// number is a whole number, as it is or in groups of three, as Kibana shows
// those of Winlogbeat 6: 4,624.
func number(v []byte) (uint64, bool) {
	n, ok := textblock.Uint(v)
	if !ok && grouped().Match(v) {
		n, ok = textblock.Uint(bytes.ReplaceAll(v, []byte{','}, nil))
	}
	return n, ok
}

var grouped = lazyregexp.New(`^[0-9]{1,3}(,[0-9]{3})+$`)

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
	if l.timeless {
		p.rec.Ticks, p.rec.LocalTime = textblock.InZone(p.opt.Polled, p.opt.Zone), true
		return ""
	}
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
			if p.opt.Dates != nil && p.opt.Dates.See(v, p.line) {
				return ""
			}
			var ambiguous bool
			if r.Ticks, offset = epoch(v); offset {
				return ""
			}
			if r.Ticks, ok = textblock.Named(v); ok {
				r.LocalTime = true // as it was shown to somebody, whatever the column's times are
				r.Ticks = textblock.InZone(r.Ticks, p.opt.Zone)
				return ""
			}
			if r.Ticks, _, ambiguous, ok = textblock.Wall(v, p.opt.Order); ambiguous {
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

// epoch is textblock.Epoch, whose times are UTC.
func epoch(v []byte) (int64, bool) { return textblock.Epoch(v) }
