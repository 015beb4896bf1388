package eventxml

import "bytes"

// finder looks for one marker in a text and remembers how far it looked, so
// that many broken events that each look for a far or missing end cost one
// pass over the text, not one each.
type finder struct {
	from, to int  // nothing begins in [from, to)
	found    bool // the marker stands at to
}

// next returns the first place in data[at:limit] where marker stands whole,
// or -1.
func (f *finder) next(data []byte, marker string, at, limit int) int {
	begin := at
	if f.from <= at && at <= f.to {
		if f.found {
			if f.to+len(marker) <= limit {
				return f.to
			}
			return -1
		}
		begin = f.to
	} else {
		f.from = at
	}
	if begin < limit {
		if k := bytes.Index(data[begin:limit], []byte(marker)); k >= 0 {
			f.to, f.found = begin+k, true
			return f.to
		}
	}
	f.to, f.found = max(begin, limit-len(marker)+1), false
	return -1
}

// The markers that are looked for over long ways.
const (
	commentEnd = iota
	cdataEnd
	instructionEnd
	renderingEnd
	eventEnd
	declaration
	markers
)
