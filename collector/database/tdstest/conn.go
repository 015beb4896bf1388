package tdstest

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf16"
)

// The packet types.
const (
	packBatch     = 1
	packRPC       = 3
	packReply     = 4
	packAttention = 6
	packTM        = 14
	packLogin     = 16
	packPrelogin  = 18
	maxMessage    = 64 << 20
	replySize     = 4096
	statusEnd     = 1
	tokenError    = 0xAA
	tokenLoginAck = 0xAD
	tokenEnv      = 0xE3
	tokenDone     = 0xFD
	tokenDoneProc = 0xFE
	tokenDoneIn   = 0xFF
	tokenColumns  = 0x81
	tokenRow      = 0xD1
	tokenNullRow  = 0xD2
	tokenReturn   = 0x79
	doneMore      = 0x01
	doneError     = 0x02
	doneCount     = 0x10
	doneAttention = 0x20
	envPacketSize = 4
	envBegin      = 8
	envCommit     = 9
	envRollback   = 10
	tmBegin       = 5
	tmCommit      = 7
	tmRollback    = 8

	isolationSnapshot = 5

	preloginEnd    = 0xFF
	encryptAlways  = 3
	fieldEncrypt   = 1
	procExecuteSQL = 10
)

// conn is one client.
type conn struct {
	s      *Server
	n      int
	rw     io.ReadWriter
	raw    net.Conn
	out    []byte
	failed error
	tran   uint64

	mu        sync.Mutex // of what the reader tells the replier
	attention bool
	attended  chan struct{}
}

type message struct {
	kind byte
	body []byte
}

func serve(s *Server, raw net.Conn, n int) {
	c := &conn{s: s, n: n, raw: raw, rw: raw}
	if c.greet() != nil || c.login() != nil {
		return
	}
	in := make(chan message)
	go func() {
		defer close(in)
		for {
			m, err := readMessage(c.rw)
			if err != nil {
				c.attend() // nobody waits for the rest any more
				return
			}
			if m.kind == packAttention {
				c.attend()
			}
			select {
			case in <- m:
			case <-s.closed:
				return
			}
		}
	}()
	for m := range in {
		if m.kind == packAttention {
			c.done(tokenDone, doneAttention, 0)
			c.mu.Lock()
			c.attention, c.attended = false, nil
			c.mu.Unlock()
		} else if !c.answer(m) {
			raw.Close()
		}
		if c.flush(true) != nil {
			raw.Close()
		}
	}
}

// attend notes that the client wants the statement at hand to end.
func (c *conn) attend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attention = true
	if c.attended != nil {
		close(c.attended)
		c.attended = nil
	}
}

// waiting is closed when the client wants no more.
func (c *conn) waiting() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{})
	if c.attention {
		close(ch)
	} else {
		c.attended = ch
	}
	return ch
}

func (c *conn) wanted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.attention
}

// readMessage reads the packets of one message.
func readMessage(r io.Reader) (m message, err error) {
	var head [8]byte
	for {
		if _, err = io.ReadFull(r, head[:]); err != nil {
			return m, err
		}
		n := int(binary.BigEndian.Uint16(head[2:])) - len(head)
		if n < 0 || len(m.body)+n > maxMessage {
			return m, errors.New("a packet has no length that it can have")
		}
		m.kind = head[0]
		at := len(m.body)
		m.body = append(m.body, make([]byte, n)...)
		if _, err = io.ReadFull(r, m.body[at:]); err != nil {
			return m, err
		}
		if head[1]&statusEnd != 0 {
			return m, nil
		}
	}
}

// flush sends what was composed; the end of a message, or full packets only.
func (c *conn) flush(end bool) error {
	for len(c.out) > replySize-8 || end && len(c.out) > 0 {
		n := min(len(c.out), replySize-8)
		last := byte(0)
		if end && n == len(c.out) {
			last = statusEnd
		}
		packet := append([]byte{packReply, last, 0, 0, 0, 0, 1, 0}, c.out[:n]...)
		binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
		if _, err := c.rw.Write(packet); err != nil && c.failed == nil {
			c.failed = err
		}
		c.out = c.out[n:]
	}
	return c.failed
}

// greet answers the client's first message and begins TLS, whose handshake
// travels inside packets. It is held to TLS 1.2, since 1.3 sends more after
// the handshake.
func (c *conn) greet() error {
	c.raw.SetDeadline(time.Now().Add(patience))
	m, err := readMessage(c.raw)
	if err != nil || m.kind != packPrelogin {
		return errors.Join(err, errors.New("no greeting"))
	}
	// version, encryption and their ends; then the values
	fields := []byte{0, 0, 11, 0, 6, fieldEncrypt, 0, 17, 0, 1, preloginEnd,
		16, 0, 0x10, 0, 0, 0, encryptAlways}
	c.out = fields
	if err := c.flush(true); err != nil {
		return err
	}
	wrapped := &handshake{Conn: c.raw}
	t := tls.Server(wrapped, &tls.Config{Certificates: []tls.Certificate{c.s.cert}, MaxVersion: tls.VersionTLS12})
	if err := t.Handshake(); err != nil {
		return err
	}
	if err := wrapped.finish(); err != nil {
		return err
	}
	c.rw = t
	c.raw.SetDeadline(time.Time{})
	return nil
}

// handshake wraps TLS records into packets until it is finished.
type handshake struct {
	net.Conn
	out  []byte
	left int
	done bool
}

func (h *handshake) Read(b []byte) (int, error) {
	if h.done {
		return h.Conn.Read(b)
	}
	if err := h.flush(); err != nil {
		return 0, err
	}
	for h.left == 0 {
		var head [8]byte
		if _, err := io.ReadFull(h.Conn, head[:]); err != nil {
			return 0, err
		}
		if head[0] != packPrelogin {
			return 0, errors.New("no handshake")
		}
		h.left = int(binary.BigEndian.Uint16(head[2:])) - len(head)
	}
	n, err := h.Conn.Read(b[:min(len(b), h.left)])
	h.left -= n
	return n, err
}

func (h *handshake) Write(b []byte) (int, error) {
	if h.done {
		return h.Conn.Write(b)
	}
	h.out = append(h.out, b...)
	return len(b), nil
}

func (h *handshake) flush() error {
	if len(h.out) == 0 {
		return nil
	}
	packet := append([]byte{packPrelogin, statusEnd, 0, 0, 0, 0, 1, 0}, h.out...)
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	h.out = nil
	_, err := h.Conn.Write(packet)
	return err
}

func (h *handshake) finish() error {
	err := h.flush()
	h.done = true
	return err
}

// login reads LOGIN7 and takes or refuses it.
func (c *conn) login() error {
	m, err := readMessage(c.rw)
	if err != nil {
		return err
	}
	b := m.body
	if m.kind != packLogin || len(b) < 94 {
		return errors.New("no login")
	}
	text := func(at int) string {
		from, n := int(binary.LittleEndian.Uint16(b[at:])), int(binary.LittleEndian.Uint16(b[at+2:]))
		if from+2*n > len(b) {
			return ""
		}
		return ucs2(b[from : from+2*n])
	}
	l := Login{Host: text(36), User: text(40), App: text(48), Server: text(52), Database: text(68), ReadOnly: b[26]&0x20 != 0}
	if from, n := int(binary.LittleEndian.Uint16(b[44:])), int(binary.LittleEndian.Uint16(b[46:])); from+2*n <= len(b) {
		p := append([]byte(nil), b[from:from+2*n]...)
		for i := range p { // swapped halves, each inverted by a constant
			p[i] ^= 0xA5
			p[i] = p[i]<<4 | p[i]>>4
		}
		l.Password = ucs2(p)
	}
	c.s.mu.Lock()
	c.s.logins = append(c.s.logins, l)
	c.s.mu.Unlock()
	if c.s.opt.Login != nil {
		if e := c.s.opt.Login(l); e != nil {
			c.fault(e)
			c.done(tokenDone, doneError, 0)
			c.flush(true)
			return errors.New("refused")
		}
	}
	name := wide("Microsoft SQL Server")
	ack := append([]byte{1, 0x74, 0, 0, 4, byte(len(name) / 2)}, name...)
	ack = append(ack, 16, 0, 0x10, 0)
	c.token(tokenLoginAck, ack)
	size := append([]byte{envPacketSize, 4}, wide("4096")...)
	c.token(tokenEnv, append(append(size, 4), wide("4096")...))
	c.done(tokenDone, 0, 0)
	return c.flush(true)
}

// token composes a token whose length goes before it.
func (c *conn) token(kind byte, body []byte) {
	c.out = append(c.out, kind)
	c.out = binary.LittleEndian.AppendUint16(c.out, uint16(len(body)))
	c.out = append(c.out, body...)
}

func (c *conn) done(kind byte, status uint16, rows int64) {
	c.out = append(c.out, kind)
	c.out = binary.LittleEndian.AppendUint16(c.out, status)
	c.out = append(c.out, 0, 0)
	c.out = binary.LittleEndian.AppendUint64(c.out, uint64(rows))
}

func (c *conn) fault(e *Error) {
	class := e.Class
	if class == 0 {
		class = 16
	}
	text := wide(e.Message)
	b := binary.LittleEndian.AppendUint32(nil, uint32(e.Number))
	b = append(b, 1, class)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(text)/2))
	b = append(b, text...)
	b = append(b, 0, 0)       // server and procedure
	b = append(b, 1, 0, 0, 0) // line
	c.token(tokenError, b)
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func ucs2(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}
