package snapshot

import "strings"

// HostKey is the short name of a host: its name up to the first dot, in lower
// case, without a domain before it. Sources that write short names and those
// that write full ones meet in it; but two domains may each have a host of one
// short name, so that it alone identifies nobody where full names are known:
// see FullHost.
func HostKey(name string) string {
	name = bareHost(name)
	if i := strings.LastIndexByte(name, '\\'); i >= 0 && i < len(name)-1 {
		name = name[i+1:]
	}
	if i := strings.IndexByte(name, '.'); i > 0 && !isAddress(name) {
		name = strings.TrimSpace(name[:i])
	}
	return strings.ToLower(name)
}

// FullHost is a host's name as fully as a source writes it, made comparable:
// lower case, without the dot that may end it. It is rdsh-a01.hosting.example,
// hosting\rdsh-a01, or rdsh-a01 where the source says no more.
func FullHost(name string) string {
	return strings.ToLower(strings.TrimRight(bareHost(name), "."))
}

// bareHost takes away what stands around a name: blanks, the backslashes of a
// network path, the dollar sign of a computer's account.
func bareHost(name string) string {
	return strings.TrimSuffix(strings.TrimLeft(strings.TrimSpace(name), `\`), "$")
}

// isAddress says that the name is an IPv4 address, whose dots part nothing.
func isAddress(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
