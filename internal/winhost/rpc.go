package winhost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// rpc is a connection to one service of a host over a named pipe: DCE RPC
// (C706), as [MS-RPCE] narrows it. It asks one thing at a time.
type rpc struct {
	pipe io.ReadWriteCloser
	id   uint32
	buf  []byte
}

// Bounds on what a host answers: a fragment is far smaller, and the largest
// answer is one registry value of maxValue.
const (
	fragment  = 4280 // [MS-RPCE] 3.3.1.5.4
	maxRead   = 64 << 10
	maxAnswer = 2 * maxValue
)

const (
	pduRequest  = 0
	pduResponse = 2
	pduFault    = 3
	pduBind     = 11
	pduBindAck  = 12
	headerSize  = 16
	firstFrag   = 1
	lastFrag    = 2
)

// service is an interface of a host: its id as it stands on the wire, and its
// version.
type service struct {
	pipe    string
	id      [16]byte
	version uint32
}

// The services that are asked, from [MS-RRP] and [MS-SRVS].
var (
	winreg = service{"winreg", [16]byte{0x01, 0xd0, 0x8c, 0x33, 0x44, 0x22, 0xf1, 0x31, 0xaa, 0xaa, 0x90, 0x00, 0x38, 0x00, 0x10, 0x03}, 1}
	srvsvc = service{"srvsvc", [16]byte{0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88}, 3}
)

// ndr is the one transfer syntax that every host speaks.
var ndr = [16]byte{0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}

// bind opens a service over its pipe.
func bind(pipe io.ReadWriteCloser, s service) (*rpc, error) {
	c := &rpc{pipe: pipe, buf: make([]byte, maxRead)}
	b := make([]byte, 0, 72)
	b = binary.LittleEndian.AppendUint16(b, fragment)
	b = binary.LittleEndian.AppendUint16(b, fragment)
	b = append(b, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0) // no group; one context, number 0, with one syntax
	b = append(b, s.id[:]...)
	b = binary.LittleEndian.AppendUint32(b, s.version)
	b = append(b, ndr[:]...)
	b = binary.LittleEndian.AppendUint32(b, 2)
	if err := c.send(pduBind, b); err != nil {
		return nil, err
	}
	kind, _, body, err := c.receive()
	if err != nil {
		return nil, err
	}
	if kind != pduBindAck {
		return nil, fmt.Errorf("it does not serve %s to this account", s.pipe)
	}
	return c, bound(body)
}

// bound reads what became of the one context of a bind.
func bound(body []byte) error {
	d := decoder{b: body}
	d.take(8) // sizes and group
	d.take(int(d.uint16()))
	d.align(4)
	n := d.take(4)
	result, _ := d.uint16(), d.uint16()
	if d.err != nil || n[0] != 1 {
		return errBroken
	}
	if result != 0 {
		return fmt.Errorf("it refuses the interface (%d)", result)
	}
	return nil
}

// call asks one thing and gives back the answer.
func (c *rpc) call(op uint16, stub []byte) ([]byte, error) {
	b := make([]byte, 0, 8+len(stub))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(stub)))
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint16(b, op)
	b = append(b, stub...)
	if err := c.send(pduRequest, b); err != nil {
		return nil, err
	}
	var out []byte
	for {
		kind, flags, body, err := c.receive()
		switch {
		case err != nil:
			return nil, err
		case kind == pduFault:
			if len(body) < 12 {
				return nil, errBroken
			}
			return nil, Code(binary.LittleEndian.Uint32(body[8:]))
		case kind != pduResponse || len(body) < 8:
			return nil, errBroken
		case len(out)+len(body) > maxAnswer:
			return nil, errors.New("its answer is larger than any it can have")
		}
		out = append(out, body[8:]...)
		if flags&lastFrag != 0 {
			return out, nil
		}
		if len(body) == 8 {
			return nil, errBroken // a part of nothing, again and again, would never end
		}
	}
}

func (c *rpc) send(kind byte, body []byte) error {
	if headerSize+len(body) > fragment {
		return errors.New("the question is too long for one fragment")
	}
	c.id++
	b := append(make([]byte, 0, headerSize+len(body)), 5, 0, kind, firstFrag|lastFrag, 0x10, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(headerSize+len(body)))
	b = binary.LittleEndian.AppendUint16(b, 0)
	b = binary.LittleEndian.AppendUint32(b, c.id)
	_, err := c.pipe.Write(append(b, body...))
	return err
}

// receive reads one fragment. A pipe gives it in one piece, or in several.
func (c *rpc) receive() (kind, flags byte, body []byte, err error) {
	have := 0
	for {
		n, err := c.pipe.Read(c.buf[have:])
		have += n
		if have >= headerSize {
			size, err := fragmentSize(c.buf[:headerSize], c.id)
			if err != nil {
				return 0, 0, nil, err
			}
			if have == size {
				return c.buf[2], c.buf[3], c.buf[headerSize:size], nil
			}
			if have > size {
				return 0, 0, nil, errBroken
			}
		}
		if err != nil {
			return 0, 0, nil, err
		}
		if n == 0 {
			return 0, 0, nil, io.ErrUnexpectedEOF
		}
	}
}

// fragmentSize is how long the fragment is that begins with a header.
func fragmentSize(h []byte, id uint32) (int, error) {
	size := int(binary.LittleEndian.Uint16(h[8:]))
	switch {
	case h[0] != 5 || h[4] != 0x10:
		return 0, errors.New("what answers does not speak the protocol of the registry service")
	case size < headerSize || binary.LittleEndian.Uint16(h[10:]) != 0 || binary.LittleEndian.Uint32(h[12:]) != id:
		return 0, errBroken
	}
	return size, nil
}

var errBroken = errors.New("its answer cannot be understood")

// Close closes the pipe.
func (c *rpc) Close() error { return c.pipe.Close() }
