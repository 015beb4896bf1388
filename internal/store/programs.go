package store

import (
	"splameter/internal/packed/facts"
)

// programs are the different programs of one source as they are kept.
type programs struct {
	*facts.Programs
	at map[string]uint32 // by how a program is kept
}

func newPrograms() *programs { return &programs{facts.NewPrograms(), map[string]uint32{}} }

// decode reads what appendInstalls kept.
func (p *programs) decode(b []byte) (list []uint32, err error) {
	d := decoder{b: b}
	for len(d.b) > 0 && d.err == nil {
		from := d.b
		for f := d.field(); f != 9 && d.err == nil; f = d.field() {
			switch {
			case f == 0: // the entry has no end: it is none
				return list, d.err
			case f > 6:
				d.unknown(f)
			default:
				d.skip()
			}
		}
		if d.err != nil {
			break
		}
		kept := from[:len(from)-len(d.b)]
		n, ok := p.at[string(kept)]
		if !ok {
			one, err := decodeInstalls(kept)
			if err != nil {
				return nil, err
			}
			n = p.Add(&one[0])
			p.at[string(kept)] = n
		}
		list = append(list, n)
	}
	return list, d.err
}
