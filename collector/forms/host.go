package forms

import (
	"path"
	"strings"

	"splameter/internal/lazyregexp"
)

// noHost are words of file names that are no host's.
var noHost = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq("quser qwinsta query user users poll polled polls security system application setup events event eventlog eventlogs log logs export exported viewer saved sessions session rdp rds gateway operational " +
		"localsessionmanager remoteconnectionmanager terminalservices microsoft windows lsm rcm csv txt json evtx all alle audit logon logons winevent get software uninstall inventory hosts " +
		"ereignisse ereignisanzeige gebeurtenissen logboek beveiliging sicherheit evenements securite observateur") {
		noHost[w] = true
	}
}

var (
	dated    = lazyregexp.New(`(^|[^0-9])((?:19|20)\d\d-?[01]\d-?[0-3]\d(?:[T_ -]?[0-2]\d[-:.h]?[0-5]\d(?:[-:.]?[0-5]\d)?)?)([^0-9]|$)`)
	hostName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.-]*$`) // of 255 characters at most
)

// HostOf is the host that the name of a session log tells, for the forms that
// name none: RDSH-A01-security-2026-10-30.csv is of RDSH-A01. It is empty
// where the name tells none for certain.
func HostOf(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	for {
		ext := path.Ext(base)
		switch strings.ToLower(ext) {
		case ".csv", ".txt", ".tsv", ".json", ".log", ".gz", ".zst", ".zip", ".xlsx", ".ndjson", ".jsonl":
			base = strings.TrimSuffix(base, ext)
			continue
		}
		break
	}
	base = dated().ReplaceAllString(base, "$1$3")
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || r == ' ' || r == '%' })
	for len(words) > 0 && noHost[strings.ToLower(words[0])] {
		words = words[1:]
	}
	for len(words) > 0 && noHost[strings.ToLower(words[len(words)-1])] {
		words = words[:len(words)-1]
	}
	host := strings.Join(words, "-")
	if len(host) > 255 || !hostName().MatchString(host) || !strings.ContainsAny(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		return ""
	}
	for _, w := range words {
		if noHost[strings.ToLower(w)] {
			return ""
		}
	}
	return host
}
