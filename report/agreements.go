package report

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/statement"
)

// agreementKind begins the kind of the usage reports of agreements.
const agreementKind = "usage-"

// UsageReport is a usage report that goes to a reseller: of which agreement, and
// what its workbook is called.
type UsageReport struct {
	config.Agreement
	Name  string   // without .xlsx
	Forms []string // the reseller's own form and list of it, where the config asks for them
}

// UsageReports are the usage reports that are handed in for a month: the one of
// all, or, where the config has several agreements, one of each of them. Then the one of
// all is but their sum, and is handed in to nobody.
func (w *Workbooks) UsageReports() []UsageReport {
	name := "usage-report-" + w.Month.String()
	all := w.Config.AllAgreements()
	if len(all) == 1 {
		return []UsageReport{{all[0], name, w.formFiles(&all[0])}}
	}
	var out []UsageReport
	for i, a := range all {
		out = append(out, UsageReport{a, name + "-" + a.ID, w.formFiles(&all[i])})
	}
	return out
}

// formFiles are the names of the reseller's own form and list of an agreement,
// as far as the config asks for them.
func (w *Workbooks) formFiles(a *config.Agreement) (out []string) {
	name := "reseller-" + w.Month.String()
	if w.several() {
		name += "-" + a.ID
	}
	if a.Columns.Template != "" {
		out = append(out, name+".xlsx")
	}
	if len(a.Columns.CSV.Columns) > 0 {
		out = append(out, name+".csv")
	}
	return out
}

// several says that the month is reported under more than one agreement.
func (w *Workbooks) several() bool { return len(w.Config.Agreements) > 0 }

// numbers are those of all agreements, for the report of all.
func (w *Workbooks) numbers(of func(*config.Agreement) string) string {
	var out []string
	all := w.Config.AllAgreements()
	for i := range all {
		if n := of(&all[i]); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// agreementOf is the id of the agreement that a tenant is reported under; what
// belongs to no tenant is the provider's own.
func (w *Workbooks) agreementOf(tenant string) string {
	if t := w.Register.Tenant(tenant); t != nil && slices.ContainsFunc(w.Config.Agreements, func(a config.Agreement) bool { return a.ID == t.Agreement }) {
		return t.Agreement
	}
	return config.MainAgreement
}

// agreementLines are the quantities of the tenants of one agreement, in the
// order of the report. Those of all agreements add up to it, since the tenants
// do.
func (w *Workbooks) agreementLines(st *statement.Statement, id string) []statement.Line {
	out := slices.Clone(st.Lines)
	at := map[string]int{}
	for i := range out {
		l := &out[i]
		at[l.Product] = i
		l.Quantity, l.Active, l.Excluded, l.Authorized, l.Amount = 0, 0, 0, 0, ""
	}
	for i := range st.Tenants {
		t := &st.Tenants[i]
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

// AgreementReport writes the usage report of one of several agreements.
func (w *Workbooks) AgreementReport(ctx context.Context, out io.Writer, a config.Agreement) error {
	lines := func(st *statement.Statement) []statement.Line { return w.agreementLines(st, a.ID) }
	return w.usageReport(ctx, out, agreementKind+a.ID, a, lines)
}
