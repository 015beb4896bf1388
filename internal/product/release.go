package product

import "strings"

// titles are the beginnings of Click-to-Run release ids and of license
// families, folded, without year and channel. The longest that fits wins, so
// the order is free; a map would do no better for some forty.
var titles = [...]struct {
	id      string
	family  Family
	edition string
	free    string // why it needs no licence
}{
	{"o365proplus", M365Apps, "enterprise", ""},
	{"o365business", M365Apps, "business", ""},
	{"o365smallbusprem", M365Apps, "business", ""},
	{"o365homeprem", M365Apps, "family", ""},
	{"o365educloud", M365Apps, "education", ""},
	{"o365", M365Apps, "", ""},
	{"proplus", Office, "Professional Plus", ""},
	{"standard", Office, "Standard", ""},
	{"professional", Office, "Professional", ""},
	{"homebusiness", Office, "Home and Business", ""},
	{"homestudent", Office, "Home and Student", ""},
	{"home", Office, "Home", ""},
	{"personal", Office, "Personal", ""},
	{"smallbusbasics", Office, "Small Business", ""},
	{"smallbusiness", Office, "Small Business", ""},
	{"proacad", Office, "Professional Academic", ""},
	{"mondo", Office, "Mondo", ""},
	{"starter", Office, "Starter", ""},
	{"visiopro", Visio, "Professional", ""},
	{"visiostd", Visio, "Standard", ""},
	{"visioprem", Visio, "Premium", ""},
	{"projectpro", Project, "Professional", ""},
	{"projectstd", Project, "Standard", ""},
	{"access", OfficeApp, "Access", ""},
	{"excel", OfficeApp, "Excel", ""},
	{"word", OfficeApp, "Word", ""},
	{"outlook", OfficeApp, "Outlook", ""},
	{"powerpoint", OfficeApp, "PowerPoint", ""},
	{"publisher", OfficeApp, "Publisher", ""},
	{"onenote", OfficeApp, "OneNote", ""},
	{"infopath", OfficeApp, "InfoPath", ""},
	{"lync", OfficeApp, "Lync", ""},
	{"skypeforbusiness", OfficeApp, "Skype for Business", ""},
	{"groove", OfficeApp, "Groove", ""},
	{"accessruntime", AccessRuntime, "", "Access Runtime: free"},
	{"onenotefree", "", "", "OneNote, free edition"},
	{"skypeforbusinessentry", "", "", "Skype for Business Basic: free"},
	{"lyncentry", "", "", "Lync Basic: free"},
	{"languagepack", "", "", "language pack"},
	{"proofingtools", "", "", "proofing tools"},
	{"spd", "", "", "SharePoint Designer: free"},
	{"sharepointdesigner", "", "", "SharePoint Designer: free"},
	{"teams", "", "", "Teams: comes with the user's own subscription"},
	{"onedrive", "", "", "OneDrive: comes with the user's own subscription"},
}

// fromReleases reads a release id, or a list of them (as ProductReleaseIds
// has them; the first that needs a licence is taken: a collector that wants
// all of them makes a row of each).
func fromReleases(list, version, name string) (Recognition, bool) {
	var first Recognition
	found := false
	for list != "" {
		var id string
		id, list, _ = strings.Cut(list, ",")
		r, ok := fromRelease(strings.TrimSpace(id), version, name)
		if !ok {
			continue
		}
		if r.Licensable {
			return r, true
		}
		if !found {
			first, found = r, true
		}
	}
	return first, found
}

// fromRelease reads one id: ProPlus2019Volume, VisioProRetail,
// O365BusinessEEANoTeamsRetail, ProPlusSPLA2021Volume; a license family:
// Office16ProPlusVL_KMS_Client, Office21ProPlus2021VL_MAK_AE; each perhaps
// with .16_nl-nl_x-none behind it.
func fromRelease(id, version, name string) (Recognition, bool) {
	var buf [64]byte
	if len(id) > len(buf) {
		id = id[:len(buf)]
	}
	s := string(appendLower(buf[:0], id))
	generation := ""
	if rest, ok := strings.CutPrefix(s, "office"); ok {
		s = strings.TrimLeft(rest, "-_ ")
		if len(s) > 2 && digit(s[0]) && digit(s[1]) {
			generation, s = s[:2], s[2:]
		} else {
			generation = "14" // OfficeProPlus-KMS_Client: 2010 had no number yet
		}
	}
	best := -1
	for i := range titles {
		if strings.HasPrefix(s, titles[i].id) && (best < 0 || len(titles[i].id) > len(titles[best].id)) {
			best = i
		}
	}
	if best < 0 {
		return Recognition{}, false
	}
	t := titles[best]
	tail := s[len(t.id):]
	year := yearIn(tail)
	channel, known := channelOf(tail, generation != "")
	if !known {
		return Recognition{}, false // "Standard User Tools" is no release id
	}
	switch {
	case t.free != "":
		return free(t.family, t.free), true
	case t.family == M365Apps:
		return subscribed(M365Apps, t.edition), true
	case channel == Subscription:
		return subscribed(t.family, t.edition), true
	}
	if year == "" {
		year = yearOfGeneration(generation, tail, version, name)
	}
	return named(t.family, t.edition, year, channel), true
}

// channelOf reads what follows the product in an id; known is false where it
// does not look like an id at all.
func channelOf(tail string, family bool) (ch Channel, known bool) {
	switch {
	case strings.Contains(tail, "subscription"):
		return Subscription, true
	case strings.Contains(tail, "volume"):
		return Volume, true
	case strings.Contains(tail, "retail"):
		return Retail, true
	case !family:
		// AccessRuntime and LanguagePack stand without a channel, alone or
		// before .16_nl-nl.
		if strings.HasSuffix(tail, "vl") {
			return Volume, true
		}
		return Unknown, tail == "" || tail[0] == '.' || tail[0] == '_' || strings.HasPrefix(tail, "spla")
	case strings.Contains(tail, "vl_"), strings.HasSuffix(tail, "vl"), strings.Contains(tail, "kms"), strings.Contains(tail, "mak"):
		return Volume, true
	case strings.Contains(tail, "r_"), strings.Contains(tail, "grace"), strings.Contains(tail, "trial"), strings.Contains(tail, "oem"):
		return Retail, true
	}
	return Unknown, true
}

// yearOfGeneration is the year of an id that has none in it: 2016 for ids of
// version 16, 2013 for those of 15; where nothing tells which, the year in
// the display name, or none.
func yearOfGeneration(generation, tail, version, name string) string {
	switch {
	case generation == "14":
		return "2010"
	case generation == "15":
		return "2013"
	case generation == "16":
		return "2016"
	case generation == "19":
		return "2019"
	case generation == "21":
		return "2021"
	case generation == "24":
		return "2024"
	case strings.Contains(tail, ".15"), strings.HasPrefix(version, "15."):
		return "2013"
	case strings.Contains(tail, ".16"), strings.HasPrefix(version, "16."):
		// Not the version's year, which it does not tell, but the id's: those
		// of later years carry the year.
		return "2016"
	}
	return yearIn(name)
}

// yearIn is the first number of four digits from 2000 to 2039 in s, standing
// alone.
func yearIn(s string) string {
	for i := 0; i+4 <= len(s); i++ {
		if s[i] != '2' || s[i+1] != '0' || s[i+2] > '3' || !digit(s[i+2]) || !digit(s[i+3]) ||
			i > 0 && digit(s[i-1]) || i+4 < len(s) && digit(s[i+4]) {
			continue
		}
		return s[i : i+4]
	}
	return ""
}

// ReleaseOf is the release id in the uninstall command of a Click-to-Run
// product (productstoremove=ProPlus2019Volume.16_en-us_x-none), or "".
func ReleaseOf(uninstall string) string {
	const mark = "productstoremove="
	i := indexFold(uninstall, mark)
	if i < 0 {
		return ""
	}
	s := uninstall[i+len(mark):]
	if end := strings.IndexAny(s, " \"_"); end >= 0 {
		s = s[:end]
	}
	if end := strings.IndexByte(s, '.'); end >= 0 && !strings.Contains(s, ".15") {
		s = s[:end] // .16 is the rule; .15 is kept: it tells 2013
	}
	return s
}

// CodeOf is the product code in the uninstall command of an MSI product
// (MsiExec.exe /X{90160000-0011-…}), or "".
func CodeOf(uninstall string) string {
	if indexFold(uninstall, "msiexec") < 0 {
		return ""
	}
	i := strings.IndexByte(uninstall, '{')
	if i < 0 || len(uninstall) < i+38 || uninstall[i+37] != '}' {
		return ""
	}
	return uninstall[i : i+38]
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// appendLower lowers ASCII, which ids are made of.
func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// indexFold is strings.Index for a lower-case ASCII needle, without regard to
// the case of s.
func indexFold(s, needle string) int {
	for i := 0; i+len(needle) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(needle)], needle) {
			return i
		}
	}
	return -1
}
