package product

import "strings"

// fromReleases reads a release id, or a list of them (as ProductReleaseIds
// has them; the first that needs a licence is taken: a collector that wants
// all of them makes a row of each).
func (c *Catalog) fromReleases(list, version, name string) (Recognition, bool) {
	var first Recognition
	found := false
	for list != "" {
		var id string
		id, list, _ = strings.Cut(list, ",")
		r, ok := c.fromRelease(strings.TrimSpace(id), version, name)
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
func (c *Catalog) fromRelease(id, version, name string) (Recognition, bool) {
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
			// OfficeProPlus-KMS_Client, OfficeProPlusVL_KMS_Client: 2010 and
			// 2013 had no number yet.
			if generation = "15"; strings.Contains(s, "-") {
				generation = "14"
			}
		}
	}
	stem := ""
	for _, known := range c.stems {
		if strings.HasPrefix(s, known) {
			stem = known
			break
		}
	}
	if stem == "" {
		return Recognition{}, false
	}
	e := c.releases[stem]
	tail := s[len(stem):]
	year := yearIn(tail)
	channel, known := channelOf(tail, generation != "")
	if !known {
		return Recognition{}, false // "Standard User Tools" is no release id
	}
	if channel == Retail && year == "" && (e.Family == Visio || e.Family == Project) && subscriptionName(name) {
		// The subscriptions of Visio and Project install this id, under a
		// name without edition and year.
		channel = Subscription
	}
	if channel == Subscription && e.Is == isLicensable {
		sub := *e
		sub.Is = isSubscription
		return sub.recognition("", "", Subscription), true
	}
	if year == "" && e.Is == isLicensable {
		year = yearOfGeneration(generation, tail, version, name)
	}
	return e.recognition("", year, channel), true
}

// subscriptionName: "Microsoft Visio - nl-nl", and nothing more.
func subscriptionName(name string) bool {
	i := strings.LastIndex(name, " - ")
	if i < 0 || !culture(strings.ToLower(strings.TrimSpace(name[i+3:]))) {
		return false
	}
	n := strings.ToLower(strings.TrimSpace(name[:i]))
	return n == "microsoft visio" || n == "microsoft project"
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
