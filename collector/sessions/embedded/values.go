// Package embedded reads what stands as text within another form of log: the
// values of an event as JSON or XML in one column, and whole events as XML or
// as Splunk writes them. Which column that is, the form's descriptor says.
package embedded

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"

	"splameter/collector/sessions/record"
)

// maxValues bounds what is taken of one text; events of Windows have 27 values
// at most.
const maxValues = 128

// Values appends the values that a text holds, as JSON
// ({"EventData":{"Data":[{"@Name":"LogonType","#text":"10"}]}}, or plain
// members) or as XML (EventData or UserData). ok is false for a text that is
// neither.
func Values(dst []record.Field, text []byte) (fields []record.Field, ok bool) {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return dst, false
	case text[0] == '{':
		return fromJSON(dst, text)
	case text[0] == '<':
		return fromXML(dst, text)
	}
	return dst, false
}

func fromJSON(dst []record.Field, text []byte) ([]record.Field, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	from := len(dst)
	if _, err := d.Token(); err != nil {
		return dst, false
	}
	dst, ok := object(d, dst, 1)
	return dst, ok && len(dst) > from
}

// object takes the members of an object whose brace was read.
func object(d *json.Decoder, dst []record.Field, depth int) ([]record.Field, bool) {
	var name, text string
	pair := 0
	for d.More() {
		t, err := d.Token()
		key, isKey := t.(string)
		if err != nil || !isKey || depth > 16 || len(dst) > maxValues {
			return dst, false
		}
		t, err = d.Token()
		if err != nil {
			return dst, false
		}
		ok := true
		switch v := t.(type) {
		case json.Delim:
			dst, ok = nested(d, dst, v, depth)
		case string, json.Number, bool:
			s := scalar(v)
			switch key {
			case "@Name", "Name":
				name, pair = s, pair+1
			case "#text", "Value", "Text":
				text, pair = s, pair+1
			}
			if key[0:min(1, len(key))] != "@" && key != "#text" {
				dst = append(dst, record.Field{Name: []byte(key), Value: []byte(s)})
			}
		}
		if !ok {
			return dst, false
		}
	}
	if _, err := d.Token(); err != nil { // its end
		return dst, false
	}
	if pair == 2 && name != "" {
		dst = append(dst, record.Field{Name: []byte(name), Value: []byte(text)})
	}
	return dst, true
}

func nested(d *json.Decoder, dst []record.Field, open json.Delim, depth int) ([]record.Field, bool) {
	if open == '{' {
		return object(d, dst, depth+1)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil || depth > 16 {
			return dst, false
		}
		if v, isDelim := t.(json.Delim); isDelim {
			var ok bool
			if dst, ok = nested(d, dst, v, depth+1); !ok {
				return dst, false
			}
		}
	}
	_, err := d.Token()
	return dst, err == nil
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// fromXML takes the leaves of XML: by their Name attribute, or by their own
// name.
func fromXML(dst []record.Field, text []byte) ([]record.Field, bool) {
	d := xml.NewDecoder(bytes.NewReader(text))
	from := len(dst)
	type level struct {
		name string
		leaf bool
	}
	var stack []level
	var value strings.Builder
	for {
		t, err := d.Token()
		if err == io.EOF {
			return dst, len(dst) > from
		}
		if err != nil || len(stack) > 16 || len(dst) > maxValues {
			return dst[:from], false
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := t.Name.Local
			for _, a := range t.Attr {
				if a.Name.Local == "Name" {
					name = a.Value
				}
			}
			if n := len(stack); n > 0 {
				stack[n-1].leaf = false
			}
			stack = append(stack, level{name, true})
			value.Reset()
		case xml.CharData:
			value.Write(t)
		case xml.EndElement:
			n := len(stack) - 1
			if n >= 0 && stack[n].leaf && n > 0 {
				dst = append(dst, record.Field{Name: []byte(stack[n].name), Value: []byte(strings.TrimSpace(value.String()))})
			}
			stack = stack[:max(0, n)]
		}
	}
}
