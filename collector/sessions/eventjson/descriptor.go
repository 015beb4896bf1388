package eventjson

import (
	"strings"
	"sync"

	"splameter/collector/forms"
	"splameter/collector/sessions/textblock"
)

// role is a part of an event that is none of its values.
type role uint8

const (
	roleTime role = iota
	roleHost
	roleChannel
	roleEvent
	roleRecord
	roleProvider
	roleActivity
	roleMessage
	roleRaw
	rolePayload
	roleStrings
	roles
)

var roleNames = [roles]string{"time", "host", "channel", "event", "record", "provider", "activity", "message", "raw", "payload", "strings"}

// part says what stands at a path: one of the roles, or a value of the event
// that a collector moved there.
type part struct {
	role  role
	rank  int    // of several, the lowest is taken
	value []byte // the name of a moved value; nil for a role
}

// names is a form's descriptor, made ready for objects.
type names struct {
	form   *forms.Form
	parts  map[string][]part // by path
	values []string          // paths beneath which the event's own values stand
	every  bool              // every member that is nothing else is a value
	rows   []string          // the path of the list of events, where one object holds several

	event   uint32 // of a form in which every object is one event; 0: it says
	channel []byte // likewise
}

// allNames are the forms of JSON that a descriptor is enough for.
var allNames = sync.OnceValue(func() []*names {
	var list []*names
	for _, f := range forms.All() {
		if f.Kind == forms.Sessions && len(f.Map) > 0 {
			list = append(list, namesFor(f))
		}
	}
	return list
})

func namesFor(f *forms.Form) *names {
	n := &names{form: f, parts: map[string][]part{}}
	for key, theirs := range f.Map {
		p := part{role: roles, value: []byte(key)}
		for r, name := range roleNames {
			if name == key {
				p = part{role: role(r)}
			}
		}
		for i, path := range theirs {
			p.rank = i
			path = forms.Fold(path)
			n.parts[path] = append(n.parts[path], p)
		}
	}
	for _, v := range f.Values {
		if v == "" {
			n.every = true
		} else {
			n.values = append(n.values, forms.Fold(v)+".")
		}
	}
	event, _ := textblock.Uint([]byte(f.Const["event"]))
	n.event, n.channel = uint32(event), []byte(f.Const["channel"])
	if f.Rows != "" {
		n.rows = strings.Split(forms.Fold(f.Rows), ".")
	}
	return n
}

func namesOf(f *forms.Form) *names {
	for _, n := range allNames() {
		if f != nil && n.form == f {
			return n
		}
	}
	return nil
}
