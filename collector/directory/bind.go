package directory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-ldap/ldap/v3/gssapi"

	"splameter/internal/config"
	"splameter/internal/kerberos"
	"splameter/internal/lazyregexp"
)

// bind logs on as the config says.
func (s *session) bind(b config.Bind) error {
	if b.User == "" {
		return errors.New("log on to the directory: bind.user is empty; name an ordinary account of the domain, as user@host1.example")
	}
	var err error
	switch b.Method {
	case "", "simple":
		err = s.simple(b)
	case "kerberos":
		err = s.kerberos(b)
	default:
		return fmt.Errorf("log on to the directory: bind.method %q is not known; write simple or kerberos", b.Method)
	}
	if err != nil {
		return fmt.Errorf("log on to %s: %w", s.server, err)
	}
	return nil
}

func (s *session) simple(b config.Bind) error {
	password, err := b.Password.Open()
	if err != nil {
		return err
	}
	if password == "" {
		return errors.New("there is no password, and without one a server lets anybody in as nobody; set bind.password to env:NAME or file:PATH")
	}
	if err := s.wait(func() error { return s.conn.Bind(b.User, password) }); err != nil {
		return explain(err)
	}
	return nil
}

// refusals are the sub-codes that Active Directory gives with a refused bind,
// from [MS-ERREF], as text within the error only.
var refusals = map[string]string{
	"525": "the account does not exist",
	"52e": "the name or the password is wrong",
	"530": "the account may not log on at this time",
	"531": "the account may not log on from this machine",
	"532": "the account's password has expired; set a new one that does not",
	"533": "the account is disabled; enable it, or use another",
	"701": "the account has expired",
	"773": "the account must change its password at the next logon; clear that mark",
	"775": "the account is locked out; unlock it, and look for who uses an old password",
}

var subcode = lazyregexp.New(`\bdata ([0-9a-fA-F]{3,8})\b`)

// explain says in words what a server refused with.
func explain(err error) error {
	var e *ldap.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ResultCode {
	case ldap.LDAPResultInvalidCredentials:
		if m := subcode().FindStringSubmatch(err.Error()); m != nil {
			if text, ok := refusals[strings.ToLower(m[1])]; ok {
				return refusal(fmt.Sprintf("the server refuses: %s (49, data %s)", text, m[1]))
			}
			return refusal(fmt.Sprintf("the server refuses the name or the password (49, data %s)", m[1]))
		}
		return refusal("the server refuses the name or the password (49)")
	case ldap.LDAPResultStrongAuthRequired:
		return fmt.Errorf("the server demands a stronger way to log on (8); use ldaps, and bind.method: simple: %w", err)
	case ldap.LDAPResultNoSuchObject:
		return fmt.Errorf("the base is not in this directory (32); check base: %w", err)
	case ldap.LDAPResultReferral:
		return fmt.Errorf("the base lies in another domain (10); name a domain controller of that domain: %w", err)
	case ldap.LDAPResultInsufficientAccessRights:
		return fmt.Errorf("the account may not read this (50); an ordinary account of the domain may: %w", err)
	case ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return fmt.Errorf("the server stopped at a limit of its own before the end (%d); nothing of it is used: %w", e.ResultCode, err)
	}
	return err
}

// kerberos logs on with a ticket for the server. go-ldap offers no protection
// of its own after that, which is why the connection is always TLS. A domain
// controller is its domain's KDC, so its own address is the default.
func (s *session) kerberos(b config.Bind) error {
	a := kerberos.Account{User: b.User, Realm: b.Realm, Keytab: b.Keytab, KDC: b.KDC, Krb5Conf: b.Krb5Conf}
	if a.KDC == "" {
		a.KDC = s.server
	}
	if a.Keytab == "" {
		var err error
		if a.Password, err = b.Password.Open(); err != nil {
			return err
		}
	}
	kc, err := kerberos.LogOn(a)
	if err != nil {
		return err
	}
	defer kc.Destroy()
	if s.ctx.Err() != nil {
		return s.wait(func() error { return nil })
	}
	spn := b.SPN
	if spn == "" {
		spn = "ldap/" + s.name
	}
	err = s.wait(func() error { return s.conn.GSSAPIBind(&gssapi.Client{Client: kc}, spn, "") })
	if err == nil {
		return nil
	}
	var e *ldap.Error
	if errors.As(err, &e) {
		return explain(err)
	}
	err = kerberos.Explain(err)
	var refused *kerberos.Refusal
	if errors.As(err, &refused) && refused.Unknown() {
		return fmt.Errorf("%w; set server_name to the domain controller's full name, or bind.spn", err)
	}
	return err
}
