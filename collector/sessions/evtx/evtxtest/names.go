package evtxtest

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"splameter/collector/sessions/record"
)

// names writes names and templates once in each chunk, and refers to them
// from then on.
type names struct {
	chunk     int
	at        map[string]uint32
	nameHeads [64]uint32
	defHeads  [32]uint32
	added     []string
	used      []*template // defined since mark
	was       [96]uint32

	texts map[string][]byte
	guids map[string][16]byte
}

func (n *names) reset(chunk int) {
	if n.at == nil {
		n.at, n.texts, n.guids = map[string]uint32{}, map[string][]byte{}, map[string][16]byte{}
	}
	clear(n.at)
	n.chunk, n.nameHeads, n.defHeads = chunk, [64]uint32{}, [32]uint32{}
}

// mark begins a record, which rollBack takes back if it does not fit.
func (n *names) mark() {
	n.added, n.used = n.added[:0], n.used[:0]
	copy(n.was[:64], n.nameHeads[:])
	copy(n.was[64:], n.defHeads[:])
}

func (n *names) rollBack() {
	for _, name := range n.added {
		delete(n.at, name)
	}
	for _, t := range n.used {
		t.chunk = -1
	}
	copy(n.nameHeads[:], n.was[:64])
	copy(n.defHeads[:], n.was[64:])
}

// tables writes the two tables of a chunk's header.
func (n *names) tables(b []byte) {
	for i, at := range n.nameHeads {
		binary.LittleEndian.PutUint32(b[4*i:], at)
	}
	for i, at := range n.defHeads {
		binary.LittleEndian.PutUint32(b[256+4*i:], at)
	}
}

// hash is that of a name's units; a template's identifier is hashed the same way.
func hash(b []byte) uint32 {
	h := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		h = h*65599 + uint32(binary.LittleEndian.Uint16(b[i:]))
	}
	return h & 0xffff
}

// name appends a reference to a name, and the name at its first use.
func (n *names) name(b []byte, name string) []byte {
	le := binary.LittleEndian
	if at, ok := n.at[name]; ok {
		return le.AppendUint32(b, at)
	}
	raw := utf16le(name)
	h := hash(raw)
	at := uint32(len(b) + 4)
	b = le.AppendUint32(b, at)
	b = le.AppendUint32(b, n.nameHeads[h%64])
	b = le.AppendUint16(b, uint16(h))
	b = le.AppendUint16(b, uint16(len(raw)/2))
	b = append(append(b, raw...), 0, 0)
	n.at[name], n.nameHeads[h%64] = at, at
	n.added = append(n.added, name)
	return b
}

// use appends an instance of a template up to its values.
func (n *names) use(b []byte, t *template) []byte {
	le := binary.LittleEndian
	b = append(append(b, 0x0c, 1), t.guid[:4]...)
	if t.chunk == n.chunk {
		return le.AppendUint32(b, t.at)
	}
	at := uint32(len(b) + 4)
	b = le.AppendUint32(b, at)
	k := hash(t.guid[:]) % 32
	b = le.AppendUint32(b, n.defHeads[k])
	b = append(b, t.guid[:]...)
	size := len(b)
	b = le.AppendUint32(b, 0)
	b = append(b, 0x0f, 1, 1, 0)
	b = n.element(b, &t.root)
	b = append(b, 0)
	le.PutUint32(b[size:], uint32(len(b)-size-4))
	t.chunk, t.at, n.defHeads[k] = n.chunk, at, at
	n.used = append(n.used, t)
	return b
}

func (n *names) element(b []byte, e *element) []byte {
	le := binary.LittleEndian
	token := byte(0x01)
	if len(e.attrs) > 0 {
		token = 0x41
	}
	b = append(b, token)
	b = le.AppendUint16(b, e.depends)
	size := len(b)
	b = le.AppendUint32(b, 0)
	b = n.name(b, e.name)
	if len(e.attrs) > 0 {
		list := len(b)
		b = le.AppendUint32(b, 0)
		for i, a := range e.attrs {
			token := byte(0x46)
			if i == len(e.attrs)-1 {
				token = 0x06
			}
			b = n.name(append(b, token), a.name)
			if a.sub < 0 {
				b = constant(b, a.text)
			} else {
				b = append(le.AppendUint16(append(b, 0x0e), uint16(a.sub)), a.typ)
			}
		}
		le.PutUint32(b[list:], uint32(len(b)-list-4))
	}
	if e.sub < 0 && e.text == "" && e.inner == nil {
		b = append(b, 0x03)
	} else {
		b = append(b, 0x02)
		if e.text != "" {
			b = constant(b, e.text)
		}
		for i := range e.inner {
			b = n.element(b, &e.inner[i])
		}
		if e.sub >= 0 {
			token := byte(0x0e)
			if e.need {
				token = 0x0d
			}
			b = append(le.AppendUint16(append(b, token), uint16(e.sub)), e.typ)
		}
		b = append(b, 0x04)
	}
	le.PutUint32(b[size:], uint32(len(b)-size-4))
	return b
}

func constant(b []byte, text string) []byte {
	raw := utf16le(text)
	b = append(b, 0x05, 0x01)
	return append(binary.LittleEndian.AppendUint16(b, uint16(len(raw)/2)), raw...)
}

// text and guid keep what was converted before: the values that all events share.
func (n *names) text(s string) []byte {
	b, ok := n.texts[s]
	if !ok {
		b = utf16le(s)
		n.texts[s] = b
	}
	return b
}

func (n *names) guid(s string) [16]byte {
	b, ok := n.guids[s]
	if !ok {
		b = guidBytes(s)
		n.guids[s] = b
	}
	return b
}

// literal appends an event all of whose values are text.
func (w *writer) literal(b []byte, e *Event) []byte {
	leaf := func(name, text string, attrs ...attribute) element {
		return element{name: name, depends: always, sub: -1, text: text, attrs: attrs}
	}
	attr := func(name, text string) attribute { return attribute{name, text, -1, 0} }
	system := leaf("System", "")
	system.inner = []element{
		leaf("Provider", "", attr("Name", e.Provider)),
		leaf("EventID", strconv.FormatUint(uint64(e.EventID), 10)),
		leaf("TimeCreated", "", attr("SystemTime", record.FromTicks(e.Ticks).Format("2006-01-02 15:04:05.0000000"))),
		leaf("EventRecordID", strconv.FormatUint(e.ID, 10)),
		leaf("Channel", e.Channel), leaf("Computer", e.Computer),
	}
	if e.ActivityID != "" {
		system.inner = append(system.inner, leaf("Correlation", "", attr("ActivityID", "{"+e.ActivityID+"}")))
	}
	data := leaf("EventData", "")
	into := &data
	if e.Element != "" {
		data = leaf("UserData", "")
		data.inner = []element{leaf(e.Element, "", attr("xmlns", e.Namespace))}
		into = &data.inner[0]
	}
	for _, f := range e.Fields {
		if f.Type != str {
			panic(fmt.Sprintf("event %d: field %s is no text, and cannot be written without a template", e.ID, f.Name))
		}
		x := leaf(f.Name, textOf(f.Raw))
		if e.Element == "" {
			x = leaf("Data", textOf(f.Raw), attr("Name", f.Name))
		}
		into.inner = append(into.inner, x)
	}
	root := leaf("Event", "", attr("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"))
	root.inner = []element{system, data}
	return w.names.element(append(b, 0x0f, 1, 1, 0), &root)
}
