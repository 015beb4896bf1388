package strictyaml

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"splameter/internal/lazyregexp"
)

// oldBool are words that older readers of YAML take for true or false.
var oldBool = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true}

var bareWord = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

// inline is a value on one line.
func inline(v any) string {
	var parts []string
	switch v := v.(type) {
	case string:
		var back any
		if bareWord().MatchString(v) && !oldBool[strings.ToLower(v)] && yaml.Unmarshal([]byte(v), &back) == nil && back == any(v) {
			return v
		}
		return strconv.Quote(v)
	case []string:
		for _, x := range v {
			parts = append(parts, inline(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []any:
		for _, x := range v {
			parts = append(parts, inline(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Pairs:
		for _, p := range v {
			parts = append(parts, inline(p.Key)+": "+inline(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// block is a key with its value, on lines of their own where it is a mapping
// or a list of mappings.
func block(indent, key string, v any) string {
	var b bytes.Buffer
	switch v := v.(type) {
	case Pairs:
		fmt.Fprintf(&b, "%s%s:\n", indent, inline(key))
		for _, p := range v {
			b.WriteString(block(indent+"  ", p.Key, p.Value))
		}
	case []any:
		fmt.Fprintf(&b, "%s%s:\n%s", indent, inline(key), items(indent+"  ", v))
	default:
		fmt.Fprintf(&b, "%s%s: %s\n", indent, inline(key), inline(v))
	}
	return b.String()
}

// items are the items of a list, each on lines of its own.
func items(indent string, list []any) string {
	var b bytes.Buffer
	for _, v := range list {
		m, ok := v.(Pairs)
		if !ok || len(m) == 0 {
			fmt.Fprintf(&b, "%s- %s\n", indent, inline(v))
			continue
		}
		for i, p := range m {
			text := block(indent+"  ", p.Key, p.Value)
			if i == 0 {
				text = indent + "- " + strings.TrimPrefix(text, indent+"  ")
			}
			b.WriteString(text)
		}
	}
	return b.String()
}
