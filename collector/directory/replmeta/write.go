package replmeta

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// Text is the stamp as a domain controller writes it: what the tests' directory
// is made to answer with.
func (s *Stamp) Text() string {
	var b strings.Builder
	outer := "DS_REPL_ATTR_META_DATA"
	if s.Object != "" {
		outer = "DS_REPL_VALUE_META_DATA"
	}
	line := func(name, value string) { fmt.Fprintf(&b, "\t<%s>%s</%s>\n", name, value, name) }
	when := func(t time.Time) string {
		if t.IsZero() {
			return "1601-01-01T00:00:00Z"
		}
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	b.WriteString("<" + outer + ">\n")
	line("pszAttributeName", s.Attribute)
	if s.Object != "" {
		line("pszObjectDn", s.Object)
		line("cbData", "0")
		line("pbData", "")
		line("ftimeDeleted", when(s.Deleted))
		line("ftimeCreated", when(s.Created))
	}
	line("dwVersion", fmt.Sprint(s.Version))
	line("ftimeLastOriginatingChange", when(s.Changed))
	origin := s.Origin
	if origin == "" {
		origin = "00000000-0000-0000-0000-000000000000"
	}
	line("uuidLastOriginatingDsaInvocationID", origin)
	line("usnOriginatingChange", "1")
	line("usnLocalChange", "1")
	line("pszLastOriginatingDsaDN", s.Server)
	b.WriteString("</" + outer + ">\n")
	return b.String()
}

// Binary is the same under the option binary.
func (s *Stamp) Binary() []byte {
	size, link := attributeSize, s.Object != ""
	if link {
		size = linkSize
	}
	out, tail := make([]byte, 0, size), []byte{}
	u32 := func(n uint32) { out = binary.LittleEndian.AppendUint32(out, n) }
	u64 := func(n uint64) { out = binary.LittleEndian.AppendUint64(out, n) }
	text := func(t string) {
		if t == "" {
			u32(0)
			return
		}
		u32(uint32(size + len(tail)))
		for _, u := range utf16.Encode([]rune(t)) {
			tail = binary.LittleEndian.AppendUint16(tail, u)
		}
		tail = append(tail, 0, 0)
	}
	when := func(t time.Time) {
		if t.IsZero() {
			u64(0)
			return
		}
		u64(uint64(t.Unix()+11644473600)*1e7 + uint64(t.Nanosecond()/100))
	}
	text(s.Attribute)
	if link {
		text(s.Object)
		u32(0)
		u32(0)
		when(s.Deleted)
		when(s.Created)
	}
	u32(s.Version)
	when(s.Changed)
	var id [16]byte
	if b, err := hex.DecodeString(strings.ReplaceAll(s.Origin, "-", "")); err == nil && len(b) == 16 {
		id = [16]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}
		copy(id[8:], b[8:])
	}
	out = append(out, id[:]...)
	u64(1)
	u64(1)
	text(s.Server)
	return append(out, tail...)
}
