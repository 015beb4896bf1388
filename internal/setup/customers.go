package setup

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"splameter/internal/register/tables"
)

// Customer is one row of a CRM export: what tenants.csv knows of a customer,
// the unit that it names, and how the customer stands.
type Customer struct {
	number, name, street, postal, city, country, contact, email, language string
	unit, status                                                          string
}

// headings are what CRM exports call their columns, without anything but
// letters.
var headings = map[string][]string{
	"number":   {"number", "customernumber", "customerno", "klantnummer", "klantnr", "debiteurnummer", "debiteur", "kundennummer", "accountnumber", "id"},
	"name":     {"name", "customer", "customername", "company", "companyname", "naam", "klant", "klantnaam", "bedrijf", "bedrijfsnaam", "firma", "accountname", "organisatie"},
	"street":   {"street", "address", "straat", "adres", "strasse", "addressline"},
	"postal":   {"postalcode", "zip", "zipcode", "postcode", "plz"},
	"city":     {"city", "town", "plaats", "woonplaats", "stad", "gemeente", "ort"},
	"country":  {"country", "countrycode", "land", "landcode"},
	"contact":  {"contact", "contactperson", "contactpersoon", "ansprechpartner", "primarycontact"},
	"email":    {"email", "emailaddress", "emailadres", "mail"},
	"language": {"language", "languagecode", "taal", "taalcode", "sprache", "correspondentietaal", "voertaal"},
	"unit":     {"unit", "ou", "organizationalunit", "organisatieeenheid", "eenheid", "distinguishedname", "dn", "adunit", "adou"},
	"status":   {"status", "state", "stand", "klantstatus", "customerstatus"},
}

// ReadCustomers reads a CRM export in CSV, with commas, semicolons or tabs; no
// path means that there is none.
func ReadCustomers(path string) ([]Customer, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the export of customers: %w", err)
	}
	defer f.Close()
	const most = 16 << 20
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("read the export of customers: %w", err)
	}
	if len(data) > most {
		return nil, fmt.Errorf("the export of customers %s is larger than 16 MiB", path)
	}
	return ParseCustomers(path, data)
}

// ParseCustomers reads a CRM export that was read already; path is for faults.
func ParseCustomers(path string, data []byte) ([]Customer, error) {
	text := string(tables.Text(data))
	first, _, _ := strings.Cut(text, "\n")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, c := range []rune{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(r.Comma)) {
			r.Comma = c
		}
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the export of customers %s is no CSV: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("the export of customers %s is empty", path)
	}
	at := map[string]int{}
	for i, h := range rows[0] {
		for what, list := range headings {
			if _, ok := at[what]; !ok && slices.Contains(list, folded(h)) {
				at[what] = i
			}
		}
	}
	if _, ok := at["name"]; !ok {
		return nil, fmt.Errorf("the export of customers %s has no column of names: call one name, company or klant", path)
	}
	var out []Customer
	for _, row := range rows[1:] {
		get := func(what string) string {
			i, ok := at[what]
			if !ok || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(strings.ToValidUTF8(row[i], ""))
		}
		c := Customer{get("number"), get("name"), get("street"), get("postal"), get("city"), countryCode(get("country")), get("contact"), get("email"), languageOf(get("language")), get("unit"), get("status")}
		if c.name != "" {
			out = append(out, c)
		}
	}
	return out, nil
}

// countries are the names that CRM exports write in place of two letters.
var countries = map[string]string{
	"nederland": "NL", "netherlands": "NL", "thenetherlands": "NL", "niederlande": "NL", "holland": "NL",
	"belgie": "BE", "belgië": "BE", "belgium": "BE", "belgien": "BE", "belgique": "BE",
	"duitsland": "DE", "germany": "DE", "deutschland": "DE", "frankrijk": "FR", "france": "FR", "frankreich": "FR",
	"luxemburg": "LU", "luxembourg": "LU", "oostenrijk": "AT", "austria": "AT", "österreich": "AT",
	"zwitserland": "CH", "switzerland": "CH", "schweiz": "CH", "verenigdkoninkrijk": "GB", "unitedkingdom": "GB", "uk": "GB", "grootbrittannië": "GB",
}

// countryCode is a country as tenants.csv has it; one that is not known stays as
// it is, for the person to see.
func countryCode(s string) string {
	if c := countries[folded(s)]; c != "" {
		return c
	}
	return s
}

// languageOf is the language of a customer's papers: those that splameter
// writes, and English for every other that a CRM names.
func languageOf(s string) string {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "-")
	name, _, _ = strings.Cut(name, "_")
	switch name {
	case "":
		return ""
	case "nl", "nld", "dut", "nederlands", "dutch", "niederländisch", "vlaams", "flemish":
		return "nl"
	}
	return "en"
}

// folded is a text without anything but its letters and digits, in lower case.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// shortest is how many letters a name needs to be known within a unit's name.
const shortest = 6

// customerOf is the one row that a unit's name speaks of: by the unit that it
// names, by the customer's number as a word of the unit's name, by the same
// name, or by a name that the unit's contains. Where two fit it is nobody's.
func customerOf(all []Customer, unit string) (c *Customer, how string) {
	words := strings.FieldsFunc(unit, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := folded(unit)
	for _, x := range []struct {
		how string
		fit func(*Customer) bool
	}{
		{"unit", func(c *Customer) bool {
			return c.unit != "" && (folded(c.unit) == name || folded(leafName(c.unit)) == name)
		}},
		{"number", func(c *Customer) bool { return c.number != "" && slices.Contains(words, c.number) }},
		{"name", func(c *Customer) bool { return folded(c.name) == name }},
		{"part of the name", func(c *Customer) bool {
			return len(folded(c.name)) >= shortest && strings.Contains(name, folded(c.name))
		}},
	} {
		n := 0
		for i := range all {
			if x.fit(&all[i]) {
				c, n = &all[i], n+1
			}
		}
		if n == 1 {
			return c, x.how
		}
		if n > 1 {
			return nil, "several customers fit"
		}
	}
	return nil, ""
}
