package facts

import (
	"cmp"
	"slices"

	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// Members are a directory's memberships.
type Members struct {
	texts packed.Texts
	rows  []member
}

type member struct {
	group, key, file uint32
	first, last      int32
	line             int
}

// Grow makes room for n memberships more.
func (p *Members) Grow(n int) { p.rows = slices.Grow(p.rows, n) }

// Add keeps a membership.
func (p *Members) Add(m *snapshot.MemberSpan) {
	p.rows = append(p.rows, member{p.texts.Add(m.Group), p.texts.Add(m.Key), p.texts.Add(m.File), m.First, m.Last, m.Line})
}

// Done ends the adding: memberships stand by group, key and span.
func (p *Members) Done() {
	p.texts.Done()
	rank := p.texts.Ranks()
	slices.SortFunc(p.rows, func(x, y member) int {
		if x.group != y.group {
			return cmp.Compare(rank[x.group], rank[y.group])
		}
		return cmp.Or(cmp.Compare(rank[x.key], rank[y.key]), cmp.Compare(x.first, y.first))
	})
}

// Len implements snapshot.Table.
func (p *Members) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *Members) At(i int) snapshot.MemberSpan {
	r, t := &p.rows[i], &p.texts
	return snapshot.MemberSpan{Member: snapshot.Member{Group: t.At(r.group), Key: t.At(r.key), Line: r.line},
		Span: snapshot.Span{First: r.first, Last: r.last}, File: t.At(r.file)}
}
