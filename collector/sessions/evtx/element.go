package evtx

import "encoding/binary"

// meaning is what an element is for, by its name and the place it stands in.
type meaning struct {
	inner place  // of its children
	text  action // where its own text goes
	keep  bool   // its text is wanted
	attr  string // the one attribute that is wanted
	to    action // where that goes
}

func meaningOf(in place, name string) meaning {
	switch in {
	case inDocument:
		if name == "Event" {
			return meaning{inner: inEvent}
		}
	case inEvent:
		switch name {
		case "System":
			return meaning{inner: inSystem}
		case "EventData":
			return meaning{inner: inEventData}
		case "UserData":
			return meaning{inner: inUserData}
		}
		// RenderingInfo is translated text, and the rest no evidence either.
	case inSystem:
		m := meaning{inner: inNothing}
		switch name {
		case "Provider":
			m.attr, m.to = "Name", setProvider
		case "TimeCreated":
			m.attr, m.to = "SystemTime", setTime
		case "Correlation":
			m.attr, m.to = "ActivityID", setActivity
		case "EventID":
			m.text, m.keep = setEventID, true
		case "EventRecordID":
			m.text, m.keep = setRecordID, true
		case "Channel":
			m.text, m.keep = setChannel, true
		case "Computer":
			m.text, m.keep = setComputer, true
		}
		return m
	case inEventData:
		// The attribute Name becomes the field's name.
		return meaning{inner: inFields, text: setField, keep: true, attr: "Name", to: setField}
	case inUserData, inFields:
		return meaning{inner: inFields, text: setField, keep: true}
	}
	return meaning{inner: inNothing}
}

// element compiles the element at the current position.
func (c *compiler) element(in place, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	attributes := c.b[c.pos]&0x40 != 0
	dep, err := c.elementHead()
	if err != nil {
		return err
	}
	if dep != 0xffff {
		c.deps = append(c.deps, dep)
		defer func() { c.deps = c.deps[:len(c.deps)-1] }()
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	var (
		m         = meaningOf(in, string(name))
		base      = len(c.partStack)
		nameParts []part
	)
	if attributes {
		if nameParts, err = c.attributes(m); err != nil {
			return err
		}
	}
	if err := c.need(1); err != nil {
		return err
	}
	children := false
	switch c.b[c.pos] {
	case 0x03: // <name/>
		c.pos++
	case 0x02:
		c.pos++
		if children, err = c.content(m.inner, base, depth); err != nil {
			return err
		}
	default:
		return errToken
	}
	if !m.keep || children || in == inUserData && len(c.partStack) == base {
		// Text beside child elements is white space in every known event.
		c.partStack = c.partStack[:base]
		return nil
	}
	o := op{do: m.text, in: m.inner, name: name}
	if in == inEventData {
		switch {
		case len(nameParts) == 1 && nameParts[0].sub < 0:
			o.name = nameParts[0].lit
		case len(nameParts) > 0:
			o.nameParts = nameParts
		case string(name) == "Data":
			o.do = setNumbered
		}
	}
	c.emitParts(o, base)
	return nil
}

// elementHead passes an element's token, dependency and size. Values that are
// binary XML without a template may lack the dependency; what follows tells.
func (c *compiler) elementHead() (dep uint16, err error) {
	le := binary.LittleEndian
	head := func(at int) bool { // of the size
		if c.end-at < 8 {
			return false
		}
		_, ok := nameAt(c.b, int(le.Uint32(c.b[at+4:])))
		return ok && le.Uint32(c.b[at:]) <= uint32(len(c.b))
	}
	dep = 0xffff
	switch {
	case head(c.pos + 3):
		dep = le.Uint16(c.b[c.pos+1:])
		c.pos += 3
	case head(c.pos + 1):
		c.pos++
		c.portable = false
	case c.end-c.pos < 9:
		return 0, errEnds
	default:
		return 0, errName
	}
	return dep, c.skipSize()
}

// attributes compiles the list of attributes; the parts of a name that is
// wanted for the element's own field are returned.
func (c *compiler) attributes(m meaning) (nameParts []part, err error) {
	if err := c.skipSize(); err != nil {
		return nil, err
	}
	for c.pos < c.end && c.b[c.pos]&^0x40 == 0x06 {
		c.pos++
		name, err := c.name()
		if err != nil {
			return nil, err
		}
		base := len(c.partStack)
		for c.pos < c.end {
			other, err := c.inline(base)
			if err != nil {
				return nil, err
			}
			if other {
				break
			}
		}
		if m.attr == "" || string(name) != m.attr {
			c.partStack = c.partStack[:base]
			continue
		}
		if m.to == setField {
			nameParts = append([]part(nil), c.partStack[base:]...)
			c.partStack = c.partStack[:base]
			continue
		}
		c.emitParts(op{do: m.to, in: inNothing}, base)
	}
	return nameParts, nil
}

// skipInstance is the end of the template instance at b[pos:end].
func skipInstance(b []byte, pos, end int) (int, error) {
	p, count, err := instanceValues(b, pos, end)
	if err != nil {
		return 0, err
	}
	at := p + 4*count
	for range count {
		at += int(binary.LittleEndian.Uint16(b[p:]))
		p += 4
	}
	if at > end {
		return 0, errSizes
	}
	return at, nil
}

// definitionOverhead is offset of the next definition, identifier and size.
const definitionOverhead = 24

// instanceValues is where the value list of an instance begins, and its length.
func instanceValues(b []byte, pos, end int) (at, count int, err error) {
	if end-pos < 14 {
		return 0, 0, errEnds
	}
	off := int(binary.LittleEndian.Uint32(b[pos+6:]))
	p := pos + 10
	if off == p { // the definition stands here
		if end-p < definitionOverhead {
			return 0, 0, errDefined
		}
		size := binary.LittleEndian.Uint32(b[p+20:])
		if size > uint32(end-p-definitionOverhead) {
			return 0, 0, errDefined
		}
		p += definitionOverhead + int(size)
	}
	return listAt(b, p, end)
}

func listAt(b []byte, p, end int) (at, count int, err error) {
	if end-p < 4 {
		return 0, 0, errEnds
	}
	n := binary.LittleEndian.Uint32(b[p:])
	if n > uint32(end-p-4)/4 {
		return 0, 0, errSizes
	}
	return p + 4, int(n), nil
}
