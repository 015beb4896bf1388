package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// maxEmptyPages is how many pages without an entry may follow each other.
const maxEmptyPages = 1000

// errRestart is wrapped by the errors after which a reading is worth a second
// attempt from its beginning: the server forgot where the paging was.
var errRestart = errors.New("the server lost the place in its pages")

// errEnough ends a search before its end without being a fault.
var errEnough = errors.New("enough")

// search reads every entry that the filter finds, page by page, and holds one
// page at most. A nil error promises that the server said that it was all.
func (s *session) search(base string, scope int, filter string, attributes []string, each func(*ldap.Entry) error) error {
	var cookie []byte
	empty := 0
	for page := 1; ; page++ {
		n, next, err := s.onePage(base, scope, filter, attributes, cookie, each)
		if err != nil {
			var e *ldap.Error
			if page > 1 && errors.As(err, &e) && (e.ResultCode == ldap.LDAPResultUnwillingToPerform || e.ResultCode == ldap.LDAPResultUnavailableCriticalExtension) {
				return fmt.Errorf("%w at page %d: %w", errRestart, page, err)
			}
			return err
		}
		if len(next) == 0 {
			return nil
		}
		if n > 0 {
			empty = 0
		} else if empty++; empty > maxEmptyPages {
			return fmt.Errorf("the server sent %d pages without an entry", empty)
		}
		cookie = next
	}
}

// onePage asks for one page. A request is never used twice: it would keep the
// old cookie. A page is whole only if the server's paging control came with
// its end: go-ldap reports a cancel, or a closed connection, as no more
// entries and no error.
func (s *session) onePage(base string, scope int, filter string, attributes []string, cookie []byte, each func(*ldap.Entry) error) (n int, next []byte, err error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	controls := []ldap.Control{
		&ldap.ControlPaging{PagingSize: s.page, Cookie: cookie},
		// No references to other partitions and domains: they are never followed.
		ldap.NewControlString(ldap.ControlTypeMicrosoftDomainScope, false, ""),
	}
	if s.deleted {
		controls = append(controls, ldap.NewControlMicrosoftShowDeleted())
	}
	var end *ldap.ControlPaging
	var fault error
	err = s.wait(func() error {
		r := s.conn.SearchAsync(ctx, ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, controls), 64)
		for r.Next() {
			if e := r.Entry(); e != nil && fault == nil {
				n++
				if fault = each(e); fault != nil {
					cancel() // what is on its way is read off and dropped
				}
			}
			if c, ok := ldap.FindControl(r.Controls(), ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
				end = c
			}
		}
		return r.Err()
	})
	switch {
	case fault != nil:
		return n, nil, fault
	case err != nil:
		return n, nil, explain(err)
	case end == nil:
		if last := s.conn.GetLastError(); last != nil {
			return n, nil, fmt.Errorf("the server's answer broke off: %w", last)
		}
		return n, nil, errors.New("the server's answer broke off, or it does not answer in pages; nothing of it is used")
	}
	return n, end.Cookie, nil
}

// one reads the single entry at a base. It is nil where there is none.
func (s *session) one(base, filter string, attributes []string) (*ldap.Entry, error) {
	var found *ldap.Entry
	err := s.search(base, ldap.ScopeBaseObject, filter, attributes, func(e *ldap.Entry) error {
		found = e
		return nil
	})
	return found, err
}

// ranged is what of a multi-valued attribute an entry holds.
type ranged struct {
	values []string
	raw    [][]byte // the same
	last   int      // upper bound that the server gave
	whole  bool     // these are the last values
}

// rangeOf finds an attribute in an entry, however the server chose to give
// it: plain, or as name;range=from-to with an empty plain one beside it.
func rangeOf(e *ldap.Entry, name string) (ranged, error) {
	out := ranged{whole: true}
	for _, a := range e.Attributes {
		base, option, _ := strings.Cut(a.Name, ";")
		if !strings.EqualFold(base, name) {
			continue
		}
		option, isRange := strings.CutPrefix(strings.ToLower(option), "range=")
		if !isRange {
			out.values, out.raw = append(out.values, a.Values...), append(out.raw, a.ByteValues...)
			continue
		}
		from, to, ok := strings.Cut(option, "-")
		if _, err := strconv.Atoi(from); !ok || err != nil {
			return out, fmt.Errorf("the server gave a range of %s that cannot be read: %q", name, a.Name)
		}
		out.values, out.raw = append(out.values, a.Values...), append(out.raw, a.ByteValues...)
		if to == "*" {
			continue
		}
		last, err := strconv.Atoi(to)
		if err != nil || last < 0 {
			return out, fmt.Errorf("the server gave a range of %s that cannot be read: %q", name, a.Name)
		}
		out.last, out.whole = last, false
	}
	return out, nil
}

// allMembers reads every member of one group by ranges, each beginning after
// the upper bound that the server gave: it may give fewer than were asked
// for. A group that changes meanwhile is read again, since a removal would
// move members from one range into another that was read already.
func (s *session) allMembers(guid string) ([]string, error) {
	const tries = 5
	for range tries {
		values, stable, err := s.oneReadOfMembers(guid)
		if err != nil {
			return nil, err
		}
		if stable {
			return values, nil
		}
	}
	return nil, fmt.Errorf("the group changed in each of %d attempts to read its members; read the directory at a quieter hour", tries)
}

func (s *session) oneReadOfMembers(guid string) (values []string, stable bool, err error) {
	version := ""
	for from := 0; ; {
		e, err := s.one("<GUID="+guid+">", "(objectClass=group)", []string{fmt.Sprintf("member;range=%d-*", from), "uSNChanged"})
		if err != nil {
			return nil, false, err
		}
		if e == nil {
			return nil, false, errors.New("the group was removed while its members were read")
		}
		usn := e.GetAttributeValue("uSNChanged")
		if from > 0 && usn != version {
			return nil, false, nil
		}
		version = usn
		part, err := rangeOf(e, "member")
		if err != nil {
			return nil, false, err
		}
		values = append(values, part.values...)
		if part.whole {
			if from > 0 && len(part.values) == 0 {
				return nil, false, nil // values went away behind our back
			}
			return values, true, nil
		}
		if part.last < from {
			return nil, false, fmt.Errorf("the server gave members up to %d where those from %d were asked for", part.last, from)
		}
		from = part.last + 1
		if len(values) != from {
			return nil, false, fmt.Errorf("the server gave %d members in ranges that end at %d", len(values), part.last)
		}
		values = slices.Grow(values, 1500)
	}
}
