package evtx

import (
	"bytes"
	"encoding/binary"
)

// place says where in an event a piece of binary XML stands, and so what its
// elements mean.
type place uint8

const (
	inDocument  place = iota // outside of all elements
	inEvent                  // the children of Event
	inSystem                 // of Event/System
	inEventData              // of Event/EventData
	inUserData               // of Event/UserData: the one element whose children are the fields
	inFields                 // below that element: leaves are fields
	inNothing                // rendered text and whatever else is no evidence
)

// action is what is done with the values of an op.
type action uint8

const (
	setField    action = iota
	setNumbered        // a Data element without Name: Data1, Data2, ...
	setProvider
	setChannel
	setComputer
	setEventID
	setRecordID
	setTime
	setActivity
	descend     // a value in the content of a container: more binary XML
	openElement // a template instance or element at a place in this chunk
)

// part is a piece of a text: constant, or the value sub where sub is not -1.
type part struct {
	lit []byte
	sub int32
}

// op sends one text of an event to where it belongs.
type op struct {
	do  action
	in  place // of binary XML inside the value
	sub int32 // the one value it consists of, or -1
	dep int32 // the op is left out when this value is null; -1 for none
	lit []byte
	// parts is nil for a single value or a constant.
	parts     []part
	name      []byte // of a field
	nameParts []part // where the name is not constant
	deps      []uint16
	at, end   int32 // openElement

	memo *memo
}

// memo is the text of a value that seldom changes.
type memo struct {
	raw, text []byte
}

// plan is a compiled template, good for every chunk that holds the same one.
type plan struct {
	ops []op
	// eventID and channel index ops, or are -1 where the template leaves them
	// to nested XML, in which case records are judged when decoded.
	eventID, channel int32
	steps            []step
	weight           int
}

// step is a piece of a template's definition: bytes that are the same wherever
// the template stands, then skip bytes that are not (sizes), then a name,
// which the definition may hold or refer to. The steps prove that a definition
// in another chunk is the very same template.
type step struct {
	fixed []byte
	skip  int
	named bool
	name  []byte // UTF-16
}

// matches tells whether the definition's body b[pos:end] is that of the plan.
func (p *plan) matches(b []byte, pos, end int) bool {
	for i := range p.steps {
		s := &p.steps[i]
		if n := len(s.fixed); n > 0 {
			if end-pos < n || string(b[pos:pos+n]) != string(s.fixed) {
				return false
			}
			pos += n
		}
		pos += s.skip
		if pos > end {
			return false
		}
		if !s.named {
			continue
		}
		if end-pos < 4 {
			return false
		}
		off := int(binary.LittleEndian.Uint32(b[pos:]))
		pos += 4
		raw, ok := nameAt(b, off)
		if !ok || !bytes.Equal(raw, s.name) {
			return false
		}
		if off == pos {
			pos += nameOverhead + len(raw)
			if pos > end {
				return false
			}
		}
	}
	return true
}

const nameOverhead = 10 // offset of the next name, hash, count before it; a zero unit after it

// nameAt is the name that lies at off in the chunk, as UTF-16.
func nameAt(b []byte, off int) ([]byte, bool) {
	if off < chunkHeaderSize || off > len(b)-8 {
		return nil, false
	}
	n := 2 * int(binary.LittleEndian.Uint16(b[off+6:]))
	if n > len(b)-off-8 {
		return nil, false
	}
	return b[off+8 : off+8+n], true
}

// cacheKey finds candidates; only plan.matches decides.
type cacheKey struct {
	guid [16]byte
	in   place
}

// maxCache bounds the memory of compiled templates of one decoder, by weight:
// an honest log has some hundred templates of a few kilobytes.
const maxCache = 16 << 20

// planCache holds the templates of a whole run, by content.
type planCache struct {
	plans  map[cacheKey][]*plan
	weight int
}

func (c *planCache) find(k cacheKey, b []byte, pos, end int) *plan {
	for _, p := range c.plans[k] {
		if p.matches(b, pos, end) {
			return p
		}
	}
	return nil
}

func (c *planCache) add(k cacheKey, p *plan) {
	if c.weight+p.weight > maxCache || c.plans == nil {
		c.plans, c.weight = map[cacheKey][]*plan{}, 0
	}
	if same := c.plans[k]; len(same) >= 8 { // one identifier for many templates: no honest log
		c.plans[k] = same[:0]
	}
	c.plans[k] = append(c.plans[k], p)
	c.weight += p.weight
}

// chunkPlans finds the plan of a definition by its offset in the chunk at hand.
type chunkPlans struct {
	entries [64]chunkPlan
	round   uint32
}

type chunkPlan struct {
	off   uint32
	round uint32
	in    place
	next  int // where an inline definition ends
	plan  *plan
}

// begin forgets the chunk before.
func (c *chunkPlans) begin() {
	if c.round++; c.round == 0 {
		*c = chunkPlans{round: 1}
	}
}

// entry is the place of a definition: filled already if its plan fits, else
// to be filled by the caller. Two definitions that share a place take turns.
func (c *chunkPlans) entry(off uint32, in place) (*chunkPlan, bool) {
	e := &c.entries[(off>>3^off>>9^uint32(in)<<4)%64]
	return e, e.round == c.round && e.off == off && e.in == in
}
