package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// ReadLive reads a live directory: everything that counts beneath the
// config's bases, or beneath the domain. The reading stands for the moment at
// which it began; told is what the readings before were told of changes, nil or empty
// where there were none. Any fault, a time-out or a cancel is an error and no
// directory, however much had come; the connection is closed in every case.
func ReadLive(ctx context.Context, cfg config.Directory, keep []string, told *snapshot.Told, now func() time.Time, loc *time.Location, log *slog.Logger) (*snapshot.Directory, error) {
	const attempts = 2
	for n := 1; ; n++ {
		d, err := readLive(ctx, cfg, keep, told, now(), loc, log)
		if err == nil {
			return d, nil
		}
		if n < attempts && errors.Is(err, errRestart) {
			log.Warn("the directory is read again from the start", "source", cfg.Name, "error", err)
			continue
		}
		return nil, fmt.Errorf("read directory %s: %w", cfg.Name, err)
	}
}

// The filters of the two passes. The first finds computers and managed
// service accounts too: they are users by class, and telling them apart is
// the resolver's work, as it is for an export.
const (
	filterAccounts = "(|(objectClass=user)(objectClass=contact))"
	filterGroups   = "(objectClass=group)"
	filterUnits    = "(objectClass=organizationalUnit)"
)

func readLive(ctx context.Context, cfg config.Directory, keep []string, told *snapshot.Told, taken time.Time, loc *time.Location, log *slog.Logger) (*snapshot.Directory, error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.read(cfg, keep, told, taken, loc, log)
}

// read is one whole reading over a connection.
func (s *session) read(cfg config.Directory, keep []string, told *snapshot.Told, taken time.Time, loc *time.Location, log *slog.Logger) (*snapshot.Directory, error) {
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	bases, err := root.bases(cfg)
	if err != nil {
		return nil, err
	}
	here, err := s.controller(root)
	if err != nil {
		return nil, err
	}
	res := newResolver(cfg, "directory", keep)
	res.watch(&cfg, taken)
	changed := res.changes.ask(told, here, taken, log)
	if err := s.domainEntries(root, res); err != nil {
		return nil, err
	}
	wanted := slices.Concat([]string{
		"objectClass", "objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "displayName", "mail",
		"userAccountControl", "accountExpires", "primaryGroupID", "operatingSystem", "cn",
	}, changed, res.keep)
	for _, base := range bases {
		log.Debug("reading accounts", "source", cfg.Name)
		if err := s.search(base, ldap.ScopeWholeSubtree, filterAccounts, wanted, func(e *ldap.Entry) error {
			_, err := res.live(e, "")
			return err
		}); err != nil {
			return nil, fmt.Errorf("read the accounts: %w", err)
		}
	}
	for _, base := range bases {
		if err := s.groups(base, changed, res); err != nil {
			return nil, fmt.Errorf("read the groups: %w", err)
		}
	}
	for _, base := range bases {
		if err := s.search(base, ldap.ScopeWholeSubtree, filterUnits, []string{"objectClass", "objectGUID", "whenCreated"}, func(e *ldap.Entry) error {
			_, err := res.live(e, "")
			return err
		}); err != nil {
			return nil, fmt.Errorf("read the organizational units: %w", err)
		}
	}
	var more func(*snapshot.Directory) error
	if !res.changes.off {
		if err := s.deletedAccounts(root, res, res.changes.since); err != nil {
			return nil, fmt.Errorf("read the deleted accounts: %w", err)
		}
		more = func(d *snapshot.Directory) error { return s.moreChanges(root, res, d, log) }
	}
	log.Debug("read", "source", cfg.Name, "accounts", res.accounts.n, "groups", len(res.groups), "members", len(res.links))
	d, err := res.finish(s.server, taken, loc, more)
	if err == nil {
		d.Controller, d.MetadataSince = here, res.changes.whole
	}
	return d, err
}

// groups reads the groups beneath one base with their members. Those whose
// members did not come in one answer are read one by one afterwards, whole,
// and by identity: a rename meanwhile changes nothing. changed are the attributes
// that tell whether a group was changed.
func (s *session) groups(base string, changed []string, res *resolver) error {
	type unfinished struct {
		group int
		guid  string
	}
	var rest []unfinished
	wanted := append([]string{"objectClass", "objectGUID", "objectSid", "sAMAccountName", "cn", "groupType", "member;range=0-1499"}, changed...)
	if err := s.search(base, ldap.ScopeWholeSubtree, filterGroups, wanted, func(e *ldap.Entry) error {
		part, err := rangeOf(e, "member")
		if err != nil {
			return err
		}
		group, err := res.live(e, "member")
		if err != nil || group < 0 {
			return err
		}
		if part.whole {
			return res.addMembers(group, part.values)
		}
		rest = append(rest, unfinished{group, res.groups[group].ID})
		return nil
	}); err != nil {
		return err
	}
	for _, u := range rest {
		members, err := s.allMembers(u.guid)
		if err == nil {
			err = res.addMembers(u.group, members)
		}
		if err != nil {
			return fmt.Errorf("the members of %s: %w", res.groups[u.group].Name, err)
		}
	}
	return nil
}

// live feeds one entry to the resolver, without one attribute that the caller
// sees to, and returns the index of a group, or -1.
func (r *resolver) live(e *ldap.Entry, without string) (int, error) {
	if err := r.begin([]byte(e.DN), 0); err != nil {
		return -1, err
	}
	var room [64]byte
	for _, a := range e.Attributes {
		name, options, _ := bytes.Cut(append(room[:0], strings.ToLower(a.Name)...), []byte{';'})
		if without != "" && string(name) == without {
			continue
		}
		for _, v := range a.ByteValues {
			if err := r.attribute(name, options, v, 0); err != nil {
				return -1, err
			}
		}
	}
	return r.end()
}

// rootInfo is what a server says of itself.
type rootInfo struct {
	domain        string // name of the server's own domain
	configuration string
	server        string
	service       string // the name of what the server says of itself as a domain controller
	usn           int64  // highestCommittedUSN when the reading began
}

func (s *session) root() (rootInfo, error) {
	e, err := s.plain("", []string{"defaultNamingContext", "configurationNamingContext", "dnsHostName", "dsServiceName", "highestCommittedUSN"})
	if err != nil {
		return rootInfo{}, fmt.Errorf("read what the server says of itself: %w", err)
	}
	r := rootInfo{domain: e.GetAttributeValue("defaultNamingContext"), configuration: e.GetAttributeValue("configurationNamingContext"),
		server: e.GetAttributeValue("dnsHostName"), service: e.GetAttributeValue("dsServiceName")}
	r.usn, _ = strconv.ParseInt(e.GetAttributeValue("highestCommittedUSN"), 10, 64)
	if r.domain == "" {
		return r, errors.New("the server does not say which domain it serves; is it a domain controller of Active Directory?")
	}
	return r, nil
}

// controller is the domain controller that answered, as evidence, and so that a
// later reading can be seen to be of an older state. An account that may not
// read the controller's own entry gets its name and count alone.
func (s *session) controller(root rootInfo) (snapshot.Controller, error) {
	c := snapshot.Controller{Host: root.server, USN: root.usn}
	if root.service == "" {
		return c, nil
	}
	e, err := s.one(root.service, "(objectClass=*)", []string{"invocationId"})
	var refused *ldap.Error
	if errors.As(err, &refused) && (refused.ResultCode == ldap.LDAPResultNoSuchObject || refused.ResultCode == ldap.LDAPResultInsufficientAccessRights) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("read which domain controller answered: %w", err)
	}
	if e != nil {
		if id, err := appendGUID(nil, e.GetRawAttributeValue("invocationId")); err == nil {
			c.Invocation = string(id)
		}
	}
	return c, nil
}

// plain reads one entry without pages, which the root entry does not know.
func (s *session) plain(base string, attributes []string) (*ldap.Entry, error) {
	var found *ldap.Entry
	err := s.wait(func() error {
		r, err := s.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", attributes, nil))
		if err != nil {
			return err
		}
		if len(r.Entries) != 1 {
			return fmt.Errorf("the server answered with %d entries", len(r.Entries))
		}
		found = r.Entries[0]
		return nil
	})
	if err != nil {
		return nil, explain(err)
	}
	return found, nil
}

// bases are the config's, without those that lie beneath another, which would
// be read twice; or the whole domain.
func (r rootInfo) bases(cfg config.Directory) ([]string, error) {
	if len(cfg.Base) == 0 {
		return []string{r.domain}, nil
	}
	keys := make([]string, len(cfg.Base))
	for i, b := range cfg.Base {
		k, err := dn.Key(b)
		if err != nil {
			return nil, fmt.Errorf("base %q: %w", b, err)
		}
		keys[i] = k
	}
	var out []string
	for i, k := range keys {
		covered := slices.Contains(keys[:i], k)
		for _, other := range keys {
			covered = covered || dn.Under(k, other)
		}
		if !covered {
			out = append(out, cfg.Base[i])
		}
	}
	return out, nil
}

// domainEntries reads the domain's own entry and its name, which stand
// outside of what is counted.
func (s *session) domainEntries(root rootInfo, res *resolver) error {
	feed := func(e *ldap.Entry) error {
		_, err := res.live(e, "")
		return err
	}
	e, err := s.plain(root.domain, []string{"objectClass", "objectSid"})
	if err == nil {
		err = feed(e)
	}
	if err != nil {
		return fmt.Errorf("read the domain's own entry: %w", err)
	}
	if err := s.search("CN=Partitions,"+root.configuration, ldap.ScopeSingleLevel, "(nETBIOSName=*)", []string{"objectClass", "nCName", "nETBIOSName"}, feed); err != nil {
		return fmt.Errorf("read the domain's NetBIOS name: %w", err)
	}
	return nil
}
