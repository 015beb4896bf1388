package rules

// check is one thing that is worth looking at every month. Each stands in a
// file of its own; what it finds changes no quantity.
type check struct {
	name string
	run  func(*evaluation)
}

// checks are all checks, in the order in which they run.
func checks() []check {
	return []check{
		{"session-without-entitlement", checkSessions},
		{"disabled-in-group", checkDisabled},
		{"no-tenant", checkTenants},
		{"product-pair", checkPairs},
		{"persons", checkPersons},
		{"groups", checkGroups},
		{"attributes", checkAttributes},
		{"restrictions", checkRestrictions},
		{"exclusions", checkExclusions},
		{"machines", checkMachines},
		{"software", checkSoftware},
		{"own-licence", checkOwnLicence},
		{"prices", checkPrices},
		{"suspended", checkSuspended},
		{"quantities", checkQuantities},
		{"readings", checkReadings},
		{"counting", checkCounting},
		{"calendar", checkCalendar},
	}
}

// plural chooses a word by number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// account is an account's name and tenant, for findings.
func (e *evaluation) account(a int32) (name, tenant string) {
	return e.w.accountName(a), e.w.accounts[a].tenant
}
