package directorytest

import (
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// The limits of a domain controller on Windows that Samba does not have.
const (
	maxPageSize = 1000 // entries in an answer
	maxValRange = 1500 // values of an attribute in an entry
)

// Faults are what a proxy does wrong, and its limits. The zero value does
// nothing wrong and has the limits of Windows.
type Faults struct {
	MaxPage  int // entries in an answer, instead of 1,000
	MaxRange int // values of an attribute in an entry, instead of 1,500
	// Metadata, where it is set, is told as Windows tells it and Samba does not:
	// as text, in ranges where it is asked for so.
	Metadata *Metadata

	CutAfter    int  // entries after which the connection is cut
	StallAfter  int  // entries after which nothing comes any more
	NoPageEnd   bool // the paging control of the answer is left out
	ForgetPages int  // how many requests for a further page are refused with unwillingToPerform
	Restless    int  // how many ranges of members come from a group that changed meanwhile
}

// Proxy stands before a domain controller and makes it as strict as Windows.
type Proxy struct {
	Addr   string // host and port, for LDAPS with the domain controller's certificate
	Closed chan struct{}
	// Seen counts what clients did, for tests that prove that a limit was met.
	Clamped, Ranges, Stopped atomic.Int32
	// Stalled is closed when the proxy has fallen silent.
	Stalled chan struct{}

	upstream string
	faults   Faults
	forget   atomic.Int32
	restless atomic.Int32
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
	done     sync.WaitGroup
	closed   sync.Once
	stalled  sync.Once
}

// NewProxy starts a proxy before dc. Closed is closed when the first client's
// connection ended.
func NewProxy(dc *DC, faults Faults) (*Proxy, error) {
	if faults.MaxPage == 0 {
		faults.MaxPage = maxPageSize
	}
	if faults.MaxRange == 0 {
		faults.MaxRange = maxValRange
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(dc.Dir, "tls", "cert.pem"), filepath.Join(dc.Dir, "tls", "key.pem"))
	if err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", net.JoinHostPort(dc.Addr, "0"), &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, err
	}
	p := &Proxy{Addr: l.Addr().String(), Closed: make(chan struct{}), Stalled: make(chan struct{}), upstream: net.JoinHostPort(dc.Addr, "636"), faults: faults, listener: l}
	p.forget.Store(int32(faults.ForgetPages))
	p.restless.Store(int32(faults.Restless))
	p.done.Go(p.accept)
	return p, nil
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	for _, c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		// The proxy and the server are one machine of this test's own making.
		server, err := tls.Dial("tcp", p.upstream, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		l := &link{proxy: p, client: client, server: server, searches: map[string]*searching{}}
		p.done.Go(l.requests)
		p.done.Go(l.answers)
	}
}

// link is one connection through the proxy.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	write          sync.Mutex // of the client
	mu             sync.Mutex
	searches       map[string]*searching // by message id
	entries        int
}

// searching is what a client asked in one search.
type searching struct {
	plain    map[string]bool // multi-valued attributes that were asked for without a range
	unpaged  bool
	versions bool              // asked for uSNChanged
	metadata map[string]string // asked for, with the range
	entries  int
	stopped  bool
}

func (l *link) end() {
	l.client.Close()
	l.server.Close()
	l.proxy.closed.Do(func() { close(l.proxy.Closed) })
}

func with(p *ber.Packet, children []*ber.Packet) *ber.Packet {
	n := ber.Encode(p.ClassType, p.TagType, p.Tag, nil, "")
	for _, c := range children {
		n.AppendChild(c)
	}
	return n
}

func text(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func (l *link) requests() {
	defer l.end()
	for {
		m, err := ber.ReadPacket(l.client)
		if err != nil {
			return
		}
		if len(m.Children) > 1 && m.Children[1].ClassType == ber.ClassApplication && m.Children[1].Tag == 3 {
			if m = l.request(m); m == nil {
				continue
			}
		}
		if _, err := l.server.Write(m.Bytes()); err != nil {
			return
		}
	}
}

// request rewrites a search as Windows would understand it, or answers it and
// returns nil.
func (l *link) request(m *ber.Packet) *ber.Packet {
	search := m.Children[1]
	s := &searching{plain: map[string]bool{}, metadata: map[string]string{}, unpaged: search.Children[1].Value != int64(0)}
	var wanted []*ber.Packet
	for _, a := range search.Children[7].Children {
		name, option, ranged := strings.Cut(string(a.ByteValue), ";")
		lower := strings.ToLower(name)
		switch {
		case lower == "usnchanged":
			s.versions = true
		case lower == "msds-replvaluemetadata" || lower == "msds-replattributemetadata":
			if option == "" {
				option = "range=0-*"
			}
			s.metadata[name] = l.clamp(option)
		case lower != "member" && lower != "memberof":
		case !ranged:
			s.plain[lower] = true
			a = text(fmt.Sprintf("%s;range=0-%d", name, l.proxy.faults.MaxRange-1))
		default:
			a = text(name + ";" + l.clamp(option))
		}
		wanted = append(wanted, a)
	}
	children := append([]*ber.Packet{}, search.Children...)
	children[7] = with(search.Children[7], wanted)
	parts := append([]*ber.Packet{}, m.Children...)
	parts[1] = with(search, children)
	if len(parts) > 2 {
		var controls []*ber.Packet
		for _, c := range parts[2].Children {
			if string(c.Children[0].ByteValue) == pagingOID {
				s.unpaged = false
				size, cookie := pageOf(c)
				if cookie != "" && l.proxy.forget.Add(-1) >= 0 {
					l.send(done(m.Children[0], 53, "the cookie is not known"))
					return nil
				}
				if limit := int64(l.proxy.faults.MaxPage); size > limit {
					l.proxy.Clamped.Add(1)
					size = limit
				}
				c = paging(size, cookie)
			}
			controls = append(controls, c)
		}
		parts[2] = with(parts[2], controls)
	}
	l.mu.Lock()
	l.searches[string(m.Children[0].ByteValue)] = s
	l.mu.Unlock()
	return with(m, parts)
}

// clamp cuts a range that was asked for down to what Windows gives at once.
func (l *link) clamp(option string) string {
	l.proxy.Ranges.Add(1)
	from, to, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(option), "range="), "-")
	first, _ := strconv.Atoi(from)
	last, err := strconv.Atoi(to)
	if limit := first + l.proxy.faults.MaxRange - 1; err != nil || last > limit {
		last = limit
	}
	return fmt.Sprintf("range=%d-%d", first, last)
}

func (l *link) answers() {
	defer l.end()
	for {
		m, err := ber.ReadPacket(l.server)
		if err != nil {
			return
		}
		if len(m.Children) < 2 {
			return
		}
		l.mu.Lock()
		s := l.searches[string(m.Children[0].ByteValue)]
		l.mu.Unlock()
		op := m.Children[1]
		switch {
		case s == nil:
		case op.ClassType == ber.ClassApplication && op.Tag == 4: // an entry
			if s.stopped {
				continue
			}
			if s.unpaged && s.entries == l.proxy.faults.MaxPage {
				s.stopped = true
				l.proxy.Stopped.Add(1)
				m = done(m.Children[0], 4, "size limit exceeded")
				break
			}
			s.entries++
			l.entries++
			m = l.entry(m, s)
			if f := l.proxy.faults; l.entries == f.CutAfter {
				return
			} else if l.entries == f.StallAfter {
				l.proxy.stalled.Do(func() { close(l.proxy.Stalled) })
				for { // swallow what comes until somebody hangs up
					if _, err := ber.ReadPacket(l.server); err != nil {
						return
					}
				}
			}
		case op.ClassType == ber.ClassApplication && op.Tag == 5: // the end
			if s.stopped {
				continue
			}
			if l.proxy.faults.NoPageEnd && len(m.Children) > 2 {
				m = with(m, m.Children[:2])
			}
		}
		if err := l.send(m); err != nil {
			return
		}
	}
}

// entry gives multi-valued attributes the shape that Windows gives them.
func (l *link) entry(m *ber.Packet, s *searching) *ber.Packet {
	op := m.Children[1]
	var attributes []*ber.Packet
	for _, a := range op.Children[1].Children {
		full := string(a.Children[0].ByteValue)
		name, option, ranged := strings.Cut(full, ";")
		lower := strings.ToLower(name)
		switch {
		case ranged && s.plain[lower] && option == "range=0-*":
			a = with(a, []*ber.Packet{text(name), a.Children[1]})
		case ranged && s.plain[lower]:
			attributes = append(attributes, with(a, []*ber.Packet{text(name), with(a.Children[1], nil)}))
		case lower == "usnchanged" && s.versions && l.proxy.restless.Add(-1) >= 0:
			a = with(a, []*ber.Packet{a.Children[0], with(a.Children[1], []*ber.Packet{text(strconv.Itoa(l.entries))})})
		}
		attributes = append(attributes, a)
	}
	for name, option := range s.metadata {
		if a := l.metadata(string(op.Children[0].ByteValue), name, option); a != nil {
			attributes = append(attributes, a)
		}
	}
	parts := append([]*ber.Packet{}, m.Children...)
	parts[1] = with(op, []*ber.Packet{op.Children[0], with(op.Children[1], attributes)})
	return with(m, parts)
}

func (l *link) send(m *ber.Packet) error {
	l.write.Lock()
	defer l.write.Unlock()
	_, err := l.client.Write(m.Bytes())
	return err
}

const pagingOID = "1.2.840.113556.1.4.319"

// pageOf reads a paging control.
func pageOf(control *ber.Packet) (size int64, cookie string) {
	value, err := ber.DecodePacketErr(control.Children[len(control.Children)-1].ByteValue)
	if err != nil || len(value.Children) != 2 {
		return 0, ""
	}
	size, _ = value.Children[0].Value.(int64)
	return size, string(value.Children[1].ByteValue)
}

func paging(size int64, cookie string) *ber.Packet {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, size, ""))
	value.AppendChild(text(cookie))
	control := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	control.AppendChild(text(pagingOID))
	control.AppendChild(text(string(value.Bytes())))
	return control
}

// done is the end of a search with a result code.
func done(id *ber.Packet, code int64, message string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 5, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(text(""))
	op.AppendChild(text(message))
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(id)
	m.AppendChild(op)
	return m
}

// metadata is a range of an object's metadata as an attribute; nil where there is
// none.
func (l *link) metadata(object, name, option string) *ber.Packet {
	m := l.proxy.faults.Metadata
	if m == nil {
		return nil
	}
	list := m.text(name, object)
	var first, last int
	if _, err := fmt.Sscanf(option, "range=%d-%d", &first, &last); err != nil || first >= len(list) {
		return nil
	}
	if last >= len(list)-1 {
		last, option = len(list)-1, fmt.Sprintf("range=%d-*", first)
	}
	values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for i := first; i <= last; i++ {
		values.AppendChild(text(list[i]))
	}
	out := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	out.AppendChild(text(name + ";" + option))
	out.AppendChild(values)
	return out
}
