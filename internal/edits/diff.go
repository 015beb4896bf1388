package edits

import (
	"fmt"
	"strings"

	"splameter/internal/digest"
)

// Hunk is one place where a file changes: the lines that go and the lines that
// come in their place.
type Hunk struct {
	Line    int // the first, from 1, in the file as it is afterwards
	Was, Is []string
}

// mostCompared bounds the comparison of lines; beyond, what differs is told as
// one place.
const mostCompared = 4_000_000

// Hunks are the places where the file changes, in their order.
func (e *Edit) Hunks() []Hunk {
	if e.Key == Document {
		return []Hunk{{1, nil, []string{fmt.Sprintf("%s, %d bytes, SHA-256 %s", e.Name(), len(e.Is), digest.Of(e.Is))}}}
	}
	a, b := linesOf(e.Was), linesOf(e.Is)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	a, b = a[from:], b[from:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	if len(a)*len(b) > mostCompared || len(a) == 0 || len(b) == 0 {
		return []Hunk{{from + 1, a, b}}
	}
	// common[i][j] is how many lines a[i:] and b[j:] share in their order.
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []Hunk
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
			continue
		}
		h := Hunk{Line: from + j + 1}
		for i < len(a) || j < len(b) {
			switch {
			case i < len(a) && j < len(b) && a[i] == b[j]:
			case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
				h.Was = append(h.Was, a[i])
				i++
				continue
			default:
				h.Is = append(h.Is, b[j])
				j++
				continue
			}
			break
		}
		out = append(out, h)
	}
	return out
}

func linesOf(data []byte) []string {
	text := strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
