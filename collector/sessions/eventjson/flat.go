package eventjson

import (
	"bytes"
)

// flat is an object as paths and values: {"a":{"b":1}} is a.b and 1, whatever
// the nesting, and so is {"a.b":1}. Paths are folded.
type flat struct {
	leaves []leaf
	paths  []byte // of the leaves, one behind the other
	path   []byte // of the member at hand
	last   []byte // its name
	pairs  bool
}

// leaf is a value that is no object.
type leaf struct {
	from, to int // of its path
	name     int // where the last part of the path begins
	key      []byte
	val      value
	listed   bool // one of several in an array
}

// maxLeaves bounds what is kept of one object: an event has less than a
// hundred values, and a collector puts as many beside them.
const maxLeaves = 1024

func (f *flat) reset() { f.leaves, f.paths, f.path = f.leaves[:0], f.paths[:0], f.path[:0] }

func (f *flat) pathOf(l *leaf) []byte { return f.paths[l.from:l.to] }

// flatten goes through the object at the beginning of d, which was walked over
// before and is whole.
func (f *flat) flatten(d []byte) bool {
	f.reset()
	w := walker{d: d}
	return f.object(&w, 0, 0) > 0
}

// object goes through the members of the object at i. Where pairs is set,
// {"key": "a", "value": {"stringValue": "b"}} is a member a, as OTLP means it.
func (f *flat) object(w *walker, i, depth int) int {
	if depth > maxDepth {
		return broken
	}
	base := len(f.path)
	var key []byte
	return w.members(i, func(name []byte, at int) int {
		f.path = f.path[:base]
		as := name
		if f.pairs {
			switch {
			case string(name) == "key" && at < len(w.d) && w.d[at] == '"':
				next, v := w.value(at)
				key = v.raw
				return next
			case string(name) == "value" && key != nil:
				as = key
			case f.transparent(name):
				as = nil
			}
		}
		if as != nil {
			if base > 0 {
				f.path = append(f.path, '.')
			}
			f.path = appendFolded(f.path, as)
			f.last = as
		}
		next := f.value(w, at, depth, f.last, false)
		f.path = f.path[:base]
		return next
	})
}

// transparent says that a member is only the type of what is in it.
func (f *flat) transparent(name []byte) bool {
	switch string(name) {
	case "stringValue", "intValue", "doubleValue", "boolValue", "kvlistValue", "arrayValue", "values":
		return true
	}
	return false
}

func (f *flat) value(w *walker, at, depth int, name []byte, listed bool) int {
	if at >= len(w.d) {
		return more
	}
	switch w.d[at] {
	case '{':
		return f.object(w, at, depth+1)
	case '[':
		i := w.space(at + 1)
		if i < len(w.d) && w.d[i] == ']' {
			return i + 1
		}
		base := len(f.path)
		for {
			if i = f.value(w, i, depth+1, name, true); i < 0 {
				return i
			}
			f.path = f.path[:base]
			var done bool
			if i, done = w.comma(i, ']'); i < 0 || done {
				return i
			}
		}
	}
	next, v := w.value(at)
	if next > 0 && len(f.leaves) < maxLeaves {
		from := len(f.paths)
		f.paths = append(f.paths, f.path...)
		f.leaves = append(f.leaves, leaf{from: from, to: len(f.paths), name: from + bytes.LastIndexByte(f.path, '.') + 1, key: name, val: v, listed: listed})
	}
	return next
}

// appendFolded appends a name as forms.Fold makes it.
func appendFolded(dst, name []byte) []byte {
	for _, c := range name {
		switch {
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c == ' ' || c == '_' || c == '-':
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
