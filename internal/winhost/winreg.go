package winhost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"splameter/internal/gather"
)

// The operations of the registry service, from [MS-RRP] 3.1.5, and of the
// server service, from [MS-SRVS] 3.1.4.
const (
	opOpenLocalMachine = 2
	opCloseKey         = 5
	opEnumKey          = 9
	opEnumValue        = 10
	opOpenKey          = 15
	opQueryValue       = 17
	opRemoteTOD        = 28
)

// Bounds on a registry: far above what a host has under the keys that are read.
const (
	maxKeys   = 100_000
	maxValue  = 1 << 20
	firstRoom = 2048 // bytes that a value is first given
)

// readKey asks for reading alone, in the view of a 64-bit program.
const readKey = 0x20019 | 0x100

// registryKey is one open key of a host's registry.
type registryKey struct {
	c      *rpc
	handle [20]byte
}

// localMachine opens HKEY_LOCAL_MACHINE.
func localMachine(c *rpc) (*registryKey, error) {
	var e encoder
	e.uint32(0) // the server that is connected to
	e.uint32(readKey)
	return opened(c, opOpenLocalMachine, &e)
}

func opened(c *rpc, op uint16, e *encoder) (*registryKey, error) {
	stub, err := c.call(op, e.b)
	if err != nil {
		return nil, err
	}
	result, rest, err := code(stub)
	if err != nil {
		return nil, err
	}
	if result != 0 {
		return nil, result
	}
	k := &registryKey{c: c}
	if len(rest) != len(k.handle) {
		return nil, errBroken
	}
	copy(k.handle[:], rest)
	return k, nil
}

func (k *registryKey) begin() *encoder { return &encoder{b: append([]byte(nil), k.handle[:]...)} }

// Open implements gather.Key.
func (k *registryKey) Open(path string) (gather.Key, error) {
	e := k.begin()
	e.text(path)
	e.uint32(0)
	e.uint32(readKey)
	sub, err := opened(k.c, opOpenKey, e)
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// Subkeys implements gather.Key.
func (k *registryKey) Subkeys() ([]string, error) {
	var out []string
	for i := range uint32(maxKeys) {
		e := k.begin()
		e.uint32(i)
		e.room(256)
		e.ref() // the class, which some servers want room for
		e.room(256)
		e.ref()
		e.uint32(0)
		e.uint32(0)
		stub, err := k.c.call(opEnumKey, e.b)
		if err != nil {
			return nil, err
		}
		result, rest, err := code(stub)
		switch {
		case err != nil:
			return nil, err
		case result == noMoreItems:
			return out, nil
		case result != 0:
			return nil, result
		}
		d := decoder{b: rest}
		name := d.text()
		if d.err != nil || name == "" {
			return nil, errBroken
		}
		out = append(out, name)
	}
	return nil, fmt.Errorf("it says that it has more than %d keys", maxKeys)
}

// Values implements gather.Key: the named ones, or all.
func (k *registryKey) Values(only []string) ([]gather.Value, error) {
	if only == nil {
		return k.all()
	}
	var out []gather.Value
	for _, name := range only {
		v, err := k.value(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("value %s: %w", name, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// grow asks with more and more room for a value's data.
func grow(ask func(room uint32) (gather.Value, uint32, error)) (gather.Value, error) {
	room := uint32(firstRoom)
	for {
		v, needed, err := ask(room)
		if !errors.Is(err, moreData) {
			return v, err
		}
		if needed <= room {
			needed = 2 * room
		}
		if needed > maxValue {
			return v, fmt.Errorf("it is larger than %d bytes", maxValue)
		}
		room = needed
	}
}

func (k *registryKey) value(name string) (gather.Value, error) {
	return grow(func(room uint32) (gather.Value, uint32, error) {
		e := k.begin()
		e.text(name)
		e.data(room)
		stub, err := k.c.call(opQueryValue, e.b)
		if err != nil {
			return gather.Value{}, 0, err
		}
		return valueOf(stub, name, false)
	})
}

func (k *registryKey) all() ([]gather.Value, error) {
	var out []gather.Value
	for i := range uint32(maxKeys) {
		v, err := grow(func(room uint32) (gather.Value, uint32, error) {
			e := k.begin()
			e.uint32(i)
			e.room(16384) // the longest name that a value can have
			e.data(room)
			stub, err := k.c.call(opEnumValue, e.b)
			if err != nil {
				return gather.Value{}, 0, err
			}
			return valueOf(stub, "", true)
		})
		if errors.Is(err, noMoreItems) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return nil, fmt.Errorf("it says that it has more than %d values", maxKeys)
}

// data asks for a value's type, and for its data into so much room.
func (e *encoder) data(room uint32) {
	e.number(0)
	e.ref()
	e.uint32(room)
	e.uint32(0)
	e.uint32(0)
	e.number(room)
	e.number(0)
}

// valueOf reads the answer to a question for one value, and how much room it
// needs.
func valueOf(stub []byte, name string, named bool) (v gather.Value, needed uint32, err error) {
	result, rest, err := code(stub)
	if err != nil {
		return v, 0, err
	}
	if result != 0 && result != moreData {
		return v, 0, result
	}
	d := decoder{b: rest}
	v.Name = name
	if named {
		v.Name = d.text()
	}
	v.Kind = gather.Kind(d.number())
	var data []byte
	if d.uint32() != 0 {
		data = d.array(1)
	}
	needed = d.number()
	if d.err != nil {
		return v, 0, d.err
	}
	if result != 0 {
		return v, needed, result
	}
	if v.Kind == gather.Text || v.Kind == gather.Expand {
		v.Text = utf16Text(data)
	} else {
		v.Data = append([]byte(nil), data...)
	}
	return v, needed, nil
}

// Close implements gather.Key.
func (k *registryKey) Close() error {
	_, err := k.c.call(opCloseKey, k.handle[:])
	return err
}

// timeOfDay is what time the host says it is.
func timeOfDay(c *rpc) (time.Time, error) {
	stub, err := c.call(opRemoteTOD, make([]byte, 4)) // the server that is connected to
	if err != nil {
		return time.Time{}, err
	}
	result, rest, err := code(stub)
	if err != nil {
		return time.Time{}, err
	}
	if result != 0 {
		return time.Time{}, result
	}
	if len(rest) < 8 || binary.LittleEndian.Uint32(rest) == 0 {
		return time.Time{}, errBroken
	}
	return time.Unix(int64(binary.LittleEndian.Uint32(rest[4:])), 0).UTC(), nil
}
