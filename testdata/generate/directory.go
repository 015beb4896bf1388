package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// units are the organizational units, parents first.
var units = []string{
	"OU=Customers," + base, groupsOU, servers, staff, loose,
	"OU=tuinderij,OU=Customers," + base, tuinderij, "OU=notaris,OU=Customers," + base, notaris,
	"OU=harbour,OU=Customers," + base, harbour, "OU=ijzer,OU=Customers," + base, ijzer,
}

// directory writes one complete export a day: September's in gzip, October's
// plain.
func directory(out map[string][]byte) error {
	first := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for day := first; day.Before(first.AddDate(0, 2, 0)); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		data := export(date)
		if day.Month() == time.October {
			out["directory/"+date+".ldif"] = data
			continue
		}
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, 9)
		if err != nil {
			return err
		}
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		out["directory/"+date+".ldif.gz"] = b.Bytes()
	}
	return nil
}

// ldif is an export in the making, in the form of RFC 2849.
type ldif struct{ bytes.Buffer }

// line writes a value, in base64 where it is not plain text, folded at 78.
func (l *ldif) line(name, value string) {
	s := name + ": " + value
	if !plain(value) {
		s = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
	}
	for width := 78; len(s) > width; width = 77 {
		l.WriteString(s[:width] + "\n ")
		s = s[width:]
	}
	l.WriteString(s + "\n")
}

func plain(v string) bool {
	for i := range len(v) {
		if v[i] < ' ' || v[i] > '~' {
			return false
		}
	}
	return v != "" && !strings.ContainsAny(v[:1], " :<") && v[len(v)-1] != ' '
}

// rdn escapes what a distinguished name may not hold as it is.
func rdn(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, "+", `\+`, `"`, `\"`).Replace(s)
}

// export is the directory as a day begins.
func export(date string) []byte {
	l := &ldif{}
	l.line("version", "1")
	l.WriteString("\n")
	l.entry(base, "domain", "domainDNS")
	l.line("objectSid", sid(domainSID))
	l.line("nETBIOSName", netBIOS)
	l.WriteString("\n")
	for _, u := range units {
		l.entry(u, "organizationalUnit")
		l.WriteString("\n")
	}
	names := map[string]string{contact: "CN=" + contact + "," + tuinderij}
	for _, g := range groups {
		names[g.name] = "CN=" + g.name + "," + g.ou
	}
	for i := range accounts {
		if a := &accounts[i]; a.from <= date {
			names[a.name] = a.dn(date)
			l.account(a, i, date)
		}
	}
	l.entry(names[contact], "person", "organizationalPerson", "contact")
	l.line("cn", contact)
	l.line("objectGUID", guid(0xc0, 1))
	l.WriteString("\n")
	for i := range groups {
		l.group(&groups[i], i, date, names)
	}
	return l.Bytes()
}

func (l *ldif) entry(dn string, classes ...string) {
	l.line("dn", dn)
	l.line("objectClass", "top")
	for _, c := range classes {
		l.line("objectClass", c)
	}
}

func (a *account) dn(date string) string {
	ou := a.ou
	if a.moves != "" && date >= a.moves {
		ou = a.to
	}
	return "CN=" + rdn(a.common()) + "," + ou
}

func (a *account) common() string {
	if a.display != "" {
		return a.display
	}
	return strings.TrimSuffix(a.name, "$")
}

func (l *ldif) account(a *account, n int, date string) {
	classes := []string{"person", "organizationalPerson", "user"}
	control, primary := 512, 513
	if a.system != "" {
		classes = append(classes, "computer")
		control, primary = 4096, 515
	}
	if a.disabledFrom != "" && date >= a.disabledFrom {
		control |= 2
	}
	l.entry(a.dn(date), classes...)
	l.line("cn", a.common())
	l.line("objectGUID", guid(0xa0, n))
	l.line("objectSid", sid(fmt.Sprintf("%s-%d", domainSID, 1200+n)))
	l.line("sAMAccountName", a.name)
	l.line("userAccountControl", strconv.Itoa(control))
	l.line("primaryGroupID", strconv.Itoa(primary))
	l.line("accountExpires", a.expiry())
	if a.system != "" {
		l.line("operatingSystem", a.system)
	} else {
		l.line("userPrincipalName", a.name+"@"+dnsName)
		l.line("displayName", a.display)
		l.line("mail", a.name+"@"+dnsName)
	}
	if a.employee != "" {
		l.line("employeeID", a.employee)
	}
	if a.mailbox {
		l.line("msExchMailboxGuid", guid(0xe0, n))
	}
	l.WriteString("\n")
}

// expiry is accountExpires: units of 100 ns since 1601.
func (a *account) expiry() string {
	if a.expires == "" {
		return "9223372036854775807"
	}
	t, err := time.ParseInLocation(time.DateOnly, a.expires, zone)
	if err != nil {
		panic(err)
	}
	return strconv.FormatInt((t.Unix()+11644473600)*1e7, 10)
}

func (l *ldif) group(g *group, n int, date string, names map[string]string) {
	l.entry(names[g.name], "group")
	l.line("cn", g.name)
	l.line("objectGUID", guid(0xb0, n))
	l.line("objectSid", sid(fmt.Sprintf("%s-%d", domainSID, 1500+n)))
	l.line("sAMAccountName", g.name)
	l.line("groupType", "-2147483646")
	for _, m := range g.members {
		if date < m.from || m.until != "" && date >= m.until {
			continue
		}
		dn, ok := names[m.name]
		if !ok {
			panic(g.name + " names " + m.name + ", which is not there on " + date)
		}
		l.line("member", dn)
	}
	l.WriteString("\n")
}

// guid numbers an object: identifiers sort as the numbers do.
func guid(kind byte, n int) string {
	return string([]byte{0x20, 0x26, 0x09, 0x10, 0x26, 0x20, 0x10, 0x40, 0x80, 0x00, 0xd0, 0x01, 0x4e, kind, byte(n >> 8), byte(n)})
}

// sid is a security identifier as the directory holds it.
func sid(text string) string {
	parts := strings.Split(text, "-")[2:]
	b := []byte{1, byte(len(parts) - 1), 0, 0, 0, 0, 0}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			panic(err)
		}
		if i == 0 {
			b = append(b, byte(n))
			continue
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return string(b)
}
