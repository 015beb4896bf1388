package report

import "strings"

// changes says of each product what was added and removed since last month, and
// why: by cause and day, without names.
func (a *annex) changes() {
	b, first := a.b, true
	for i := range a.t.Lines {
		l := &a.t.Lines[i]
		if !shown(l) || !l.Compared || a.w.unread(l) {
			continue
		}
		var parts []string
		for _, x := range []struct {
			word string
			out  bool
		}{{b.added, false}, {b.removed, true}} {
			if text := b.changeText(l.Changes, x.out); text != "" {
				parts = append(parts, x.word+": "+text)
			}
		}
		if len(parts) == 0 {
			continue
		}
		if first {
			a.g.add(0)
			a.g.add(20, wide(styleSection, b.whatChanged, a.wide))
			first = false
		}
		name, told := a.w.productLabel(l.Product, b.language), strings.Join(parts, "; ")
		a.g.add(rowHeight(linesOf(name, 36), linesOf(told, 13*(a.wide-1))), text(styleWrap, name), wide(styleWrap, told, a.wide-1))
	}
}
