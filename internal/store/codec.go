package store

import (
	"encoding/binary"
	"fmt"
	"slices"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Values are kept as fields: a number for the field, then its content; a
// field that is empty is not written. So a value that gains a field later
// keeps its digest where the field is empty, and nothing changes in the store
// merely because the program was updated. Field numbers are never used again.

type encoder struct{ b []byte }

func (e *encoder) text(field byte, s string) {
	if s != "" {
		e.b = append(e.b, field)
		e.b = binary.AppendUvarint(e.b, uint64(len(s)))
		e.b = append(e.b, s...)
	}
}

func (e *encoder) number(field byte, n int64) {
	if n != 0 {
		e.b = append(e.b, field)
		e.b = binary.AppendVarint(e.b, n)
	}
}

func (e *encoder) flag(field byte, on bool) {
	if on {
		e.number(field, 1)
	}
}

// decoder reads fields; after an error it reads nothing more.
type decoder struct {
	b   []byte
	err error
	// all is what is read, as text, where the texts in it are to be parts of
	// one piece: a value of a dozen texts is then one thing in memory.
	all string
}

// field is the next field's number; 0 at the end.
func (d *decoder) field() byte {
	if d.err != nil || len(d.b) == 0 {
		return 0
	}
	f := d.b[0]
	d.b = d.b[1:]
	if f == 0 {
		d.fail()
	}
	return f
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("%w: a value cannot be read", ErrDamaged)
	}
}

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) number() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) text() string {
	n := d.uint()
	if d.err != nil || n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	at, b := len(d.all)-len(d.b), d.b[:n]
	d.b = d.b[n:]
	if d.all != "" {
		return d.all[at : at+int(n)]
	}
	return string(b)
}

// skip goes past a text.
func (d *decoder) skip() {
	n := d.uint()
	if d.err != nil || n > uint64(len(d.b)) {
		d.fail()
		return
	}
	d.b = d.b[n:]
}

func (d *decoder) unknown(field byte) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: a value has the unknown field %d", ErrDamaged, field)
	}
}

// appendAccount is an account without its ID and line.
func appendAccount(b []byte, a *snapshot.Account) []byte {
	e := encoder{b}
	e.text(1, a.SID)
	e.number(2, int64(a.Class))
	e.text(3, a.Name)
	e.text(4, a.UPN)
	e.text(5, a.DisplayName)
	e.text(6, a.Mail)
	e.text(7, a.DN)
	e.text(8, a.PrimaryGroup)
	e.flag(9, a.Disabled)
	e.number(10, ticks(a.Expires))
	e.flag(11, a.Server)
	e.text(12, a.System)
	for _, x := range a.Attributes {
		e.b = append(e.b, 13)
		e.b = binary.AppendUvarint(e.b, uint64(len(x.Name)))
		e.b = append(e.b, x.Name...)
		e.b = binary.AppendUvarint(e.b, uint64(len(x.Value)))
		e.b = append(e.b, x.Value...)
	}
	return e.b
}

func decodeAccount(b []byte, a *snapshot.Account) error {
	d := decoder{b: b, all: string(b)}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			a.SID = d.text()
		case 2:
			a.Class = snapshot.Class(d.number())
		case 3:
			a.Name = d.text()
		case 4:
			a.UPN = d.text()
		case 5:
			a.DisplayName = d.text()
		case 6:
			a.Mail = d.text()
		case 7:
			a.DN = d.text()
		case 8:
			a.PrimaryGroup = d.text()
		case 9:
			a.Disabled = d.number() != 0
		case 10:
			a.Expires = fromTicks(d.number())
		case 11:
			a.Server = d.number() != 0
		case 12:
			a.System = d.text()
		case 13:
			x := snapshot.Attribute{Name: d.text()}
			x.Value = d.text()
			a.Attributes = append(a.Attributes, x)
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// appendGroup is a group without its ID and line.
func appendGroup(b []byte, g *snapshot.Group) []byte {
	e := encoder{b}
	e.text(1, g.SID)
	e.text(2, g.Name)
	e.text(3, g.DN)
	e.number(4, int64(g.Type))
	return e.b
}

func decodeGroup(b []byte, g *snapshot.Group) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			g.SID = d.text()
		case 2:
			g.Name = d.text()
		case 3:
			g.DN = d.text()
		case 4:
			g.Type = int32(d.number())
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// appendUnit is an organizational unit without its ID and line.
func appendUnit(b []byte, u *snapshot.Unit) []byte {
	e := encoder{b}
	e.text(1, u.DN)
	e.number(2, ticks(u.Made))
	return e.b
}

func decodeUnit(b []byte, u *snapshot.Unit) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			u.DN = d.text()
		case 2:
			u.Made = fromTicks(d.number())
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// appendInstalls is a host's list without lines; each entry ends in field 9.
func appendInstalls(b []byte, list []snapshot.Install) []byte {
	e := encoder{b}
	for i := range list {
		x := &list[i]
		e.text(1, x.Name)
		e.text(2, x.Version)
		e.text(3, x.Publisher)
		e.text(4, x.Key)
		e.text(5, x.Release)
		e.text(6, x.Edition)
		e.b = append(e.b, 9)
	}
	return e.b
}

func decodeInstalls(b []byte) (list []snapshot.Install, err error) {
	d := decoder{b: b}
	var x snapshot.Install
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			x.Name = d.text()
		case 2:
			x.Version = d.text()
		case 3:
			x.Publisher = d.text()
		case 4:
			x.Key = d.text()
		case 5:
			x.Release = d.text()
		case 6:
			x.Edition = d.text()
		case 9:
			list = append(list, x)
			x = snapshot.Install{}
		default:
			d.unknown(f)
		}
	}
	return list, d.err
}

// appendMachine is a machine without its line.
func appendMachine(b []byte, m *snapshot.Machine) []byte {
	e := encoder{b}
	e.text(1, m.ID)
	e.text(2, m.Host)
	e.text(3, string(m.Kind))
	e.number(4, int64(m.Processors))
	e.number(5, int64(m.CoresPerProcessor))
	e.number(6, int64(m.VirtualCores))
	e.text(7, m.Parent)
	e.text(8, m.OperatingSystem)
	e.text(9, m.SQLEdition)
	e.text(10, string(m.SQLLicence))
	e.text(11, string(m.WindowsLicence))
	e.text(12, m.Cluster)
	e.text(13, m.Pinned)
	e.text(14, string(m.Power))
	e.text(15, m.Tenant)
	e.number(16, int64(m.Threads))
	e.number(17, int64(m.Until))
	e.number(18, int64(m.Double))
	return e.b
}

func decodeMachine(b []byte, m *snapshot.Machine) error {
	d := decoder{b: b}
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			m.ID = d.text()
		case 2:
			m.Host = d.text()
		case 3:
			m.Kind = snapshot.MachineKind(d.text())
		case 4:
			m.Processors = int(d.number())
		case 5:
			m.CoresPerProcessor = int(d.number())
		case 6:
			m.VirtualCores = int(d.number())
		case 7:
			m.Parent = d.text()
		case 8:
			m.OperatingSystem = d.text()
		case 9:
			m.SQLEdition = d.text()
		case 10:
			m.SQLLicence = snapshot.SQLLicence(d.text())
		case 11:
			m.WindowsLicence = snapshot.WindowsLicence(d.text())
		case 12:
			m.Cluster = d.text()
		case 13:
			m.Pinned = d.text()
		case 14:
			m.Power = snapshot.Power(d.text())
		case 15:
			m.Tenant = d.text()
		case 16:
			m.Threads = int(d.number())
		case 17:
			m.Until = month.Day(d.number())
		case 18:
			m.Double = int(d.number())
		default:
			d.unknown(f)
		}
	}
	return d.err
}

// appendPlace is where a host's list was first seen: the host as written
// there, and the lines, which mostly follow each other.
func appendPlace(b []byte, host string, list []snapshot.Install) []byte {
	e := encoder{b}
	e.b = binary.AppendUvarint(e.b, uint64(len(host)))
	e.b = append(e.b, host...)
	last := 0
	for i := range list {
		e.b = binary.AppendVarint(e.b, int64(list[i].Line-last))
		last = list[i].Line
	}
	return e.b
}

// decodePlace gives the lines to a list of the same length.
func decodePlace(b []byte, list []snapshot.Install) (host string, err error) {
	d := decoder{b: b}
	host = d.text()
	last := 0
	for i := range list {
		last += int(d.number())
		list[i].Line = last
	}
	return host, d.err
}

// appendSet is a set of numbers as ascending steps.
func appendSet(b []byte, ids []int64) []byte {
	ids = slices.Sorted(slices.Values(ids))
	last := int64(0)
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id-last))
		last = id
	}
	return b
}

func decodeSet(b []byte) (ids []int64, err error) {
	d := decoder{b: b}
	last := int64(0)
	for len(d.b) > 0 && d.err == nil {
		last += int64(d.uint())
		ids = append(ids, last)
	}
	return ids, d.err
}
