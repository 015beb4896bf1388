package directorytest

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"

	"splameter/internal/digest"
)

// firstRID is the relative identifier of a forest's first object.
const firstRID = 1101

// GUID is the objectGUID that WriteLDIF gives an object, as bytes: the same
// for the same forest, kind and id.
func (f *Forest) GUID(o *Object) [16]byte {
	sum := digest.Raw(f.DNS + "\x00" + o.Kind + "\x00" + o.ID())
	return [16]byte(sum[:16])
}

// RID is the relative identifier that WriteLDIF gives the object with that
// id, or a well-known one, or 0.
func (f *Forest) RID(id string) uint32 {
	switch id {
	case "Domain Users":
		return 513
	case "Domain Computers":
		return 515
	}
	for i := range f.Objects {
		if f.Objects[i].ID() == id {
			return firstRID + uint32(i)
		}
	}
	return 0
}

// WriteLDIF writes the forest as a complete export, as ldapsearch -LLL would:
// the same bytes for the same forest.
func WriteLDIF(w io.Writer, f *Forest) error {
	lw := &ldifWriter{w: bufio.NewWriter(w)}
	names := make(map[string]string, len(f.Objects))
	rids := make(map[string]uint32, len(f.Objects))
	for i := range f.Objects {
		o := &f.Objects[i]
		if o.Kind != Unit {
			names[o.ID()] = f.DN(o)
			rids[o.ID()] = firstRID + uint32(i)
		}
	}
	lw.line("version", "1")
	lw.end()
	label, _, _ := strings.Cut(f.DNS, ".")
	lw.entry(f.Base(), "domain", "domainDNS")
	lw.line("objectSid", string(sidBytes(f.SID)))
	lw.line("dc", label)
	lw.line("nETBIOSName", f.NetBIOS)
	lw.end()
	for i := range f.Objects {
		o := &f.Objects[i]
		lw.entry(f.DN(o), objectClasses[o.Kind]...)
		lw.object(f, o, sidBytes(fmt.Sprintf("%s-%d", f.SID, firstRID+i)), rids)
		for _, m := range o.Members {
			if sid, ok := strings.CutPrefix(m, "sid:"); ok {
				lw.line("member", "CN="+sid+",CN=ForeignSecurityPrincipals,"+f.Base())
				continue
			}
			name, ok := names[m]
			if !ok {
				return fmt.Errorf("group %s names %s, which the forest does not have", o.ID(), m)
			}
			lw.line("member", name)
		}
		lw.end()
	}
	if lw.err != nil {
		return lw.err
	}
	return lw.w.Flush()
}

var objectClasses = map[string][]string{
	Unit:     {"organizationalUnit"},
	User:     {"person", "organizationalPerson", "user"},
	Computer: {"person", "organizationalPerson", "user", "computer"},
	Managed:  {"person", "organizationalPerson", "user", "computer", "msDS-GroupManagedServiceAccount"},
	Contact:  {"person", "organizationalPerson", "contact"},
	Group:    {"group"},
}

type ldifWriter struct {
	w   *bufio.Writer
	err error
}

func (l *ldifWriter) object(f *Forest, o *Object, sid []byte, rids map[string]uint32) {
	if o.Kind == Unit {
		l.line("ou", o.Name)
		return
	}
	l.line("cn", o.Name)
	guid := f.GUID(o)
	l.line("objectGUID", string(guid[:]))
	l.line("displayName", o.Display)
	l.line("mail", o.Mail)
	for _, p := range o.Attributes {
		l.line(p.Name, p.Value)
	}
	if o.Kind == Contact {
		return
	}
	l.line("objectSid", string(sid))
	l.line("sAMAccountName", o.Account)
	if o.Kind == Group {
		l.line("groupType", "-2147483646")
		return
	}
	control, primary := 512, uint32(513)
	if o.Kind != User {
		control, primary = 4096, 515
	}
	if o.Disabled {
		control |= 2
	}
	if o.Primary != "" {
		primary = rids[o.Primary]
	}
	expires := o.Expires
	if expires == "" {
		expires = Never
	}
	l.line("userPrincipalName", o.UPN)
	l.line("userAccountControl", strconv.Itoa(control))
	l.line("primaryGroupID", strconv.FormatUint(uint64(primary), 10))
	l.line("accountExpires", expires)
	l.line("operatingSystem", o.System)
}

func (l *ldifWriter) entry(name string, classes ...string) {
	l.line("dn", name)
	l.line("objectClass", "top")
	for _, c := range classes {
		l.line("objectClass", c)
	}
}

// line writes an attribute, in base64 where RFC 2849 wants it, folded at 78
// characters. An attribute without a value is left out, as a directory does.
func (l *ldifWriter) line(name, value string) {
	if value == "" || l.err != nil {
		return
	}
	s := name + ": " + value
	if !safe(value) {
		s = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
	}
	for width := 78; len(s) > width; width = 77 {
		l.write(s[:width])
		l.write("\n ")
		s = s[width:]
	}
	l.write(s)
	l.write("\n")
}

func (l *ldifWriter) end() { l.write("\n") }

func (l *ldifWriter) write(s string) {
	if l.err == nil {
		_, l.err = l.w.WriteString(s)
	}
}

func safe(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] == 0 || v[i] == '\n' || v[i] == '\r' || v[i] >= 0x80 {
			return false
		}
	}
	return v[0] != ' ' && v[0] != ':' && v[0] != '<' && v[len(v)-1] != ' '
}

// sidBytes is a SID as the directory holds it.
func sidBytes(sid string) []byte {
	parts := strings.Split(sid, "-")[2:]
	b := []byte{1, byte(len(parts) - 1), 0, 0, 0, 0, 0, 0}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			panic("the forest's SID is none: " + sid) // a fault in the test itself
		}
		if i == 0 {
			b[7] = byte(n)
			continue
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}
