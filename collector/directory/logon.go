package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"splameter/internal/config"
)

// ErrRefused: the directory does not take the name or the password.
var ErrRefused = errors.New("the directory does not take this name and password")

// refusal is why a server did not let somebody on.
type refusal string

func (r refusal) Error() string { return string(r) }

// Is makes every refusal ErrRefused.
func (refusal) Is(target error) bool { return target == ErrRefused }

// Member is somebody who logged on: their account, and in which of the groups
// that were asked about they are, at any depth.
type Member struct {
	Account string // DOMAIN\name
	Name    string // display name
	Groups  []string
}

// inChain is the rule by which a domain controller follows groups in groups.
const inChain = "1.2.840.113556.1.4.1941"

// LogOn binds as somebody, with their own password and nobody else's rights,
// over TLS as every connection is, and asks in which of some groups they are.
// user is a name with or without its domain, or a UPN. A wrong name or password
// is ErrRefused, and is asked of one server only.
func LogOn(ctx context.Context, cfg config.Directory, user, password string, groups []string) (*Member, error) {
	user = strings.TrimSpace(user)
	if user == "" || password == "" || len(user) > 256 || len(password) > 1024 {
		return nil, ErrRefused
	}
	secret, err := config.NewSecret("plain:" + password)
	if err != nil {
		return nil, ErrRefused
	}
	filter := "(sAMAccountName=" + ldap.EscapeFilter(user) + ")"
	switch domain, name, ok := strings.Cut(user, `\`); {
	case ok && strings.EqualFold(domain, cfg.Domain):
		filter = "(sAMAccountName=" + ldap.EscapeFilter(name) + ")"
	case ok:
		return nil, ErrRefused
	case strings.Contains(user, "@"):
		filter = "(userPrincipalName=" + ldap.EscapeFilter(user) + ")"
	default:
		user = cfg.Domain + `\` + user
	}
	cfg.Bind = config.Bind{Method: "simple", User: user, Password: secret}
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.close()
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	var own []*ldap.Entry
	keep := func(e *ldap.Entry) error {
		if own = append(own, e); len(own) > 1 {
			return fmt.Errorf("the directory has several accounts %s", user)
		}
		return nil
	}
	if err := s.search(root.domain, ldap.ScopeWholeSubtree, "(&(objectCategory=person)(objectClass=user)"+filter+")", []string{"sAMAccountName", "displayName"}, keep); err != nil {
		return nil, err
	}
	if len(own) != 1 {
		return nil, fmt.Errorf("the directory lets %s on and does not show the account; let it read its own entry", user)
	}
	m := &Member{Account: cfg.Domain + `\` + own[0].GetAttributeValue("sAMAccountName"), Name: own[0].GetAttributeValue("displayName")}
	for _, name := range groups {
		in := false
		var dn string
		err := s.search(root.domain, ldap.ScopeWholeSubtree, "(&(objectClass=group)(sAMAccountName="+ldap.EscapeFilter(name)+"))", []string{"sAMAccountName"}, func(e *ldap.Entry) error {
			dn = e.DN
			return nil
		})
		if err == nil && dn != "" {
			err = s.search(own[0].DN, ldap.ScopeBaseObject, "(memberOf:"+inChain+":="+ldap.EscapeFilter(dn)+")", []string{"sAMAccountName"}, func(*ldap.Entry) error {
				in = true
				return nil
			})
		}
		if err != nil {
			return nil, fmt.Errorf("ask whether %s is in group %s: %w", user, name, err)
		}
		if in {
			m.Groups = append(m.Groups, name)
		}
	}
	return m, nil
}
