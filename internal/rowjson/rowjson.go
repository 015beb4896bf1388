// Package rowjson writes and reads rows of JSON: what encoding/json makes of
// them, to the byte, in a third of the time. A large month seals a million rows
// and reads them again to prove them. What a row's type or text holds beyond the
// plain and frequent is left to encoding/json, so that it stays the one that
// says what JSON is; fuzzing holds the two against each other.
package rowjson

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// kind is how a value is written and read.
type kind uint8

const (
	other  kind = iota // by encoding/json
	text               // a string
	number             // a signed integer
	count              // an unsigned integer
	flag
	object
	list
	pointer
	moment // time.Time
	named  // what writes itself as text, and by its pointer reads itself
)

// plan is how the values of a type are written and read.
type plan struct {
	kind   kind
	of     reflect.Type
	size   uintptr // of a value; of a number's bytes
	fields []field // of an object
	elem   *plan   // of a list or a pointer
	last   string  // the text that a Reader read here last
}

// Values are reached by where they lie: reflection takes half of the time that a
// row takes. A value of a type is read and written here as what its plan says that
// it is, and as nothing else; of is its value for all that is not plain.
func (p *plan) value(at unsafe.Pointer) reflect.Value { return reflect.NewAt(p.of, at).Elem() }

// field is a member of an object, of embedded ones too.
type field struct {
	*plan
	index     [][]int   // into the struct, and on through each embedded pointer
	offsets   []uintptr // the same, in bytes
	name      string    // with its quotes and its colon
	omitEmpty bool
	omitZero  bool
	byMethod  bool // it says itself whether it is zero
}

var (
	momentType  = reflect.TypeFor[time.Time]()
	marshaler   = reflect.TypeFor[json.Marshaler]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	asText      = reflect.TypeFor[encoding.TextMarshaler]()
	fromText    = reflect.TypeFor[encoding.TextUnmarshaler]()
	zeroer      = reflect.TypeFor[zero]()
	plans       sync.Map // by type
)

// zero is what says itself whether it is.
type zero interface{ IsZero() bool }

// planOf is the plan of a type, made once.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := plans.LoadOrStore(t, newPlan(t, nil))
	return p.(*plan)
}

// newPlan plans a type; one that contains itself is left to encoding/json. within
// are the types around it.
func newPlan(t reflect.Type, within []reflect.Type) *plan {
	p := &plan{of: t, size: t.Size()}
	byPointer := reflect.PointerTo(t)
	switch {
	case slices.Contains(within, t):
	case t == momentType:
		p.kind = moment
	case byPointer.Implements(marshaler) || byPointer.Implements(unmarshaler):
	case t.Implements(asText) && byPointer.Implements(fromText) && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface:
		p.kind = named
	case byPointer.Implements(asText) || byPointer.Implements(fromText):
	default:
		p.plain(t, append(slices.Clip(within), t))
	}
	return p
}

// plain plans a type that has no say in its own form.
func (p *plan) plain(t reflect.Type, within []reflect.Type) {
	switch t.Kind() {
	case reflect.String:
		if t != reflect.TypeFor[json.Number]() {
			p.kind = text
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.kind = number
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.kind = count
	case reflect.Bool:
		p.kind = flag
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // bytes are written in a form of their own
			p.kind, p.elem = list, newPlan(t.Elem(), within)
		}
	case reflect.Pointer:
		p.kind, p.elem = pointer, newPlan(t.Elem(), within)
	case reflect.Struct:
		if p.addFields(t, nil, within) {
			p.kind = object
			for i := range p.fields {
				p.fields[i].offsets = offsetsOf(t, p.fields[i].index)
			}
		} else {
			p.fields = nil
		}
	}
}

// addFields adds the members of a struct, those of embedded ones in the place of
// these; false where encoding/json must say which of them it means.
func (p *plan) addFields(t reflect.Type, index [][]int, within []reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		at := append(append([][]int{}, index...), []int{i})
		if len(index) > 0 { // one step on from the last
			last := index[len(index)-1]
			at = append(append([][]int{}, index[:len(index)-1]...), append(append([]int{}, last...), i))
		}
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			by := reflect.PointerTo(inner)
			if inner.Kind() != reflect.Struct || !f.IsExported() || slices.Contains(within, inner) || by.Implements(marshaler) || by.Implements(asText) {
				return false
			}
			if f.Type.Kind() == reflect.Pointer {
				at = append(at, nil)
			}
			if !p.addFields(inner, at, append(slices.Clip(within), inner)) {
				return false
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		x := field{plan: newPlan(f.Type, within), index: at}
		for options != "" {
			var o string
			switch o, options, _ = strings.Cut(options, ","); o {
			case "omitempty":
				x.omitEmpty = true
			case "omitzero":
				x.omitZero, x.byMethod = true, f.Type.Implements(zeroer)
				if !x.byMethod && reflect.PointerTo(f.Type).Implements(zeroer) {
					return false
				}
			default:
				return false
			}
		}
		if name == "" {
			name = f.Name
		}
		for _, c := range []byte(name) {
			if !plainName(c) {
				return false
			}
		}
		x.name = `"` + name + `":`
		for i := range p.fields {
			if strings.EqualFold(p.fields[i].name, x.name) { // which of the two it is, encoding/json knows
				return false
			}
		}
		p.fields = append(p.fields, x)
	}
	return true
}

func plainName(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// offsetsOf are the bytes from a struct to a member, by each embedded pointer.
func offsetsOf(t reflect.Type, index [][]int) (out []uintptr) {
	for i, steps := range index {
		if i > 0 {
			t = t.Elem()
		}
		offset := uintptr(0)
		for _, n := range steps {
			f := t.Field(n)
			offset, t = offset+f.Offset, f.Type
		}
		out = append(out, offset)
	}
	return out
}

// at is where a member of a struct lies; false where it is behind an embedded
// pointer that is nil.
func (f *field) at(v unsafe.Pointer) (unsafe.Pointer, bool) {
	v = unsafe.Add(v, f.offsets[0])
	for _, offset := range f.offsets[1:] {
		if v = *(*unsafe.Pointer)(v); v == nil {
			return nil, false
		}
		v = unsafe.Add(v, offset)
	}
	return v, true
}

// items are where the entries of a list lie, and how many there are.
func items(at unsafe.Pointer) (first unsafe.Pointer, n int) {
	s := *(*[]byte)(at) // of any slice the beginning and the length are these
	return unsafe.Pointer(unsafe.SliceData(s)), len(s)
}

// Of eight bytes at once: whether each is a letter that needs no thought in a text.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func plainEight(x uint64) bool {
	quote, slash := x^ones*'"', x^ones*'\\'
	return (x|(x-ones*' ')|(quote-ones)&^quote|(slash-ones)&^slash)&highs == 0
}

// plainUntil is how far a text needs no thought, in steps of eight.
func plainUntil(b []byte) (n int) {
	for len(b)-n >= 8 && plainEight(binary.LittleEndian.Uint64(b[n:])) {
		n += 8
	}
	return n
}
