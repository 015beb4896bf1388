// Package tdstest answers a SQL Server client in the same process, for tests:
// it speaks as much of the TDS protocol as go-mssqldb needs, records every
// statement with its parameters and their types, and replies as a script
// says. It runs no SQL, so it proves texts, types and behaviour on the wire,
// and never that a statement is valid.
package tdstest

import (
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Column is one column of a reply.
type Column struct {
	Name string
	Type Type
}

// Type is a column's type on the wire. Every one of them may be NULL.
type Type byte

// The types that a reply can have.
const (
	Int         Type = iota // 4 bytes
	BigInt                  // 8 bytes
	TinyInt                 // 1 byte, without sign
	Bit                     // bool
	NVarChar                // up to 4,000 characters
	NVarCharMax             // of any length
	VarBinary               // up to 8,000 bytes
	VarBinaryMax
	GUID     // 16 bytes, as they travel
	DateTime // time.Time; its clock is sent, its zone is not
	Float    // 8 bytes
)

// Reply is what one statement is answered with.
type Reply struct {
	Columns []Column
	Rows    [][]any // nil is NULL
	Count   int     // how many more rows there are, made by Row
	Row     func(i int) []any
	Changed int64 // rows changed, for a statement without columns
	Return  int32 // a procedure's return status

	Error *Error // after the rows, or in place of them
	// DropAfter breaks the connection once that many rows were sent; 0 never.
	DropAfter int
	// Drop breaks it before anything is sent.
	Drop bool
	// Wait is waited for before the first row; the client's attention ends
	// the wait, unless Deaf: then nothing does but closing the server.
	Wait <-chan struct{}
	Deaf bool
	// Sent is called after each row.
	Sent func(rows int)
}

// Error is an error of the server.
type Error struct {
	Number  int32
	Class   byte // 0 is 16; above 20 the server breaks the connection
	Message string
}

// Param is one parameter of a statement.
type Param struct {
	Name  string
	Type  string // as declared, such as nvarchar(4) or bigint
	Value any    // nil for NULL; int64, string, []byte, bool, float64, or time.Time
}

// Statement is something that a client sent.
type Statement struct {
	Text   string // SQL, a procedure's name, or BEGIN, BEGIN SNAPSHOT, COMMIT, ROLLBACK
	Kind   string // batch, rpc, procedure or transaction
	Params []Param
	Conn   int // which connection, counted from 1
}

// Login is what a client logged in with.
type Login struct {
	User, Password, App, Server, Database, Host string
	ReadOnly                                    bool
}

// Options say how the server is.
type Options struct {
	// TLS is the certificate; the zero value makes the server one of its own.
	TLS *tls.Certificate
	// Answer is asked for every statement except transactions. Nil, or a nil
	// reply, is an empty result.
	Answer func(Statement) *Reply
	// Transaction is told of every BEGIN (SNAPSHOT), COMMIT and ROLLBACK, and may refuse.
	Transaction func(Statement) *Error
	// Closed is told when a connection has ended.
	Closed func(conn int)
	// Login may refuse.
	Login func(Login) *Error
}

// Server is a running responder.
type Server struct {
	Addr string // host:port
	CA   string // a PEM file with the authority of its certificate

	opt    Options
	cert   tls.Certificate
	ln     net.Listener
	wg     sync.WaitGroup
	closed chan struct{}

	mu     sync.Mutex
	conns  map[net.Conn]bool
	seen   []Statement
	logins []Login
	count  int
}

// Start runs a server until the test ends.
func Start(t testing.TB, opt Options) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: ln.Addr().String(), opt: opt, ln: ln, closed: make(chan struct{}), conns: map[net.Conn]bool{}}
	if opt.TLS != nil {
		s.cert = *opt.TLS
	} else {
		s.cert, s.CA = Certificate(t, "127.0.0.1")
	}
	s.wg.Go(s.accept)
	t.Cleanup(func() {
		close(s.closed)
		s.ln.Close()
		s.Break()
		s.wg.Wait()
	})
	return s
}

func (s *Server) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.count++
		n := s.count
		s.mu.Unlock()
		s.wg.Go(func() {
			defer func() {
				c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
				if s.opt.Closed != nil {
					s.opt.Closed(n)
				}
			}()
			serve(s, c, n)
		})
	}
}

// Break breaks every connection, as a server does that is started again; new
// ones are taken.
func (s *Server) Break() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Statements are all that were received so far.
func (s *Server) Statements() []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Statement(nil), s.seen...)
}

// Logins are all that were tried so far.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Login(nil), s.logins...)
}

func (s *Server) record(st Statement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, st)
}

// Script answers by the first entry whose text a statement contains; one that
// was used Times times is passed over.
type Script struct {
	mu      sync.Mutex
	entries []*entry
}

type entry struct {
	part  string
	times int
	reply *Reply
}

// On adds an entry; times 0 is without end.
func (s *Script) On(part string, times int, r *Reply) *Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, &entry{part, times, r})
	return s
}

// Answer is for Options.Answer. A statement that no entry answers is error
// 50000 with its text, so that the test that sent it fails.
func (s *Script) Answer(st Statement) *Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if !strings.Contains(st.Text, e.part) || e.times < 0 {
			continue
		}
		if e.times > 0 {
			if e.times--; e.times == 0 {
				e.times = -1
			}
		}
		return e.reply
	}
	return &Reply{Error: &Error{Number: 50000, Message: "the script has no answer to: " + st.Text}}
}

// patience is how long a connection may be silent in the middle of a message.
const patience = 30 * time.Second
