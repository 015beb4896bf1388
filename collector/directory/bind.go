package directory

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-ldap/ldap/v3/gssapi"
	"github.com/jcmturner/gokrb5/v8/client"
	krb5 "github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"splameter/internal/config"
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

var subcode = regexp.MustCompile(`\bdata ([0-9a-fA-F]{3,8})\b`)

// explain says in words what a server refused with.
func explain(err error) error {
	var e *ldap.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ResultCode {
	case ldap.LDAPResultInvalidCredentials:
		if m := subcode.FindStringSubmatch(err.Error()); m != nil {
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

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]+$`)

// kerberos logs on with a ticket for the server. go-ldap offers no protection
// of its own after that, which is why the connection is always TLS.
func (s *session) kerberos(b config.Bind) error {
	user, realm, _ := strings.Cut(b.User, "@")
	if b.Realm != "" {
		realm = b.Realm
	}
	realm = strings.ToUpper(realm)
	conf, err := s.krb5Config(b, realm)
	if err != nil {
		return err
	}
	// Pre-authentication as Active Directory does it, without FAST.
	without := client.DisablePAFXFAST(true)
	var kc *client.Client
	if b.Keytab != "" {
		kt, err := keytab.Load(b.Keytab)
		if err != nil {
			return fmt.Errorf("read the keytab: %w", err)
		}
		kc = client.NewWithKeytab(user, realm, kt, conf, without)
	} else {
		password, err := b.Password.Open()
		if err != nil {
			return err
		}
		if password == "" {
			return errors.New("there is neither a password nor a keytab; set bind.password or bind.keytab")
		}
		kc = client.NewWithPassword(user, realm, password, conf, without)
	}
	defer kc.Destroy()
	if err := kc.Login(); err != nil {
		return kerberosError(err)
	}
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
	return kerberosError(err)
}

// krb5Config is the config's file, or one made from realm and KDC. A domain
// controller is its domain's KDC, so its own address is the default; TCP
// always, since tickets with many groups outgrow UDP.
func (s *session) krb5Config(b config.Bind, realm string) (*krb5.Config, error) {
	if b.Krb5Conf != "" {
		c, err := krb5.Load(b.Krb5Conf)
		if err != nil {
			return nil, fmt.Errorf("read krb5_conf: %w", err)
		}
		return c, nil
	}
	kdc := b.KDC
	if kdc == "" {
		kdc = s.server
	}
	if _, _, err := net.SplitHostPort(kdc); err != nil {
		kdc = net.JoinHostPort(strings.Trim(kdc, "[]"), "88")
	}
	if !plainWord.MatchString(realm) || !plainWord.MatchString(kdc) {
		return nil, errors.New("bind.realm and bind.kdc must be plain names, as in HOST1.EXAMPLE and dc1.host1.example:88; or write the realm after the user, as in reader@HOST1.EXAMPLE")
	}
	return krb5.NewFromString(fmt.Sprintf(`[libdefaults]
 default_realm = %[1]s
 dns_lookup_kdc = false
 dns_lookup_realm = false
 udp_preference_limit = 1
[realms]
 %[1]s = {
  kdc = %[2]s
 }
`, realm, kdc))
}

// kerberosError says in words what a KDC refused with.
func kerberosError(err error) error {
	text := err.Error()
	for _, k := range [...]struct{ mark, hint string }{
		{"KDC_ERR_PREAUTH_FAILED", "the password, or the key in the keytab, is wrong"},
		{"KDC_ERR_C_PRINCIPAL_UNKNOWN", "the account does not exist in this realm"},
		{"KDC_ERR_CLIENT_REVOKED", "the account is disabled, expired or locked out"},
		{"KDC_ERR_KEY_EXPIRED", "the account's password has expired"},
		{"KDC_ERR_S_PRINCIPAL_UNKNOWN", "the server has no such service name; set server_name: to the domain controller's full name, or bind.spn:"},
		{"KRB_AP_ERR_SKEW", "the clocks differ by more than five minutes"},
		{"matching key not found in keytab", "the keytab holds no key for this account; export it again"},
	} {
		if strings.Contains(text, k.mark) {
			return fmt.Errorf("kerberos: %s (%s)", k.hint, k.mark)
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("kerberos: the KDC gave no answer; check bind.kdc: %w", err)
	}
	return fmt.Errorf("kerberos: %w", err)
}
