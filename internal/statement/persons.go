package statement

import (
	"encoding/binary"
	"math"
	"slices"

	"splameter/internal/month"
	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// Persons are the claims of a month, in their order: a list to which a claim is
// added at the end, and from which each is made anew when it is asked for. Of
// a provider of 100,000 accounts they are the largest part of a month; packed
// they take a quarter of what they take as values. The zero value is an empty
// list.
type Persons struct {
	rows  []claimRow
	kinds []claimKind
	kind  map[claimKind]uint32
	texts packed.Texts
	arena packed.Arena // who the persons are
	odd   []snapshot.Evidence

	sessions Sessions // of the persons: those stand in the arena

	last   Person // as it was added
	lastAt uint64
	row    []byte // being made
}

// claimRow is a claim but for what it shares with others.
type claimRow struct {
	who         uint64 // in the arena: what all claims of the person share
	kind        uint32
	file        uint32 // where the membership was read; with oddBit, a place in odd
	line        int32
	first, last month.Day
	idle        int32
}

const oddBit = 1 << 31

// claimKind is what few claims differ in.
type claimKind struct {
	product   uint32
	units     int
	out       bool
	excluded  Exclusion // where out
	between   *Between
	way       *Way
	installed *Installed
}

// PersonsOf is the list of some claims.
func PersonsOf(list ...Person) (p Persons) {
	for i := range list {
		p.Add(list[i])
	}
	return p
}

// Grow makes room for n more claims.
func (p *Persons) Grow(n int) { p.rows = slices.Grow(p.rows, n) }

// Len is how many claims there are.
func (p *Persons) Len() int { return len(p.rows) }

// What a person in the arena has.
const (
	whoActive = 1 << iota
	whoSession
)

// Add appends a claim. Claims of one person that are added one after the other
// share what they have in common.
func (p *Persons) Add(x Person) {
	if len(p.rows) == 0 || !p.sameWho(&x) {
		p.lastAt = p.putWho(&x)
	}
	p.last = x
	k := claimKind{product: p.texts.Add(x.Product), units: x.Units, way: x.Via.Way, installed: x.Via.Installed, between: x.Between}
	if x.Excluded != nil {
		k.out, k.excluded = true, *x.Excluded
	}
	n, ok := p.kind[k]
	if !ok {
		if p.kind == nil {
			p.kind = map[claimKind]uint32{}
		}
		n = uint32(len(p.kinds))
		p.kind[k], p.kinds = n, append(p.kinds, k)
	}
	r := claimRow{who: p.lastAt, kind: n, first: x.First, last: x.Last, idle: int32(x.Idle)}
	if g := x.Via.Group; g.Record != 0 || int(int32(g.Line)) != g.Line {
		r.file = uint32(len(p.odd)) | oddBit
		p.odd = append(p.odd, g)
	} else {
		r.file, r.line = p.texts.Add(g.File), int32(g.Line)
	}
	p.rows = append(p.rows, r)
}

func (p *Persons) sameWho(x *Person) bool {
	l := &p.last
	return l.Tenant == x.Tenant && l.Key == x.Key && l.Name == x.Name && l.Active == x.Active &&
		(l.Session == x.Session || l.Session != nil && x.Session != nil && *l.Session == *x.Session) && slices.Equal(l.Accounts, x.Accounts)
}

func (p *Persons) putWho(x *Person) uint64 {
	flags := uint64(0)
	if x.Active {
		flags |= whoActive
	}
	if x.Session != nil {
		flags |= whoSession
	}
	b := binary.AppendUvarint(p.row[:0], flags)
	text := func(t string) { b = binary.AppendUvarint(b, uint64(p.texts.Add(t))) }
	text(x.Tenant)
	b = packed.AppendText(packed.AppendText(b, x.Key), x.Name)
	b = binary.AppendUvarint(b, uint64(len(x.Accounts)))
	for i := range x.Accounts {
		a := &x.Accounts[i]
		for _, t := range []string{a.ID, a.Name, a.DisplayName, a.DN} {
			b = packed.AppendText(b, t)
		}
		text(a.Directory)
	}
	if x.Session != nil {
		b = p.sessions.pack(b, x.Session)
	}
	p.row = b
	return p.arena.Put(b)
}

// At is the claim in a place.
func (p *Persons) At(i int) Person {
	x, c, flags := p.brief(i)
	if n := c.Uint(); n > 0 {
		x.Accounts = make([]Account, n)
		for i := range x.Accounts {
			x.Accounts[i] = Account{ID: c.Text(), Name: c.Text(), DisplayName: c.Text(), DN: c.Text(), Directory: p.text(&c)}
		}
	}
	if flags&whoSession != 0 {
		x.Session = p.sessions.unpack(&c)
	}
	return x
}

// Brief is At without accounts and session, for who goes through all claims
// and asks for neither.
func (p *Persons) Brief(i int) Person {
	x, _, _ := p.brief(i)
	return x
}

// Account is the name of the first of a claim's accounts; empty where it has
// none.
func (p *Persons) Account(i int) string {
	_, c, _ := p.brief(i)
	if c.Uint() == 0 {
		return ""
	}
	c.Text() // its id
	return c.Text()
}

func (p *Persons) brief(i int) (x Person, rest packed.Cursor, flags uint64) {
	r := &p.rows[i]
	k := &p.kinds[r.kind]
	c := p.arena.At(r.who)
	flags = c.Uint()
	x = Person{Product: p.texts.At(k.product), Units: k.units, Via: Basis{Way: k.way, Installed: k.installed}, Between: k.between,
		First: r.first, Last: r.last, Idle: int(r.idle), Active: flags&whoActive != 0}
	if k.out {
		x.Excluded = &k.excluded
	}
	x.Tenant, x.Key, x.Name = p.text(&c), c.Text(), c.Text()
	if r.file&oddBit != 0 {
		x.Via.Group = p.odd[r.file&^oddBit]
	} else {
		x.Via.Group.File, x.Via.Group.Line = p.texts.At(r.file), int(r.line)
	}
	return x, c, flags
}

func (p *Persons) text(c *packed.Cursor) string { return p.texts.At(uint32(c.Uint())) }

// SetIdle sets Person.Idle of the claim in a place.
func (p *Persons) SetIdle(i, months int) { p.rows[i].idle = int32(min(months, math.MaxInt32)) }

// ByProduct puts the claims from a place on into the order of their products'
// ranks; those of one product stay as they stand.
func (p *Persons) ByProduct(from int, rank map[string]int) {
	of := func(r *claimRow) int { return rank[p.texts.At(p.kinds[r.kind].product)] }
	slices.SortStableFunc(p.rows[from:], func(a, b claimRow) int { return of(&a) - of(&b) })
}

// List is the claims as values: for few, or for who needs them at once.
func (p *Persons) List() []Person {
	if len(p.rows) == 0 {
		return nil
	}
	out := make([]Person, len(p.rows))
	for i := range out {
		out[i] = p.At(i)
	}
	return out
}
