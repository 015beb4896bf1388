package sessions

import (
	"strconv"
	"time"
	"unicode/utf8"

	"splameter/collector/sessions/record"
	"splameter/internal/safetext"
)

// AppendJSON appends an event with its verdict as one JSON object, without a
// line break. Every key is always there; what the event does not have is "".
// Times have seven decimals and Z. What could play tricks on a terminal
// (control characters, marks that turn the direction of writing) is escaped,
// and what is not UTF-8 becomes U+FFFD.
func AppendJSON(b []byte, ev *Event, v Verdict) []byte {
	b = append(b, `{"record_id":`...)
	b = strconv.AppendUint(b, ev.RecordID, 10)
	b = append(b, `,"time":"`...)
	b = appendTime(b, ev.Ticks)
	b = append(b, `","event_id":`...)
	b = strconv.AppendUint(b, uint64(ev.EventID), 10)
	b = append(b, `,"channel":"`...)
	b = append(b, ev.Channel.String()...)
	b = append(b, '"')
	b = appendField(b, "channel_name", ev.ChannelName)
	b = appendField(b, "host", ev.Host)
	b = appendField(b, "user", ev.User)
	b = appendField(b, "session", ev.Session)
	b = appendField(b, "address", ev.Address)
	b = appendField(b, "activity_id", ev.ActivityID)
	b = append(b, `,"evidence":"`...)
	b = append(b, v.Evidence.String()...)
	b = append(b, '"')
	b = appendField(b, "reason", v.Reason)
	return append(b, '}')
}

// appendTime appends ticks as 2026-10-01T00:00:00.0000000Z, nothing for 0.
func appendTime(b []byte, ticks int64) []byte {
	if ticks <= 0 {
		return b
	}
	b = record.FromTicks(ticks).AppendFormat(b, time.RFC3339) // which the library writes without reading a layout
	b = append(b[:len(b)-1], '.')
	for unit := int64(1e6); unit > 0; unit /= 10 {
		b = append(b, byte('0'+ticks/unit%10))
	}
	return append(b, 'Z')
}

func appendField[T string | []byte](b []byte, key string, value T) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':', '"')
	from := 0
	for i := 0; i < len(value); {
		c := value[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			b = append(b, value[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = safetext.AppendCode(b, rune(c))
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(string(value[i:min(len(value), i+utf8.UTFMax)]))
		if r == utf8.RuneError && n == 1 || safetext.Acts(r) {
			b = append(b, value[from:i]...)
			b = safetext.AppendCode(b, r)
			from = i + n
		}
		i += n
	}
	b = append(b, value[from:]...)
	return append(b, '"')
}
