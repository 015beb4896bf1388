// Package kerberos logs accounts on to a realm, by password, keytab or the
// tickets of somebody who logged on before, and says in words why that failed.
// What the tickets are for is others' business.
package kerberos

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	krb5 "github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/types"

	"splameter/internal/lazyregexp"
)

// Account is who logs on, and how: by Keytab, by CCache, or else by Password.
type Account struct {
	User     string // the principal; what stands behind an @ is the realm
	Realm    string // empty: the user's
	Password string
	Keytab   string // a file
	CCache   string // a file with tickets
	KDC      string // HOST or HOST:PORT; empty: the name service knows it
	Krb5Conf string // a file, in place of one that is made of realm and KDC
}

// LogOn logs an account on. Whoever gets a client destroys it.
func LogOn(a Account) (*client.Client, error) {
	user, realm, _ := strings.Cut(a.User, "@")
	if a.Realm != "" {
		realm = a.Realm
	}
	realm = strings.ToUpper(realm)
	conf, err := a.config(realm)
	if err != nil {
		return nil, err
	}
	// Pre-authentication as Active Directory does it, without FAST.
	without := client.DisablePAFXFAST(true)
	var c *client.Client
	switch {
	case a.Keytab != "":
		var kt *keytab.Keytab
		err := whole(func() (err error) { kt, err = keytab.Load(a.Keytab); return err })
		if err != nil {
			return nil, fmt.Errorf("read the keytab: %w", err)
		}
		c = client.NewWithKeytab(user, realm, kt, conf, without)
	case a.CCache != "":
		return a.tickets(realm, conf)
	case a.Password != "":
		c = client.NewWithPassword(user, realm, a.Password, conf, without)
	default:
		return nil, errors.New("there is neither a password nor a keytab")
	}
	if err := c.Login(); err != nil {
		c.Destroy()
		return nil, Explain(err)
	}
	return c, nil
}

// tickets takes those of somebody who logged on before.
func (a *Account) tickets(realm string, conf *krb5.Config) (*client.Client, error) {
	const again = "; log on again (kinit, with FILE: as its cache)"
	var c *client.Client
	var entry *credentials.Credential
	err := whole(func() error {
		held, err := credentials.LoadCCache(a.CCache)
		if err != nil {
			return err
		}
		of := held.GetClientRealm()
		if !strings.EqualFold(of, realm) {
			return fmt.Errorf("they are of realm %s, and not of %s", of, realm)
		}
		if c, err = client.NewFromCCache(held, conf, client.DisablePAFXFAST(true)); err != nil {
			return fmt.Errorf("%w"+again, err)
		}
		entry, _ = held.GetEntry(types.PrincipalName{NameType: nametype.KRB_NT_SRV_INST, NameString: []string{"krbtgt", of}})
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the tickets of ccache: %w", err)
	case entry != nil && time.Now().After(entry.EndTime):
		return nil, fmt.Errorf("the tickets of ccache %s ended on %s"+again, a.CCache, entry.EndTime.UTC().Format(time.RFC3339))
	}
	return c, nil
}

// whole reads a file of keys or tickets: the library takes what it finds in one
// that is cut for lengths.
func whole(read func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the file is cut off, or is no such file")
		}
	}()
	return read()
}

var plainWord = lazyregexp.New(`^[A-Za-z0-9._:\[\]-]+$`)

// config is the config's file, or one made from realm and KDC. TCP always,
// since tickets with many groups outgrow UDP.
func (a *Account) config(realm string) (*krb5.Config, error) {
	if a.Krb5Conf != "" {
		c, err := krb5.Load(a.Krb5Conf)
		if err != nil {
			return nil, fmt.Errorf("read krb5_conf: %w", err)
		}
		return c, nil
	}
	kdc, lookup := a.KDC, "true"
	if kdc != "" {
		lookup = "false"
		if _, _, err := net.SplitHostPort(kdc); err != nil {
			kdc = net.JoinHostPort(strings.Trim(kdc, "[]"), "88")
		}
	}
	if !plainWord().MatchString(realm) || kdc != "" && !plainWord().MatchString(kdc) {
		return nil, errors.New("realm and kdc must be plain names, as in HOST1.EXAMPLE and dc1.host1.example:88; or write the realm after the user, as in reader@HOST1.EXAMPLE")
	}
	text := fmt.Sprintf(`[libdefaults]
 default_realm = %[1]s
 dns_lookup_kdc = %[2]s
 dns_lookup_realm = false
 udp_preference_limit = 1
[realms]
 %[1]s = {
`, realm, lookup)
	if kdc != "" {
		text += "  kdc = " + kdc + "\n"
	}
	return krb5.NewFromString(text + " }\n")
}

// Explain says in words what a KDC, or a ticket's file, refused with.
func Explain(err error) error {
	text := err.Error()
	for _, k := range [...]struct{ mark, hint string }{
		{"KDC_ERR_PREAUTH_FAILED", "the password, or the key in the keytab, is wrong"},
		{"KDC_ERR_C_PRINCIPAL_UNKNOWN", "the account does not exist in this realm"},
		{"KDC_ERR_CLIENT_REVOKED", "the account is disabled, expired or locked out"},
		{"KDC_ERR_KEY_EXPIRED", "the account's password has expired"},
		{"KDC_ERR_WRONG_REALM", "the KDC is of another realm; write the realm of its domain"},
		{"KDC_ERR_S_PRINCIPAL_UNKNOWN", "the directory has no such service name"},
		{"KDC_ERR_ETYPE_NOSUPP", "the account has no key of a kind that both sides know (AES); set its password again"},
		{"KRB_AP_ERR_SKEW", "the clocks differ by more than five minutes"},
		{"clock skew", "the clocks differ by more than five minutes"},
		{"matching key not found in keytab", "the keytab holds no key for this account; export it again"},
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(k.mark)) {
			return &Refusal{Mark: k.mark, Hint: k.hint}
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(text, "Networking_Error") || strings.Contains(text, "no KDCs") {
		return fmt.Errorf("kerberos: the KDC gave no answer; check kdc, and that TCP 88 is open to it: %w", err)
	}
	return fmt.Errorf("kerberos: %w", err)
}

// Refusal is why a KDC refused.
type Refusal struct{ Mark, Hint string }

func (r *Refusal) Error() string { return fmt.Sprintf("kerberos: %s (%s)", r.Hint, r.Mark) }

// Unknown says that what was asked for is no service of the realm.
func (r *Refusal) Unknown() bool { return r.Mark == "KDC_ERR_S_PRINCIPAL_UNKNOWN" }
