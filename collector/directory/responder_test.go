package directory

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// responder answers the searches of a reading with entries that it made before. It
// speaks just enough LDAP for that, and costs next to nothing.
type responder struct {
	listener      net.Listener
	at            time.Time
	usn           int64
	invocation    string
	people, teams [][]byte          // entries of the passes of accounts and of groups
	names         map[string][]byte // of objects by their objectGUID
	told          map[string][]byte // an attribute with their metadata
	stamps        []byte            // that of all that have none of their own

	mu    sync.Mutex
	asked []string // the objectGUIDs of which metadata was asked for
}

func newResponder(tb testing.TB) *responder {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	r := &responder{listener: l, at: time.Date(2026, 10, 12, 8, 0, 0, 0, time.UTC), usn: 2_000_000, invocation: "0123456789abcdef", names: map[string][]byte{}, told: map[string][]byte{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(c)
		}
	}()
	return r
}

// rawOf is the objectGUID of the object of a kind with a number.
func rawOf(kind byte, i int) string {
	return string(append([]byte{kind, 0, 0, 0}, fmt.Sprintf("%012d", i)...))
}

func (r *responder) connect(tb testing.TB) *session {
	c, err := net.Dial("tcp", r.listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	s := &session{server: "dc", name: "dc", page: defaultPage}
	s.ctx, s.cancel = context.WithCancelCause(tb.Context())
	s.raw = newWatched(c, time.Minute, func() { s.cancel(io.ErrUnexpectedEOF) })
	s.free = context.AfterFunc(s.ctx, func() { s.raw.Close() })
	s.start(s.raw, false)
	return s
}

func (r *responder) serve(c net.Conn) {
	defer c.Close()
	for {
		m, err := ber.ReadPacket(c)
		if err != nil || len(m.Children) < 2 || m.Children[1].Tag != 3 {
			return
		}
		id, _ := m.Children[0].Value.(int64)
		ask := m.Children[1]
		base := string(ask.Children[0].ByteValue)
		filter, _ := ldap.DecompileFilter(ask.Children[6])
		cookie := ""
		if len(m.Children) > 2 {
			for _, control := range m.Children[2].Children {
				if string(control.Children[0].ByteValue) == ldap.ControlTypePaging {
					value := ber.DecodePacket(control.Children[len(control.Children)-1].ByteValue)
					cookie = string(value.Children[1].ByteValue)
				}
			}
		}
		list := func(all [][]byte) {
			from, _ := strconv.Atoi(cookie)
			to := min(from+1000, len(all))
			next := ""
			if to < len(all) {
				next = strconv.Itoa(to)
			}
			r.page(c, id, all[from:to], next)
		}
		switch {
		case base == "":
			r.page(c, id, [][]byte{entryOf("", []string{"defaultNamingContext", "DC=host1,DC=example", "configurationNamingContext", "CN=Configuration,DC=host1,DC=example",
				"dnsHostName", "dc2.host1.example", "dsServiceName", "CN=NTDS Settings,CN=DC2", "highestCommittedUSN", strconv.FormatInt(r.usn, 10)})}, "")
		case base == "CN=NTDS Settings,CN=DC2":
			r.page(c, id, [][]byte{entryOf(base, []string{"invocationId", r.invocation})}, "")
		case ask.Children[1].Value == int64(0):
			r.page(c, id, [][]byte{entryOf(base, []string{"objectClass", "domainDNS", "objectSid", "S-1-5-21-1-2-3"})}, "")
		case filter == filterAccounts:
			list(r.people)
		case filter == filterGroups:
			list(r.teams)
		case strings.HasPrefix(filter, "(|(objectGUID="):
			var out net.Buffers
			for _, part := range strings.Split(filter, "(objectGUID=")[1:] {
				raw := unescaped(strings.TrimRight(part, ")"))
				own, ok := r.told[raw]
				if !ok {
					own = r.stamps
				}
				r.mu.Lock()
				r.asked = append(r.asked, raw)
				r.mu.Unlock()
				out = append(out, ahead(id, entryOf(string(r.names[raw]), []string{"objectGUID", raw}), len(own)), own)
			}
			out.WriteTo(c)
			r.page(c, id, nil, "")
		default:
			r.page(c, id, nil, "")
		}
	}
}

// ahead is the beginning of a message with an entry of which more attributes come,
// of that size: what is large is not copied.
func ahead(id int64, entry []byte, more int) []byte {
	op, _, _ := element(entry)
	name, rest, _ := element(op.content)
	list, _, _ := element(rest)
	long := func(tag byte, n int) []byte {
		return []byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	number := wrap(2, []byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)})
	inner := len(list.content) + more
	out := long(0x30, len(number)+6+len(name.whole)+6+inner)
	out = append(append(out, number...), long(0x64, len(name.whole)+6+inner)...)
	out = append(append(out, name.whole...), long(list.tag, inner)...)
	return append(out, list.content...)
}

// unescaped undoes the escapes of a filter.
func unescaped(v string) string {
	var out []byte
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+2 < len(v) {
			if b, err := hex.DecodeString(v[i+1 : i+3]); err == nil {
				out = append(out, b...)
				i += 2
				continue
			}
		}
		out = append(out, v[i])
	}
	return string(out)
}

// page writes entries and their end.
func (r *responder) page(w io.Writer, id int64, entries [][]byte, next string) {
	var out []byte
	number := wrap(2, []byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)})
	for _, e := range entries {
		out = append(out, wrap(0x30, number, e)...)
		if len(out) > 1<<20 {
			w.Write(out)
			out = out[:0]
		}
	}
	value := wrap(0x30, wrap(2, []byte{0}), wrap(4, []byte(next)))
	control := wrap(0xA0, wrap(0x30, wrap(4, []byte(ldap.ControlTypePaging)), wrap(4, value)))
	w.Write(append(out, wrap(0x30, number, wrap(0x65, wrap(10, []byte{0}), wrap(4), wrap(4)), control)...))
}

func entryOf(dn string, pairs []string, more ...[]byte) []byte {
	var attributes [][]byte
	for i := 0; i < len(pairs); i += 2 {
		values := [][]byte{[]byte(pairs[i+1])}
		if pairs[i+1] == "top" {
			values = append(values, []byte("person"), []byte("organizationalPerson"), []byte("user"))
		}
		attributes = append(attributes, attributeOf(pairs[i], values...))
	}
	return wrap(0x64, wrap(4, []byte(dn)), wrap(0x30, append(attributes, more...)...))
}

func attributeOf(name string, values ...[]byte) []byte {
	var set [][]byte
	for _, v := range values {
		set = append(set, wrap(4, v))
	}
	return wrap(0x30, wrap(4, []byte(name)), wrap(0x31, set...))
}
