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
func parseText(v []byte, link bool) (s Stamp, err error) {
	v = bytes.TrimRight(v, "\x00\r\n\t ")
	outer := "DS_REPL_ATTR_META_DATA"
	if link {
		outer = "DS_REPL_VALUE_META_DATA"
	}
	v = bytes.TrimSpace(v)
	inner, ok := bytes.CutPrefix(v, []byte("<"+outer+">"))
	if ok {
		inner, ok = bytes.CutSuffix(inner, []byte("</"+outer+">"))
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
		name := string(inner[1:end])
		inner = inner[end+1:]
		if strings.HasSuffix(name, "/") { // an element without text
			if err := s.set(strings.TrimSpace(strings.TrimSuffix(name, "/")), "", link, &seen); err != nil {
				return s, err
			}
			continue
		}
		stop := bytes.Index(inner, []byte("</"+name+">"))
		if stop < 0 {
			return s, fmt.Errorf("its element %q has no end", safetext.Brief(name))
		}
		if err := s.set(name, string(inner[:stop]), link, &seen); err != nil {
			return s, err
		}
		inner = inner[stop+len(name)+3:]
	}
	if !seen[fieldVersion] || !seen[fieldChanged] || link && (!seen[fieldCreated] || !seen[fieldDeleted]) {
		return s, errors.New("it lacks a version or a time")
	}
	return s, nil
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
func (s *Stamp) set(name, value string, link bool, seen *[fields]bool) (err error) {
	f := fields
	switch name {
	case "pszAttributeName":
		f, s.Attribute = fieldName, plain(value)
	case "pszObjectDn":
		if f = fieldObject; link {
			s.Object = plain(value)
		}
	case "dwVersion":
		f = fieldVersion
		var n uint64
		if n, err = strconv.ParseUint(strings.TrimSpace(value), 10, 32); err != nil {
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
		f, s.Origin = fieldOrigin, strings.Trim(strings.ToLower(strings.TrimSpace(value)), "{}")
		if s.Origin == "00000000-0000-0000-0000-000000000000" {
			s.Origin = ""
		}
		if s.Origin != "" && !isGUID(s.Origin) {
			return errors.New("its invocation id is none")
		}
	case "pszLastOriginatingDsaDN":
		f, s.Server = fieldServer, plain(value)
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

// plain is the text of an element.
func plain(v string) string {
	if strings.IndexByte(v, '&') >= 0 {
		v = html.UnescapeString(v)
	}
	return strings.TrimSpace(v)
}

// moment reads 2026-10-12T10:02:11Z; the beginning of 1601 is none.
func moment(v string) (time.Time, error) {
	v = strings.TrimSpace(v)
	if v == "" || strings.HasPrefix(v, "1601-01-01T") {
		return time.Time{}, nil
	}
	t, err := time.Parse("2006-01-02T15:04:05Z", v)
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
