package report

import "splameter/internal/statement"

// acceptedGaps lists above the attestation what was not read and was accepted:
// whoever signs that the report is complete, and whoever takes it, must see it.
func (u *usage) acceptedGaps(g *grid, columns int) bool {
	return u.gaps(g, columns, func(l *labels) string { return l.acceptedGaps }, func(g *statement.Gap) bool { return g.Accepted != "" })
}

// attestation is the block in which somebody vouches for the report, beneath
// what was not read and was accepted. It is signed on one sheet of paper, and no
// page parts it.
func (u *usage) attestation(columns int) grid {
	g := grid{}
	attest := func(l *labels) string { return l.attest }
	if u.acceptedGaps(&g, columns) {
		attest = func(l *labels) string { return l.attestGaps }
	}
	g.add(14)
	g.add(20, wide(styleSection, u.label(func(l *labels) string { return l.attestation }), columns))
	g.add(16, wide(styleText, attest(u.b.labels), columns))
	if u.both {
		g.add(16, wide(styleText, attest(u.nl), columns))
	}
	for _, pick := range []func(*labels) string{
		func(l *labels) string { return l.signName }, func(l *labels) string { return l.signFunction },
		func(l *labels) string { return l.signDate }, func(l *labels) string { return l.signature },
	} {
		g.add(26, text(styleSign, u.label(pick)), empty(styleSign))
	}
	return g
}

// attestationSheet is the attestation of a report of several pages, on a sheet of
// its own: the heading of the lines would stand over it on the report's last. It
// says which report is signed, by its month, revision and number of lines.
func (u *usage) attestationSheet(sign *grid, widths []float64) error {
	columns := len(widths)
	g := grid{}
	g.add(30, wide(styleTitle, u.label(func(l *labels) string { return l.usageTitle }), columns))
	g.add(6)
	fact := func(pick func(*labels) string, value cell) {
		value.span = columns - 1
		g.add(16, text(styleLabel, u.label(pick)), value)
	}
	fact(func(l *labels) string { return l.serviceProvider }, text(styleStrong, u.w.Config.Provider.Name))
	fact(func(l *labels) string { return l.agreement }, text(styleStrong, u.agreement.Agreement))
	fact(func(l *labels) string { return l.usageMonth }, text(styleStrong, u.w.Month.String()+"  ("+u.b.monthName(u.w.Month)+")"))
	fact(func(l *labels) string { return l.revision }, number(styleLink, u.w.Statement.Revision))
	fact(func(l *labels) string { return l.reportedLines }, number(styleLink, len(u.byPartNumber())))
	g.append(sign)
	return g.put(u.b, "Attestation", layout{widths: widths, landscape: true, onePage: true, reference: u.reference()}, nil)
}
