// Package dcevents reads what domain controllers' Security logs tell of groups and
// accounts: who came into a group and left it, which account was made, enabled,
// disabled, deleted. It takes records of any form of log and makes
// snapshot.Events of them; whom they concern the directory knows.
package dcevents

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"splameter/collector/sessions/record"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// maxEvents is how many events of one file are kept.
const maxEvents = 2_000_000

// maxText is how long a name in an event may be.
const maxText = 4 << 10

// Wanted is the record.Filter of the events that are read. A reader that does not
// know the channel yet passes nil.
func Wanted(channel []byte, id uint32) bool {
	if len(channel) > 0 && !bytes.EqualFold(channel, []byte("Security")) {
		return false
	}
	switch id {
	case 4728, 4732, 4756, 4729, 4733, 4757, 4720, 4722, 4725, 4726, 4738, 4767, 4781, 5136:
		return true
	}
	return false
}

// Log takes the records of one file. It is a record.Handler.
type Log struct {
	File   string
	Events []snapshot.Event
	// Unread are the events of the list that could not be read, and Why the first of
	// them could not; the same of damages.
	Unread, Damages int
	Why, Damage     string
}

// Record implements record.Handler.
func (l *Log) Record(r *record.Record) {
	if len(r.Channel) > 0 && !Wanted(r.Channel, r.EventID) || !Wanted(nil, r.EventID) {
		return
	}
	events, err := Read(r)
	if err == nil && len(l.Events)+len(events) > maxEvents {
		err = fmt.Errorf("the file holds more than %d events; split it by days", maxEvents)
	}
	if err != nil {
		if l.Unread++; l.Unread == 1 {
			l.Why = fmt.Sprintf("event %d: %v", r.EventID, err)
		}
		return
	}
	for i := range events {
		events[i].File = l.File
	}
	l.Events = append(l.Events, events...)
}

// Damaged implements record.Handler.
func (l *Log) Damaged(d record.Damage) {
	if l.Damages++; l.Damages == 1 {
		l.Damage = d.What
	}
}

// Read is what one record tells, which may be nothing. Its bytes are copied.
func Read(r *record.Record) ([]snapshot.Event, error) {
	if r.Ticks <= 0 {
		return nil, fmt.Errorf("it has no time")
	}
	e := snapshot.Event{Time: r.Time(), ID: r.EventID, Record: r.ID, Line: r.Line, Computer: text(r.Computer)}
	switch r.EventID {
	case 4728, 4732, 4756:
		e.What = snapshot.Added
		return membership(r, e)
	case 4729, 4733, 4757:
		e.What = snapshot.Removed
		return membership(r, e)
	case 5136:
		return attribute(r, e)
	}
	return account(r, e)
}

func membership(r *record.Record, e snapshot.Event) ([]snapshot.Event, error) {
	group := sid(r.Value("TargetSid"))
	if group == "" {
		return nil, fmt.Errorf("it does not say the group's SID (TargetSid)")
	}
	if local(group) {
		return nil, nil // a machine has such groups too, and they are in no directory's list
	}
	e.Object, e.Name = snapshot.KeySID+group, text(r.Value("TargetUserName"))
	e.DN = name(r.Value("MemberName"))
	if s := sid(r.Value("MemberSid")); s != "" {
		e.Member = snapshot.KeySID + s
	} else if e.Member = key(e.DN); e.Member == "" {
		return nil, fmt.Errorf("it does not say who came or went (MemberSid, MemberName)")
	}
	return []snapshot.Event{e}, nil
}

func account(r *record.Record, e snapshot.Event) ([]snapshot.Event, error) {
	s := sid(r.Value("TargetSid"))
	if s == "" {
		return nil, fmt.Errorf("it does not say the account's SID (TargetSid)")
	}
	e.Object, e.Name = snapshot.KeySID+s, text(r.Value("TargetUserName"))
	switch r.EventID {
	case 4720:
		e.What = snapshot.Created
		if flags, ok := control(r.Value("NewUacValue")); ok && flags&samDisabled != 0 {
			e.What = snapshot.CreatedOff
		}
	case 4722:
		e.What = snapshot.Enabled
	case 4725:
		e.What = snapshot.Disabled
	case 4726:
		e.What = snapshot.Erased
	case 4738:
		was, known := control(r.Value("OldUacValue"))
		is, told := control(r.Value("NewUacValue"))
		switch e.What = snapshot.Renamed; {
		case !known || !told || (was^is)&samDisabled == 0:
		case is&samDisabled == 0:
			e.What = snapshot.Enabled
		default:
			e.What = snapshot.Disabled
		}
	default: // 4767 unlocked, 4781 renamed: it is the same account
		e.What = snapshot.Renamed
		if n := text(r.Value("NewTargetUserName")); n != "" {
			e.Name = n
		}
	}
	return []snapshot.Event{e}, nil
}

// samDisabled is the bit of the account control in events that says disabled, from
// [MS-SAMR] 2.2.1.12: other numbers than userAccountControl has.
const samDisabled = 0x0001

// controlDisabled is the bit of userAccountControl, from [MS-ADTS] 2.2.16.
const controlDisabled = 0x0002

// attribute is a change of an attribute of an object: one value that came or went.
func attribute(r *record.Record, e snapshot.Event) ([]snapshot.Event, error) {
	what := text(r.Value("AttributeLDAPDisplayName"))
	member, uac := strings.EqualFold(what, "member"), strings.EqualFold(what, "userAccountControl")
	if !member && !uac {
		return nil, nil
	}
	var came bool
	switch op := text(r.Value("OperationType")); op {
	case "%%14674", "Value Added":
		came = true
	case "%%14675", "Value Deleted":
	default:
		return nil, fmt.Errorf("its operation is not known")
	}
	own := name(r.Value("ObjectDN"))
	if e.Object = guid(r.Value("ObjectGUID")); e.Object == "" {
		if e.Object = key(own); e.Object == "" {
			return nil, fmt.Errorf("it does not say which object was changed (ObjectGUID, ObjectDN)")
		}
	}
	value := r.Value("AttributeValue")
	if member {
		e.DN, e.Name = name(value), first(own)
		if e.Member = key(e.DN); e.Member == "" {
			return nil, fmt.Errorf("the member's name cannot be read")
		}
		if e.What = snapshot.Removed; came {
			e.What = snapshot.Added
		}
		return []snapshot.Event{e}, nil
	}
	flags, ok := control(value)
	if !ok {
		return nil, fmt.Errorf("the value of userAccountControl is no number")
	}
	e.DN, e.Name = own, first(own)
	switch {
	case flags&controlDisabled != 0: // neither proves that it could sign in
		e.What = snapshot.Renamed
	case came:
		e.What = snapshot.Enabled
	default: // up to then it could
		e.What = snapshot.Disabled
	}
	return []snapshot.Event{e}, nil
}

func text(v []byte) string {
	v = bytes.TrimSpace(v)
	if len(v) > maxText || string(v) == "-" {
		return ""
	}
	return strings.ToValidUTF8(string(v), "\uFFFD")
}

// name is a distinguished name; "" where it is none.
func name(v []byte) string {
	s := text(v)
	if _, err := dn.Key(s); err != nil || !strings.Contains(s, "=") {
		return ""
	}
	return s
}

// key is a name as memberships have it of somebody whom nothing else tells.
func key(name string) string {
	k, err := dn.Key(name)
	if err != nil || name == "" {
		return ""
	}
	return snapshot.KeyDN + dn.Text(k)
}

// first is the first part of a name.
func first(name string) string {
	k, err := dn.Key(name)
	if err != nil {
		return ""
	}
	_, v := dn.Leaf(k)
	return v
}

// sid is a security identifier; "" where the value is none, such as a name that the
// exporting tool put in its place.
func sid(v []byte) string {
	s := text(v)
	s = strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(s, "%{"), "}"))
	if len(s) > 190 || !strings.HasPrefix(s, "S-1-") {
		return ""
	}
	for _, part := range strings.Split(s[len("S-1-"):], "-") {
		if _, err := strconv.ParseUint(part, 10, 48); err != nil {
			return ""
		}
	}
	return s
}

// local says that a SID is one that every machine has.
func local(sid string) bool { return strings.HasPrefix(sid, "S-1-5-32-") }

// guid is an objectGUID as snapshots write it.
func guid(v []byte) string {
	s := strings.ToLower(strings.Trim(text(v), "{}"))
	if len(s) != 36 || strings.Trim(s, "0-") == "" {
		return ""
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ""
		}
	}
	return s
}

// control is a number as events write flags: 0x15, or decimal.
func control(v []byte) (uint64, bool) {
	n, err := strconv.ParseUint(text(v), 0, 32)
	return n, err == nil
}
