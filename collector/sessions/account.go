package sessions

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode/utf8"

	"splameter/collector/sessions/textblock"
)

// maxName is the longest account or host name that is believed, in bytes: a
// user principal name has at most 1,024 characters, a domain 255.
const maxName = 2048

// origin is where a session event says that its user sits.
type origin uint8

const (
	unsaid  origin = iota // nothing is written
	console               // a word: LOCAL in some language, or a dash
	remote                // an IP address
	tunnel                // a loopback address: a tunnel ends on the host
)

// originOf reads an address. It is remote only if it parses as an IP address,
// with or without zone and port: the word for the console is translated.
func originOf(address []byte) origin {
	a := textblock.Trim(address)
	if len(a) == 0 {
		return unsaid
	}
	if first, ok := dotted(a); ok {
		if first == 127 {
			return tunnel
		}
		return remote
	}
	if len(a) > 100 {
		return console
	}
	s := string(a)
	ip, err := netip.ParseAddr(s)
	if err != nil {
		p, err := netip.ParseAddrPort(s)
		if err != nil {
			ip, err = netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
			if err != nil {
				return console
			}
		} else {
			ip = p.Addr()
		}
	}
	if ip.Unmap().IsLoopback() {
		return tunnel
	}
	return remote
}

// dotted recognizes the plain form 10.1.2.3 without allocating.
func dotted(a []byte) (first int, ok bool) {
	if len(a) > 15 {
		return 0, false
	}
	part, digits, dots := 0, 0, 0
	for _, c := range a {
		switch {
		case '0' <= c && c <= '9':
			if digits > 0 && part == 0 {
				return 0, false // netip takes no leading zeros either
			}
			part = part*10 + int(c-'0')
			if digits++; part > 255 {
				return 0, false
			}
		case c == '.' && digits > 0:
			if dots == 0 {
				first = part
			}
			dots++
			part, digits = 0, 0
		default:
			return 0, false
		}
	}
	return first, dots == 3 && digits > 0
}

// consoleActivity is the ActivityID of every console session, and
// remoteActivity how those of remote ones begin: seen in all samples, promised
// nowhere, so it is second evidence, for events that name no address.
const (
	consoleActivity = "61A55000-55E5-1017-"
	remoteActivity  = "F420"
)

func originByActivity(id []byte) origin {
	switch {
	case bytes.HasPrefix(id, []byte(remoteActivity)):
		return remote
	case bytes.HasPrefix(id, []byte(consoleActivity)):
		return console
	}
	return unsaid
}

// systemSIDs are the accounts of Windows itself; those that end in a dash
// stand for all that begin so. (Services and application pools, 80 and 82,
// are no more persons than window managers, 90, and font drivers, 96.)
var systemSIDs = []string{
	"S-1-5-7", "S-1-5-18", "S-1-5-19", "S-1-5-20",
	"S-1-5-80-", "S-1-5-82-", "S-1-5-83-", "S-1-5-90-", "S-1-5-96-",
}

// sidKnown says that the text is the SID of someone: S-1-0-0 is nobody's.
func sidKnown(sid []byte) bool { return len(sid) > 4 && !equalFold(sid, "S-1-0-0") }

func isSystemSID(sid []byte) bool {
	for _, s := range systemSIDs {
		if equalFold(sid, s) || s[len(s)-1] == '-' && len(sid) > len(s) && equalFold(sid[:len(s)], s) {
			return true
		}
	}
	return false
}

// isSystemAccount says that a user is no person: by the SID where there is one, by
// the name otherwise, since the names of some are translated.
func isSystemAccount(user, sid []byte) bool {
	domain, name := split(user)
	switch {
	case bytes.HasSuffix(name, []byte("$")): // a machine, or a managed service account
		return true
	case equalFold(name, "defaultuser0"):
		return true
	case sidKnown(sid):
		return isSystemSID(sid)
	case bytes.HasPrefix(name, []byte("S-1-5-")) && isSystemSID(name):
		return true
	}
	for _, s := range [...]string{"ANONYMOUS LOGON", "LOCAL SERVICE", "NETWORK SERVICE", "SYSTEM"} {
		if equalFold(name, s) {
			return true
		}
	}
	for _, s := range [...]string{"NT AUTHORITY", "NT SERVICE", "Window Manager", "Font Driver Host", "IIS APPPOOL", "NT VIRTUAL MACHINE"} {
		if equalFold(domain, s) {
			return true
		}
	}
	return numbered(name, "DWM-") || numbered(name, "UMFD-")
}

// loggers are the accounts that services which collect logs make for
// themselves. One of them may have a session; a whole log of nobody else has
// the wrong column read.
var loggers = []string{
	"ddagentuser", "elastic-agent", "elastic-agent-user", "filebeat", "fluent-bit", "fluentbit", "fluentd", "graylog-sidecar",
	"logstash", "nxlog", "omsagent", "ossec", "splunk", "splunkforwarder", "splunkfwd", "td-agent", "wazuh", "winlogbeat",
}

// isLogger says that a user is a service that collects logs.
func isLogger(user []byte) bool {
	_, name := split(user)
	for _, s := range loggers {
		if equalFold(name, s) {
			return true
		}
	}
	return false
}

// numbered says that name is the prefix and a number.
func numbered(name []byte, prefix string) bool {
	if len(name) <= len(prefix) || !equalFold(name[:len(prefix)], prefix) {
		return false
	}
	for _, c := range name[len(prefix):] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// split parts DOMAIN\name; a name without domain has none.
func split(user []byte) (domain, name []byte) {
	if i := bytes.IndexByte(user, '\\'); i >= 0 {
		return user[:i], user[i+1:]
	}
	return nil, user
}

// foldUser is the key of an account name: lower case, a bare or empty domain
// dropped, and .\name as the account of the host itself. Whose domain a NetBIOS
// name or a suffix is, only the directory knows.
func foldUser(user []byte, hostKey string) string {
	s := strings.TrimSpace(string(user))
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	switch {
	case strings.HasPrefix(s, `.\`):
		s = hostKey + s[1:]
	case strings.HasPrefix(s, `\`):
		s = s[1:]
	}
	return strings.ToLower(s)
}
