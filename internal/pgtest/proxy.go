package pgtest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is a line to a server: it delays every answer, counts how often what
// is said turns from the server to the client and back, and can be cut.
type Proxy struct {
	Addr  string
	Turns atomic.Int64 // round trips so far
	// CutAfter is how many bytes of the client's still go through before every
	// connection is cut; negative: no cut.
	CutAfter atomic.Int64

	delay time.Duration
	to    string
	mu    sync.Mutex
	conns map[net.Conn]bool
}

// NewProxy starts one before a server; it ends with the test.
func NewProxy(t testing.TB, to string, delay time.Duration) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), delay: delay, to: to, conns: map[net.Conn]bool{}}
	p.CutAfter.Store(-1)
	t.Cleanup(func() { l.Close(); p.Cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var answered atomic.Bool
	answered.Store(true)
	type chunk struct {
		b   []byte
		due time.Time
	}
	back := make(chan chunk, 1024)
	go func() {
		defer client.Close()
		for c := range back {
			time.Sleep(time.Until(c.due))
			if _, err := client.Write(c.b); err != nil {
				server.Close()
			}
		}
	}()
	go func() {
		defer close(back)
		for {
			b := make([]byte, 64<<10)
			n, err := server.Read(b)
			if n > 0 {
				answered.Store(true)
				back <- chunk{b[:n], time.Now().Add(p.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	defer server.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := client.Read(b)
		if n > 0 {
			if answered.Swap(false) {
				p.Turns.Add(1)
			}
			if left := p.CutAfter.Load(); left >= 0 && p.CutAfter.Add(-int64(n)) < 0 {
				p.CutAfter.Store(-1)
				p.Cut()
				return
			}
			if _, err := server.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
