package sessions

import (
	"unsafe"

	"splameter/collector/sessions/record"
)

// gathered is what was made of events before they are folded: facts with their
// names beside them. Making it needs nothing that other goroutines change, so
// whoever reads a log can do it.
type gathered struct {
	compose Composer
	words   *wordings // of the tracker that will ask: only for hashes
	file    uint32

	ev    Event // the latest
	facts []fact
	text  []byte
}

func (g *gathered) reset() { g.facts, g.text = g.facts[:0], g.text[:0] }

// size is how many bytes are kept.
func (g *gathered) size() int { return len(g.facts)*factSize + len(g.text) }

const factSize = int(unsafe.Sizeof(fact{}))

// add takes one more event, and reports whether it is one that this package
// knows. Of the others those of a known channel still count for how far it
// reaches.
func (g *gathered) add(r *record.Record) bool {
	ev := &g.ev
	ok := g.compose.Compose(r, ev)
	if !ok {
		if ev.Channel == NoChannel {
			return false
		}
		ev.use = unused
	}
	g.facts = append(g.facts, fact{})
	fa := &g.facts[len(g.facts)-1]
	fa.nameless(ev)
	fa.file = g.file
	t := &fa.text
	text := g.text
	t.from = uint32(len(text))
	if len(ev.Host) <= maxName {
		text = append(text, ev.Host...)
	}
	t.computer = uint32(len(text))
	if fa.elsewhere && len(ev.Resource) <= maxName {
		text = append(text, ev.Resource...)
	}
	t.resource = uint32(len(text))
	if fa.personal {
		text = append(text, plainName(ev.User)...)
		t.user = uint32(len(text))
		if fa.bySID {
			text = append(text, fa.sidOf(ev)...)
		}
		t.sid = uint32(len(text))
	} else {
		t.user, t.sid = t.resource, t.resource
	}
	fa.worded = fa.personal && !fa.elsewhere && wordy(t.computer-t.from) && wordy(t.user-t.resource)
	if fa.worded {
		fa.hash = g.words.hash(text[t.from:t.user])
	}
	g.text = text
	return ok
}
