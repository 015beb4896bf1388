package directory

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/internal/snapshot"
)

// beforeFirst is how far back accounts are asked for their changes where there
// was no reading before; overlap is by how much two readings overlap in it, for
// the clocks of controllers differ.
const (
	beforeFirst = 3 * 24 * time.Hour
	overlap     = 2 * time.Hour
)

// stamps reads the changes of the accounts that were touched since the reading
// before, and of those that are disabled or expire: of all the others nothing
// new can be told. There is much metadata of an account, and little of it is of
// use, so that asking everybody would be dearer than the reading itself.
func (s *session) stamps(base string, res *resolver, since time.Time) error {
	filter := fmt.Sprintf("(&%s(|(whenChanged>=%s)(userAccountControl:1.2.840.113556.1.4.803:=2)(&(accountExpires>=1)(!(accountExpires=9223372036854775807)))))",
		"(&(objectCategory=person)(objectClass=user))", since.UTC().Format("20060102150405.0Z"))
	return s.search(base, ldap.ScopeWholeSubtree, filter, []string{"objectGUID", attributeStamps + ";range=0-*"}, func(e *ldap.Entry) error {
		id, err := appendGUID(nil, e.GetRawAttributeValue("objectGUID"))
		if err != nil {
			return nil // the pass of accounts told what is wrong with it
		}
		part, err := rangeOf(e, attributeStamps)
		if err != nil {
			return err
		}
		res.addStamps(string(id), part.raw)
		if !part.whole {
			res.changes.fail("an account has more metadata than comes at once", 0)
		}
		return nil
	})
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

// moreChanges is what a live reading asks for beyond the directory's state.
func (s *session) moreChanges(root rootInfo, bases []string, res *resolver, since, taken time.Time) error {
	if since.IsZero() || since.After(taken) {
		since = taken.Add(-beforeFirst)
	}
	if res.changes.since.After(since) {
		since = res.changes.since
	}
	for _, base := range bases {
		if err := s.stamps(base, res, since.Add(-overlap)); err != nil {
			return fmt.Errorf("read the changes of accounts: %w", err)
		}
	}
	if err := s.deletedAccounts(root, res, res.changes.since); err != nil {
		return fmt.Errorf("read the deleted accounts: %w", err)
	}
	if res.cfg.Metadata == "on" && !res.changes.told[snapshot.MetadataLinks] && len(res.links) > 0 {
		res.notice(snapshot.Notice{
			Code: CodeMetadata, Subject: res.cfg.Name, At: snapshot.Evidence{File: s.server},
			Message: fmt.Sprintf("the domain controller tells nothing of changes (%s), so access between two readings is not seen", attributeLinks),
		})
	}
	return nil
}
