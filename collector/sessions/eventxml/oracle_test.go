package eventxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// event is what tests compare: a record that owns its memory.
type event struct {
	ID, EventID                             uint64
	Ticks                                   int64
	Provider, Channel, Computer, ActivityID string
	Fields                                  []string // name=value
}

// collect is a handler that keeps all it is given.
type collect struct {
	events  []event
	lines   []int
	damages []record.Damage
}

func (c *collect) Record(r *record.Record) {
	e := event{ID: r.ID, EventID: uint64(r.EventID), Ticks: r.Ticks, Provider: string(r.Provider),
		Channel: string(r.Channel), Computer: string(r.Computer), ActivityID: string(r.ActivityID)}
	for _, f := range r.Fields {
		e.Fields = append(e.Fields, string(f.Name)+"="+string(f.Value))
	}
	c.events = append(c.events, e)
	c.lines = append(c.lines, r.Line)
}

func (c *collect) Damaged(d record.Damage) { c.damages = append(c.damages, d) }

// node is an element as encoding/xml sees it.
type node struct {
	name     string
	attrs    []xml.Attr
	text     string
	children []*node
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// oracle reads events by encoding/xml. It fails where that library does, and
// where an event holds what the reader counts as damage.
func oracle(data []byte) ([]event, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var out []event
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local != "Event" {
				continue
			}
			n, err := tree(d, t, 0)
			if err != nil {
				return nil, err
			}
			e, err := fromTree(n)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		case xml.EndElement:
			if t.Name.Local == "Event" {
				return nil, errors.New("stray end")
			}
		case xml.CharData:
			if len(strings.Trim(string(t), " \t\r\n\ufeff")) > 0 {
				return nil, errors.New("text outside")
			}
		}
	}
}

func tree(d *xml.Decoder, start xml.StartElement, depth int) (*node, error) {
	if depth > 60 {
		return nil, errors.New("deep")
	}
	n := &node{name: start.Name.Local, attrs: append([]xml.Attr(nil), start.Attr...)}
	for {
		tok, err := d.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			c, err := tree(d, t.Copy(), depth+1)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, c)
		case xml.EndElement:
			if t.Name != start.Name {
				return nil, errors.New("mismatch")
			}
			return n, nil
		case xml.CharData:
			n.text += string(t)
		}
	}
}

func fromTree(n *node) (event, error) {
	var e event
	systems, inner := 0, 0
	for _, c := range n.children {
		switch c.name {
		case "System":
			systems++
			ids := 0
			for _, s := range c.children {
				text := strings.TrimSpace(s.text)
				var ok bool
				switch s.name {
				case "Provider":
					e.Provider = s.attr("Name")
				case "EventID":
					ids++
					if e.EventID, ok = textblock.Uint([]byte(text)); !ok || e.EventID > 1<<32-1 {
						return e, errors.New("event id")
					}
				case "EventRecordID":
					if e.ID, ok = textblock.Uint([]byte(text)); !ok {
						return e, errors.New("record id")
					}
				case "TimeCreated":
					if e.Ticks, _, ok = textblock.Stamp([]byte(strings.TrimSpace(s.attr("SystemTime")))); !ok {
						return e, errors.New("time")
					}
				case "Correlation":
					e.ActivityID = string(textblock.AppendGUID(nil, []byte(s.attr("ActivityID"))))
				case "Channel":
					e.Channel = text
				case "Computer":
					e.Computer = text
				case "Event":
					return e, errors.New("nested")
				}
				if s.name != "Provider" && s.name != "TimeCreated" && s.name != "Correlation" && len(s.children) > 0 {
					return e, errors.New("system child with children")
				}
			}
			if ids != 1 {
				return e, errors.New("event id")
			}
		case "UserData":
			leaves(&e, c, 0, true, new(int))
		case "EventData":
			leaves(&e, c, 0, false, new(int))
		case "Event":
			return e, errors.New("nested")
		}
		n := events(c)
		if inner += n; c.name != "UserData" && n > 0 || inner > maxInner {
			return e, errors.New("nested")
		}
	}
	if systems != 1 {
		return e, errors.New("no system")
	}
	return e, nil
}

// events counts the elements called Event beneath n.
func events(n *node) int {
	k := 0
	for _, c := range n.children {
		if c.name == "Event" {
			k++
		}
		k += events(c)
	}
	return k
}

func leaves(e *event, n *node, depth int, user bool, nameless *int) {
	for _, c := range n.children {
		if len(c.children) > 0 {
			leaves(e, c, depth+1, user, nameless)
			continue
		}
		name := c.name
		if !user {
			has := false
			for _, a := range c.attrs {
				if a.Name.Local == "Name" && a.Name.Space != "xmlns" {
					name, has = a.Value, true
					break
				}
			}
			if !has && name == "Data" {
				*nameless++
				name = fmt.Sprintf("Data%d", *nameless)
			}
		}
		e.Fields = append(e.Fields, name+"="+c.text)
	}
}
