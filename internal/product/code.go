package product

import "strings"

// fromCode reads a product code: one that an entry names whole, or one of
// Office, {BRMMmmmm-PPPP-LLLL-p000-D000000FF1CE}: R the kind of release, MM
// the major version, PPPP the product, LLLL the language, 0000 for the suite
// itself. That R 0 is volume was seen on a real machine; its other values are
// as commonly told, and only name the channel.
func (c *Catalog) fromCode(key string) (Recognition, bool) {
	if len(key) == 38 {
		if e := c.products[strings.ToUpper(key)]; e != nil {
			return e.recognition("", "", ""), true
		}
	}
	s := key
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' ||
		!strings.EqualFold(s[30:], "0FF1CE") {
		return Recognition{}, false
	}
	year := officeYear(s[2:4])
	if year == "" {
		return Recognition{}, false
	}
	channel := Unknown
	switch s[1] {
	case '0':
		channel = Volume
	case '1', '2', '5':
		channel = Retail // retail or maker's, trial, download
	}
	e := c.codes[strings.ToUpper(s[9:13])]
	switch {
	case e == nil:
		return part("part of an Office product, without a licence of its own"), true
	case e.LanguageParts && s[14:18] != "0000" && year != "2007" && year != "2003":
		// The same number is the program, without a language, and its
		// translation, with one.
		return part("language part of an Office suite or program"), true
	}
	return e.recognition("", year, channel), true
}

// officeYear is the year of a major version as MSI has it; of 16 there is no
// later one.
func officeYear(major string) string {
	switch major {
	case "11":
		return "2003"
	case "12":
		return "2007"
	case "14":
		return "2010"
	case "15":
		return "2013"
	case "16":
		return "2016"
	}
	return ""
}

// part is a row that an id shows to belong to another one.
func part(why string) Recognition { return Recognition{Microsoft: true, Reason: why} }

// fromKey reads the name of an uninstall key that is no code: Office16.PROPLUS
// of the MSI suites, or "ProPlus2019Volume - nl-nl" of Click-to-Run.
func (c *Catalog) fromKey(key, version, name string) (Recognition, bool) {
	if len(key) > 128 {
		return Recognition{}, false
	}
	if id, lang, ok := strings.Cut(key, " - "); ok {
		r, ok := c.fromRelease(id, version, name)
		// "Home - Automation" is somebody else's.
		return r, ok && culture(strings.ToLower(lang)) && (!r.Licensable || r.Channel != Unknown)
	}
	if len(key) < 10 || !strings.EqualFold(key[:6], "office") || key[8] != '.' {
		return Recognition{}, false
	}
	year := officeYear(key[6:8])
	if year == "" {
		return Recognition{}, false
	}
	id := strings.ToUpper(key[9:])
	if e := c.keys[id]; e != nil {
		channel := Volume
		switch {
		case e.Retail:
			channel = Retail
		case e.KeyChannel != "":
			channel = e.KeyChannel
		}
		return e.recognition("", year, channel), true
	}
	if e := c.keys[strings.TrimSuffix(id, "R")]; e != nil {
		return e.recognition("", year, Retail), true
	}
	// OMUI.nl-nl, VISMUI.nl-nl, and what else Setup registers.
	if strings.Contains(id, "MUI") {
		return part("language pack"), true
	}
	return Recognition{}, false
}
