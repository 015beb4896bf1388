package replmeta

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"splameter/internal/safetext"
)

// parseText reads the text form. It looks like XML and is not quite: a domain
// controller writes an ampersand of a name as it is, and the line break that the
// name of a deleted object holds. So it is read for what it is: one element, and
// in it elements that hold text.
func (r *Reader) parseText(v []byte, link bool) (s Stamp, err error) {
	v = bytes.TrimRight(v, "\x00\r\n\t ")
	outer := "DS_REPL_ATTR_META_DATA"
	if link {
		outer = "DS_REPL_VALUE_META_DATA"
	}
	v = bytes.TrimSpace(v)
	inner, ok := v, len(v) >= 2*len(outer)+5 && v[0] == '<' && string(v[1:1+len(outer)]) == outer && v[1+len(outer)] == '>'
	if ok {
		inner = v[len(outer)+2:]
		tail := inner[len(inner)-len(outer)-3:]
		ok = string(tail[:2]) == "</" && string(tail[2:2+len(outer)]) == outer && tail[len(tail)-1] == '>'
		inner = inner[:len(inner)-len(tail)]
	}
	if !ok {
		return s, fmt.Errorf("it is no %s, but begins %q", outer, safetext.Brief(string(v[:min(len(v), 40)])))
	}
	var seen [fields]bool
	for {
		inner = bytes.TrimSpace(inner)
		if len(inner) == 0 {
			break
		}
		end := bytes.IndexByte(inner, '>')
		if inner[0] != '<' || end < 2 || end > 64 {
			return s, errors.New("there is something between its elements")
		}
		name := inner[1:end]
		inner = inner[end+1:]
		if name[len(name)-1] == '/' { // an element without text
			if err := r.set(&s, bytes.TrimSpace(name[:len(name)-1]), nil, link, &seen); err != nil {
				return s, err
			}
			continue
		}
		stop := closing(inner, name)
		if stop < 0 {
			return s, fmt.Errorf("its element %q has no end", safetext.Brief(string(name)))
		}
		if err := r.set(&s, name, inner[:stop], link, &seen); err != nil {
			return s, err
		}
		inner = inner[stop+len(name)+3:]
	}
	if !seen[fieldVersion] || !seen[fieldChanged] || link && (!seen[fieldCreated] || !seen[fieldDeleted]) {
		return s, errors.New("it lacks a version or a time")
	}
	return s, nil
}

// closing is where the end of an element begins; -1: nowhere.
func closing(v, name []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(v[from:], '<')
		if i < 0 {
			return -1
		}
		from += i
		rest := v[from+1:]
		if len(rest) < len(name)+2 {
			return -1
		}
		if rest[0] == '/' && rest[len(name)+1] == '>' && bytes.Equal(rest[1:len(name)+1], name) {
			return from
		}
		from++
	}
}

type field uint8

const (
	fieldName field = iota
	fieldObject
	fieldVersion
	fieldChanged
	fieldCreated
	fieldDeleted
	fieldOrigin
	fieldServer
	fields
)

// set takes one element. Those that are not known are passed over: a later
// server may tell more.
func (r *Reader) set(s *Stamp, name, value []byte, link bool, seen *[fields]bool) (err error) {
	f := fields
	switch string(name) {
	case "pszAttributeName":
		f, s.Attribute = fieldName, r.shared(value)
	case "pszObjectDn":
		if f = fieldObject; link {
			s.Object = plain(string(value))
		}
	case "dwVersion":
		f = fieldVersion
		var n uint64
		if n, err = strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 32); err != nil {
			return errors.New("its version is no number")
		}
		s.Version = uint32(n)
	case "ftimeLastOriginatingChange":
		f = fieldChanged
		s.Changed, err = moment(value)
	case "ftimeCreated":
		if f = fieldCreated; link {
			s.Created, err = moment(value)
		}
	case "ftimeDeleted":
		if f = fieldDeleted; link {
			s.Deleted, err = moment(value)
		}
	case "uuidLastOriginatingDsaInvocationID":
		f, s.Origin = fieldOrigin, strings.Trim(strings.ToLower(r.shared(value)), "{}")
		if s.Origin == "00000000-0000-0000-0000-000000000000" {
			s.Origin = ""
		}
		if s.Origin != "" && !isGUID(s.Origin) {
			return errors.New("its invocation id is none")
		}
	case "pszLastOriginatingDsaDN":
		f, s.Server = fieldServer, r.shared(value)
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	if seen[f] {
		return fmt.Errorf("it has two elements %s", name)
	}
	seen[f] = true
	return nil
}

// shared is the text of an element of which many stamps have the same; it is kept.
func (r *Reader) shared(v []byte) string {
	if s, ok := r.texts[string(v)]; ok {
		return s
	}
	s := plain(string(v))
	if r.texts == nil || len(r.texts) >= maxTexts {
		r.texts = map[string]string{}
	}
	r.texts[string(v)] = s
	return s
}

// plain is the text of an element.
func plain(v string) string {
	if strings.IndexByte(v, '&') >= 0 {
		v = html.UnescapeString(v)
	}
	return strings.TrimSpace(v)
}

// moment reads 2026-10-12T10:02:11Z; the beginning of 1601 is none.
func moment(v []byte) (time.Time, error) {
	v = bytes.TrimSpace(v)
	if len(v) == 0 || bytes.HasPrefix(v, []byte("1601-01-01T")) {
		return time.Time{}, nil
	}
	t, err := time.Parse("2006-01-02T15:04:05Z", string(v))
	if err != nil {
		return time.Time{}, errors.New("is no time like 2026-10-12T10:02:11Z")
	}
	return plausible(t)
}

func isGUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
