package directory

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// A domain controller tells the metadata of an object whole: some 35 attributes of
// an account, of which three count, and every membership of a group, most of them of
// years ago. The LDAP library copies each value half a dozen times before it can be
// looked at. thin stands between the connection and the library, and leaves out of
// the answers' entries what would be left out in the end: values of these two
// attributes alone, in the text form, which it understands at a glance. Whatever else
// comes goes through as it came.
type thin struct {
	net.Conn
	in    *bufio.Reader
	out   []byte // what is ready
	pass  int    // bytes that go through unseen
	room  bytes.Buffer
	since atomic.Int64 // seconds since 1970: links changed before are left out; 0: nothing is
}

// maxThinned is how large an answer may be that is looked at.
const maxThinned = 64 << 20

func newThin(c net.Conn) *thin { return &thin{Conn: c, in: bufio.NewReaderSize(c, 64<<10)} }

// leaveOut says from when on changes of links are of interest; it is called before
// what it is for is asked.
func (t *thin) leaveOut(since time.Time) { t.since.Store(since.Unix()) }

// Read implements net.Conn.
func (t *thin) Read(p []byte) (int, error) {
	if len(t.out) == 0 && t.pass == 0 {
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	if len(t.out) > 0 {
		n := copy(p, t.out)
		t.out = t.out[n:]
		return n, nil
	}
	n, err := t.in.Read(p[:min(len(p), t.pass)])
	t.pass -= n
	return n, err
}

// next looks at the message that begins.
func (t *thin) next() error {
	head, err := t.in.Peek(2)
	if err != nil {
		if len(head) > 0 { // whoever reads finds it broken off
			t.pass = len(head)
			return nil
		}
		return err
	}
	size := 2
	if head[1] >= 0x80 {
		size += int(head[1] & 0x7f)
	}
	if head, err = t.in.Peek(min(size, 10)); err != nil || head[0] != 0x30 {
		t.pass = max(len(head), 1)
		return nil
	}
	body, rest, ok := element(head)
	length := body.length
	if !ok || len(rest) > 0 {
		t.pass = len(head) // of no form that is known: the library decides
		return nil
	}
	since := t.since.Load()
	if since == 0 || length > maxThinned || length < 1<<10 {
		t.pass = len(head) + length
		return nil
	}
	t.room.Reset()
	_, err = io.CopyN(&t.room, t.in, int64(len(head)+length)) // no more room than what comes
	t.out = t.room.Bytes()
	if err == nil {
		t.out = thinned(t.out, time.Unix(since, 0).UTC())
	}
	return nil
}

// tlv is an element of an answer: its tag, and its content as far as it is there.
type tlv struct {
	tag     byte
	length  int // of the content
	content []byte
	whole   []byte
}

// element takes one off; false where it has a form that LDAP servers do not use.
// Where the content is cut off, only the header is taken.
func element(v []byte) (e tlv, rest []byte, ok bool) {
	if len(v) < 2 || v[0]&0x1f == 0x1f {
		return e, nil, false
	}
	size := 2
	e.tag, e.length = v[0], int(v[1])
	if v[1] >= 0x80 {
		n := int(v[1] & 0x7f)
		if n == 0 || n > 4 || len(v) < 2+n {
			return e, nil, false
		}
		var b [4]byte
		copy(b[4-n:], v[2:2+n])
		length := binary.BigEndian.Uint32(b[:])
		if length > 1<<30 {
			return e, nil, false
		}
		e.length, size = int(length), 2+n
	}
	if end := size + e.length; end <= len(v) {
		e.content, e.whole = v[size:end], v[:end]
		return e, v[end:], true
	}
	return e, v[size:], true
}

// thinned is an answer without the values that are of no interest: the same bytes
// where there are none, or where it is no entry.
func thinned(message []byte, since time.Time) []byte {
	m, rest, ok := element(message)
	if !ok || len(rest) > 0 || m.whole == nil {
		return message
	}
	id, rest, ok := element(m.content)
	if !ok || id.whole == nil {
		return message
	}
	op, controls, ok := element(rest)
	if !ok || op.whole == nil || op.tag != 0x64 {
		return message
	}
	name, rest, ok := element(op.content)
	if !ok || name.whole == nil {
		return message
	}
	list, rest, ok := element(rest)
	if !ok || list.whole == nil || len(rest) > 0 {
		return message
	}
	mark := since.Format("2006-01-02T15:04:05Z")
	var attributes [][]byte
	fewer := false
	for rest := list.content; len(rest) > 0; {
		var a tlv
		if a, rest, ok = element(rest); !ok || a.whole == nil {
			return message
		}
		kept, less, ok := thinAttribute(a.content, mark)
		if !ok {
			return message
		}
		if less {
			a.whole, fewer = wrap(a.tag, kept...), true
		}
		attributes = append(attributes, a.whole)
	}
	if !fewer {
		return message
	}
	return wrap(m.tag, id.whole, wrap(op.tag, name.whole, wrap(list.tag, attributes...)), controls)
}

// thinAttribute is an attribute's name and values without those that are of no
// interest, where less says that there are some.
func thinAttribute(v []byte, since string) (parts [][]byte, less, ok bool) {
	name, rest, ok := element(v)
	if !ok || name.whole == nil {
		return nil, false, false
	}
	kind, options, _ := strings.Cut(string(name.content), ";")
	var idle func([]byte) bool
	switch {
	case strings.Contains(options, "binary"):
		return nil, false, true
	case strings.EqualFold(kind, attributeStamps):
		idle = idleStamp
	case strings.EqualFold(kind, attributeLinks):
		idle = func(v []byte) bool { return idleLink(v, since) }
	default:
		return nil, false, true
	}
	set, rest, ok := element(rest)
	if !ok || set.whole == nil || len(rest) > 0 {
		return nil, false, false
	}
	var kept [][]byte
	var one []byte
	for rest := set.content; len(rest) > 0; {
		var x tlv
		if x, rest, ok = element(rest); !ok || x.whole == nil {
			return nil, false, false
		}
		if idle(x.content) {
			one, less = x.whole, true
			continue
		}
		kept = append(kept, x.whole)
	}
	if len(kept) == 0 && less { // so that it is seen that something is told
		kept = append(kept, one)
	}
	return [][]byte{name.whole, wrap(set.tag, kept...)}, less, true
}

// idleStamp says of a value that it is of an attribute that gives no access.
func idleStamp(v []byte) bool {
	name := ownAttribute(v)
	return name != nil && !counting(string(name)) && !strings.EqualFold(string(name), "isDeleted")
}

// idleLink says of a value that it is of a membership that was changed last before
// a moment. A name may hold anything: so the time must stand in it once.
func idleLink(v []byte, since string) bool {
	const outer, mark, form = "<DS_REPL_VALUE_META_DATA>", "<ftimeLastOriginatingChange>", "0000-00-00T00:00:00Z</"
	if !bytes.HasPrefix(v, []byte(outer)) {
		return false
	}
	at := bytes.Index(v, []byte(mark))
	if at < 0 || bytes.LastIndex(v, []byte(mark)) != at || len(v) < at+len(mark)+len(form) {
		return false
	}
	v = v[at+len(mark) : at+len(mark)+len(form)]
	for i := range form {
		if form[i] == '0' && (v[i] < '0' || v[i] > '9') || form[i] != '0' && v[i] != form[i] {
			return false
		}
	}
	return string(v[:4]) > "1601" && string(v[:len(since)]) < since
}

// wrap is an element of parts.
func wrap(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := make([]byte, 0, n+6)
	out = append(out, tag)
	switch {
	case n < 0x80:
		out = append(out, byte(n))
	default:
		out = append(out, 0x84)
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
