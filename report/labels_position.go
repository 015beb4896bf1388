package report

// positionLabels are the words of the licence position.
type positionLabels struct {
	title, summary, lines, unprovedSheet           string
	rulesNow, markUp, masked, reported, byHand     string
	requiredThen, requiredNow, shortThen, shortNow string
	marked, unproved, unpriced, by                 string
	notes                                          []string
	kinds, messages                                map[UnprovedKind]string
}

func positionWords(language string) *positionLabels {
	if language == "nl" {
		return &positionLabels{
			title: "Licentiepositie", summary: "Overzicht", lines: "Regels", unprovedSheet: "Niet te bewijzen",
			rulesNow: "Regels van nu", markUp: "Opslag", reported: "Gerapporteerd", byHand: "Met de hand",
			masked:       "Namen van personen zijn vervangen en vrije teksten weggelaten; klanten, producten en hosts staan er met hun naam.",
			requiredThen: "Nodig, regels van toen", requiredNow: "Nodig, regels van nu", shortThen: "Te weinig, regels van toen", shortNow: "Te weinig, regels van nu",
			marked: "Met opslag", unproved: "Niet te bewijzen", by: "Door wie, waarom",
			unpriced: "Regels zonder prijs, die in geen bedrag zitten: %d volgens de regels van toen, %d volgens die van nu.",
			notes: []string{
				"Gerapporteerd is wat is ingediend; van een maand die niet is ingediend, wat is verzegeld. Nodig is wat de verzegelde gegevens van de maand vandaag geteld opleveren: met de regels waarmee de maand is verzegeld, en met de regels van nu. De tabellen (klanten, uitsluitingen, besluiten) zijn die van toen.",
				"Een verschil boven nul is te weinig gerapporteerd. Het geld is het verschil maal de prijs van die maand; wat te veel is gerapporteerd, is er niet mee verrekend. Correcties met de hand staan in geen telling, en daarom apart.",
				"Een streepje is geen nul: die maand is niet te tellen, of een prijs is niet bekend. Wat van een maand niet te bewijzen is, staat op het blad Niet te bewijzen.",
			},
			kinds: map[UnprovedKind]string{UnprovedMonth: "niet verzegeld", UnprovedImported: "overgenomen van vóór splameter", UnprovedReduced: "namen verwijderd na de bewaartijd", UnprovedSubmitted: "niet ingediend",
				UnprovedRules: "niet te tellen met de regels van nu", UnprovedGap: "gat, open", UnprovedAccepted: "gat, aanvaard", UnprovedHost: "host nooit gelezen", UnprovedTitle: "programma zonder besluit",
				UnprovedQuestion: "open vraag", UnprovedByHand: "correctie met de hand"},
			messages: map[UnprovedKind]string{
				UnprovedMonth:     "De maand is nooit verzegeld: niets laat zien wat er gebruikt is, en een auditor vult dat zelf in.",
				UnprovedImported:  "De aantallen zijn overgenomen van vóór splameter: er zijn geen gegevens om te tellen.",
				UnprovedReduced:   "De gegevens over personen zijn na hun bewaartijd teruggebracht tot aantallen: de totalen blijven, en zijn niet opnieuw te tellen.",
				UnprovedSubmitted: "Er is geen indiening vastgelegd: als gerapporteerd staat er wat is verzegeld.",
			},
		}
	}
	return &positionLabels{
		title: "Licence position", summary: "Summary", lines: "Lines", unprovedSheet: "Not proved",
		rulesNow: "Rules of now", markUp: "Mark-up", reported: "Reported", byHand: "By hand",
		masked:       "Names of persons are masked and texts that people wrote left out; customers, products and hosts stand by their names.",
		requiredThen: "Required, rules of then", requiredNow: "Required, rules of now", shortThen: "Too little, rules of then", shortNow: "Too little, rules of now",
		marked: "With mark-up", unproved: "Not proved", by: "By whom, why",
		unpriced: "Lines without a price, which are in no amount: %d by the rules of then, %d by those of now.",
		notes: []string{
			"Reported is what was handed in; of a month that was not, what was sealed. Required is what the month's sealed facts come to when they are counted today: with the rules that the month was sealed with, and with the rules of now. The tables (customers, exclusions, decisions) are those of then.",
			"A difference above zero was reported too little. The money is the difference times the price of that month; what was reported too much is not set against it. Corrections by hand are in no count, and so stand apart.",
			"A dash is no zero: that month cannot be counted, or a price is not known. What of a month cannot be proved stands on the sheet Not proved.",
		},
		kinds: map[UnprovedKind]string{UnprovedMonth: "not sealed", UnprovedImported: "taken over from before splameter", UnprovedReduced: "names reduced after their time", UnprovedSubmitted: "not handed in",
			UnprovedRules: "the rules of now cannot count it", UnprovedGap: "gap, open", UnprovedAccepted: "gap, accepted", UnprovedHost: "host never read", UnprovedTitle: "program undecided",
			UnprovedQuestion: "open question", UnprovedByHand: "correction by hand"},
		messages: map[UnprovedKind]string{
			UnprovedMonth:     "The month was never sealed: nothing shows what was used, and an auditor assumes.",
			UnprovedImported:  "The quantities were taken over from before splameter: there are no facts to count.",
			UnprovedReduced:   "The facts about persons were reduced to counts when their time was over: the totals stay, and cannot be counted again.",
			UnprovedSubmitted: "No submission is on record: what stands as reported is what was sealed.",
		},
	}
}
