package tables

import (
	"fmt"
	"slices"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/register/prices"
)

// LoadAll reads every table that the config names, and tells what does not fit
// between them. With any fault nobody may count by the result.
func LoadAll(c *config.Config) (*register.Register, prices.List, prices.Sales, []register.Decision, diag.Faults) {
	var (
		reg    register.Register
		faults diag.Faults
		add    = func(f diag.Faults) { faults = append(faults, f...) }
		f      diag.Faults
	)
	reg.Tenants, f = Tenants(c.Tenants)
	add(f)
	reg.Partners, f = Partners(c.Partners)
	add(f)
	// Where the tenants themselves could not be read, every table that names
	// one would be wrong for no reason of its own.
	known := reg.Tenants
	if known == nil && len(faults) == 0 {
		known = []register.Tenant{}
	}
	reg.Exclusions, f = Exclusions(c.Exclusions, known)
	add(f)
	reg.Shared, f = SharedAccounts(c.SharedAccounts, known)
	add(f)
	list, f := Prices(c.Prices, c.Report.Alias)
	add(f)
	sales, f := SalesPrices(c.SalesPrices, known)
	add(f)
	decisions, f := Decisions(c.Decisions, known)
	add(f)
	add(checkAgreements(c, reg.Tenants))
	if c.Partners != "" && len(reg.Partners) > 0 {
		add(checkPartners(c, &reg))
	}
	if known != nil {
		add(checkPools(c, known))
	}
	for i := range reg.Tenants {
		if reg.Tenants[i].Language == "" {
			reg.Tenants[i].Language = c.Provider.Language
		}
	}
	for i := range reg.Partners {
		if reg.Partners[i].Language == "" {
			reg.Partners[i].Language = c.Provider.Language
		}
	}
	return &reg, list, sales, decisions, faults.Sorted()
}

// checkPartners tells tenants whose partner is not in the table of partners.
// Without such a table any name passes: it groups the tenants and no more.
func checkPartners(c *config.Config, reg *register.Register) (faults diag.Faults) {
	known := map[string]bool{}
	var names []string
	for _, p := range reg.Partners {
		known[p.ID] = true
		names = append(names, p.ID)
	}
	for _, t := range reg.Tenants {
		if t.Partner == "" || known[t.Partner] {
			continue
		}
		instead := "write an id from the resellers table, or add it there"
		if near, ok := diag.Nearest(t.Partner, names); ok {
			instead = fmt.Sprintf("did you mean %q?", near)
		}
		faults = append(faults, diag.Fault{File: c.Tenants, Line: t.Line, What: fmt.Sprintf("the tenant %s has the reseller %s, whom the resellers table does not have", show(t.ID), show(t.Partner)), Instead: instead})
	}
	return faults
}

// checkAgreements tells tenants of agreements that the config does not have.
func checkAgreements(c *config.Config, tenants []register.Tenant) (faults diag.Faults) {
	for _, t := range tenants {
		if t.Agreement != "" && t.Agreement != "main" && !slices.ContainsFunc(c.Agreements, func(a config.Agreement) bool { return a.ID == t.Agreement }) {
			faults = append(faults, diag.Fault{File: c.Tenants, Line: t.Line, What: fmt.Sprintf("the tenant %s has the agreement %s, which the config does not have", show(t.ID), show(t.Agreement)),
				Instead: "write an id from agreements: in the config, add it there, or leave the column empty for the provider's own"})
		}
	}
	return faults
}

// checkPools tells pools of tenants that do not exist.
func checkPools(c *config.Config, tenants []register.Tenant) (faults diag.Faults) {
	known := idsOf(tenants)
	for i, p := range c.Pools {
		if p.Tenant == "" || known.known[p.Tenant] {
			continue
		}
		instead := "write an id from the tenants table, or leave it out for a shared pool"
		if near, ok := diag.Nearest(p.Tenant, known.names); ok {
			instead = fmt.Sprintf("did you mean %q?", near)
		}
		faults = append(faults, c.Fault("there is no tenant "+show(p.Tenant), instead, "pools", i, "tenant"))
	}
	return faults
}
