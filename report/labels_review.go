package report

import (
	"splameter/internal/statement"
)

// reviewLabels are the words of the review workbook.
type reviewLabels struct {
	title, continued, continues, beside                                                                string
	id, licences, licencesLast, change, changes, amountLast, difference                                string
	newError, newHigh, newMedium, newLow, open, expiring, observed                                     string
	authorized, manual, allCustomers                                                                   string
	kind, who, was, is, line, personAdded, personRemoved, personChanged, key, why, whyDetail, sinceDay string
	severity, code, subject, message, action, count, isNew, accepted, place                            string
	person, accounts, directory, reported, how, groupRead, programRead, session, first, last           string
	pool, host, application, version, edition, reason, licensable, reach                               string
	cores, minimum, times, guests, packs, note                                                         string
	gaps, sources, source, site, days, from, until, covered                                            string
	item, value, status, state, revision, program, rules, rulesHash, configHash, priceHash             string
	zone, against, basis, test, noPersons                                                              string
	viaGroup, viaPool, viaInstalled, viaAttribute, viaWith, onHost, inPool, record, lineNo, noDays     string
	severities                                                                                         map[statement.Severity]string
	kinds                                                                                              map[statement.CoverageKind]string
	questionKinds                                                                                      map[statement.QuestionKind]string
	atMost, assumed, about, openQuestion                                                               string
	unassigned, shared                                                                                 string
	// Overview, Triage and About.
	sheets                                                                                map[string]string
	statuses                                                                              map[statement.Status]string
	states                                                                                map[statement.State]string
	acts                                                                                  map[statement.ActKind]string
	invoiced                                                                              map[statement.InvoiceField]string
	deadline, questions, findings, unexplained, suspended, asks, errorsOpen, newOther     string
	openMany, acceptedMany, newMany, licencesMany, findingMany, pressing, moreOn, totalOf string
	between, openBeneath, reasonOf, acceptedGap, actBy, actOn, actReference               string
	small, still                                                                          string
}

func englishReview() reviewLabels {
	return reviewLabels{
		title: "Review", continued: "continued", continues: "continues on sheet",
		beside: "All %d stand in %s, beside this workbook. Here are those who are not reported, who count otherwise than once, and whose access lay between two readings.",
		id:     "Id", licences: "This month", licencesLast: "Last month", change: "Change", changes: "Change per product", amountLast: "Amount last month", difference: "Difference",
		newError: "New: error", newHigh: "New: high", newMedium: "New: medium", newLow: "New: low", open: "Open findings", expiring: "Rights that expire", observed: "Days observed",
		authorized: "Authorized", manual: "Manual", allCustomers: "All customers (as reported)",
		kind: "Kind", who: "Person or machine", was: "Was", is: "Is", line: "line", personAdded: "added", personRemoved: "removed", personChanged: "changed", key: "Key", why: "Why", whyDetail: "By", sinceDay: "From",
		severity: "Severity", code: "Code", subject: "Subject", message: "What is the case", action: "What to do", count: "Count", isNew: "New", accepted: "Accepted", place: "Where read",
		person: "Person", accounts: "Accounts", directory: "Directory", reported: "Reported", how: "Via", groupRead: "Membership read in", programRead: "Program read in", session: "First session", first: "First day", last: "Last day",
		pool: "Pool", host: "Host", application: "Application", version: "Version", edition: "Edition", reason: "Recognised as, or why none", licensable: "Needs a licence", reach: "Persons who can reach it",
		cores: "Cores", minimum: "Minimum", times: "Times", guests: "Windows guests", packs: "Packs", note: "Note",
		gaps: "Gaps", sources: "Sources", source: "Source", site: "Site", days: "Days", from: "From", until: "Until", covered: "Read on",
		item: "What", value: "Value", status: "Status", state: "State", revision: "Revision", program: "Program version", rules: "Rules version", rulesHash: "Rules, SHA-256",
		configHash: "Config and tables, SHA-256", priceHash: "Prices, SHA-256", zone: "Time zone", against: "Compared with", basis: "Facts counted, SHA-256", test: "Test", noPersons: "no",
		viaGroup: "group", viaPool: "pool", viaInstalled: "installed", viaAttribute: "attribute", viaWith: "comes with", onHost: "on", inPool: "pool", record: "record", lineNo: "line", noDays: "none",
		severities: map[statement.Severity]string{statement.Error: "error", statement.High: "high", statement.Medium: "medium", statement.Low: "low", statement.Info: "info"},
		kinds: map[statement.CoverageKind]string{statement.CoverageDirectory: "directory", statement.CoverageSessions: "session logs", statement.CoverageInventory: "inventory",
			statement.CoverageMachines: "machines", statement.CoverageSite: "site", statement.CoverageUnit: "organizational unit", statement.CoverageGroup: "group", statement.CoverageAttribute: "attribute", statement.CoveragePersons: "persons"},
		questionKinds: map[statement.QuestionKind]string{statement.AskDomain: "domain", statement.AskGroup: "group", statement.AskMember: "members", statement.AskUnit: "unit", statement.AskPerson: "person", statement.AskHost: "host", statement.AskMachine: "machine",
			statement.AskEdition: "edition", statement.AskEngine: "engine", statement.AskTitle: "program", statement.AskLog: "log", statement.AskEntry: "table entry", statement.AskDrop: "decrease"},
		atMost: "At most", assumed: "Counted meanwhile", about: "About", openQuestion: "open",
		unassigned: "(no tenant: unassigned persons)", shared: "(no tenant: shared machines)",
		sheets: map[string]string{"overview": "Overview", "triage": "Triage", "customers": "Per customer", "changes": "Changes", "questions": "Questions", "findings": "Findings",
			"savings": "Savings", "tieout": "Tie-out", "persons": "Persons", "applications": "Applications", "machines": "Machines", "mapping": "Mapping", "coverage": "Coverage", "about": "About"},
		statuses: map[statement.Status]string{statement.Complete: "complete", statement.Incomplete: "INCOMPLETE"},
		states:   map[statement.State]string{"": "open", statement.Open: "open", statement.Draft: "draft", statement.Approved: "approved", statement.Submitted: "submitted", statement.Amended: "submitted, amended"},
		acts: map[statement.ActKind]string{statement.ActClose: "Closed", statement.ActApprove: "Approved", statement.ActSubmit: "Submitted", statement.ActAmend: "Amended", statement.ActWithdraw: "Revision withdrawn", statement.ActReopen: "Reopened", statement.ActInvoice: "Invoice", statement.ActBilled: "Bills to customers",
			statement.ActAccept: "Gap accepted", statement.ActFinding: "Finding accepted", statement.ActCorrect: "Corrected by hand", statement.ActRetain: "Reduced to counts"},
		invoiced: map[statement.InvoiceField]string{},
		deadline: "To be reported by", questions: "Questions", findings: "Findings", unexplained: "Unexplained", suspended: "Suspended", asks: "Questions and gaps", errorsOpen: "Errors", newOther: "New: other",
		openMany: "open", acceptedMany: "accepted or decided", newMany: "new", licencesMany: "licences", findingMany: "Findings", pressing: "Errors and new high findings",
		moreOn: "… and %d more on the sheet %s", totalOf: "Total",
		between: "between two readings", openBeneath: "one by one beneath", reasonOf: "Reason of the revision", acceptedGap: "Gap, accepted", actBy: "by", actOn: "of", actReference: "reference",
		small: "Changed by fewer than %d a line, each with a cause", still: "Unchanged, nothing wrong",
	}
}

func dutchReview() reviewLabels {
	return reviewLabels{
		title: "Controle", continued: "vervolg", continues: "gaat verder op blad",
		beside: "Alle %d staan in %s, naast deze werkmap. Hier staan wie niet gerapporteerd wordt, wie anders dan één keer telt, en wie tussen twee uitlezingen toegang had.",
		id:     "Id", licences: "Deze maand", licencesLast: "Vorige maand", change: "Mutatie", changes: "Mutatie per product", amountLast: "Bedrag vorige maand", difference: "Verschil",
		newError: "Nieuw: fout", newHigh: "Nieuw: hoog", newMedium: "Nieuw: midden", newLow: "Nieuw: laag", open: "Open bevindingen", expiring: "Aflopende rechten", observed: "Dagen waargenomen",
		authorized: "Geautoriseerd", manual: "Handmatig", allCustomers: "Alle klanten (zoals gerapporteerd)",
		kind: "Soort", who: "Persoon of machine", was: "Was", is: "Is", line: "regel", personAdded: "toegevoegd", personRemoved: "vervallen", personChanged: "gewijzigd", key: "Sleutel", why: "Waarom", whyDetail: "Waardoor", sinceDay: "Vanaf",
		severity: "Ernst", code: "Code", subject: "Onderwerp", message: "Wat er aan de hand is", action: "Wat te doen", count: "Aantal", isNew: "Nieuw", accepted: "Geaccepteerd", place: "Gelezen in",
		person: "Persoon", accounts: "Accounts", directory: "Directory", reported: "Gerapporteerd", how: "Via", groupRead: "Lidmaatschap gelezen in", programRead: "Programma gelezen in", session: "Eerste sessie", first: "Eerste dag", last: "Laatste dag",
		pool: "Pool", host: "Host", application: "Applicatie", version: "Versie", edition: "Editie", reason: "Herkend als, of waarom niet", licensable: "Licentie nodig", reach: "Personen met toegang",
		cores: "Cores", minimum: "Minimum", times: "Maal", guests: "Windows-gasten", packs: "Pakketten", note: "Opmerking",
		gaps: "Hiaten", sources: "Bronnen", source: "Bron", site: "Locatie", days: "Dagen", from: "Van", until: "Tot", covered: "Gelezen op",
		item: "Wat", value: "Waarde", status: "Volledigheid", state: "Status", revision: "Revisie", program: "Programmaversie", rules: "Versie van de regels", rulesHash: "Regels, SHA-256",
		configHash: "Configuratie en tabellen, SHA-256", priceHash: "Prijzen, SHA-256", zone: "Tijdzone", against: "Vergeleken met", basis: "Getelde feiten, SHA-256", test: "Test", noPersons: "nee",
		viaGroup: "groep", viaPool: "pool", viaInstalled: "geïnstalleerd", viaAttribute: "attribuut", viaWith: "komt mee met", onHost: "op", inPool: "pool", record: "record", lineNo: "regel", noDays: "geen",
		severities: map[statement.Severity]string{statement.Error: "fout", statement.High: "hoog", statement.Medium: "midden", statement.Low: "laag", statement.Info: "info"},
		kinds: map[statement.CoverageKind]string{statement.CoverageDirectory: "directory", statement.CoverageSessions: "sessielogs", statement.CoverageInventory: "inventaris",
			statement.CoverageMachines: "machines", statement.CoverageSite: "locatie", statement.CoverageUnit: "OU", statement.CoverageGroup: "groep", statement.CoverageAttribute: "attribuut", statement.CoveragePersons: "personen"},
		questionKinds: map[statement.QuestionKind]string{statement.AskDomain: "domein", statement.AskGroup: "groep", statement.AskMember: "leden", statement.AskUnit: "afdeling", statement.AskPerson: "persoon", statement.AskHost: "host", statement.AskMachine: "machine",
			statement.AskEdition: "editie", statement.AskEngine: "engine", statement.AskTitle: "programma", statement.AskLog: "log", statement.AskEntry: "tabelregel", statement.AskDrop: "daling"},
		atMost: "Ten hoogste", assumed: "Intussen geteld", about: "Betreft", openQuestion: "open",
		unassigned: "(geen klant: niet-toegewezen personen)", shared: "(geen klant: gedeelde machines)",
		sheets: map[string]string{"overview": "Overzicht", "triage": "Triage", "customers": "Per klant", "changes": "Mutaties", "questions": "Vragen", "findings": "Bevindingen",
			"savings": "Besparingen", "tieout": "Aansluiting", "persons": "Personen", "applications": "Applicaties", "machines": "Machines", "mapping": "Koppeling", "coverage": "Dekking", "about": "Verantwoording"},
		statuses: map[statement.Status]string{statement.Complete: "volledig", statement.Incomplete: "ONVOLLEDIG"},
		states:   map[statement.State]string{"": "open", statement.Open: "open", statement.Draft: "concept", statement.Approved: "vastgesteld", statement.Submitted: "ingediend", statement.Amended: "ingediend, gewijzigd"},
		acts: map[statement.ActKind]string{statement.ActClose: "Afgesloten", statement.ActApprove: "Vastgesteld", statement.ActSubmit: "Ingediend", statement.ActAmend: "Gewijzigd", statement.ActWithdraw: "Revisie ingetrokken", statement.ActReopen: "Heropend", statement.ActInvoice: "Factuur", statement.ActBilled: "Facturen aan klanten",
			statement.ActAccept: "Hiaat geaccepteerd", statement.ActFinding: "Bevinding geaccepteerd", statement.ActCorrect: "Met de hand gecorrigeerd", statement.ActRetain: "Teruggebracht tot aantallen"},
		invoiced: map[statement.InvoiceField]string{statement.InvoiceQuantity: "aantal", statement.InvoiceUnitPrice: "stuksprijs", statement.InvoiceAmount: "bedrag", statement.InvoiceProduct: "aantal maal stuksprijs", statement.InvoiceCurrency: "valuta"},
		deadline: "Uiterlijk te rapporteren", questions: "Vragen", findings: "Bevindingen", unexplained: "Onverklaard", suspended: "Opgeschort", asks: "Vragen en hiaten", errorsOpen: "Fouten", newOther: "Nieuw: overig",
		openMany: "open", acceptedMany: "geaccepteerd of besloten", newMany: "nieuw", licencesMany: "licenties", findingMany: "Bevindingen", pressing: "Fouten en nieuwe hoge bevindingen",
		moreOn: "… en nog %d op blad %s", totalOf: "Totaal",
		between: "tussen twee metingen", openBeneath: "één voor één hieronder", reasonOf: "Reden van de revisie", acceptedGap: "Hiaat, geaccepteerd", actBy: "door", actOn: "van", actReference: "kenmerk",
		small: "Per regel met minder dan %d gewijzigd, elk met een oorzaak", still: "Ongewijzigd, niets aan de hand",
	}
}
