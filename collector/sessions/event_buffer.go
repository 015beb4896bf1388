package sessions

import (
	"unsafe"

	"splameter/collector/sessions/record"
)

// eventBuffer is what was made of events before they are folded: their numbers,
// with their names beside them as text. Making it needs nothing that other goroutines change, so
// whoever reads a log can do it.
type eventBuffer struct {
	compose   Composer
	spellings *spellingCache // of the tracker that will look them up: only for hashes
	file      uint32

	ev     Event // the latest
	events []codedEvent
	text   []byte
}

func (g *eventBuffer) reset() { g.events, g.text = g.events[:0], g.text[:0] }

// size is how many bytes are kept.
func (g *eventBuffer) size() int { return len(g.events)*codedEventSize + len(g.text) }

const codedEventSize = int(unsafe.Sizeof(codedEvent{}))

// add takes one more event, and reports whether it is one that this package
// knows. Of the others those of a known channel still count for how far it
// reaches.
func (g *eventBuffer) add(r *record.Record) bool {
	ev := &g.ev
	ok := g.compose.Compose(r, ev)
	if !ok {
		if ev.Channel == NoChannel {
			return false
		}
		ev.class = unlisted
	}
	g.events = append(g.events, codedEvent{})
	ce := &g.events[len(g.events)-1]
	ce.encodeNumbers(ev)
	ce.file = g.file
	t := &ce.spans
	text := g.text
	t.from = uint32(len(text))
	if len(ev.Host) <= maxName {
		text = append(text, ev.Host...)
	}
	t.computer = uint32(len(text))
	if ce.elsewhere && len(ev.Resource) <= maxName {
		text = append(text, ev.Resource...)
	}
	t.resource = uint32(len(text))
	if ce.namesUser {
		text = append(text, plainName(ev.User)...)
		t.user = uint32(len(text))
		if ce.bySID {
			text = append(text, ce.sidOf(ev)...)
		}
		t.sid = uint32(len(text))
		text = append(text, ce.clientOf(ev)...)
		t.client = uint32(len(text))
	} else {
		t.user, t.sid, t.client = t.resource, t.resource, t.resource
	}
	ce.cacheable = ce.namesUser && !ce.elsewhere && cacheableLength(t.computer-t.from) && cacheableLength(t.user-t.resource)
	if ce.cacheable {
		ce.hash = g.spellings.hash(text[t.from:t.user])
	}
	g.text = text
	return ok
}
