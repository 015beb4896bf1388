package evtx

import (
	"encoding/binary"
	"math"
	"strconv"

	"splameter/collector/sessions/record"
)

// Types of values in binary XML; 0x80 marks an array of them.
const (
	typeNull     = 0x00
	typeString   = 0x01
	typeANSI     = 0x02
	typeI8       = 0x03
	typeU8       = 0x04
	typeI16      = 0x05
	typeU16      = 0x06
	typeI32      = 0x07
	typeU32      = 0x08
	typeI64      = 0x09
	typeU64      = 0x0a
	typeFloat    = 0x0b
	typeDouble   = 0x0c
	typeBool     = 0x0d
	typeBinary   = 0x0e
	typeGUID     = 0x0f
	typeSize     = 0x10
	typeFileTime = 0x11
	typeSysTime  = 0x12
	typeSID      = 0x13
	typeHex32    = 0x14
	typeHex64    = 0x15
	typeHandle   = 0x20
	typeXML      = 0x21
	typeEvtXML   = 0x23
	typeArray    = 0x80
)

// fixedSize is the size of a type's values; 0 where they vary.
func fixedSize(typ byte) int {
	switch typ {
	case typeI8, typeU8:
		return 1
	case typeI16, typeU16:
		return 2
	case typeI32, typeU32, typeFloat, typeBool, typeHex32:
		return 4
	case typeI64, typeU64, typeDouble, typeFileTime, typeHex64:
		return 8
	case typeGUID, typeSysTime:
		return 16
	}
	return 0
}

// appendValue writes a value as Windows shows it in XML: hexadecimal numbers
// as 0x without leading zeros, identifiers in braces, times in UTC. A value of
// no bytes is empty whatever its type.
func appendValue(dst []byte, typ byte, raw []byte) ([]byte, error) {
	if len(raw) == 0 || typ == typeNull {
		return dst, nil
	}
	if n := fixedSize(typ); n > 0 && n != len(raw) {
		return dst, errValue
	}
	le := binary.LittleEndian
	switch typ {
	case typeString, typeEvtXML:
		return appendUTF16(dst, raw), nil
	case typeANSI:
		return appendANSI(dst, raw), nil
	case typeI8:
		return strconv.AppendInt(dst, int64(int8(raw[0])), 10), nil
	case typeI16:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(raw))), 10), nil
	case typeI32:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(raw))), 10), nil
	case typeI64:
		return strconv.AppendInt(dst, int64(le.Uint64(raw)), 10), nil
	case typeU8:
		return strconv.AppendUint(dst, uint64(raw[0]), 10), nil
	case typeU16:
		return strconv.AppendUint(dst, uint64(le.Uint16(raw)), 10), nil
	case typeU32:
		return strconv.AppendUint(dst, uint64(le.Uint32(raw)), 10), nil
	case typeU64:
		return strconv.AppendUint(dst, le.Uint64(raw), 10), nil
	case typeFloat:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(le.Uint32(raw))), 'g', -1, 32), nil
	case typeDouble:
		return strconv.AppendFloat(dst, math.Float64frombits(le.Uint64(raw)), 'g', -1, 64), nil
	case typeBool:
		return strconv.AppendBool(dst, le.Uint32(raw) != 0), nil
	case typeBinary:
		for _, c := range raw {
			dst = append(dst, upperHex[c>>4], upperHex[c&15])
		}
		return dst, nil
	case typeGUID:
		dst = append(dst, '{')
		return append(appendGUID(dst, raw), '}'), nil
	case typeHex32, typeHex64, typeSize, typeHandle:
		var n uint64
		switch len(raw) {
		case 4:
			n = uint64(le.Uint32(raw))
		case 8:
			n = le.Uint64(raw)
		default:
			return dst, errValue
		}
		return strconv.AppendUint(append(dst, '0', 'x'), n, 16), nil
	case typeFileTime:
		return appendTicks(dst, int64(le.Uint64(raw))), nil
	case typeSysTime:
		ticks, ok := systemTime(raw)
		if !ok {
			return dst, errValue
		}
		return appendTicks(dst, ticks), nil
	case typeSID:
		return appendSID(dst, raw)
	}
	return dst, errType
}

const upperHex = "0123456789ABCDEF"

// appendGUID writes 16 bytes in upper case without braces.
func appendGUID(dst, b []byte) []byte {
	_ = b[15]
	var s [36]byte
	for i, at := range [16]uint8{6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34} {
		s[at], s[at+1] = upperHex[b[i]>>4], upperHex[b[i]&15]
	}
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return append(dst, s[:]...)
}

func appendSID(dst, b []byte) ([]byte, error) {
	if len(b) < 8 || len(b) < 8+4*int(b[1]) {
		return dst, errValue
	}
	dst = strconv.AppendUint(append(dst, 'S', '-'), uint64(b[0]), 10)
	authority := uint64(binary.BigEndian.Uint16(b[2:]))<<32 | uint64(binary.BigEndian.Uint32(b[4:]))
	dst = append(dst, '-')
	if authority >= 1<<32 { // Windows writes great ones in hexadecimal
		dst = strconv.AppendUint(append(dst, '0', 'x'), authority, 16)
	} else {
		dst = strconv.AppendUint(dst, authority, 10)
	}
	for i := range int(b[1]) {
		dst = strconv.AppendUint(append(dst, '-'), uint64(binary.LittleEndian.Uint32(b[8+4*i:])), 10)
	}
	return dst, nil
}

// appendTicks writes a time as 2021-02-12T12:34:30.9512980Z. Times outside of
// the years 1601 to 9999 are written as the number they are.
func appendTicks(dst []byte, ticks int64) []byte {
	if ticks < 0 || ticks > maxTicks {
		return strconv.AppendUint(dst, uint64(ticks), 10)
	}
	return record.FromTicks(ticks).AppendFormat(dst, "2006-01-02T15:04:05.0000000Z")
}

// number is a value as a whole number, by its type.
func number(typ byte, raw []byte) (uint64, bool) {
	if n := fixedSize(typ); n > 0 && n != len(raw) {
		return 0, false
	}
	le := binary.LittleEndian
	switch typ {
	case typeU8, typeI8:
		return uint64(raw[0]), true
	case typeU16, typeI16:
		return uint64(le.Uint16(raw)), true
	case typeU32, typeI32, typeHex32:
		return uint64(le.Uint32(raw)), true
	case typeU64, typeI64, typeHex64:
		return le.Uint64(raw), true
	case typeString:
		var text [48]byte
		if len(raw) > len(text) {
			return 0, false
		}
		return parseNumber(appendUTF16(text[:0], raw))
	}
	return 0, false
}

// parseNumber reads a decimal number, or a hexadecimal one after 0x.
func parseNumber(b []byte) (n uint64, ok bool) {
	b = trim(b)
	if len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x' {
		if len(b) > 18 {
			return 0, false
		}
		for _, c := range b[2:] {
			v, ok := hexDigit(c)
			if !ok {
				return 0, false
			}
			n = n<<4 | uint64(v)
		}
		return n, true
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func trim(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}
