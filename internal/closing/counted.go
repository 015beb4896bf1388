package closing

import (
	"io"

	"splameter/internal/statement"
	"splameter/report"
)

// counted is who and what stands behind a month's numbers: all of it at once is
// the largest thing of a month.
type counted struct {
	Persons      persons
	Machines     []statement.Machine
	Applications []statement.Application
}

// persons are written one by one.
type persons struct{ *statement.Persons }

// Entry implements report.Entries.
func (p persons) Entry(i int) any {
	x := p.At(i)
	return &x
}

// writeCounted writes it as indented would.
func writeCounted(out io.Writer, st *statement.Statement) error {
	return report.WriteObject(out, " ", &counted{persons{&st.Persons}, st.Machines, st.Applications})
}
