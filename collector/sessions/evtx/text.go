package evtx

import (
	"encoding/binary"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"splameter/collector/sessions/record"
)

// appendUTF16 writes UTF-16 little-endian text as UTF-8. Zero units at the end
// are terminators and left out; a half of a surrogate pair becomes U+FFFD.
func appendUTF16(dst, raw []byte) []byte {
	n := len(raw) &^ 1
	for n > 0 && raw[n-1]|raw[n-2] == 0 {
		n -= 2
	}
	raw = raw[:n]
	// Most text is ASCII: eight units at a time, with one test for all.
	const notASCII = 0xff80ff80ff80ff80
	dst = slices.Grow(dst, n/2+8)
	at := len(dst)
	buf := dst[:cap(dst)]
	for len(raw) >= 16 {
		x, y := binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[8:])
		if (x|y)&notASCII != 0 {
			break
		}
		x = (x | x>>8) & 0x0000ffff0000ffff
		y = (y | y>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint64(buf[at:], uint64(uint32(x|x>>16))|(y|y>>16)<<32)
		at += 8
		raw = raw[16:]
	}
	if len(raw) >= 8 {
		if x := binary.LittleEndian.Uint64(raw); x&notASCII == 0 {
			x = (x | x>>8) & 0x0000ffff0000ffff
			binary.LittleEndian.PutUint32(buf[at:], uint32(x|x>>16))
			at += 4
			raw = raw[8:]
		}
	}
	for len(raw) >= 2 && raw[1] == 0 && raw[0] < utf8.RuneSelf {
		buf[at] = raw[0]
		at++
		raw = raw[2:]
	}
	dst = buf[:at]
	for i := 0; i < len(raw); i += 2 {
		r := rune(binary.LittleEndian.Uint16(raw[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 <= len(raw) {
				if full := utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(raw[i+2:]))); full != utf8.RuneError {
					i += 2
					dst = utf8.AppendRune(dst, full)
					continue
				}
			}
			r = utf8.RuneError
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// windows1252 is what the bytes 0x80 to 0x9f mean in Windows' Western code page.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// appendANSI writes 8-bit text. The log does not name the code page: what is
// valid UTF-8 is taken as that, everything else as Windows-1252.
func appendANSI(dst, raw []byte) []byte {
	for len(raw) > 0 && raw[len(raw)-1] == 0 {
		raw = raw[:len(raw)-1]
	}
	if utf8.Valid(raw) {
		return append(dst, raw...)
	}
	for _, c := range raw {
		r := rune(c)
		if 0x80 <= c && c < 0xa0 {
			r = windows1252[c-0x80]
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// maxTicks is the end of the year 9999.
const maxTicks = 2650467743999999999

// systemTime reads a SYSTEMTIME: eight 16-bit numbers from year to millisecond.
func systemTime(raw []byte) (int64, bool) {
	if len(raw) != 16 {
		return 0, false
	}
	var f [8]int
	for i := range f {
		f[i] = int(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return ticksOf(f[0], f[1], f[3], f[4], f[5], f[6], int64(f[7])*1e4)
}

func ticksOf(year, month, day, hour, minute, second int, fraction int64) (int64, bool) {
	if year < 1601 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 ||
		hour > 23 || minute > 59 || second > 59 || fraction >= 1e7 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return 0, false // 31 April
	}
	return record.ToTicks(t) + fraction, true
}

// parseTicks reads SystemTime as text, in UTC where it names no offset:
// 2018-05-08 14:36:47.3036913, 2018-05-08T14:36:47Z, ...+02:00. Digits finer
// than 100 ns are cut off.
func parseTicks(b []byte) (int64, bool) {
	b = trim(b)
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[10]|0x20 != 't' && b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	var f [6]int
	for i, p := range [6][]byte{b[:4], b[5:7], b[8:10], b[11:13], b[14:16], b[17:19]} {
		n, ok := parseNumber(p)
		if !ok {
			return 0, false
		}
		f[i] = int(n)
	}
	b = b[19:]
	var fraction int64
	if len(b) > 0 && (b[0] == '.' || b[0] == ',') {
		digits := 0
		for b = b[1:]; len(b) > 0 && '0' <= b[0] && b[0] <= '9'; b = b[1:] {
			if digits < 7 {
				fraction = fraction*10 + int64(b[0]-'0')
			}
			digits++
		}
		if digits == 0 {
			return 0, false
		}
		for ; digits < 7; digits++ {
			fraction *= 10
		}
	}
	ticks, ok := ticksOf(f[0], f[1], f[2], f[3], f[4], f[5], fraction)
	if !ok {
		return 0, false
	}
	switch {
	case len(b) == 0, len(b) == 1 && b[0]|0x20 == 'z':
		return ticks, true
	case len(b) == 6 && b[3] == ':' && (b[0] == '+' || b[0] == '-'):
		h, ok1 := parseNumber(b[1:3])
		m, ok2 := parseNumber(b[4:6])
		if !ok1 || !ok2 || h > 14 || m > 59 {
			return 0, false
		}
		offset := int64(h*60+m) * 60 * 1e7
		if b[0] == '-' {
			offset = -offset
		}
		return ticks - offset, true
	}
	return 0, false
}
