package inventory

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"

	"splameter/internal/safetext"

	"golang.org/x/text/encoding/charmap"
)

// regReader reads a registry export, value by value: "Windows Registry Editor
// Version 5.00", whose binary strings are UTF-16, and REGEDIT4, whose are of
// the code page. Damage costs the value it is in.
type regReader struct {
	in   *input
	ansi bool // REGEDIT4

	key     string // of the value, such as HKEY_LOCAL_MACHINE\SOFTWARE\…
	keyLine int
	gone    bool // [-key]: what stands under it is to be deleted, not there
	newKey  bool // next came to a key

	name, text string // of the value; the default value's name is empty
}

// maxValue bounds one value; those that we read are names.
const maxValue = 64 << 10

// next goes to the next key or the next value; newKey tells which.
func (g *regReader) next() bool {
	for {
		b := g.in.next()
		if b == nil {
			return false
		}
		b = bytes.TrimSpace(b)
		switch {
		case len(b) == 0 || b[0] == ';':
			continue
		case b[0] == '[':
			end := bytes.LastIndexByte(b, ']')
			if end < 0 {
				g.in.notes.damage(g.in.line, "key without a closing bracket; its values are left out")
				g.key, g.gone = "", true
			} else {
				k := b[1:end]
				g.gone = len(k) > 0 && k[0] == '-'
				g.key = safetext.Value(string(bytes.TrimPrefix(k, []byte("-"))))
			}
			g.keyLine, g.newKey = g.in.line, true
			return true
		case g.key == "" && !g.gone: // before the first key
			if bytes.HasPrefix(b, []byte("REGEDIT4")) {
				g.ansi = true
			} else if !bytes.HasPrefix(b, []byte("Windows Registry Editor")) {
				g.in.notes.damage(g.in.line, "a line before the first key that is no header of a registry export")
			}
			continue
		case b[0] == '@' || b[0] == '"':
			if g.value(b) {
				g.newKey = false
				return true
			}
		default:
			g.in.notes.damage(g.in.line, "a line that is no key and no value of a registry export; it is left out")
		}
	}
}

// value reads one value into name and text, over as many lines as it takes.
func (g *regReader) value(b []byte) bool {
	line := g.in.line
	g.name = ""
	if b[0] == '@' {
		b = b[1:]
	} else {
		name, rest, ok := unquote(b)
		if !ok {
			g.in.notes.damage(line, "a value's name is not closed; the value is left out")
			return false
		}
		g.name, b = name, rest
	}
	b = bytes.TrimLeft(b, " ")
	if len(b) == 0 || b[0] != '=' {
		g.in.notes.damage(line, "no = behind the value's name; the value is left out")
		return false
	}
	b = bytes.TrimLeft(b[1:], " ")
	switch {
	case len(b) > 0 && b[0] == '"':
		return g.stringValue(b, line)
	case hasPrefixFold(b, "dword:"):
		n, err := strconv.ParseUint(string(b[6:]), 16, 32)
		if err != nil {
			g.in.notes.damage(line, "%q is no dword; the value is left out", safetext.Brief(string(b)))
			return false
		}
		g.text = strconv.FormatUint(n, 10)
		return true
	case hasPrefixFold(b, "hex"):
		return g.hexValue(b[3:], line)
	case len(b) == 1 && b[0] == '-': // "name"=-: deleted
		g.text = ""
		return true
	}
	g.in.notes.damage(line, "a value of no known type; it is left out")
	return false
}

// stringValue reads "…", in which a line end may stand as it is.
func (g *regReader) stringValue(b []byte, line int) bool {
	text, _, ok := unquote(b)
	if ok {
		g.text = text
		return true
	}
	whole := bytes.Clone(b)
	var ahead []heldLine
	for len(ahead) < maxSpan && len(whole) < maxValue {
		more := g.in.next()
		if more == nil {
			break
		}
		ahead = append(ahead, heldLine{bytes.Clone(more), g.in.line})
		// A key or a named value begins: the quote was never closed.
		if t := bytes.TrimSpace(more); hasPrefixFold(t, "[HKEY_") || len(t) > 0 && t[0] == '"' && bytes.Contains(t, []byte(`"=`)) {
			break
		}
		whole = append(append(whole, '\n'), more...)
		if text, _, ok := unquote(whole); ok {
			g.text = text
			return true
		}
	}
	g.in.giveBack(ahead)
	g.in.notes.damage(line, "the text of value %q under key %q is not closed; the value is left out", safetext.Brief(g.name), safetext.Brief(lastPart(g.key)))
	return false
}

// hexValue reads "(2):68,00,…" with lines that end in a backslash.
func (g *regReader) hexValue(b []byte, line int) bool {
	kind := ""
	if len(b) > 0 && b[0] == '(' {
		end := bytes.IndexByte(b, ')')
		if end < 0 {
			g.in.notes.damage(line, "a value of no known type; it is left out")
			return false
		}
		kind, b = string(b[1:end]), b[end+1:]
	}
	b = bytes.TrimPrefix(b, []byte(":"))
	var raw []byte
	good := true
	for {
		b = bytes.TrimSpace(b)
		more := len(b) > 0 && b[len(b)-1] == '\\'
		b = bytes.TrimSuffix(b, []byte(`\`))
		for len(b) > 0 {
			b = bytes.TrimLeft(b, " ,")
			if len(b) == 0 {
				break
			}
			var one [1]byte
			if len(b) < 2 || len(b) > 2 && b[2] != ',' {
				good = false
				break
			}
			if _, err := hex.Decode(one[:], b[:2]); err != nil {
				good = false
				break
			}
			if len(raw) < maxValue {
				raw = append(raw, one[0])
			}
			b = b[2:]
		}
		if !more {
			break
		}
		next := g.in.next()
		if next == nil {
			good = false
			break
		}
		if t := bytes.TrimSpace(next); len(t) > 0 && (t[0] == '[' || t[0] == '"' || t[0] == '@') {
			g.in.giveBack([]heldLine{{bytes.Clone(next), g.in.line}})
			good = false
			break
		}
		b = next
	}
	if !good {
		g.in.notes.damage(line, "the bytes of value %q under key %q are broken off or no hexadecimal numbers; the value is left out", safetext.Brief(g.name), safetext.Brief(lastPart(g.key)))
		return false
	}
	if text := kind == "1" || kind == "2" || kind == "7"; text && len(raw) == maxValue {
		g.in.notes.damage(line, "value %q under key %q is longer than %d KiB; what is beyond that is left out", safetext.Brief(g.name), safetext.Brief(lastPart(g.key)), maxValue>>10)
	}
	g.text = ""
	switch kind {
	case "1", "2", "7":
		g.text = g.characters(raw, kind == "7")
	case "4":
		if len(raw) == 4 {
			g.text = strconv.FormatUint(uint64(raw[0])|uint64(raw[1])<<8|uint64(raw[2])<<16|uint64(raw[3])<<24, 10)
		}
	}
	return true
}

// characters are a binary string's; of a list, all with commas between.
func (g *regReader) characters(raw []byte, list bool) string {
	var s string
	if g.ansi {
		b, _ := charmap.Windows1252.NewDecoder().Bytes(raw)
		s = string(b)
	} else {
		u := make([]uint16, len(raw)/2)
		for i := range u {
			u[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		}
		s = string(utf16.Decode(u))
	}
	s = strings.TrimRight(s, "\x00")
	if list {
		s = strings.ReplaceAll(s, "\x00", ",")
	}
	return s
}

// unquote reads a quoted text, in which \\ and \" stand for \ and ", and
// returns what follows it.
func unquote(b []byte) (s string, rest []byte, ok bool) {
	plain := true
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			plain = false
			i++
		case '"':
			if plain {
				return string(b[1:i]), b[i+1:], true
			}
			out := make([]byte, 0, i)
			for k := 1; k < i; k++ {
				if b[k] == '\\' {
					k++
				}
				out = append(out, b[k])
			}
			return string(out), b[i+1:], true
		}
	}
	return "", nil, false
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// lastPart is a key's own name.
func lastPart(key string) string { return key[strings.LastIndexByte(key, '\\')+1:] }
