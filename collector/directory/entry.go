package directory

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"splameter/internal/digest"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

// Bounds on what a source may make a reading hold.
const (
	maxEntries = 10_000_000
	maxLinks   = 200_000_000
	maxText    = 32 << 10 // one of an account's own texts
	maxKept    = 4 << 10  // one value of a further attribute; a longer one is kept as its digest
	maxValues  = 10_000   // values of further attributes on one account
)

// classes are the object classes that mean something here.
type classes uint16

const (
	classUser classes = 1 << iota
	classInetOrgPerson
	classComputer
	classManaged
	classContact
	classGroup
	classDomain
	classCrossRef
	classUnit
)

func classOf(v []byte) classes {
	switch string(v) { // no allocation, and the spelling that the schema has
	case "top", "person", "organizationalPerson":
		return 0
	}
	switch strings.ToLower(string(v[:min(len(v), 64)])) {
	case "user":
		return classUser
	case "inetorgperson":
		return classInetOrgPerson
	case "computer":
		return classComputer
	case "msds-groupmanagedserviceaccount", "msds-managedserviceaccount", "msds-delegatedmanagedserviceaccount":
		return classManaged
	case "contact":
		return classContact
	case "group":
		return classGroup
	case "domaindns", "domain":
		return classDomain
	case "crossref":
		return classCrossRef
	case "organizationalunit":
		return classUnit
	}
	return 0
}

// field is one single-valued attribute of the open entry.
type field uint8

const (
	fieldGUID field = iota
	fieldSID
	fieldName
	fieldUPN
	fieldDisplay
	fieldMail
	fieldControl
	fieldExpires
	fieldPrimary
	fieldSystem
	fieldCommon
	fieldNetBIOS
	fieldContext
	fieldType
	fieldMade
	fieldTouched
	fieldParent
	fields
)

// span is a value in the open entry's text.
type span struct {
	from, to int
	line     int
	set      bool
}

// entry is the entry that is open. Its room is used again for the next.
type entry struct {
	line    int
	node    int32
	key     []byte
	classes classes
	text    []byte // the name, then the values
	name    span
	field   [fields]span
	kept    []keptSpan
	links   []link
	stamps  []pending
	buried  bool // its name is that of a deleted object
	deleted bool // a tombstone, which some exports hold too
	still   bool // the directory says that nothing of it was changed since
	alone   bool // it is read in every export of a series: it tells more than what stands in it
	isUnit  bool

	cutBefore int // kept attributes that came in part before it
}

type keptSpan struct {
	index int
	span  span
}

// begin opens an entry. line is 0 where there are no lines.
func (r *resolver) begin(name []byte, line int) error {
	e := &r.e
	*e = entry{line: line, key: e.key[:0], text: e.text[:0], kept: e.kept[:0], links: e.links[:0], stamps: e.stamps[:0]}
	e.cutBefore = r.cutKept
	if r.entries++; r.entries > maxEntries {
		return r.fault(line, fmt.Sprintf("more than %d entries are in one %s; split the directory by base", maxEntries, r.what))
	}
	if line > math.MaxInt32 {
		return r.fault(0, fmt.Sprintf("the %s has too many lines", r.what))
	}
	if len(name) > maxText {
		return r.fault(line, "the distinguished name is too long")
	}
	var err error
	if e.key, err = r.maker.Append(e.key, name); err != nil {
		return r.fault(line, err.Error())
	}
	e.node = r.node(e.key)
	if o := r.of[e.node]; o.class != mentioned {
		return r.fault(line, fmt.Sprintf("an entry with this distinguished name came before%s; make the %s again, in one piece", otherLine(int(o.line)), r.what))
	}
	e.name = e.add(name, line)
	e.buried = bytes.Contains(name, []byte("DEL:"))
	return nil
}

func (e *entry) add(v []byte, line int) span {
	from := len(e.text)
	e.text = append(e.text, v...)
	return span{from, len(e.text), line, true}
}

func (e *entry) bytes(f field) []byte { return e.text[e.field[f].from:e.field[f].to] }

// attribute takes one value of the open entry. name and options are in lower
// case.
func (r *resolver) attribute(name, options, value []byte, line int) error {
	e := &r.e
	for i, k := range r.keep {
		if k == string(name) {
			if err := r.keepValue(i, options, value, line); err != nil {
				return err
			}
		}
	}
	var f field
	switch string(name) {
	case "objectclass":
		e.classes |= classOf(value)
		return nil
	case "member":
		return r.member(options, value, line)
	case "objectguid":
		f = fieldGUID
	case "objectsid":
		f = fieldSID
	case "samaccountname":
		f = fieldName
	case "userprincipalname":
		f = fieldUPN
	case "displayname":
		f = fieldDisplay
	case "mail":
		f = fieldMail
	case "useraccountcontrol":
		f = fieldControl
	case "accountexpires":
		f = fieldExpires
	case "primarygroupid":
		f = fieldPrimary
	case "operatingsystem":
		f = fieldSystem
	case "cn":
		f = fieldCommon
	case "netbiosname":
		f = fieldNetBIOS
	case "ncname":
		f = fieldContext
	case "grouptype":
		f = fieldType
	case "whencreated":
		if e.classes&^classUnit != 0 && !e.buried {
			return nil // only a unit's is asked for, and accounts have many
		}
		f = fieldMade
	case "whenchanged":
		if !e.buried {
			e.still = e.still || r.changes.unchangedSince(value)
			return nil
		}
		f = fieldTouched
	case "usnchanged":
		e.still = e.still || r.changes.unchangedAfter(value)
		return nil
	case "lastknownparent":
		if !e.buried {
			return nil
		}
		f = fieldParent
	case "msds-replvaluemetadata":
		return r.metadata(true, options, value, line)
	case "msds-replattributemetadata":
		return r.metadata(false, options, value, line)
	case "isdeleted":
		e.deleted = e.deleted || strings.EqualFold(string(value), "true")
		return nil
	default:
		return nil
	}
	if len(options) > 0 && string(options) != "binary" {
		return nil // the same in another language
	}
	if len(value) > maxText {
		return r.fault(line, fmt.Sprintf("the value of %s is too long", name))
	}
	if was := e.field[f]; was.set {
		if !bytes.Equal(e.bytes(f), value) {
			return r.fault(line, fmt.Sprintf("%s has a second, different value in one entry; a directory gives it one", name))
		}
		return nil
	}
	e.field[f] = e.add(value, line)
	return nil
}

// keepValue takes a value of an attribute that the config or a rule names.
func (r *resolver) keepValue(index int, options, value []byte, line int) error {
	e := &r.e
	if from, _, ranged := bytes.Cut(options, []byte("range=")); ranged && len(from) == 0 && string(options) != "range=0-*" {
		r.cutKept++
	}
	if len(e.kept) == maxValues {
		return r.fault(line, fmt.Sprintf("one account has more than %d values of the attributes that the config and the rules name", maxValues))
	}
	switch name := r.keep[index]; {
	case name == "objectguid" || name == "objectsid":
		var room [192]byte
		text, err := appendGUID(room[:0], value)
		if name == "objectsid" {
			text, err = appendSID(room[:0], value)
		}
		if err == nil {
			value = text
		}
	case len(value) > maxKept:
		value = []byte("sha256:" + digest.Of(value))
	case !printable(value):
		value = []byte("hex:" + hex.EncodeToString(value))
	}
	e.kept = append(e.kept, keptSpan{index, e.add(value, line)})
	return nil
}

func printable(v []byte) bool {
	for i := 0; i < len(v); {
		c, n := utf8.DecodeRune(v[i:])
		if c == utf8.RuneError && n == 1 || unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
		i += n
	}
	return true
}

// member takes one member of the open entry, should it prove a group.
func (r *resolver) member(options, value []byte, line int) error {
	e := &r.e
	if len(options) > 0 && string(options) != "range=0-*" {
		return r.fault(line, fmt.Sprintf("the members are given in part only (member;%s): the server gives 1,500 at a time, and the rest is missing; export in a way that fetches every range, or read the directory live", safetext.Brief(string(options))))
	}
	if len(value) == 0 {
		return nil
	}
	l, err := r.link(value, line)
	if err != nil {
		return err
	}
	e.links = append(e.links, l)
	return nil
}

// link is a membership in a group that is not yet known.
func (r *resolver) link(value []byte, line int) (link, error) {
	if len(value) > maxText {
		return link{}, r.fault(line, "the distinguished name of a member is too long")
	}
	if len(r.links)+len(r.e.links) >= maxLinks {
		return link{}, r.fault(line, fmt.Sprintf("more than %d members are in one %s", maxLinks, r.what))
	}
	// Most members are written as their own entries are, which came before.
	if n, ok := r.written(value); ok {
		return link{member: n, line: int32(line)}, nil
	}
	key, err := r.maker.Append(r.room[:0], value)
	r.room = key
	if err != nil {
		return link{}, r.fault(line, "a member's name cannot be read: "+err.Error())
	}
	return link{member: r.node(key), line: int32(line)}, nil
}

// end closes the open entry and takes what it is. It returns the index of a
// group, and -1 for everything else.
func (r *resolver) end() (int, error) {
	e := &r.e
	o := object{class: other, line: int32(e.line)}
	at := -1
	var err error
	switch c := e.classes; {
	case e.deleted:
		e.alone = true
		r.addDeleted()
	case c&classGroup != 0:
		o.class, o.index, at = group, int32(len(r.groups)), len(r.groups)
		err = r.addGroup()
	case c&classManaged != 0:
		o.class, o.index = account, int32(r.accounts.n)
		err = r.addAccount(snapshot.ServiceAccount)
	case c&classComputer != 0:
		o.class, o.index = account, int32(r.accounts.n)
		err = r.addAccount(snapshot.Computer)
	case c&classUser != 0, c&classInetOrgPerson != 0 && e.field[fieldName].set:
		o.class, o.index = account, int32(r.accounts.n)
		err = r.addAccount(snapshot.User)
	case c&classContact != 0:
		o.class, o.index = account, int32(r.accounts.n)
		err = r.addAccount(snapshot.Contact)
	case c&classDomain != 0:
		e.alone = true
		err = r.addDomain()
	case c&classUnit != 0:
		err = r.addUnit()
	case c&classCrossRef != 0 && e.field[fieldNetBIOS].set:
		e.alone = true
		// The configuration partition's word on which domain has which name.
		if key, err := r.maker.Append(nil, e.bytes(fieldContext)); err == nil {
			r.netbios[string(key)] = string(e.bytes(fieldNetBIOS))
		}
	}
	r.of[e.node] = o
	if err == nil && (o.class == account || o.class == group) {
		r.ownChanges(o.class, o.index)
		r.changes.met(e, o)
	}
	return at, err
}

// fault is an error at a line, or, where there are no lines, at an object by
// its identity: its name may be a person's.
func (r *resolver) fault(line int, text string) error {
	if line == 0 && r.e.line == 0 && r.e.field[fieldGUID].set {
		if id, err := appendGUID(nil, r.e.bytes(fieldGUID)); err == nil {
			return fmt.Errorf("the object with objectGUID %s: %s", id, text)
		}
	}
	return errors.New(lineText(line) + text)
}

// lack is the error for an object without an attribute that it must have.
func (r *resolver) lack(name, because string) error {
	return r.fault(r.e.line, fmt.Sprintf("the entry has no %s, %s; %s", name, because, r.needs()))
}
