package config

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/safetext"
)

// MainAgreement is the id of the provider's own agreement beside others.
const MainAgreement = "main"

// Agreement is one of several that a provider reports under.
type Agreement struct {
	ID         string `yaml:"id"` // as the column agreement of tenants.csv names it
	Agreement  string `yaml:"agreement"`
	Enrollment string `yaml:"enrollment"`
	// Reseller is whom its usage report goes to; empty: that of the provider.
	Reseller Reseller `yaml:"reseller"`
	// DeadlineDay is the day of the next month on which that one must have its
	// report; 0: that of the calendar.
	DeadlineDay int `yaml:"deadline_day"`
	// MinimumAmount is what a month of it must at least come to, in
	// MinimumCurrency, from zero_months_max months after AgreementFrom on; what is
	// left out is as the calendar has it.
	MinimumAmount   string            `yaml:"minimum_amount"`
	MinimumCurrency string            `yaml:"minimum_currency"`
	AgreementFrom   month.OptionalDay `yaml:"agreement_from"`
	// Columns is that reseller's own form; none: the usage report alone.
	Columns Columns `yaml:"columns"`
}

// Reseller is the SPLA reseller that a usage report goes to.
type Reseller struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
}

// AllAgreements are the agreements that months are reported under: the
// provider's own, for what no tenant's row gives to another, and the further ones.
// Each says of itself what it leaves to the provider or the calendar.
func (c *Config) AllAgreements() []Agreement {
	out := []Agreement{{ID: MainAgreement, Agreement: c.Provider.Agreement, Enrollment: c.Provider.Enrollment, Columns: c.Report.Columns}}
	out = append(out, c.Agreements...)
	for i := range out {
		if out[i].Reseller == (Reseller{}) {
			out[i].Reseller = c.Provider.Reseller
		}
		if out[i].DeadlineDay == 0 {
			out[i].DeadlineDay = c.Calendar.DeadlineDay
		}
		out[i].MinimumAmount = cmp.Or(out[i].MinimumAmount, c.Calendar.MinimumAmount)
		out[i].MinimumCurrency = cmp.Or(out[i].MinimumCurrency, c.Calendar.MinimumCurrency)
		if !out[i].AgreementFrom.Set {
			out[i].AgreementFrom = c.Calendar.AgreementFrom
		}
	}
	return out
}

// TemplateKey is under what the config names the form of the agreement's
// reseller.
func (a *Agreement) TemplateKey() string {
	if a.ID == MainAgreement {
		return "report.columns.template"
	}
	return "agreements." + a.ID + ".columns.template"
}

// Deadline is the last day on which a reseller takes the agreement's report of a
// month.
func (a *Agreement) Deadline(m month.Month) month.Day {
	return m.Add(1).FirstDay() + month.Day(a.DeadlineDay-1)
}

// Deadline is the first day of a month's agreements on which a report must have
// been handed in: a month is submitted as a whole.
func (c *Config) Deadline(m month.Month) month.Day {
	all := c.AllAgreements()
	first := all[0].Deadline(m)
	for i := range all {
		first = min(first, all[i].Deadline(m))
	}
	return first
}

// Deadlines says by when each of several agreements must have its report, where
// they differ; "" where one day is that of all.
func (c *Config) Deadlines(m month.Month) string {
	var out []string
	differ := false
	all := c.AllAgreements()
	for i := range all {
		differ = differ || all[i].DeadlineDay != all[0].DeadlineDay
		out = append(out, all[i].ID+" "+all[i].Deadline(m).String())
	}
	if !differ {
		return ""
	}
	return strings.Join(out, ", ")
}

// agreements checks the ids by which tenants and files name them, and what each
// has of its own; main is the agreement of provider:.
func (k *checker) agreements() {
	seen := names{MainAgreement: 0}
	k.reseller(k.config.Provider.Reseller, "provider", "reseller")
	for i := range k.config.Agreements {
		a := &k.config.Agreements[i]
		switch {
		case a.ID == MainAgreement:
			k.fault("main is the agreement of provider:", "give this one another id", "agreements", i, "id")
		case k.name(a.ID, "agreements", i, "id"):
			k.unique(seen, a.ID, "agreement", "agreements", i, "id")
		}
		k.reseller(a.Reseller, "agreements", i, "reseller")
		k.minimum(a.MinimumAmount, a.MinimumCurrency, "agreements", i)
		if a.DeadlineDay < 0 || a.DeadlineDay > 28 {
			k.fault(fmt.Sprintf("deadline_day cannot be %d", a.DeadlineDay), "write a number from 1 to 28, or 0 for that of calendar:", "agreements", i, "deadline_day")
		}
		k.resellerForm(&a.Columns, "agreements", i, "columns")
	}
}

// reseller checks an address that mails are drafted to.
func (k *checker) reseller(r Reseller, path ...any) {
	if a, err := mail.ParseAddress(r.Email); r.Email != "" && (err != nil || a.Address != r.Email) {
		k.fault(fmt.Sprintf("%q is no mail address", safetext.Clip(r.Email, 60)), "write one such as spla@reseller.example, without a name", slices.Concat(path, []any{"email"})...)
	}
}
