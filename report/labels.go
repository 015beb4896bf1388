package report

import (
	"fmt"
	"strconv"

	"splameter/internal/finding"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// labels are all words of the workbooks in one language. labelsFor is the only
// place that knows languages.
type labels struct {
	language    string
	locale      string // as number formats name it
	dayFormat   string
	months      [12]string
	shortMonths [12]string
	pageOf      string
	na          string // there is nothing to compare with
	none        string
	yes, no     string
	months12    string // sheet with the last twelve months

	// Marks.
	test, draft, draftLong, incomplete, provisional string

	// Annex.
	annex, overview, provider, customer, customerNumber, yourRef, attention, period, until, documentNumber, replaces   string
	differs, differsNot, reportedThen, reportedNow, difference                                                         string
	via, partner, organization                                                                                         string
	quantities, product, unit, lastMonth, added, removed, quantity, notCharged, active, price, amount, total, priceGap string
	unread                                                                                                             string
	currencyNote                                                                                                       string
	own, ownNone, ground, document, validUntil, allowed, used, openEnded, unlimited                                    string
	users, name, account, accessFrom, accessUntil, countsAs, excludedNote                                              string
	askUs, productTotals                                                                                               string
	explained, chartTitle, month, quantitiesByMonth, imported, importedNote, chartNote                                 string
	perUser, perDevice, perCore                                                                                        string
	grounds                                                                                                            map[register.Ground]string

	// Changes by cause.
	whatChanged, onDay string
	// Companion of an amended usage report.
	amendedTitle, amendedReason, amendedNot string
	lost, gained                            map[statement.Cause]string

	// Usage report.
	usageTitle, serviceProvider, agreement, enrollment, reportedTo, sumOfAgreements, usageMonth, revision, reportedBy, closingDate, zeroUse                               string
	zeroUnknown, zeroRow, partNumber, article, remarks, fillIn, fillInRemark, packRemark, unitPrice, currency, usageTotal                                                 string
	priceMissing                                                                                                                                                          string
	attestation, attest, reportedLines, signName, signFunction, signDate, signature, reportIncomplete, openGaps, acceptedGaps, attestGaps, evidence, unnamedGap, moreGaps string

	review reviewLabels
}

// labelsFor are the labels in a language: Dutch for nl, else English.
func labelsFor(language string) *labels {
	if language == "nl" {
		return dutch()
	}
	return english()
}

// monthName is October 2026.
func (l *labels) monthName(m month.Month) string {
	return l.months[m.Month()-1] + " " + strconv.Itoa(m.Year())
}

// dayText is a day in running text: 01-10-2026, or 1 October 2026.
func (l *labels) dayText(d month.Day) string {
	y, m, dd := d.Civil()
	if l.language == "nl" {
		return fmt.Sprintf("%02d-%02d-%04d", dd, int(m), y)
	}
	return fmt.Sprintf("%d %s %d", dd, l.months[m-1], y)
}

// said is a sentence of the rules or of a source in the language.
func (l *labels) said(s string) string { return finding.In(l.language, s) }

// unitText is how a product's unit is told to people.
func (l *labels) unitText(unit statement.Unit) string {
	switch unit {
	case statement.UnitUser:
		return l.perUser
	case statement.UnitDevice:
		return l.perDevice
	case statement.UnitCore:
		return l.perCore
	}
	return string(unit)
}

// groundText is an exclusion's ground in words.
func (l *labels) groundText(ground register.Ground) string {
	if t, ok := l.grounds[ground]; ok {
		return t
	}
	return string(ground)
}

func english() *labels {
	return &labels{
		language: "en", locale: "809", dayFormat: "[$-809]d mmm yyyy",
		months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		pageOf:      "Page &P of &N", na: "n/a", none: "None.", yes: "yes", no: "no", months12: "Last 12 months",
		test:        "TEST",
		draft:       "Draft",
		draftLong:   "Draft – not yet approved by the provider; quantities may still change.",
		incomplete:  "INCOMPLETE",
		provisional: "Provisional – not all data of this month has been received yet; quantities may still change.",

		annex: "Licence annex", overview: "Overview", provider: "Provider", customer: "Customer", customerNumber: "Customer number", yourRef: "Your reference",
		attention: "Attention of", period: "Period of use", until: "to", documentNumber: "Document number", replaces: "Replaces",
		differs: "Differences from %s", differsNot: "The quantities are the same as in %s.", reportedThen: "Reported then", reportedNow: "Now", difference: "Difference",
		via: "Through", partner: "Partner", organization: "Organization",
		amendedTitle: "Amendment of the usage report", amendedReason: "Reason", amendedNot: "No quantity changed.",
		whatChanged: "What changed", onDay: "on", lost: englishLost(), gained: englishGained(),
		quantities: "Quantities", product: "Product", unit: "Unit", lastMonth: "Last month", added: "Added", removed: "Removed",
		quantity: "Quantity", notCharged: "Not charged", active: "Active", price: "Price a unit a month", amount: "Amount", total: "Total excluding VAT",
		priceGap:     "Products that show no price are not part of the total.",
		unread:       "A dash is no zero: the data behind this figure has not been received yet.",
		currencyNote: "All prices and amounts exclude VAT.",
		own:          "Own licences and exceptions", ownNone: "No own licences or exceptions are on record for this month.",
		ground: "Ground", document: "Document", validUntil: "Valid until", allowed: "Allowed", used: "Used", openEnded: "open-ended", unlimited: "unlimited",
		users: "Users", name: "Name", account: "Account", accessFrom: "Access from", accessUntil: "Access until", countsAs: "Counts as",
		excludedNote: "Users that count as 0 are covered by an own licence or exception and are not charged.",
		explained:    "All users who had access at any moment in the reporting month are counted, whether or not they signed in. Changes count for the whole month. Report leavers before the end of the month; this lowers the quantity from the next month.",
		askUs:        "Questions about this annex:", productTotals: "All organizations together",
		chartTitle: "Quantity by month", month: "Month", quantitiesByMonth: "Quantities by month",
		imported: "reported earlier", importedNote: "Months marked as reported earlier are taken over as they were reported; they were not measured in the present way.",
		chartNote: "The chart shows the largest products.",
		perUser:   "per user", perDevice: "per device", perCore: "per pack of 2 cores",
		grounds: map[register.Ground]string{
			register.Admin: "Administration by the provider", register.Service: "Service account", register.Demo: "Demonstration", register.Evaluation: "Evaluation",
			register.CustomerOwned: "Customer's own licence", register.FlexibleVirtual: "Own licence (Flexible Virtualization Benefit)",
			register.LicenseMobility: "Own licence (License Mobility)", register.PassiveNode: "Passive node", register.Recovery: "Disaster recovery server", register.ProviderTest: "Test by the provider",
		},

		usageTitle: "SPLA monthly usage report", serviceProvider: "Service provider", agreement: "Agreement number", enrollment: "Enrollment number", reportedTo: "Reported to",
		sumOfAgreements: "SUM OF ALL AGREEMENTS – hand in the report of each agreement, not this one",
		usageMonth:      "Usage month", revision: "Revision", reportedBy: "Reported by", closingDate: "Date (close of month)", zeroUse: "Zero use",
		zeroUnknown: "NOT ESTABLISHED – month incomplete", zeroRow: "No use in this month (zero-use report)",
		partNumber: "Part number", article: "Reseller's article", remarks: "Remarks", fillIn: "TO BE FILLED IN", fillInRemark: "Part number to be filled in",
		packRemark: "Packs of 2 core licences", unitPrice: "Unit price", currency: "Currency", usageTotal: "Total", priceMissing: "Price not known",
		attestation: "Attestation", reportedLines: "Lines in the report",
		attest:   "The undersigned, authorized to do so, declares on behalf of the service provider that this report is accurate and complete for the usage month stated above.",
		signName: "Name", signFunction: "Position", signDate: "Date", signature: "Signature",
		reportIncomplete: "INCOMPLETE – see review workbook",
		evidence:         "Evidence",
		openGaps:         "NOT READ, AND STILL OPEN – this report is not to be submitted",
		acceptedGaps:     "NOT READ, AND ACCEPTED BY THE SERVICE PROVIDER",
		attestGaps:       "The undersigned, authorized to do so, declares on behalf of the service provider that this report is accurate and, but for what is stated above as not read, complete for the usage month.",
		unnamedGap:       "of a customer, which stands in the service provider's evidence under",
		moreGaps:         "and further ones, in all",

		review: englishReview(),
	}
}

func dutch() *labels {
	return &labels{
		language: "nl", locale: "413", dayFormat: "[$-413]dd-mm-yyyy",
		months:      [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		shortMonths: [12]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
		pageOf:      "Pagina &P van &N", na: "n.v.t.", none: "Geen.", yes: "ja", no: "nee", months12: "Laatste 12 maanden",
		test:        "TEST",
		draft:       "Concept",
		draftLong:   "Concept – nog niet vastgesteld door de dienstverlener; aantallen kunnen nog wijzigen.",
		incomplete:  "ONVOLLEDIG",
		provisional: "Voorlopig – nog niet alle gegevens van deze maand zijn ontvangen; aantallen kunnen nog wijzigen.",

		annex: "Licentiebijlage", overview: "Overzicht", provider: "Dienstverlener", customer: "Klant", customerNumber: "Klantnummer", yourRef: "Uw referentie",
		attention: "Ter attentie van", period: "Afnameperiode", until: "t/m", documentNumber: "Documentnummer", replaces: "Vervangt",
		differs: "Verschillen met %s", differsNot: "De aantallen zijn dezelfde als in %s.", reportedThen: "Toen opgegeven", reportedNow: "Nu", difference: "Verschil",
		via: "Via", partner: "Partner", organization: "Organisatie",
		amendedTitle: "Wijziging van het gebruiksrapport", amendedReason: "Reden", amendedNot: "Geen aantal is gewijzigd.",
		whatChanged: "Wat veranderde", onDay: "op", lost: dutchLost(), gained: dutchGained(),
		quantities: "Aantallen", product: "Product", unit: "Eenheid", lastMonth: "Vorige maand", added: "Toegevoegd", removed: "Vervallen",
		quantity: "Aantal", notCharged: "Niet doorbelast", active: "Actief", price: "Prijs per stuk per maand", amount: "Bedrag", total: "Totaal exclusief btw",
		priceGap:     "Producten zonder prijs zijn niet in het totaal begrepen.",
		unread:       "Een streepje is geen nul: de gegevens voor dit aantal zijn nog niet ontvangen.",
		currencyNote: "Alle prijzen en bedragen zijn exclusief btw.",
		own:          "Eigen licenties en uitzonderingen", ownNone: "Voor deze maand zijn geen eigen licenties of uitzonderingen vastgelegd.",
		ground: "Grond", document: "Document", validUntil: "Geldig tot en met", allowed: "Toegestaan", used: "Gebruikt", openEnded: "onbepaald", unlimited: "onbeperkt",
		users: "Gebruikers", name: "Naam", account: "Account", accessFrom: "Toegang vanaf", accessUntil: "Toegang t/m", countsAs: "Telt als",
		excludedNote: "Gebruikers die als 0 tellen, vallen onder een eigen licentie of uitzondering en worden niet doorbelast.",
		explained:    "Geteld zijn alle gebruikers die in de rapportagemaand op enig moment toegang hadden, ook als zij niet hebben aangemeld. Wijzigingen tellen voor de hele maand. Meld vertrokken medewerkers vóór het einde van de maand; dat verlaagt het aantal vanaf de volgende maand.",
		askUs:        "Vragen over deze bijlage:", productTotals: "Alle organisaties samen",
		chartTitle: "Aantal per maand", month: "Maand", quantitiesByMonth: "Aantallen per maand",
		imported: "eerder gerapporteerd", importedNote: "Maanden met de aanduiding eerder gerapporteerd zijn overgenomen zoals destijds gerapporteerd; zij zijn niet op de huidige wijze gemeten.",
		chartNote: "De grafiek toont de grootste producten.",
		perUser:   "per gebruiker", perDevice: "per apparaat", perCore: "per pakket van 2 cores",
		grounds: map[register.Ground]string{
			register.Admin: "Beheer door de dienstverlener", register.Service: "Serviceaccount", register.Demo: "Demonstratie", register.Evaluation: "Evaluatie",
			register.CustomerOwned: "Eigen licentie van de klant", register.FlexibleVirtual: "Eigen licentie (Flexible Virtualization Benefit)",
			register.LicenseMobility: "Eigen licentie (License Mobility)", register.PassiveNode: "Passieve node", register.Recovery: "Uitwijkserver", register.ProviderTest: "Test door de dienstverlener",
		},

		usageTitle: "Maandelijkse SPLA-rapportage", serviceProvider: "Dienstverlener", agreement: "Overeenkomstnummer", enrollment: "Inschrijvingsnummer", reportedTo: "Gerapporteerd aan",
		sumOfAgreements: "SOM VAN ALLE OVEREENKOMSTEN – dien het rapport van elke overeenkomst in, en niet dit",
		usageMonth:      "Rapportagemaand", revision: "Revisie", reportedBy: "Gerapporteerd door", closingDate: "Datum (maandafsluiting)", zeroUse: "Nulrapportage",
		zeroUnknown: "NIET VASTGESTELD – maand onvolledig", zeroRow: "Geen gebruik in deze maand (nulrapportage)",
		partNumber: "Artikelnummer", article: "Artikel van de reseller", remarks: "Opmerkingen", fillIn: "IN TE VULLEN", fillInRemark: "Artikelnummer nog in te vullen",
		packRemark: "Pakketten van 2 corelicenties", unitPrice: "Stuksprijs", currency: "Valuta", usageTotal: "Totaal", priceMissing: "Prijs niet bekend",
		attestation: "Verklaring", reportedLines: "Regels in de rapportage",
		attest:   "Ondergetekende, daartoe bevoegd, verklaart namens de dienstverlener dat deze rapportage juist en volledig is voor de hierboven vermelde rapportagemaand.",
		signName: "Naam", signFunction: "Functie", signDate: "Datum", signature: "Handtekening",
		reportIncomplete: "ONVOLLEDIG – zie de controlewerkmap",
		evidence:         "Dossier",
		openGaps:         "NIET GELEZEN, EN NOG OPEN – deze rapportage is niet om in te dienen",
		acceptedGaps:     "NIET GELEZEN, EN AANVAARD DOOR DE DIENSTVERLENER",
		attestGaps:       "Ondergetekende, daartoe bevoegd, verklaart namens de dienstverlener dat deze rapportage juist is en, afgezien van wat hierboven als niet gelezen staat, volledig voor de rapportagemaand.",
		unnamedGap:       "van een klant, in het dossier van de dienstverlener onder",
		moreGaps:         "en meer, in totaal",

		review: dutchReview(),
	}
}
