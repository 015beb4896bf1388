package sessions

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"splameter/internal/snapshot"
)

// nameTable gives small numbers to the hosts and accounts of the logs, so that an
// event costs no new string. Number 0 is the empty name.
type nameTable struct {
	hostKeys map[string]uint32
	hosts    []string // HostKey

	spelled interner // accounts as logs write them; their number is that of the account
	folded  interner // accounts
	keys    []uint32 // refs of folded, by number

	sids interner // in capitals

	lower []byte
}

func newNameTable() *nameTable {
	n := &nameTable{hostKeys: map[string]uint32{"": 0}, hosts: []string{""}, spelled: newInterner(), folded: newInterner(), sids: newInterner()}
	for _, in := range []*interner{&n.spelled, &n.folded, &n.sids} {
		in.add(nil, in.hash(nil), 0, false)
	}
	n.keys = []uint32{0}
	return n
}

// host is the number of a computer's HostKey.
func (n *nameTable) host(name []byte) uint32 {
	return intern(n.hostKeys, &n.hosts, snapshot.HostKey(valid(name)))
}

// user is the ref of a spelling, by its key.
func (n *nameTable) user(key []byte, host uint32) (ref uint32) {
	hash := n.spelled.hash(key)
	if ref, ok := n.spelled.find(key, hash); ok {
		return ref
	}
	name := nameOf(key)
	return n.spelled.add(key, hash, n.fold(name, host), isSystemAccount(name, nil))
}

// fold is the number of an account, however it is spelled.
func (n *nameTable) fold(name []byte, host uint32) uint32 {
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
func (n *nameTable) key(b []byte) (number uint32) {
	hash := n.folded.hash(b)
	if ref, ok := n.folded.find(b, hash); ok {
		number, _ = n.folded.number(ref)
		return number
	}
	number = uint32(len(n.keys))
	n.keys = append(n.keys, n.folded.add(b, hash, number, false))
	return number
}

// account is the key of a number.
func (n *nameTable) account(number uint32) []byte { return n.folded.at(n.keys[number]) }

// nameOf is the name in the key of a spelling.
func nameOf(key []byte) []byte { return key[bytes.LastIndexByte(key, 0)+1:] }

// written is a spelling as people should see it.
func (n *nameTable) written(spelling uint32) string {
	return strings.TrimSpace(valid(nameOf(n.spelled.at(spelling))))
}

// maxSID is the longest SID that is believed, in bytes: 15 numbers of ten
// digits are the most that Windows has.
const maxSID = 200

// sid is the ref of a SID, 0 for what is none.
func (n *nameTable) sid(sid []byte) uint32 {
	if len(sid) == 0 || len(sid) > maxSID {
		return 0
	}
	hash := n.sids.hash(sid)
	if ref, ok := n.sids.find(sid, hash); ok {
		return ref
	}
	upper := []byte(strings.ToUpper(valid(sid)))
	hash = n.sids.hash(upper)
	ref, ok := n.sids.find(upper, hash)
	if !ok {
		ref = n.sids.add(upper, hash, 0, false)
	}
	return ref
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

// hostSpellings are the spellings of computers that one goroutine has seen, so
// that it asks the shared name table only for a new one.
type hostSpellings struct {
	spelled interner // their number is that of the HostKey
}

func newHostSpellings() hostSpellings {
	h := hostSpellings{spelled: newInterner()}
	h.spelled.add(nil, h.spelled.hash(nil), 0, false)
	return h
}

// host is the number of a computer's HostKey, and the ref of the spelling. A
// name too long to be one is nobody's. all is only asked for a new spelling.
func (h *hostSpellings) host(name []byte, all *tables) (host, ref uint32) {
	if len(name) > maxName {
		return 0, 0
	}
	hash := h.spelled.hash(name)
	if ref, ok := h.spelled.find(name, hash); ok {
		host, _ = h.spelled.number(ref)
		return host, ref
	}
	all.mu.Lock()
	host = all.nameTable.host(name)
	all.mu.Unlock()
	return host, h.spelled.add(name, hash, host, false)
}
