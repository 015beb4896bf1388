package strictyaml

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Pair is one key of a mapping that is written, in the order given.
type Pair struct {
	Key   string
	Value any // string, []string, []any, Pairs, int or bool
}

// Pairs are a mapping.
type Pairs []Pair

// errByHand is told where a file is written in a way that Edit does not change.
var errByHand = errors.New("it is written in a way that is only changed by hand")

// Set puts a value at a path of keys (string) and places in lists (int), and
// Append puts one more item at the end of the list there. Every other byte of
// the file stays as it is, comments too. What comes out is read again: where it
// does not say exactly what was asked, it is an error and nothing is changed.
func Set(data []byte, value any, path ...any) ([]byte, error) {
	return edit(data, path, value, false)
}

// Append is described at Set.
func Append(data []byte, item any, path ...any) ([]byte, error) {
	return edit(data, path, item, true)
}

func edit(data []byte, path []any, value any, add bool) ([]byte, error) {
	at := where(path)
	var root yaml.Node
	var was any
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("change %s: %w", at, err)
	}
	if err := yaml.Unmarshal(data, &was); err != nil {
		return nil, fmt.Errorf("change %s: %w", at, err)
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode || len(path) == 0 {
		return nil, fmt.Errorf("change %s: %w", at, errByHand)
	}
	want, err := with(was, path, plain(value), add)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", at, err)
	}
	x := &editor{lines: strings.SplitAfter(string(data), "\n")}
	if err := x.put(root.Content[0], path, value, add); err != nil {
		return nil, fmt.Errorf("change %s: %w", at, err)
	}
	out := []byte(strings.Join(x.lines, ""))
	var is any
	if err := yaml.Unmarshal(out, &is); err != nil || !reflect.DeepEqual(is, want) {
		return nil, fmt.Errorf("change %s: %w", at, errByHand)
	}
	return out, nil
}

func where(path []any) string {
	var b strings.Builder
	for _, p := range path {
		switch p := p.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", p)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, p)
		}
	}
	return b.String()
}

// plain is a value as the decoder gives it.
func plain(v any) any {
	switch v := v.(type) {
	case []string:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case Pairs:
		out := map[string]any{}
		for _, p := range v {
			out[p.Key] = plain(p.Value)
		}
		return out
	}
	return v
}

// with is what a decoded file says after the change.
func with(n any, path []any, value any, add bool) (any, error) {
	if len(path) == 0 {
		if !add {
			return value, nil
		}
		list, ok := n.([]any)
		if n != nil && !ok {
			return nil, errors.New("it is no list")
		}
		return append(slices.Clone(list), value), nil
	}
	switch p := path[0].(type) {
	case string:
		m, ok := n.(map[string]any)
		if n != nil && !ok {
			return nil, errors.New("there is no such place")
		}
		m = maps.Clone(m)
		if m == nil {
			m = map[string]any{}
		}
		v, err := with(m[p], path[1:], value, add)
		m[p] = v
		return m, err
	case int:
		list, ok := n.([]any)
		if !ok || p < 0 || p >= len(list) {
			return nil, errors.New("there is no such place")
		}
		list = slices.Clone(list)
		v, err := with(list[p], path[1:], value, add)
		list[p] = v
		return list, err
	}
	return nil, errors.New("there is no such place")
}

type editor struct{ lines []string }

// put goes down to where the value belongs.
func (x *editor) put(n *yaml.Node, path []any, value any, add bool) error {
	for {
		if n.Kind == yaml.AliasNode || n.Anchor != "" {
			return errByHand
		}
		next := child(n, path[0])
		if next == nil {
			break // a key that is not there yet
		}
		if len(path) > 1 && !empty(next) {
			n, path = next, path[1:]
			continue
		}
		if len(path) > 1 { // an empty value that becomes a mapping
			value, add = nest(path[1:], value, add), false
		}
		switch {
		case add && !empty(next):
			return x.appendTo(next, value)
		case add:
			_, many := value.(Pairs)
			return x.replace(n, next, path[0], []any{value}, many)
		case next.Kind == yaml.ScalarNode || flow(next) || empty(next):
			return x.replace(n, next, path[0], value, len(path) > 1)
		}
		return errByHand
	}
	key, ok := path[0].(string)
	if !ok || n.Kind != yaml.MappingNode {
		return errByHand
	}
	if len(path) > 1 {
		value, add = nest(path[1:], value, add), false
	}
	if add {
		value = []any{value}
	}
	if flow(n) {
		return x.intoFlow(n, inline(key)+": "+inline(value), len(n.Content) == 0)
	}
	indent := strings.Repeat(" ", n.Content[0].Column-1)
	x.insert(lastLine(n), block(indent, key, value))
	return nil
}

// nest wraps a value in the keys of a path.
func nest(path []any, value any, add bool) any {
	if add {
		value = []any{value}
	}
	for _, p := range slices.Backward(path) {
		key, ok := p.(string)
		if !ok {
			return nil // found by reading it again
		}
		value = Pairs{{key, value}}
	}
	return value
}

func flow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }

func empty(n *yaml.Node) bool {
	return n.ShortTag() == "!!null" || (n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode) && len(n.Content) == 0
}

func lastLine(n *yaml.Node) int {
	last := n.Line
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		last += 1 + strings.Count(strings.TrimRight(n.Value, "\n"), "\n")
	}
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

// insert puts lines behind a line, by its number from 1.
func (x *editor) insert(line int, text string) {
	if line <= len(x.lines) && line > 0 && !strings.HasSuffix(x.lines[line-1], "\n") {
		x.lines[line-1] += "\n"
	}
	if strings.Contains(strings.Join(x.lines, ""), "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	x.lines = slices.Insert(x.lines, min(line, len(x.lines)), text)
}

// appendTo puts an item at the end of a list that has some.
func (x *editor) appendTo(n *yaml.Node, item any) error {
	if n.Kind != yaml.SequenceNode {
		return errByHand
	}
	if flow(n) {
		return x.intoFlow(n, inline(item), false)
	}
	x.insert(lastLine(n), items(strings.Repeat(" ", n.Column-1), []any{item}))
	return nil
}

// intoFlow puts text before the bracket that ends a list or mapping on one line.
func (x *editor) intoFlow(n *yaml.Node, text string, first bool) error {
	_, to, err := x.span(n)
	if err != nil {
		return err
	}
	if !first {
		text = ", " + text
	}
	l := &x.lines[n.Line-1]
	*l = (*l)[:to-1] + text + (*l)[to-1:]
	return nil
}

// replace puts a value in place of one that stands on one line.
func (x *editor) replace(parent, n *yaml.Node, key, value any, asBlock bool) error {
	from, to, err := x.span(n)
	if err != nil {
		return err
	}
	l := &x.lines[n.Line-1]
	if !asBlock || flow(parent) || parent.Kind != yaml.MappingNode {
		gap := ""
		if from == to && from > 0 && (*l)[from-1] == ':' {
			gap = " "
		}
		*l = (*l)[:from] + gap + inline(value) + (*l)[to:]
		return nil
	}
	*l = strings.TrimRight((*l)[:from], " ") + (*l)[to:]
	indent := strings.Repeat(" ", parent.Content[0].Column-1)
	text := block(indent, fmt.Sprint(key), value)
	_, text, _ = strings.Cut(text, "\n") // its key stands there already
	x.insert(n.Line, text)
	return nil
}

// span is where a scalar, or a list or mapping in brackets, begins and ends in
// its line, in bytes.
func (x *editor) span(n *yaml.Node) (from, to int, err error) {
	line := strings.TrimRight(x.lines[n.Line-1], "\r\n")
	from = n.Column - 1 // counted in characters
	if r := []rune(line); from <= len(r) {
		from = len(string(r[:from]))
	}
	if n.ShortTag() == "!!null" && n.Value == "" {
		if from > len(line) || !strings.HasSuffix(line[:from], ":") {
			if i := strings.Index(line, ":"); i >= 0 && strings.TrimSpace(strings.SplitN(line[i+1:], "#", 2)[0]) == "" {
				return i + 1, i + 1, nil
			}
			return 0, 0, errByHand
		}
		return from, from, nil
	}
	if from >= len(line) {
		return 0, 0, errByHand
	}
	depth, quote := 0, byte(0)
	bare := n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0
	if bare {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || !strings.HasPrefix(line[from:], n.Value) {
			return 0, 0, errByHand
		}
		return from, from + len(n.Value), nil
	}
	for i := from; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if quote == 0 && depth == 0 {
			if n.Kind == yaml.ScalarNode && c == '\'' && i+1 < len(line) && line[i+1] == '\'' {
				quote = '\''
				i++
				continue
			}
			return from, i + 1, nil
		}
	}
	return 0, 0, errByHand // it goes on on the next line
}
