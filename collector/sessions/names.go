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
	spelledHosts interner
	hostOf       []uint32 // by spelling
	hostKeys     map[string]uint32
	hosts        []string // HostKey
	lastHost     []byte
	lastID       uint32

	spelled interner
	users   []spelling // by spelling
	folded  interner   // the keys of accounts: numbered as keys are
	keys    []string

	sidIDs map[string]uint32
	sids   []string

	scratch, lower []byte
}

// spelling is one way in which logs write an account.
type spelling struct {
	user   uint32
	nobody bool // by its name alone
}

func newNames() names {
	n := names{
		spelledHosts: newInterner(), hostOf: []uint32{0}, hostKeys: map[string]uint32{"": 0}, hosts: []string{""},
		spelled: newInterner(), users: []spelling{{}}, folded: newInterner(), keys: []string{""},
		sidIDs: map[string]uint32{"": 0}, sids: []string{""},
	}
	n.spelledHosts.add(nil)
	n.spelled.add(nil)
	n.folded.add(nil)
	return n
}

// host is the number of a computer's HostKey. A name too long to be one is
// nobody's.
func (n *names) host(name []byte) uint32 {
	if bytes.Equal(name, n.lastHost) {
		return n.lastID
	}
	i, _, ok := n.spelledHosts.find(name)
	if !ok {
		if len(name) > maxName {
			return 0
		}
		i = n.spelledHosts.add(name)
		n.hostOf = append(n.hostOf, intern(n.hostKeys, &n.hosts, snapshot.HostKey(valid(name))))
	}
	n.lastHost, n.lastID = append(n.lastHost[:0], name...), n.hostOf[i]
	return n.lastID
}

// spell is the key of a spelling of an account on a host; it is valid until
// the next one. A name too long to be one is nobody's.
func (n *names) spell(name []byte, host uint32) []byte {
	name = bytes.TrimSpace(name)
	if len(name) > maxName {
		return nil
	}
	if len(name) > 1 && name[1] == '\\' && name[0] == '.' { // whose it is depends on the host
		n.scratch = append(append(append(n.scratch[:0], n.hosts[host]...), 0), name...)
		return n.scratch
	}
	return name
}

// user is the number of a spelling, by its key and that key's hash.
func (n *names) user(key []byte, hash, host uint32) uint32 {
	i, _, ok := n.spelled.findHash(key, hash)
	if ok {
		return i
	}
	name := nameOf(key)
	n.users = append(n.users, spelling{user: n.fold(name, host), nobody: isNobody(name, nil)})
	return n.spelled.addHash(key, hash)
}

// fold is the number of an account, however it is spelled.
func (n *names) fold(name []byte, host uint32) uint32 {
	if name = bytes.TrimSpace(name); len(name) > 0 && name[0] != '.' && name[0] != '\\' { // the plain form, without a new string for each spelling
		n.lower = n.lower[:0]
		for _, c := range name {
			if c >= utf8.RuneSelf {
				break
			}
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			n.lower = append(n.lower, c)
		}
		if len(n.lower) == len(name) {
			return n.key(n.lower)
		}
	}
	return n.key([]byte(foldUser(name, n.hosts[host])))
}

// key is the number of an account's key.
func (n *names) key(b []byte) uint32 {
	hash := n.folded.hash(b)
	id, _, ok := n.folded.findHash(b, hash)
	if !ok {
		id = n.folded.addHash(b, hash)
		n.keys = append(n.keys, string(b))
	}
	return id
}

// nameOf is the name in the key of a spelling.
func nameOf(key []byte) []byte { return key[bytes.LastIndexByte(key, 0)+1:] }

// written is a spelling as people should see it.
func (n *names) written(spelling uint32) string {
	return strings.TrimSpace(valid(nameOf(n.spelled.at(spelling))))
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
