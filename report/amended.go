package report

import (
	"fmt"
	"slices"

	"splameter/internal/statement"
)

// replacedDocument is the number of the document that a tenant's annex
// replaces; empty where it replaces none.
func (w *Workbooks) replacedDocument(t *statement.Tenant) string {
	n, ok := w.replaces(t.ID, t.Partner)
	if !ok || n == w.Statement.Revision-1 && w.Replaced != nil && !tells(w.replaced[t.ID]) {
		return ""
	}
	return w.numbered(t.ID, n)
}

// replacedWorkbook is the number of the workbook that a partner's replaces;
// empty where it replaces none.
func (w *Workbooks) replacedWorkbook(partner string, organizations []*statement.Tenant) string {
	n, ok := w.replaces("", partner)
	if !ok {
		return ""
	}
	if n == w.Statement.Revision-1 && !slices.ContainsFunc(organizations, func(t *statement.Tenant) bool { return w.Replaced == nil || tells(w.replaced[t.ID]) }) {
		return ""
	}
	return w.numbered(partner, n)
}

// replaces is the revision whose document a recipient has: a customer its own
// annex, or its sheet in its partner's workbook. Where annexes were sent by the
// program, the act that began the revision says who had which, so that a count
// of sealed facts knows it too; where none was, the revision before is taken
// for sent.
func (w *Workbooks) replaces(tenant, partner string) (revision int, ok bool) {
	n := w.Statement.Revision
	if n == 0 {
		return 0, false
	}
	var told []statement.Told
	for i := range w.Acts {
		if a := &w.Acts[i]; a.Action == statement.ActAmend && a.Revision == n {
			told = a.Told
		}
	}
	if len(told) == 0 {
		return n - 1, true
	}
	for i := range told {
		x := &told[i]
		if (tenant != "" && x.Tenant == tenant || partner != "" && x.Tenant == "" && x.Partner == partner) && x.Revision < n {
			revision, ok = max(revision, x.Revision), true
		}
	}
	return revision, ok
}

// difference is a product whose quantity an amendment changed.
type difference struct {
	product   string
	then, now int
}

// differs lists where a tenant's quantities differ from those of the revision
// that this one replaces, in the order of the annex, then of the other.
func (w *Workbooks) differs(t *statement.Tenant) []difference {
	old := w.replaced[t.ID]
	then := map[string]int{}
	for i := range old.Lines {
		then[old.Lines[i].Product] += old.Lines[i].Quantity
	}
	var out []difference
	seen := map[string]bool{}
	for i := range t.Lines {
		l := &t.Lines[i]
		seen[l.Product] = true
		if then[l.Product] != l.Quantity {
			out = append(out, difference{l.Product, then[l.Product], l.Quantity})
		}
	}
	for i := range old.Lines {
		if l := &old.Lines[i]; !seen[l.Product] && l.Quantity != 0 {
			out = append(out, difference{l.Product, l.Quantity, 0})
		}
	}
	return out
}

// replacedLabel is a product's name, also of one that the month no longer has.
func (w *Workbooks) replacedLabel(id, language string) string {
	if w.products[id] == nil {
		for i := range w.Replaced.Products {
			if p := &w.Replaced.Products[i]; p.ID == id {
				return p.Label(language)
			}
		}
	}
	return w.productLabel(id, language)
}

// differences is the table of an amended annex that says what changed against
// the document that it replaces.
func (a *annex) differences() {
	doc := a.w.replacedDocument(a.t)
	n, _ := a.w.replaces(a.t.ID, a.t.Partner)
	if doc == "" || a.w.Replaced == nil || n != a.w.Statement.Revision-1 { // of an older one the figures are not here
		return
	}
	b := a.b
	a.g.add(0)
	all := a.w.differs(a.t)
	if len(all) == 0 {
		a.g.add(0, wide(styleText, fmt.Sprintf(b.differsNot, doc), a.wide))
		return
	}
	a.g.add(20, wide(styleSection, fmt.Sprintf(b.labels.differs, doc), a.wide))
	a.g.add(30, text(styleHead, b.product), text(styleHeadRight, b.reportedThen), text(styleHeadRight, b.reportedNow), text(styleHeadRight, b.difference))
	for _, d := range all {
		name := a.w.replacedLabel(d.product, b.language)
		a.g.add(rowHeight(linesOf(name, 36)), text(styleWrap, name), number(styleInt, d.then), number(styleInt, d.now), number(styleSigned, d.now-d.then))
	}
}
