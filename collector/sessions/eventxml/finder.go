package eventxml

import "bytes"

// finder looks for one marker in a text and remembers how far it looked, so
// that many broken events that each look for a far or missing end cost one
// pass over the text, not one each.
type finder struct {
	from, to int  // nothing begins in [from, to)
	found    bool // the marker stands at to
}

// next returns the first place in data[at:limit] where pre and marker stand
// whole, or -1. It looks for marker, which should begin with a rare byte:
// tags begin with '<', of which there are many.
func (f *finder) next(data []byte, pre, marker string, at, limit int) int {
	begin := at
	if f.from <= at && at <= f.to {
		if f.found {
			if f.to+len(pre)+len(marker) <= limit {
				return f.to
			}
			return -1
		}
		begin = f.to
	} else {
		f.from = at
	}
	for i := begin + len(pre); i < limit; {
		k := bytes.Index(data[i:limit], []byte(marker))
		if k < 0 {
			break
		}
		if i += k; string(data[i-len(pre):i]) == pre {
			f.to, f.found = i-len(pre), true
			return f.to
		}
		i++
	}
	f.to, f.found = max(begin, limit-len(pre)-len(marker)+1), false
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
	eventStart
	markers
)
