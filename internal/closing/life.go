// Package closing is a month's life after it was computed: it closes a month
// into a sealed draft, and records who approved, submitted, amended and
// corrected it. What was submitted stays as it was. It decides nothing about
// licences: counting is the work of rules, by way of monthend, and sealing
// that of evidence.
package closing

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// Life is where a month stands, by the acts done to it.
type Life struct {
	Month    string
	Revision int             // the one being worked on
	State    statement.State // of that revision
	Acts     []statement.Act

	// Pending says that an act was kept, and that the files and the seal do
	// not show it yet: the program was stopped in between.
	Pending bool
	// Sealed is the latest seal of this revision, Before that of the revision
	// before; nil where there is none.
	Sealed, Before *statement.Act
	Approval       *statement.Act // of this revision
	// Submission is the latest of any revision, Invoice the first.
	Submission, Invoice *statement.Act
	First               *statement.Act // the submission of the first revision: what the deadline is held against
	Retained            *statement.Act // names were reduced: the month cannot be counted again
	// Today says that this revision is counted with today's settings.
	Today bool
	// Restarted says that a revision of this number was withdrawn before, and
	// that this one was not closed yet: what the store has of it is the old one's.
	Restarted bool

	live []statement.Act // without those of revisions that were withdrawn
}

// Live are the acts but for those of revisions that were withdrawn.
func (l *Life) Live() []statement.Act { return l.live }

// liveOf leaves out what was done to revisions that were withdrawn. What is about
// the month itself, such as an invoice, stays.
func liveOf(acts []statement.Act) []statement.Act {
	gone := map[int]bool{}
	for i := range acts {
		if acts[i].Action != statement.ActWithdraw {
			continue
		}
		gone[i] = true
		for j := i - 1; j >= 0; j-- {
			a := &acts[j]
			if gone[j] || a.Revision != acts[i].Revision {
				continue
			}
			switch a.Action {
			case statement.ActAmend, statement.ActClose, statement.ActSeal, statement.ActAccept, statement.ActFinding, statement.ActCorrect, statement.ActApprove, statement.ActReopen:
				gone[j] = true
			}
			if a.Action == statement.ActAmend {
				break
			}
		}
	}
	if len(gone) == 0 {
		return acts
	}
	var out []statement.Act
	for i := range acts {
		if !gone[i] {
			out = append(out, acts[i])
		}
	}
	return out
}

// LifeOf folds a month's acts, in their order.
func LifeOf(m string, acts []statement.Act) *Life {
	l := &Life{Month: m, State: statement.Open, Acts: acts, live: liveOf(acts)}
	for i := range l.live {
		a := &l.live[i]
		switch a.Action {
		case statement.ActClose:
			l.State, l.Sealed, l.Pending = statement.Draft, a, false
		case statement.ActSeal:
			l.Sealed, l.Pending = a, false
		case statement.ActApprove:
			l.State, l.Approval, l.Pending = statement.Approved, a, true
		case statement.ActReopen:
			l.State, l.Approval, l.Pending = statement.Draft, nil, true
		case statement.ActSubmit:
			l.State, l.Submission, l.Pending = statement.Submitted, a, true
			if l.First == nil {
				l.First = a
			}
		case statement.ActAccept, statement.ActFinding, statement.ActCorrect:
			l.Pending = l.State != statement.Open
		case statement.ActAmend:
			l.Revision, l.State, l.Today = a.Revision, statement.Open, a.Today
			l.Before, l.Sealed, l.Approval, l.Pending = l.Sealed, nil, nil, false
		case statement.ActInvoice:
			if l.Invoice == nil {
				l.Invoice = a
			}
			l.Pending = l.Pending || a.Reseal
		case statement.ActRetain:
			l.Retained = a
		}
	}
	l.Restarted = l.State == statement.Open && slices.ContainsFunc(acts, func(a statement.Act) bool {
		return a.Action == statement.ActWithdraw && a.Revision == l.Revision
	})
	return l
}

// with is the life after some more acts.
func (l *Life) with(acts ...statement.Act) *Life {
	return LifeOf(l.Month, append(slices.Clone(l.Acts), acts...))
}

// reseals says that nothing is left to be sealed but an act that changes
// nothing of what was submitted.
func (l *Life) reseals() bool {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Action != statement.ActSeal {
			return a.Reseal
		}
	}
	return false
}

// Shown is the state as a person reads it.
func (l *Life) Shown() string {
	s := string(l.State)
	if l.Revision > 0 {
		s = fmt.Sprintf("%s, revision %d: %s", statement.Amended, l.Revision, l.State)
	}
	if l.Pending {
		s += " (interrupted)"
	}
	return s
}

// onFiles is the state as the month's files bear it.
func (l *Life) onFiles() statement.State {
	if l.State == statement.Submitted && l.Revision > 0 {
		return statement.Amended
	}
	return l.State
}

// Corrections are all made by hand, in their order. An amendment keeps those
// of the revisions before it.
func (l *Life) Corrections() []statement.Correction {
	var out []statement.Correction
	for i := range l.live {
		if a := &l.live[i]; a.Action == statement.ActCorrect && a.Correction != nil {
			out = append(out, *a.Correction)
		}
	}
	return out
}

// Accepted says of each accepted gap, by its key, who accepted it and why.
func (l *Life) Accepted() map[string]string {
	return l.accepted(statement.ActAccept, func(a *statement.Act) string { return a.Gap })
}

// AcceptedFindings says the same of the findings accepted for this month
// alone, by the key of their decision: one whose number changed is open again.
func (l *Life) AcceptedFindings() map[string]string {
	return l.accepted(statement.ActFinding, func(a *statement.Act) string { return a.Finding })
}

func (l *Life) accepted(action statement.ActKind, key func(*statement.Act) string) map[string]string {
	out := map[string]string{}
	for i := range l.live {
		if a := &l.live[i]; a.Action == action {
			out[key(a)] = fmt.Sprintf("%s, %s: %s", a.By, a.At.Format("2006-01-02"), a.Reason)
		}
	}
	return out
}

// replaces are the digests of the month's seals so far.
func (l *Life) replaces() []string {
	var out []string
	for i := range l.Acts {
		if d := l.Acts[i].Manifest; d != "" && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// Attachments are the files handed in with the revision worked on and those
// before it.
func (l *Life) attachments() []*statement.Attachment {
	var out []*statement.Attachment
	for i := range l.live {
		if a := l.live[i].Attachment; a != nil && !slices.ContainsFunc(out, func(o *statement.Attachment) bool { return *o == *a }) {
			out = append(out, a)
		}
	}
	return out
}

// cannot is why a month is in no state for something.
func (l *Life) cannot(what, instead string) error {
	return fmt.Errorf("%s cannot be %s: it is %s; %s", l.Month, what, l.Shown(), instead)
}

// partKey is by what a line is added up: its part number, else its product in
// brackets.
func partKey(l *statement.Line) string {
	if l.PartNumber != "" {
		return l.PartNumber
	}
	return "(" + l.Product + ")"
}

// part is what stands against a part number.
type part struct {
	quantity int
	products []string
}

// byPart adds a statement's lines up by part number.
func byPart(lines []statement.Line) map[string]part {
	out := map[string]part{}
	for i := range lines {
		l, key := &lines[i], partKey(&lines[i])
		p := out[key]
		p.quantity += l.Quantity
		p.products = append(p.products, l.Product)
		out[key] = p
	}
	return out
}

// Difference is one part number on which two sides do not agree.
type Difference struct {
	PartNumber string
	Products   string
	Was, Is    int
}

// differences lists where b differs from a, by part number.
func differences(a, b map[string]part) []Difference {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []Difference
	for _, k := range keys {
		if a[k].quantity != b[k].quantity {
			names := a[k].products
			if len(names) == 0 {
				names = b[k].products
			}
			out = append(out, Difference{k, strings.Join(names, ", "), a[k].quantity, b[k].quantity})
		}
	}
	return out
}

// Compare lists where b's quantities differ from a's, by part number.
func Compare(a, b *statement.Statement) []Difference {
	return differences(byPart(a.Lines), byPart(b.Lines))
}

// CompareQuantities lists where what somebody else has differs from a report.
func CompareQuantities(st *statement.Statement, other []statement.PartQuantity) []Difference {
	m := map[string]part{}
	for _, q := range other {
		p := m[q.PartNumber]
		p.quantity += q.Quantity
		m[q.PartNumber] = p
	}
	return differences(byPart(st.Lines), m)
}

// monthOf reads a month in the provider's zone.
func (d *Desk) monthOf(s string) (month.Month, error) {
	return month.Parse(s, d.Setup.Config.Provider.Location)
}
