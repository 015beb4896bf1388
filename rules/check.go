package rules

// check is one thing that is worth looking at every month. Each stands in a
// file of its own; what it finds changes no quantity.
type check struct {
	name string
	run  func(*evaluation)
	// early says that it looks at sessions, logs or programs, and at nothing
	// that was counted: it runs before they are let go.
	early bool
}

// checks are all checks, in the order in which they run.
func checks() []check {
	return []check{
		{"session-without-entitlement", checkSessions, true},
		{"session-outside-pool", sessionsOutside, true},
		{"domains", checkDomains, true},
		{"no-pools", checkNoPools, true},
		{"disabled-in-group", checkDisabled, false},
		{"no-tenant", checkTenants, false},
		{"tenant-signs", checkSigns, false},
		{"product-pair", checkPairs, false},
		{"persons", checkPersons, false},
		{"groups", checkGroups, false},
		{"passed names of groups", checkPassed, false},
		{"lost-members", checkLost, false},
		{"licence-groups", checkLicenceGroups, false},
		{"pools", checkPoolNames, false},
		{"attributes", checkAttributes, false},
		{"restrictions", checkRestrictions, false},
		{"exclusions", checkExclusions, false},
		{"shared-accounts", checkShared, false},
		{"machines", checkMachines, false},
		{"customers' licences", checkCustomers, false},
		{"software", checkSoftware, true},
		{"titles", checkTitles, true},
		{"server-administrators", checkServerAdmins, true},
		{"client-windows", checkClients, true},
		{"own-licence", checkOwnLicence, true},
		{"own-licence-and-volume-office", checkOwnVolume, false},
		{"prices", checkPrices, false},
		{"segments", checkSegments, false},
		{"end-user-terms", checkTerms, false},
		{"suspended", checkSuspended, true},
		{"quantities", checkQuantities, false},
		{"readings", checkReadings, true},
		{"counting", checkCounting, false},
		{"calendar", checkCalendar, false},
		{"access between readings", checkBetween, false},
	}
}

// account is an account's name and tenant, for findings.
func (e *evaluation) account(a int32) (name, tenant string) {
	return e.w.accountName(a), e.w.accounts[a].tenant
}
