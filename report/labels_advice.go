package report

import "splameter/internal/statement"

// adviceLabels are the words of the sheets Savings and Mapping, and of the
// list of prices that change.
type adviceLabels struct {
	what, now, then, saves, sure, upTo, certain, concerned, names string
	accounts, counted                                             string
	stateOpen, stateKnown, stateNew, stateAccepted                string
	prices, pricesFrom, pricesTo, percent, effect, notice         string
	above, unknown, quantityOf, changeInPrices, changedSince      string
	advice                                                        map[statement.AdviceCode]string
	mapping                                                       map[statement.MappingKind]string
}

func adviceLabelsFor(language string) *adviceLabels {
	if language == "nl" {
		return &adviceLabels{
			what: "Advies", now: "Kost nu", then: "Zou kosten", saves: "Scheelt per maand", sure: "Hoe zeker", upTo: "hoogstens", certain: "zeker", concerned: "Betreft", names: "Accounts of hosts",
			accounts: "Accounts of hosts", counted: "Waarvan met toegang",
			stateOpen: "open", stateKnown: "bekend", stateNew: "nieuw", stateAccepted: "geaccepteerd",
			prices: "Prijswijzigingen", pricesFrom: "Prijs", pricesTo: "Prijs", percent: "Wijziging in %", effect: "Effect per maand", notice: "Opzegging mogelijk",
			above: "meer dan", unknown: "niet bekend", quantityOf: "Aantal", changeInPrices: "Gewijzigde prijzen", changedSince: "Gewijzigde prijzen per",
			advice: map[statement.AdviceCode]string{statement.AdviceIdle: "niet gebruikt", statement.AdviceWindows: "editie van Windows Server", statement.AdviceSAL: "SQL Server per gebruiker of per core",
				statement.AdviceSQLHost: "SQL Server per host of per machine", statement.AdviceDearer: "duurdere editie bereikbaar"},
			mapping: map[statement.MappingKind]string{statement.MapUnitWithoutTenant: "OU zonder klant", statement.MapTenantWithoutUnit: "klant zonder OU", statement.MapOverlap: "OU onder een andere klant",
				statement.MapGroupMissing: "groep bestaat niet", statement.MapPoolWithoutHost: "pool zonder host", statement.MapHostWithoutPool: "host zonder pool",
				statement.MapTitleWithoutRule: "titel zonder regel", statement.MapPartNumberMissing: "artikelnummer ontbreekt"},
		}
	}
	return &adviceLabels{
		what: "Advice", now: "Costs now", then: "Would cost", saves: "Saves a month", sure: "How sure", upTo: "at most", certain: "certain", concerned: "Concerns", names: "Accounts or hosts",
		accounts: "Accounts or hosts", counted: "Of these entitled",
		stateOpen: "open", stateKnown: "known", stateNew: "new", stateAccepted: "accepted",
		prices: "Price changes", pricesFrom: "Price", pricesTo: "Price", percent: "Change in %", effect: "Effect a month", notice: "May give notice",
		above: "more than", unknown: "not known", quantityOf: "Quantity", changeInPrices: "Changed prices", changedSince: "Prices changed from",
		advice: map[statement.AdviceCode]string{statement.AdviceIdle: "not used", statement.AdviceWindows: "edition of Windows Server", statement.AdviceSAL: "SQL Server by users or by cores",
			statement.AdviceSQLHost: "SQL Server by host or by machine", statement.AdviceDearer: "dearer edition within reach"},
		mapping: map[statement.MappingKind]string{statement.MapUnitWithoutTenant: "OU without customer", statement.MapTenantWithoutUnit: "customer without OU", statement.MapOverlap: "OU beneath another customer's",
			statement.MapGroupMissing: "group does not exist", statement.MapPoolWithoutHost: "pool without host", statement.MapHostWithoutPool: "host without pool",
			statement.MapTitleWithoutRule: "title without rule", statement.MapPartNumberMissing: "part number missing"},
	}
}
