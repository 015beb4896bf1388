package facts

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// Accounts are a directory's accounts.
type Accounts struct {
	texts packed.Texts
	arena packed.Arena
	rows  []uint64 // places in the arena
	row   []byte   // being made
}

// What an account has, as bits.
const (
	packedDisabled = 1 << iota
	packedServer
	packedExpires
)

// NewAccounts is room for n accounts, to be put in any order.
func NewAccounts(n int) *Accounts { return &Accounts{rows: make([]uint64, n)} }

// Add keeps one account more.
func (p *Accounts) Add(a *snapshot.AccountSpan) {
	p.rows = append(p.rows, 0)
	p.Put(len(p.rows)-1, a)
}

// Put keeps an account as row i.
func (p *Accounts) Put(i int, a *snapshot.AccountSpan) {
	flags := uint64(0)
	if a.Disabled {
		flags |= packedDisabled
	}
	if a.Server {
		flags |= packedServer
	}
	if !a.Expires.IsZero() {
		flags |= packedExpires
	}
	// First what rows are sorted by.
	b := packed.AppendText(p.row[:0], a.ID)
	for _, n := range []uint64{uint64(a.First), uint64(a.Last), flags, uint64(a.Class), uint64(p.texts.Add(a.File)), uint64(p.texts.Add(a.PrimaryGroup)), uint64(p.texts.Add(a.System))} {
		b = binary.AppendUvarint(b, n)
	}
	b = binary.AppendVarint(b, int64(a.Line))
	for _, s := range []string{a.SID, a.Name, a.UPN, a.DisplayName, a.Mail, a.DN} {
		b = packed.AppendText(b, s)
	}
	if flags&packedExpires != 0 {
		b = binary.AppendVarint(b, packed.Ticks(a.Expires))
	}
	b = binary.AppendUvarint(b, uint64(len(a.Attributes)))
	for _, x := range a.Attributes {
		b = binary.AppendUvarint(b, uint64(p.texts.Add(x.Name)))
		b = packed.AppendText(b, x.Value)
	}
	p.row = b
	p.rows[i] = p.arena.Put(b)
}

// Done ends the adding: accounts stand by ID and span.
func (p *Accounts) Done() {
	p.row = nil
	p.texts.Done()
	slices.SortFunc(p.rows, func(x, y uint64) int {
		a, b := p.arena.At(x), p.arena.At(y)
		if c := strings.Compare(a.Text(), b.Text()); c != 0 {
			return c
		}
		return cmp.Compare(a.Uint(), b.Uint())
	})
}

// Len implements snapshot.Table.
func (p *Accounts) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *Accounts) At(i int) (a snapshot.AccountSpan) {
	c := p.arena.At(p.rows[i])
	text := func() string { return p.texts.At(uint32(c.Uint())) }
	a.ID = c.Text()
	a.First, a.Last = int32(c.Uint()), int32(c.Uint())
	flags := c.Uint()
	a.Disabled, a.Server = flags&packedDisabled != 0, flags&packedServer != 0
	a.Class = snapshot.Class(c.Uint())
	a.File, a.PrimaryGroup, a.System = text(), text(), text()
	a.Line = int(c.Int())
	a.SID, a.Name, a.UPN, a.DisplayName, a.Mail, a.DN = c.Text(), c.Text(), c.Text(), c.Text(), c.Text(), c.Text()
	if flags&packedExpires != 0 {
		a.Expires = packed.FromTicks(c.Int())
	}
	if n := c.Uint(); n > 0 {
		a.Attributes = make([]snapshot.Attribute, n)
		for i := range a.Attributes {
			a.Attributes[i] = snapshot.Attribute{Name: text(), Value: c.Text()}
		}
	}
	return a
}
