package evtx

import (
	"encoding/binary"
	"errors"
)

// maxDepth bounds elements within elements and templates within values.
const maxDepth = 32

// Faults of a record; a damage names the record and its place.
var (
	errEnds    = errors.New("its binary XML ends too early")
	errName    = errors.New("a name lies outside of the chunk")
	errToken   = errors.New("its binary XML has a token of unknown kind")
	errDepth   = errors.New("its elements are nested too deeply")
	errBudget  = errors.New("its chunk unfolds to far more than an honest log holds")
	errSizes   = errors.New("its values reach beyond its end")
	errValue   = errors.New("a value has the wrong size for its type")
	errType    = errors.New("a value is of unknown type")
	errDefined = errors.New("its template lies outside of the chunk")
	errTime    = errors.New("its time cannot be read")
	errNoEvent = errors.New("it holds no event id")
)

// compiler turns binary XML into ops. For a template, holes stay holes and the
// steps that recognise it elsewhere are noted; literal XML is compiled the
// same way and has no holes.
type compiler struct {
	b        []byte // the chunk
	pos, end int
	ops      []op
	budget   *int
	weight   int

	template  bool
	portable  bool // nothing in it is bound to this chunk
	steps     []step
	mark      int // where the present fixed piece begins
	deps      []uint16
	partStack []part
}

func (c *compiler) need(n int) error {
	if c.end-c.pos < n {
		return errEnds
	}
	return nil
}

// vary ends the fixed piece before the current position.
func (c *compiler) vary(s step) {
	if c.template {
		s.fixed = append([]byte(nil), c.b[c.mark:c.pos]...)
		c.weight += len(s.fixed) + 64
		c.steps = append(c.steps, s)
	}
}

// skipSize passes a size, which depends on where the names are.
func (c *compiler) skipSize() error {
	if err := c.need(4); err != nil {
		return err
	}
	c.vary(step{skip: 4})
	c.pos += 4
	c.mark = c.pos
	return nil
}

func (c *compiler) charge(n int) error {
	c.weight += n
	if *c.budget -= n; *c.budget < 0 {
		return errBudget
	}
	return nil
}

// name reads a reference to a name, and passes the name if it stands here.
func (c *compiler) name() ([]byte, error) {
	if err := c.need(4); err != nil {
		return nil, err
	}
	off := int(binary.LittleEndian.Uint32(c.b[c.pos:]))
	raw, ok := nameAt(c.b, off)
	if !ok {
		return nil, errName
	}
	if err := c.charge(64 + 2*len(raw)); err != nil {
		return nil, err
	}
	if c.template {
		c.vary(step{named: true, name: append([]byte(nil), raw...)})
	}
	if c.pos += 4; off == c.pos {
		if err := c.need(nameOverhead + len(raw)); err != nil {
			return nil, err
		}
		c.pos += nameOverhead + len(raw)
	}
	c.mark = c.pos
	return appendUTF16(nil, raw), nil
}

// unit reads a count of UTF-16 units and that many.
func (c *compiler) units() ([]byte, error) {
	if err := c.need(2); err != nil {
		return nil, err
	}
	n := 2 * int(binary.LittleEndian.Uint16(c.b[c.pos:]))
	c.pos += 2
	if err := c.need(n); err != nil {
		return nil, err
	}
	c.pos += n
	return c.b[c.pos-n : c.pos], c.charge(n)
}

// text adds constant text to the parts at hand.
func (c *compiler) text(base int, lit []byte) {
	if n := len(c.partStack); n > base && c.partStack[n-1].sub < 0 {
		c.partStack[n-1].lit = append(c.partStack[n-1].lit, lit...)
		return
	}
	c.partStack = append(c.partStack, part{lit: lit, sub: -1})
}

// inline reads one token that is text or a hole, at the current position.
// other is true where the token is of another kind; nothing was read then.
func (c *compiler) inline(base int) (other bool, err error) {
	switch t := c.b[c.pos]; t {
	case 0x05, 0x45: // value
		if err := c.need(2); err != nil {
			return false, err
		}
		typ := c.b[c.pos+1]
		c.pos += 2
		if typ == typeString {
			raw, err := c.units()
			if err != nil {
				return false, err
			}
			c.text(base, appendUTF16(nil, raw))
			return false, nil
		}
		n := fixedSize(typ)
		if n == 0 {
			return false, errType
		}
		if err := c.need(n); err != nil {
			return false, err
		}
		lit, err := appendValue(nil, typ, c.b[c.pos:c.pos+n])
		if err != nil {
			return false, err
		}
		c.pos += n
		c.text(base, lit)
	case 0x07, 0x47: // CDATA
		c.pos++
		raw, err := c.units()
		if err != nil {
			return false, err
		}
		c.text(base, appendUTF16(nil, raw))
	case 0x08, 0x48: // character reference
		if err := c.need(3); err != nil {
			return false, err
		}
		c.text(base, appendUTF16(nil, c.b[c.pos+1:c.pos+3]))
		c.pos += 3
	case 0x09, 0x49: // entity reference
		c.pos++
		name, err := c.name()
		if err != nil {
			return false, err
		}
		c.text(base, entity(name))
	case 0x0d, 0x0e: // a value of the record, obligatory or optional
		if err := c.need(4); err != nil {
			return false, err
		}
		sub := int32(binary.LittleEndian.Uint16(c.b[c.pos+1:]))
		c.pos += 4
		if err := c.charge(32); err != nil {
			return false, err
		}
		c.partStack = append(c.partStack, part{sub: sub})
	default:
		return true, nil
	}
	return false, nil
}

func entity(name []byte) []byte {
	switch string(name) {
	case "amp":
		return []byte{'&'}
	case "lt":
		return []byte{'<'}
	case "gt":
		return []byte{'>'}
	case "quot":
		return []byte{'"'}
	case "apos":
		return []byte{'\''}
	}
	return append(append([]byte{'&'}, name...), ';')
}

// content reads tokens up to the end of the element (or, for depth 0, of the
// fragment). Texts and holes are left on the stack of parts; children tells
// whether there were elements.
func (c *compiler) content(in place, base, depth int) (children bool, err error) {
	for {
		if c.pos >= c.end {
			if depth == 0 {
				return children, nil
			}
			return children, errEnds
		}
		other, err := c.inline(base)
		if err != nil {
			return children, err
		}
		if !other {
			if in != inFields && in != inNothing {
				if err := c.loose(in, base); err != nil {
					return children, err
				}
			}
			continue
		}
		switch c.b[c.pos] {
		case 0x00:
			if depth == 0 {
				c.pos++
				return children, nil
			}
			return children, errToken
		case 0x01, 0x41:
			children = true
			if err := c.element(in, depth+1); err != nil {
				return children, err
			}
		case 0x04:
			if depth == 0 {
				return children, errToken
			}
			c.pos++
			return children, nil
		case 0x0a: // processing instruction: its target, then its data
			c.pos++
			if _, err := c.name(); err != nil {
				return children, err
			}
		case 0x0b:
			c.pos++
			if _, err := c.units(); err != nil {
				return children, err
			}
		case 0x0c:
			children = true
			end, err := skipInstance(c.b, c.pos, c.end)
			if err != nil {
				return children, err
			}
			if in != inNothing {
				c.emit(op{do: openElement, in: in, sub: -1, lit: nil}, c.pos, end)
			}
			c.portable = false // the op points into this chunk
			c.pos = end
		case 0x0f:
			if err := c.need(4); err != nil {
				return children, err
			}
			c.pos += 4
		default:
			return children, errToken
		}
	}
}

// loose handles a text or hole straight in a container, where one expects
// elements: a hole may bring them along.
func (c *compiler) loose(in place, base int) error {
	for _, p := range c.partStack[base:] {
		switch {
		case p.sub >= 0:
			c.emit(op{do: descend, in: in, sub: p.sub}, 0, 0)
		case in == inEventData && !blank(p.lit):
			c.emit(op{do: setNumbered, in: inFields, sub: -1, lit: p.lit}, 0, 0)
		}
	}
	c.partStack = c.partStack[:base]
	return c.charge(64)
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// emit adds an op under the dependencies of the open elements.
func (c *compiler) emit(o op, at, end int) {
	o.at, o.end, o.dep = int32(at), int32(end), -1
	if n := len(c.deps); n > 0 {
		o.dep = int32(c.deps[n-1])
		if n > 1 {
			o.deps = append([]uint16(nil), c.deps[:n-1]...)
		}
	}
	c.weight += 256
	c.ops = append(c.ops, o)
}

// emitParts adds an op for the parts on the stack above base, and takes them.
func (c *compiler) emitParts(o op, base int) {
	parts := c.partStack[base:]
	o.sub = -1
	switch {
	case len(parts) == 1 && parts[0].sub >= 0:
		o.sub = parts[0].sub
	case len(parts) == 1:
		o.lit = parts[0].lit
	case len(parts) > 1:
		o.parts = append([]part(nil), parts...)
	}
	c.emit(o, 0, 0)
	c.partStack = c.partStack[:base]
}
