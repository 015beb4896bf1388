package eventxml

import (
	"bytes"

	"splameter/collector/sessions/textblock"
)

// known is a child of System as the event before had it. Equal bytes at the
// same place mean the same, so that most of System is compared, not parsed.
type known struct {
	raw   []byte
	what  child
	value []byte // decoded
	id    uint32 // of EventID
	seen  class  // of the characters in it
	miss  int8   // how often in a row it differed; given up at giveUp
}

const (
	giveUp   = 4
	maxKnown = 512 // bytes of a child that are kept
)

type child uint8

const (
	other child = iota
	provider
	eventID
	timeCreated
	recordID
	correlation
	channel
	computer
)

// event reads the event whose start tag begins at 0, into p.rec. wanted is
// false if the filter does not want it.
func (p *parser) event() (end int, wanted bool) {
	s := &p.s
	var event tag
	i := s.start(0, &event)
	if i < 0 {
		return i, false
	}
	if event.empty {
		return s.broken("the event is empty"), false
	}
	wanted = true
	hasSystem := false
	for {
		if i = p.between(i); i < 0 {
			return i, false
		}
		if s.d[i+1] == '/' {
			if i = s.close(i, event.full); i < 0 {
				return i, false
			}
			if !hasSystem {
				return s.broken("the event has no EventID"), false
			}
			return i, wanted
		}
		// The commonest element first, as a whole: nothing is allocated for
		// its tag.
		var t tag
		if i = s.start(i, &t); i < 0 {
			return i, false
		}
		switch string(t.name) {
		case "System":
			if t.empty || hasSystem {
				return s.broken("the event has no EventID, or two"), false
			}
			if i = p.system(i, &t); i < 0 {
				return i, false
			}
			hasSystem = true
			if p.filter != nil && !p.filter(p.rec.Channel, p.rec.EventID) {
				wanted = false
				if n := p.jump(i, &event); n > 0 {
					return n, false
				}
			}
		case "UserData", "EventData":
			if !wanted {
				i = s.skip(i, &t, t.name[0] == 'U')
			} else if t.name[0] == 'U' {
				i = p.userData(i, &t)
			} else {
				i = p.leaves(i, &t, false)
			}
		case "RenderingInfo":
			i = p.rendering(i, &t)
		case "Event":
			i = s.broken(whatNested)
		default:
			i = s.skip(i, &t, false)
		}
		if i < 0 {
			return i, false
		}
	}
}

// between passes over blanks, text and comments up to the next tag.
func (p *parser) between(i int) int {
	s := &p.s
	if i+1 < len(s.d) && s.d[i] == '<' && s.d[i+1] != '!' && s.d[i+1] != '?' {
		return i
	}
	for {
		n := bytes.IndexByte(s.d[i:], '<')
		if n < 0 || i+n+1 >= len(s.d) {
			return more
		}
		for _, c := range s.d[i : i+n] {
			if c < ' ' && !isSpace(c) {
				return s.broken(whatText)
			}
		}
		i += n
		if c := s.d[i+1]; c != '!' && c != '?' {
			return i
		}
		if i, _ = s.special(i); i < 0 {
			return i
		}
	}
}

// jump goes to the end of an event that is not wanted without reading it. It
// gives up (0) where only reading can tell: at CDATA, comments and elements
// that are called Event too.
func (p *parser) jump(i int, event *tag) int {
	s := &p.s
	if string(event.full) != "Event" {
		return 0
	}
	const endTag = "</Event>"
	n := s.seek(eventEnd, "</", "Event>", i)
	if n < 0 {
		return 0
	}
	if k := s.seek(declaration, "<", "!", i); k >= 0 && k < n {
		return 0
	}
	if s.nested(i, n) {
		return 0
	}
	return n + len(endTag)
}

// rendering jumps over RenderingInfo: text in the machine's language.
func (p *parser) rendering(i int, t *tag) int {
	if t.empty {
		return i
	}
	const end = "</RenderingInfo>"
	s := &p.s
	n := s.seek(renderingEnd, "</", "RenderingInfo>", i)
	if n < 0 || len(t.full) != len(t.name) {
		return s.skip(i, t, false)
	}
	if k := s.seek(declaration, "<", "!", i); k >= 0 && k < n {
		return s.skip(i, t, false)
	}
	if s.nested(i, n) {
		return s.broken(whatNested)
	}
	return n + len(end)
}

// system reads the children of System.
func (p *parser) system(i int, system *tag) int {
	s := &p.s
	hasID := false
	for k := 0; ; k++ {
		if i = p.between(i); i < 0 {
			return i
		}
		if s.d[i+1] == '/' {
			if !hasID {
				return s.broken("the event has no EventID, or one that is no number")
			}
			return s.close(i, system.full)
		}
		var kn *known
		if k < len(p.known) {
			kn = &p.known[k]
			if len(kn.raw) > 0 && bytes.HasPrefix(s.d[i:], kn.raw) {
				kn.miss = 0
				s.seen |= kn.seen
				hasID = hasID || kn.what == eventID
				p.apply(kn)
				i += len(kn.raw)
				continue
			}
		}
		from, before := i, s.seen
		var now known
		s.seen = 0
		if i = p.child(i, &now); i < 0 {
			return i
		}
		now.seen = s.seen
		s.seen |= before
		hasID = hasID || now.what == eventID
		p.apply(&now)
		if kn == nil || kn.miss >= giveUp || now.what == timeCreated || now.what == recordID || i-from > maxKnown {
			if kn != nil {
				kn.raw = kn.raw[:0]
			}
			continue
		}
		kn.raw = append(kn.raw[:0], s.d[from:i]...)
		kn.value = append(kn.value[:0], now.value...)
		kn.what, kn.id, kn.seen = now.what, now.id, now.seen
		kn.miss++
	}
}

// apply puts a child of System into the record.
func (p *parser) apply(k *known) {
	switch k.what {
	case provider:
		p.rec.Provider = k.value
	case eventID:
		p.rec.EventID = k.id
	case correlation:
		p.rec.ActivityID = k.value
	case channel:
		p.rec.Channel = k.value
	case computer:
		p.rec.Computer = k.value
	}
}

// child reads one child of System. Time and record id go into the record at
// once, since they differ in each event.
func (p *parser) child(i int, k *known) int {
	s := &p.s
	var t tag
	if i = s.start(i, &t); i < 0 {
		return i
	}
	var ok bool
	switch string(t.name) {
	case "Provider":
		k.what = provider
		p.scratch, k.value, ok = s.decode(p.scratch, attr(t.attrs, "Name"))
		if !ok {
			return s.broken(whatText)
		}
	case "TimeCreated":
		k.what = timeCreated
		if p.rec.Ticks, _, ok = textblock.Stamp(bytes.TrimSpace(attr(t.attrs, "SystemTime"))); !ok {
			return s.broken("the event's SystemTime is not a time of the form 2026-10-01T05:11:08.0000000Z")
		}
	case "Correlation":
		k.what = correlation
		if v := attr(t.attrs, "ActivityID"); v != nil {
			if p.scratch, v, ok = s.decode(p.scratch, v); !ok {
				return s.broken(whatText)
			}
			from := len(p.scratch)
			p.scratch = textblock.AppendGUID(p.scratch, v)
			k.value = p.scratch[from:len(p.scratch):len(p.scratch)]
		}
	case "EventID", "EventRecordID", "Channel", "Computer":
		var value []byte
		if i, value, _ = p.text(i, &t); i < 0 {
			return i
		}
		if value == nil {
			value = []byte{}
		}
		switch t.name[1] {
		case 'v':
			n, ok := textblock.Uint(value)
			if len(t.name) > len("EventID") {
				if !ok {
					return s.broken("the event's EventRecordID is no number")
				}
				k.what, p.rec.ID = recordID, n
				return i
			}
			if !ok || n > 1<<32-1 {
				return s.broken("the event has no EventID, or one that is no number")
			}
			k.what, k.id = eventID, uint32(n)
		case 'h':
			k.what, k.value = channel, bytes.TrimSpace(value)
		case 'o':
			k.what, k.value = computer, bytes.TrimSpace(value)
		}
		return i
	case "Event":
		return s.broken(whatNested)
	}
	return s.skip(i, &t, false)
}
