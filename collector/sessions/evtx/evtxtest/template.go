package evtxtest

import (
	"encoding/binary"
	"unicode/utf16"

	"splameter/internal/digest"
)

// element is an element of a template: its text is a value (sub), a constant,
// or further elements.
type element struct {
	name    string
	depends uint16 // the value without which it is left out
	attrs   []attribute
	sub     int // -1 for none
	typ     byte
	text    string
	inner   []element
	need    bool // the value is written even if null
}

type attribute struct {
	name, text string
	sub        int // -1 for a constant
	typ        byte
}

const always = 0xffff

// template is an element with an identifier, and where it lies in a chunk.
type template struct {
	guid  [16]byte
	root  element
	chunk int // the chunk for which at holds, or -1
	at    uint32
}

func newTemplate(identity string, root element) *template {
	sum := digest.Raw(identity)
	return &template{guid: [16]byte(sum[:16]), root: root, chunk: -1}
}

type outerKey struct {
	computer string
	userData bool
}

const (
	str, u8, u16, u32, u64, guid, fileTime, sid, hex64, xml = 0x01, 0x04, 0x06, 0x08, 0x0a, 0x0f, 0x11, 0x13, 0x15, 0x21
)

// outerTemplate is the part that all events of a host share. Its values, in
// order, are those that instance writes.
func outerTemplate(k outerKey) *template {
	leaf := func(name string, sub int, typ byte) element {
		return element{name: name, depends: uint16(sub), sub: sub, typ: typ}
	}
	empty := func(name string, attrs ...attribute) element {
		return element{name: name, depends: always, attrs: attrs, sub: -1}
	}
	eventID := leaf("EventID", 3, u16)
	eventID.attrs = []attribute{{"Qualifiers", "", 4, u16}}
	system := element{name: "System", depends: always, sub: -1, inner: []element{
		empty("Provider", attribute{"Name", "", 14, str}, attribute{"Guid", "", 15, guid}),
		eventID, leaf("Version", 11, u8), leaf("Level", 0, u8), leaf("Task", 2, u16), leaf("Opcode", 1, u8), leaf("Keywords", 5, hex64),
		empty("TimeCreated", attribute{"SystemTime", "", 6, fileTime}),
		leaf("EventRecordID", 10, u64),
		empty("Correlation", attribute{"ActivityID", "", 7, guid}, attribute{"RelatedActivityID", "", 13, guid}),
		empty("Execution", attribute{"ProcessID", "", 8, u32}, attribute{"ThreadID", "", 9, u32}),
		leaf("Channel", 16, str),
		{name: "Computer", depends: always, sub: -1, text: k.computer},
		empty("Security", attribute{"UserID", "", 12, sid}),
	}}
	identity := "event data of " + k.computer
	root := element{name: "Event", depends: always, sub: -1, inner: []element{system},
		attrs: []attribute{{"xmlns", "http://schemas.microsoft.com/win/2004/08/events/event", -1, 0}}}
	if k.userData {
		identity = "user data of " + k.computer
		root.inner = append(root.inner, leaf("UserData", 17, xml))
	} else {
		root.sub, root.typ = 17, xml // EventData comes along with the value
	}
	return newTemplate(identity, root)
}

// innerTemplate is the part that holds the event's own fields.
func innerTemplate(identity string, e *Event) *template {
	if e.Element != "" {
		root := element{name: e.Element, depends: always, sub: -1, attrs: []attribute{{"xmlns", e.Namespace, -1, 0}}}
		for i, f := range e.Fields {
			root.inner = append(root.inner, element{name: f.Name, depends: always, sub: i, typ: f.Type, need: true})
		}
		return newTemplate(identity, root)
	}
	root := element{name: "EventData", depends: always, sub: -1}
	for i, f := range e.Fields {
		d := element{name: "Data", depends: always, sub: i, typ: f.Type, need: true}
		if f.Name != "" {
			d.attrs = []attribute{{"Name", f.Name, -1, 0}}
		}
		root.inner = append(root.inner, d)
	}
	return newTemplate(identity, root)
}

// instance appends the binary XML of an event: an instance of the outer
// template, whose last value is one of the inner.
func (w *writer) instance(b []byte, e *Event) []byte {
	le := binary.LittleEndian
	ok := outerKey{e.Computer, e.Element != ""}
	outer := w.outer[ok]
	if outer == nil {
		if w.outer == nil {
			w.outer, w.inner = map[outerKey]*template{}, map[string]*template{}
		}
		outer = outerTemplate(ok)
		w.outer[ok] = outer
	}
	w.keyBuf = append(append(append(w.keyBuf[:0], e.Element...), 0), e.Namespace...)
	for i := range e.Fields {
		w.keyBuf = append(append(append(w.keyBuf, 0), e.Fields[i].Name...), e.Fields[i].Type)
	}
	inner := w.inner[string(w.keyBuf)]
	if inner == nil {
		inner = innerTemplate(string(w.keyBuf), e)
		w.inner[string(w.keyBuf)] = inner
	}
	b = append(b, 0x0f, 1, 1, 0)
	b = w.names.use(b, outer)
	b = le.AppendUint32(b, 18)
	list := len(b)
	provider, channel := w.names.text(e.Provider), w.names.text(e.Channel)
	activity := byte(0)
	if e.ActivityID != "" {
		activity = guid
	}
	for _, v := range [18]struct {
		size int
		typ  byte
	}{{1, u8}, {1, u8}, {2, u16}, {2, u16}, {2, 0}, {8, hex64}, {8, fileTime}, {16, activity}, {4, u32}, {4, u32}, {8, u64}, {1, u8},
		{12, sid}, {0, 0}, {len(provider), str}, {16, guid}, {len(channel), str}, {0, xml}} {
		b = append(le.AppendUint16(b, uint16(v.size)), v.typ, 0)
	}
	b = append(b, 4, 0, 0, 0)
	b = le.AppendUint16(b, uint16(e.EventID))
	b = append(b, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x10) // the absent qualifiers, as Windows leaves them; keywords
	b = le.AppendUint64(b, uint64(e.Ticks))
	id := [16]byte{}
	if e.ActivityID != "" {
		id = guidBytes(e.ActivityID)
	}
	b = append(b, id[:]...)
	b = le.AppendUint32(b, 732)
	b = le.AppendUint32(b, 4180)
	b = le.AppendUint64(b, e.ID)
	b = append(b, 0)
	b = append(b, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)
	b = append(b, provider...)
	if id = [16]byte{}; e.ProviderGUID != "" {
		id = w.names.guid(e.ProviderGUID)
	}
	b = append(b, id[:]...)
	b = append(b, channel...)
	data := len(b)
	b = append(b, 0x0f, 1, 1, 0)
	b = w.names.use(b, inner)
	b = le.AppendUint32(b, uint32(len(e.Fields)))
	for i := range e.Fields {
		b = append(le.AppendUint16(b, uint16(len(e.Fields[i].Raw))), e.Fields[i].Type, 0)
	}
	for i := range e.Fields {
		b = append(b, e.Fields[i].Raw...)
	}
	b = append(b, 0)
	le.PutUint16(b[list+17*4:], uint16(len(b)-data))
	return b
}

func utf16le(s string) []byte {
	b := make([]byte, 0, 2*len(s)+2)
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
