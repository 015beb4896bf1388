package strictyaml

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"splameter/internal/diag"
	"splameter/internal/safetext"
)

type decoder struct {
	file   string
	faults diag.Faults
	fields map[reflect.Type][]field
	values int
	ended  bool // a limit was reached: say so once, and stop
}

type field struct {
	name  string
	index []int
}

func (d *decoder) fault(n *yaml.Node, what, instead string) {
	if d.ended {
		return
	}
	if len(d.faults) >= maxFaults {
		d.ended = true
		what, instead = fmt.Sprintf("more than %d faults; what follows is not shown", maxFaults), "correct those first"
	}
	d.faults = append(d.faults, diag.Fault{File: d.file, Line: n.Line, Col: n.Column, What: what, Instead: instead})
}

func (d *decoder) end(n *yaml.Node, what, instead string) {
	d.fault(n, what, instead)
	d.ended = true
}

// value decodes n into v; what does not fit is a fault and leaves v as it is.
func (d *decoder) value(n *yaml.Node, v reflect.Value, depth int) {
	d.values++
	switch {
	case d.ended:
		return
	case depth > maxDepth: // also an alias to a value around it
		d.end(n, "values are nested too deep", "write fewer levels, and no alias to a value around it")
		return
	case d.values > maxValues:
		d.end(n, "the file holds more values than a person writes", "write fewer aliases")
		return
	}
	if n.Kind == yaml.AliasNode {
		d.value(n.Alias, v, depth+1)
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		d.fault(n, fmt.Sprintf("the tag %q has no meaning here", safetext.Clip(n.Tag, 60)), "leave it out, or put text that begins with ! in quotes")
		return
	}
	if n.ShortTag() == "!!null" {
		return
	}
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	switch u := v.Addr().Interface().(type) {
	case *yaml.Node:
		*u = *n
		return
	case yaml.Unmarshaler:
		if err := u.UnmarshalYAML(n); err != nil {
			d.unmarshalFault(n, err)
		}
		return
	case encoding.TextUnmarshaler:
		if d.is(n, yaml.ScalarNode, "one value") {
			if err := u.UnmarshalText([]byte(n.Value)); err != nil {
				what, instead := diag.Split(err.Error())
				d.fault(n, what, instead)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, depth)
	case reflect.Map:
		d.mapping(n, v, depth)
	case reflect.Slice:
		d.list(n, v, depth)
	default:
		d.scalar(n, v)
	}
}

// is says whether n is of that kind, and makes it a fault if not. The fault
// does not show the value: it may be a password on the wrong line.
func (d *decoder) is(n *yaml.Node, kind yaml.Kind, wanted string) bool {
	if n.Kind == kind {
		return true
	}
	found := map[yaml.Kind]string{yaml.ScalarNode: "a single value", yaml.MappingNode: "keys with values", yaml.SequenceNode: "a list"}[n.Kind]
	instead := map[yaml.Kind]string{
		yaml.ScalarNode:   "write the value behind the colon, in quotes if it holds [, {, or a colon and a space",
		yaml.MappingNode:  "write key: value, indented, on the lines below",
		yaml.SequenceNode: "write [value], or a line with a dash for each",
	}[kind]
	d.fault(n, "here stands "+found+" and not "+wanted, instead)
	return false
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, depth int) {
	fields := d.fieldsOf(v.Type())
	if !d.is(n, yaml.MappingNode, "keys with values") {
		return
	}
	for key, value := range d.keys(n) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			d.unknown(key, fields)
			continue
		}
		d.value(value, v.FieldByIndex(fields[i].index), depth+1)
	}
}

func (d *decoder) unknown(key *yaml.Node, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	instead := "write one of " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(key.Value, names); ok {
		instead = fmt.Sprintf("did you mean %q?", near)
	}
	d.fault(key, fmt.Sprintf("there is no key %q here", safetext.Clip(key.Value, 60)), instead)
}

// keys yields each key and its value, where the key is text and new.
func (d *decoder) keys(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		first := make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content) && !d.ended; i += 2 {
			key := n.Content[i]
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			switch {
			case key.Kind != yaml.ScalarNode:
				d.fault(n.Content[i], "a key is a list or holds keys itself", "write a word before the colon, and put text that begins with [ or { in quotes")
				continue
			case key.ShortTag() == "!!merge":
				d.fault(key, "<< is not known here", "write the keys out")
				continue
			case first[key.Value] != nil:
				d.fault(n.Content[i], fmt.Sprintf("the key %q stands here again, first on line %d", safetext.Clip(key.Value, 60), first[key.Value].Line), "keep one of them")
				continue
			}
			first[key.Value] = n.Content[i]
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, depth int) {
	if !d.is(n, yaml.MappingNode, "keys with values") {
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	for key, value := range d.keys(n) {
		k := reflect.New(v.Type().Key()).Elem()
		d.value(key, k, depth+1)
		e := d.fresh(v.Type().Elem())
		d.value(value, e, depth+1)
		m.SetMapIndex(k, e)
	}
	v.Set(m)
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, depth int) {
	if !d.is(n, yaml.SequenceNode, "a list") {
		return
	}
	s := reflect.MakeSlice(v.Type(), 0, len(n.Content))
	for _, c := range n.Content {
		if d.ended {
			break
		}
		if c.Kind == yaml.ScalarNode && c.ShortTag() == "!!null" {
			d.fault(c, "an entry of the list is empty", "write a value behind the dash, or remove it")
		}
		e := d.fresh(v.Type().Elem())
		d.value(c, e, depth+1)
		s = reflect.Append(s, e) // also a faulty one: places in the list stay those of the file
	}
	v.Set(s)
}

// fresh is a new value with its own defaults.
func (d *decoder) fresh(t reflect.Type) reflect.Value {
	e := reflect.New(t)
	if u, ok := e.Interface().(Defaulter); ok {
		u.SetDefaults()
	}
	return e.Elem()
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	if !d.is(n, yaml.ScalarNode, "one value") {
		return
	}
	shown := strconv.Quote(safetext.Clip(n.Value, 60))
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch v.Kind() {
	case reflect.String: // as it is written: 007 stays 007, and NO is Norway
		v.SetString(n.Value)
	case reflect.Bool:
		switch strings.ToLower(n.Value) {
		case "true", "yes":
			v.SetBool(true)
		case "false", "no":
			v.SetBool(false)
		default:
			d.fault(n, shown+" is neither true nor false", "write true or false")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		// Only plain decimal: 010 and 0x10 are two answers to one question.
		i, err := strconv.ParseInt(n.Value, 10, v.Type().Bits())
		switch {
		case errors.Is(err, strconv.ErrRange):
			d.fault(n, shown+" is too large a number", "write a smaller one")
		case quoted && err == nil:
			d.fault(n, shown+" is text and no number", "write it without quotes")
		case err != nil || strconv.FormatInt(i, 10) != n.Value:
			d.fault(n, shown+" is no whole number", "write digits only, such as 12")
		default:
			v.SetInt(i)
		}
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, v.Type().Bits())
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			d.fault(n, shown+" is no number", "write it like 12 or 1.5")
			return
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("strictyaml cannot decode into %s", v.Type())) // a mistake in our own structs
	}
}

// unmarshalFault gives an error of a type's own UnmarshalYAML its place. Such
// an error names at most a line; library messages about Go's types are told
// anew.
func (d *decoder) unmarshalFault(n *yaml.Node, err error) {
	messages := []string{err.Error()}
	var te *yaml.TypeError
	if errors.As(err, &te) {
		messages = te.Errors
	}
	for _, m := range messages {
		at := n
		m = strings.TrimPrefix(m, "yaml: ")
		if rest, ok := strings.CutPrefix(m, "line "); ok {
			no, text, _ := strings.Cut(rest, ": ")
			if line, err := strconv.Atoi(no); err == nil {
				m = text
				if c := onLine(n, line, maxDepth); c != nil {
					at = c
				}
			}
		}
		if strings.Contains(m, "cannot unmarshal") {
			m = "the value has another form than is wanted here"
		}
		m, _, _ = strings.Cut(m, " in type ")
		what, instead := diag.Split(m)
		d.fault(at, what, instead)
	}
}

// onLine is the first value in n that begins on that line.
func onLine(n *yaml.Node, line, depth int) *yaml.Node {
	if n.Line == line {
		return n
	}
	if depth > 0 {
		for _, c := range n.Content {
			if f := onLine(c, line, depth-1); f != nil {
				return f
			}
		}
	}
	return nil
}

// fieldsOf are the keys that a struct knows, in the order of its fields.
func (d *decoder) fieldsOf(t reflect.Type) []field {
	if fs, ok := d.fields[t]; ok {
		return fs
	}
	var fs []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case strings.Contains(option, "inline"):
			for _, in := range d.fieldsOf(f.Type) {
				fs = append(fs, field{in.name, append([]int{i}, in.index...)})
			}
			continue
		case name == "":
			name = strings.ToLower(f.Name)
		}
		fs = append(fs, field{name, []int{i}})
	}
	d.fields[t] = fs
	return fs
}
