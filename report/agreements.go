package report

import (
	"context"
	"io"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/statement"
)

// mainAgreement is what the usage report of the provider's own agreement is
// called beside those of others.
const mainAgreement = "main"

// agreementKind begins the kind of their workbooks.
const agreementKind = "usage-"

// agreements are the agreements that a month is reported under, beside the
// report of all: those of the config, and the provider's own for every tenant
// that names none. None where there is but one.
func (w *Workbooks) agreements() []config.Agreement {
	if len(w.Config.Agreements) == 0 {
		return nil
	}
	own := config.Agreement{ID: mainAgreement, Agreement: w.Config.Provider.Agreement, Enrollment: w.Config.Provider.Enrollment}
	return append([]config.Agreement{own}, w.Config.Agreements...)
}

// agreementOf is the id of the agreement that a tenant is reported under; what
// belongs to no tenant is the provider's own.
func (w *Workbooks) agreementOf(tenant string) string {
	if t := w.Register.Tenant(tenant); t != nil && slices.ContainsFunc(w.Config.Agreements, func(a config.Agreement) bool { return a.ID == t.Agreement }) {
		return t.Agreement
	}
	return mainAgreement
}

// agreementLines are the quantities of the tenants of one agreement, in the
// order of the report. Those of all agreements add up to it, since the tenants
// do.
func (w *Workbooks) agreementLines(id string) []statement.Line {
	out := slices.Clone(w.Statement.Lines)
	at := map[string]int{}
	for i := range out {
		l := &out[i]
		at[l.Product] = i
		l.Quantity, l.Active, l.Excluded, l.Authorized, l.Amount = 0, 0, 0, 0, ""
	}
	for i := range w.Statement.Tenants {
		t := &w.Statement.Tenants[i]
		if w.agreementOf(t.ID) != id {
			continue
		}
		for k := range t.Lines {
			if n, ok := at[t.Lines[k].Product]; ok {
				out[n].Quantity += t.Lines[k].Quantity
			}
		}
	}
	for i := range out {
		if price, err := decimal.NewFromString(out[i].UnitPrice); err == nil {
			out[i].Amount = price.Mul(decimal.NewFromInt(int64(out[i].Quantity))).StringFixed(2)
		}
	}
	return out
}

// AgreementReport writes the usage report of one agreement.
func (w *Workbooks) AgreementReport(ctx context.Context, out io.Writer, a config.Agreement) error {
	return w.usageReport(ctx, out, agreementKind+a.ID, a.Agreement, a.Enrollment, w.agreementLines(a.ID))
}
