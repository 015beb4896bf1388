package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// valueForms are the forms of a person attribute's values, with how many
// different values have each: E-1001 and E-1002 have one form.
type valueForms map[string]int

func formOf(v string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsDigit(c):
			return '9'
		case unicode.IsLetter(c):
			return 'a'
		}
		return c
	}, v)
}

func (f valueForms) add(v string) { f[formOf(v)]++ }

// fewForms is how many other values must have been seen before an odd one out
// means something.
const fewForms = 10

// freeText says that a value is no number, code or address that would be one
// person's own: words, one or two signs, a mailbox of a desk, or the odd one out
// among many values of other forms.
func (f valueForms) freeText(v string) bool {
	if utf8.RuneCountInString(v) <= 2 && !strings.ContainsFunc(v, unicode.IsLetter) {
		return true
	}
	if box, _, ok := strings.Cut(v, "@"); ok {
		return deskMailbox(box)
	}
	if !strings.ContainsFunc(v, unicode.IsDigit) {
		return true
	}
	others := 0
	for form, n := range f {
		if form != formOf(v) {
			others = max(others, n)
		}
	}
	return f[formOf(v)] <= 1 && others >= fewForms
}

// deskMailbox says that the name of a mailbox is a desk's and no person's.
func deskMailbox(box string) bool {
	box = strings.TrimRight(strings.ToLower(box), "0123456789")
	for _, w := range strings.FieldsFunc(box, func(c rune) bool { return !unicode.IsLetter(c) }) {
		switch w {
		case "info", "office", "kantoor", "mail", "post", "contact", "support", "service", "servicedesk", "helpdesk", "help", "admin", "administratie", "administration",
			"noreply", "no", "reception", "receptie", "sales", "verkoop", "finance", "facturen", "invoice", "hr", "hello", "hallo", "team", "test", "balie", "backoffice":
			return true
		}
	}
	return false
}

// namesAgree says that the accounts' names have a word in common, which those of
// one person mostly have ("Jan de Vries", "adm-devries").
func (w *world) namesAgree(list []int32, value string) bool {
	var common map[string]bool
	for _, a := range list {
		s := w.lastState(a)
		upn, _, _ := strings.Cut(s.UPN, "@")
		words := map[string]bool{}
		for _, text := range []string{s.DisplayName, s.Name, upn} {
			for _, x := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) }) {
				if utf8.RuneCountInString(x) >= 3 && x != value && !nameless(x) && (common == nil || common[x]) {
					words[x] = true
				}
			}
		}
		common = words
	}
	return len(common) > 0
}

// nameless says that a word in an account's name is nobody's name.
func nameless(word string) bool {
	switch word {
	case "adm", "admin", "administrator", "beheer", "beheerder", "extern", "external", "intern", "user", "gebruiker", "test", "demo", "account", "service", "svc", "van", "von", "der", "den", "the":
		return true
	}
	return false
}
