package directory

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// identity fills in the objectGUID and the SID.
func (r *resolver) identity(out []byte, sid bool) (withGUID, withSID []byte, err error) {
	e := &r.e
	if !e.field[fieldGUID].set {
		return nil, nil, r.lack("objectGUID", "without which a renamed account cannot be told from a new one")
	}
	withGUID, err = appendGUID(out, e.bytes(fieldGUID))
	if err != nil {
		return nil, nil, r.fault(e.field[fieldGUID].line, "the value of objectGUID "+err.Error())
	}
	if !e.field[fieldSID].set {
		if sid {
			return nil, nil, r.lack("objectSid", "without which its primary group cannot be known")
		}
		return withGUID, withGUID, nil
	}
	withSID, err = appendSID(withGUID, e.bytes(fieldSID))
	if err != nil {
		return nil, nil, r.fault(e.field[fieldSID].line, "the value of objectSid "+err.Error())
	}
	return withGUID, withSID, nil
}

func (r *resolver) addGroup() error {
	e := &r.e
	n := len(e.text)
	guid, all, err := r.identity(e.text, true)
	if err != nil {
		return err
	}
	name := e.field[fieldName]
	if !name.set {
		name = e.field[fieldCommon]
	}
	s := string(all)
	index := int32(len(r.groups))
	r.groups = append(r.groups, snapshot.Group{
		ID: s[n:len(guid)], SID: s[len(guid):], Name: s[name.from:name.to], DN: s[e.name.from:e.name.to], Line: e.line,
	})
	if v := e.bytes(fieldType); len(v) > 0 {
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			return r.fault(e.field[fieldType].line, "the value of groupType is no number")
		}
		r.groups[index].Type = int32(uint32(n)) // some tools write it without its sign
	}
	r.spell()
	if !name.set {
		_, r.groups[index].Name = dn.Leaf(string(e.key))
	}
	r.begins(-1)
	for _, l := range e.links {
		l.group = index
		r.links = append(r.links, l)
	}
	return nil
}

// addMembers adds members to a group that was read before.
func (r *resolver) addMembers(group int, values []string) error {
	for _, v := range values {
		l, err := r.link([]byte(v), 0)
		if err != nil {
			return err
		}
		l.group = int32(group)
		r.links = append(r.links, l)
	}
	return nil
}

func (r *resolver) addDomain() error {
	e := &r.e
	if !e.field[fieldSID].set {
		return nil // a domain object in a name only, such as another partition's root
	}
	sid, err := appendSID(nil, e.bytes(fieldSID))
	if err != nil {
		return r.fault(e.field[fieldSID].line, "the value of objectSid "+err.Error())
	}
	key := string(e.key)
	r.domains = append(r.domains, domain{key, string(sid)})
	if v := e.bytes(fieldNetBIOS); len(v) > 0 {
		r.netbios[key] = string(v)
	}
	return nil
}

// The bits of userAccountControl that matter, from [MS-ADTS] 2.2.16.
const (
	controlDisabled = 0x0002
	controlTrust    = 0x0800 // another domain's account here: no person
	controlServer   = 0x2000 // a domain controller
)

func (r *resolver) addAccount(class snapshot.Class) error {
	e := &r.e
	n := len(e.text)
	guid, all, err := r.identity(e.text, class != snapshot.Contact)
	if err != nil {
		return err
	}
	a := snapshot.Account{Class: class, Line: e.line}
	if class != snapshot.Contact {
		if !e.field[fieldName].set {
			return r.lack("sAMAccountName", "the name that session logs use")
		}
		if err := r.controls(&a, string(all[len(guid):])); err != nil {
			return err
		}
	}
	if v := e.bytes(fieldExpires); len(v) > 0 {
		r.expiries = true
		if a.Expires, err = filetime(v); err != nil {
			return r.fault(e.field[fieldExpires].line, "the value of accountExpires "+err.Error())
		}
	}
	if class == snapshot.Computer {
		a.System = r.share(e.bytes(fieldSystem))
		a.Server = a.Server || strings.Contains(strings.ToLower(a.System), "server")
	} else {
		a.Server = false
	}
	// One string holds all of an account's texts: one allocation for eight.
	t := r.texts[:0]
	own := [...]span{e.name, e.field[fieldName], e.field[fieldUPN], e.field[fieldDisplay], e.field[fieldMail], {from: n, to: len(guid)}, {from: len(guid), to: len(all)}}
	for _, x := range own {
		t = append(t, all[x.from:x.to]...)
	}
	for _, k := range e.kept {
		t = append(t, all[k.span.from:k.span.to]...)
	}
	r.texts = t
	s := string(t)
	next := func(x span) string {
		text := s[:x.to-x.from]
		s = s[len(text):]
		return text
	}
	for i, to := range [...]*string{&a.DN, &a.Name, &a.UPN, &a.DisplayName, &a.Mail, &a.ID, &a.SID} {
		*to = next(own[i])
	}
	if len(e.kept) > 0 {
		a.Attributes = make([]snapshot.Attribute, len(e.kept))
		for i, k := range e.kept {
			r.seen[k.index] = true
			a.Attributes[i] = snapshot.Attribute{Name: r.keep[k.index], Value: next(k.span)}
		}
		slices.SortFunc(a.Attributes, func(x, y snapshot.Attribute) int {
			if c := strings.Compare(x.Name, y.Name); c != 0 {
				return c
			}
			return strings.Compare(x.Value, y.Value)
		})
		a.Attributes = slices.Compact(a.Attributes)
	}
	r.accounts.add(&a)
	r.spell()
	return nil
}

// parseControl reads userAccountControl; the least number there is where it is
// none.
func parseControl(v []byte) int64 {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return math.MinInt64
	}
	return n
}

// controls reads userAccountControl and the primary group.
func (r *resolver) controls(a *snapshot.Account, sid string) error {
	e := &r.e
	if !e.field[fieldControl].set {
		return r.lack("userAccountControl", "so whether the account is disabled is not known")
	}
	uac := parseControl(e.bytes(fieldControl))
	if uac == math.MinInt64 {
		return r.fault(e.field[fieldControl].line, "the value of userAccountControl is no number")
	}
	a.Disabled = uac&controlDisabled != 0
	a.Server = uac&controlServer != 0
	if uac&controlTrust != 0 {
		a.Class = snapshot.Computer
	}
	if !e.field[fieldPrimary].set {
		return r.lack("primaryGroupID", "so the group that member never names is not known")
	}
	rid, err := strconv.ParseUint(string(e.bytes(fieldPrimary)), 10, 32)
	if err != nil {
		return r.fault(e.field[fieldPrimary].line, "the value of primaryGroupID is no number")
	}
	if d := domainOf(sid); d != "" {
		var room [96]byte
		a.PrimaryGroup = r.share(strconv.AppendUint(append(append(room[:0], d...), '-'), rid, 10))
	}
	return nil
}
