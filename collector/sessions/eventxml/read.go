// Package eventxml reads the XML form of Windows events: as wevtutil and
// Get-WinEvent's ToXml write them, one after the other or beneath any root
// element. It owns the grammar of that form and leaves the opening of files
// to textblock and the meaning of events to package sessions.
//
// It has its own scanner, because encoding/xml takes some 25 times as long; in
// the tests encoding/xml says what is right.
package eventxml

import (
	"bytes"
	"context"
	"io"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// Options of a reading. The zero value wants all events, on one core.
type Options struct {
	Filter  record.Filter // which events are wanted; called from several goroutines if Workers > 1
	Workers int           // cores to parse on; less than 2 parses as it reads
}

// Info is what a reading saw.
type Info struct {
	Records int // events seen, wanted or not
	Damaged int // damages reported
}

// Read reads all events of r, which is text as textblock.Open gives it, and
// calls h in file order, never concurrently, whatever opt.Workers is. A
// SystemTime without offset is UTC, as Windows means it. An event that is
// damaged or longer than textblock.MaxRecord is lost alone and reported. The
// error is that of ctx or of r.
func Read(ctx context.Context, r io.Reader, name string, opt Options, h record.Handler) (Info, error) {
	c, err := textblock.Run(ctx, r, textblock.Job{
		File:    name,
		Workers: opt.Workers,
		New:     func() textblock.Parser { return &parser{file: name, filter: opt.Filter} },
		Cut:     cut,
	}, h)
	return Info{Records: c.Records, Damaged: c.Damaged}, err
}

// cut finds the end of the last </Event>, whatever its prefix.
func cut(data []byte) int {
	for end := len(data); ; {
		i := bytes.LastIndex(data[:end], []byte("Event"))
		if i < 0 {
			return 0
		}
		end = i
		j := i + len("Event")
		for j < len(data) && isSpace(data[j]) {
			j++
		}
		if j == len(data) || data[j] != '>' {
			continue
		}
		k := i
		if k > 0 && data[k-1] == ':' {
			for k--; k > 0 && isName(data[k-1]); k-- {
			}
		}
		if k >= 2 && data[k-1] == '/' && data[k-2] == '<' {
			return j + 1
		}
	}
}

// skipping is the state after a damage whose end is not yet found: the text
// up to the next event is passed over.
const skipping = 1

// parser implements textblock.Parser; one goroutine uses it.
type parser struct {
	file   string
	filter record.Filter

	rec     record.Record
	scratch []byte
	known   [32]known // the children of System in the event before
	lines   lineCount
	s       scanner
	find    [markers]finder
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

// Parse implements textblock.Parser.
func (p *parser) Parse(b textblock.Block, out record.Handler) (used, state int, c textblock.Counts) {
	p.lines = lineCount{0, b.Line}
	p.find = [markers]finder{}
	data, pos := b.Data, 0
	zeros := textblock.HasZeros(data)
	damage := func(at int, id uint64, lost int, what string) {
		c.Damaged++
		out.Damaged(record.Damage{File: p.file, Offset: b.Offset + int64(at), Line: p.lines.to(data, at), Record: id, What: what, Lost: lost})
	}
	if b.State == skipping {
		next, found := nextEvent(data, 0)
		if !found {
			used, state = skipRest(data, 0, b.Last)
			return used, state, c
		}
		pos = next
	}
	for {
		lt := bytes.IndexByte(data[pos:], '<')
		end := pos + lt
		if lt < 0 {
			end = len(data)
		}
		if junk := firstJunk(data[pos:end], lt < 0 && !b.Last); junk >= 0 {
			damage(pos+junk, 0, 0, "text that belongs to no event: an event before it lost its beginning, or the file is damaged here")
			next, found := nextEvent(data, pos+junk)
			if !found {
				used, state = skipRest(data, pos+junk, b.Last)
				return used, state, c
			}
			pos = next
			continue
		}
		if lt < 0 {
			if !b.Last { // half a mark at the end goes into the next block
				for _, mark := range []string{"\xef", "\xef\xbb"} {
					if bytes.HasSuffix(data[pos:], []byte(mark)) {
						return len(data) - len(mark), 0, c
					}
				}
			}
			return len(data), 0, c
		}
		pos = end
		window := data[pos:min(len(data), pos+textblock.MaxRecord)]
		whole := len(window) == textblock.MaxRecord // else more text may come
		p.s = scanner{d: window, all: data, base: pos, find: &p.find}
		n, kind := p.s.outside()
		if kind == tagEvent {
			p.rec = record.Record{Fields: p.rec.Fields[:0]}
			p.scratch = p.scratch[:0]
			var wanted bool
			n, wanted = p.event()
			if n > 0 && zeros && textblock.HasZeros(data[pos:pos+n]) {
				damage(pos, p.rec.ID, 1, textblock.Zeros)
				pos += n
				continue
			}
			if n > 0 {
				c.Records++
				if wanted {
					if p.s.seen&isHigh != 0 && textblock.Clean(&p.rec) {
						damage(pos, p.rec.ID, 0, textblock.NotUTF8)
					}
					if p.rec.Ticks == 0 {
						damage(pos, p.rec.ID, 0, "the event does not say when it was written")
					}
					p.rec.Line = p.lines.to(data, pos)
					out.Record(&p.rec)
				}
				pos += n
				continue
			}
		}
		switch {
		case n > 0:
			pos += n
			continue
		case n == more && !whole && !b.Last:
			return pos, 0, c
		case n == more && !whole:
			if kind == tagEvent || kind == tagUnknown {
				damage(pos, p.idOf(kind), 0, textblock.Incomplete)
			} else {
				damage(pos, 0, 0, "a comment, a declaration or a tag does not end")
			}
			// Another event may stand behind a beginning that was cut off
			// before it.
			next, found := nextEvent(data, pos+1)
			if !found {
				return len(data), 0, c
			}
			pos = next
			continue
		case n == more && kind == tagEvent:
			damage(pos, p.idOf(kind), 1, "an event is longer than 1 MiB or is not closed")
		case n == more:
			damage(pos, 0, 0, "a comment, a declaration or a tag does not end within 1 MiB")
		case kind == tagEvent:
			damage(pos, p.idOf(kind), 1, p.s.what)
		case kind == tagStray:
			damage(pos, 0, 1, "an event ends that has no beginning")
		default:
			damage(pos, 0, 0, "a tag is not well formed")
		}
		next, found := nextEvent(data, pos+1)
		if !found {
			used, state = skipRest(data, pos+1, b.Last)
			return used, state, c
		}
		pos = next
	}
}

func (p *parser) idOf(kind tagKind) uint64 {
	if kind == tagEvent {
		return p.rec.ID
	}
	return 0
}

// skipRest passes over all of data but what may, from at on, be the beginning
// of an event.
func skipRest(data []byte, at int, last bool) (used, state int) {
	if last {
		return len(data), 0
	}
	at = max(at, len(data)-maxTagName)
	if i := bytes.LastIndexByte(data[at:], '<'); i >= 0 {
		return at + i, skipping
	}
	return len(data), skipping
}

// firstJunk is the place of the first byte that may not stand between
// events, or -1. Blanks may, and a byte-order mark of a file appended.
// more says that b may be followed by the rest of such a mark.
func firstJunk(b []byte, more bool) int {
	for i := 0; i < len(b); i++ {
		if isSpace(b[i]) {
			continue
		}
		if b[i] == 0xef && bytes.HasPrefix(b[i:], []byte("\xef\xbb\xbf")) {
			i += 2
			continue
		}
		if more && len(b)-i < 3 && bytes.HasPrefix([]byte("\xef\xbb\xbf"), b[i:]) {
			return -1
		}
		return i
	}
	return -1
}

// maxTagName is the longest beginning <prefix:Event that a search for the
// next event recognises.
const maxTagName = 64

// nextEvent finds the next start tag of an event that begins at at or later.
func nextEvent(data []byte, at int) (int, bool) {
	for first := at; ; {
		i := bytes.Index(data[at:], []byte("Event"))
		if i < 0 {
			return 0, false
		}
		i += at
		at = i + len("Event")
		if at >= len(data) {
			return 0, false
		}
		if c := data[at]; !isSpace(c) && c != '>' && c != '/' {
			continue
		}
		k := i
		if k > 0 && data[k-1] == ':' {
			for k--; k > 0 && i-k < maxTagName-8 && isName(data[k-1]); k-- {
			}
		}
		if k > first && data[k-1] == '<' {
			return k - 1, true
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isName says whether c may stand in a name; what is not ASCII may.
func isName(c byte) bool { return classes[c]&inName != 0 }
