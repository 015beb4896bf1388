package product

import "strings"

// SQLEdition is the edition in the words of registry, SERVERPROPERTY or a
// table ("Standard Edition (64-bit)", "Enterprise Edition: Core-based
// Licensing"): Enterprise, Standard, Web, Business Intelligence, Workgroup,
// Datacenter, Developer, Express, Evaluation, Windows Internal Database; any
// other as written, trimmed.
func SQLEdition(s string) string {
	t := strings.TrimSpace(s)
	var buf [64]byte
	n := t
	if len(n) > len(buf) {
		n = n[:len(buf)]
	}
	n = string(appendLower(buf[:0], n))
	// What needs no licence stands first: "Enterprise Evaluation Edition",
	// "Standard Developer Edition", "Express Edition with Advanced Services".
	for _, e := range [...]struct{ word, edition string }{
		{"evaluation", "Evaluation"},
		{"developer", "Developer"},
		{"internal database", "Windows Internal Database"},
		{"express", "Express"},
		{"localdb", "Express"},
		{"business intelligence", "Business Intelligence"},
		{"datacenter", "Datacenter"},
		{"enterprise", "Enterprise"},
		{"standard", "Standard"},
		{"workgroup", "Workgroup"},
		{"web", "Web"},
	} {
		if strings.Contains(n, e.word) {
			return e.edition
		}
	}
	return t
}

// SQLYear is the year of an engine's version such as 13.2.5026.0, or "".
func SQLYear(version string) string {
	major, _, _ := strings.Cut(version, ".")
	switch major {
	case "9":
		return "2005"
	case "10":
		return "2008"
	case "11":
		return "2012"
	case "12":
		return "2014"
	case "13":
		return "2016"
	case "14":
		return "2017"
	case "15":
		return "2019"
	case "16":
		return "2022"
	case "17":
		return "2025"
	}
	return ""
}
