// Package strictyaml reads YAML that a person wrote: unknown and repeated
// keys, wrong kinds of values and a second document are faults, all of them
// reported at once with file, line and column, in words and without Go's type
// names. What the values mean is left to its callers, who ask Doc for the
// places of what they find wrong.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"splameter/internal/diag"
)

// Limits that no file written by hand reaches, and that bound what a hostile
// one costs.
const (
	MaxSize   = 16 << 20 // bytes in a file
	maxMarks  = 2 << 20  // characters that may begin a value: what bounds the tree
	maxDepth  = 100      // values within values
	maxValues = 1 << 20  // values, those behind aliases each time counted
	maxFaults = 300
)

// Defaulter is a struct that stands in lists or maps and has defaults of its
// own: they are set before each one is decoded.
type Defaulter interface{ SetDefaults() }

// Decode reads the one document in data into the struct that into points at,
// onto what already stands there: a key that is left out or empty keeps its
// value, a list replaces the one that was there.
//
// It knows structs with yaml tags (also inline), maps with text as key,
// slices, pointers, text, whole numbers, floating ones, yes and no, and
// whatever has UnmarshalText or UnmarshalYAML(*yaml.Node); such a method's
// error is the fault, divided at its last "; ". Do not put UnmarshalYAML on a
// struct: strictness ends there.
//
// The Doc is never nil, also where there are faults.
func Decode(file string, data []byte, into any) (*Doc, diag.Faults) {
	doc := &Doc{file: file}
	if len(data) > MaxSize {
		return doc, diag.Faults{{File: file, What: fmt.Sprintf("the file is larger than %d MiB", MaxSize>>20), Instead: "divide it, or check that it is the right file"}}
	}
	if f, ok := notText(file, data); ok {
		return doc, diag.Faults{f}
	}
	root, faults := parse(file, data)
	if root == nil {
		return doc, faults
	}
	doc.root = root
	d := &decoder{file: file, faults: faults, fields: map[reflect.Type][]field{}}
	d.value(root, reflect.ValueOf(into).Elem(), 0)
	return doc, d.faults.Sorted()
}

func notText(file string, data []byte) (diag.Fault, bool) {
	f := diag.Fault{File: file, Instead: "save it as UTF-8"}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		f.What = "the file is UTF-16"
		return f, true
	}
	if !utf8.Valid(data) {
		n := 0
		for r, size := utf8.DecodeRune(data); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(data[n:]) {
			n += size
		}
		f.Line = 1 + bytes.Count(data[:n], []byte("\n"))
		f.Col = 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:n], '\n')+1:n])
		f.What = "a character here is not UTF-8"
		return f, true
	}
	marks := 0
	for _, b := range data {
		switch b {
		case '\n', ',', '[', '{', ':', '-', '?':
			marks++
		}
	}
	if marks > maxMarks {
		f.What, f.Instead = "the file holds more values than a person writes", "check that it is the right file"
		return f, true
	}
	return f, false
}

// parse returns the root of the only document, or nil with the fault.
func parse(file string, data []byte) (*yaml.Node, diag.Faults) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	switch err := next(dec, &first); {
	case errors.Is(err, io.EOF):
		return nil, diag.Faults{{File: file, Line: 1, Col: 1, What: "the file is empty", Instead: "write at least one key"}}
	case err != nil:
		return nil, diag.Faults{syntaxFault(file, data, err)}
	}
	if first.Kind != yaml.DocumentNode || len(first.Content) != 1 {
		return nil, diag.Faults{{File: file, Line: 1, Col: 1, What: "the file is empty", Instead: "write at least one key"}}
	}
	switch err := next(dec, &second); {
	case errors.Is(err, io.EOF):
		return first.Content[0], nil
	case err != nil:
		return first.Content[0], diag.Faults{syntaxFault(file, data, err)}
	}
	return first.Content[0], diag.Faults{{File: file, Line: second.Line, Col: max(second.Column, 1),
		What: "a second document begins here", Instead: "remove the line --- and keep one document in the file"}}
}

// next reads one document. A panic of the library is a fault of the file.
func next(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("yaml: the text cannot be read")
		}
	}()
	return dec.Decode(n)
}

// syntaxFault tells the library's message in the user's words.
//
// The library names the line on which the block began, sometimes one off, and
// no column. The shortest beginning of the file that fails in the same way
// ends at the line at fault.
func syntaxFault(file string, data []byte, err error) diag.Fault {
	message := err.Error()
	line := 1
	if len(data) <= 1<<20 {
		ends := lineEnds(data)
		line = 1 + sort.Search(len(ends)-1, func(i int) bool { return failure(data[:ends[i]]) == message })
	} else if _, serr := fmt.Sscanf(message, "yaml: line %d:", &line); serr != nil {
		line = 1
	}
	message = strings.TrimPrefix(message, "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		_, message, _ = strings.Cut(rest, ": ")
	}
	text := lineText(data, line)
	blank := len(text) - len(strings.TrimLeft(text, " \t"))
	f := diag.Fault{File: file, Line: line, Col: blank + 1}
	if tab := strings.IndexByte(text[:blank], '\t'); tab >= 0 {
		f.Col, f.What, f.Instead = tab+1, "a tab stands in the indentation", "indent with spaces"
		return f
	}
	f.What, f.Instead = message, "check indentation, quotes and brackets here and on the line before"
	for _, s := range syntax {
		if strings.Contains(message, s.library) {
			f.What, f.Instead = s.what, s.instead
			break
		}
	}
	return f
}

var syntax = []struct{ library, what, instead string }{
	{"mapping values are not allowed", "a colon stands where no key can be", `put text that holds ": " in quotes, and check the indentation`},
	{"did not find expected key", "no key is found where one must be", "check indentation, quotes and brackets here and on the line before"},
	{"cannot start any token", "a character stands here that no value can begin with", "put the text in quotes"},
	{"could not find expected ':'", "a key has no colon", "write key: value"},
	{"did not find expected '-'", "the list is broken off", "begin every entry with a dash, all at the same indentation"},
	{"found unexpected end of stream", "a quote is opened and never closed", "close it"},
	{"did not find expected ',' or", "a bracket is opened and not closed, or a comma is missing", "close the bracket, and put commas between its entries"},
	{"did not find expected node content", "a value is missing", "check brackets and commas"},
	{"unknown anchor", "this alias has no anchor", "put text that begins with * in quotes"},
	{"alphabetic or numeric character", "a name is missing after * or &", "put text that begins with * or & in quotes"},
	{"control characters are not allowed", "a control character stands in the file", "remove it"},
	{"unknown escape character", "a backslash stands in double quotes", `write it twice, or use single quotes: 'C:\logs'`},
	{"exceeded max depth", "values are nested too deep", "write fewer levels"},
}

func lineEnds(data []byte) []int {
	var ends []int
	for i, b := range data {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	if len(ends) == 0 || ends[len(ends)-1] != len(data) {
		ends = append(ends, len(data))
	}
	return ends
}

func lineText(data []byte, line int) string {
	for ; line > 1; line-- {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	text, _, _ := bytes.Cut(data, []byte("\n"))
	return string(text)
}

// failure is the message with which reading data fails, or nothing.
func failure(data []byte) string {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		switch err := next(dec, &n); {
		case errors.Is(err, io.EOF):
			return ""
		case err != nil:
			return err.Error()
		}
	}
}
