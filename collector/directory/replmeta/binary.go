package replmeta

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf16"
)

// The sizes of the fixed parts.
const (
	attributeSize = 52
	linkSize      = 80
)

// parseBinary reads a DS_REPL_ATTR_META_DATA_BLOB or DS_REPL_VALUE_META_DATA_BLOB.
func parseBinary(v []byte, link bool) (s Stamp, err error) {
	size := attributeSize
	if link {
		size = linkSize
	}
	if len(v) < size {
		return s, fmt.Errorf("%d bytes are too few: its fixed part has %d", len(v), size)
	}
	at := 0
	u32 := func() uint32 { at += 4; return binary.LittleEndian.Uint32(v[at-4:]) }
	moment := func(what string) time.Time {
		at += 8
		t, e := fileTime(binary.LittleEndian.Uint64(v[at-8:]))
		if e != nil && err == nil {
			err = fmt.Errorf("%s %w", what, e)
		}
		return t
	}
	text := func(what string, offset uint32) string {
		t, e := wide(v, offset, size)
		if e != nil && err == nil {
			err = fmt.Errorf("%s %w", what, e)
		}
		return t
	}
	s.Attribute = text("the attribute's name", u32())
	if link {
		s.Object = text("the object's name", u32())
		// Data of the link itself, as some kinds have beside the name.
		if n, from := u32(), u32(); n > 0 && (uint64(from) < uint64(size) || uint64(from)+uint64(n) > uint64(len(v))) {
			return s, errors.New("its data lie outside of it")
		}
		s.Deleted, s.Created = moment("the time of removal"), moment("the time of making")
	}
	s.Version = u32()
	s.Changed = moment("the time of the last change")
	s.Origin = guid(v[at:])
	at += 16 + 8 + 8 // and two counts of changes, of which nothing follows here
	s.Server = text("the controller's name", u32())
	return s, err
}

// wide is the text at an offset, which ends in a zero.
func wide(v []byte, offset uint32, size int) (string, error) {
	if offset == 0 {
		return "", nil
	}
	if uint64(offset) < uint64(size) || uint64(offset) >= uint64(len(v)) {
		return "", errors.New("lies outside of it")
	}
	var units []uint16
	for b := v[offset:]; ; b = b[2:] {
		if len(b) < 2 {
			return "", errors.New("has no end")
		}
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		if len(units) == maxName {
			return "", errors.New("is too long")
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units)), nil
}

// fileTime is a moment as 100 ns since 1601; 0 is none.
func fileTime(n uint64) (time.Time, error) {
	const from1601 = 11644473600
	if n == 0 {
		return time.Time{}, nil
	}
	if n > math.MaxInt64 {
		return time.Time{}, errors.New("is no time")
	}
	return plausible(time.Unix(int64(n/1e7)-from1601, int64(n%1e7)*100).UTC())
}

// plausible refuses moments at which there was no such directory, and those of
// a clock that was wrong by a lifetime.
func plausible(t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1990 || y > 2200 {
		return time.Time{}, fmt.Errorf("is in the year %d", y)
	}
	return t, nil
}

// guid is 16 bytes as text; empty where all are zero.
func guid(v []byte) string {
	v = v[:16]
	if [16]byte(v) == ([16]byte{}) {
		return ""
	}
	b := [16]byte{v[3], v[2], v[1], v[0], v[5], v[4], v[7], v[6]}
	copy(b[8:], v[8:])
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
