package sessions

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"splameter/snapshot"
)

// names gives small numbers to the hosts and accounts of the logs, so that an
// event costs no new string. Number 0 is the empty name.
type names struct {
	hostIDs  map[string]uint32 // as written
	hostKeys map[string]uint32
	hosts    []string // HostKey
	lastHost []byte
	lastID   uint32

	spelled map[string]uint32 // as written, into spellings
	folded  map[string]uint32
	users   []string // folded
	raw     []spelling

	sidIDs map[string]uint32
	sids   []string
}

// spelling is one way in which logs write an account.
type spelling struct {
	name   string
	user   uint32
	nobody bool // by its name alone
}

func newNames() names {
	return names{
		hostIDs: map[string]uint32{"": 0}, hostKeys: map[string]uint32{"": 0}, hosts: []string{""},
		spelled: map[string]uint32{"": 0}, folded: map[string]uint32{"": 0}, users: []string{""}, raw: []spelling{{}},
		sidIDs: map[string]uint32{"": 0}, sids: []string{""},
	}
}

// host is the number of a computer's HostKey. A name too long to be one is
// nobody's.
func (n *names) host(name []byte) uint32 {
	if bytes.Equal(name, n.lastHost) {
		return n.lastID
	}
	id, ok := n.hostIDs[string(name)]
	if !ok {
		if len(name) > maxName {
			return 0
		}
		id = intern(n.hostKeys, &n.hosts, snapshot.HostKey(valid(name)))
		n.hostIDs[string(name)] = id
	}
	n.lastHost, n.lastID = append(n.lastHost[:0], name...), id
	return id
}

// user is the number of a spelling of an account on a host.
func (n *names) user(name []byte, host uint32) uint32 {
	if id, ok := n.spelled[string(name)]; ok {
		return id
	}
	if len(name) > maxName {
		return 0
	}
	key := string(name)
	if strings.HasPrefix(strings.TrimSpace(key), `.\`) { // whose it is depends on the host
		key = n.hosts[host] + "\x00" + key
		if id, ok := n.spelled[key]; ok {
			return id
		}
	}
	id := uint32(len(n.raw))
	n.raw = append(n.raw, spelling{
		name:   strings.TrimSpace(valid(name)),
		user:   intern(n.folded, &n.users, foldUser(name, n.hosts[host])),
		nobody: isNobody(bytes.TrimSpace(name), nil),
	})
	n.spelled[key] = id
	return id
}

// sid is the number of a SID, 0 for what is none.
func (n *names) sid(sid []byte) uint32 {
	if !sidKnown(sid) || len(sid) > 200 {
		return 0
	}
	if id, ok := n.sidIDs[string(sid)]; ok {
		return id
	}
	return intern(n.sidIDs, &n.sids, strings.ToUpper(valid(sid)))
}

func intern(ids map[string]uint32, all *[]string, s string) uint32 {
	id, ok := ids[s]
	if !ok {
		id = uint32(len(*all))
		*all = append(*all, s)
		ids[s] = id
	}
	return id
}

// valid is the text as UTF-8.
func valid(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
