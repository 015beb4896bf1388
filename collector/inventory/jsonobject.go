package inventory

import (
	"bytes"
	"slices"
	"strings"
)

// lists are the names under which an object may hold its programs, or an
// answer its objects.
var lists = []string{"software", "softwares", "programs", "applications", "apps", "packages", "products", "installed",
	"installedsoftware", "installedprograms", "value", "values", "items", "data", "results", "rows", "inventory", "hosts", "computers", "machines",
	"content", "affecteditems", "snapshot", "columns", "diffresults", "added", "hits", "source", "package", "devices", "assets", "softwareinventory", "installedsoftwares", "detectedapps", "entities"}

// subjects are the names under which an object may say whose programs it
// lists: {"hardware": {"name": "RDSH01"}, "softwares": […]}.
var subjects = []string{"host", "hardware", "agent", "computer", "device", "machine", "node", "asset", "endpoint"}

// object reads an object: a row, or a container with a list of rows. One that
// only names a host is a subject, and no row.
func (j *jsonReader) object(host string, depth int, subject bool) (err error) {
	o := j.take(j.lineAt(j.pos))
	first, held, list := len(j.pending), false, false
	defer func() {
		if held {
			j.holding = max(0, j.holding-1)
		}
		if err != nil {
			if own := o.values[0]; list && own != "" {
				j.carry = own // the rest of the broken list is this host's
			}
			j.free = append(j.free, o)
		}
	}()
	for n := 0; ; n++ {
		name, more, err := j.member(n)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		s := j.fields.find(name)
		isList := among(lists, name)
		isSubject := j.nested && among(subjects, name)
		change := ""
		if j.changes && among(changeNames, name) {
			change = string(name)
		}
		if j.pos < len(j.b) && (j.b[j.pos] == '{' || j.b[j.pos] == '[') {
			if isSubject && j.b[j.pos] == '{' {
				j.told, j.toldAll = "", false
				if err = j.object(host, depth+1, true); err == nil {
					if j.told != "" {
						o.put(slot{0, 1000}, j.told)
					}
					list = list || j.toldAll
				}
			} else if isList {
				list = true
				inner := host
				if j.nested && o.values[0] != "" {
					inner = o.values[0]
				}
				if j.nested && (inner == "" || j.changes) && !held {
					held = true
					j.holding++
				}
				err = j.value(inner, depth+1)
			} else if path := fold(string(name)); j.b[j.pos] == '{' && j.fields.into[path] {
				err = j.inner(o, path, depth+1)
			} else {
				err = j.skip(depth + 1)
			}
		} else {
			var v []byte
			if v, err = j.scalar(); err == nil {
				o.put(s, j.intern(v))
				if change != "" {
					o.change(change, v)
				}
			}
		}
		if err != nil {
			return err
		}
	}
	if subject {
		j.told, j.toldAll = o.values[0], list
		if j.told == "" {
			j.told = o.values[1]
		}
		if !list {
			j.free = append(j.free, o)
			return nil
		}
		defer func(told string) { j.told, j.toldAll = told, true }(j.told)
	}
	if !list {
		if j.holding > 0 && (o.values[0] == "" && host == "" || j.changes) {
			j.pending = append(j.pending, heldObject{o, host})
			if len(j.pending) > maxRows {
				return tooManyRows()
			}
			return nil
		}
		err := j.emit(o, host)
		j.free = append(j.free, o)
		return err
	}
	return j.container(o, host, first, held)
}

// inner reads the members of an object within a row, which the form names by
// their path, into the row.
func (j *jsonReader) inner(o *object, path string, depth int) error {
	if depth > maxNested {
		return j.fault("nested more than %d deep", maxNested)
	}
	for n := 0; ; n++ {
		name, more, err := j.member(n)
		if err != nil || !more {
			return err
		}
		at := path + fold(string(name)) // folded, a path has no dots
		switch {
		case j.pos < len(j.b) && j.b[j.pos] == '{' && j.fields.into[at]:
			err = j.inner(o, at, depth+1)
		case j.pos < len(j.b) && (j.b[j.pos] == '{' || j.b[j.pos] == '['):
			err = j.skip(depth + 1)
		default:
			var v []byte
			if v, err = j.scalar(); err == nil {
				o.put(j.fields.find([]byte(at)), j.intern(v))
			}
		}
		if err != nil {
			return err
		}
	}
}

// container ends an object that held a list: now its host is known, or it was
// but the envelope of an answer.
func (j *jsonReader) container(o *object, host string, first int, held bool) error {
	defer func() { j.free = append(j.free, o) }()
	if !j.nested {
		return nil
	}
	own := o.values[0]
	if own == "" {
		own = o.values[1] // {"name": "RDSH01", "software": […]}
	}
	if own == "" {
		own = host
	}
	if own != "" {
		j.read(own)
	} else if j.holding > 1 {
		return nil // an outer one may yet name it
	}
	if !held {
		return nil
	}
	rows := j.pending[first:]
	j.pending = j.pending[:first]
	for _, p := range rows {
		p.object.removed, p.object.partial = o.removed, o.partial
		if err := j.emit(p.object, own); err != nil {
			return err
		}
		j.free = append(j.free, p.object)
	}
	return nil
}

func (j *jsonReader) take(line int) *object {
	if n := len(j.free); n > 0 {
		o := j.free[n-1]
		j.free = j.free[:n-1]
		o.reset(line)
		return o
	}
	o := newObject(len(j.fields.columns))
	o.line = line
	return o
}

// among says that a name, however it is written, is one of the list.
func among(list []string, name []byte) bool {
	if len(name) > 24 {
		return false
	}
	for _, l := range list {
		if len(l) == len(name) && bytes.EqualFold(name, []byte(l)) {
			return true
		}
	}
	return slices.Contains(list, fold(string(name)))
}

// changeNames are osquery's names for what became of a row, and for how often
// the query had run before.
var changeNames = []string{"action", "counter"}

// change notes what osquery says of the rows of an object.
func (o *object) change(name string, value []byte) {
	switch {
	case strings.EqualFold(name, "action"):
		o.removed = string(value) == "removed"
	default:
		o.partial = string(value) != "0"
	}
}
