package directory

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/internal/snapshot"
)

// batch is how many objects are asked for at once.
const batch = 50

// byID asks for attributes of objects by their identities, some at a time.
func (s *session) byID(base string, ids []string, attributes []string, each func(id string, e *ldap.Entry) error) error {
	var filter strings.Builder
	for some := range slices.Chunk(ids, batch) {
		filter.Reset()
		filter.WriteString("(|")
		for _, id := range some {
			raw, err := rawGUID(id)
			if err != nil {
				return err
			}
			filter.WriteString("(objectGUID=")
			for _, b := range raw {
				fmt.Fprintf(&filter, "\\%02x", b)
			}
			filter.WriteByte(')')
		}
		filter.WriteByte(')')
		if err := s.search(base, ldap.ScopeWholeSubtree, filter.String(), append([]string{"objectGUID"}, attributes...), func(e *ldap.Entry) error {
			id, err := appendGUID(nil, e.GetRawAttributeValue("objectGUID"))
			if err != nil {
				return fmt.Errorf("the server gave an object without its objectGUID, which was asked for: %w", err)
			}
			return each(string(id), e)
		}); err != nil {
			return err
		}
	}
	return nil
}

// stamps reads the changes of accounts.
func (s *session) stamps(base string, ids []string, res *resolver) error {
	return s.byID(base, ids, []string{attributeStamps + ";range=0-*"}, func(id string, e *ldap.Entry) error {
		part, err := rangeOf(e, attributeStamps)
		if err != nil {
			return err
		}
		res.addStamps(id, part.raw)
		if !part.whole {
			res.changes.fail("an account has more metadata than comes at once", 0)
		}
		res.changes.asked[id] = true
		return nil
	})
}

// links reads the changes of the memberships of groups, and says how many were told.
func (s *session) links(base string, groups []int32, res *resolver) (told int, err error) {
	numbers, ids := map[string]int{}, make([]string, len(groups))
	for i, n := range groups {
		ids[i] = res.groups[n].ID
		numbers[ids[i]] = int(n)
	}
	rest := map[string]int{} // of which more is to come: from where
	err = s.byID(base, ids, []string{attributeLinks + ";range=0-1499"}, func(id string, e *ldap.Entry) error {
		n, ok := numbers[id]
		if !ok {
			return errors.New("the server gave a group that was not asked for")
		}
		part, err := rangeOf(e, attributeLinks)
		if err != nil {
			return err
		}
		res.addLinks(n, part.raw)
		if told += len(part.raw); !part.whole {
			rest[id] = part.last + 1
		}
		res.changes.asked[id] = true
		return nil
	})
	if err != nil {
		return told, err
	}
	for _, id := range ids {
		if from, more := rest[id]; more {
			if err := s.allLinks(id, from, func(values [][]byte) { res.addLinks(numbers[id], values) }); err != nil {
				return told, fmt.Errorf("the changes of the members of %s: %w", res.groups[numbers[id]].Name, err)
			}
		}
	}
	return told, nil
}

// allLinks reads the metadata of one group's links from the given place on. Each
// value stands by itself, so that a change meanwhile takes nothing from it but
// what the next reading tells again.
func (s *session) allLinks(guid string, from int, each func([][]byte)) error {
	for range maxLinks / 1000 {
		e, err := s.one("<GUID="+guid+">", "(objectClass=group)", []string{fmt.Sprintf("%s;range=%d-*", attributeLinks, from)})
		if err != nil {
			return err
		}
		if e == nil {
			return nil // removed meanwhile: the members' own reading decides that
		}
		part, err := rangeOf(e, attributeLinks)
		if err != nil {
			return err
		}
		each(part.raw)
		if part.whole || len(part.values) == 0 {
			return nil
		}
		if part.last < from {
			return fmt.Errorf("the server gave metadata up to %d where that from %d was asked for", part.last, from)
		}
		from = part.last + 1
	}
	return errors.New("the server gives metadata of a group without end")
}

// deletedAccounts reads the accounts that were deleted lately, where the reader
// may see them: an ordinary account may not, and gets none or an error.
func (s *session) deletedAccounts(root rootInfo, res *resolver, since time.Time) error {
	s.deleted = true
	defer func() { s.deleted = false }()
	filter := fmt.Sprintf("(&(isDeleted=TRUE)(objectClass=user)(whenChanged>=%s))", since.UTC().Format("20060102150405.0Z"))
	wanted := []string{"objectClass", "objectGUID", "objectSid", "sAMAccountName", "userAccountControl", "accountExpires", "lastKnownParent", "whenCreated", "whenChanged", "isDeleted", attributeStamps}
	err := s.search("CN=Deleted Objects,"+root.domain, ldap.ScopeWholeSubtree, filter, wanted, func(e *ldap.Entry) error {
		_, err := res.live(e, "")
		return err
	})
	var refused *ldap.Error
	if errors.As(err, &refused) {
		switch refused.ResultCode {
		case ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultUnavailableCriticalExtension, ldap.LDAPResultOperationsError:
			return nil
		}
	}
	return err
}

// moreChanges asks for what the directory tells of changes.
func (s *session) moreChanges(root rootInfo, res *resolver, d *snapshot.Directory, log *slog.Logger) error {
	c := &res.changes
	s.thin.leaveOut(c.since)
	groups := res.wantedGroups(d)
	told, err := s.links(root.domain, groups, res)
	if err == nil && c.base != nil && told == 0 && res.carried(groups) {
		log.Info("the directory tells nothing more of changes of which it told before; all of them are asked for", "source", res.cfg.Name)
		c.base, c.whole = nil, time.Time{}
		_, err = s.links(root.domain, res.wantedGroups(d), res)
	}
	if err != nil {
		return fmt.Errorf("read the changes of members: %w", err)
	}
	if err := s.stamps(root.domain, res.wantedAccounts(d), res); err != nil {
		return fmt.Errorf("read the changes of accounts: %w", err)
	}
	if res.cfg.Metadata == "on" && c.base == nil && !c.told[snapshot.MetadataLinks] && len(d.Members) > 0 {
		res.notice(snapshot.Notice{
			Code: CodeMetadata, Subject: res.cfg.Name, At: snapshot.Evidence{File: s.server},
			Message: fmt.Sprintf("the domain controller tells nothing of changes (%s), so access between two readings is not seen", attributeLinks),
		})
	}
	return nil
}
