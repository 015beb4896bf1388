package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"splameter/collector/directory/replmeta"
	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// probeLimit is how far Probe counts.
const probeLimit = 10_000

// ProbeResult is what a directory would give, without reading it whole.
type ProbeResult struct {
	Server   string // what the server calls itself
	DNS      string
	Domain   string // NetBIOS name
	Accounts int
	Groups   int
	Units    int
	More     bool // there are more than were counted
	// Missing are attributes that none of the first accounts showed: nobody
	// has them, or the account that reads may not see them.
	Missing   []string
	Sentences []string // the same in words
}

// Probe connects and logs on as a reading would, and looks whether the bases
// can be read, how much they hold, and which attributes can be seen. It reads
// at most one page of accounts in full.
func Probe(ctx context.Context, cfg config.Directory, keep []string) (ProbeResult, error) {
	p, err := probe(ctx, cfg, keep)
	if err != nil {
		return p, fmt.Errorf("try directory %s: %w", cfg.Name, err)
	}
	return p, nil
}

func probe(ctx context.Context, cfg config.Directory, keep []string) (p ProbeResult, err error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return p, err
	}
	defer s.close()
	root, err := s.root()
	if err != nil {
		return p, err
	}
	p.Server = root.server
	key, err := dn.Key(root.domain)
	if err != nil {
		return p, err
	}
	p.DNS = dn.DNS(key)
	res := newResolver(cfg, "directory", keep)
	if err := s.domainEntries(root, res); err != nil {
		return p, err
	}
	p.Domain = res.netbios[key]
	p.say("connected to %s, domain %s (%s), over TLS, as %s", p.Server, p.DNS, p.Domain, cfg.Bind.User)
	if cfg.Domain != "" && !strings.EqualFold(cfg.Domain, p.Domain) {
		p.say("the config calls the domain %s, but the directory calls itself %s; session logs use the directory's own name", cfg.Domain, p.Domain)
	}
	bases, err := root.bases(cfg)
	if err != nil {
		return p, err
	}
	for _, base := range bases {
		if err := s.rights(base, res, &p); err != nil {
			return p, fmt.Errorf("read beneath %s: %w", base, err)
		}
		accounts, more, err := s.count(base, filterAccounts)
		if err != nil {
			return p, fmt.Errorf("count the accounts beneath %s: %w", base, err)
		}
		groups, also, err := s.count(base, filterGroups)
		if err != nil {
			return p, fmt.Errorf("count the groups beneath %s: %w", base, err)
		}
		units, _, err := s.count(base, filterUnits)
		if err != nil {
			return p, fmt.Errorf("count the organizational units beneath %s: %w", base, err)
		}
		p.Accounts, p.Groups, p.Units, p.More = p.Accounts+accounts, p.Groups+groups, p.Units+units, p.More || more || also
	}
	if cfg.Metadata != "off" {
		if err := s.tells(bases, &p); err != nil {
			return p, err
		}
	}
	atLeast := ""
	if p.More {
		atLeast = "at least "
	}
	p.say("%s%d accounts and %d groups in %d organizational units can be read", atLeast, p.Accounts, p.Groups, p.Units)
	if p.Accounts == 0 {
		p.say("no account can be read: check base, and that the account may read it")
	}
	if len(p.Missing) > 0 && p.Accounts > 0 {
		p.say("none of the accounts looked at shows %s: nobody has it, or the account may not read it", strings.Join(p.Missing, ", "))
	}
	return p, nil
}

func (p *ProbeResult) say(format string, args ...any) {
	p.Sentences = append(p.Sentences, fmt.Sprintf(format, args...))
}

// count counts without reading, up to the limit.
func (s *session) count(base, filter string) (n int, more bool, err error) {
	err = s.search(base, ldap.ScopeWholeSubtree, filter, []string{"1.1"}, func(*ldap.Entry) error {
		if n == probeLimit {
			return errEnough
		}
		n++
		return nil
	})
	if errors.Is(err, errEnough) {
		return n, true, nil
	}
	return n, false, err
}

// rights looks at the first accounts, and says which attributes none shows.
func (s *session) rights(base string, res *resolver, p *ProbeResult) error {
	wanted := append([]string{"objectGUID", "objectSid", "sAMAccountName", "userAccountControl", "accountExpires", "primaryGroupID"}, res.keep...)
	shown := map[string]bool{}
	n := 0
	err := s.search(base, ldap.ScopeWholeSubtree, "(&(objectCategory=person)(objectClass=user))", wanted, func(e *ldap.Entry) error {
		for _, a := range e.Attributes {
			name, _, _ := strings.Cut(strings.ToLower(a.Name), ";")
			shown[name] = true
		}
		if n++; n == int(s.page) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	p.Missing = p.Missing[:0]
	for _, w := range wanted {
		if name := strings.ToLower(w); !shown[name] && name != snapshot.HostName {
			p.Missing = append(p.Missing, w)
		}
	}
	return nil
}

// tells looks whether the controller tells of changes, by the first groups with
// members.
func (s *session) tells(bases []string, p *ProbeResult) error {
	n := 0
	told := false
	for _, base := range bases {
		err := s.search(base, ldap.ScopeWholeSubtree, "(&(objectClass=group)(member=*))", []string{attributeLinks + ";range=0-0"}, func(e *ldap.Entry) error {
			part, err := rangeOf(e, attributeLinks)
			if told = err == nil && len(part.values) > 0; told {
				_, err = replmeta.Link([]byte(part.values[0]), false)
				if err != nil && !replmeta.Legacy(err) {
					return err
				}
			}
			if n++; told || n == 20 {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return fmt.Errorf("look whether changes are told beneath %s: %w", base, err)
		}
	}
	switch {
	case told:
		p.say("%s tells of changes (%s): access between two readings is seen", p.Server, attributeLinks)
	case n > 0:
		p.say("%s tells nothing of changes (%s): access between two readings is not seen", p.Server, attributeLinks)
	}
	return nil
}
