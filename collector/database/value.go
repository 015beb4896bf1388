package database

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"splameter/collector/sessions/record"
	"splameter/internal/safetext"
)

// value is a column's value, nil for NULL and for a column that is not there.
func (r *row) value(name string) any {
	if i, ok := r.at[name]; ok {
		return r.values[i]
	}
	return nil
}

// text is a value as text, without spaces around it; empty for NULL.
func (r *row) text(name string) string {
	switch v := r.value(name).(type) {
	case nil:
		return ""
	case string:
		return clean(v)
	case []byte:
		switch r.types[r.at[name]] {
		case "UNIQUEIDENTIFIER":
			return guid(v)
		case "BIT": // of MySQL
			n, _ := r.integer(name)
			return strconv.FormatInt(n, 10)
		case "VARBINARY", "BINARY", "IMAGE", "BYTEA":
			return fmt.Sprintf("%X", v[:min(len(v), maxText)])
		}
		return clean(string(v)) // decimal and money travel as text
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return v.Format("2006-01-02 15:04:05")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return clean(fmt.Sprint(v))
	}
}

// clean is a foreign text as it is kept.
func clean(s string) string { return safetext.Value(safetext.Clip(s, maxText-len("…"))) }

// integer is a whole number; false for NULL and for what is none.
func (r *row) integer(name string) (int64, bool) {
	switch v := r.value(name).(type) {
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case uint64:
		return int64(v), v <= 1<<63-1
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case float64:
		if n := int64(v); float64(n) == v {
			return n, true
		}
	case string, []byte:
		if b, ok := v.([]byte); ok && r.types[r.at[name]] == "BIT" && len(b) <= 8 {
			var n uint64
			for _, x := range b {
				n = n<<8 | uint64(x)
			}
			return int64(n), n <= 1<<63-1
		}
		n, err := strconv.ParseInt(r.text(name), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// moment is a time: one with an offset as it is, one without in the
// database's zone. No value is the zero time; ok is false for a value that is
// no time.
func (r *row) moment(name string) (t time.Time, ok bool) {
	switch v := r.value(name).(type) {
	case nil:
		return time.Time{}, true
	case time.Time:
		if v.IsZero() { // MySQL's 0000-00-00
			return time.Time{}, true
		}
		if kind := r.types[r.at[name]]; kind == "DATETIMEOFFSET" || kind == "TIMESTAMPTZ" {
			return v.UTC(), believable(v)
		}
		// The driver gives UTC for a clock that was the server's own.
		t = time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), r.zone).UTC()
		return t, believable(t)
	case string, []byte:
		s := r.text(name)
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.UTC(), believable(t)
		}
		for _, form := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"} {
			if t, err := time.ParseInLocation(form, s, r.zone); err == nil {
				return t.UTC(), believable(t)
			}
		}
	}
	return time.Time{}, false
}

// believable says that a clock that says so was ever set.
func believable(t time.Time) bool { return t.Year() >= 1990 && t.Year() < 2300 }

// fileTime is a moment kept as units of 100 ns since 1601, which is what the
// connection broker's columns look like. Nobody documents it, so a value that
// is no likely moment is refused: one in the ten years up to now.
func fileTime(ticks int64, now time.Time) (time.Time, bool) {
	if ticks <= 0 || ticks > record.ToTicks(now.Add(24*time.Hour)) || ticks < record.ToTicks(now.AddDate(-10, 0, 0)) {
		return time.Time{}, false
	}
	return record.FromTicks(ticks), true
}

// guid writes an identifier; its first three groups travel with their bytes
// the other way round.
func guid(b []byte) string {
	if len(b) != 16 {
		return fmt.Sprintf("%X", b)
	}
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]),
		binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:])
}

// sid is a security identifier, whether as bytes or as text; empty for
// anything else.
func (r *row) sid(name string) string {
	b, ok := r.value(name).([]byte)
	if !ok {
		if s := strings.ToUpper(r.text(name)); strings.HasPrefix(s, "S-1-") {
			return s
		}
		return ""
	}
	if len(b) < 8 || b[0] != 1 || b[1] > 15 || len(b) != 8+4*int(b[1]) {
		return ""
	}
	var authority uint64
	for _, x := range b[2:8] {
		authority = authority<<8 | uint64(x)
	}
	s := "S-1-" + strconv.FormatUint(authority, 10)
	for i := 8; i < len(b); i += 4 {
		s += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(b[i:])), 10)
	}
	return s
}
