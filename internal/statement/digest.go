package statement

import (
	"encoding/json"
	"strconv"
	"time"

	"splameter/internal/digest"
	"splameter/internal/snapshot"
)

// BasisDigest is the SHA-256, in hex, of everything that stands behind the
// lines: one JSON value a person, machine and application, in their order.
func (s *Statement) BasisDigest() string {
	h := digest.New()
	enc := json.NewEncoder(h)
	var b []byte
	for i := range s.Persons.Len() {
		p := s.Persons.At(i)
		b = appendPerson(b[:0], &p)
		h.Write(b) // a hash takes every write
	}
	for i := range s.Machines {
		_ = enc.Encode(&s.Machines[i]) // and these types always encode
	}
	for i := range s.Applications {
		_ = enc.Encode(&s.Applications[i])
	}
	return h.Hex()
}

// appendPerson appends the line that a json.Encoder writes for a person, which
// takes it four times as long: there are hundreds of thousands.
func appendPerson(b []byte, p *Person) []byte {
	if s := p.Session; p.Between != nil || p.Via.Way == nil || p.Via.Installed == nil || s != nil && (s.Time.Location() != time.UTC || s.Time.Year() < 0 || s.Time.Year() > 9999) {
		line, err := json.Marshal(p)
		if err != nil { // a year that JSON has no form for
			return b
		}
		return append(append(b, line...), '\n')
	}
	o := object{b: b}
	o.open()
	o.text("tenant", p.Tenant)
	o.text("product", p.Product)
	o.text("key", p.Key)
	o.given("name", p.Name)
	if len(p.Accounts) > 0 {
		o.name("accounts")
		for i := range p.Accounts {
			a, between := &p.Accounts[i], byte(',')
			if i == 0 {
				between = '['
			}
			o.b = append(o.b, between)
			o.open()
			o.given("id", a.ID)
			o.given("name", a.Name)
			o.given("display_name", a.DisplayName)
			o.given("directory", a.Directory)
			o.given("dn", a.DN)
			o.close()
		}
		o.b = append(o.b, ']')
	}
	o.int("units", int64(p.Units))
	if x := p.Excluded; x != nil {
		o.name("excluded")
		o.open()
		o.given("id", x.ID)
		o.given("ground", string(x.Ground))
		o.given("document", x.Document)
		o.close()
	}
	o.name("via")
	o.open()
	o.given("kind", string(p.Via.Kind))
	if len(p.Via.Path) > 0 {
		o.name("path")
		for i, s := range p.Via.Path {
			between := byte(',')
			if i == 0 {
				between = '['
			}
			o.b = appendString(append(o.b, between), s)
		}
		o.b = append(o.b, ']')
	}
	o.given("pool", p.Via.Pool)
	o.given("host", p.Via.Host)
	o.given("application", p.Via.Application)
	o.given("attribute", p.Via.Attribute)
	o.given("product", p.Via.Product)
	o.given("directory", p.Via.Directory)
	o.evidence("group", p.Via.Group)
	o.evidence("install", p.Via.Install)
	o.close()
	o.text("first", p.First.String())
	o.text("last", p.Last.String())
	o.name("active")
	o.b = strconv.AppendBool(o.b, p.Active)
	if s := p.Session; s != nil {
		o.name("session")
		o.open()
		o.given("host", s.Host)
		o.name("time")
		o.b = append(s.Time.AppendFormat(append(o.b, '"'), time.RFC3339Nano), '"')
		o.int("event_id", int64(s.EventID))
		o.text("channel", s.Channel)
		o.place(s.Evidence)
		o.given("note", s.Note)
		o.close()
	}
	o.close()
	return append(o.b, '\n')
}

// object writes the members of JSON objects.
type object struct {
	b     []byte
	begun bool
}

func (o *object) open()  { o.b, o.begun = append(o.b, '{'), false }
func (o *object) close() { o.b, o.begun = append(o.b, '}'), true }

func (o *object) name(s string) {
	if o.begun {
		o.b = append(o.b, ',')
	}
	o.begun = true
	o.b = append(append(append(o.b, '"'), s...), `":`...)
}

func (o *object) text(name, s string) {
	o.name(name)
	o.b = appendString(o.b, s)
}

// given is text that is left out where it is empty.
func (o *object) given(name, s string) {
	if s != "" {
		o.text(name, s)
	}
}

func (o *object) int(name string, n int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

func (o *object) evidence(name string, e snapshot.Evidence) {
	if e == (snapshot.Evidence{}) {
		return
	}
	o.name(name)
	o.open()
	o.place(e)
	o.close()
}

func (o *object) place(e snapshot.Evidence) {
	o.given("file", e.File)
	if e.Line != 0 {
		o.int("line", int64(e.Line))
	}
	if e.Record != 0 {
		o.name("record")
		o.b = strconv.AppendUint(o.b, e.Record, 10)
	}
}

// appendString appends a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7E || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always encodes
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
