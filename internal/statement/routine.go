package statement

import "splameter/internal/register"

// Unexplained is how many units of some lines are gone without anything that
// was seen having taken them away.
func Unexplained(lines []Line) (n int) {
	for i := range lines {
		for _, c := range lines[i].Changes {
			if c.Cause == CauseUnexplained {
				n += c.Removed
			}
		}
	}
	return n
}

// Routine says that what changed about a tenant since the month before is no
// more than any month brings: on each line fewer than look persons came, and
// fewer went, each by a cause. Whatever else there is wants a person: a tenant
// that is new or gone, what belongs to nobody, machines, a quantity corrected by
// hand, one that was not read or has nothing to be compared with, and what
// nothing explains.
func (t *Tenant) Routine(look int) bool {
	was, is := 0, 0
	for i := range t.Lines {
		l := &t.Lines[i]
		is += l.Quantity
		if l.Unread || !l.Compared && l.Quantity != 0 {
			return false
		}
		if !l.Compared {
			continue
		}
		was += l.Previous
		moved := max(l.Added, l.Removed, l.Quantity-l.Previous, l.Previous-l.Quantity)
		if moved == 0 {
			continue
		}
		if t.ID == register.Unassigned || l.Unit != UnitUser || l.Correction != 0 || moved >= look {
			return false
		}
	}
	return Unexplained(t.Lines) == 0 && (was == 0) == (is == 0)
}
