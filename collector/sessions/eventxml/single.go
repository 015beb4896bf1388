package eventxml

import (
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// Single reads events that stand as text in something else: a column, or a
// member of an object. One goroutine uses it.
type Single struct{ p parser }

// NewSingle is a Single for the events of a file.
func NewSingle(file string, filter record.Filter) *Single {
	return &Single{parser{file: file, filter: filter}}
}

// Read sends the events of text, which begins at offset and line of the file,
// to out.
func (s *Single) Read(text []byte, offset int64, line int, out record.Handler) textblock.Counts {
	_, _, c := s.p.Parse(textblock.Block{Data: text, Offset: offset, Line: line, Last: true}, out)
	return c
}
