package deliver

import (
	"fmt"
	"strings"

	"splameter/internal/safetext"
)

// write makes subject and body in the customer's language.
func (l *Letter) write(month, reporter string) {
	words := english()
	if l.Language == "nl" {
		words = dutch()
	}
	l.Subject = fmt.Sprintf(words.subject, month, l.Document)
	var body []string
	if name := safetext.Line(l.Contact); name != "" {
		body = append(body, fmt.Sprintf(words.dear, name))
	} else {
		body = append(body, words.dearAll)
	}
	what := words.annex
	if l.Partner != "" {
		what = words.workbook
	}
	if l.toSPLA {
		l.Subject, what = fmt.Sprintf(words.usageSubject, month, safetext.Line(l.provider)), words.usage
	}
	body = append(body, fmt.Sprintf(what, month, safetext.Line(l.provider)))
	if l.toSPLA {
		for _, x := range l.beside {
			body = append(body, fmt.Sprintf(words.beside, x.name, x.sha256))
		}
		body = append(body, fmt.Sprintf(words.anchor, l.SHA256, l.Manifest))
	}
	if l.Replaces != "" {
		body = append(body, fmt.Sprintf(words.replaces, l.Replaces))
	}
	if l.Draft {
		l.Subject = words.draft + ": " + l.Subject
		body = append(body, words.draftLong)
	}
	body = append(body, words.reply, words.regards)
	sign := safetext.Line(l.provider)
	if name := safetext.Line(reporter); name != "" {
		sign = name + "\n" + sign
	}
	l.Body = strings.Join(append(body, sign), "\n\n") + "\n"
}

// words are a letter's texts in one language.
type words struct {
	subject, dear, dearAll, annex, workbook, replaces, draft, draftLong, reply, regards string
	usageSubject, usage, anchor, beside                                                 string
}

func english() words {
	return words{
		subject: "Licence annex %s (%s)", dear: "Dear %s,", dearAll: "Dear Sir or Madam,",
		annex:     "Attached you find from %[2]s the licence annex for %[1]s, with the quantities of your organization and what changed since last month.",
		workbook:  "Attached you find from %[2]s the licence annexes for %[1]s: an overview, and a sheet for each of your organizations.",
		replaces:  "This annex replaces %s. It says how the quantities differ.",
		draft:     "Draft",
		draftLong: "This is a draft: the quantities are not final yet.",
		reply:     "If anything is not right, please let us know. If you agree, please confirm by replying to this message.",
		regards:   "Kind regards,",

		usageSubject: "SPLA usage report %s, %s",
		usage:        "Attached you find from %[2]s the SPLA usage report for %[1]s.",
		beside:       "Your own form is attached filled in: %s (SHA-256: %s).",
		anchor:       "Please keep this message: by it either of us can prove later what was reported. SHA-256 of the report: %s. SHA-256 of the manifest of the evidence behind it: %s.",
	}
}

func dutch() words {
	return words{
		subject: "Licentiebijlage %s (%s)", dear: "Geachte %s,", dearAll: "Geachte heer, mevrouw,",
		annex:     "Bijgaand ontvangt u van %[2]s de licentiebijlage over %[1]s, met de aantallen van uw organisatie en wat er sinds vorige maand is gewijzigd.",
		workbook:  "Bijgaand ontvangt u van %[2]s de licentiebijlagen over %[1]s: een overzicht, en een blad voor elk van uw organisaties.",
		replaces:  "Deze bijlage vervangt %s. Erin staat hoe de aantallen verschillen.",
		draft:     "Concept",
		draftLong: "Dit is een concept: de aantallen zijn nog niet definitief.",
		reply:     "Klopt er iets niet, of gaat u akkoord? Antwoord dan op dit bericht.",
		regards:   "Met vriendelijke groet,",

		usageSubject: "SPLA-opgave %s, %s",
		usage:        "Bijgaand ontvangt u van %[2]s de SPLA-opgave over %[1]s.",
		beside:       "Uw eigen formulier is ingevuld bijgevoegd: %s (SHA-256: %s).",
		anchor:       "Wilt u dit bericht bewaren? Hiermee kan elk van ons later aantonen wat er is opgegeven. SHA-256 van de opgave: %s. SHA-256 van het manifest van het bewijs erachter: %s.",
	}
}
