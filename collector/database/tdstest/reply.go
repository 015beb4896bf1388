package tdstest

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// answer answers one message; false breaks the connection.
func (c *conn) answer(m message) bool {
	if len(m.body) < 4 {
		return false
	}
	skip := int(binary.LittleEndian.Uint32(m.body)) // the headers before every statement
	if skip < 4 || skip > len(m.body) {
		return false
	}
	body := m.body[skip:]
	st := Statement{Conn: c.n}
	switch m.kind {
	case packBatch:
		st.Kind, st.Text = "batch", ucs2(body)
	case packRPC:
		if err := readRPC(body, &st); err != nil {
			c.fault(&Error{Number: 50001, Message: "the test server cannot read this call: " + err.Error()})
			c.done(tokenDone, doneError, 0)
			return true
		}
	case packTM:
		return c.transaction(body)
	default:
		return false
	}
	c.s.record(st)
	var r *Reply
	if c.s.opt.Answer != nil {
		r = c.s.opt.Answer(st)
	}
	if r == nil {
		r = &Reply{}
	}
	return c.reply(st, r)
}

// transaction begins, commits or rolls back.
func (c *conn) transaction(body []byte) bool {
	if len(body) < 2 {
		return false
	}
	st := Statement{Kind: "transaction", Conn: c.n}
	tell := func() bool {
		c.s.record(st)
		if c.s.opt.Transaction == nil {
			return true
		}
		e := c.s.opt.Transaction(st)
		if e != nil {
			c.fault(e)
			c.done(tokenDone, doneError, 0)
		}
		return e == nil
	}
	id := func() []byte { return binary.LittleEndian.AppendUint64([]byte{8}, c.tran) }
	switch binary.LittleEndian.Uint16(body) {
	case tmBegin:
		st.Text = "BEGIN"
		if len(body) > 2 && body[2] == isolationSnapshot {
			st.Text = "BEGIN SNAPSHOT"
		}
		if !tell() {
			return true
		}
		c.tran++
		c.token(tokenEnv, append(append([]byte{envBegin}, id()...), 0))
	case tmCommit:
		st.Text = "COMMIT"
		if !tell() {
			return true
		}
		c.token(tokenEnv, append([]byte{envCommit, 0}, id()...))
	case tmRollback:
		st.Text = "ROLLBACK"
		if !tell() {
			return true
		}
		c.token(tokenEnv, append([]byte{envRollback, 0}, id()...))
	default:
		return false
	}
	c.done(tokenDone, 0, 0)
	return true
}

func (c *conn) reply(st Statement, r *Reply) bool {
	if r.Drop {
		return false
	}
	last := byte(tokenDone)
	if st.Kind != "batch" {
		last = tokenDoneProc
	}
	if len(r.Columns) > 0 {
		c.columns(r.Columns)
	}
	if r.Wait != nil {
		if c.flush(false) != nil {
			return false
		}
		stop := c.waiting()
		if r.Deaf {
			stop = nil
		}
		select {
		case <-r.Wait:
		case <-stop:
		case <-c.s.closed:
			return false
		}
	}
	rows, ok := c.rows(r)
	if !ok {
		return false
	}
	if !c.wanted() { // the attention itself is answered next
		c.done(last, doneError, 0)
		return true
	}
	status := uint16(0)
	n := int64(rows)
	if len(r.Columns) == 0 {
		n = r.Changed
	}
	if r.Error != nil {
		c.fault(r.Error)
		status |= doneError
	} else {
		status |= doneCount
	}
	if st.Kind == "batch" {
		c.done(tokenDone, status, n)
		if r.Error != nil && r.Error.Class >= 20 {
			c.flush(true)
			return false
		}
		return true
	}
	c.done(tokenDoneIn, status|doneMore, n)
	c.out = append(c.out, tokenReturn)
	c.out = binary.LittleEndian.AppendUint32(c.out, uint32(r.Return))
	c.done(tokenDoneProc, 0, 0)
	return true
}

// rows sends the rows, and says how many.
func (c *conn) rows(r *Reply) (int, bool) {
	n := len(r.Rows) + r.Count
	for i := range n {
		if !c.wanted() {
			return i, true
		}
		var row []any
		if i < len(r.Rows) {
			row = r.Rows[i]
		} else {
			row = r.Row(i - len(r.Rows))
		}
		c.row(r.Columns, row)
		if c.flush(false) != nil {
			return i, false
		}
		if r.DropAfter == i+1 {
			c.flush(true) // what was sent arrives
			return i, false
		}
		if r.Sent != nil {
			r.Sent(i + 1)
		}
	}
	return n, true
}

func (c *conn) columns(all []Column) {
	c.out = append(c.out, tokenColumns)
	c.out = binary.LittleEndian.AppendUint16(c.out, uint16(len(all)))
	for _, x := range all {
		c.out = append(c.out, 0, 0, 0, 0, 1, 0) // user type, and that NULL is allowed
		switch x.Type {
		case Int:
			c.out = append(c.out, 0x26, 4)
		case BigInt:
			c.out = append(c.out, 0x26, 8)
		case TinyInt:
			c.out = append(c.out, 0x26, 1)
		case Bit:
			c.out = append(c.out, 0x68, 1)
		case GUID:
			c.out = append(c.out, 0x24, 16)
		case DateTime:
			c.out = append(c.out, 0x6F, 8)
		case Float:
			c.out = append(c.out, 0x6D, 8)
		case NVarChar:
			c.out = append(c.out, 0xE7, 0x40, 0x1F)
			c.out = append(c.out, 0x09, 0x04, 0xD0, 0x00, 0x34)
		case NVarCharMax:
			c.out = append(c.out, 0xE7, 0xFF, 0xFF)
			c.out = append(c.out, 0x09, 0x04, 0xD0, 0x00, 0x34)
		case VarBinary:
			c.out = append(c.out, 0xA5, 0x40, 0x1F)
		case VarBinaryMax:
			c.out = append(c.out, 0xA5, 0xFF, 0xFF)
		}
		name := wide(x.Name)
		c.out = append(append(c.out, byte(len(name)/2)), name...)
	}
}

// row sends a row; one with a NULL in the compressed form, as the server does.
func (c *conn) row(columns []Column, row []any) {
	if len(row) != len(columns) {
		panic(fmt.Sprintf("tdstest: a row has %d values for %d columns", len(row), len(columns)))
	}
	bits := make([]byte, (len(row)+7)/8)
	nulls := false
	for i, v := range row {
		if v == nil {
			bits[i/8] |= 1 << (i % 8)
			nulls = true
		}
	}
	if nulls {
		c.out = append(append(c.out, tokenNullRow), bits...)
	} else {
		c.out = append(c.out, tokenRow)
	}
	for i, v := range row {
		if v != nil {
			c.out = appendValue(c.out, columns[i].Type, v)
		}
	}
}

func appendValue(b []byte, t Type, v any) []byte {
	le := binary.LittleEndian
	number := func() int64 {
		switch n := v.(type) {
		case int:
			return int64(n)
		case int64:
			return n
		}
		panic(fmt.Sprintf("tdstest: %T is no number", v))
	}
	blob := func(data []byte, max bool) []byte {
		if !max {
			return append(le.AppendUint16(b, uint16(len(data))), data...)
		}
		b = le.AppendUint64(b, uint64(len(data)))
		if len(data) > 0 {
			b = append(le.AppendUint32(b, uint32(len(data))), data...)
		}
		return le.AppendUint32(b, 0)
	}
	switch t {
	case Int:
		return le.AppendUint32(append(b, 4), uint32(number()))
	case BigInt:
		return le.AppendUint64(append(b, 8), uint64(number()))
	case TinyInt:
		return append(b, 1, byte(number()))
	case Bit:
		if v.(bool) {
			return append(b, 1, 1)
		}
		return append(b, 1, 0)
	case Float:
		return le.AppendUint64(append(b, 8), math.Float64bits(v.(float64)))
	case GUID:
		return append(append(b, 16), v.([]byte)...)
	case DateTime:
		d := v.(time.Time)
		d = time.Date(d.Year(), d.Month(), d.Day(), d.Hour(), d.Minute(), d.Second(), d.Nanosecond(), time.UTC)
		since := d.Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
		days := since / (24 * time.Hour)
		b = le.AppendUint32(append(b, 8), uint32(days))
		return le.AppendUint32(b, uint32((since%(24*time.Hour))*300/time.Second))
	case NVarChar, NVarCharMax:
		return blob(wide(v.(string)), t == NVarCharMax)
	}
	return blob(v.([]byte), t == VarBinaryMax)
}
