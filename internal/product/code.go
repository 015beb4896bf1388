package product

import "strings"

// fromCode reads an Office product code {BRMMmmmm-PPPP-LLLL-p000-D000000FF1CE}:
// R the kind of release, MM the major version, PPPP the product, LLLL the
// language, 0000 for the suite itself. That R 0 is volume was seen on a real
// machine; its other values are as commonly told, and only name the channel.
func fromCode(key string) (Recognition, bool) {
	s := key
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' ||
		!strings.EqualFold(s[30:], "0FF1CE") {
		return Recognition{}, false
	}
	year := ""
	switch s[2:4] {
	case "11":
		year = "2003"
	case "12":
		year = "2007"
	case "14":
		year = "2010"
	case "15":
		year = "2013"
	case "16":
		year = "2016" // as MSI there is no later one
	default:
		return Recognition{}, false
	}
	channel := Unknown
	switch s[1] {
	case '0':
		channel = Volume
	case '1', '2', '5':
		channel = Retail // retail or maker's, trial, download
	}
	family, edition, app := codeProduct(strings.ToUpper(s[9:13]))
	switch {
	case family == "":
		return free("", satellite(strings.ToUpper(s[9:13]))), true
	case family == AccessRuntime:
		return free(AccessRuntime, "Access Runtime: free"), true
	case app && s[14:18] != "0000" && year != "2007" && year != "2003":
		// The same number is the program, without a language, and its
		// translation, with one.
		return free("", "language part of an Office suite or program"), true
	}
	return named(family, edition, year, channel), true
}

// codeProduct is the product of a code's PPPP. App says that the number is
// shared with the language parts of a suite.
func codeProduct(pppp string) (family Family, edition string, app bool) {
	switch pppp {
	case "0011":
		return Office, "Professional Plus", false
	case "0012":
		return Office, "Standard", false
	case "0013":
		return Office, "Basic", false
	case "0014":
		return Office, "Professional", false
	case "002E":
		return Office, "Ultimate", false
	case "002F":
		return Office, "Home and Student", false
	case "0030":
		return Office, "Enterprise", false
	case "0031", "0035":
		return Office, "Professional", false
	case "0033":
		return Office, "Personal", false
	case "003D":
		return Office, "", false // the retail suites of 2010 and 2013 share it
	case "00CA":
		return Office, "Small Business", false
	case "000F":
		return Office, "Mondo", false
	case "003A":
		return Project, "Standard", false
	case "003B":
		return Project, "Professional", false
	case "0051":
		return Visio, "Professional", false
	case "0053":
		return Visio, "Standard", false
	case "0057":
		return Visio, "", false // one entry for every edition of 2010
	case "0015":
		return OfficeApp, "Access", true
	case "0016":
		return OfficeApp, "Excel", true
	case "0018":
		return OfficeApp, "PowerPoint", true
	case "0019":
		return OfficeApp, "Publisher", true
	case "001A", "00E0":
		return OfficeApp, "Outlook", true
	case "001B":
		return OfficeApp, "Word", true
	case "0044":
		return OfficeApp, "InfoPath", true
	case "00A1":
		return OfficeApp, "OneNote", true
	case "00BA":
		return OfficeApp, "Groove", true
	case "012B":
		return OfficeApp, "Skype for Business", true
	case "001C":
		return AccessRuntime, "", false
	}
	return "", "", false
}

// satellite says what the other numbers are.
func satellite(pppp string) string {
	switch pppp {
	case "001F", "002C":
		return "proofing tools"
	case "0052":
		return "viewer"
	case "0095", "00AF", "00AE":
		return "viewer"
	case "0054":
		return "language part of Visio"
	case "00B4":
		return "language part of Project"
	case "0020":
		return "compatibility pack"
	case "0017":
		return "SharePoint Designer: free"
	case "007E", "008C", "008F", "00DD":
		return "Click-to-Run component; the product has a row of its own"
	case "006E", "0115", "0117", "0043", "0100", "0101":
		return "shared part of an Office suite"
	}
	return "part of an Office product, without a licence of its own"
}

// fromKey reads the name of an uninstall key that is no code: Office16.PROPLUS
// of the MSI suites, or "ProPlus2019Volume - nl-nl" of Click-to-Run.
func fromKey(key, version, name string) (Recognition, bool) {
	if len(key) > 128 {
		return Recognition{}, false
	}
	if id, lang, ok := strings.Cut(key, " - "); ok {
		r, ok := fromRelease(id, version, name)
		// "Home - Automation" is somebody else's.
		return r, ok && culture(strings.ToLower(lang)) && (!r.Licensable || r.Channel != Unknown)
	}
	if len(key) < 10 || !strings.EqualFold(key[:6], "office") || key[8] != '.' {
		return Recognition{}, false
	}
	year := ""
	switch key[6:8] {
	case "12":
		year = "2007"
	case "14":
		year = "2010"
	case "15":
		year = "2013"
	case "16":
		year = "2016"
	default:
		return Recognition{}, false
	}
	switch id := strings.ToUpper(key[9:]); id {
	case "PROPLUS", "PROPLUSR":
		return named(Office, "Professional Plus", year, keyChannel(id, "PROPLUS")), true
	case "STANDARD", "STANDARDR":
		return named(Office, "Standard", year, keyChannel(id, "STANDARD")), true
	case "ENTERPRISE":
		return named(Office, "Enterprise", year, Volume), true
	case "PRO", "PROR":
		return named(Office, "Professional", year, Retail), true
	case "SINGLEIMAGE":
		return named(Office, "", year, Retail), true
	case "HOMESTUDENTR":
		return named(Office, "Home and Student", year, Retail), true
	case "SMALLBUSINESSR", "SMALLBUSINESS":
		return named(Office, "Small Business", year, Unknown), true
	case "VISPRO", "VISPROR":
		return named(Visio, "Professional", year, keyChannel(id, "VISPRO")), true
	case "VISSTD", "VISSTDR":
		return named(Visio, "Standard", year, keyChannel(id, "VISSTD")), true
	case "VISIO", "VISIOR":
		return named(Visio, "", year, keyChannel(id, "VISIO")), true
	case "PRJPRO", "PRJPROR":
		return named(Project, "Professional", year, keyChannel(id, "PRJPRO")), true
	case "PRJSTD", "PRJSTDR":
		return named(Project, "Standard", year, keyChannel(id, "PRJSTD")), true
	case "ACCESSRT":
		return free(AccessRuntime, "Access Runtime: free"), true
	case "ACCESS", "EXCEL", "OUTLOOK", "POWERPOINT", "PUBLISHER", "WORD", "ONENOTE", "INFOPATH":
		app := map[string]string{"ACCESS": "Access", "EXCEL": "Excel", "OUTLOOK": "Outlook", "POWERPOINT": "PowerPoint",
			"PUBLISHER": "Publisher", "WORD": "Word", "ONENOTE": "OneNote", "INFOPATH": "InfoPath"}[id]
		return named(OfficeApp, app, year, Unknown), true
	}
	// OMUI.nl-nl, VISMUI.nl-nl, and what else Setup registers.
	if strings.Contains(strings.ToUpper(key[9:]), "MUI") {
		return free("", "language pack"), true
	}
	return Recognition{}, false
}

// keyChannel: the R behind a key's product means retail.
func keyChannel(id, volume string) Channel {
	if id == volume {
		return Volume
	}
	return Retail
}
