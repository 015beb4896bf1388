package message

import (
	"bytes"
	"net/netip"

	"splameter/collector/sessions/record"
)

// section is a part of a Security event's text: a heading at the margin, and
// the values that are indented beneath it. A value at the margin is a section
// of its own.
type section struct {
	values [8][]byte
	n      int // how many there are, which may be more than values holds
}

// maxSections bounds what is kept of a text; 4624 has eight.
const maxSections = 24

// sections parts a text after its title line. Lines of running text, which
// hold no value, end a section.
func sections(text []byte, out *[maxSections]section) int {
	_, rest, _ := bytes.Cut(text, []byte{'\n'})
	n := 0
	open := false
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		value, ok := afterLabel(line)
		margin := len(line) == 0 || line[0] != ' ' && line[0] != '\t'
		switch {
		case !ok:
			open = open && len(bytes.TrimSpace(line)) == 0 // an empty line may stand within a section
			continue
		case margin:
			if n == maxSections {
				return n
			}
			out[n] = section{}
			if len(value) > 0 {
				out[n].values[0], out[n].n = value, 1
			}
			n, open = n+1, len(value) == 0
		case open:
			s := &out[n-1]
			if s.n < len(s.values) {
				s.values[s.n] = value
			}
			s.n++
		}
	}
	return n
}

// afterLabel is what stands behind the colon that ends a line's label.
func afterLabel(line []byte) (value []byte, ok bool) {
	colon, width := bytes.IndexByte(line, ':'), 1
	if wide := bytes.Index(line, []byte("：")); wide >= 0 && (colon < 0 || wide < colon) {
		colon, width = wide, len("：")
	}
	if colon < 0 {
		return nil, false
	}
	return bytes.TrimSpace(line[colon+width:]), true
}

// isAccount says that a section tells an account and its log-on: SID, name,
// domain, and the id of the log-on in hexadecimal.
func (s *section) isAccount() bool {
	return s.n >= 4 && isHex(s.values[3]) && len(s.values[1]) > 0
}

func isHex(b []byte) bool {
	if len(b) < 3 || b[0] != '0' || b[1]|0x20 != 'x' {
		return false
	}
	for _, c := range b[2:] {
		if c-'0' > 9 && (c|0x20 < 'a' || 'f' < c|0x20) {
			return false
		}
	}
	return true
}

func isAddress(b []byte) bool {
	if len(b) > 64 {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
}

// securityFields reads 4624, 4634, 4647, 4778 and 4779. What a section is, its
// shape tells: the language of the text does not matter.
func securityFields(dst []record.Field, id uint32, text []byte) ([]record.Field, bool) {
	var all [maxSections]section
	list := all[:sections(text, &all)]
	add := func(name string, v []byte) { dst = append(dst, record.Field{Name: []byte(name), Value: v}) }
	account := func(s *section) {
		// The text shows a SID or the name it was resolved to, as the machine
		// that rendered it could: it tells Windows' own accounts, and a person
		// is known by domain and name.
		if sid := s.values[0]; bytes.HasPrefix(sid, []byte("S-1-5-")) && !bytes.HasPrefix(sid, []byte("S-1-5-21-")) {
			add("TargetUserSid", sid)
		}
		add("TargetUserName", s.values[1])
		add("TargetDomainName", s.values[2])
		add("TargetLogonId", s.values[3])
	}
	next := func(from int, is func(*section) bool) int {
		for i := from; i < len(list); i++ {
			if is(&list[i]) {
				return i
			}
		}
		return -1
	}
	switch id {
	case 4624:
		subject := next(0, (*section).isAccount)
		if subject < 0 {
			return dst, false
		}
		user := next(subject+1, (*section).isAccount)
		if user < 0 {
			return dst, false
		}
		kind := next(subject+1, func(s *section) bool { return s.n > 0 && isNumber(s.values[0]) })
		if kind < 0 || kind > user {
			return dst, false
		}
		account(&list[user])
		add("LogonType", list[kind].values[0])
		// The network's section has the workstation, the address and the port.
		if at := next(user+1, func(s *section) bool {
			return s.n == 3 && (isAddress(s.values[1]) || string(s.values[1]) == "-" || len(s.values[1]) == 0)
		}); at >= 0 {
			add("WorkstationName", list[at].values[0])
			add("IpAddress", list[at].values[1])
			add("IpPort", list[at].values[2])
		}
		return dst, true
	case 4634, 4647:
		user := next(0, (*section).isAccount)
		if user < 0 {
			return dst, false
		}
		account(&list[user])
		if kind := next(user+1, func(s *section) bool { return s.n == 1 && isNumber(s.values[0]) }); kind >= 0 && id == 4634 {
			add("LogonType", list[kind].values[0])
		}
		return dst, true
	case 4778, 4779:
		user := next(0, func(s *section) bool { return s.n == 3 && isHex(s.values[2]) && len(s.values[0]) > 0 })
		if user < 0 || len(list) < user+3 || list[user+1].n != 1 || list[user+2].n != 2 {
			return dst, false
		}
		add("AccountName", list[user].values[0])
		add("AccountDomain", list[user].values[1])
		add("LogonID", list[user].values[2])
		add("SessionName", list[user+1].values[0])
		add("ClientName", list[user+2].values[0])
		add("ClientAddress", list[user+2].values[1])
		return dst, true
	}
	return dst, false
}

// gatewayFields reads the texts of the gateway, whose values stand in quotes
// within a sentence: the user, the client's address, and, from 300 on, the
// host. Only a text whose second value is an address is believed.
func gatewayFields(dst []record.Field, id uint32, text []byte) ([]record.Field, bool) {
	var values [4][]byte
	n := quoted(text, values[:])
	if n < 2 || len(values[0]) == 0 || !isAddress(values[1]) {
		return dst, false
	}
	names := []string{"Username", "IpAddress"}
	if id >= 300 || id == 202 {
		if n < 3 {
			return dst, false
		}
		names = append(names, "Resource")
	}
	for i, name := range names {
		dst = append(dst, record.Field{Name: []byte(name), Value: values[i]})
	}
	return dst, true
}

// quotes are the pairs that the languages of Windows write.
var quotes = []struct{ open, close string }{{`"`, `"`}, {"„", "“"}, {"„", "”"}, {"“", "”"}, {"«", "»"}, {"‘", "’"}}

// quoted finds the values in quotes; it counts on past values.
func quoted(text []byte, values [][]byte) int {
	n := 0
	for len(text) > 0 {
		best, pair := -1, 0
		for k := range quotes {
			if i := bytes.Index(text, []byte(quotes[k].open)); i >= 0 && (best < 0 || i < best) {
				best, pair = i, k
			}
		}
		if best < 0 {
			return n
		}
		open := quotes[pair].open
		text = text[best+len(open):]
		end, width := -1, 0
		for _, q := range quotes {
			if q.open == open {
				if i := bytes.Index(text, []byte(q.close)); i >= 0 && (end < 0 || i < end) {
					end, width = i, len(q.close)
				}
			}
		}
		if end < 0 {
			return n
		}
		if n < len(values) {
			values[n] = bytes.TrimSpace(bytes.Trim(text[:end], "\u00a0"))
		}
		n++
		text = text[end+width:]
	}
	return n
}
