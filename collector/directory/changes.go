package directory

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"splameter/collector/directory/replmeta"
	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// CodeMetadata is the notice on replication metadata that could not be read.
const CodeMetadata = "directory-metadata"

// The attributes in which a directory tells of changes.
const (
	attributeLinks  = "msDS-ReplValueMetaData"
	attributeStamps = "msDS-ReplAttributeMetaData"
)

// changes is what a reading is told of changes, until its objects are known.
type changes struct {
	off     bool      // the config wants none of it
	since   time.Time // what was changed before is of interest only where it says so
	all     []pending
	late    []lateStamp
	deleted []snapshot.Deleted
	told    map[string]bool // what was told at all: snapshot.MetadataLinks and so on
	reader  replmeta.Reader
	name    []byte // of a link's other end
	unread  int    // values that could not be read
	first   string // and why the first of them could not
	line    int
	asking
}

// pending is a change of an object by its number in the reading.
type pending struct {
	owner  int32  // group or account, by its number
	member int32  // of a link: the member's number; -1: key says it
	key    string // of a link whose member was deleted: its ID
	stamp  replmeta.Stamp
	line   int
}

// lateStamp is a change of an account by its ID, told in a pass of its own.
type lateStamp struct {
	id    string
	stamp replmeta.Stamp
}

// counting are the attributes whose changes give or take access, in lower case.
func counting(name string) bool {
	return strings.EqualFold(name, "userAccountControl") || strings.EqualFold(name, "accountExpires") || strings.EqualFold(name, "primaryGroupID")
}

// tell notes that something was told at all.
func (c *changes) tell(what string) {
	if !c.told[what] {
		c.told[what] = true
	}
}

func (r *resolver) watch(cfg *config.Directory, taken time.Time) {
	r.changes = changes{off: cfg.Metadata == "off", since: taken.UTC().AddDate(0, 0, -snapshot.MetadataDays), told: map[string]bool{}}
}

// metadata takes one value of one of the two attributes, of the open entry.
func (r *resolver) metadata(link bool, options, value []byte, line int) error {
	c := &r.changes
	if c.off || len(value) == 0 {
		return nil
	}
	r.e.alone = true
	binary := false
	for option := range bytes.SplitSeq(options, []byte{';'}) {
		switch {
		case string(option) == "binary":
			binary = true
		case bytes.HasPrefix(option, []byte("range=")) && !bytes.HasSuffix(option, []byte("-*")) && line > 0:
			c.fail(fmt.Sprintf("the attribute comes in part only (%s)", options), line)
		}
	}
	s, ok := r.stamp(link, binary, value, line)
	if !ok {
		return nil
	}
	p := pending{member: -1, stamp: s, line: line}
	if link {
		if p.key = deletedID(s.Object); p.key == "" {
			c.name = append(c.name[:0], s.Object...)
			l, err := r.link(c.name, line)
			if err != nil {
				c.fail(err.Error(), line)
				return nil
			}
			p.member = l.member
		}
	}
	r.e.stamps = append(r.e.stamps, p)
	return nil
}

// stamp reads one value; false where there is nothing in it of interest.
func (r *resolver) stamp(link, binary bool, value []byte, line int) (s replmeta.Stamp, ok bool) {
	c := &r.changes
	told := snapshot.MetadataAccounts
	if link {
		told = snapshot.MetadataLinks
	}
	if !link && !binary && !r.e.buried {
		// Of each account some 35 attributes are told, and three are of interest.
		if name := ownAttribute(value); name != nil && !counting(string(name)) {
			c.tell(told)
			return s, false
		}
	}
	var err error
	if link {
		s, err = c.reader.Link(value, binary)
	} else {
		s, err = c.reader.Attribute(value, binary)
	}
	if err != nil {
		if !replmeta.Legacy(err) {
			c.fail(err.Error(), line)
		}
		return s, false
	}
	c.tell(told)
	if link {
		return s, strings.EqualFold(s.Attribute, "member") && !s.Changed.Before(c.since)
	}
	return s, counting(s.Attribute) || r.e.buried && strings.EqualFold(s.Attribute, "isDeleted")
}

// ownAttribute is the name of the attribute that a value in the text form is of; nil
// where that is not seen at its beginning, which is all of it that is looked at.
func ownAttribute(v []byte) []byte {
	const outer, mark = "<DS_REPL_ATTR_META_DATA>", "<pszAttributeName>"
	if len(v) < len(outer) || string(v[:len(outer)]) != outer {
		return nil
	}
	v = bytes.TrimLeft(v[len(outer):min(len(v), 400)], "\r\n\t ")
	if len(v) < len(mark) || string(v[:len(mark)]) != mark {
		return nil
	}
	v = v[len(mark):]
	for i, c := range v {
		if c == '<' {
			if i > 0 && i+1 < len(v) && v[i+1] == '/' {
				return v[:i]
			}
			break
		}
	}
	return nil
}

func (c *changes) fail(why string, line int) {
	if c.unread++; c.unread == 1 {
		c.first, c.line = why, line
	}
}

// deletedID is the objectGUID in the name that a deleted object has; empty where
// the name is none such.
func deletedID(name string) string {
	_, after, ok := strings.Cut(name, "\nDEL:")
	if !ok {
		_, after, ok = strings.Cut(name, `\0ADEL:`)
	}
	if !ok || len(after) < 36 {
		return ""
	}
	id, err := appendGUID(nil, []byte(after[:36]))
	if err != nil {
		return ""
	}
	return string(id)
}

// ownChanges keeps the changes of the open entry, which turned out to be an
// account or a group with this number.
func (r *resolver) ownChanges(class objectClass, number int32) {
	for _, p := range r.e.stamps {
		if (p.stamp.Object != "") == (class == group) {
			p.owner = number
			r.changes.all = append(r.changes.all, p)
		}
	}
}

// addLinks takes metadata of a group that was read before.
func (r *resolver) addLinks(number int, values [][]byte) {
	r.e.stamps = r.e.stamps[:0]
	for _, v := range values {
		if err := r.metadata(true, nil, v, 0); err != nil {
			r.changes.fail(err.Error(), 0)
		}
	}
	r.ownChanges(group, int32(number))
	r.e.stamps = r.e.stamps[:0]
}

// addStamps takes metadata of an account, by its ID.
func (r *resolver) addStamps(id string, values [][]byte) {
	for _, v := range values {
		if s, ok := r.stamp(false, false, v, 0); ok {
			r.changes.late = append(r.changes.late, lateStamp{id, s})
		}
	}
}

// changed fills in what the directory told of changes. It comes after the
// members: keys are the keys of all names.
func (r *resolver) changed(d *snapshot.Directory, keys []string, file string) {
	c := &r.changes
	origins := map[string]string{} // few, and in nearly all stamps
	origin := func(s *replmeta.Stamp) string {
		if s.Server == "" {
			return s.Origin
		}
		name, ok := origins[s.Server]
		if !ok {
			name = serverName(s.Server)
			origins[s.Server] = name
		}
		return cmp.Or(name, s.Origin)
	}
	d.Changes = make([]snapshot.Change, 0, len(c.all)+len(c.late))
	put := func(object, key string, s *replmeta.Stamp, line int) {
		d.Changes = append(d.Changes, snapshot.Change{
			Object: object, Key: key, Link: s.Object != "", Version: s.Version, Created: s.Created, Changed: s.Changed, Gone: s.Gone(), Origin: origin(s), Line: line,
		})
	}
	account := func(a *snapshot.Account, s *replmeta.Stamp, line int) {
		if c.ofUse(a, s.Changed) {
			put(a.ID, strings.ToLower(s.Attribute), s, line)
		}
	}
	for i := range c.all {
		p := &c.all[i]
		switch {
		case p.stamp.Object == "":
			account(&d.Accounts[r.accounts.places[p.owner]], &p.stamp, p.line)
		case p.key != "":
			put(r.groups[p.owner].ID, p.key, &p.stamp, p.line)
		default:
			put(r.groups[p.owner].ID, keys[p.member], &p.stamp, p.line)
		}
	}
	for i := range c.late {
		l := &c.late[i]
		if n, ok := slices.BinarySearchFunc(d.Accounts, l.id, func(a snapshot.Account, id string) int { return strings.Compare(a.ID, id) }); ok {
			account(&d.Accounts[n], &l.stamp, 0)
		}
	}
	r.carry(d, func(x *snapshot.Change) { d.Changes = append(d.Changes, *x) })
	// Of two that speak of one thing, such as a member that was deleted and one
	// that was made anew under its name, the later change counts.
	d.Changes = sortChanges(d.Changes)
	slices.SortFunc(c.deleted, func(x, y snapshot.Deleted) int { return strings.Compare(x.ID, y.ID) })
	d.Deleted = slices.CompactFunc(c.deleted, func(x, y snapshot.Deleted) bool { return x.ID == y.ID })
	if len(d.Deleted) > 0 {
		c.told[snapshot.MetadataDeleted] = true
	}
	for what := range c.told {
		d.Metadata = append(d.Metadata, what)
	}
	slices.Sort(d.Metadata)
	if c.unread > 0 {
		r.notice(snapshot.Notice{
			Code: CodeMetadata, Subject: r.cfg.Name, At: snapshot.Evidence{File: file, Line: c.line},
			Message: fmt.Sprintf("%d values of replication metadata could not be read and were left out (the first: %s); access between two readings may be missing where they tell of it", c.unread, c.first),
		})
	}
}

// sortChanges puts changes into their order, by numbers: they are large, and many.
func sortChanges(all []snapshot.Change) []snapshot.Change {
	order := make([]ranked, len(all))
	for i := range all {
		order[i] = ranked{head(all[i].Object), int32(i)}
	}
	slices.SortFunc(order, func(a, b ranked) int {
		x, y := &all[a.number], &all[b.number]
		switch {
		case x.Link != y.Link && x.Link:
			return -1
		case x.Link != y.Link:
			return 1
		case a.head != b.head:
			return cmp.Compare(a.head, b.head)
		}
		return cmp.Or(strings.Compare(x.Object, y.Object), strings.Compare(x.Key, y.Key), y.Changed.Compare(x.Changed), cmp.Compare(y.Version, x.Version), cmp.Compare(a.number, b.number))
	})
	out := make([]snapshot.Change, 0, len(all))
	for _, o := range order {
		x := &all[o.number]
		if n := len(out); n > 0 && out[n-1].Link == x.Link && out[n-1].Object == x.Object && out[n-1].Key == x.Key {
			continue
		}
		out = append(out, *x)
	}
	return out
}

// serverName is the name of the server object beneath which a controller's settings
// lie; "" where the name is none such.
func serverName(settings string) string {
	key, err := dn.Key(settings)
	if err != nil {
		return ""
	}
	if kind, _ := dn.Leaf(dn.Parent(key)); kind == "cn" {
		// As it is written, not as the key has it.
		if _, rest, ok := strings.Cut(settings, ","); ok {
			if name, _, ok := strings.Cut(rest, ","); ok && len(name) > 3 {
				return name[3:]
			}
		}
	}
	return ""
}

// addDeleted takes an account that was deleted, from the object that the
// directory keeps of it for a while. One without a name or an ID says nothing.
func (r *resolver) addDeleted() {
	e, c := &r.e, &r.changes
	if c.off || e.classes&(classUser|classInetOrgPerson) == 0 || e.classes&(classComputer|classManaged) != 0 ||
		!e.field[fieldGUID].set || !e.field[fieldName].set {
		return
	}
	id, err := appendGUID(nil, e.bytes(fieldGUID))
	if err != nil {
		return
	}
	x := snapshot.Deleted{Made: generalizedTime(e.bytes(fieldMade)), Gone: generalizedTime(e.bytes(fieldTouched))}
	x.ID, x.Name, x.Class, x.Line = string(id), string(e.bytes(fieldName)), snapshot.User, e.line
	if sid, err := appendSID(nil, e.bytes(fieldSID)); err == nil {
		x.SID = string(sid)
	}
	for _, p := range e.stamps { // its own word on the moment is better than that of the last touch
		if strings.EqualFold(p.stamp.Attribute, "isDeleted") {
			x.Gone = p.stamp.Changed
		}
	}
	if x.Gone.IsZero() || x.Gone.Before(c.since) {
		return
	}
	if uac := e.bytes(fieldControl); len(uac) > 0 {
		n := parseControl(uac)
		x.Disabled = n != math.MinInt64 && n&controlDisabled != 0
	}
	if v := e.bytes(fieldExpires); len(v) > 0 {
		if t, err := filetime(v); err == nil {
			x.Expires = t
		}
	}
	x.DN = formerName(string(e.text[e.name.from:e.name.to]), string(e.bytes(fieldParent)))
	c.deleted = append(c.deleted, x)
}

// formerName is the name that a deleted object had: its own first part before
// the mark of deletion, beneath its last parent.
func formerName(name, parent string) string {
	first, _, ok := strings.Cut(name, "\nDEL:")
	if !ok {
		first, _, ok = strings.Cut(name, `\0ADEL:`)
	}
	if !ok || parent == "" {
		return name
	}
	return first + "," + parent
}
