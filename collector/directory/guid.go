package directory

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var (
	errGUID = errors.New("is no objectGUID: neither 16 bytes nor text like 01a6da6a-c4b3-4131-2243-01f24f735a44")
	errSID  = errors.New("is no objectSid: neither its bytes nor text like S-1-5-21-1-2-3-1109")
)

// appendGUID appends an objectGUID as 8-4-4-4-12 in lower case. The directory
// sends 16 bytes, of which the first three groups are little-endian; some
// tools write the text already.
func appendGUID(dst, v []byte) ([]byte, error) {
	if len(v) == 16 {
		b := [16]byte{v[3], v[2], v[1], v[0], v[5], v[4], v[7], v[6]}
		copy(b[8:], v[8:])
		for i, x := range b {
			if i == 4 || i == 6 || i == 8 || i == 10 {
				dst = append(dst, '-')
			}
			dst = hex.AppendEncode(dst, []byte{x})
		}
		return dst, nil
	}
	if len(v) == 38 && v[0] == '{' && v[37] == '}' {
		v = v[1:37]
	}
	if len(v) != 36 {
		return dst, errGUID
	}
	for i, c := range v {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return dst, errGUID
			}
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return dst, errGUID
		}
		dst = append(dst, c)
	}
	return dst, nil
}

// appendSID appends an objectSid as S-1-….
func appendSID(dst, v []byte) ([]byte, error) {
	if len(v) >= 8 && v[0] == 1 && v[1] <= 15 && len(v) == 8+4*int(v[1]) {
		authority := uint64(binary.BigEndian.Uint16(v[2:]))<<32 | uint64(binary.BigEndian.Uint32(v[4:]))
		dst = append(dst, "S-1-"...)
		dst = strconv.AppendUint(dst, authority, 10)
		for i := range int(v[1]) {
			dst = append(dst, '-')
			dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(v[8+4*i:])), 10)
		}
		return dst, nil
	}
	if !isSID(string(v)) {
		return dst, errSID
	}
	return append(dst, "S-"+string(v[2:])...), nil
}

// isSID says whether s is a SID as text, in either case.
func isSID(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(parts) > 18 || parts[0] != "S" && parts[0] != "s" || parts[1] != "1" {
		return false
	}
	for i, p := range parts[2:] {
		bits := 32
		if i == 0 {
			bits = 48
		}
		if n, err := strconv.ParseUint(p, 10, bits); err != nil || strconv.FormatUint(n, 10) != p {
			return false
		}
	}
	return true
}

// domainOf is the SID of the domain that a SID belongs to: without its last
// part. It is "" for the well-known ones, which no domain issues.
func domainOf(sid string) string {
	i := strings.LastIndexByte(sid, '-')
	if i < 0 || !strings.HasPrefix(sid, "S-1-5-21-") {
		return ""
	}
	return sid[:i]
}

// filetime reads a moment as accountExpires holds one: 100 ns since 1601, in
// UTC, where 0 and the largest number mean never. A year above 9999, which
// some tools write for never, means it too.
func filetime(v []byte) (time.Time, error) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, fmt.Errorf("is no number of 100 ns since 1601")
	}
	if n == 0 || n == math.MaxInt64 {
		return time.Time{}, nil
	}
	const from1601 = 11644473600
	t := time.Unix(n/1e7-from1601, n%1e7*100).UTC()
	if t.Year() > 9999 {
		return time.Time{}, nil
	}
	return t, nil
}

// rawGUID is an objectGUID as the directory itself has it.
func rawGUID(id string) ([]byte, error) {
	v, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(v) != 16 {
		return nil, errGUID
	}
	return append([]byte{v[3], v[2], v[1], v[0], v[5], v[4], v[7], v[6]}, v[8:]...), nil
}
