package eventcsv

// maxEnds is how many delimiters of a line cut finds.
const maxEnds = 128

// canCut says whether cut may read a line: it looks at whole 64 bytes, so
// there must be memory of the same block behind the line.
func canCut(line []byte) bool { return cap(line) >= (len(line)+63)&^63 }

// cut puts the places of the delimiters of a line into ends, and returns how
// many there are, -1 for more than fit. It is what plain does, without a branch
// for each eight bytes.
//
//go:noescape
func cut(line []byte, delim byte, ends *[maxEnds]uint32) int
