package store

import (
	"encoding/binary"

	"splameter/internal/packed"
	"splameter/internal/statement"
)

// packedCounted is what a month counted.
type packedCounted struct {
	texts packed.Texts
	arena packed.Arena
	rows  []uint64 // places in the arena
	via   map[int]*statement.Via
	row   []byte // being made
}

func (p *packedCounted) add(c *statement.Counted) {
	b := binary.AppendUvarint(p.row[:0], uint64(p.texts.Add(c.Tenant)))
	b = binary.AppendUvarint(b, uint64(p.texts.Add(c.Product)))
	b = packed.AppendText(b, c.Key)
	b = binary.AppendVarint(b, int64(c.Units))
	b = binary.AppendVarint(b, int64(c.Idle))
	b = packed.AppendText(b, c.Name)
	b = binary.AppendVarint(b, int64(c.Last))
	p.row = binary.AppendVarint(b, int64(c.Way))
	if c.Via != nil {
		if p.via == nil {
			p.via = map[int]*statement.Via{}
		}
		p.via[len(p.rows)] = c.Via
	}
	p.rows = append(p.rows, p.arena.Put(p.row))
}

// done ends the adding.
func (p *packedCounted) done() {
	p.row = nil
	p.texts.Done()
}

// Len implements snapshot.Table.
func (p *packedCounted) Len() int { return len(p.rows) }

// At implements snapshot.Table.
func (p *packedCounted) At(i int) statement.Counted {
	c := p.arena.At(p.rows[i])
	return statement.Counted{Tenant: p.texts.At(uint32(c.Uint())), Product: p.texts.At(uint32(c.Uint())), Key: c.Text(), Units: int(c.Int()), Idle: int(c.Int()),
		Name: c.Text(), Last: int(c.Int()), Way: int(c.Int()), Via: p.via[i]}
}
